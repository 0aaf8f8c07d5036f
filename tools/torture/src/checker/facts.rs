//! The three logs, found by what connects them: serials, keys, amounts.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, civil::Date};
use payment::{CancelState, Debt, DebtState, Payment, TelegramKey};
use telegram_replay::acquirer::{Event, Truth};

use super::{Evidence, FoundBy, LooseEnd, Violation};
use crate::{
    book::{Heard, Purchase, claims_no_key, is_open},
    journal::{Happened, Record},
    telegram::{Key, Original},
};

/// An approval that an acquirer gave, and what it undid of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// By which acquirer.
    pub acquirer: String,
    /// The switch's serial.
    pub serial: u64,
    /// Won.
    pub amount: u64,
    /// 승인번호.
    pub approval_no: String,
    /// When.
    pub at: Timestamp,
    /// Serial and amount of every cancel that was done.
    pub cancels: Vec<(u64, u64)>,
    /// Whether a net-cancel of it was done.
    pub is_net_cancelled: bool,
}

impl Given {
    /// Won that are left.
    pub fn left(&self) -> u64 {
        let cancelled: u64 = self.cancels.iter().map(|(_, amount)| amount).sum();
        if self.is_net_cancelled { 0 } else { self.amount.saturating_sub(cancelled) }
    }
}

/// A payment as its events give it.
#[derive(Debug, Default)]
pub struct Replayed {
    /// The state they give; `None` where they give none.
    pub payment: Option<Payment>,
    /// Why they give none.
    pub why: Option<String>,
    /// When each attempt's net-cancel was first owed.
    pub owed: BTreeMap<u64, Timestamp>,
    /// When each cancel was first recorded, by its serial.
    pub cancels: BTreeMap<u64, Timestamp>,
    /// Since when what is a person's to settle has been so.
    pub stuck: BTreeMap<Stuck, Timestamp>,
}

/// What of a payment may be a person's to settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stuck {
    /// The net-cancel of this attempt.
    NetCancel(u8),
    /// This cancel.
    Cancel(u8),
}

/// The key of an 0100: terminal, business date, trace number.
type Name<'e> = (&'e str, Date, u32);

/// Everything, with what finds it.
pub struct Facts<'e> {
    /// The logs.
    pub evidence: &'e Evidence,
    /// Every approval that was given.
    pub given: Vec<Given>,
    /// What the acquirers' logs say that makes no sense.
    pub nonsense: Vec<Violation>,
    /// Payments by the key of their 0100; more than one where something is wrong.
    pub by_key: HashMap<Name<'e>, Vec<&'e Record>>,
    /// Purchases by the key of their 0100; more than one where other telegrams came under it.
    pub rivals: HashMap<Name<'e>, Vec<&'e Purchase>>,
    /// Payments by acquirer and the serial of an attempt, with the attempt's place.
    pub by_serial: HashMap<(&'e str, u64), (&'e Record, usize)>,
    /// Payments by the serial of a cancel.
    pub by_cancel: HashMap<u64, &'e Record>,
    /// Every payment replayed, in the order of the journal.
    pub replayed: Vec<Replayed>,
    /// The place of each payment in the journal, by its id.
    places: HashMap<i64, usize>,
    by_amount: HashMap<u64, &'e Purchase>,
    /// Places of what was given, by the key of the purchase.
    given_of: HashMap<&'e Key, Vec<usize>>,
}

