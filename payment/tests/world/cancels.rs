//! Cancels under way: lost, delayed, doubled and given up on their way to the acquirer that approved and back.

use payment::{CancelAnswer, CancelOrder, CancelState, Event, NotSent, Payment, Phase, Serial};

use super::{Message, World, ms};
use crate::fixture::{M, S};

/// What the link knows of one cancel.
#[derive(Default)]
pub(super) struct CancelLink {
    tries: u32,
    /// Which try the link waits for, and when its last byte left.
    under_way: Option<(u32, i64)>,
}

impl World<'_> {
    /// Which attempt approved.
    pub(super) fn approving_attempt(&self) -> u8 {
        match self.payment.phase() {
            Phase::Approved { attempt, .. } => *attempt,
            phase => panic!("seed {}: no approval: {phase:?}", self.seed),
        }
    }

    pub(super) fn cancel(&mut self, order: CancelOrder) {
        let (cancel, life) = (order.cancel, self.life.expect("only a process acts"));
        assert!(order.card.is_some(), "seed {}: a cancel without the card", self.seed);
        if self.chance.one_in(6) {
            let event = Event::CancelNotSent { cancel, why: NotSent::NotConnected };
            let delay = self.chance.instant(200);
            return self.post(delay, Message::Tell { life, event });
        }
        let now = self.now;
        let link = self.cancelling.entry(cancel).or_default();
        link.tries += 1;
        link.under_way = Some((link.tries, now));
        let number = link.tries;
        let deadline = (ms(order.deadline) - now).max(0);
        self.post(deadline, Message::GiveUpCancel { cancel, life, number });
        // The acquirer has decided and answered within the minute that it promises, or never does.
        if !self.chance.one_in(5) {
            let delay = self.within(M);
            self.post(delay, Message::CancelArrives { order, life, decided_ms: now + M });
        }
    }

    fn within(&mut self, longest: i64) -> i64 {
        let most = if self.chance.one_in(3) { longest } else { S.min(longest) };
        self.chance.instant(most)
    }

    pub(super) fn cancel_arrives(&mut self, order: &CancelOrder, life: u32, decided_ms: i64) {
        let attempt = self.approving_attempt();
        let answer = self.acquirers[usize::from(attempt)].cancel(order, &mut self.chance);
        let amount = order.request.amounts.total().get();
        let cancelled = self.acquirers[usize::from(attempt)].cancelled();
        assert!(cancelled <= amount, "seed {}: {cancelled} of {amount} cancelled", self.seed);
        for _ in 0..[1, 1, 1, 0, 0, 2][self.chance.up_to(5)] {
            let delay = self.within(decided_ms - self.now);
            let answer = answer.clone();
            self.post(delay, Message::CancelAnswer { cancel: order.cancel, life, answer });
        }
    }

    /// The link cannot tell which try it answers: the one under way takes it.
    pub(super) fn cancel_answered(&mut self, cancel: u8, answer: CancelAnswer) {
        self.cancelling.entry(cancel).or_default().under_way = None;
        self.step(&Event::CancelAnswered { cancel, answer });
    }

    pub(super) fn give_up_cancel(&mut self, cancel: u8, number: u32) {
        let link = self.cancelling.entry(cancel).or_default();
        if let Some((_, last_byte_ms)) = link.under_way.take_if(|(under_way, _)| *under_way == number) {
            self.step(&crate::happening::cancel_timed_out(cancel, last_byte_ms));
        }
    }

    /// What the payment says of its cancels is what the acquirer did.
    pub(super) fn check_cancels(&mut self, told: &str) {
        let truth = |payment: &Payment, serial: Serial| {
            let Phase::Approved { attempt, .. } = payment.phase() else { return 0 };
            self.acquirers[usize::from(*attempt)].cancelled_by(serial)
        };
        for cancel in self.payment.cancels() {
            let (amount, done) = (cancel.amounts().total().get(), truth(&self.payment, cancel.serial()));
            let trace_no = cancel.request().key.trace_no.get();
            let was_told = self.terminal.cancels.get(&trace_no).copied();
            let was_told_done = was_told == Some(payment::ResponseCode::APPROVED);
            match cancel.state() {
                CancelState::Done { .. } => assert_eq!(done, amount, "done: {told}"),
                CancelState::Declined { .. } | CancelState::Refused { .. } => {
                    assert_eq!(done, 0, "refused and done: {told}");
                    assert!(!was_told_done, "told 0000 and refused: {told}");
                }
                CancelState::Stuck { .. } => assert!(!was_told_done, "told 0000 and stuck: {told}"),
                CancelState::InFlight | CancelState::Unconfirmed(_) => panic!("a cancel is open: {told}"),
            }
        }
        for (end, happened) in [
            ("cancelled", self.payment.is_wholly_cancelled()),
            (
                "partly cancelled",
                self.payment.cancels().iter().any(payment::Cancel::is_done)
                    && !self.payment.is_wholly_cancelled(),
            ),
            (
                "cancel stuck",
                self.payment
                    .cancels()
                    .iter()
                    .any(|cancel| matches!(cancel.state(), CancelState::Stuck { .. })),
            ),
            (
                "cancel declined",
                self.payment
                    .cancels()
                    .iter()
                    .any(|cancel| matches!(cancel.state(), CancelState::Declined { .. })),
            ),
            ("given up", self.payment.withdrawn().is_some()),
        ] {
            if happened {
                self.ends.note(end);
            }
        }
    }
}
