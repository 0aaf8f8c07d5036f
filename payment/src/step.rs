//! How a payment comes to be and changes: one match over what happened.

mod cancels;
mod debts;
mod person;
mod terminal;

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    Alarm, Answer, Approval, Attempt, AttemptState, Buried, Cause, Closed, Debt, DebtState, Decline,
    Delivery, Effect, Event, Failover, NotSent, Payment, Phase, Request, RequestOrder, ResponseCode, Route,
    SealedCard, Started, Unanswered, answer::Reading, instant::after,
};

/// An event that cannot happen to this payment, for it speaks of an attempt or a cancel that was never made: a mistake of ours, never
/// of the world outside. The payment is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payment has {} attempts and {} cancels, the event speaks of number {number}", payment.attempts.len(), payment.cancels.len())]
pub struct Illegal {
    /// The payment as it was.
    pub payment: Box<Payment>,
    /// Which one the event speaks of, from 0.
    pub number: u8,
}

impl Payment {
    /// A new payment: its first attempt, or its refusal where there is no route.
    pub fn start(started: &Started, card: Option<SealedCard>, now: Timestamp) -> (Self, Vec<Effect>) {
        let mut step = Step {
            payment: Self {
                request: started.request.clone(),
                terms: started.terms,
                card,
                attempts: Vec::new(),
                untried: started.routes.clone(),
                phase: Phase::Trying,
                cancels: Vec::new(),
                withdrawn: None,
                was_cancelled: false,
            },
            effects: Vec::new(),
            now,
        };
        if step.payment.untried.is_empty() {
            step.refuse(ResponseCode::NO_ROUTE);
        } else {
            step.attempt_next();
        }
        step.end()
    }

    /// A tombstone: the payment whose request must not be approved when it comes.
    pub fn bury(buried: &Buried) -> Self {
        Self {
            request: Arc::new(Request::unseen(&buried.withdrawn)),
            terms: buried.terms,
            card: None,
            attempts: Vec::new(),
            untried: Vec::new(),
            phase: Phase::Refused { code: ResponseCode::NET_CANCELLED },
            cancels: Vec::new(),
            withdrawn: Some(buried.withdrawn.clone()),
            was_cancelled: false,
        }
    }

    /// The payment after `event`, and what must be done once that is durable.
    ///
    /// # Errors
    /// [`Illegal`] when the event speaks of an attempt or a cancel that was never made; it gives the payment back.
    pub fn step(self, event: &Event, now: Timestamp) -> Result<(Self, Vec<Effect>), Illegal> {
        let missing = |number: &u8, made: usize| usize::from(*number) >= made;
        let attempt = event.attempt().filter(|number| missing(number, self.attempts.len()));
        let cancel = event.cancel().filter(|number| missing(number, self.cancels.len()));
        if let Some(number) = attempt.or(cancel) {
            return Err(Illegal { payment: Box::new(self), number });
        }
        let mut step = Step { payment: self, effects: Vec::new(), now };
        match event {
            Event::Answered { attempt, answer } => step.answered(*attempt, answer),
            Event::NotSent { attempt, why } => step.not_sent(*attempt, *why),
            Event::Unanswered { attempt, why, last_byte_by } => {
                if step.in_flight(*attempt) {
                    step.unanswered(*attempt, why.clone(), *last_byte_by, None);
                }
            }
            Event::Late { attempt, answer } => step.late(*attempt, answer),
            Event::NetCancelAnswered { attempt, answer } => {
                step.net_cancel_answered(*attempt, answer.verdict);
            }
            Event::NetCancelNotSent { attempt, why: _ } => step.net_cancel_missed(*attempt, Debt::not_sent),
            Event::NetCancelUnanswered { attempt } => step.net_cancel_missed(*attempt, Debt::unanswered),
            Event::CancelAsked { request, serial } => step.cancel_asked(request, *serial),
            Event::CancelAnswered { cancel, answer } => step.cancel_answered(*cancel, answer),
            Event::CancelNotSent { cancel, why: _ } => step.cancel_not_sent(*cancel),
            Event::CancelUnanswered { cancel, why: _, last_byte_by } => {
                step.cancel_unanswered(*cancel, *last_byte_by);
            }
            Event::NetCancelRetried { attempt, by: _ } => step.net_cancel_retried(*attempt),
            Event::NetCancelResolved { attempt, how, by: _ } => step.net_cancel_resolved(*attempt, *how),
            Event::CancelRetried { cancel, by: _ } => step.cancel_retried(*cancel),
            Event::CancelResolved { cancel, how, by: _ } => step.cancel_resolved(*cancel, *how),
            Event::NetCancelAsked { request } => step.net_cancel_asked(request),
            Event::Acknowledged => step.acknowledged(),
            Event::Undelivered => step.undelivered(),
            Event::Repeated => step.repeated(),
            Event::Due => step.due(),
            Event::Restarted { last_byte_by } => step.restarted(*last_byte_by),
        }
        Ok(step.end())
    }
}

