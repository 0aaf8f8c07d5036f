//! What the terminal does about its answer: it has it, does not get it, asks again, or gives the request up.

use std::sync::Arc;

use super::Step;
use crate::{Cause, Delivery, NetCancelRequest, Phase, ResponseCode, instant::after, state::Withdrawal};

impl Step {
    /// What is known of an approval whose reply is released now.
    pub(super) fn released(&self) -> Delivery {
        match self.payment.terms.acknowledged_within_ms {
            Some(within) => Delivery::Unacknowledged { owed_from: after(self.now, within) },
            None => Delivery::Released,
        }
    }

    /// The terminal has the approval. What it withdrew or left unacknowledged for too long stays withdrawn.
    pub(super) fn acknowledged(&mut self) {
        if !self.payment.is_withdrawn()
            && let Phase::Approved { delivery, .. } = &mut self.payment.phase
        {
            *delivery = Delivery::Acknowledged;
        }
    }

    pub(super) fn undelivered(&mut self) {
        let owed_from = after(self.now, self.payment.terms.undelivered_grace_ms);
        if !self.payment.is_withdrawn()
            && let Phase::Approved { delivery: delivery @ Delivery::Released, .. } = &mut self.payment.phase
        {
            *delivery = Delivery::Undelivered { owed_from };
        }
    }

    pub(super) fn repeated(&mut self) {
        let was_cancelled = self.payment.is_wholly_cancelled() || self.payment.was_cancelled;
        if let Phase::Approved { delivery: delivery @ Delivery::Undelivered { .. }, .. } =
            &mut self.payment.phase
        {
            *delivery = Delivery::Released;
            if !was_cancelled {
                self.reply();
            }
        }
    }

    /// The terminal was not heard of in time: the approval is undone.
    pub(super) fn withdraw_if_unheard(&mut self) {
        let Phase::Approved { attempt, approval, delivery } = &mut self.payment.phase else { return };
        let cause = match *delivery {
            Delivery::Undelivered { owed_from } if owed_from <= self.now => Cause::Undelivered,
            Delivery::Unacknowledged { owed_from } if owed_from <= self.now => Cause::Unacknowledged,
            Delivery::Undelivered { .. }
            | Delivery::Unacknowledged { .. }
            | Delivery::Released
            | Delivery::Acknowledged
            | Delivery::Withdrawn => return,
        };
        *delivery = Delivery::Withdrawn;
        let (attempt, approval_no) = (*attempt, approval.approval_no.clone());
        self.owe(attempt, cause, self.now, Some(approval_no));
    }

    /// The terminal gives its request up. What is in flight stays so, and owes its net-cancel once it has an answer or none.
    pub(super) fn net_cancel_asked(&mut self, request: &Arc<NetCancelRequest>) {
        match self.payment.withdrawal() {
            Withdrawal::Possible => {}
            Withdrawal::Already
            | Withdrawal::BeingCancelled
            | Withdrawal::CancelStuck
            | Withdrawal::PartlyCancelled
            | Withdrawal::Cancelled => return,
        }
        self.payment.withdrawn = Some(request.clone());
        match &mut self.payment.phase {
            Phase::Trying | Phase::AwaitingNetCancel => {
                self.payment.phase = Phase::Refused { code: ResponseCode::NET_CANCELLED };
                self.reply();
            }
            Phase::Approved { attempt, approval, delivery } => {
                let (attempt, approval_no) = (*attempt, approval.approval_no.clone());
                *delivery = Delivery::Withdrawn;
                if self.attempt(attempt).debt.is_none() {
                    self.owe(attempt, Cause::Terminal, self.now, Some(approval_no));
                }
            }
            Phase::Declined { .. } | Phase::Refused { .. } => {}
        }
    }
}
