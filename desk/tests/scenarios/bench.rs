//! A desk on the bench: saves, lookups and reservations wait until the scenario lets them happen.

use std::sync::Arc;

use desk::{Ask, Asker, Desk, Duplicate, Input, Limits, NotOperated, Output, Referral, Serials, Stray};
use jiff::Timestamp;
use payment::{
    AcquirerName, Alarm, Answer, Approval, CancelAnswer, CancelOrder, CancelVerdict, Decline, Event,
    Failover, HostCodes, InstanceNo, NetCancelAnswer, NetCancelOrder, NetCancelVerdict, PartialCancel,
    Payment, PaymentId, Question, RequestOrder, ResponseCode, Serial, TerminalAnswer, Terms, Unanswered,
    Undo, Verdict,
};
use store::{Batch, Engine, Lookup, Memory, Note, Saved, Stored, Unsaved};

use crate::sample;

/// A reply, as scenarios compare it: to whom, with which response code.
pub(crate) type Told = (u64, String);

/// A reply, whole: to whom, to what, with what, and whose delivery is to be reported.
pub(crate) type Reply = (Asker, Question, TerminalAnswer, Option<PaymentId>);

pub(crate) struct Bench {
    pub(crate) desk: Desk,
    pub(crate) memory: Memory,
    pub(crate) now_ms: u64,
    pub(crate) limits: Limits,
    pub(crate) failover: Failover,
    /// Names of the acquirers the next ask may go to.
    pub(crate) ways: Vec<&'static str>,
    /// Whether they cancel in part.
    pub(crate) partial: PartialCancel,
    /// The duplicate window of the next ask.
    pub(crate) duplicate: Option<Duplicate>,
    /// How long its approval may wait for an acknowledgement.
    pub(crate) acknowledged_within_ms: Option<u64>,
    pub(crate) block: u64,
    pub(crate) saves: Vec<Unsaved>,
    pub(crate) lookups: Vec<Lookup>,
    pub(crate) reservations: Vec<u64>,
    pub(crate) notes: Vec<Note>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) operated: Vec<(u64, Result<(), NotOperated>)>,
    pub(crate) not_sent: Vec<(PaymentId, Undo, AcquirerName)>,
    pub(crate) requests: Vec<(PaymentId, RequestOrder)>,
    pub(crate) net_cancels: Vec<(PaymentId, NetCancelOrder)>,
    pub(crate) cancels: Vec<(PaymentId, CancelOrder)>,
    replies: Vec<Reply>,
    askers: u64,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default(), 1_000)
    }

    /// A bench whose desk has these limits and serials for the first block.
    pub(crate) fn with(limits: Limits, block: u64) -> Self {
        let mut memory = Memory::new(InstanceNo::new(1).unwrap());
        let desk = new_desk(&mut memory, limits, block);
        Self {
            desk,
            memory,
            now_ms: 1_000,
            limits,
            failover: Failover::AfterNetCancel,
            ways: vec!["alpha"],
            partial: PartialCancel::Repeatable,
            duplicate: None,
            acknowledged_within_ms: None,
            block,
            saves: Vec::new(),
            lookups: Vec::new(),
            reservations: Vec::new(),
            notes: Vec::new(),
            alarms: Vec::new(),
            operated: Vec::new(),
            not_sent: Vec::new(),
            requests: Vec::new(),
            net_cancels: Vec::new(),
            cancels: Vec::new(),
            replies: Vec::new(),
            askers: 0,
        }
    }

    pub(crate) fn give(&mut self, input: Input) {
        let mut out = Vec::new();
        self.desk.handle(input, sample::instant(self.now_ms), &mut out);
        self.take(out);
    }

    fn take(&mut self, out: Vec<Output>) {
        for output in out {
            match output {
                Output::Save(unsaved) => self.saves.push(unsaved),
                Output::Note(note) => self.notes.push(note),
                Output::LookUp(lookup) => self.lookups.push(lookup),
                Output::ReserveSerials(count) => self.reservations.push(count),
                Output::Send(id, order) => self.requests.push((id, order)),
                Output::NetCancel(id, order) => self.net_cancels.push((id, order)),
                Output::Cancel(id, order) => self.cancels.push((id, order)),
                Output::NotSent { payment, undo, acquirer } => self.not_sent.push((payment, undo, acquirer)),
                Output::Reply { asker, question, answer, report } => {
                    self.replies.push((asker, question, answer, report));
                }
                Output::Alarm(_, alarm) => self.alarms.push(alarm),
                Output::Operated { token, result } => self.operated.push((token, result)),
            }
        }
    }

    /// Terminal 1 asks with trace number 1; equal contents are equal bytes. Gives the asker.
    pub(crate) fn ask(&mut self, content: u8) -> u64 {
        self.ask_as(1, content)
    }

    /// Terminal 1 asks with this trace number.
    pub(crate) fn ask_as(&mut self, trace: u32, content: u8) -> u64 {
        self.askers += 1;
        let way =
            |name: &&str| desk::Way { partial_cancel: self.partial, ..sample::way(name, 5_000, 15_000) };
        self.give(Input::Ask(Ask {
            asker: Asker(self.askers),
            request: sample::request(1, trace, content, self.now_ms),
            card: Some(sample::card(1, trace)),
            ways: self.ways.iter().map(way).collect(),
            duplicate: self.duplicate,
            terms: self.terms(),
        }));
        self.askers
    }

    fn terms(&self) -> Terms {
        Terms { acknowledged_within_ms: self.acknowledged_within_ms, ..sample::terms(self.failover) }
    }

    /// A terminal asks something of an original. Gives the asker.
    pub(crate) fn refer(&mut self, question: Question) -> u64 {
        self.askers += 1;
        let terms = self.terms();
        self.give(Input::Refer(Referral { asker: Asker(self.askers), question, terms }));
        self.askers
    }

    /// Terminal 1 cancels this much of trace number 1 with a 0400 of this trace number.
    pub(crate) fn cancel(&mut self, trace: u32, amount: u64) -> u64 {
        self.refer(sample::cancel(1, trace, 1, amount, self.now_ms))
    }

    /// Terminal 1 withdraws trace number 1 of content 0.
    pub(crate) fn net_cancel(&mut self) -> u64 {
        self.refer(sample::net_cancel(1, 1, TOTAL, self.now_ms))
    }

    /// Terminal 1 acknowledges trace number 1.
    pub(crate) fn acknowledge(&mut self) -> u64 {
        self.refer(sample::acknowledgement(1, 1, None, self.now_ms))
    }

    /// Terminal 1 inquires after trace number 1.
    pub(crate) fn inquire(&mut self) -> u64 {
        self.refer(sample::inquiry(1, 1, self.now_ms))
    }

    /// The state an inquiry is told once all is settled.
    pub(crate) fn state(&mut self) -> &'static str {
        let asker = self.inquire();
        self.settle();
        let is_its = |reply: &Reply| reply.0.0 == asker;
        let position = self.replies.iter().position(is_its).expect("an inquiry is answered");
        let TerminalAnswer::Standing(standing) = self.replies.remove(position).2 else {
            panic!("an inquiry is told where it stands")
        };
        standing.state.code()
    }

    /// Commits all that waits, but the desk does not hear of it yet.
    pub(crate) fn commit_unheard(&mut self) -> Vec<Saved> {
        let saves = std::mem::take(&mut self.saves);
        store::save(&mut self.memory, Batch { saves, notes: Vec::new() }).unwrap()
    }

    /// Commits all that waits, and tells the desk.
    pub(crate) fn commit(&mut self) {
        let results = self.commit_unheard();
        self.hear(results);
    }

    /// Tells the desk what became of its saves.
    pub(crate) fn hear(&mut self, results: Vec<Saved>) {
        for saved in results {
            self.give(Input::Saved(saved));
        }
    }

    /// Answers all lookups.
    pub(crate) fn read(&mut self) {
        for lookup in std::mem::take(&mut self.lookups) {
            let found = store::look_up(&mut self.memory, lookup).unwrap();
            self.give(Input::Found(lookup, found));
        }
    }

    /// Reserves the serials asked for.
    pub(crate) fn reserve(&mut self) {
        for count in std::mem::take(&mut self.reservations) {
            let first = self.memory.reserve_serials(count).unwrap();
            self.give(Input::Serials { first, count });
        }
    }

    /// Commits and reads until nothing waits.
    pub(crate) fn settle(&mut self) {
        while !(self.saves.is_empty() && self.lookups.is_empty()) {
            self.commit();
            self.read();
        }
    }

    pub(crate) fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.give(Input::Time);
    }

    /// Another instance saves the payment without changing more than its version.
    pub(crate) fn peer_touches(&mut self, id: PaymentId) {
        let stored = store::look_up(&mut self.memory, Lookup::Id(id)).unwrap().unwrap();
        let saves = vec![stored.step(Event::Due, sample::instant(self.now_ms)).unwrap()];
        store::save(&mut self.memory, Batch { saves, notes: Vec::new() }).unwrap();
    }

    /// The switch dies with all it had in hand, and starts again.
    pub(crate) fn restart(&mut self) {
        let died_at = sample::instant(self.now_ms);
        self.saves.clear();
        self.lookups.clear();
        self.reservations.clear();
        self.desk = new_desk(&mut self.memory, self.limits, self.block);
        let open = store::open_payments(&mut self.memory).unwrap();
        self.recover(open, died_at);
    }

    pub(crate) fn recover(&mut self, open: Vec<Stored>, last_byte_by: Timestamp) {
        let mut out = Vec::new();
        self.desk.recover(open, last_byte_by, sample::instant(self.now_ms), &mut out);
        self.take(out);
    }

    /// The requests sent since the last look.
    pub(crate) fn sent(&mut self) -> Vec<(PaymentId, RequestOrder)> {
        std::mem::take(&mut self.requests)
    }

    /// The one request sent since the last look.
    pub(crate) fn sent_one(&mut self) -> (PaymentId, RequestOrder) {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "one request is sent");
        sent.remove(0)
    }

    /// The net-cancels sent since the last look.
    pub(crate) fn net_cancels(&mut self) -> Vec<NetCancelOrder> {
        std::mem::take(&mut self.net_cancels).into_iter().map(|(_, order)| order).collect()
    }

    /// The cancels sent since the last look.
    pub(crate) fn cancels(&mut self) -> Vec<CancelOrder> {
        std::mem::take(&mut self.cancels).into_iter().map(|(_, order)| order).collect()
    }

    /// The one cancel sent since the last look.
    pub(crate) fn cancel_sent(&mut self) -> CancelOrder {
        let mut sent = self.cancels();
        assert_eq!(sent.len(), 1, "one cancel is sent");
        sent.remove(0)
    }

    /// The replies since the last look.
    pub(crate) fn told(&mut self) -> Vec<Told> {
        let replies = std::mem::take(&mut self.replies);
        replies.iter().map(|(asker, _, answer, _)| (asker.0, answer.code().to_string())).collect()
    }

    /// The replies since the last look, whole.
    pub(crate) fn replies(&mut self) -> Vec<Reply> {
        std::mem::take(&mut self.replies)
    }

    pub(crate) fn happened(&mut self, payment: PaymentId, event: Event) {
        self.give(Input::Happened { payment, event });
    }

    pub(crate) fn delivered(&mut self, payment: PaymentId, written: bool) {
        self.give(Input::Delivery { payment, written });
    }

    pub(crate) fn stray(&mut self, acquirer: &str, serial: Serial, stray: Stray) {
        self.give(Input::Stray { acquirer: sample::acquirer(acquirer), serial, stray });
    }

    /// The payment as it is durable.
    pub(crate) fn payment(&mut self, id: PaymentId) -> Payment {
        store::look_up(&mut self.memory, Lookup::Id(id)).unwrap().unwrap().payment().clone()
    }

    /// An ask that was sent: its asker, its payment and its serial.
    pub(crate) fn in_flight(&mut self) -> (u64, PaymentId, Serial) {
        let asker = self.ask(0);
        self.commit();
        let (id, order) = self.sent_one();
        (asker, id, order.route.serial)
    }

    /// An approval whose reply is on its way to the terminal.
    pub(crate) fn released(&mut self) -> (u64, PaymentId, Serial) {
        let (asker, id, serial) = self.in_flight();
        self.happened(id, approved(0));
        self.commit();
        assert_eq!(self.told(), [told(asker, "0000")]);
        (asker, id, serial)
    }

    /// An approval its terminal has, which has left the desk.
    pub(crate) fn finished(&mut self) -> (PaymentId, Serial) {
        let (_, id, serial) = self.released();
        self.delivered(id, true);
        assert_eq!(self.desk.payments(), 0, "a finished payment leaves the desk");
        (id, serial)
    }
}

