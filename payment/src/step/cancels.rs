//! Cancels: judged, sent, sent again, settled.

use std::sync::Arc;

use jiff::Timestamp;

use super::Step;
use crate::{
    Alarm, Amounts, Approval, Cancel, CancelAnswer, CancelFinding, CancelOrder, CancelRequest, CancelState,
    CancelVerdict, Decline, Delivery, Effect, NextTry, Phase, ResponseCode, Serial, StuckCancel,
    instant::after, receive::CancelRefusal,
};

impl Step {
    /// Judged here and not before: in the same step its amount is reserved, so sums and order are right whoever else asks.
    pub(super) fn cancel_asked(&mut self, request: &Arc<CancelRequest>, serial: Serial) {
        if self.payment.cancels.iter().any(|cancel| cancel.request.key == request.key) {
            return;
        }
        let (amounts, state) = match self.payment.judge_cancel(request) {
            Ok(amounts) => (amounts, CancelState::InFlight),
            Err(CancelRefusal::Recorded(code)) => {
                (Amounts::unseen(request.amounts.total), CancelState::Refused { code })
            }
            Err(CancelRefusal::Untraced(_)) => return,
        };
        self.payment.cancels.push(Cancel { request: request.clone(), amounts, serial, state, found: None });
        // Who cancels an approval has it.
        if let (CancelState::InFlight, Phase::Approved { delivery, .. }) =
            (&self.payment.cancels[self.payment.cancels.len() - 1].state, &mut self.payment.phase)
        {
            *delivery = Delivery::Acknowledged;
            self.send_cancel(self.payment.cancels.len() - 1);
        }
    }

    pub(super) fn send_cancel(&mut self, index: usize) {
        let Phase::Approved { attempt, approval, .. } = &self.payment.phase else { return };
        let cancel = &self.payment.cancels[index];
        let route = &self.payment.attempts[usize::from(*attempt)].route;
        let mut deadline = after(self.now, route.answer_timeout_ms);
        if cancel.state == CancelState::InFlight {
            // Nobody waits for the answers of later tries.
            let waits = after(cancel.request.received_at, self.payment.terms.terminal_deadline_ms);
            deadline = deadline.min(waits);
        }
        self.effects.push(Effect::Cancel(CancelOrder {
            cancel: u8::try_from(index).expect("fewer than 256 cancels are kept"),
            serial: cancel.serial,
            route: route.clone(),
            request: self.payment.request.clone(),
            approval: approval.clone(),
            asked: cancel.request.clone(),
            amounts: cancel.amounts,
            card: self.payment.card.clone(),
            deadline,
        }));
    }

    pub(super) fn cancel_answered(&mut self, number: u8, answer: &CancelAnswer) {
        let index = usize::from(number);
        let whole = self.payment.request.amounts.total();
        let cancel = &mut self.payment.cancels[index];
        let of_another_amount = answer.is_of_another_amount(cancel.amounts.total(), whole);
        match &answer.verdict {
            CancelVerdict::Accepted(_) | CancelVerdict::AcceptedUnsized(_)
                if of_another_amount && cancel.is_refused() =>
            {
                self.contradicted(index);
            }
            CancelVerdict::Accepted(_) if of_another_amount && cancel.found == Some(CancelFinding::Done) => {
                self.contradicted(index);
            }
            _ if of_another_amount => self.cancel_in_doubt(number, Some(self.now)),
            CancelVerdict::Accepted(approval) | CancelVerdict::AcceptedUnsized(approval) => {
                self.cancel_done(index, approval.clone());
            }
            CancelVerdict::AlreadyCancelled => self.cancelled_before(number),
            CancelVerdict::Declined(decline) => self.cancel_declined(number, decline),
            CancelVerdict::NotAsApproved(decline) => match cancel.state {
                CancelState::InFlight | CancelState::Stuck { why: StuckCancel::NotRepeatable, .. } => {
                    self.cancel_declined(number, decline);
                }
                CancelState::Unconfirmed(_) => self.cancel_in_doubt(number, None),
                CancelState::Done { .. } => self.only_try_was_not_done(index),
                CancelState::Declined { .. }
                | CancelState::Refused { .. }
                | CancelState::Stuck { why: StuckCancel::GivenUp | StuckCancel::Contradicted, .. } => {}
            },
            CancelVerdict::NotProcessed => match cancel.state {
                CancelState::InFlight | CancelState::Stuck { why: StuckCancel::NotRepeatable, .. } => {
                    let code = ResponseCode::NO_ACQUIRER_REACHABLE;
                    cancel.state = CancelState::Refused { code };
                }
                CancelState::Unconfirmed(_) => self.cancel_in_doubt(number, None),
                CancelState::Done { .. } => self.only_try_was_not_done(index),
                CancelState::Declined { .. }
                | CancelState::Refused { .. }
                | CancelState::Stuck { why: StuckCancel::GivenUp | StuckCancel::Contradicted, .. } => {}
            },
            CancelVerdict::InDoubt => self.cancel_in_doubt(number, Some(self.now)),
        }
    }

