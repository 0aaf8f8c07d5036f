//! The switch's clock. Deadlines run on monotonic time; a step of the wall clock moves none of them.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::Offset};

/// Korea Standard Time: nine hours ahead of UTC, without daylight saving since 1988.
const KST: Offset = Offset::constant(9);

/// Wall time read once at the start, monotonic time ever since.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Timestamp,
    monotonic: Instant,
}

impl Clock {
    /// Reads both clocks.
    pub fn start() -> Self {
        Self { wall: Timestamp::now(), monotonic: Instant::now() }
    }

    /// Now, by monotonic time: what deadlines and stored instants are made of.
    pub fn now(&self) -> Timestamp {
        self.at(Instant::now())
    }

    /// A monotonic instant as a timestamp.
    pub fn at(&self, instant: Instant) -> Timestamp {
        let since = |duration: Duration| SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        match instant.checked_duration_since(self.monotonic) {
            Some(after) => self.wall.checked_add(since(after)).unwrap_or(Timestamp::MAX),
            None => self.wall.checked_sub(since(self.monotonic - instant)).unwrap_or(Timestamp::MIN),
        }
    }

    /// A timestamp as a monotonic instant; one before the start is the start.
    pub fn instant(&self, timestamp: Timestamp) -> Instant {
        let after = Duration::try_from(timestamp.duration_since(self.wall)).unwrap_or_default();
        // A century ahead is as good as never.
        self.monotonic + after.min(Duration::from_hours(24 * 36_500))
    }
}

/// The wall clock in Korea: what telegrams carry and what terminals' clocks are compared with.
pub fn korea_now() -> DateTime {
    KST.to_datetime(Timestamp::now())
}

/// An instant as the wall clock in Korea shows it.
pub fn korea(timestamp: Timestamp) -> DateTime {
    KST.to_datetime(timestamp)
}
