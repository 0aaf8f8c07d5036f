//! Clocks that were wrong when a record was written: after a restart nothing lies further away than it can, and nothing is proved sooner.

use jiff::SignedDuration;
use payment::{Event, NetCancelVerdict::AmountDiffers, Payment};

use super::{asks, by, cancel_tries::silence, check, check_approved, falls_due, on};
use crate::{
    asking::cancel,
    fixture::{H, M, S, at, sealed_card},
    happening::{
        accepted, approval, cancel_declined, decline, in_doubt_answer, late, net_cancel, net_cancel_silent,
        no_original, restarted, retried, timed_out, try_again,
    },
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
    // As many answers as there were tries; the request may have left a few seconds before.
    let (payment, _) = payment.step(&no_original(0), later + SignedDuration::from_secs(1)).unwrap();
    let (payment, _) = payment.step(&Event::Due, later + SignedDuration::from_secs(3)).unwrap();
    let (payment, _) = payment.step(&no_original(0), later + SignedDuration::from_secs(4)).unwrap();
    assert!(payment.owes());
}

#[test]
fn an_approval_that_comes_after_a_step_of_the_clock_and_a_restart_is_undone() {
    // The clock was ten minutes behind and was set right before the restart: all of this is within half a minute.
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, no_original(0), ""),
            on(10 * M + 15 * S, restarted(10 * M + 15 * S), "alarm #0 overdue, net-cancel #0 card450"),
            on(10 * M + 16 * S, no_original(0), ""),
            falls_due(10 * M + 18 * S, "net-cancel #0 card450"),
            on(10 * M + 19 * S, no_original(0), ""),
            falls_due(10 * M + 23 * S, "net-cancel #0 card450"),
            on(10 * M + 24 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → done 624s: accepted | card dropped",
    );
}

#[test]
fn each_restart_counts_the_time_to_settle_anew() {
    for restarts in [1, 2, 10] {
        let (payment, _) = Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
        let (payment, _) = payment.step(&timed_out(0, 0), at(10 * S)).unwrap();
        let (mut payment, _) = payment.step(&try_again(0), at(10 * S)).unwrap();
        for restart in 1..=restarts {
            (payment, _) = payment.step(&restarted(restart * M), at(restart * M)).unwrap();
            (payment, _) = payment.step(&no_original(0), at(restart * M)).unwrap();
        }
        let mut last = at(restarts * M);
        while let Some(due) = payment.due() {
            last = due;
            (payment, _) = payment.step(&Event::Due, due).unwrap();
            (payment, _) = payment.step(&no_original(0), due).unwrap();
        }
        let proved = last.duration_since(at((restarts + 1) * M));
        assert!(
            !proved.is_negative() && proved <= SignedDuration::from_mins(1),
            "{restarts}: {proved:?} later"
        );
    }
}

#[test]
fn a_try_that_was_out_at_the_restart_proves_nothing_whatever_the_clock_said_when_it_left() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            ahead(),
            on(30 * S, restarted(20 * S), "net-cancel #0 card450"),
            on(31 * S, try_again(0), ""),
            on(80 * S, Event::Due, "net-cancel #0 card450"),
            // Of the one that is out, or of the one that left an hour ahead of now.
            on(81 * S, no_original(0), ""),
            falls_due(83 * S, "net-cancel #0 card450"),
            on(84 * S, no_original(0), ""),
        ],
        "refused 9022 | #0 timed out → done 84s: no such original",
    );
}

#[test]
fn what_a_person_has_tried_again_is_proved_absent_by_the_clock_that_runs_now() {
    // In the manual queue nothing sees a restart.
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            on(H, retried(0), "net-cancel #0 card450"),
            on(H + S, no_original(0), ""),
            on(H + M - 1, Event::Due, "net-cancel #0 card450"),
            on(H + M, no_original(0), ""),
            falls_due(H + M + 2 * S, "net-cancel #0 card450"),
            on(H + M + 3 * S, no_original(0), ""),
        ],
        "refused 9022 | #0 timed out → done 3663s: no such original",
    );
    // The record was written while the clock was an hour ahead.
    check(
        &by(&["card450"]),
        SENT,
        &[
            ahead(),
            on(H + 11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            on(2 * M, retried(0), "net-cancel #0 card450"),
            on(2 * M + S, try_again(0), ""),
            on(3 * M, Event::Due, "net-cancel #0 card450"),
            on(3 * M + S, no_original(0), ""),
        ],
        "refused 9022 | #0 timed out → done 181s: no such original",
    );
}

#[test]
fn what_is_owed_anew_is_proved_absent_by_the_clock_that_runs_now() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, try_again(0), ""),
            on(11 * S, late(0, decline("8035")), ""),
            on(H, late(0, in_doubt_answer()), "net-cancel #0 card450"),
            on(H + S, no_original(0), ""),
            falls_due(H + 2 * S, "net-cancel #0 card450"),
            on(H + 3 * S, late(0, approval(0)), ""),
            on(H + 4 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) done 3604s: accepted | card dropped",
    );
}

#[test]
fn a_decline_of_a_cancel_right_after_a_step_of_the_clock_and_a_restart_frees_nothing() {
    // The clock was ten minutes behind; the first try may be done until a minute after the restart, and be answered for a minute more.
    check_approved(
        &by(&["card450"]),
        silence(vec![
            on(10 * M, restarted(10 * M), "alarm c0 overdue, cancel c0 card450 50000 until 610s"),
            on(10 * M + S, cancel_declined(0), ""),
            asks(10 * M + S, cancel(101, 50_000), "reply 9023"),
            falls_due(12 * M + S, "cancel c0 card450 50000 until 731s"),
            on(12 * M + 2 * S, cancel_declined(0), ""),
            asks(12 * M + 2 * S, cancel(101, 50_000), "reply 8420 card450"),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420",
    );
}
