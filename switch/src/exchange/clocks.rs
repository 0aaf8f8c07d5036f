//! The wall clock beside the one the switch runs by: when somebody sets it, or the machine was suspended, the two part. No deadline moves; a person
//! is told, and what was read of the wall before is not trusted.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use store::Note;

use super::Exchange;
use crate::{clock::PARTED, meters};

/// How often they are compared.
const LOOK: Duration = Duration::from_millis(200);
/// What the alarm is called.
const KIND: &str = "clocks-parted";

/// What was last found of the two clocks.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    next_look: Option<Instant>,
    /// How far the wall clock was ahead when that was last told.
    told: SignedDuration,
}

impl Exchange {
    pub(super) fn watch_clocks(&mut self) {
        let now = Instant::now();
        if self.clocks.next_look.is_some_and(|next| now < next) {
            return;
        }
        self.clocks.next_look = Some(now + LOOK);
        let stepped = self.clock.ahead() - self.clocks.told;
        // From what was told, not from zero: two clocks that are a second apart would step at every look.
        if stepped.abs() < PARTED {
            return;
        }
        self.clocks.told += stepped;
        let ahead = self.clock.wall_ahead();
        meters::wall_ahead(ahead);
        if stepped.is_positive() {
            // Time passed that the running clock did not count, for all we know, and the lease runs by it.
            self.lease.doubt(now);
        }
        if ahead.is_zero() {
            return tracing::info!("the wall clock and the clock of the switch agree again");
        }
        meters::alarm(KIND);
        let ahead_ms = ahead.as_millis();
        tracing::error!(
            ahead_ms,
            "ALARM the wall clock was set or the machine suspended: deadlines and the journal go on by the clock of the start; \
             restart the switch when the wall clock is right"
        );
        let why = format!("the wall clock is {ahead_ms} ms ahead of the clock of the start");
        self.batch.notes.push(Note::SwitchAlarm { at: self.clock.now(), kind: KIND.to_owned(), why });
    }
}