    fn cancel_done(&mut self, index: usize, approval: Arc<Approval>) {
        match self.payment.cancels[index].state {
            CancelState::InFlight
            | CancelState::Unconfirmed(_)
            | CancelState::Stuck { why: StuckCancel::NotRepeatable | StuckCancel::GivenUp, .. } => {
                self.payment.cancels[index].state = CancelState::Done { approval };
            }
            CancelState::Declined { .. } | CancelState::Refused { .. } => self.contradicted(index),
            CancelState::Done { .. } => self.payment.cancels[index].found = None,
            CancelState::Stuck { why: StuckCancel::Contradicted, .. } => {}
        }
    }

    /// The terminal was told one thing, or a person found it, and the acquirer says another: a person has to settle it.
    fn contradicted(&mut self, index: usize) {
        let was_wholly_cancelled = self.payment.is_wholly_cancelled();
        let why = StuckCancel::Contradicted;
        let cancel = &mut self.payment.cancels[index];
        cancel.state = CancelState::Stuck { why, at: self.now };
        cancel.found = None;
        self.payment.was_cancelled |= was_wholly_cancelled && !self.payment.is_wholly_cancelled();
        self.alarm_stuck_cancel(index, why);
    }

    /// Against what a person found this is said of the one try there was; of a later try it may be said because an earlier one was done.
    fn only_try_was_not_done(&mut self, index: usize) {
        let Some(route) = self.payment.approving_route() else { return };
        let cancel = &self.payment.cancels[index];
        let is_partial = cancel.amounts.total() != self.payment.request.amounts.total();
        if cancel.found == Some(CancelFinding::Done) && !route.partial_cancel.may_repeat(is_partial) {
            self.contradicted(index);
        }
    }

    /// A try before this one did it; without one, somebody else did. Of a part of which another one as great is done, it may be said of that
    /// one: what a customer is owed is not taken for paid.
    fn cancelled_before(&mut self, number: u8) {
        let index = usize::from(number);
        match self.payment.cancels[index].state {
            CancelState::Unconfirmed(_) if self.is_another_done(index) => self.cancel_in_doubt(number, None),
            CancelState::Stuck { why: StuckCancel::GivenUp, .. } if self.is_another_done(index) => {}
            CancelState::Unconfirmed(_) | CancelState::Stuck { why: StuckCancel::GivenUp, .. } => {
                self.cancel_done(index, Arc::new(Approval::default()));
            }
            CancelState::InFlight | CancelState::Stuck { why: StuckCancel::NotRepeatable, .. } => {
                let code = ResponseCode::ALREADY_CANCELLED;
                self.payment.cancels[index].state = CancelState::Refused { code };
                self.done_after_all(index);
            }
            CancelState::Declined { .. } => self.contradicted(index),
            CancelState::Refused { .. } => {
                let by_person = self.payment.cancels[index].found == Some(CancelFinding::NotDone);
                if by_person && !self.may_be_said_of_others(index) {
                    self.contradicted(index);
                }
            }
            CancelState::Done { .. } if self.may_be_said_of_others(index) => {}
            CancelState::Done { .. } => self.payment.cancels[index].found = None,
            CancelState::Stuck { why: StuckCancel::Contradicted, .. } => {}
        }
    }

