//! The switch's clock. Deadlines run on monotonic time; a step of the wall clock moves none of them.
//!
//! The wall clock may be set while the switch runs, and a machine that was suspended wakes with its monotonic clock behind. Then the two have
//! parted: deadlines and what is recorded go on by the running clock, and what others read (dates told to acquirers, answers to terminals, the
//! lease in the store) goes by the wall.

mod wall;

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::Offset};

use self::wall::wall;

/// Korea Standard Time: nine hours ahead of UTC, without daylight saving since 1988.
const KST: Offset = Offset::constant(9);
/// From how far on the two clocks count as parted: more than reading one after the other can make on a busy machine.
pub const PARTED: SignedDuration = SignedDuration::from_secs(1);

/// Wall time read once at the start, monotonic time ever since.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Timestamp,
    monotonic: Instant,
}

impl Clock {
    /// Reads both clocks.
    pub fn start() -> Self {
        Self::started_at(wall())
    }

    /// Counts from `wall` on: where that is another time than the wall clock's, as a clock that was set right afterwards.
    pub fn started_at(wall: Timestamp) -> Self {
        Self { wall, monotonic: Instant::now() }
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

    /// A monotonic instant as the wall clock will show it, if nobody sets it until then.
    pub fn wall_at(&self, instant: Instant) -> Timestamp {
        let end = if self.ahead().is_negative() { Timestamp::MIN } else { Timestamp::MAX };
        self.at(instant).checked_add(self.ahead()).unwrap_or(end)
    }

    /// A monotonic instant by whichever of the two clocks shows it later: what is not over by this is over by neither, nor by the clock of a
    /// start after this one.
    pub fn latest_at(&self, instant: Instant) -> Timestamp {
        self.at(instant).max(self.wall_at(instant))
    }

    /// By how much the wall clock is ahead of this one; negative where it is behind, zero as long as they are less than [`PARTED`] apart.
    pub fn wall_ahead(&self) -> SignedDuration {
        let ahead = self.ahead();
        if ahead.abs() < PARTED { SignedDuration::ZERO } else { ahead }
    }

    /// The same in milliseconds.
    pub fn wall_ahead_ms(&self) -> i64 {
        i64::try_from(self.wall_ahead().as_millis()).unwrap_or(i64::MAX)
    }

    /// The same to the last nanosecond, however little it is.
    pub fn ahead(&self) -> SignedDuration {
        wall().duration_since(self.now())
    }
}

/// The wall clock in Korea: what telegrams carry and what terminals' clocks are compared with.
pub fn korea_now() -> DateTime {
    KST.to_datetime(wall())
}

/// An instant as the wall clock in Korea shows it.
pub fn korea(timestamp: Timestamp) -> DateTime {
    KST.to_datetime(timestamp)
}
