//! Repeats: the same telegram again gets the same answer, and never 0000 once a net-cancel was owed.

use payment::Event;

use super::{by, check, falls_due, on, repeat};
use crate::{
    fixture::{M, S},
    happening::{accepted, approval, approved, decline, declined, late, not_sent, timed_out},
};

const SENT: &str = "send #0 card450 until 10s";

#[test]
fn a_repeat_in_flight_waits_for_the_same_answer() {
    check(
        &by(&["card450"]),
        SENT,
        &[repeat(S, "wait"), on(2 * S, approved(0), "reply 0000 card450")],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn a_repeat_waits_while_the_net_cancel_is_awaited() {
    check(
        &by(&["card450", "kovan"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            repeat(11 * S, "wait"),
            on(12 * S, accepted(0), "send #1 kovan until 22s"),
            repeat(13 * S, "wait"),
            on(14 * S, approved(1), "reply 0000 kovan"),
            repeat(15 * S, "reply 0000 kovan"),
        ],
        "approved #1 released | #0 timed out → done 12s: accepted | #1 approved",
    );
}

#[test]
fn a_repeat_of_an_approved_payment_gets_the_recorded_answer() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(2 * S, approved(0), "reply 0000 card450"), repeat(3 * S, "reply 0000 card450")],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn a_repeat_of_a_declined_payment_gets_the_recorded_answer() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(2 * S, declined(0), "reply 8035 card450"), repeat(3 * S, "reply 8035 card450")],
        "declined #0 8035 | #0 declined | card dropped",
    );
}

#[test]
fn a_repeat_of_a_refused_payment_gets_the_recorded_answer() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(S, not_sent(0), "reply 9021, alarm 9021"), repeat(2 * S, "reply 9021")],
        "refused 9021 | #0 not sent: not connected | card dropped",
    );
    check(&by(&[]), "reply 9020, alarm 9020", &[repeat(2 * S, "reply 9020")], "refused 9020 | card dropped");
}

#[test]
fn a_repeat_is_told_9013_while_the_net_cancel_is_owed_and_when_it_is_done() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            repeat(11 * S, "reply 9013"),
            on(12 * S, accepted(0), ""),
            repeat(13 * S, "reply 9013"),
            on(14 * S, late(0, approval(0)), ""),
            repeat(15 * S, "reply 9013"),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) done 12s: accepted | card dropped",
    );
}

#[test]
fn a_repeat_is_told_9013_when_the_debt_is_stuck_and_when_a_late_decline_closed_it() {
    check(
        &by(&["card450"]).terms(|terms| terms.net_cancel_give_up_after_ms = 60_000),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(10 * S, crate::happening::net_cancel_silent(0), ""),
            on(2 * M, Event::Due, "alarm #0 stuck: given up"),
            repeat(3 * M, "reply 9013"),
        ],
        "refused 9022 | #0 timed out → stuck 120s: given up",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, late(0, decline("8035")), ""),
            repeat(12 * S, "reply 9013"),
        ],
        "refused 9022 | #0 timed out → done 11s: declined",
    );
}

#[test]
fn the_debt_of_another_attempt_does_not_take_an_approval_back() {
    check(
        &by(&["card450", "kovan"]).failover(payment::Failover::AtOnce),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(11 * S, approved(1), "reply 0000 kovan"),
            repeat(12 * S, "reply 0000 kovan"),
        ],
        "approved #1 released | #0 timed out → owed, trying since 10s | #1 approved",
    );
}

#[test]
fn a_repeat_waits_for_nothing_but_the_grace_once_an_approval_is_undelivered() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Undelivered, ""),
            repeat(4 * S, "reply 0000 card450"),
            repeat(5 * S, "reply 0000 card450"),
            on(6 * S, Event::Undelivered, ""),
            falls_due(36 * S, "net-cancel #0 card450 of 30000000"),
            repeat(37 * S, "reply 9013"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) owed, trying since 36s",
    );
}

#[test]
fn a_repeated_event_without_an_undelivered_reply_releases_nothing() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, Event::Repeated, ""),
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Repeated, ""),
        ],
        "approved #0 released | #0 approved",
    );
}
