//! A person orders something of one payment: judged by its durable state, and told done only once it is durable.

use std::collections::VecDeque;

use jiff::Timestamp;
use payment::{Event, ManualOrder, PaymentId};

use crate::{Desk, NotOperated, Output, register::Place};

/// Orders that may wait for one payment.
const WAITING: usize = 16;

/// An order that waits for its payment.
#[derive(Debug)]
pub(crate) struct Ordered {
    pub(crate) token: u64,
    pub(crate) order: ManualOrder,
}

impl Desk {
    pub(crate) fn operate(
        &mut self,
        token: u64,
        id: PaymentId,
        order: ManualOrder,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let entry = self.load(id, out);
        if entry.orders.len() >= WAITING {
            return out.push(Output::Operated { token, result: Err(NotOperated::Busy) });
        }
        entry.orders.push_back(Ordered { token, order });
        self.work(id, now, out);
    }

    /// The step of the first order that changes anything; it waits at the front until that is durable. Those that change nothing are told so.
    pub(crate) fn next_order(&mut self, id: PaymentId, out: &mut Vec<Output>) -> Option<Event> {
        let entry = self.register.get_mut(id)?;
        let Place::Idle(stored) = &entry.place else { return None };
        while let Some(Ordered { token, order }) = entry.orders.front() {
            match stored.payment().operate(order) {
                Ok(event) => return Some(event),
                Err(refusal) => {
                    out.push(Output::Operated { token: *token, result: Err(refusal.into()) });
                    entry.orders.pop_front();
                }
            }
        }
        None
    }

    /// The step of the order at the front is durable.
    pub(crate) fn operated(&mut self, id: PaymentId, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        if let Some(Ordered { token, .. }) = entry.orders.pop_front() {
            out.push(Output::Operated { token, result: Ok(()) });
        }
    }
}

/// There is no payment that could carry them out.
pub(crate) fn without_payment(orders: VecDeque<Ordered>, out: &mut Vec<Output>) {
    for Ordered { token, .. } in orders {
        out.push(Output::Operated { token, result: Err(NotOperated::UnknownPayment) });
    }
}

/// Whether it is the step of an order.
pub(crate) fn is_ordered(event: &Event) -> bool {
    match event {
        Event::NetCancelRetried { .. }
        | Event::NetCancelResolved { .. }
        | Event::CancelRetried { .. }
        | Event::CancelResolved { .. } => true,
        Event::Answered { .. }
        | Event::NotSent { .. }
        | Event::Unanswered { .. }
        | Event::Late { .. }
        | Event::NetCancelAnswered { .. }
        | Event::NetCancelNotSent { .. }
        | Event::NetCancelUnanswered { .. }
        | Event::CancelAsked { .. }
        | Event::CancelAnswered { .. }
        | Event::CancelNotSent { .. }
        | Event::CancelUnanswered { .. }
        | Event::NetCancelAsked { .. }
        | Event::Acknowledged
        | Event::Undelivered
        | Event::Repeated
        | Event::Due
        | Event::Restarted { .. } => false,
    }
}
