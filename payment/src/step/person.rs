//! What a person does: has something tried again, or settles it.

use std::sync::Arc;

use super::Step;
use crate::{
    Approval, CancelFinding, CancelState, Closed, Finding, NextTry, ResponseCode, cancel::Unconfirmed,
    instant::after,
};

impl Step {
    pub(super) fn net_cancel_retried(&mut self, attempt: u8) {
        if self.payment.may_retry_net_cancel(attempt).is_err() {
            return;
        }
        let now = self.now;
        let owing = self.attempt(attempt);
        if let Some(debt) = owing.debt.as_mut() {
            debt.retried(owing.route.settle_after_ms, now);
        }
        self.send_net_cancel(attempt);
    }

    pub(super) fn net_cancel_resolved(&mut self, attempt: u8, how: Finding) {
        if self.payment.may_resolve_net_cancel(attempt, how).is_err() {
            return;
        }
        let now = self.now;
        if let Some(debt) = self.attempt(attempt).debt.as_mut() {
            debt.done(Closed::ByPerson(how), now);
        }
        self.settle_awaiting();
    }

    pub(super) fn cancel_retried(&mut self, number: u8) {
        let (now, index) = (self.now, usize::from(number));
        let may = self.payment.may_retry_cancel(number);
        let Some(route) = self.payment.approving_route().filter(|_| may.is_ok()) else { return };
        let settled_from = after(now, route.settle_after_ms);
        match &mut self.payment.cancels[index].state {
            CancelState::Unconfirmed(unconfirmed) => {
                unconfirmed.pauses = 0;
                unconfirmed.next = NextTry::Trying { since: now };
            }
            state @ (CancelState::Stuck { .. }
            | CancelState::InFlight
            | CancelState::Done { .. }
            | CancelState::Declined { .. }
            | CancelState::Refused { .. }) => {
                *state = CancelState::Unconfirmed(Unconfirmed::again(settled_from, now));
            }
        }
        self.send_cancel(index);
    }

    pub(super) fn cancel_resolved(&mut self, number: u8, how: CancelFinding) {
        if self.payment.may_resolve_cancel(number).is_err() {
            return;
        }
        let cancel = &mut self.payment.cancels[usize::from(number)];
        cancel.found = Some(how);
        cancel.state = match how {
            CancelFinding::Done => CancelState::Done { approval: Arc::new(Approval::default()) },
            // The terminal may ask for it again, with another telegram.
            CancelFinding::NotDone => CancelState::Refused { code: ResponseCode::NO_ACQUIRER_REACHABLE },
        };
    }
}
