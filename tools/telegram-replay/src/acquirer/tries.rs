//! Which cancels were asked for before.

use std::collections::{HashSet, VecDeque};

/// The serials of the latest cancels.
#[derive(Debug)]
pub(super) struct Tries {
    known: HashSet<String>,
    oldest_first: VecDeque<String>,
    remember: usize,
}

/// Whether a request was made before under its serial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Try {
    First,
    Repeat,
}

impl Tries {
    /// Remembers at most so many; the oldest are forgotten first.
    pub(super) fn new(remember: usize) -> Self {
        Self { known: HashSet::new(), oldest_first: VecDeque::new(), remember: remember.max(1) }
    }

    pub(super) fn next(&mut self, serial: &str) -> Try {
        if self.known.contains(serial) {
            return Try::Repeat;
        }
        if self.oldest_first.len() == self.remember
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.known.insert(serial.to_owned());
        self.oldest_first.push_back(serial.to_owned());
        Try::First
    }
}
