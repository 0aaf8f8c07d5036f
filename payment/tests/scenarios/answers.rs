//! Answers: approved, declined, not processed, and everything else in doubt.

use payment::{Answer, AttemptState, Event, HostCodes, NetCancelVerdict::AmountDiffers, Payment, Unanswered};

use super::{by, check, on};
use crate::{
    fixture::{M, S, at, sealed_card, won},
    happening::{
        accepted, answered, approval, decline, declined, in_doubt, late, net_cancel, no_original,
        not_processed_answer, of_another_amount, of_zero, without_amount,
    },
};

#[test]
fn an_answer_that_leaves_an_approval_open_owes_a_net_cancel_like_silence() {
    check(
        &by(&["card450"]),
        "send #0 card450 until 10s",
        &[
            on(2 * S, in_doubt(0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(3 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 in doubt → done 3s: accepted | card dropped",
    );
}

#[test]
fn another_acquirer_is_tried_after_an_answer_in_doubt_only_once_that_is_net_cancelled() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(2 * S, in_doubt(0), "net-cancel #0 card450"), on(3 * S, accepted(0), "send #1 kovan until 13s")],
        "trying | #0 in doubt → done 3s: accepted | #1 in flight",
    );
}

#[test]
fn an_approval_of_another_amount_is_in_doubt() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(2 * S, answered(0, of_another_amount(approval(0))), "net-cancel #0 card450")],
        "awaiting net-cancel | #0 wrong amount → (an approval was seen) owed, trying since 2s",
    );
}

#[test]
fn more_than_was_asked_is_as_wrong_as_less() {
    let more = Answer { amount: Some(won(50_001)), ..approval(0) };
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(2 * S, answered(0, more), "net-cancel #0 card450")],
        "awaiting net-cancel | #0 wrong amount → (an approval was seen) owed, trying since 2s",
    );
}

#[test]
fn a_decline_of_another_amount_is_in_doubt() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(2 * S, answered(0, of_another_amount(decline("8035"))), "net-cancel #0 card450")],
        "awaiting net-cancel | #0 wrong amount → owed, trying since 2s",
    );
}

#[test]
fn nothing_done_with_another_amount_is_in_doubt() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(2 * S, answered(0, of_another_amount(not_processed_answer())), "net-cancel #0 card450")],
        "awaiting net-cancel | #0 wrong amount → owed, trying since 2s",
    );
}

#[test]
fn zeros_are_no_amount_but_in_an_approval_another_one() {
    check(
        &by(&["card450"]),
        "send #0 card450 until 10s",
        &[on(2 * S, answered(0, of_zero(decline("8035"))), "reply 8035 card450")],
        "declined #0 8035 | #0 declined | card dropped",
    );
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(2 * S, answered(0, of_zero(not_processed_answer())), "send #1 kovan until 12s")],
        "trying | #0 not processed | #1 in flight",
    );
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(2 * S, answered(0, of_zero(approval(0))), "net-cancel #0 card450")],
        "awaiting net-cancel | #0 wrong amount → (an approval was seen) owed, trying since 2s",
    );
}

#[test]
fn an_approval_of_another_amount_is_never_explained_away() {
    check(
        &by(&["card450"]),
        "send #0 card450 until 10s",
        &[
            on(
                2 * S,
                answered(0, of_another_amount(approval(0))),
                "net-cancel #0 card450, reply 9022, alarm 9022",
            ),
            on(3 * S, late(0, decline("8035")), ""),
            on(4 * S, no_original(0), ""),
            on(2 * M, Event::Due, "net-cancel #0 card450"),
            on(2 * M + S, no_original(0), ""),
            on(3 * M, Event::Due, "net-cancel #0 card450"),
            on(3 * M + S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
        ],
        "refused 9022 | #0 wrong amount → (an approval was seen) stuck 181s: amount differs",
    );
}

#[test]
fn an_approval_from_a_layout_without_an_amount_is_an_approval() {
    check(
        &by(&["card450"]),
        "send #0 card450 until 10s",
        &[on(2 * S, answered(0, without_amount(approval(0))), "reply 0000 card450")],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn a_decline_that_bears_the_code_of_an_approval_is_in_doubt() {
    check(
        &by(&["card450"]),
        "send #0 card450 until 10s",
        &[on(2 * S, answered(0, decline("0000")), "net-cancel #0 card450, reply 9022, alarm 9022")],
        "refused 9022 | #0 in doubt → owed, trying since 2s",
    );
}

#[test]
fn the_acquirers_codes_of_an_answer_in_doubt_are_kept() {
    let (payment, _) = Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
    let (payment, _) = payment.step(&in_doubt(0), at(S)).unwrap();
    let codes = HostCodes { issuer: None, van: Some("4299".to_owned()) };
    assert_eq!(*payment.attempts()[0].state(), AttemptState::Unanswered(Unanswered::InDoubt(codes)));
}

#[test]
fn the_first_answer_decides_and_the_same_again_changes_nothing() {
    check(
        &by(&["card450"]),
        "send #0 card450 until 10s",
        &[
            on(2 * S, answered(0, approval(0)), "reply 0000 card450"),
            on(3 * S, answered(0, approval(0)), ""),
            on(4 * S, declined(0), ""),
            on(5 * S, in_doubt(0), ""),
        ],
        "approved #0 released | #0 approved",
    );
}
