//! Cancels under way when the switch starts again: in doubt, repeated where that is safe, and never freed.

use payment::{Event, PartialCancel};

use super::{
    asks, by,
    cancel_tries::{by_parts, silence},
    check_approved, falls_due, on,
};
use crate::{
    asking::cancel,
    fixture::{H, M, S},
    happening::{cancel_declined, cancel_not_sent, cancel_timed_out, cancelled, restarted},
};

#[test]
fn a_restart_repeats_a_full_cancel_in_flight_at_once() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            on(M + 5 * S, restarted(M + 2 * S), "cancel c0 card450 50000 until 75s"),
            asks(M + 5 * S, cancel(101, 50_000), "reply 9023"),
            on(M + 6 * S, cancelled(0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_restart_repeats_a_part_in_flight_only_where_the_acquirer_knows_it_again() {
    check_approved(
        &by_parts(PartialCancel::Repeatable),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            on(M + 5 * S, restarted(M + 2 * S), "cancel c0 card450 20000 until 75s"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 unconfirmed, trying since 65s",
    );
    check_approved(
        &by_parts(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            on(M + 5 * S, restarted(M + 2 * S), "alarm c0 stuck: not repeatable"),
            on(M + 6 * S, restarted(M + 6 * S), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 stuck 65s: not repeatable",
    );
}

#[test]
fn a_restart_repeats_a_later_try_at_once_and_lets_a_pause_go_on() {
    check_approved(
        &by(&["card450"]),
        silence(vec![
            falls_due(71 * S, "cancel c0 card450 50000 until 81s"),
            on(75 * S, restarted(74 * S), "cancel c0 card450 50000 until 85s"),
            // The try of the old process may be done until 134 s, and the one that is out until 136 s; either may be answered until 196 s.
            on(76 * S, cancel_declined(0), ""),
            falls_due(196 * S, "cancel c0 card450 50000 until 206s"),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, trying since 196s",
    );
    check_approved(
        &by(&["card450"]),
        silence(vec![
            on(70 * S + 500, restarted(70 * S), ""),
            falls_due(71 * S, "cancel c0 card450 50000 until 81s"),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, trying since 71s",
    );
}

#[test]
fn a_cancel_recorded_by_a_clock_that_was_ahead_is_due_now_and_as_old_as_the_restart() {
    // An hour ahead.
    check_approved(
        &by(&["card450"]),
        vec![
            asks(H + M, cancel(101, 50_000), "cancel c0 card450 50000 until 3670s; wait"),
            on(H + 70 * S, cancel_timed_out(0, H + M), ""),
            on(70 * S, restarted(M), "cancel c0 card450 50000 until 80s"),
            on(71 * S, cancel_not_sent(0), ""),
            on(120 * S, Event::Due, "cancel c0 card450 50000 until 130s"),
            on(121 * S, cancel_not_sent(0), ""),
            on(370 * S - 1, Event::Due, "cancel c0 card450 50000 until 379.999s"),
            falls_due(370 * S, "alarm c0 overdue"),
            on(371 * S, cancelled(0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_cancel_that_grew_too_old_meanwhile_alarms_and_is_given_up_after_one_more_try() {
    check_approved(
        &by(&["card450"]),
        silence(vec![
            on(25 * H, restarted(2 * M), "cancel c0 card450 50000 until 90010s, alarm c0 overdue"),
            on(25 * H + S, cancel_not_sent(0), ""),
            on(25 * H + 3 * S, Event::Due, "alarm c0 stuck: given up"),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 stuck 90003s: given up",
    );
}

#[test]
fn cancels_that_are_settled_stay_as_they_are_after_a_restart() {
    check_approved(
        &by_parts(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            asks(M, cancel(102, 20_000), "cancel c1 card450 20000 until 70s; wait"),
            on(M + S, cancel_declined(1), ""),
            asks(M, cancel(103, 40_000), "reply 9032"),
            on(2 * M, restarted(2 * M), ""),
            asks(3 * M, cancel(101, 20_000), "reply 0000 card450, cancelled 70000000"),
            asks(3 * M, cancel(102, 20_000), "reply 8420 card450"),
            asks(3 * M, cancel(103, 40_000), "reply 9032"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 done 70000000 | c1 20000 declined 8420 | c2 40000 refused 9032",
    );
}
