//! What a careful person finds in an acquirer's books.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use telegram_replay::acquirer::{Event, Truth};

use super::Row;
use crate::{
    acquirers::Line,
    configuration::{SETTLE_AFTER_MS, TERMINAL_DEADLINE_MS},
    plan::What,
};

/// How long after something was last sent a person still takes it to be on its way.
pub(super) const ON_ITS_WAY: Duration = Duration::from_millis(SETTLE_AFTER_MS + TERMINAL_DEADLINE_MS + 1_000);

/// How one that waits is to be settled; `None` where the books do not tell yet. `is_old`: nothing of it is on its way any more.
pub(super) fn finding(what: What, row: &Row, is_old: bool, acquirers: &[Line]) -> Option<&'static str> {
    let books: Vec<_> = acquirers.iter().map(|line| (line.kind.name, line.acquirer.truth())).collect();
    let truth = books.iter().find(|(name, _)| *name == row.acquirer).map(|(_, truth)| truth)?;
    let serial: u64 = row.serial.trim().parse().ok()?;
    match what {
        What::NetCancels => net_cancel(serial, row.amount, is_old, truth, &books),
        What::Cancels => {
            let is_it =
                |entry: &Truth| entry.event == Event::Cancelled && number(&entry.serial) == Some(serial);
            if truth.iter().any(is_it) {
                return Some("done");
            }
            // One that is still tried by itself may be done by the next try.
            (is_old && row.state == "stuck").then_some("not-done")
        }
    }
}

fn net_cancel(
    serial: u64,
    amount: u64,
    is_old: bool,
    truth: &[Truth],
    books: &[(&str, Vec<Truth>)],
) -> Option<&'static str> {
    let approved = |entry: &&Truth| entry.event == Event::Approved && number(&entry.serial) == Some(serial);
    if !truth.iter().any(|entry| approved(&entry)) {
        return is_old.then_some("never-approved");
    }
    let left = left(serial, amount, truth);
    if left == 0 {
        return Some("undone");
    }
    (left == amount && is_old && living_of(amount, books) == 1).then_some("stands")
}

/// Won that are left of an approval.
fn left(serial: u64, amount: u64, truth: &[Truth]) -> u64 {
    let of_it = || truth.iter().filter(|entry| entry.original.as_deref().and_then(number) == Some(serial));
    if of_it().any(|entry| entry.event == Event::NetCancelled) {
        return 0;
    }
    let cancelled: u64 =
        of_it().filter(|entry| entry.event == Event::Cancelled).map(|entry| entry.amount).sum();
    amount.saturating_sub(cancelled)
}

/// How many approvals of a purchase live: no other has its amount.
fn living_of(amount: u64, books: &[(&str, Vec<Truth>)]) -> usize {
    let approved = |serial: u64, truth: &[Truth]| {
        truth.iter().any(|entry| {
            entry.event == Event::Approved && entry.amount == amount && number(&entry.serial) == Some(serial)
        })
    };
    let of_it = |truth: &[Truth]| living(truth).into_iter().filter(|serial| approved(*serial, truth)).count();
    books.iter().map(|(_, truth)| of_it(truth)).sum()
}

/// The serials of all approvals of which something is left.
pub(super) fn living(truth: &[Truth]) -> HashSet<u64> {
    let mut left: HashMap<u64, u64> = HashMap::new();
    for entry in truth {
        let serial =
            if entry.event == Event::Approved { Some(&entry.serial) } else { entry.original.as_ref() };
        let Some(serial) = serial.and_then(|serial| number(serial)) else { continue };
        if entry.event == Event::Approved {
            left.insert(serial, entry.amount);
        } else if let Some(left) = left.get_mut(&serial) {
            if entry.event == Event::NetCancelled {
                *left = 0;
            } else if entry.event == Event::Cancelled {
                *left = left.saturating_sub(entry.amount);
            }
        }
    }
    left.into_iter().filter(|(_, left)| *left > 0).map(|(serial, _)| serial).collect()
}

fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}
