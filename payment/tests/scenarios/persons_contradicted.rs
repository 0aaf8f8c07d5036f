//! What a person found of a cancel, and what the acquirer says of it afterwards: its word outweighs the person's, and nobody is left untold.

use payment::{CancelFinding, Event, PartialCancel};

use super::{Row, asks, by, check_approved, falls_due, inquiry, on, repeat};
use crate::{
    asking::{cancel, gives_up},
    fixture::{H, M, S},
    happening::{
        accepted, cancel_declined, cancel_in_doubt, cancel_not_processed, cancel_of_no_original,
        cancel_resolved, cancel_timed_out, cancelled, cancelled_another_amount, cancelled_before,
    },
};

const FULL: &str = "cancel c0 card450 50000 until 70s; wait";

/// The only try of a full cancel went unanswered, and a person finds out what became of it.
fn found(how: CancelFinding, rows: Vec<Row>, end: &str) {
    let until = [
        asks(M, cancel(101, 50_000), FULL),
        on(70 * S, cancel_timed_out(0, M), ""),
        on(70 * S + 500, cancel_resolved(0, how), ""),
    ];
    check_approved(&by(&["card450"]), until.into_iter().chain(rows).collect(), end);
}

#[test]
fn not_done_says_a_person_and_already_cancelled_says_the_acquirer() {
    found(
        CancelFinding::NotDone,
        vec![
            inquiry(72 * S, "Approved, reply 0000 card450"),
            on(73 * S, cancelled_before(0), "alarm c0 stuck: contradicted"),
            inquiry(74 * S, "NeedsPerson, reply 0000 card450"),
            asks(75 * S, cancel(102, 50_000), "reply 9032"),
            on(76 * S, cancelled_before(0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 stuck 73s: contradicted | c1 50000 refused 9032",
    );
}

#[test]
fn already_cancelled_is_no_contradiction_where_a_later_cancel_did_it() {
    found(
        CancelFinding::NotDone,
        vec![
            asks(80 * S, cancel(102, 50_000), "cancel c1 card450 50000 until 90s; wait"),
            on(81 * S, cancelled(1), ""),
            on(82 * S, cancelled_before(0), ""),
            inquiry(83 * S, "Cancelled, reply 0000 card450"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 refused 9021 by a person | c1 50000 done 70000001 \
         | card dropped",
    );
}

#[test]
fn already_cancelled_is_no_contradiction_where_parts_that_are_done_leave_too_little() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Repeatable),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(70 * S, cancel_timed_out(0, M), ""),
            on(70 * S + 500, cancel_resolved(0, CancelFinding::NotDone), ""),
            asks(80 * S, cancel(102, 20_000), "cancel c1 card450 20000 until 90s; wait"),
            on(81 * S, cancelled(1), ""),
            on(82 * S, cancelled_before(0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 refused 9021 by a person | c1 20000 done 70000001",
    );
}

#[test]
fn already_cancelled_is_no_contradiction_where_all_was_net_cancelled_since() {
    found(
        CancelFinding::NotDone,
        vec![
            asks(80 * S, gives_up(), "net-cancel #0 card450 of 30000000; done"),
            on(81 * S, accepted(0), ""),
            on(82 * S, cancelled_before(0), ""),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) done 81s: accepted | c0 50000 refused 9021 by a person \
         | given up | card dropped",
    );
}

#[test]
fn a_new_cancel_that_is_told_already_cancelled_contradicts_what_a_person_found_not_done() {
    found(
        CancelFinding::NotDone,
        vec![
            asks(80 * S, cancel(102, 50_000), "cancel c1 card450 50000 until 90s; wait"),
            on(81 * S, cancelled_before(1), "alarm c0 stuck: contradicted"),
            asks(82 * S, cancel(102, 50_000), "reply 9031"),
            inquiry(83 * S, "NeedsPerson, reply 0000 card450"),
            on(84 * S, cancel_resolved(0, CancelFinding::Done), ""),
            inquiry(85 * S, "Cancelled, reply 0000 card450"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done by a person | c1 50000 refused 9031",
    );
}

#[test]
fn a_part_that_is_told_already_cancelled_says_nothing_where_another_as_great_is_done() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Repeatable),
        vec![
            asks(M, cancel(101, 10_000), "cancel c0 card450 10000 until 70s; wait"),
            on(70 * S, cancel_timed_out(0, M), ""),
            on(70 * S + 500, cancel_resolved(0, CancelFinding::NotDone), ""),
            asks(80 * S, cancel(102, 10_000), "cancel c1 card450 10000 until 90s; wait"),
            on(81 * S, cancelled(1), ""),
            asks(82 * S, cancel(103, 10_000), "cancel c2 card450 10000 until 92s; wait"),
            on(83 * S, cancelled_before(2), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 10000 refused 9021 by a person | c1 10000 done 70000001 \
         | c2 10000 refused 9031",
    );
}

#[test]
fn done_says_a_person_and_declined_says_the_acquirer() {
    found(
        CancelFinding::Done,
        vec![
            asks(72 * S, cancel(101, 50_000), "reply 0000 card450, cancelled"),
            repeat(72 * S, "reply 9031"),
            on(73 * S, cancel_declined(0), "alarm c0 stuck: contradicted"),
            asks(74 * S, cancel(101, 50_000), "reply 9023"),
            inquiry(74 * S, "NeedsPerson, reply 0000 card450"),
            repeat(74 * S, "reply 9031"),
            on(75 * S, cancel_declined(0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 stuck 73s: contradicted",
    );
}

/// The terminal has taken it for cancelled, so that a repeat of its request is not told 0000 any more, whoever says what.
#[test]
fn once_told_cancelled_a_repeat_is_never_approved_again_and_a_new_cancel_carries_the_card() {
    found(
        CancelFinding::Done,
        vec![
            on(73 * S, cancel_declined(0), "alarm c0 stuck: contradicted"),
            on(80 * S, cancel_resolved(0, CancelFinding::NotDone), ""),
            repeat(81 * S, "reply 9031"),
            inquiry(81 * S, "Approved, reply 0000 card450"),
            asks(82 * S, cancel(102, 50_000), "cancel c1 card450 50000 until 92s; wait"),
            on(83 * S, cancelled(1), ""),
            repeat(84 * S, "reply 9031"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 refused 9021 by a person | c1 50000 done 70000001 \
         | card dropped",
    );
}

#[test]
fn done_for_another_amount_contradicts_what_a_person_found_done() {
    found(
        CancelFinding::Done,
        vec![on(73 * S, cancelled_another_amount(0, 7), "alarm c0 stuck: contradicted")],
        "approved #0 acknowledged | #0 approved | c0 50000 stuck 73s: contradicted",
    );
}

/// Whatever comes after the acquirer bore it out is no word against it.
#[test]
fn what_the_acquirer_bears_out_is_its_own_word_from_then_on() {
    for borne_out in [cancelled(0), cancelled_before(0)] {
        found(
            CancelFinding::Done,
            vec![on(73 * S, borne_out, ""), on(74 * S, cancel_declined(0), "")],
            "approved #0 acknowledged | #0 approved | c0 50000 done | card dropped",
        );
    }
}

#[test]
fn answers_that_settle_nothing_leave_what_a_person_found() {
    for (how, end) in [(CancelFinding::Done, "done"), (CancelFinding::NotDone, "refused 9021")] {
        for nothing in [cancel_in_doubt(0), cancel_not_processed(0), cancel_of_no_original(0)] {
            found(
                how,
                vec![on(73 * S, nothing, ""), on(26 * H, Event::Due, "")],
                &format!("approved #0 acknowledged | #0 approved | c0 50000 {end} by a person"),
            );
        }
    }
}

/// Its only try: what is said of it cannot be the trace of an earlier one.
#[test]
fn of_a_part_that_was_sent_once_no_such_original_contradicts_what_a_person_found_done() {
    for not_done in [cancel_of_no_original(0), cancel_not_processed(0), cancel_declined(0)] {
        check_approved(
            &by(&["card450"]).partial_cancel(PartialCancel::Once),
            vec![
                asks(M, cancel(101, 10_000), "cancel c0 card450 10000 until 70s; wait"),
                on(70 * S, cancel_timed_out(0, M), "alarm c0 stuck: not repeatable"),
                on(2 * M, cancel_resolved(0, CancelFinding::Done), ""),
                on(3 * M, not_done, "alarm c0 stuck: contradicted"),
            ],
            "approved #0 acknowledged | #0 approved | c0 10000 stuck 180s: contradicted",
        );
    }
}

#[test]
fn a_refusal_of_ours_is_told_apart_from_a_persons() {
    let not_sent = vec![
        asks(M, cancel(101, 50_000), FULL),
        on(61 * S, crate::happening::cancel_not_sent(0), ""),
        on(62 * S, cancelled_before(0), ""),
    ];
    check_approved(
        &by(&["card450"]),
        not_sent,
        "approved #0 acknowledged | #0 approved | c0 50000 refused 9021",
    );
}

#[test]
fn the_late_answer_of_an_earlier_try_contradicts_a_person_too() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), FULL),
            on(70 * S, cancel_timed_out(0, M), ""),
            falls_due(71 * S, "cancel c0 card450 50000 until 81s"),
            on(81 * S, cancel_timed_out(0, 71 * S), ""),
            on(82 * S, cancel_resolved(0, CancelFinding::NotDone), ""),
            on(82 * S + 500, cancelled_before(0), "alarm c0 stuck: contradicted"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 stuck 82.5s: contradicted",
    );
}
