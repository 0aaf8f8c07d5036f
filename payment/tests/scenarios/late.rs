//! Late answers: none is lost, and what it tells changes the debt.

use payment::{Event, Failover::AtOnce, NetCancelVerdict::AmountDiffers};

use super::{Row, by, check, falls_due, on};
use crate::{
    fixture::{M, S},
    happening::{
        accepted, already_cancelled, approval, approved, decline, declined, in_doubt_answer, late,
        net_cancel, net_cancel_silent, no_original, not_processed, not_processed_answer, not_sent,
        of_another_amount, timed_out, try_again,
    },
};

const SENT: &str = "send #0 card450 until 10s";

fn silence() -> Row {
    on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022")
}

/// Rows that settle the debt by "no such original", 61 s after the request.
fn proven_absent() -> [Row; 4] {
    [
        silence(),
        on(11 * S, try_again(0), ""),
        on(M, Event::Due, "net-cancel #0 card450"),
        on(61 * S, no_original(0), ""),
    ]
}

fn told(first: impl IntoIterator<Item = Row>, then: impl IntoIterator<Item = Row>) -> Vec<Row> {
    first.into_iter().chain(then).collect()
}

#[test]
fn a_stray_answer_while_the_request_is_in_flight_changes_nothing_its_outcome_is_still_to_come() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(8 * S, late(0, approval(0)), ""), on(9 * S, approved(0), "reply 0000 card450")],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn a_late_approval_is_noted_and_the_net_cancel_under_way_goes_on() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(10 * S + 1, late(0, approval(0)), ""), on(11 * S, accepted(0), "")],
        "refused 9022 | #0 timed out → (approval 30000000) done 11s: accepted | card dropped",
    );
}

#[test]
fn an_answer_in_time_for_the_link_but_late_for_the_payment_is_late() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(10 * S + 1, approved(0), "")],
        "refused 9022 | #0 timed out → (approval 30000000) owed, trying since 10s",
    );
}

#[test]
fn the_next_try_names_the_late_approval() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(20 * S, net_cancel_silent(0), ""),
            on(20 * S + 1, late(0, approval(0)), ""),
            falls_due(21 * S, "net-cancel #0 card450 of 30000000"),
            on(22 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) done 22s: accepted | card dropped",
    );
}

#[test]
fn no_such_original_is_no_proof_against_an_approval_that_was_seen() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(11 * S, late(0, approval(0)), ""),
            on(12 * S, try_again(0), ""),
            on(M, Event::Due, "net-cancel #0 card450 of 30000000"),
            on(61 * S, no_original(0), ""),
            falls_due(63 * S, "net-cancel #0 card450 of 30000000"),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) owed, trying since 63s",
    );
}

#[test]
fn a_late_approval_after_no_such_original_reopens_the_debt_at_once() {
    check(
        &by(&["card450"]),
        SENT,
        &told(
            proven_absent(),
            [
                on(2 * M, late(0, approval(0)), "net-cancel #0 card450 of 30000000"),
                on(2 * M + S, accepted(0), ""),
            ],
        ),
        "refused 9022 | #0 timed out → (approval 30000000) done 121s: accepted | card dropped",
    );
}

#[test]
fn a_late_answer_in_doubt_after_no_such_original_reopens_the_debt() {
    check(
        &by(&["card450"]),
        SENT,
        &told(proven_absent(), [on(2 * M, late(0, in_doubt_answer()), "net-cancel #0 card450")]),
        "refused 9022 | #0 timed out → owed, trying since 120s",
    );
}

#[test]
fn a_late_approval_of_another_amount_reopens_the_debt_but_lends_it_no_number() {
    check(
        &by(&["card450"]),
        SENT,
        &told(
            proven_absent(),
            [
                on(2 * M, late(0, of_another_amount(approval(0))), "net-cancel #0 card450"),
                on(3 * M, no_original(0), ""),
                falls_due(181 * S, "net-cancel #0 card450"),
            ],
        ),
        "refused 9022 | #0 timed out → (an approval was seen) owed, trying since 181s",
    );
}

#[test]
fn a_reopened_debt_is_as_old_as_the_late_approval() {
    check(
        &by(&["card450"]),
        SENT,
        &told(
            proven_absent(),
            [
                on(10 * M, late(0, approval(0)), "net-cancel #0 card450 of 30000000"),
                falls_due(15 * M, "alarm #0 overdue"),
            ],
        ),
        "refused 9022 | #0 timed out → (approval 30000000) owed, trying since 600s",
    );
}

#[test]
fn a_reopened_debt_alarms_anew() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(11 * S, try_again(0), ""),
            on(10 * M, Event::Due, "alarm #0 overdue, net-cancel #0 card450"),
            on(11 * M, no_original(0), ""),
            on(20 * M, late(0, approval(0)), "net-cancel #0 card450 of 30000000"),
            falls_due(25 * M, "alarm #0 overdue"),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) owed, trying since 1200s",
    );
}

#[test]
fn a_late_approval_after_the_net_cancel_was_accepted_is_noted() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, accepted(0), ""), on(12 * S, late(0, approval(0)), "")],
        "refused 9022 | #0 timed out → (approval 30000000) done 11s: accepted | card dropped",
    );
}

#[test]
fn a_late_approval_after_already_cancelled_is_noted() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, already_cancelled(0), ""), on(12 * S, late(0, approval(0)), "")],
        "refused 9022 | #0 timed out → (approval 30000000) done 11s: already cancelled | card dropped",
    );
}