fn new_desk(memory: &mut Memory, limits: Limits, block: u64) -> Desk {
    let first = memory.reserve_serials(block).unwrap();
    Desk::new(Serials::new(InstanceNo::new(1).unwrap(), first, block), limits)
}

/// The amount of trace number 1 of content 0.
pub(crate) const TOTAL: u64 = 10_100;

pub(crate) fn told(asker: u64, code: &str) -> Told {
    (asker, code.to_owned())
}

pub(crate) fn approval() -> Answer {
    let approval = Approval { approval_no: "30010001".to_owned(), ..Approval::default() };
    Answer { amount: None, codes: HostCodes::default(), verdict: Verdict::Approved(Arc::new(approval)) }
}

pub(crate) fn approved(attempt: u8) -> Event {
    Event::Answered { attempt, answer: approval() }
}

pub(crate) fn timed_out(attempt: u8, last_byte_ms: u64) -> Event {
    let last_byte_by = sample::instant(last_byte_ms);
    Event::Unanswered { attempt, why: Unanswered::TimedOut, last_byte_by }
}

pub(crate) fn undone(verdict: NetCancelVerdict) -> NetCancelAnswer {
    NetCancelAnswer { codes: HostCodes::default(), verdict }
}

pub(crate) fn net_cancel_answered(attempt: u8, verdict: NetCancelVerdict) -> Event {
    Event::NetCancelAnswered { attempt, answer: undone(verdict) }
}

