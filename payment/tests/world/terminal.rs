//! The terminal: what it was told, what it makes of that, and what it asks beyond its request.

use std::{collections::BTreeMap, sync::Arc};

use payment::{Event, Question, Reception, ResponseCode};

use super::{Message, World};
use crate::{
    asking::{again, cancel, cancel_serial, gives_up, has, inquires},
    fixture::{H, M, S, at},
};

#[derive(Default)]
pub(super) struct Terminal {
    /// The last answer to its request that it read.
    pub(super) read: Option<ResponseCode>,
    /// Whether it was told that its acknowledgement is durable.
    acknowledged: bool,
    /// Whether it ever asked to withdraw its request, and was told that this is durable.
    gave_up: bool,
    pub(super) withdrew: bool,
    /// What it was told last of each cancel, by trace number.
    pub(super) cancels: BTreeMap<u32, ResponseCode>,
}

impl Terminal {
    /// Whether it handed the goods over and has nothing in hand that says it need not have.
    pub(super) fn holds_approval(&self, acknowledges: bool) -> bool {
        self.read == Some(ResponseCode::APPROVED) && !self.gave_up && (self.acknowledged || !acknowledges)
    }
}

impl World<'_> {
    /// Whatever the terminal reads, it may give its request up, or ask what became of it.
    pub(super) fn plan(&mut self) {
        if self.chance.one_in(4) {
            self.ask_within(5 * M, gives_up());
        }
        if self.chance.one_in(6) {
            self.ask_within(M, inquires());
        }
    }

    fn ask_within(&mut self, ms: i64, question: Question) {
        let delay = self.chance.instant(ms);
        self.post(delay, Message::Ask { question, patience: 20 });
    }

    /// The terminal reads an answer to its request.
    pub(super) fn terminal_reads(&mut self, code: ResponseCode) {
        let earlier = self.terminal.read.replace(code);
        let taken_back = earlier.is_some_and(|earlier| earlier != ResponseCode::APPROVED);
        if code != ResponseCode::APPROVED {
            return;
        }
        assert!(!taken_back, "seed {}: 0000 after {earlier:?}", self.seed);
        assert!(!self.terminal.withdrew, "seed {}: 0000 after it was withdrawn", self.seed);
        if earlier.is_some() {
            return;
        }
        if self.payment.terms().acknowledged_within_ms.is_some() && !self.chance.one_in(6) {
            let attempt = self.approving_attempt();
            self.ask_within(12 * S, has(attempt));
        }
        if self.chance.one_in(3) {
            self.plan_cancels();
        }
    }

    fn plan_cancels(&mut self) {
        for trace_no in 101..=101 + u32::try_from(self.chance.up_to(2)).unwrap() {
            let amount = match self.chance.up_to(3) {
                0 => 50_000,
                1 => 20_000,
                2 => 30_000,
                _ => 1 + self.chance.up_to(59_999) as u64,
            };
            for _ in 0..=self.chance.up_to(1) {
                self.ask_within(5 * M, cancel(trace_no, amount));
            }
        }
    }

    /// A telegram reaches the switch, or a dead one; its terminal asks again while it has patience.
    pub(super) fn asked(&mut self, mut question: Question, patience: u32) {
        if let Question::Cancel(request) = &mut question {
            Arc::make_mut(request).received_at = at(self.now);
        }
        if let Question::NetCancel(_) = &question {
            self.terminal.gave_up = true;
        }
        if self.life.is_some() {
            let event = match (self.payment.receive(&question), &question) {
                (Reception::Step(event), _) => Some(event),
                (Reception::Cancel, Question::Cancel(request)) => {
                    let serial = cancel_serial(self.payment.cancels().len());
                    Some(Event::CancelAsked { request: request.clone(), serial })
                }
                (
                    Reception::Answer(_) | Reception::Refuse { .. } | Reception::Wait | Reception::Cancel,
                    _,
                ) => None,
            };
            if let Some(event) = event {
                self.step(&event);
            }
        }
        if self.life.is_some() {
            match self.payment.receive(&question) {
                Reception::Answer(answer) | Reception::Refuse { answer, .. } => {
                    return self.reads(&question, answer.code());
                }
                Reception::Wait => {}
                reception @ (Reception::Step(_) | Reception::Cancel) => {
                    panic!("seed {}: {question:?} meets {reception:?} again", self.seed)
                }
            }
        }
        if patience > 0 {
            self.post(5 * S, Message::Ask { question, patience: patience - 1 });
        }
    }

    fn reads(&mut self, question: &Question, code: ResponseCode) {
        let is_done = code == ResponseCode::APPROVED;
        match question {
            Question::Approval(_) => self.terminal_reads(code),
            Question::Acknowledgement(_) => self.terminal.acknowledged |= is_done,
            Question::NetCancel(_) => self.terminal.withdrew |= is_done,
            Question::Cancel(request) => {
                let earlier = self.terminal.cancels.insert(request.key.trace_no.get(), code);
                let taken_back = earlier == Some(ResponseCode::APPROVED) && !is_done;
                assert!(!taken_back, "seed {}: a cancel that was done is told {code}", self.seed);
                // It asks until it knows, or for so long that it is a person's.
                if code == ResponseCode::CANCEL_UNCONFIRMED && self.now < 3 * H {
                    self.ask_within(10 * M, question.clone());
                }
            }
            Question::Inquiry(_) => {}
        }
    }

    /// The terminal repeats its request.
    pub(super) fn repeat(&mut self) {
        match self.payment.receive(&again()) {
            Reception::Wait => {}
            Reception::Step(event) => self.step(&event),
            Reception::Answer(answer) | Reception::Refuse { answer, .. } => {
                self.terminal_reads(answer.code());
            }
            Reception::Cancel => panic!("a repeat cancels"),
        }
    }
}
