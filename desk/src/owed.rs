//! What is owed at each acquirer, for people who watch it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use payment::{AcquirerName, Debt};

use crate::{Desk, register::Place};

/// The net-cancels that an acquirer has yet to settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    /// How many.
    pub count: usize,
    /// Since when the oldest is owed.
    pub since: Timestamp,
}

impl Desk {
    /// The net-cancels that are owed, by acquirer; none of those that a person has to settle. What is at the store just now is counted again when it
    /// is back. It looks at every payment at the desk.
    pub fn owed(&self) -> BTreeMap<AcquirerName, Owed> {
        let mut owed = BTreeMap::new();
        for (_, place) in self.register.places() {
            let Place::Idle(stored) = place else { continue };
            for attempt in stored.payment().attempts() {
                let Some(debt) = attempt.debt().filter(|debt| Debt::is_owed(debt)) else { continue };
                let acquirer = attempt.route().acquirer.clone();
                let since = debt.owed_since();
                let so_far = owed.entry(acquirer).or_insert(Owed { count: 0, since });
                so_far.count += 1;
                so_far.since = so_far.since.min(since);
            }
        }
        owed
    }
}