struct Step {
    payment: Payment,
    effects: Vec<Effect>,
    now: Timestamp,
}

impl Step {
    fn in_flight(&self, attempt: u8) -> bool {
        self.payment.attempts[usize::from(attempt)].state == AttemptState::InFlight
    }

    fn attempt(&mut self, attempt: u8) -> &mut Attempt {
        &mut self.payment.attempts[usize::from(attempt)]
    }

    fn answered(&mut self, attempt: u8, answer: &Answer) {
        if !self.in_flight(attempt) {
            return self.late(attempt, answer);
        }
        match answer.read(self.payment.request.amounts.total()) {
            Reading::Approved(approval) => {
                self.attempt(attempt).state = AttemptState::Approved;
                if self.payment.phase == Phase::Trying {
                    let delivery = self.released();
                    self.payment.phase = Phase::Approved { attempt, approval: approval.clone(), delivery };
                    self.reply();
                } else {
                    self.attempt(attempt).approved_at = approval.approved_at;
                    self.owe(attempt, Cause::Terminal, self.now, Some(approval.approval_no.clone()));
                }
            }
            Reading::Declined(decline) => {
                self.attempt(attempt).state = AttemptState::Declined;
                if let Some(approval_no) = self.attempt(attempt).approval_seen.clone() {
                    self.owe(attempt, Cause::LateApproval, self.now, Some(approval_no));
                }
                if self.payment.phase == Phase::Trying {
                    self.payment.phase = Phase::Declined { attempt, decline: decline.clone() };
                    self.reply();
                }
            }
            Reading::NotProcessed => {
                self.attempt(attempt).state = AttemptState::NotProcessed(answer.codes.clone());
                self.not_done(attempt);
            }
            Reading::InDoubt { why, approval_seen } => {
                self.unanswered(attempt, why, self.now, approval_seen.then(String::new));
            }
        }
    }

    fn not_sent(&mut self, attempt: u8, why: NotSent) {
        if self.in_flight(attempt) {
            self.attempt(attempt).state = AttemptState::NotSent(why);
            self.not_done(attempt);
        }
    }

    /// The acquirer did nothing, unless an approval was seen: the next one may be tried, if the terminal still wants it.
    fn not_done(&mut self, attempt: u8) {
        if let Some(approval_no) = self.attempt(attempt).approval_seen.clone() {
            self.owe(attempt, Cause::LateApproval, self.now, Some(approval_no));
        }
        if self.payment.phase == Phase::Trying {
            self.attempt_next();
        }
    }

    /// A byte may have left and nothing settles what became of it: the net-cancel is owed in this very step, whatever happens next.
    fn unanswered(
        &mut self,
        attempt: u8,
        why: Unanswered,
        last_byte_by: Timestamp,
        approval_no: Option<String>,
    ) {
        self.attempt(attempt).state = AttemptState::Unanswered(why);
        let approval_no = self.attempt(attempt).approval_seen.clone().or(approval_no);
        self.owe(attempt, Cause::Unanswered, last_byte_by, approval_no);
        if self.payment.phase != Phase::Trying {
            return;
        }
        match self.payment.terms.failover {
            Failover::Never => self.refuse(ResponseCode::ACQUIRER_SILENT),
            Failover::AfterNetCancel => {
                self.payment.phase = Phase::AwaitingNetCancel;
                self.settle_awaiting();
            }
            Failover::AtOnce => self.attempt_next(),
        }
    }

