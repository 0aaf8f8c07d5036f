//! Answers to cancels that come late: in every state, and never so that an amount is cancelled twice.

use payment::PartialCancel;

use super::{Row, asks, by, check_approved, falls_due, on};
use crate::{
    asking::{cancel, gives_up},
    fixture::{H, M, S},
    happening::{
        cancel_declined, cancel_in_doubt, cancel_not_processed, cancel_not_sent, cancel_timed_out, cancelled,
        cancelled_another_amount, cancelled_before,
    },
};

const FULL: &str = "cancel c0 card450 50000 until 70s; wait";
const PART: &str = "cancel c0 card450 20000 until 70s; wait";

/// A part that went unanswered and cannot be repeated.
fn check_stuck(rows: Vec<Row>, end: &str) {
    let stuck = [
        asks(M, cancel(101, 20_000), PART),
        on(70 * S, cancel_timed_out(0, M), "alarm c0 stuck: not repeatable"),
    ];
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Once),
        stuck.into_iter().chain(rows).collect(),
        end,
    );
}

#[test]
fn a_late_answer_to_the_only_try_settles_what_was_stuck() {
    check_stuck(
        vec![
            on(2 * M, cancelled(0), ""),
            asks(2 * M, cancel(101, 20_000), "reply 0000 card450, cancelled 70000000"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 done 70000000",
    );
    check_stuck(
        vec![
            on(2 * M, cancel_declined(0), ""),
            asks(2 * M, cancel(101, 20_000), "reply 8420 card450"),
            asks(2 * M, cancel(102, 50_000), "cancel c1 card450 50000 until 130s; wait"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 declined 8420 | c1 50000 in flight",
    );
    check_stuck(
        vec![on(2 * M, cancelled_before(0), ""), asks(2 * M, cancel(101, 20_000), "reply 9031")],
        "approved #0 acknowledged | #0 approved | c0 20000 refused 9031",
    );
}

#[test]
fn a_late_answer_that_settles_nothing_leaves_stuck_what_was_stuck() {
    check_stuck(
        vec![
            on(2 * M, cancel_in_doubt(0), ""),
            on(2 * M, cancelled_another_amount(0, 7), ""),
            on(2 * M, cancel_not_sent(0), ""),
            on(2 * M, cancel_timed_out(0, 2 * M), ""),
            asks(2 * M, cancel(102, 50_000), "reply 9032"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 stuck 70s: not repeatable | c1 50000 refused 9032",
    );
}

#[test]
fn a_late_word_that_nothing_was_done_with_the_only_try_settles_it() {
    check_stuck(
        vec![on(2 * M, cancel_not_processed(0), ""), asks(2 * M, cancel(101, 20_000), "reply 9021")],
        "approved #0 acknowledged | #0 approved | c0 20000 refused 9021",
    );
}

#[test]
fn a_cancel_given_up_after_a_day_is_done_by_a_late_answer_but_freed_by_none() {
    let given_up = || {
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(70 * S, cancel_timed_out(0, M), ""),
            on(25 * H, payment::Event::Due, "alarm c0 overdue, alarm c0 stuck: given up"),
        ]
    };
    for (late, end) in [
        (cancelled(0), "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped"),
        (cancelled_before(0), "approved #0 acknowledged | #0 approved | c0 50000 done | card dropped"),
    ] {
        check_approved(
            &by(&["card450"]),
            given_up().into_iter().chain([on(26 * H, late, "")]).collect(),
            end,
        );
    }
    for late in [cancel_declined(0), cancel_not_processed(0), cancel_not_sent(0), cancel_in_doubt(0)] {
        check_approved(
            &by(&["card450"]),
            given_up().into_iter().chain([on(26 * H, late, "")]).collect(),
            "approved #0 acknowledged | #0 approved | c0 50000 stuck 90000s: given up",
        );
    }
}

#[test]
fn a_cancel_done_after_its_terminal_was_told_that_it_was_not_needs_a_person() {
    for (refused, end) in [
        (
            cancel_declined(0),
            "approved #0 acknowledged | #0 approved | c0 50000 stuck 62s: contradicted | c1 50001 refused 9032",
        ),
        (
            cancel_not_sent(0),
            "approved #0 acknowledged | #0 approved | c0 50000 stuck 62s: contradicted | c1 50001 refused 9032",
        ),
    ] {
        check_approved(
            &by(&["card450"]),
            vec![
                asks(M, cancel(101, 50_000), FULL),
                on(M + S, refused, ""),
                on(M + 2 * S, cancelled(0), "alarm c0 stuck: contradicted"),
                asks(M + 3 * S, cancel(101, 50_000), "reply 9023"),
                asks(M + 3 * S, cancel(102, 50_001), "reply 9032"),
            ],
            end,
        );
    }
}

#[test]
fn late_words_that_cancel_nothing_change_no_refusal() {
    for late in [
        cancelled_before(0),
        cancel_declined(0),
        cancel_not_processed(0),
        cancel_in_doubt(0),
        cancel_not_sent(0),
        cancel_timed_out(0, M),
    ] {
        check_approved(
            &by(&["card450"]),
            vec![
                asks(M, cancel(101, 50_000), FULL),
                on(M + S, cancel_not_sent(0), ""),
                on(M + 2 * S, late, ""),
            ],
            "approved #0 acknowledged | #0 approved | c0 50000 refused 9021",
        );
    }
}

#[test]
fn an_answer_to_a_refused_cancel_of_another_amount_needs_a_person_too() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(M + S, cancel_declined(0), ""),
            on(M + 2 * S, cancelled_another_amount(0, 7), "alarm c0 stuck: contradicted"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 stuck 62s: contradicted",
    );
}

#[test]
fn a_cancel_done_after_all_though_the_payment_was_withdrawn_meanwhile_needs_a_person() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(M + S, cancel_declined(0), ""),
            asks(M + 2 * S, gives_up(), "net-cancel #0 card450 of 30000000; done"),
            on(M + 3 * S, cancelled(0), "alarm c0 stuck: contradicted"),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 62s \
         | c0 50000 stuck 63s: contradicted | given up",
    );
}

#[test]
fn a_late_decline_between_two_tries_frees_nothing() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Repeatable),
        vec![
            asks(M, cancel(101, 20_000), PART),
            on(70 * S, cancel_timed_out(0, M), ""),
            on(70 * S + 1, cancel_declined(0), ""),
            asks(70 * S + 2, cancel(102, 50_000), "reply 9033"),
            falls_due(120 * S, "cancel c0 card450 20000 until 130s"),
            on(121 * S, cancel_declined(0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 declined 8420 | c1 50000 refused 9033",
    );
}