impl<'e> Facts<'e> {
    /// Finds them.
    pub fn of(evidence: &'e Evidence) -> Self {
        let records = &evidence.journal.payments;
        let mut facts = Self {
            evidence,
            given: Vec::new(),
            nonsense: Vec::new(),
            by_amount: evidence
                .records
                .purchases
                .iter()
                .map(|purchase| (purchase.original.amount, purchase))
                .collect(),
            by_key: HashMap::new(),
            rivals: HashMap::new(),
            given_of: HashMap::new(),
            by_serial: HashMap::new(),
            by_cancel: HashMap::new(),
            places: records.iter().zip(0..).map(|(record, place)| (record.id, place)).collect(),
            replayed: records.iter().map(|record| replay(&record.events, &record.shown)).collect(),
        };
        for record in records {
            facts.by_key.entry(name(&record.payment.request().key)).or_default().push(record);
            for (place, attempt) in record.payment.attempts().iter().enumerate() {
                let route = attempt.route();
                facts.by_serial.insert((route.acquirer.as_str(), route.serial.get()), (record, place));
            }
            for cancel in record.payment.cancels() {
                facts.by_cancel.insert(cancel.serial().get(), record);
            }
        }
        for purchase in &evidence.records.purchases {
            facts.rivals.entry(name_of(purchase)).or_default().push(purchase);
        }
        for told in &evidence.acquirers {
            facts.read(&told.acquirer, &told.truth);
        }
        for place in 0..facts.given.len() {
            if let Some(purchase) = facts.purchase_of(&facts.given[place]) {
                facts.given_of.entry(&purchase.approval).or_default().push(place);
            }
        }
        facts
    }