    /// The next acquirer whose whole answer time fits into the terminal's, if there is one.
    fn attempt_next(&mut self) {
        let is_first = self.payment.attempts.is_empty();
        let fits =
            |route: &Arc<Route>| is_first || self.now <= self.payment.latest_start(route.answer_timeout_ms);
        let next = self.payment.untried.iter().position(fits);
        let (Some(next), Ok(attempt)) = (next, u8::try_from(self.payment.attempts.len())) else {
            let silent = self.payment.went_unanswered();
            let code =
                if silent { ResponseCode::ACQUIRER_SILENT } else { ResponseCode::NO_ACQUIRER_REACHABLE };
            return self.refuse(code);
        };
        let route = self.payment.untried.remove(next);
        let deadline = after(self.now, route.answer_timeout_ms).min(self.payment.answer_by());
        self.payment.phase = Phase::Trying;
        self.effects.push(Effect::Send(RequestOrder {
            attempt,
            route: route.clone(),
            request: self.payment.request.clone(),
            card: self.payment.card.clone(),
            deadline,
        }));
        let state = AttemptState::InFlight;
        self.payment.attempts.push(Attempt {
            route,
            deadline,
            state,
            approval_seen: None,
            approved_at: None,
            debt: None,
        });
    }

    fn refuse(&mut self, code: ResponseCode) {
        self.payment.phase = Phase::Refused { code };
        self.reply();
        self.effects.push(Effect::Alarm(Alarm::EveryRouteFailed(code)));
    }

    fn reply(&mut self) {
        if let Some(answer) = self.payment.answer() {
            self.effects.push(Effect::Reply(answer));
        }
    }

    /// An answer that came after its attempt had ended, or once more. It is never lost: what it tells changes the debt.
    fn late(&mut self, attempt: u8, answer: &Answer) {
        // The outcome of what is in flight is still to come; an approval is remembered until then.
        if self.in_flight(attempt) {
            match answer.read(self.payment.request.amounts.total()) {
                Reading::Approved(approval) => {
                    self.saw_time(attempt, approval);
                    let seen = self.attempt(attempt).approval_seen.get_or_insert_default();
                    if !approval.approval_no.is_empty() {
                        seen.clone_from(&approval.approval_no);
                    }
                }
                Reading::InDoubt { why: _, approval_seen: true } => {
                    self.attempt(attempt).approval_seen.get_or_insert_default();
                }
                Reading::Declined(_) | Reading::NotProcessed | Reading::InDoubt { .. } => {}
            }
            return;
        }
        match answer.read(self.payment.request.amounts.total()) {
            Reading::Approved(approval) => {
                self.saw_time(attempt, approval);
                self.late_approval(attempt, Some(approval.approval_no.clone()));
            }
            Reading::Declined(decline) => self.late_decline(attempt, decline),
            Reading::NotProcessed => {}
            Reading::InDoubt { why: _, approval_seen } => {
                self.late_approval(attempt, approval_seen.then(String::new));
            }
        }
        self.settle_awaiting();
    }

    /// Number and time are of one approval: that of the last one with a number.
    fn saw_time(&mut self, attempt: u8, approval: &Approval) {
        let seen = &mut self.attempt(attempt).approved_at;
        if seen.is_none() || !approval.approval_no.is_empty() {
            *seen = approval.approved_at;
        }
    }

    /// `approval_no` is `None` where an approval may exist but the answer does not name it.
    fn late_approval(&mut self, attempt: u8, approval_no: Option<String>) {
        let now = self.now;
        let owing = &mut self.payment.attempts[usize::from(attempt)];
        let Some(debt) = owing.debt.as_mut() else {
            let contradicts = match owing.state {
                AttemptState::NotSent(_) | AttemptState::NotProcessed(_) | AttemptState::Declined => true,
                // The same approval once more.
                AttemptState::Approved | AttemptState::InFlight | AttemptState::Unanswered(_) => false,
            };
            if contradicts {
                self.owe(attempt, Cause::LateApproval, now, approval_no);
            }
            return;
        };
        debt.saw_approval(approval_no, owing.route.settle_after_ms, now);
        self.try_net_cancel_if_due(attempt);
    }

