//! The writer thread: group commit.

use std::sync::{
    atomic::{AtomicUsize, Ordering},
    mpsc::Receiver,
};

use jiff::Timestamp;

use super::Teller;
#[cfg(failpoints)]
use crate::failpoint::pass as failpoint;
use crate::{Batch, Completion, Engine, save};

#[cfg(not(failpoints))]
fn failpoint(_name: &str) {}

/// A commit of so many rows takes no more batches; each is taken whole, so it may have more by one of them. A row is some kilobytes, so it
/// bounds the bytes too. With twice as many no more became durable a second under an overload, and every payment waited twice as long.
pub const ROWS_OF_A_COMMIT: usize = 512;

/// What the writer can be told to do.
pub(super) enum Order {
    Commit(Batch),
    Reserve(u64),
    Renew(Timestamp),
}

pub(super) fn run<F: Fn(Completion)>(
    mut engine: impl Engine,
    orders: &Receiver<Order>,
    backlog: &AtomicUsize,
    teller: &Teller<F>,
) {
    let mut left = None;
    while let Some(order) = left.take().or_else(|| orders.recv().ok()) {
        let done = match order {
            Order::Commit(mut batch) => {
                left = gather(&mut batch, orders);
                let rows = rows(&batch);
                failpoint("before-commit");
                let saved = save(&mut engine, batch);
                failpoint("after-commit");
                backlog.fetch_sub(rows, Ordering::Relaxed);
                saved.map(Completion::Saved)
            }
            Order::Reserve(count) => {
                engine.reserve_serials(count).map(|first| Completion::Serials { first, count })
            }
            Order::Renew(until) => engine.renew_lease(until).map(|()| Completion::LeaseRenewed(until)),
        };
        match done {
            Ok(completion) => teller.tell(completion),
            // Whatever is still queued is dropped with the queue, told by nobody.
            Err(error) => return teller.failed(error),
        }
    }
}

pub(super) fn rows(batch: &Batch) -> usize {
    batch.saves.len() + batch.notes.len()
}

/// Adds what is queued, without waiting for more; gives back the order that does not fit in.
fn gather(batch: &mut Batch, orders: &Receiver<Order>) -> Option<Order> {
    while rows(batch) < ROWS_OF_A_COMMIT {
        match orders.try_recv() {
            Ok(Order::Commit(mut more)) => batch.append(&mut more),
            Ok(other @ (Order::Reserve(_) | Order::Renew(_))) => return Some(other),
            // Nothing there, or nobody any more, which the next `recv` tells.
            Err(_) => return None,
        }
    }
    None
}
