//! What an acquirer's links are told beside their times and counts.

use std::time::Duration;

/// When an acquirer is left alone because it fails, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row that block it.
    pub failures: u32,
    /// An answer that takes longer is a failure; `None`: none is too slow.
    pub slow: Option<Duration>,
    /// The first pause after it is blocked.
    pub pause: Duration,
    /// The longest pause; each doubles the one before.
    pub max_pause: Duration,
}