#[test]
fn a_late_approval_of_a_debt_in_the_manual_queue_is_noted() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            on(12 * S, late(0, approval(0)), ""),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) stuck 11s: amount differs",
    );
}

#[test]
fn a_late_decline_closes_an_owed_debt() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, late(0, decline("8035")), "")],
        "refused 9022 | #0 timed out → done 11s: declined",
    );
}

#[test]
fn a_late_decline_is_the_outcome_while_the_terminal_still_waits() {
    check(
        &by(&["card450", "kovan"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            on(11 * S, late(0, decline("8035")), "reply 8035 card450"),
            on(12 * S, no_original(0), ""),
        ],
        "declined #0 8035 | #0 timed out → done 11s: declined",
    );
}

#[test]
fn a_late_decline_does_not_close_a_debt_once_an_approval_was_seen() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, late(0, approval(0)), ""), on(12 * S, late(0, decline("8035")), "")],
        "refused 9022 | #0 timed out → (approval 30000000) owed, trying since 10s",
    );
}

#[test]
fn a_late_answer_whose_code_says_an_approval_exists_closes_nothing() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, late(0, in_doubt_answer()), "")],
        "refused 9022 | #0 timed out → owed, trying since 10s",
    );
}

#[test]
fn a_late_decline_of_another_amount_closes_nothing() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, late(0, of_another_amount(decline("8035"))), "")],
        "refused 9022 | #0 timed out → owed, trying since 10s",
    );
}

#[test]
fn a_late_word_that_nothing_was_done_closes_nothing() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, late(0, not_processed_answer()), "")],
        "refused 9022 | #0 timed out → owed, trying since 10s",
    );
}

#[test]
fn a_late_decline_does_not_move_a_debt_in_the_manual_queue() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            on(12 * S, late(0, decline("8035")), ""),
        ],
        "refused 9022 | #0 timed out → stuck 11s: amount differs",
    );
}

#[test]
fn an_approval_after_a_late_decline_reopens_the_debt() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(11 * S, late(0, decline("8035")), ""),
            on(12 * S, late(0, approval(0)), "net-cancel #0 card450 of 30000000"),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) owed, trying since 12s",
    );
}

#[test]
fn an_approval_after_a_decline_in_time_is_net_cancelled() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, declined(0), "reply 8035 card450"),
            on(3 * S, late(0, approval(0)), "net-cancel #0 card450 of 30000000 without card"),
        ],
        "declined #0 8035 | #0 declined → late approval (approval 30000000) owed, trying since 3s | card dropped",
    );
}

#[test]
fn a_word_that_an_approval_exists_after_a_decline_in_time_is_net_cancelled() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, declined(0), "reply 8035 card450"),
            on(3 * S, late(0, in_doubt_answer()), "net-cancel #0 card450 without card"),
        ],
        "declined #0 8035 | #0 declined → late approval owed, trying since 3s | card dropped",
    );
}

#[test]
fn an_approval_by_an_acquirer_that_had_done_nothing_is_net_cancelled_beside_the_next_attempt() {
    check(
        &by(&["card450", "kovan"]),
        SENT,
        &[
            on(2 * S, not_processed(0), "send #1 kovan until 12s"),
            on(3 * S, late(0, approval(0)), "net-cancel #0 card450 of 30000000"),
            on(4 * S, approved(1), "reply 0000 kovan"),
            on(5 * S, accepted(0), ""),
        ],
        "approved #1 released | #0 not processed → late approval (approval 30000000) done 5s: accepted | #1 approved",
    );
}

#[test]
fn an_approval_of_a_request_that_was_not_sent_is_net_cancelled() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, not_sent(0), "reply 9021, alarm 9021"),
            on(2 * S, late(0, approval(0)), "net-cancel #0 card450 of 30000000 without card"),
        ],
        "refused 9021 | #0 not sent: not connected → late approval (approval 30000000) owed, trying since 2s | card dropped",
    );
}

#[test]
fn a_late_approval_is_net_cancelled_though_another_acquirer_approved() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(11 * S, approved(1), "reply 0000 kovan"),
            on(12 * S, late(0, approval(0)), ""),
            on(13 * S, accepted(0), ""),
        ],
        "approved #1 released | #0 timed out → (approval 30000000) done 13s: accepted | #1 approved",
    );
}

#[test]
fn a_late_decline_of_an_earlier_attempt_is_not_the_outcome_of_the_one_awaited() {
    check(
        &by(&["card450", "kovan", "kspay"]),
        SENT,
        &[
            on(S, not_processed(0), "send #1 kovan until 11s"),
            on(2 * S, late(0, in_doubt_answer()), "net-cancel #0 card450"),
            on(11 * S, timed_out(1, S), "net-cancel #1 kovan"),
            on(12 * S, late(0, decline("8035")), ""),
            on(13 * S, accepted(1), "send #2 kspay until 23s"),
        ],
        "trying | #0 not processed → late approval done 12s: declined | #1 timed out → done 13s: accepted | #2 in flight",
    );
}

#[test]
fn the_same_approval_once_more_changes_nothing() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(2 * S, approved(0), "reply 0000 card450"), on(3 * S, late(0, approval(0)), "")],
        "approved #0 released | #0 approved",
    );
}
