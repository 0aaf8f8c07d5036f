//! A terminal asks something of an original: one at the desk, one in the store, or one that never came.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan as _, tz::Offset};
use payment::{
    Buried, NetCancelRequest, PaymentId, PaymentState, Question, ResponseCode, Standing, TelegramKey,
    TerminalAnswer,
};
use rustc_hash::FxHashMap;
use store::{Claim, Lookup, Stored, Unsaved};

use crate::{
    Desk, Output, Referral,
    desk::{later, refuse},
    register::{Entry, Place, Waiting},
};

/// How long a tombstone outlives the day its request could have been sent on: a clock may be off by a day at the most, and a day.
const TOMBSTONE_MS: u64 = 2 * 24 * 3600 * 1000;
/// Korea Standard Time, in which terminals say when they sent.
const KST: Offset = Offset::constant(9);

/// Telegrams whose original is being looked up by its key.
#[derive(Debug, Default)]
pub(crate) struct Originals {
    by_key: FxHashMap<TelegramKey, Sought>,
    waiting: usize,
}

#[derive(Debug, Default)]
struct Sought {
    waiting: Vec<Waiting>,
    /// The original was at the desk since it is being looked up: what was read may be older than what it did here.
    passed: bool,
}

impl Originals {
    pub(crate) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Tells whether it is the first to ask for this original. Beside other desks what is being read may be older than what is asked later.
    fn add(&mut self, key: TelegramKey, waiting: Waiting, shares_store: bool) -> bool {
        self.waiting += 1;
        let sought = self.by_key.entry(key).or_default();
        sought.passed |= shares_store && !sought.waiting.is_empty();
        sought.waiting.push(waiting);
        sought.waiting.len() == 1
    }

    /// The payment of this key leaves the desk.
    pub(crate) fn passed(&mut self, key: &TelegramKey) {
        if let Some(sought) = self.by_key.get_mut(key) {
            sought.passed = true;
        }
    }

    /// Whether what was read of it may be old; asks once.
    fn is_old(&mut self, key: &TelegramKey) -> bool {
        self.by_key.get_mut(key).is_some_and(|sought| std::mem::take(&mut sought.passed))
    }

    fn take(&mut self, key: &TelegramKey) -> Vec<Waiting> {
        let taken = self.by_key.remove(key).unwrap_or_default().waiting;
        self.waiting -= taken.len();
        taken
    }
}

impl Desk {
    pub(crate) fn refer(&mut self, referral: Referral, now: Timestamp, out: &mut Vec<Output>) {
        let Referral { asker, question, terms } = referral;
        let until = later(question.received_at(), terms.terminal_deadline_ms);
        let key = *question.original();
        let waiting =
            Waiting { asker, question, is_repeat: true, is_taken_on: false, is_late: false, until, terms };
        if let Some(id) = self.register.by_key(&key) {
            self.wait_for(id, waiting, now, out);
            self.work(id, now, out);
        } else if self.originals.waiting >= self.limits.lookups {
            refuse(&waiting, ResponseCode::OVERLOADED, "too many originals are being looked up", now, out);
        } else if self.originals.add(key, waiting, self.shares_store) {
            out.push(Output::LookUp(Lookup::Key(key)));
        }
    }

    /// The lookup has come to its end; meanwhile the original itself may have come.
    pub(crate) fn original_found(
        &mut self,
        key: TelegramKey,
        stored: Option<Stored>,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        if self.register.by_key(&key).is_none() && self.originals.is_old(&key) {
            return out.push(Output::LookUp(Lookup::Key(key)));
        }
        let asked = self.originals.take(&key);
        if let (None, Some(stored)) = (self.register.by_key(&key), stored) {
            self.take_up(stored);
        }
        let Some(id) = self.register.by_key(&key) else {
            return asked.into_iter().for_each(|waiting| self.ask_what_is_here(waiting, now, out));
        };
        // All of them before it works: it may leave the desk with the first answer.
        for waiting in asked {
            self.wait_for(id, waiting, now, out);
        }
        self.work(id, now, out);
    }

    /// Asks the original if it is at the desk by now; if not, there is none.
    pub(crate) fn ask_what_is_here(&mut self, waiting: Waiting, now: Timestamp, out: &mut Vec<Output>) {
        match self.register.by_key(waiting.question.original()) {
            Some(id) => {
                self.wait_for(id, waiting, now, out);
                self.work(id, now, out);
            }
            None => self.without_original(waiting, now, out),
        }
    }

    /// A payment that was read comes to the desk. One that is here stays, and those who wait for it; what is here of it is replaced if it is older.
    pub(crate) fn take_up(&mut self, stored: Stored) {
        let id = stored.id();
        if let Some(entry) = self.register.get_mut(id) {
            let key = stored.payment().request().key;
            if matches!(&entry.place, Place::Idle(here) if here.version() <= stored.version()) {
                entry.place = Place::Idle(stored);
                entry.is_fresh = true;
            }
            return self.register.name(key, id);
        }
        let mut entry = Entry::new(Some(stored.payment().request().key), Place::Idle(stored));
        // Whether some reply of it was written before, nobody knows: the terminal decides.
        entry.written = true;
        self.register.insert(id, entry);
    }

    fn without_original(&mut self, waiting: Waiting, now: Timestamp, out: &mut Vec<Output>) {
        match &waiting.question {
            Question::NetCancel(request) => {
                let request = request.clone();
                self.bury(waiting, request, now, out);
            }
            Question::Inquiry(_) => {
                let answer = TerminalAnswer::Standing(Standing {
                    state: PaymentState::Unknown,
                    original: None,
                    answer: None,
                });
                let Waiting { asker, question, .. } = waiting;
                out.push(Output::Reply { asker, question, answer, report: None });
            }
            Question::Approval(_) | Question::Cancel(_) | Question::Acknowledgement(_) => {
                refuse(&waiting, ResponseCode::NO_ORIGINAL, "no such original", now, out);
            }
        }
    }

    /// The request that is withdrawn never came: its key is taken, so that it is not approved when it comes.
    fn bury(
        &mut self,
        waiting: Waiting,
        withdrawn: Arc<NetCancelRequest>,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let key = withdrawn.reference.original;
        let Some(serial) = self.take_serials(1, out) else {
            return refuse(&waiting, ResponseCode::OVERLOADED, "no serial is reserved", now, out);
        };
        let id = PaymentId::new(key.business_date, serial);
        let claims = vec![Claim::Telegram { key, until: held_until(&key, now) }];
        out.push(Output::Save(Unsaved::bury(Buried { id, withdrawn, terms: waiting.terms }, claims, now)));
        let mut entry = Entry::new(Some(key), Place::Saving { stepping: None });
        self.register.schedule(waiting.until, id);
        entry.waiting.push(waiting);
        self.register.insert(id, entry);
    }
}

fn held_until(key: &TelegramKey, now: Timestamp) -> Timestamp {
    let day_over =
        key.business_date.checked_add(1.day()).ok().map(|day| day.to_datetime(jiff::civil::Time::MIN));
    let day_over = day_over.and_then(|over| KST.to_timestamp(over).ok()).unwrap_or(now);
    later(now.max(day_over), TOMBSTONE_MS)
}
