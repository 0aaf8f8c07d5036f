//! The desk itself: what each input does.

use std::{collections::VecDeque, mem};

use jiff::{SignedDuration, Timestamp};
use payment::{AcquirerName, Event, PaymentId, ResponseCode, Serial, TerminalAnswer, Undo};
use rustc_hash::FxHashMap;
use store::{Claim, Lookup, Note, Saved, Stored};

use crate::{
    Input, Output, Serials, Stray,
    operating::without_payment,
    originals::Originals,
    pace::Pace,
    pacing::falls_due,
    register::{Entry, Place, Register, Waiting},
};

/// How much the desk takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Payments that have no outcome yet; further requests get 9040. Those that only owe a net-cancel take no place from new ones.
    pub payments: usize,
    /// Repeats that wait for the answer of one payment; further ones get 9010.
    pub waiting_per_payment: usize,
    /// Telegrams whose original is being looked up; further ones get 9040.
    pub lookups: usize,
    /// Net-cancels and repeated cancels that may be out at one acquirer, unless [`Desk::limit_net_cancels`] says otherwise of it; further ones
    /// wait their turn.
    pub net_cancels: usize,
    /// The longest pause between two tries at an acquirer that answers none.
    pub net_cancel_pause_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            payments: 200_000,
            waiting_per_payment: 256,
            lookups: 2_048,
            net_cancels: 32,
            net_cancel_pause_ms: 30_000,
        }
    }
}

/// All payments in flight at this switch.
#[derive(Debug)]
pub struct Desk {
    pub(crate) register: Register,
    pub(crate) serials: Serials,
    pub(crate) limits: Limits,
    pub(crate) pace: Pace,
    /// Answers whose payment is being looked up by serial.
    pub(crate) strays: FxHashMap<Serial, VecDeque<(AcquirerName, Stray)>>,
    /// Telegrams whose original is being looked up by its key.
    pub(crate) originals: Originals,
    /// Payments whose first step after a start or a take-over is not durable yet.
    pub(crate) recovering: usize,
    /// Whether other instances are at work on the same store.
    pub(crate) shares_store: bool,
}

impl Desk {
    /// A desk with nothing on it.
    pub fn new(serials: Serials, limits: Limits) -> Self {
        Self {
            register: Register::default(),
            serials,
            limits,
            pace: Pace::new(limits.net_cancels, limits.net_cancel_pause_ms),
            strays: FxHashMap::default(),
            originals: Originals::default(),
            recovering: 0,
            shares_store: false,
        }
    }

    /// Takes up the open payments found in the store, or taken over from another instance. No byte of anything in flight left after
    /// `last_byte_by`, told by the clock of `now` or by the wall clock, whichever comes later. One that is here already stays here, with all who wait for it. Terminals may be listened to once
    /// [`Desk::is_recovered`].
    pub fn recover(
        &mut self,
        open: Vec<Stored>,
        last_byte_by: Timestamp,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        for stored in open {
            let id = stored.id();
            for attempt in stored.payment().attempts() {
                self.pace.begin_slowly(&attempt.route().acquirer);
            }
            self.take_up(stored);
            self.recovering += 1;
            self.happened(id, Event::Restarted { last_byte_by }, now, out);
        }
    }

    /// Whether every open payment took its first step after the start.
    pub fn is_recovered(&self) -> bool {
        self.recovering == 0
    }

    /// Whether nobody waits for an answer and nothing is on its way to the store.
    pub fn is_quiet(&self) -> bool {
        self.register.is_quiet() && self.originals.is_empty()
    }

    /// How many payments are at the desk.
    pub fn payments(&self) -> usize {
        self.register.len()
    }

    /// Changes how much it takes on; what it has taken on stays, and so does what [`Desk::limit_net_cancels`] said of single acquirers.
    pub fn limit(&mut self, limits: Limits) {
        self.limits = limits;
        self.pace.limit_all(limits.net_cancels, limits.net_cancel_pause_ms);
    }

    /// Changes how many net-cancels and repeated cancels may be out at one acquirer.
    pub fn limit_net_cancels(&mut self, acquirer: &AcquirerName, limit: usize) {
        self.pace.limit(acquirer, limit);
    }

    /// How many net-cancels and repeated cancels wait for their turn at each acquirer that ever had one.
    pub fn held(&self) -> impl Iterator<Item = (&AcquirerName, usize)> {
        self.pace.waiting()
    }

    /// Which tries of a payment wait for their turn.
    pub fn held_of(&self, payment: PaymentId) -> impl Iterator<Item = Undo> {
        self.pace.held_of(payment).map(|(undo, _)| undo)
    }

