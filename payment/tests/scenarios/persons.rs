//! Persons: what they have tried again, what they settle, and what the acquirer says after it.

use payment::{Finding, NetCancelVerdict::AlreadyAcquired};

use super::{Row, by, check, check_approved, falls_due, inquiry, on, repeat};
use crate::{
    asking::gives_up,
    fixture::{H, M, S},
    happening::{
        accepted, approval, late, net_cancel, net_cancel_asked, net_cancel_silent, no_original, resolved,
        retried, timed_out, try_again,
    },
    scenarios::asks,
};

const SENT: &str = "send #0 card450 until 10s";

/// Silence, and then nothing for a day: the net-cancel is in the manual queue.
fn given_up() -> Vec<Row> {
    vec![
        on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
        on(20 * S, net_cancel_silent(0), ""),
        on(25 * H, payment::Event::Due, "alarm #0 overdue, alarm #0 stuck: given up"),
    ]
}

fn after_giving_up(rows: Vec<Row>, end: &str) {
    let rows: Vec<_> = given_up().into_iter().chain(rows).collect();
    check(&by(&["card450"]), SENT, &rows, end);
}

#[test]
fn a_retry_of_one_that_was_given_up_is_tried_at_once_and_has_a_new_day() {
    after_giving_up(
        vec![
            on(30 * H, retried(0), "net-cancel #0 card450"),
            on(30 * H + S, try_again(0), ""),
            falls_due(30 * H + 2 * S, "net-cancel #0 card450"),
            on(30 * H + 3 * S, net_cancel_silent(0), ""),
            on(30 * H + 5 * M, payment::Event::Due, "alarm #0 overdue, net-cancel #0 card450"),
            on(54 * H - S, try_again(0), ""),
            on(54 * H, payment::Event::Due, "alarm #0 stuck: given up"),
        ],
        "refused 9022 | #0 timed out → stuck 194400s: given up",
    );
}

#[test]
fn a_retry_of_one_that_is_owed_is_made_now_within_the_budget_it_has() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, try_again(0), ""),
            on(11 * S + 500, retried(0), "net-cancel #0 card450"),
            on(12 * S, retried(0), ""),
            on(13 * S, try_again(0), ""),
            falls_due(14 * S, "net-cancel #0 card450"),
            on(15 * S, accepted(0), ""),
            on(16 * S, retried(0), ""),
        ],
        "refused 9022 | #0 timed out → done 15s: accepted | card dropped",
    );
}

#[test]
fn what_a_person_found_undone_is_settled_whatever_comes_later() {
    after_giving_up(
        vec![
            on(30 * H, resolved(0, Finding::Undone), ""),
            on(31 * H, late(0, approval(0)), ""),
            on(31 * H, net_cancel(0, AlreadyAcquired), ""),
            on(31 * H, retried(0), ""),
            on(31 * H, resolved(0, Finding::Stands), ""),
            repeat(31 * H, "reply 9013"),
            inquiry(31 * H, "NetCancelled, reply 9022"),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) done 108000s: undone, a person says | card dropped",
    );
}

#[test]
fn a_late_approval_proves_wrong_that_there_never_was_one_and_the_net_cancel_is_owed_again() {
    after_giving_up(
        vec![
            on(30 * H, resolved(0, Finding::NeverApproved), ""),
            inquiry(30 * H, "NetCancelled, reply 9022"),
            on(31 * H, late(0, approval(0)), "net-cancel #0 card450 of 30000000"),
            on(31 * H + S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) done 111601s: accepted | card dropped",
    );
}

#[test]
fn a_late_answer_of_a_net_cancel_proves_wrong_that_there_never_was_an_approval() {
    after_giving_up(
        vec![on(30 * H, resolved(0, Finding::NeverApproved), ""), on(30 * H + S, accepted(0), "")],
        "refused 9022 | #0 timed out → done 108001s: accepted | card dropped",
    );
    after_giving_up(
        vec![
            on(30 * H, resolved(0, Finding::NeverApproved), ""),
            on(30 * H + S, no_original(0), ""),
            on(30 * H + S, net_cancel(0, AlreadyAcquired), "alarm #0 stuck: already acquired"),
        ],
        "refused 9022 | #0 timed out → stuck 108001s: already acquired",
    );
}

#[test]
fn nobody_finds_that_there_never_was_an_approval_that_was_seen() {
    after_giving_up(
        vec![on(26 * H, late(0, approval(0)), ""), on(30 * H, resolved(0, Finding::NeverApproved), "")],
        "refused 9022 | #0 timed out → (approval 30000000) stuck 90000s: given up",
    );
}

#[test]
fn an_approval_that_is_kept_is_never_told_its_terminal_which_is_sent_to_a_person() {
    after_giving_up(
        vec![
            on(30 * H, resolved(0, Finding::Stands), ""),
            repeat(30 * H, "reply 9013"),
            inquiry(30 * H, "NeedsPerson, reply 9022"),
            on(30 * H, no_original(0), ""),
            on(31 * H, late(0, approval(0)), ""),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) done 108000s: stands, a person says | card dropped",
    );
}

#[test]
fn an_approval_that_is_kept_and_undone_by_the_acquirer_after_all_needs_a_person_again() {
    after_giving_up(
        vec![
            on(30 * H, resolved(0, Finding::Stands), ""),
            on(30 * H + S, accepted(0), "alarm #0 stuck: contradicted"),
            on(31 * H, resolved(0, Finding::Undone), ""),
        ],
        "refused 9022 | #0 timed out → done 111600s: undone, a person says | card dropped",
    );
}

#[test]
fn an_approval_its_terminal_withdrew_stays_withdrawn_when_a_person_keeps_it() {
    check_approved(
        &by(&["card450"]),
        vec![
            on(2 * S, net_cancel_asked(), "net-cancel #0 card450 of 30000000"),
            on(3 * S, net_cancel(0, AlreadyAcquired), "alarm #0 stuck: already acquired"),
            on(M, resolved(0, Finding::Stands), ""),
            repeat(M, "reply 9013"),
            inquiry(M, "NeedsPerson, reply 0000 card450"),
            asks(M, gives_up(), "done"),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) done 60s: stands, a person says | given up | card dropped",
    );
}

#[test]
fn what_a_person_finds_lets_no_other_acquirer_be_tried() {
    for how in [Finding::Undone, Finding::NeverApproved, Finding::Stands] {
        check(
            &by(&["card450", "kovan"]),
            SENT,
            &[
                on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
                on(11 * S, resolved(0, how), "reply 9022, alarm 9022"),
                // Of a try that was out when the person settled it.
                on(11 * S + 1, try_again(0), ""),
            ],
            match how {
                Finding::Undone => {
                    "refused 9022 | #0 timed out → done 11s: undone, a person says | card dropped"
                }
                Finding::NeverApproved => {
                    "refused 9022 | #0 timed out → done 11s: never approved, a person says"
                }
                Finding::Stands => {
                    "refused 9022 | #0 timed out → done 11s: stands, a person says | card dropped"
                }
            },
        );
    }
}