    fn late_decline(&mut self, attempt: u8, decline: &Arc<Decline>) {
        let now = self.now;
        let Some(debt) = self.attempt(attempt).debt.as_mut() else { return };
        // A decline cannot undo an approval that was seen.
        if !debt.is_owed() || debt.approval_no.is_some() {
            return;
        }
        debt.done(Closed::Declined, now);
        let is_last = usize::from(attempt) + 1 == self.payment.attempts.len();
        if is_last && self.payment.phase == Phase::AwaitingNetCancel {
            self.payment.phase = Phase::Declined { attempt, decline: decline.clone() };
            self.reply();
        }
    }

    /// Decides a payment that waits for its net-cancel: another acquirer only once the silent one accepted it.
    fn settle_awaiting(&mut self) {
        if self.payment.phase != Phase::AwaitingNetCancel {
            return;
        }
        let debt = self.payment.attempts.last().and_then(|attempt| attempt.debt.as_ref());
        let state = debt.expect("an attempt that is awaited owes its net-cancel").state;
        match state {
            DebtState::Done { how: Closed::Accepted | Closed::AlreadyCancelled, .. } => self.attempt_next(),
            DebtState::Due { .. } | DebtState::Trying { .. }
                if !self.payment.untried.is_empty() && self.now < self.payment.latest_next_start() => {}
            DebtState::Due { .. }
            | DebtState::Trying { .. }
            | DebtState::Stuck { .. }
            // What a person found is no word of the acquirer's that another may be tried.
            | DebtState::Done { how: Closed::NoSuchOriginal | Closed::Declined | Closed::ByPerson(_), .. } => {
                self.refuse(ResponseCode::ACQUIRER_SILENT);
            }
        }
    }

    fn due(&mut self) {
        self.withdraw_if_unheard();
        for attempt in 0..self.payment.attempts.len() {
            let attempt = u8::try_from(attempt).expect("fewer than 256 acquirers are routes");
            self.alarm_if_overdue(attempt);
            self.try_net_cancel_if_due(attempt);
        }
        self.cancels_due();
        self.settle_awaiting();
    }

    /// Nothing is undone by guesswork: what was in flight is in doubt, what was approved waits for its terminal.
    fn restarted(&mut self, last_byte_by: Timestamp) {
        let (now, terms) = (self.now, self.payment.terms);
        for attempt in &mut self.payment.attempts {
            let settled_from = after(last_byte_by, attempt.route.settle_after_ms);
            if let Some(debt) = attempt.debt.as_mut() {
                debt.restarted(settled_from, now, &terms);
            }
        }
        // A switch that was off for longer than a debt may last tries once more before it gives up.
        for attempt in 0..self.payment.attempts.len() {
            if let Some(debt) = &self.payment.attempts[attempt].debt
                && matches!(debt.state, DebtState::Due { .. })
                && debt.give_up_at(&terms) <= now
            {
                self.send_net_cancel(u8::try_from(attempt).expect("fewer than 256 acquirers are routes"));
            }
        }
        for attempt in 0..self.payment.attempts.len() {
            let attempt = u8::try_from(attempt).expect("fewer than 256 acquirers are routes");
            if self.in_flight(attempt) {
                self.attempt(attempt).state = AttemptState::Unanswered(Unanswered::Restarted);
                let approval_no = self.attempt(attempt).approval_seen.clone();
                self.owe(attempt, Cause::Unanswered, last_byte_by, approval_no);
            }
        }
        self.cancels_restarted(last_byte_by);
        match &mut self.payment.phase {
            Phase::Trying | Phase::AwaitingNetCancel => self.refuse(ResponseCode::ACQUIRER_SILENT),
            // A time recorded by a clock that was ahead is no longer than it is.
            Phase::Approved { delivery: Delivery::Undelivered { owed_from }, .. } => {
                *owed_from = after(now, terms.undelivered_grace_ms).min(*owed_from);
            }
            Phase::Approved { delivery: Delivery::Unacknowledged { owed_from }, .. } => {
                let within = terms.acknowledged_within_ms.unwrap_or(0);
                *owed_from = after(now, within).min(*owed_from);
            }
            Phase::Approved {
                delivery: Delivery::Released | Delivery::Acknowledged | Delivery::Withdrawn,
                ..
            }
            | Phase::Declined { .. }
            | Phase::Refused { .. } => {}
        }
        self.due();
    }

    fn end(mut self) -> (Payment, Vec<Effect>) {
        if !self.payment.may_need_card() {
            self.payment.card = None;
        }
        (self.payment, self.effects)
    }
}
