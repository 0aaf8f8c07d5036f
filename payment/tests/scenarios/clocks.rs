//! Clocks that were ahead when a record was written: after a restart nothing lies further away than it can.

use jiff::SignedDuration;
use payment::{Event, Payment};

use super::{by, check, check_approved, falls_due, on};
use crate::{
    fixture::{H, M, S, at, sealed_card},
    happening::{accepted, net_cancel_silent, no_original, restarted, timed_out, try_again},
};

const SENT: &str = "send #0 card450 until 10s";

/// The request went unanswered an hour ahead of the clock that reads its record.
fn ahead() -> super::Row {
    on(H + 10 * S, timed_out(0, H), "net-cancel #0 card450, reply 9022, alarm 9022")
}

#[test]
fn a_debt_is_no_younger_than_the_restart() {
    let (payment, _) = Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
    let (payment, _) = payment.step(&timed_out(0, H), at(H + 10 * S)).unwrap();
    let (payment, _) = payment.step(&restarted(20 * S), at(30 * S)).unwrap();
    assert_eq!(payment.attempts()[0].debt().unwrap().owed_since(), at(30 * S));
}

#[test]
fn a_debt_is_no_older_for_a_restart() {
    let (payment, _) = Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
    let (payment, _) = payment.step(&timed_out(0, 0), at(10 * S)).unwrap();
    let (payment, _) = payment.step(&restarted(20 * S), at(30 * S)).unwrap();
    assert_eq!(payment.attempts()[0].debt().unwrap().owed_since(), at(10 * S));
}

#[test]
fn a_debt_alarms_and_is_given_up_as_long_after_the_restart_as_ever() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            ahead(),
            on(30 * S, restarted(20 * S), "net-cancel #0 card450"),
            falls_due(330 * S, "alarm #0 overdue"),
            on(331 * S, try_again(0), ""),
            on(30 * S + 24 * H, Event::Due, "alarm #0 stuck: given up"),
        ],
        "refused 9022 | #0 timed out → stuck 86430s: given up",
    );
}

#[test]
fn no_such_original_is_proof_as_soon_after_the_restart_as_the_acquirer_has_settled() {
    // Nothing left after 20 s, so that 80 s is late enough; the record says an hour and a minute.
    let tried_at = |ms: i64| {
        let (payment, _) = Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
        let (payment, _) = payment.step(&timed_out(0, H), at(H + 10 * S)).unwrap();
        let (payment, _) = payment.step(&try_again(0), at(H + 10 * S)).unwrap();
        let (payment, _) = payment.step(&restarted(20 * S), at(30 * S)).unwrap();
        let (payment, _) = payment.step(&try_again(0), at(30 * S)).unwrap();
        let (payment, _) = payment.step(&Event::Due, at(ms)).unwrap();
        let (payment, _) = payment.step(&no_original(0), at(ms + S)).unwrap();
        !payment.owes()
    };
    assert!(tried_at(80 * S));
    assert!(!tried_at(80 * S - 1));
}

#[test]
fn what_is_settled_is_not_touched() {
    check(
        &by(&["card450"]),
        SENT,
        &[ahead(), on(H + 11 * S, accepted(0), ""), on(30 * S, restarted(20 * S), "")],
        "refused 9022 | #0 timed out → done 3611s: accepted | card dropped",
    );
}

#[test]
fn a_pause_is_no_longer_than_the_longest() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            ahead(),
            on(H + 10 * S, net_cancel_silent(0), ""),
            on(30 * S, restarted(20 * S), "net-cancel #0 card450"),
            on(31 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → done 31s: accepted | card dropped",
    );
    // A pause that could be one is left to end.
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(10 * S, try_again(0), ""),
            on(10 * S, restarted(10 * S), ""),
            falls_due(11 * S, "net-cancel #0 card450"),
        ],
        "refused 9022 | #0 timed out → owed, trying since 11s",
    );
}

#[test]
fn the_times_a_terminal_has_are_no_longer_than_they_are() {
    check_approved(
        &by(&["card450"]),
        vec![
            on(H, Event::Undelivered, ""),
            on(M, restarted(M), ""),
            falls_due(90 * S, "net-cancel #0 card450 of 30000000"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) owed, trying since 90s",
    );
}

#[test]
fn a_clock_that_was_behind_takes_no_time_away_that_matters() {
    // The debt is as old as its record says; nothing is proved sooner.
    let (payment, _) = Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
    let (payment, _) = payment.step(&timed_out(0, 0), at(10 * S)).unwrap();
    let later = at(10 * S) + SignedDuration::from_hours(1);
    let (payment, effects) = payment.step(&restarted(60 * M), later).unwrap();
    assert_eq!(crate::describe::effects(&effects), "alarm #0 overdue, net-cancel #0 card450");
    assert!(payment.owes());
}
