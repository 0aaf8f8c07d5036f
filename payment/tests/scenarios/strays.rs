//! An approval that strays in while the answer is still to come: its outcome is awaited, but the approval is never forgotten.

use std::sync::Arc;

use payment::{Answer, Approval, Event, Verdict};

use super::{Given, Row, by, check, falls_due, on, repeat};
use crate::{
    fixture::{M, S},
    happening::{
        accepted, approval, approved, decline, declined, in_doubt_answer, late, no_original, not_processed,
        not_processed_answer, not_sent, of_another_amount, restarted, timed_out,
    },
};

const NUMBERED: &str = "trying | #0 in flight (an approval was seen)";

fn check_seen(given: &Given, then: Vec<Row>, end: &str) {
    let rows: Vec<_> = std::iter::once(on(S, late(0, approval(0)), "")).chain(then).collect();
    check(given, "send #0 card450 until 10s", &rows, end);
}

fn without_number() -> Answer {
    Answer { verdict: Verdict::Approved(Arc::new(Approval::default())), ..approval(0) }
}

#[test]
fn it_decides_nothing() {
    check_seen(&by(&["card450"]), vec![repeat(2 * S, "wait"), on(3 * S, Event::Due, "")], NUMBERED);
}

#[test]
fn the_answer_that_follows_decides() {
    check_seen(
        &by(&["card450"]),
        vec![on(2 * S, approved(0), "reply 0000 card450")],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn the_debt_of_the_silence_that_follows_knows_its_number_and_no_such_original_is_no_proof() {
    check_seen(
        &by(&["card450"]),
        vec![
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450 of 30000000, reply 9022, alarm 9022"),
            on(11 * S, crate::happening::try_again(0), ""),
            on(2 * M, Event::Due, "net-cancel #0 card450 of 30000000"),
            on(2 * M + S, no_original(0), ""),
            on(2 * M + S, late(0, decline("8035")), ""),
            falls_due(2 * M + 3 * S, "net-cancel #0 card450 of 30000000"),
            on(2 * M + 4 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) done 124s: accepted | card dropped",
    );
}

#[test]
fn a_decline_that_follows_is_told_and_the_approval_net_cancelled() {
    check_seen(
        &by(&["card450", "kovan"]),
        vec![
            on(2 * S, declined(0), "net-cancel #0 card450 of 30000000, reply 8035 card450"),
            on(3 * S, accepted(0), ""),
        ],
        "declined #0 8035 | #0 declined → late approval (approval 30000000) done 3s: accepted | card dropped",
    );
}

#[test]
fn word_that_nothing_was_sent_or_done_frees_the_next_acquirer_but_the_approval_is_net_cancelled() {
    check_seen(
        &by(&["card450", "kovan"]),
        vec![on(2 * S, not_sent(0), "net-cancel #0 card450 of 30000000, send #1 kovan until 12s")],
        "trying | #0 not sent: not connected → late approval (approval 30000000) owed, trying since 2s | #1 in flight",
    );
    check_seen(
        &by(&["card450", "kovan"]),
        vec![on(2 * S, not_processed(0), "net-cancel #0 card450 of 30000000, send #1 kovan until 12s")],
        "trying | #0 not processed → late approval (approval 30000000) owed, trying since 2s | #1 in flight",
    );
    check_seen(
        &by(&["card450"]),
        vec![
            on(2 * S, not_sent(0), "net-cancel #0 card450 of 30000000, reply 9021, alarm 9021"),
            repeat(3 * S, "reply 9013"),
        ],
        "refused 9021 | #0 not sent: not connected → late approval (approval 30000000) owed, trying since 2s",
    );
}

#[test]
fn a_restart_remembers_it() {
    check_seen(
        &by(&["card450"]),
        vec![on(5 * S, restarted(2 * S), "net-cancel #0 card450 of 30000000, reply 9022, alarm 9022")],
        "refused 9022 | #0 restarted → (approval 30000000) owed, trying since 5s",
    );
}

#[test]
fn one_of_another_amount_is_remembered_without_its_number() {
    check(
        &by(&["card450"]),
        "send #0 card450 until 10s",
        &[
            on(S, late(0, of_another_amount(approval(0))), ""),
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
        ],
        "refused 9022 | #0 timed out → (an approval was seen) owed, trying since 10s",
    );
}

#[test]
fn a_number_once_known_is_not_forgotten_and_one_that_comes_later_is_learnt() {
    for (first, second) in [
        (approval(0), of_another_amount(approval(0))),
        (of_another_amount(approval(0)), approval(0)),
        (approval(0), without_number()),
        (without_number(), approval(0)),
    ] {
        check(
            &by(&["card450"]),
            "send #0 card450 until 10s",
            &[
                on(S, late(0, first), ""),
                on(2 * S, late(0, second), ""),
                on(10 * S, timed_out(0, 0), "net-cancel #0 card450 of 30000000, reply 9022, alarm 9022"),
            ],
            "refused 9022 | #0 timed out → (approval 30000000) owed, trying since 10s",
        );
    }
}

#[test]
fn an_answer_in_doubt_that_follows_keeps_the_number_that_was_seen() {
    check_seen(
        &by(&["card450"]),
        vec![on(
            2 * S,
            crate::happening::answered(0, of_another_amount(approval(0))),
            "net-cancel #0 card450 of 30000000, reply 9022, alarm 9022",
        )],
        "refused 9022 | #0 wrong amount → (approval 30000000) owed, trying since 2s",
    );
}

#[test]
fn anything_else_that_strays_in_is_no_approval() {
    check(
        &by(&["card450"]),
        "send #0 card450 until 10s",
        &[
            on(S, late(0, decline("8035")), ""),
            on(2 * S, late(0, not_processed_answer()), ""),
            on(3 * S, late(0, in_doubt_answer()), ""),
            on(4 * S, late(0, of_another_amount(decline("8035"))), ""),
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
        ],
        "refused 9022 | #0 timed out → owed, trying since 10s",
    );
}