    /// How many payments that were started here have no outcome yet: what [`Limits::payments`] bounds.
    pub fn undecided(&self) -> usize {
        self.register.undecided()
    }

    /// When [`Input::Time`] is needed next.
    pub fn next_due(&self) -> Option<Timestamp> {
        let pace = self.pace.next_at(|id| self.register.is_saved(id));
        self.register.next_due().into_iter().chain(pace).min()
    }

    /// Takes one input and says what is to be done, in order.
    pub fn handle(&mut self, input: Input, now: Timestamp, out: &mut Vec<Output>) {
        match input {
            Input::Ask(ask) => self.ask(ask, now, out),
            Input::Refer(referral) => self.refer(referral, now, out),
            Input::Happened { payment, event } => self.happened(payment, event, now, out),
            Input::Stray { acquirer, serial, stray } => self.stray(acquirer, serial, stray, out),
            Input::Delivery { payment, written } => self.delivery(payment, written, now, out),
            Input::Saved(Saved::Done(stored, effects)) => self.saved(stored, effects, now, out),
            Input::Saved(Saved::LostRace(id)) => self.lost_race(id, now, out),
            Input::Saved(Saved::Claimed { unsaved, claim, holder }) => {
                self.claimed(unsaved, claim, holder, now, out);
            }
            Input::Found(lookup, stored) => self.found(lookup, stored, now, out),
            Input::Serials { first, count } => self.serials.reserved(first, count),
            Input::Gate { acquirer, gate } => self.pace.gate(&acquirer, gate),
            Input::Operate { token, payment, order } => self.operate(token, payment, order, now, out),
            Input::Time => self.time(now, out),
        }
        self.release(now, out);
    }

    /// Steps a payment, or lets the event wait its turn.
    pub(crate) fn happened(&mut self, id: PaymentId, event: Event, now: Timestamp, out: &mut Vec<Output>) {
        self.paced(id, &event, now);
        let Some(entry) = self.register.get_mut(id) else {
            self.load(id, out).queue.push_back(event);
            return;
        };
        entry.queue.push_back(event);
        self.work(id, now, out);
    }

    pub(crate) fn load(&mut self, id: PaymentId, out: &mut Vec<Output>) -> &mut Entry {
        if self.register.get_mut(id).is_none() {
            let mut entry = Entry::new(None, Place::Loading);
            // Whether some reply of it was written before, nobody knows: the terminal decides.
            entry.written = true;
            self.register.insert(id, entry);
            out.push(Output::LookUp(Lookup::Id(id)));
        }
        self.register.get_mut(id).expect("just inserted")
    }

    /// Lets an idle payment take its next step, if any; one that has nothing left to do leaves the desk.
    pub(crate) fn work(&mut self, id: PaymentId, now: Timestamp, out: &mut Vec<Output>) {
        if !self.may_step(id, now, out) {
            return;
        }
        let Some(entry) = self.register.get_mut(id) else { return };
        if !matches!(entry.place, Place::Idle(_)) {
            return;
        }
        // Who is told of an approval now may have it; whether it is undelivered shows only then.
        if entry.is_undelivered() || !entry.queue.is_empty() {
            self.answer_recorded(id, out);
        }
        let Some(entry) = self.register.get_mut(id) else { return };
        let undelivered = entry.is_undelivered().then_some(Event::Undelivered);
        if let Some(event) = undelivered.or_else(|| entry.queue.pop_front()) {
            return self.step(id, event, Vec::new(), now, out);
        }
        self.judge_rivals(id, now, out);
        if let Some(event) = self.next_order(id, out) {
            return self.step(id, event, Vec::new(), now, out);
        }
        match self.serve(id, now, out) {
            Some((event, claims)) => self.step(id, event, claims, now, out),
            None => self.rest(id, now),
        }
    }

    fn step(
        &mut self,
        id: PaymentId,
        event: Event,
        claims: Vec<Claim>,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let Some(entry) = self.register.get_mut(id) else { return };
        let stepping = Place::Saving { stepping: Some(event.clone()) };
        entry.precede();
        let Place::Idle(stored) = mem::replace(&mut entry.place, stepping) else { return };
        match stored.step(event, now) {
            Ok(unsaved) => {
                entry.outrun = 0;
                out.push(Output::Save(unsaved.claiming(claims)));
            }
            // An answer was found to be of a cancel that another desk saved after this state was read.
            Err(_) if self.shares_store && entry.outrun == 0 => {
                entry.outrun = 1;
                if let Place::Saving { stepping: Some(event) } =
                    mem::replace(&mut entry.place, Place::Loading)
                {
                    entry.queue.push_front(event);
                }
                out.push(Output::LookUp(Lookup::Id(id)));
            }
            Err(refused) => {
                debug_assert!(false, "{refused}");
                entry.place = Place::Idle(*refused.stored);
                self.work(id, now, out);
            }
        }
    }