    /// The purchase that an approval was given for.
    pub fn purchase_of(&self, given: &Given) -> Option<&'e Purchase> {
        match self.evidence.found_by {
            FoundBy::Amount => self.by_amount.get(&given.amount).copied(),
            FoundBy::Serial => {
                let (record, _) = self.by_serial.get(&(given.acquirer.as_str(), given.serial))?;
                self.purchase_behind(record)
            }
        }
    }

    /// The purchase whose telegram became this payment: of several under its key, the one that was not told that another came first.
    fn purchase_behind(&self, record: &'e Record) -> Option<&'e Purchase> {
        let request = record.payment.request();
        let rivals = self.rivals.get(&name(&request.key))?;
        let amount = request.amounts.total().get();
        let of_it = || rivals.iter().filter(|rival| rival.original.amount == amount);
        of_it().find(|rival| self.holds_its_key(rival)).or_else(|| of_it().next()).copied()
    }

    /// Whether an answer tells that this telegram, and no other, is what the switch knows under its key.
    pub fn holds_its_key(&self, purchase: &Purchase) -> bool {
        let tells =
            |heard: &Heard| !is_open(&heard.code) && !claims_no_key(&heard.code) && heard.code != "9011";
        self.evidence.records.of(&purchase.approval).is_some_and(|exchange| exchange.heard.iter().any(tells))
    }

    /// Every approval that was given for a purchase.
    pub fn given_for(&self, purchase: &Purchase) -> impl Iterator<Item = &Given> {
        let places = self.given_of.get(&purchase.approval);
        places.into_iter().flatten().map(|place| &self.given[*place])
    }

    /// Whether the run says that it leaves this.
    pub fn leaves(&self, loose: LooseEnd) -> bool {
        self.evidence.left.contains(&loose)
    }

    /// Whether there is a log of this acquirer.
    pub fn is_heard(&self, acquirer: &str) -> bool {
        self.evidence.acquirers.iter().any(|told| told.acquirer == acquirer)
    }

    fn read(&mut self, acquirer: &str, truth: &[Truth]) {
        let first = self.given.len();
        let mut places = HashMap::new();
        for entry in truth {
            let serial = entry.serial.trim().parse::<u64>().ok();
            match (entry.event, serial) {
                (Event::Approved, Some(serial)) => {
                    places.insert(serial, self.given.len());
                    self.given.push(Given {
                        acquirer: acquirer.to_owned(),
                        serial,
                        amount: entry.amount,
                        approval_no: entry.approval_no.clone().unwrap_or_default(),
                        at: entry.at,
                        cancels: Vec::new(),
                        is_net_cancelled: false,
                    });
                }
                (Event::Cancelled | Event::NetCancelled, Some(serial)) => {
                    let original =
                        entry.original.as_deref().and_then(|original| original.trim().parse().ok());
                    let Some(given) = original
                        .and_then(|original: u64| places.get(&original))
                        .and_then(|place| self.given.get_mut(*place))
                    else {
                        self.nonsense.push(Violation::new(format!(
                            "{acquirer} cancelled what it never approved: {entry:?}"
                        )));
                        continue;
                    };
                    // A language with one telegram for both is told apart by the serial: a net-cancel has the one behind its original's.
                    if entry.event == Event::NetCancelled || serial == given.serial + 1 {
                        given.is_net_cancelled = true;
                    } else {
                        given.cancels.push((serial, entry.amount));
                    }
                }
                (Event::Approved | Event::Cancelled | Event::NetCancelled, None) => {
                    self.nonsense.push(Violation::new(format!(
                        "{acquirer} was asked under a serial that is none: {entry:?}"
                    )));
                }
                (Event::Repeated | Event::Unreadable, _) => {
                    self.nonsense.push(Violation::new(format!(
                        "{acquirer} was asked what no switch may ask: {entry:?}"
                    )));
                }
                (
                    Event::Declined
                    | Event::AlreadyCancelled
                    | Event::NoSuchOriginal
                    | Event::AmountDiffers
                    | Event::CancelRefused
                    | Event::Ignored
                    | Event::Echoed
                    | Event::SignedOn
                    | Event::SignOnRefused,
                    _,
                ) => {}
            }
        }
        debug_assert!(first <= self.given.len());
    }

    /// The payment of a purchase.
    pub fn record(&self, purchase: &Purchase) -> Option<&'e Record> {
        self.by_key.get(&name_of(purchase))?.first().copied()
    }

    /// Whether a person was told that just this is theirs to settle, since it last became so: at once or, where a crash came before that, by the
    /// next start, which notes the alarms of all that wait.
    pub fn is_told(&self, payment: i64, stuck: Stuck) -> bool {
        let Some(since) = self.stuck(payment).and_then(|waits| waits.get(&stuck)) else { return false };
        let (kind, number) = match stuck {
            Stuck::NetCancel(attempt) => ("net-cancel-stuck", attempt),
            Stuck::Cancel(cancel) => ("cancel-stuck", cancel),
        };
        let alarms = self.evidence.journal.alarms.get(&payment);
        alarms
            .into_iter()
            .flatten()
            .any(|alarm| alarm.kind == kind && alarm.number == Some(number) && alarm.at >= *since)
    }

    /// What of a payment is a person's to settle although nobody was told.
    pub fn untold(&self, payment: i64) -> Vec<Stuck> {
        let waits = self.stuck(payment).into_iter().flatten().map(|(stuck, _)| *stuck);
        waits.filter(|stuck| !self.is_told(payment, *stuck)).collect()
    }

    /// What of a payment is a person's to settle, and since when.
    fn stuck(&self, payment: i64) -> Option<&BTreeMap<Stuck, Timestamp>> {
        let place = self.places.get(&payment)?;
        Some(&self.replayed[*place].stuck)
    }

    /// What every log says of a purchase, for people.
    pub fn about(&self, purchase: &Purchase) -> Vec<String> {
        let Purchase { original, confirm, approval, .. } = purchase;
        let mut lines = vec![format!(
            "terminal {} trace {:06}, {} won, confirm {confirm:?}, withdrawal {:?}, cancels {:?}",
            original.terminal,
            original.trace,
            original.amount,
            purchase.withdrawal.as_ref().map(|key| key.trace),
            purchase.cancels.iter().map(|(key, amount)| (key.trace, *amount)).collect::<Vec<_>>(),
        )];
        let keys = [Some(approval), purchase.withdrawal.as_ref(), purchase.acknowledgement.as_ref()];
        for key in keys.into_iter().flatten().chain(purchase.cancels.iter().map(|(key, _)| key)) {
            if let Some(exchange) = self.evidence.records.of(key) {
                let heard: Vec<_> = exchange
                    .heard
                    .iter()
                    .map(|heard| format!("{} {} {}@{}", heard.code, heard.approval_no, heard.route, heard.at))
                    .collect();
                lines.push(format!(
                    "  {:04} {:06} sent {} times, heard {heard:?}, ended {:?}",
                    key.kind, key.trace, exchange.sent, exchange.ended
                ));
            }
        }
        for given in self.given_for(purchase) {
            lines.push(format!("acquirer: {given:?}"));
        }
        if let Some(record) = self.record(purchase) {
            lines.extend(about(record));
        }
        lines
    }
}

