//! The switch's clock.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp, civil::date};
use proptest::prelude::*;
use switch::clock::{Clock, korea, korea_now};

#[test]
fn korea_is_nine_hours_ahead_all_year() {
    let table = [
        ("2026-01-01T00:00:00Z", date(2026, 1, 1).at(9, 0, 0, 0)),
        ("2026-07-01T14:59:59Z", date(2026, 7, 1).at(23, 59, 59, 0)),
        ("2026-12-31T15:00:00Z", date(2027, 1, 1).at(0, 0, 0, 0)),
    ];
    for (utc, expected) in table {
        assert_eq!(korea(utc.parse::<Timestamp>().unwrap()), expected);
    }
    let (before, now, after) = (korea(Timestamp::now()), korea_now(), korea(Timestamp::now()));
    assert!(before <= now && now <= after);
}

#[test]
fn the_clock_starts_at_wall_time_and_never_goes_back() {
    let before = Timestamp::now();
    let clock = Clock::start();
    let mut last = clock.now();
    assert!(last >= before);
    for _ in 0..1_000 {
        let now = clock.now();
        assert!(now >= last);
        last = now;
    }
}

#[test]
fn what_lies_before_the_start_is_due_at_the_start_and_the_far_future_never_overflows() {
    let clock = Clock::start();
    let start = clock.instant(Timestamp::MIN);
    assert!(start <= Instant::now());
    assert_eq!(clock.instant(Timestamp::UNIX_EPOCH), start);
    assert!(clock.instant(Timestamp::MAX) > Instant::now() + Duration::from_hours(24 * 365 * 99));
}

/// What had its last byte then is settled by neither clock before it is by both: a start after this one goes by the wall's.
#[test]
fn an_instant_is_as_late_as_the_later_of_the_two_clocks_shows_it() {
    for hours in [-1, 1] {
        let clock = Clock::started_at(Timestamp::now() - SignedDuration::from_hours(hours));
        let (instant, wall) = (Instant::now(), Timestamp::now());
        let latest = clock.latest_at(instant);
        assert!(latest >= clock.at(instant) && latest >= wall - SignedDuration::from_millis(100), "{latest}");
        assert!(latest - SignedDuration::from_secs(1) <= wall.max(clock.at(instant)), "{latest}");
    }
}

#[test]
fn a_step_of_the_wall_clock_moves_no_instant_and_is_told() {
    for hours in [-1, 1] {
        // Counted on from an hour that the wall clock was set away from.
        let clock = Clock::started_at(Timestamp::now() - SignedDuration::from_hours(hours));
        let due = clock.now() + SignedDuration::from_secs(10);
        let waits = clock.instant(due).duration_since(Instant::now());
        assert!(waits <= Duration::from_secs(10) && waits > Duration::from_secs(5), "{waits:?}");
        let ahead = clock.wall_ahead();
        assert!((ahead - SignedDuration::from_hours(hours)).abs() < SignedDuration::from_secs(1), "{ahead}");
        assert!((i128::from(clock.wall_ahead_ms()) - ahead.as_millis()).abs() < 1_000);
        let off = clock.wall_at(Instant::now()).duration_since(Timestamp::now());
        assert!(off.abs() < SignedDuration::from_secs(1), "{off}");
    }
    let (small, started) = (SignedDuration::from_millis(300), Timestamp::now());
    assert_eq!(Clock::started_at(started - small).wall_ahead(), SignedDuration::ZERO);
    assert_eq!(Clock::start().wall_ahead_ms(), 0);
}

proptest! {
    #[test]
    fn an_instant_and_its_timestamp_are_the_same_moment(ahead_ms in 0..86_400_000_u64) {
        let clock = Clock::start();
        let instant = Instant::now() + Duration::from_millis(ahead_ms);
        prop_assert_eq!(clock.instant(clock.at(instant)), instant);
        let later = clock.at(instant + Duration::from_millis(5));
        prop_assert_eq!(later.duration_since(clock.at(instant)), SignedDuration::from_millis(5));
    }
}
