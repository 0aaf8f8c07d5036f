//! Accepting that fails, for want of descriptors above all: tried again at growing distances, and told once a spell.

use std::{io, time::Duration};

/// After the first failure.
const FIRST: Duration = Duration::from_millis(20);
/// After many: short enough that terminals find the switch again at once when there are descriptors.
const LONGEST: Duration = Duration::from_millis(640);

/// The failures since the last connection that was accepted.
#[derive(Debug, Default)]
pub(super) struct Failing {
    count: u32,
}

impl Failing {
    /// It failed; tells how long to wait before the next try.
    pub(super) fn pause(&mut self, error: &io::Error) -> Duration {
        if self.count == 0 {
            tracing::error!(%error, "cannot accept a terminal; trying again");
        }
        self.count = self.count.saturating_add(1);
        FIRST.saturating_mul(1 << (self.count - 1).min(5)).min(LONGEST)
    }

    /// It succeeded.
    pub(super) fn over(&mut self) {
        if self.count > 0 {
            tracing::info!(failures = self.count, "accepting terminals again");
            self.count = 0;
        }
    }
}
