//! One race under way: the desk, the store, the acquirers and their books, and all that may happen next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use desk::{Asker, Input};
use payment::{
    Answer, Approval, CancelOrder, CancelVerdict, Event, HostCodes, NetCancelOrder, NetCancelVerdict,
    PaymentId, Phase, RequestOrder, Serial, TerminalAnswer, Unanswered, Verdict,
};
use store::{Batch, Lookup, Saved, Stored};

use crate::{
    bench::{Bench, cancel_accepted, cancel_answered, declined, net_cancel_answered},
    sample,
};

/// What there is to a race.
pub(crate) struct Race {
    pub(crate) name: &'static str,
    pub(crate) bench: fn() -> Bench,
    /// What has happened before, in one order.
    pub(crate) prepare: fn(&mut Place),
    /// What terminal 1 sends, each once, in any order.
    pub(crate) telegrams: Vec<Telegram>,
    /// What an acquirer may do with a request.
    pub(crate) on_request: Vec<Outcome>,
    /// What an acquirer may do with a try of a cancel.
    pub(crate) on_cancel: Vec<Outcome>,
    /// How often time may pass up to what is due.
    pub(crate) ticks: u8,
    /// How often the switch may die.
    pub(crate) crashes: u8,
    /// How often a peer may save the payment.
    pub(crate) touches: u8,
    /// Whether the terminal may be gone when an approval is told.
    pub(crate) may_vanish: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Telegram {
    Approval { trace: u32 },
    Cancel { trace: u32, amount: u64 },
    NetCancel,
    Acknowledgement,
    Inquiry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, and said so.
    Done,
    /// Not done, and said so.
    Declined,
    /// Done, and no answer comes.
    DoneInSilence,
    /// It never came there, and no answer comes.
    Lost,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// The terminal sends one of what it has left.
    Send(usize),
    /// The store commits the oldest save.
    Commit,
    /// The desk hears of the oldest result.
    Hear,
    /// The store reads the oldest lookup.
    Read,
    /// The desk hears what the oldest read found.
    Find,
    /// An acquirer deals with an order.
    Deal(usize, Outcome),
    /// A reply that is reported meets its end.
    Write {
        written: bool,
    },
    Tick,
    Crash(Outcome),
    Touch,
}

#[derive(Clone, Debug)]
pub(super) enum Order {
    Request(PaymentId, RequestOrder),
    NetCancel(PaymentId, NetCancelOrder),
    Cancel(PaymentId, CancelOrder),
}

/// An approval an acquirer gave.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) trace: u32,
    pub(super) total: u64,
    pub(super) net_cancelled: bool,
    pub(super) book: Vec<(Serial, u64)>,
}

impl Given {
    pub(super) fn cancelled(&self) -> u64 {
        self.book.iter().map(|(_, amount)| amount).sum()
    }

    pub(super) fn is_live(&self) -> bool {
        !self.net_cancelled && self.cancelled() < self.total
    }
}

#[derive(Debug)]
pub(super) struct Asked {
    pub(super) telegram: Telegram,
    pub(super) answers: u32,
}