    /// What the acquirer has cancelled already is none of those that are done here, so it is one that a person found not done.
    fn done_after_all(&mut self, told: usize) {
        if self.is_another_done(told) {
            return;
        }
        let least = self.payment.cancels[told].amounts.total();
        for index in 0..self.payment.cancels.len() {
            let cancel = &self.payment.cancels[index];
            if cancel.found == Some(CancelFinding::NotDone) && cancel.amounts.total() >= least {
                self.contradicted(index);
            }
        }
    }

    /// Whether "already cancelled" says nothing of this one: all is net-cancelled, another as great is done, or those that are done leave
    /// too little for it.
    fn may_be_said_of_others(&self, index: usize) -> bool {
        let total = self.payment.cancels[index].amounts.total().get();
        let others = self.payment.cancels.iter().enumerate().filter(|(other, _)| *other != index);
        let done = others.filter(|(_, cancel)| cancel.is_done());
        let done: u64 = done.map(|(_, cancel)| cancel.amounts.total().get()).sum();
        self.payment.is_withdrawn()
            || self.is_another_done(index)
            || done + total > self.payment.request.amounts.total().get()
    }

    fn is_another_done(&self, index: usize) -> bool {
        let total = self.payment.cancels[index].amounts.total();
        let others = self.payment.cancels.iter().enumerate().filter(|(other, _)| *other != index);
        others.map(|(_, cancel)| cancel).any(|cancel| cancel.is_done() && cancel.amounts.total() == total)
    }

    /// Proof on the first try; on a later one only once no earlier try can still be done, and where the answer cannot be an earlier try's.
    fn cancel_declined(&mut self, number: u8, decline: &Arc<Decline>) {
        let index = usize::from(number);
        let Some(settle_after_ms) = self.payment.approving_route().map(|route| route.settle_after_ms) else {
            return;
        };
        let cancel = &mut self.payment.cancels[index];
        let is_proof = match &mut cancel.state {
            CancelState::InFlight => true,
            CancelState::Unconfirmed(unconfirmed) => {
                let is_proof = unconfirmed.answers_alone(settle_after_ms);
                if let NextTry::Due { .. } = unconfirmed.next {
                    unconfirmed.was_answered_late();
                }
                is_proof
            }
            // Its only try.
            CancelState::Stuck { why, .. } => *why == StuckCancel::NotRepeatable,
            CancelState::Done { .. } if cancel.found == Some(CancelFinding::Done) => {
                return self.contradicted(index);
            }
            CancelState::Done { .. } | CancelState::Declined { .. } | CancelState::Refused { .. } => return,
        };
        if is_proof {
            cancel.state = CancelState::Declined { decline: decline.clone() };
            return;
        }
        self.cancel_in_doubt(number, None);
        if let CancelState::Unconfirmed(unconfirmed) = &mut self.payment.cancels[index].state {
            // Sooner it would be told the same and prove as little.
            let alone_from = unconfirmed.alone_from(settle_after_ms);
            if let NextTry::Due { at } = &mut unconfirmed.next {
                *at = alone_from.max(*at);
            }
        }
    }

    pub(super) fn cancel_unanswered(&mut self, number: u8, last_byte_by: Timestamp) {
        self.cancel_in_doubt(number, Some(last_byte_by));
        if let CancelState::Unconfirmed(unconfirmed) = &mut self.payment.cancels[usize::from(number)].state {
            unconfirmed.went_unanswered();
        }
    }

    /// No byte of this try left; one before it may have.
    pub(super) fn cancel_not_sent(&mut self, number: u8) {
        let (now, terms) = (self.now, self.payment.terms);
        let cancel = &mut self.payment.cancels[usize::from(number)];
        match &mut cancel.state {
            CancelState::InFlight => {
                let code = ResponseCode::NO_ACQUIRER_REACHABLE;
                cancel.state = CancelState::Refused { code };
            }
            CancelState::Unconfirmed(unconfirmed) => {
                if let NextTry::Trying { .. } = unconfirmed.next {
                    unconfirmed.pause(now, &terms);
                }
            }
            CancelState::Done { .. }
            | CancelState::Declined { .. }
            | CancelState::Refused { .. }
            | CancelState::Stuck { .. } => {}
        }
    }

