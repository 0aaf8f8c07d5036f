//! What an acquirer answers to a cancel, and what its terminal is told of it.

use payment::PartialCancel;

use super::{asks, by, check_approved, falls_due, on};
use crate::{
    asking::cancel,
    fixture::{H, M, S},
    happening::{
        cancel_declined, cancel_in_doubt, cancel_not_processed, cancel_not_sent, cancel_of_no_original,
        cancel_timed_out, cancelled, cancelled_another_amount, cancelled_before, cancelled_unsized,
        speaking_of,
    },
};

const FULL: &str = "cancel c0 card450 50000 until 70s; wait";
const PART: &str = "cancel c0 card450 20000 until 70s; wait";

#[test]
fn a_decline_of_the_first_try_is_told_recorded_and_frees_the_amount() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(M + S, cancel_declined(0), ""),
            asks(M + 2 * S, cancel(101, 50_000), "reply 8420 card450"),
            asks(2 * M, cancel(102, 50_000), "cancel c1 card450 50000 until 130s; wait"),
            on(2 * M + S, cancelled(1), ""),
            asks(3 * M, cancel(101, 50_000), "reply 8420 card450"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420 | c1 50000 done 70000001 | card dropped",
    );
}

#[test]
fn what_was_provably_not_sent_or_not_processed_is_told_9021_and_frees_the_amount() {
    for nothing_done in [cancel_not_sent(0), cancel_not_processed(0)] {
        check_approved(
            &by(&["card450"]),
            vec![
                asks(M, cancel(101, 50_000), FULL),
                on(M + S, nothing_done, ""),
                asks(M + 2 * S, cancel(101, 50_000), "reply 9021"),
                asks(2 * M, cancel(102, 50_000), "cancel c1 card450 50000 until 130s; wait"),
            ],
            "approved #0 acknowledged | #0 approved | c0 50000 refused 9021 | c1 50000 in flight",
        );
    }
}

#[test]
fn an_acceptance_that_does_not_say_how_much_settles_the_whole_and_leaves_a_part_in_doubt() {
    check_approved(
        &by(&["card450"]),
        vec![asks(M, cancel(101, 50_000), FULL), on(M + S, cancelled_unsized(0), "")],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Repeatable),
        vec![asks(M, cancel(101, 20_000), PART), on(M + S, cancelled_unsized(0), "")],
        "approved #0 acknowledged | #0 approved | c0 20000 unconfirmed, due 62s",
    );
}

#[test]
fn silence_is_told_9023_and_keeps_the_amount() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(M + 10 * S, cancel_timed_out(0, M), ""),
            asks(M + 10 * S, cancel(101, 50_000), "reply 9023"),
            asks(M + 10 * S, cancel(102, 50_000), "reply 9033"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, due 71s | c1 50000 refused 9033",
    );
}

#[test]
fn an_answer_in_doubt_is_told_9023_and_keeps_the_amount() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(M + S, cancel_in_doubt(0), ""),
            asks(M + S, cancel(101, 50_000), "reply 9023"),
            falls_due(M + 2 * S, "cancel c0 card450 50000 until 72s"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, trying since 62s",
    );
}

#[test]
fn a_cancel_that_is_accepted_for_another_amount_is_in_doubt() {
    for amount in [0, 49_999, 50_001] {
        check_approved(
            &by(&["card450"]),
            vec![
                asks(M, cancel(101, 50_000), FULL),
                on(M + S, cancelled_another_amount(0, amount), ""),
                asks(M + S, cancel(101, 50_000), "reply 9023"),
            ],
            "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, due 62s",
        );
    }
}

#[test]
fn a_cancel_that_is_accepted_for_its_own_amount_is_done() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 20_000), PART),
            on(M + S, cancelled_another_amount(0, 20_000), ""),
            asks(M + S, cancel(101, 20_000), "reply 0000 card450, cancelled"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 done",
    );
}

#[test]
fn already_cancelled_on_a_first_try_was_somebody_elses_cancel() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(M + S, cancelled_before(0), ""),
            asks(M + S, cancel(101, 50_000), "reply 9031"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 refused 9031",
    );
}

#[test]
fn already_cancelled_on_a_later_try_was_our_own_cancel() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(M + 10 * S, cancel_timed_out(0, M), ""),
            falls_due(M + 11 * S, "cancel c0 card450 50000 until 81s"),
            on(M + 12 * S, cancelled_before(0), ""),
            asks(M + 13 * S, cancel(101, 50_000), "reply 0000 card450, cancelled"),
            asks(M + 13 * S, cancel(102, 50_000), "reply 9031"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done | c1 50000 refused 9031 | card dropped",
    );
}

#[test]
fn the_first_answer_decides_and_whatever_comes_after_changes_nothing() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(M + S, cancelled(0), ""),
            on(M + 2 * S, cancelled_before(0), ""),
            on(M + 3 * S, cancel_declined(0), ""),
            on(M + 4 * S, cancel_in_doubt(0), ""),
            on(M + 5 * S, cancel_not_processed(0), ""),
            on(M + 6 * S, cancel_not_sent(0), ""),
            on(M + 7 * S, cancel_timed_out(0, M), ""),
            on(M + 8 * S, cancelled_another_amount(0, 7), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn no_such_original_on_a_first_try_is_a_refusal() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(M + S, cancel_of_no_original(0), ""),
            asks(M + S, cancel(101, 50_000), "reply 8414 card450"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8414",
    );
}

/// It may be what the try that went unanswered left behind.
#[test]
fn no_such_original_on_a_later_try_never_frees_the_amount() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(M + 10 * S, cancel_timed_out(0, M), ""),
            on(10 * M, payment::Event::Due, "alarm c0 overdue, cancel c0 card450 50000 until 610s"),
            on(10 * M + S, cancel_of_no_original(0), ""),
            on(20 * M, payment::Event::Due, "cancel c0 card450 50000 until 1210s"),
            on(20 * M + S, cancel_of_no_original(0), ""),
            asks(20 * M + S, cancel(101, 50_000), "reply 9023"),
            on(25 * H, payment::Event::Due, "alarm c0 stuck: given up"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 stuck 90000s: given up",
    );
}

#[test]
fn an_answer_of_any_class_that_speaks_of_another_amount_is_in_doubt() {
    for answer in [cancel_declined(0), cancel_of_no_original(0), cancel_not_processed(0), cancelled_before(0)]
    {
        check_approved(
            &by(&["card450"]),
            vec![
                asks(M, cancel(101, 50_000), FULL),
                on(M + S, speaking_of(49_999, answer), ""),
                asks(M + S, cancel(101, 50_000), "reply 9023"),
            ],
            "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, due 62s",
        );
    }
}

#[test]
fn zeros_are_no_amount_but_in_an_acceptance_another_one() {
    check_approved(
        &by(&["card450"]),
        vec![asks(M, cancel(101, 50_000), FULL), on(M + S, speaking_of(0, cancel_declined(0)), "")],
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420",
    );
    check_approved(
        &by(&["card450"]),
        vec![asks(M, cancel(101, 50_000), FULL), on(M + S, speaking_of(0, cancelled(0)), "")],
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, due 62s",
    );
}
