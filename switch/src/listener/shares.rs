//! How many connections of a listener are safe in the name of one terminal. A terminal id is only claimed, and stands on every receipt: who
//! knows one gets no more places by it than these.

use std::sync::{Mutex, MutexGuard, PoisonError};

use payment::TerminalId;
use rustc_hash::FxHashMap;

use crate::admission::CONNECTIONS;

/// Connections of a listener that are a terminal's by one id: as many as use up what it may send over all of them.
pub const SHARE: u32 = CONNECTIONS;

/// The shares that are taken, by ids of configured terminals, each with at least one: there are no more of them than connections.
#[derive(Debug, Default)]
pub(super) struct Shares {
    taken: Mutex<FxHashMap<TerminalId, u32>>,
}

impl Shares {
    /// Takes one of an id, if there is one left.
    pub(super) fn take(&self, terminal: TerminalId) -> bool {
        let mut all = self.taken();
        let taken = all.entry(terminal).or_default();
        let is_left = *taken < SHARE;
        *taken += u32::from(is_left);
        is_left
    }

    /// Gives one back that was taken.
    pub(super) fn give_back(&self, terminal: TerminalId) {
        let mut all = self.taken();
        if let Some(taken) = all.get_mut(&terminal) {
            *taken -= 1;
            if *taken == 0 {
                all.remove(&terminal);
            }
        }
    }

    fn taken(&self) -> MutexGuard<'_, FxHashMap<TerminalId, u32>> {
        // What a panic left behind is numbers, and still good.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
