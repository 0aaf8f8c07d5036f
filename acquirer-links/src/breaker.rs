use std::time::Duration;

use crate::BadSettings;
use crate::settings::bounded;

/// When an address is left alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// After so many failures in a row it takes no more requests: connections that could not be made, answers that
    /// did not come in time, connections lost with something unanswered, and slow answers.
    pub failures: u32,
    /// An answer that takes longer counts as a failure, though it is handed over like any other; `None`: none does.
    pub slow: Option<Duration>,
    /// The upper bound of the first pause; each further one may last twice as long.
    pub pause: Duration,
    /// The upper bound of any pause.
    pub max_pause: Duration,
}

impl Default for BreakerSettings {
    /// Five failures, no answer too slow, pauses from 1 s up to 30 s.
    fn default() -> Self {
        Self { failures: 5, slow: None, pause: Duration::from_secs(1), max_pause: Duration::from_secs(30) }
    }
}

impl BreakerSettings {
    pub(crate) fn check(self) -> Result<(), BadSettings> {
        if self.failures == 0 {
            return Err(BadSettings::Zero("breaker.failures"));
        }
        if let Some(slow) = self.slow {
            bounded("breaker.slow", slow)?;
        }
        bounded("breaker.pause", self.pause)?;
        bounded("breaker.max_pause", self.max_pause)
    }
}

/// Whether requests are let through to an address, or to an acquirer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// They are.
    Passing,
    /// They are refused at once, until a pause is over. What undoes passes all the same.
    Blocked,
    /// One at a time is let through, to find out whether the pause was long enough; the others are refused.
    Probing,
}