    /// Nothing waits for its turn: the payment waits for its due instant, or leaves.
    fn rest(&mut self, id: PaymentId, now: Timestamp) {
        let Some(entry) = self.register.get_mut(id) else { return };
        let Place::Idle(stored) = &entry.place else { return };
        if self.shares_store && stored.owner() != self.serials.instance() {
            return self.look_again(id, now);
        }
        let due = falls_due(&self.pace, id, stored.payment());
        entry.is_fresh = false;
        if let Some(due) = due {
            self.register.schedule(due, id);
        } else if !stored.payment().is_open() && entry.waiting.is_empty() && entry.replies_out == 0 {
            self.leave(id);
        }
    }

    /// The payment is at the desk no more.
    pub(crate) fn leave(&mut self, id: PaymentId) -> Option<Entry> {
        let entry = self.register.remove(id)?;
        if entry.queue.contains(&Event::Due) {
            self.pace.left(id);
        }
        if let Some(key) = &entry.key {
            self.originals.passed(key);
        }
        Some(entry)
    }

    /// One more waits for an answer of this payment, which is looked up where it is not here.
    pub(crate) fn wait_for(
        &mut self,
        id: PaymentId,
        waiting: Waiting,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let limit = self.limits.waiting_per_payment;
        let is_at_store =
            self.register.get_mut(id).is_some_and(|entry| !matches!(entry.place, Place::Idle(_)));
        let waiting = Waiting { is_late: self.shares_store && is_at_store, ..waiting };
        let entry = self.load(id, out);
        if entry.waiting.len() >= limit {
            return refuse(&waiting, ResponseCode::IN_PROGRESS, "too many wait for this payment", now, out);
        }
        let until = waiting.until;
        entry.waiting.push(waiting);
        self.register.schedule(until, id);
    }

    fn found(&mut self, lookup: Lookup, stored: Option<Stored>, now: Timestamp, out: &mut Vec<Output>) {
        match lookup {
            Lookup::Id(id) => match stored {
                Some(stored) => {
                    self.register.found(id, stored);
                    self.work(id, now, out);
                }
                None => {
                    self.refuse_all(id, ResponseCode::INTERNAL, "the payment is not in the store", now, out);
                }
            },
            Lookup::Serial(serial) => {
                for (acquirer, stray) in self.strays.remove(&serial).unwrap_or_default() {
                    self.stray_found(&acquirer, serial, stray, stored.as_ref(), now, out);
                }
            }
            Lookup::Key(key) => self.original_found(key, stored, now, out),
        }
    }

    fn delivery(&mut self, id: PaymentId, written: bool, now: Timestamp, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        entry.replies_out = entry.replies_out.saturating_sub(1);
        entry.written |= written;
        self.work(id, now, out);
    }

    fn time(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        while let Some(id) = self.register.pop_due(now) {
            self.expire_waiting(id, now, out);
            self.fall_due(id, now, out);
            self.work(id, now, out);
        }
    }

    /// Answers everybody who waits for a payment that will not be, and forgets it.
    pub(crate) fn refuse_all(
        &mut self,
        id: PaymentId,
        code: ResponseCode,
        why: &str,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let Some(entry) = self.leave(id) else { return };
        for waiting in entry.waiting {
            refuse(&waiting, code, why, now, out);
        }
        without_payment(entry.orders, out);
        // What is not there stands in nobody's way.
        out.extend(entry.rivals.into_iter().map(|rival| Output::Save(rival.over(id))));
    }
}

/// Refuses one telegram without changing any payment; it leaves a note.
pub(crate) fn refuse(
    waiting: &Waiting,
    code: ResponseCode,
    why: &str,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    refuse_with(waiting, TerminalAnswer::Refused(code), why, now, out);
}

/// As [`refuse`], with an answer that says more than its code.
pub(crate) fn refuse_with(
    waiting: &Waiting,
    answer: TerminalAnswer,
    why: &str,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let question = &waiting.question;
    out.push(Output::Note(Note::Refused {
        at: now,
        code: answer.code(),
        telegram_type: question.telegram_type().to_owned(),
        terminal_id: question.original().terminal.as_str().to_owned(),
        trace_no: question.trace_no().to_string(),
        why: why.to_owned(),
    }));
    out.push(Output::Reply { asker: waiting.asker, question: question.clone(), answer, report: None });
}

pub(crate) fn later(now: Timestamp, milliseconds: u64) -> Timestamp {
    let duration = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    now.checked_add(duration).unwrap_or(Timestamp::MAX)
}
