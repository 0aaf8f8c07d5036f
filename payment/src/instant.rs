//! Arithmetic on instants that cannot overflow: the end of time is late enough.

use jiff::{SignedDuration, Timestamp};

pub(crate) fn after(instant: Timestamp, milliseconds: u64) -> Timestamp {
    let duration = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    instant.checked_add(duration).unwrap_or(Timestamp::MAX)
}

pub(crate) fn before(instant: Timestamp, milliseconds: u64) -> Timestamp {
    let duration = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    instant.checked_sub(duration).unwrap_or(Timestamp::MIN)
}
