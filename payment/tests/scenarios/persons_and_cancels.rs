//! Persons and cancels: tried again only where that is safe, and settled for good unless the acquirer contradicts.

use payment::{CancelFinding, Event, PartialCancel};

use super::{Row, asks, by, check_approved, falls_due, inquiry, on};
use crate::{
    asking::cancel,
    fixture::{H, M, S},
    happening::{
        cancel_declined, cancel_resolved, cancel_retried, cancel_timed_out, cancelled, cancelled_before,
    },
};

fn given_up() -> Vec<Row> {
    vec![
        asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
        on(70 * S, cancel_timed_out(0, M), ""),
        on(25 * H, Event::Due, "alarm c0 overdue, alarm c0 stuck: given up"),
    ]
}

fn after_giving_up(rows: Vec<Row>, end: &str) {
    check_approved(&by(&["card450"]), given_up().into_iter().chain(rows).collect(), end);
}

#[test]
fn a_cancel_that_was_given_up_is_tried_again_under_its_serial_with_a_new_day() {
    after_giving_up(
        vec![
            inquiry(30 * H, "NeedsPerson, reply 0000 card450"),
            on(30 * H, cancel_retried(0), "cancel c0 card450 50000 until 108010s"),
            inquiry(30 * H, "InProgress, no answer"),
            on(30 * H + S, cancelled_before(0), ""),
            asks(31 * H, cancel(101, 50_000), "reply 0000 card450, cancelled"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done | card dropped",
    );
}

#[test]
fn a_refusal_right_after_a_retry_is_no_proof() {
    after_giving_up(
        vec![
            on(30 * H, cancel_retried(0), "cancel c0 card450 50000 until 108010s"),
            on(30 * H + S, cancel_declined(0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, due 108121s",
    );
}

#[test]
fn a_cancel_that_a_person_found_done_is_told_so() {
    after_giving_up(
        vec![
            on(30 * H, cancel_resolved(0, CancelFinding::Done), ""),
            asks(31 * H, cancel(101, 50_000), "reply 0000 card450, cancelled"),
            on(31 * H, cancel_resolved(0, CancelFinding::NotDone), ""),
            on(31 * H, cancel_retried(0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done by a person",
    );
}

#[test]
fn the_amount_of_a_cancel_that_a_person_found_not_done_can_be_cancelled_again() {
    after_giving_up(
        vec![
            asks(30 * H, cancel(102, 50_000), "reply 9032"),
            on(30 * H, cancel_resolved(0, CancelFinding::NotDone), ""),
            asks(31 * H, cancel(101, 50_000), "reply 9021"),
            asks(31 * H, cancel(103, 50_000), "cancel c2 card450 50000 until 111610s; wait"),
            on(31 * H + S, cancelled(2), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 refused 9021 by a person | c1 50000 refused 9032 | c2 50000 done 70000002 | card dropped",
    );
}

#[test]
fn a_cancel_that_a_person_found_not_done_and_the_acquirer_did_needs_a_person_again() {
    after_giving_up(
        vec![
            on(30 * H, cancel_resolved(0, CancelFinding::NotDone), ""),
            on(30 * H + S, cancelled(0), "alarm c0 stuck: contradicted"),
            on(30 * H + S, cancel_retried(0), ""),
            on(31 * H, cancel_resolved(0, CancelFinding::Done), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done by a person",
    );
}

#[test]
fn what_could_be_done_twice_is_settled_by_a_person_and_never_tried_again() {
    let part = [
        asks(M, cancel(101, 10_000), "cancel c0 card450 10000 until 70s; wait"),
        on(70 * S, cancel_timed_out(0, M), "alarm c0 stuck: not repeatable"),
        on(2 * M, cancel_retried(0), ""),
        on(2 * M, cancel_resolved(0, CancelFinding::Done), ""),
    ];
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Once),
        part.into(),
        "approved #0 acknowledged | #0 approved | c0 10000 done by a person",
    );
}

#[test]
fn one_that_was_given_up_is_not_tried_again_beside_another() {
    let rows = vec![
        asks(M, cancel(101, 10_000), "cancel c0 card450 10000 until 70s; wait"),
        on(70 * S, cancel_timed_out(0, M), ""),
        on(25 * H, Event::Due, "alarm c0 overdue, alarm c0 stuck: given up"),
        asks(30 * H, cancel(102, 20_000), "cancel c1 card450 20000 until 108010s; wait"),
        on(30 * H, cancel_retried(0), ""),
        on(30 * H, cancel_retried(1), ""),
    ];
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Repeatable),
        rows,
        "approved #0 acknowledged | #0 approved | c0 10000 stuck 90000s: given up | c1 20000 in flight",
    );
}

#[test]
fn already_cancelled_is_not_believed_of_a_part_where_another_as_great_is_done() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Repeatable),
        vec![
            asks(M, cancel(101, 10_000), "cancel c0 card450 10000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            asks(M + 2 * S, cancel(102, 10_000), "cancel c1 card450 10000 until 72s; wait"),
            on(72 * S, cancel_timed_out(1, M + 2 * S), ""),
            falls_due(73 * S, "cancel c1 card450 10000 until 83s"),
            on(74 * S, cancelled_before(1), ""),
            on(26 * H, Event::Due, "alarm c1 overdue, alarm c1 stuck: given up"),
            on(26 * H, cancelled_before(1), ""),
            on(27 * H, cancel_resolved(1, CancelFinding::Done), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 10000 done 70000000 | c1 10000 done by a person",
    );
}

#[test]
fn already_cancelled_is_believed_of_a_part_that_is_the_only_one_of_its_amount() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Repeatable),
        vec![
            asks(M, cancel(101, 10_000), "cancel c0 card450 10000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            asks(M + 2 * S, cancel(102, 20_000), "cancel c1 card450 20000 until 72s; wait"),
            on(72 * S, cancel_timed_out(1, M + 2 * S), ""),
            falls_due(73 * S, "cancel c1 card450 20000 until 83s"),
            on(74 * S, cancelled_before(1), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 10000 done 70000000 | c1 20000 done",
    );
}