pub(crate) fn cancel_answer(verdict: CancelVerdict) -> CancelAnswer {
    CancelAnswer { amount: None, codes: HostCodes::default(), verdict }
}

pub(crate) fn cancel_accepted() -> CancelVerdict {
    CancelVerdict::Accepted(Arc::new(Approval { approval_no: "40010001".to_owned(), ..Approval::default() }))
}

pub(crate) fn decline() -> Arc<Decline> {
    Arc::new(Decline {
        code: ResponseCode::new("8035").unwrap(),
        host_code: "51".to_owned(),
        message1: String::new(),
        message2: String::new(),
    })
}

pub(crate) fn declined(attempt: u8) -> Event {
    let verdict = Verdict::Declined(decline());
    Event::Answered { attempt, answer: Answer { amount: None, codes: HostCodes::default(), verdict } }
}

pub(crate) fn cancel_answered(cancel: u8, verdict: CancelVerdict) -> Event {
    Event::CancelAnswered { cancel, answer: cancel_answer(verdict) }
}

pub(crate) fn cancel_timed_out(cancel: u8, last_byte_ms: u64) -> Event {
    let last_byte_by = sample::instant(last_byte_ms);
    Event::CancelUnanswered { cancel, why: Unanswered::TimedOut, last_byte_by }
}
