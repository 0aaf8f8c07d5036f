//! How long a connection is waited for.

use std::time::Duration;

use switch::{
    config::Listener,
    session::patience::{
        Impatience::{self, Idle, NotTaken, Unfinished},
        Patience,
    },
};
use tokio::time::Instant;

use crate::sample::{SAMPLE, config};

/// A connection opened at an instant: idle for 300 s, 10 s for a telegram, 7 s for a byte of an answer.
fn opened() -> (Patience, Instant) {
    let listener = Listener {
        idle_timeout: Duration::from_mins(5),
        frame_timeout: Duration::from_secs(10),
        write_timeout: Duration::from_secs(7),
        ..config(SAMPLE).listeners["terminals"].clone()
    };
    let now = Instant::now();
    (Patience::new(&listener, now), now)
}

fn after(now: Instant, seconds: u64) -> Instant {
    now + Duration::from_secs(seconds)
}

#[track_caller]
fn check(patience: &Patience, waits: bool, opened: Instant, expected: Option<(u64, Impatience)>) {
    let expected = expected.map(|(seconds, impatience)| (after(opened, seconds), impatience));
    assert_eq!(patience.until(waits), expected);
}

#[test]
fn a_telegram_has_its_time_from_its_first_byte_however_its_bytes_come() {
    let (mut patience, opened) = opened();
    check(&patience, false, opened, Some((300, Idle)));
    patience.read(0, true, after(opened, 100));
    for seconds in 101..110 {
        patience.read(0, true, after(opened, seconds));
        check(&patience, false, opened, Some((110, Unfinished)));
        // Who waits for an answer to another telegram is no exception.
        check(&patience, true, opened, Some((110, Unfinished)));
    }
}

#[test]
fn a_telegram_behind_a_whole_one_has_its_own_time() {
    let (mut patience, opened) = opened();
    patience.read(0, true, after(opened, 100));
    patience.read(1, true, after(opened, 105));
    check(&patience, false, opened, Some((115, Unfinished)));
    patience.read(1, false, after(opened, 106));
    check(&patience, false, opened, Some((406, Idle)));
}

#[test]
fn while_the_switch_does_not_read_no_telegram_is_late() {
    let (mut patience, opened) = opened();
    patience.read(1, true, after(opened, 1));
    patience.unread(after(opened, 200));
    check(&patience, true, opened, Some((210, Unfinished)));
    patience.ended();
    check(&patience, true, opened, None);
}

#[test]
fn bytes_that_become_no_telegram_keep_no_connection() {
    let (mut patience, opened) = opened();
    patience.read(0, true, after(opened, 295));
    check(&patience, false, opened, Some((300, Idle)));
}

#[test]
fn an_answer_must_be_taken_byte_by_byte_and_further_answers_give_no_more_time() {
    let (mut patience, opened) = opened();
    patience.read(1, false, opened);
    check(&patience, true, opened, None);
    patience.answered(after(opened, 10));
    patience.answered(after(opened, 15));
    check(&patience, false, opened, Some((17, NotTaken)));
    check(&patience, true, opened, Some((17, NotTaken)));
    patience.took(false, after(opened, 16));
    check(&patience, false, opened, Some((23, NotTaken)));
    patience.took(true, after(opened, 20));
    check(&patience, false, opened, Some((320, Idle)));
    check(&patience, true, opened, None);
}

#[test]
fn who_is_to_leave_takes_all_that_waits_in_its_time() {
    let (mut patience, opened) = opened();
    patience.read(1, true, opened);
    patience.answered(after(opened, 1));
    patience.leaves(after(opened, 3));
    check(&patience, false, opened, Some((10, NotTaken)));
    patience.took(false, after(opened, 9));
    // Told again, it has no more time.
    patience.leaves(after(opened, 9));
    check(&patience, false, opened, Some((10, NotTaken)));
    patience.took(true, after(opened, 9));
    check(&patience, true, opened, None);
}

#[test]
fn other_settings_hold_for_what_is_waited_for_from_then_on() {
    let (mut patience, opened) = opened();
    patience.read(1, true, opened);
    patience.answered(opened);
    check(&patience, false, opened, Some((7, NotTaken)));
    patience.follow(&Listener {
        idle_timeout: Duration::from_secs(30),
        frame_timeout: Duration::from_secs(3),
        write_timeout: Duration::from_secs(2),
        ..config(SAMPLE).listeners["terminals"].clone()
    });
    check(&patience, false, opened, Some((2, NotTaken)));
    patience.took(true, opened);
    check(&patience, false, opened, Some((3, Unfinished)));
    patience.read(1, false, opened);
    check(&patience, false, opened, Some((30, Idle)));
}