    /// `last_byte_by` is that of a try that may still be done; `None` of one whose answer says that it is not.
    fn cancel_in_doubt(&mut self, number: u8, last_byte_by: Option<Timestamp>) {
        let (now, terms, index) = (self.now, self.payment.terms, usize::from(number));
        let Some(route) = self.payment.approving_route() else { return };
        let may_be_an_earlier_trys = self.may_answer_an_earlier_try(index, route.settle_after_ms);
        let last_byte_by = last_byte_by.or(may_be_an_earlier_trys.then_some(now));
        let settled_from = last_byte_by.map_or(now, |last| after(last, route.settle_after_ms));
        let partial_cancel = route.partial_cancel;
        let total = self.payment.request.amounts.total();
        let cancel = &mut self.payment.cancels[index];
        let is_partial = cancel.amounts.total() != total;
        let stuck = cancel.in_doubt(partial_cancel.may_repeat(is_partial), settled_from, now, &terms);
        if let Some(why) = stuck {
            self.alarm_stuck_cancel(index, why);
        }
    }

    /// No answer tells which try it answers: where it may be an earlier one's, the try that is out is as much in doubt as before.
    fn may_answer_an_earlier_try(&self, index: usize, settle_after_ms: u64) -> bool {
        match &self.payment.cancels[index].state {
            CancelState::Unconfirmed(unconfirmed) => match unconfirmed.next {
                NextTry::Trying { .. } => !unconfirmed.answers_alone(settle_after_ms),
                NextTry::Due { .. } => false,
            },
            CancelState::InFlight
            | CancelState::Done { .. }
            | CancelState::Declined { .. }
            | CancelState::Refused { .. }
            | CancelState::Stuck { .. } => false,
        }
    }

    pub(super) fn cancels_due(&mut self) {
        let (now, terms) = (self.now, self.payment.terms);
        for index in 0..self.payment.cancels.len() {
            let cancel = &mut self.payment.cancels[index];
            let CancelState::Unconfirmed(unconfirmed) = &mut cancel.state else { continue };
            if !unconfirmed.alarmed && unconfirmed.alarm_at(&terms) <= now {
                unconfirmed.alarmed = true;
                let cancel = u8::try_from(index).expect("fewer than 256 cancels are kept");
                self.effects.push(Effect::Alarm(Alarm::CancelOverdue { cancel }));
            }
            let NextTry::Due { at } = unconfirmed.next else { continue };
            if unconfirmed.give_up_at(&terms) <= now {
                let why = StuckCancel::GivenUp;
                cancel.state = CancelState::Stuck { why, at: now };
                self.alarm_stuck_cancel(index, why);
            } else if at <= now {
                unconfirmed.next = NextTry::Trying { since: now };
                self.send_cancel(index);
            }
        }
    }

    /// A first try in flight is in doubt, a later one is made again at once.
    pub(super) fn cancels_restarted(&mut self, last_byte_by: Timestamp) {
        let (now, terms) = (self.now, self.payment.terms);
        let Some(route) = self.payment.approving_route() else { return };
        let settled_from = after(last_byte_by, route.settle_after_ms);
        for index in 0..self.payment.cancels.len() {
            let number = u8::try_from(index).expect("fewer than 256 cancels are kept");
            match &mut self.payment.cancels[index].state {
                CancelState::InFlight => {
                    self.cancel_unanswered(number, last_byte_by);
                    if let CancelState::Unconfirmed(unconfirmed) = &mut self.payment.cancels[index].state {
                        unconfirmed.next = NextTry::Due { at: now };
                    }
                }
                CancelState::Unconfirmed(unconfirmed) => {
                    unconfirmed.restarted(settled_from, now, &terms);
                    // A switch that was off for longer than a cancel may last tries once more before it gives up.
                    if unconfirmed.give_up_at(&terms) <= now {
                        unconfirmed.next = NextTry::Trying { since: now };
                        self.send_cancel(index);
                    }
                }
                CancelState::Done { .. }
                | CancelState::Declined { .. }
                | CancelState::Refused { .. }
                | CancelState::Stuck { .. } => {}
            }
        }
    }

    fn alarm_stuck_cancel(&mut self, index: usize, why: StuckCancel) {
        let cancel = u8::try_from(index).expect("fewer than 256 cancels are kept");
        self.effects.push(Effect::Alarm(Alarm::CancelStuck { cancel, why }));
    }
}
