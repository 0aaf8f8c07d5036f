//! What the acquirers did, held against what the terminals know.

use std::collections::BTreeSet;

use telegram_replay::acquirer::{Acquirer, Event, Truth};

use super::{purchase::Purchase, terminal::Terminal};
use crate::support::count;

/// An approval that an acquirer gave.
#[derive(Debug)]
struct Given {
    serial: String,
    amount: u64,
    /// Serial and amount of every cancel that was done.
    cancels: Vec<(String, u64)>,
    is_undone: bool,
}

/// Everything the acquirers did.
pub(super) struct Books {
    given: Vec<Given>,
}

impl Books {
    /// Of acquirers where every serial is used once and nothing is asked for that cannot be done.
    pub(super) fn of(acquirers: &[Acquirer]) -> Self {
        Self { given: acquirers.iter().flat_map(read).collect() }
    }

    /// Holds a purchase against the books.
    pub(super) fn check(&self, purchase: &Purchase) {
        let given: Vec<&Given> = self.given.iter().filter(|given| given.amount == purchase.amount).collect();
        let standing: Vec<_> = given.iter().filter(|given| !given.is_undone).collect();
        let context = || format!("{purchase:#?}\n{given:#?}");
        assert_eq!(standing.len(), usize::from(purchase.stands()), "approvals that stand: {}", context());
        for given in &given {
            let sum: u64 = given.cancels.iter().map(|(_, amount)| amount).sum();
            assert!(sum <= given.amount, "cancelled more than approved: {}", context());
            assert!(!given.is_undone || sum == 0, "cancelled and net-cancelled: {}", context());
        }
        let done = || given.iter().flat_map(|given| given.cancels.iter().map(|(_, amount)| *amount));
        let amounts: BTreeSet<u64> =
            purchase.cancels.iter().map(|cancel| cancel.amount).chain(done()).collect();
        for amount in amounts {
            let (told, in_doubt) = purchase.told(amount);
            let times = done().filter(|cancelled| *cancelled == amount).count();
            assert!(
                (told..=told + in_doubt).contains(&times),
                "a cancel of {amount} was told to be done {told} times ({in_doubt} in doubt) and done {times} times: {}",
                context()
            );
        }
        for cancel in purchase.cancels.iter().filter(|cancel| cancel.asked.is("9023")) {
            let is_partial = cancel.amount < purchase.amount;
            assert!(
                is_partial && purchase.route != "card450",
                "{:?} is not settled: {}",
                cancel.asked,
                context()
            );
        }
    }

    /// Count and amount of the approvals that stand and of their cancels, without those that no terminal can know of.
    pub(super) fn totals(&self, terminal: &Terminal) -> [(u64, u64); 2] {
        let mut totals = [(0, 0); 2];
        let mut add = |kind: usize, amount| totals[kind] = (totals[kind].0 + 1, totals[kind].1 + amount);
        for given in self.given.iter().filter(|given| !given.is_undone) {
            let mut purchases = terminal.purchases.iter();
            let Some(purchase) = purchases.find(|purchase| purchase.amount == given.amount) else { continue };
            add(0, given.amount);
            let known = given.cancels.iter().filter(|(_, amount)| purchase.told(*amount).1 == 0);
            known.for_each(|(_, amount)| add(1, *amount));
        }
        totals
    }
}

fn read(acquirer: &Acquirer) -> Vec<Given> {
    let truth = acquirer.truth();
    for never in [Event::Repeated, Event::Unreadable, Event::AmountDiffers] {
        assert_eq!(count(&truth, never), 0, "{never:?}: {truth:#?}");
    }
    let mut given = Vec::<Given>::new();
    let mut done = BTreeSet::new();
    for entry in &truth {
        match entry.event {
            Event::Approved => {
                let (serial, amount) = (entry.serial.clone(), entry.amount);
                given.push(Given { serial, amount, cancels: Vec::new(), is_undone: false });
            }
            Event::Cancelled | Event::NetCancelled => {
                let is_original = |given: &&mut Given| Some(&given.serial) == entry.original.as_ref();
                let original = given.iter_mut().find(is_original).expect("only what was approved is undone");
                assert!(done.insert(entry.serial.clone()) || entry.event == Event::NetCancelled, "{entry:?}");
                if is_net_cancel(entry) {
                    original.is_undone = true;
                } else {
                    original.cancels.push((entry.serial.clone(), entry.amount));
                }
            }
            Event::AlreadyCancelled => {
                let is_repeat = done.contains(&entry.serial) || is_net_cancel(entry);
                assert!(is_repeat, "asked again under another serial: {entry:?}\n{truth:#?}");
            }
            Event::Declined
            | Event::Repeated
            | Event::NoSuchOriginal
            | Event::AmountDiffers
            | Event::CancelRefused
            | Event::Ignored
            | Event::Echoed
            | Event::SignedOn
            | Event::SignOnRefused
            | Event::Unreadable => {}
        }
    }
    let left = |given: &Given| {
        let sum: u64 = given.cancels.iter().map(|(_, amount)| amount).sum();
        if given.is_undone { 0 } else { given.amount - sum }
    };
    let live = given.iter().filter(|given| left(given) > 0).map(|given| (given.serial.clone(), left(given)));
    assert_eq!(live.collect::<BTreeSet<_>>(), acquirer.live().into_iter().collect(), "the log and the books");
    given
}

/// The card company has one telegram for both: a net-cancel goes under the serial that follows its original's.
fn is_net_cancel(entry: &Truth) -> bool {
    let number = |serial: &str| serial.parse::<u64>().ok();
    let follows = || {
        let original = entry.original.as_deref().and_then(number)?;
        Some(number(&entry.serial)? == original + 1)
    };
    let names_itself = entry.original.as_ref() == Some(&entry.serial);
    entry.event == Event::NetCancelled || names_itself || follows() == Some(true)
}
