//! The debts of attempts: owed, tried, settled or given up.

use jiff::{Timestamp, tz::Offset};

use super::Step;
use crate::{
    Alarm, Cause, Debt, DebtState, Effect, NetCancelOrder, NetCancelVerdict, StuckWhy, Terms,
    instant::{after, before},
};

/// Korea Standard Time, by whose days originals are named.
const KST: Offset = Offset::constant(9);

impl Step {
    pub(super) fn owe(
        &mut self,
        attempt: u8,
        cause: Cause,
        last_byte_by: Timestamp,
        approval_no: Option<String>,
    ) {
        let (now, terms) = (self.now, self.payment.terms);
        let owing = self.attempt(attempt);
        let mut debt = Debt::new(cause, last_byte_by, owing.route.settle_after_ms, now, &terms);
        debt.approval_no = approval_no;
        owing.debt = Some(debt);
        self.try_net_cancel_if_due(attempt);
    }

    pub(super) fn try_net_cancel_if_due(&mut self, attempt: u8) {
        let (now, terms) = (self.now, self.payment.terms);
        let owing = &mut self.payment.attempts[usize::from(attempt)];
        let Some(debt) = owing.debt.as_mut() else { return };
        let DebtState::Due { at } = debt.state else { return };
        if debt.give_up_at(&terms) <= now {
            debt.stuck(StuckWhy::GivenUp, now);
            let alarm = Alarm::NetCancelStuck { attempt, why: StuckWhy::GivenUp };
            return self.effects.push(Effect::Alarm(alarm));
        }
        if at <= now {
            self.send_net_cancel(attempt);
        }
    }

    pub(super) fn send_net_cancel(&mut self, attempt: u8) {
        let now = self.now;
        let approved_at = self.payment.approved_at(attempt);
        let owing = &mut self.payment.attempts[usize::from(attempt)];
        let Some(debt) = owing.debt.as_mut() else { return };
        debt.state = DebtState::Trying { since: now };
        self.effects.push(Effect::NetCancel(NetCancelOrder {
            attempt,
            route: owing.route.clone(),
            request: self.payment.request.clone(),
            card: self.payment.card.clone(),
            approval_no: debt.approval_no.clone().filter(|number| !number.is_empty()),
            approved_at,
            deadline: after(now, owing.route.answer_timeout_ms),
        }));
    }

    pub(super) fn net_cancel_answered(&mut self, attempt: u8, verdict: NetCancelVerdict) {
        let (now, terms) = (self.now, self.payment.terms);
        let is_dated_alike = self.is_dated_alike(attempt);
        let Some(debt) = self.attempt(attempt).debt.as_mut() else { return };
        let was_stuck = matches!(debt.state, DebtState::Stuck { .. });
        debt.answered(verdict, is_dated_alike, now, &terms);
        if let (false, DebtState::Stuck { why, .. }) = (was_stuck, debt.state) {
            self.effects.push(Effect::Alarm(Alarm::NetCancelStuck { attempt, why }));
        }
        self.settle_awaiting();
    }

    /// Whether the acquirer can have booked the request only under the day by which its net-cancel names it. Where our clock had parted from
    /// the one on the wall, this is so only if it is so by both.
    fn is_dated_alike(&self, attempt: u8) -> bool {
        let attempt = &self.payment.attempts[usize::from(attempt)];
        let (Some(debt), Some(skew_ms)) = (&attempt.debt, attempt.route.day_skew_ms) else { return true };
        let day = |instant| KST.to_datetime(instant).date();
        let request = &self.payment.request;
        let named = day(request.read_at());
        let from = request.received_at.min(request.read_at());
        // A start by a clock that is behind counts from an instant before the request.
        let read = request.received_at.max(request.read_at());
        let to = debt.booked_by().max(request.by_the_wall(debt.booked_by()));
        let to = to.max(after(read, attempt.route.settle_after_ms));
        // The terminal's clock was found right by the clock on the wall.
        request.sent_at.date() == named
            && day(before(from, skew_ms)) == named
            && day(after(to, skew_ms)) == named
    }

    pub(super) fn net_cancel_missed(&mut self, attempt: u8, missed: fn(&mut Debt, Timestamp, &Terms)) {
        let (now, terms) = (self.now, self.payment.terms);
        if let Some(debt) = self.attempt(attempt).debt.as_mut() {
            missed(debt, now, &terms);
        }
        self.settle_awaiting();
    }

    pub(super) fn alarm_if_overdue(&mut self, attempt: u8) {
        let (now, terms) = (self.now, self.payment.terms);
        let Some(debt) = self.attempt(attempt).debt.as_mut() else { return };
        if debt.is_owed() && !debt.alarmed && after(debt.owed_since, terms.net_cancel_alarm_after_ms) <= now {
            debt.alarmed = true;
            self.effects.push(Effect::Alarm(Alarm::NetCancelOverdue { attempt }));
        }
    }
}
