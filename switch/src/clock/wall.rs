//! The wall clock, which somebody may set while the switch runs. Compiled with `--cfg failpoints`, a test can be that somebody.

use jiff::Timestamp;

/// What it shows.
#[cfg(not(failpoints))]
pub(super) fn wall() -> Timestamp {
    Timestamp::now()
}

/// What it shows: by the environment variable `SWITCH_WALL_CLOCK=seconds:from:until` so many seconds ahead (negative: behind), from so many
/// milliseconds after it was first read until so many (from 0: that first reading, too); what the machine's shows otherwise.
#[cfg(failpoints)]
pub(super) fn wall() -> Timestamp {
    set::wall()
}

#[cfg(failpoints)]
mod set {
    use std::{
        env,
        sync::LazyLock,
        time::{Duration, Instant},
    };

    use jiff::{SignedDuration, Timestamp};

    struct Set {
        ahead: SignedDuration,
        from: Instant,
        until: Instant,
    }

    static SET: LazyLock<Option<Set>> = LazyLock::new(set);

    pub(super) fn wall() -> Timestamp {
        let set = &*SET;
        let (now, instant) = (Timestamp::now(), Instant::now());
        match set {
            Some(set) if set.from <= instant && instant < set.until => {
                now.checked_add(set.ahead).unwrap_or(now)
            }
            Some(_) | None => now,
        }
    }

    fn set() -> Option<Set> {
        let text = env::var("SWITCH_WALL_CLOCK").ok()?;
        let numbers: Vec<i64> = text.split(':').filter_map(|number| number.parse().ok()).collect();
        let [ahead, from, until] = numbers[..] else { panic!("SWITCH_WALL_CLOCK=seconds:from:until") };
        let begun = Instant::now();
        let after = |millis: i64| begun + Duration::from_millis(millis.unsigned_abs());
        Some(Set { ahead: SignedDuration::from_secs(ahead), from: after(from), until: after(until) })
    }
}