pub(crate) struct Place<'a> {
    pub(super) race: &'a Race,
    pub(super) bench: Bench,
    pub(super) left: Vec<Telegram>,
    pub(super) results: VecDeque<Saved>,
    pub(super) found: VecDeque<(Lookup, Option<Stored>)>,
    pub(super) orders: Vec<Order>,
    pub(super) replies: VecDeque<(Telegram, TerminalAnswer, PaymentId)>,
    pub(super) given: BTreeMap<Serial, Given>,
    pub(super) payments: BTreeSet<PaymentId>,
    pub(super) asked: BTreeMap<u64, Asked>,
    /// What the terminal read, in order.
    pub(super) told: Vec<(Telegram, TerminalAnswer)>,
    pub(super) sent: BTreeSet<Serial>,
    pub(super) ticks: u8,
    pub(super) crashes: u8,
    pub(super) touches: u8,
    pub(super) order: Vec<String>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(race: &'a Race) -> Self {
        let mut place = Self {
            race,
            bench: (race.bench)(),
            left: race.telegrams.clone(),
            results: VecDeque::new(),
            found: VecDeque::new(),
            orders: Vec::new(),
            replies: VecDeque::new(),
            given: BTreeMap::new(),
            payments: BTreeSet::new(),
            asked: BTreeMap::new(),
            told: Vec::new(),
            sent: BTreeSet::new(),
            ticks: race.ticks,
            crashes: race.crashes,
            touches: race.touches,
            order: Vec::new(),
        };
        (race.prepare)(&mut place);
        place
    }

    /// Terminal 1 asks for an approval, before the race.
    pub(crate) fn ask(&mut self, trace: u32) {
        self.send(Telegram::Approval { trace });
    }

    /// All orders that are out meet this end, and what follows from it is settled.
    pub(crate) fn answer_all(&mut self, outcome: Outcome) {
        for order in std::mem::take(&mut self.orders) {
            self.deal(order, outcome);
        }
        self.settle();
    }

    /// The store does what it is asked, and the desk hears of it.
    pub(crate) fn settle(&mut self) {
        loop {
            let quiet = self.bench.saves.is_empty() && self.bench.lookups.is_empty();
            if quiet && self.results.is_empty() && self.found.is_empty() && self.replies.is_empty() {
                return;
            }
            for action in [Action::Commit, Action::Hear, Action::Read, Action::Find] {
                self.do_it(action);
            }
            if !self.replies.is_empty() {
                self.do_it(Action::Write { written: true });
            }
        }
    }

    /// What may happen next.
    pub(crate) fn actions(&self) -> Vec<Action> {
        let mut actions = self.must();
        if !self.left.is_empty() && self.bench.desk.is_recovered() {
            // Equal telegrams are one and the same choice.
            let firsts =
                (0..self.left.len()).filter(|index| !self.left[..*index].contains(&self.left[*index]));
            actions.extend(firsts.map(Action::Send));
        }
        if self.ticks > 0 && self.bench.desk.next_due().is_some() {
            actions.push(Action::Tick);
        }
        if self.crashes > 0 && !self.orders.is_empty() {
            actions.extend([Action::Crash(Outcome::DoneInSilence), Action::Crash(Outcome::Lost)]);
        } else if self.crashes > 0 {
            actions.push(Action::Crash(Outcome::Lost));
        }
        if self.touches > 0 && self.touchable().is_some() {
            actions.push(Action::Touch);
        }
        actions
    }

    /// What is bound to happen some time.
    fn must(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        let waiting = [
            (!self.bench.saves.is_empty(), Action::Commit),
            (!self.results.is_empty(), Action::Hear),
            (!self.bench.lookups.is_empty(), Action::Read),
            (!self.found.is_empty(), Action::Find),
        ];
        actions.extend(waiting.into_iter().filter(|(waits, _)| *waits).map(|(_, action)| action));
        for (index, order) in self.orders.iter().enumerate() {
            match order {
                Order::Request(..) => {
                    actions.extend(self.race.on_request.iter().map(|outcome| Action::Deal(index, *outcome)));
                }
                Order::Cancel(..) => {
                    actions.extend(self.race.on_cancel.iter().map(|outcome| Action::Deal(index, *outcome)));
                }
                Order::NetCancel(..) => actions.push(Action::Deal(index, Outcome::Done)),
            }
        }
        if !self.replies.is_empty() {
            actions.push(Action::Write { written: true });
            if self.race.may_vanish {
                actions.push(Action::Write { written: false });
            }
        }
        actions
    }

    /// Whether all was sent and nothing is under way.
    pub(crate) fn is_over(&self) -> bool {
        self.left.is_empty() && self.must().is_empty()
    }

    /// Equal for places from which the same can follow.
    pub(crate) fn fingerprint(&self) -> String {
        let stored: Vec<_> = self.stored().into_iter().map(|it| format!("{it:?}")).collect();
        let mut left = self.left.clone();
        left.sort();
        format!(
            "{:?} {stored:?} {:?} {left:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
            self.bench.desk,
            self.bench.saves,
            self.results,
            self.bench.lookups,
            self.found,
            self.orders,
            self.replies,
            self.given,
            self.asked,
            self.told,
            (self.ticks, self.crashes, self.touches),
            self.bench.now_ms,
        )
    }

    pub(super) fn stored(&self) -> Vec<Stored> {
        let mut memory = self.bench.memory.clone();
        let read = |id: &PaymentId| store::look_up(&mut memory, Lookup::Id(*id)).unwrap();
        self.payments.iter().filter_map(read).collect()
    }

    /// The payment a peer may save without changing it.
    fn touchable(&self) -> Option<PaymentId> {
        let now = sample::instant(self.bench.now_ms);
        let is_untouched = |stored: &&Stored| {
            let payment = stored.payment();
            *payment.phase() != Phase::AwaitingNetCancel && payment.due().is_none_or(|due| due > now)
        };
        self.stored().iter().find(is_untouched).map(Stored::id)
    }

    pub(crate) fn act(&mut self, action: Action) {
        self.order.push(match action {
            Action::Send(index) => format!("{:?}", self.left[index]),
            Action::Deal(index, outcome) => match &self.orders[index] {
                Order::Request(..) => format!("request {outcome:?}"),
                Order::NetCancel(..) => "net-cancel".to_owned(),
                Order::Cancel(_, order) => format!("cancel {} {outcome:?}", order.cancel),
            },
            other => format!("{other:?}"),
        });
        self.do_it(action);
    }

    fn do_it(&mut self, action: Action) {
        match action {
            Action::Send(index) => {
                let telegram = self.left.remove(index);
                self.send(telegram);
            }
            Action::Commit => {
                if !self.bench.saves.is_empty() {
                    let saves = vec![self.bench.saves.remove(0)];
                    let results = store::save(&mut self.bench.memory, Batch { saves, notes: Vec::new() });
                    for saved in results.unwrap() {
                        if let Saved::Done(stored, _) = &saved {
                            self.payments.insert(stored.id());
                        }
                        self.results.push_back(saved);
                    }
                }
            }
            Action::Hear => {
                if let Some(saved) = self.results.pop_front() {
                    self.give(Input::Saved(saved));
                }
            }
            Action::Read => {
                if !self.bench.lookups.is_empty() {
                    let lookup = self.bench.lookups.remove(0);
                    let found = store::look_up(&mut self.bench.memory, lookup).unwrap();
                    self.found.push_back((lookup, found));
                }
            }
            Action::Find => {
                if let Some((lookup, found)) = self.found.pop_front() {
                    self.give(Input::Found(lookup, found));
                }
            }
            Action::Deal(index, outcome) => {
                let order = self.orders.remove(index);
                self.deal(order, outcome);
            }
            Action::Write { written } => {
                if let Some((telegram, answer, payment)) = self.replies.pop_front() {
                    if written {
                        self.told.push((telegram, answer));
                    }
                    self.give(Input::Delivery { payment, written });
                }
            }
            Action::Tick => {
                self.ticks -= 1;
                self.pass();
            }
            Action::Crash(outcome) => self.crash(outcome),
            Action::Touch => {
                self.touches -= 1;
                let id = self.touchable().expect("offered only then");
                self.bench.peer_touches(id);
            }
        }
    }

    pub(super) fn pass(&mut self) {
        let Some(due) = self.bench.desk.next_due() else { return };
        self.bench.now_ms = self.bench.now_ms.max(sample::since_start(due));
        self.give(Input::Time);
    }

    pub(super) fn send(&mut self, telegram: Telegram) {
        let asker = match telegram {
            Telegram::Approval { trace } => self.bench.ask_as(trace, 0),
            Telegram::Cancel { trace, amount } => self.bench.cancel(trace, amount),
            Telegram::NetCancel => self.bench.net_cancel(),
            Telegram::Acknowledgement => self.bench.acknowledge(),
            Telegram::Inquiry => self.bench.inquire(),
        };
        self.asked.insert(asker, Asked { telegram, answers: 0 });
        self.collect();
    }

    fn give(&mut self, input: Input) {
        self.bench.give(input);
        self.collect();
    }

    /// What the desk put out becomes what may happen.
    fn collect(&mut self) {
        for (id, order) in std::mem::take(&mut self.bench.requests) {
            let trace = order.request.key.trace_no.get();
            let is_withdrawn = |(telegram, answer): &(Telegram, TerminalAnswer)| {
                *telegram == Telegram::NetCancel && *answer == TerminalAnswer::Done
            };
            self.rule(trace != 1 || !self.told.iter().any(is_withdrawn), "it was told to be withdrawn");
            let is_first = self.sent.insert(order.route.serial);
            self.rule(is_first, "a request is sent twice");
            self.orders.push(Order::Request(id, order));
        }
        let net_cancels = std::mem::take(&mut self.bench.net_cancels);
        self.orders.extend(net_cancels.into_iter().map(|(id, order)| Order::NetCancel(id, order)));
        let cancels = std::mem::take(&mut self.bench.cancels);
        self.orders.extend(cancels.into_iter().map(|(id, order)| Order::Cancel(id, order)));
        for (Asker(asker), _, answer, report) in self.bench.replies() {
            let asked = self.asked.get_mut(&asker).expect("only who asked is answered");
            asked.answers += 1;
            match report {
                Some(id) => self.replies.push_back((asked.telegram, answer, id)),
                None => self.told.push((asked.telegram, answer)),
            }
        }
        // Where a terminal cannot vanish, when exactly it reads its answer changes nothing.
        if !self.race.may_vanish && !self.replies.is_empty() {
            self.do_it(Action::Write { written: true });
        }
    }

    fn deal(&mut self, order: Order, outcome: Outcome) {
        let last_byte_by = sample::instant(self.bench.now_ms);
        let why = Unanswered::TimedOut;
        let done = matches!(outcome, Outcome::Done | Outcome::DoneInSilence);
        let (id, event) = match order {
            Order::Request(id, order) => {
                let (serial, attempt) = (order.route.serial, order.attempt);
                if done {
                    self.given.insert(
                        serial,
                        Given {
                            trace: order.request.key.trace_no.get(),
                            total: order.request.amounts.total().get(),
                            net_cancelled: false,
                            book: Vec::new(),
                        },
                    );
                }
                let event = match outcome {
                    Outcome::Done => approved(attempt, serial),
                    Outcome::Declined => declined(attempt),
                    Outcome::DoneInSilence | Outcome::Lost => {
                        Event::Unanswered { attempt, why, last_byte_by }
                    }
                };
                (id, event)
            }
            Order::NetCancel(id, order) => {
                let verdict = match self.given.get_mut(&order.route.serial) {
                    None => NetCancelVerdict::NoSuchOriginal,
                    Some(given) if given.net_cancelled => NetCancelVerdict::AlreadyCancelled,
                    Some(given) => {
                        given.net_cancelled = true;
                        NetCancelVerdict::Accepted
                    }
                };
                (id, net_cancel_answered(order.attempt, verdict))
            }
            Order::Cancel(id, order) => {
                let given = self.given.get_mut(&order.route.serial).expect("a cancel names an approval");
                let was_done = given.book.iter().any(|(serial, _)| *serial == order.serial);
                if done && !was_done {
                    given.book.push((order.serial, order.amounts.total().get()));
                }
                let cancel = order.cancel;
                let event = match outcome {
                    Outcome::Done | Outcome::Declined if was_done => {
                        cancel_answered(cancel, CancelVerdict::AlreadyCancelled)
                    }
                    Outcome::Done => cancel_answered(cancel, cancel_accepted()),
                    Outcome::Declined => {
                        cancel_answered(cancel, CancelVerdict::Declined(crate::bench::decline()))
                    }
                    Outcome::DoneInSilence | Outcome::Lost => {
                        Event::CancelUnanswered { cancel, why, last_byte_by }
                    }
                };
                (id, event)
            }
        };
        self.give(Input::Happened { payment: id, event });
    }

    /// What was out is done in silence or lost; the terminal sends again what it has no answer to.
    fn crash(&mut self, outcome: Outcome) {
        self.crashes -= 1;
        let out = std::mem::take(&mut self.orders);
        self.bench.desk = desk::Desk::new(
            desk::Serials::new(payment::InstanceNo::new(1).unwrap(), 1, 1),
            self.bench.limits,
        );
        for order in out {
            if outcome != Outcome::Lost || !matches!(order, Order::NetCancel(..)) {
                self.deal(order, outcome);
            }
        }
        self.results.clear();
        self.found.clear();
        self.replies.clear();
        for asked in std::mem::take(&mut self.asked).into_values().filter(|asked| asked.answers == 0) {
            self.left.push(asked.telegram);
        }
        self.left.sort();
        self.bench.restart();
        self.collect();
    }

    pub(super) fn rule(&self, holds: bool, what: &str) {
        assert!(
            holds,
            "{}: {what}\n  {}\n  told {:?}",
            self.race.name,
            self.order.join("\n  "),
            self.codes()
        );
    }

    pub(super) fn codes(&self) -> Vec<String> {
        let code = |answer: &TerminalAnswer| match answer {
            TerminalAnswer::Standing(standing) => format!("state {}", standing.state.code()),
            other => other.code().to_string(),
        };
        self.told.iter().map(|(telegram, answer)| format!("{telegram:?} {}", code(answer))).collect()
    }
}

fn approved(attempt: u8, serial: Serial) -> Event {
    let approval = Approval { approval_no: format!("{serial}"), ..Approval::default() };
    let verdict = Verdict::Approved(std::sync::Arc::new(approval));
    Event::Answered { attempt, answer: Answer { amount: None, codes: HostCodes::default(), verdict } }
}