/// What the journal says of a payment, for people.
pub(super) fn about(record: &Record) -> Vec<String> {
    let mut lines = vec![format!("journal: {} {} version {}", record.id, record.phase, record.version)];
    for (version, at, happened) in &record.events {
        let what = match happened {
            Happened::Started { .. } => "Started".to_owned(),
            Happened::Buried { .. } => "Buried".to_owned(),
            Happened::Event(event) => format!("{event:?}"),
        };
        lines.push(format!("  {version} {at} {}", what.chars().take(300).collect::<String>()));
    }
    lines
}

fn name(key: &TelegramKey) -> Name<'_> {
    (key.terminal.as_str(), key.business_date, key.trace_no.get())
}

fn name_of(purchase: &Purchase) -> Name<'_> {
    let Original { terminal, trace, date, .. } = &purchase.original;
    (terminal, *date, *trace)
}

/// Whether the telegram with this key is what the switch knows under that one.
pub(super) fn is_under(key: &Key, known: &TelegramKey) -> bool {
    let kind = known.kind.code().parse();
    kind == Ok(key.kind) && key.terminal == known.terminal.as_str() && key.trace == known.trace_no.get()
}

/// The state that events give, as far as they are legal: each by what the switch's clock showed.
pub(super) fn replay(events: &[(u32, Timestamp, Happened)], shown: &[Timestamp]) -> Replayed {
    let mut replayed = Replayed::default();
    for (number, ((version, at, happened), shown)) in (1_u32..).zip(events.iter().zip(shown)) {
        if *version != number {
            replayed.why = Some(format!("event {number} speaks of version {version}"));
            return replayed;
        }
        let payment = match (happened, replayed.payment.take()) {
            (Happened::Started { started }, None) => Payment::start(started, None, *shown).0,
            (Happened::Buried { buried }, None) => Payment::bury(buried),
            (Happened::Event(event), Some(payment)) => match payment.step(event, *shown) {
                Ok((payment, _)) => payment,
                Err(illegal) => {
                    replayed.why = Some(format!("event {number} is illegal: {illegal}"));
                    return replayed;
                }
            },
            (Happened::Started { .. } | Happened::Buried { .. }, Some(_)) | (Happened::Event(_), None) => {
                replayed.why =
                    Some(format!("event {number} is a beginning where none is, or none where one is"));
                return replayed;
            }
        };
        for attempt in payment.attempts().iter().filter(|attempt| attempt.debt().is_some()) {
            replayed.owed.entry(attempt.route().serial.get()).or_insert(*at);
        }
        for cancel in payment.cancels() {
            replayed.cancels.entry(cancel.serial().get()).or_insert(*at);
        }
        let before = std::mem::take(&mut replayed.stuck);
        let since = |stuck| (stuck, before.get(&stuck).copied().unwrap_or(*at));
        replayed.stuck = stuck(&payment).into_iter().map(since).collect();
        replayed.payment = Some(payment);
    }
    if replayed.payment.is_none() {
        replayed.why = Some("it has no events".to_owned());
    }
    replayed
}

/// What of a payment is a person's to settle.
fn stuck(payment: &Payment) -> Vec<Stuck> {
    let debts = (0..).zip(payment.attempts()).filter_map(|(number, attempt)| {
        let is_stuck = matches!(attempt.debt().map(Debt::state), Some(DebtState::Stuck { .. }));
        is_stuck.then_some(Stuck::NetCancel(number))
    });
    let cancels = (0..).zip(payment.cancels()).filter_map(|(number, cancel)| {
        matches!(cancel.state(), CancelState::Stuck { .. }).then_some(Stuck::Cancel(number))
    });
    debts.chain(cancels).collect()
}
