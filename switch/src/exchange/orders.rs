//! What a person asks of the running switch: pages of what waits for something to be done, and steps on a payment.

use desk::{Input, NotOperated};
use payment::{ManualOrder, PaymentId, Undo};
use store::{Stored, WorkQuery};
use tokio::sync::oneshot;

use super::Exchange;
use crate::meters;

/// Orders under way at a time; whose order does not fit is told by its channel closing.
const ORDERS: usize = 64;

/// Something a person asks.
#[derive(Debug)]
pub enum Order {
    /// A page of the payments that wait for something.
    Page {
        /// Which page.
        query: WorkQuery,
        /// Where it goes.
        answer: oneshot::Sender<Vec<Waiting>>,
    },
    /// A step on a payment, told once it is durable.
    Operate {
        /// Which payment.
        payment: PaymentId,
        /// What, who and why.
        order: ManualOrder,
        /// Where its result goes.
        answer: oneshot::Sender<Result<(), NotOperated>>,
    },
}

/// A payment that waits for something.
#[derive(Debug)]
pub struct Waiting {
    /// As it is stored.
    pub stored: Stored,
    /// What of it is not sent yet, for others at its acquirer go before.
    pub held: Vec<Undo>,
}

/// Who waits for what, by token.
#[derive(Debug)]
pub(super) enum Ordered {
    Page(oneshot::Sender<Vec<Waiting>>),
    Operate(oneshot::Sender<Result<(), NotOperated>>),
}

impl Exchange {
    pub(super) fn order(&mut self, order: Order) {
        if self.ordered.len() >= ORDERS {
            return;
        }
        let token = self.next_token();
        match order {
            Order::Page { query, answer } => {
                self.ordered.insert(token, Ordered::Page(answer));
                self.store.work(query, token);
            }
            Order::Operate { payment, order, answer } => {
                self.ordered.insert(token, Ordered::Operate(answer));
                self.inputs.push_back(Input::Operate { token, payment, order });
            }
        }
    }

    pub(super) fn page(&mut self, token: u64, page: Vec<Stored>) {
        if let Some(Ordered::Page(answer)) = self.ordered.remove(&token) {
            let waiting = page.into_iter().map(|stored| {
                let held = self.desk.held_of(stored.id()).collect();
                Waiting { stored, held }
            });
            // Who asked may have gone.
            let _ = answer.send(waiting.collect());
        }
    }

    pub(super) fn operated(&mut self, token: u64, result: Result<(), NotOperated>) {
        if let Some(Ordered::Operate(answer)) = self.ordered.remove(&token) {
            meters::operated(result.is_ok());
            // Who asked may have gone; the step is durable all the same.
            let _ = answer.send(result);
        }
    }
}
