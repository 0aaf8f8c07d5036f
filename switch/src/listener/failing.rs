//! Accepting that fails, for want of descriptors above all: tried again at growing distances, and told once a spell.

use std::{io, time::Duration};

use tokio::time::Instant;

/// After the first failure.
const FIRST: Duration = Duration::from_millis(20);
/// After many: short enough that terminals find the switch again at once when there are descriptors.
const LONGEST: Duration = Duration::from_millis(640);
/// A spell is over after so long without a failure: descriptors that come one by one are no end of it.
const QUIET: Duration = Duration::from_secs(1);

/// The failures of a spell.
#[derive(Debug, Default)]
pub(super) struct Failing {
    /// Since the last success.
    in_a_row: u32,
    /// Of the spell, and when the last one was.
    spell: Option<(u64, Instant)>,
}

impl Failing {
    /// It failed; tells how long to wait before the next try.
    pub(super) fn pause(&mut self, error: &io::Error) -> Duration {
        let before = self.spell.map_or(0, |(failures, _)| failures);
        if before == 0 {
            tracing::error!(%error, "cannot accept a terminal; trying again");
        }
        self.spell = Some((before + 1, Instant::now()));
        let pause = FIRST.saturating_mul(1 << self.in_a_row.min(5)).min(LONGEST);
        self.in_a_row = self.in_a_row.saturating_add(1);
        pause
    }

    /// It succeeded.
    pub(super) fn succeeded(&mut self) {
        self.in_a_row = 0;
        if let Some((failures, last)) = self.spell.take_if(|(_, last)| last.elapsed() >= QUIET) {
            let quiet_s = last.elapsed().as_secs();
            tracing::info!(failures, quiet_s, "accepting terminals again");
        }
    }
}
