//! The terminal withdraws a request whose answer is still to come: its terminal is told 9013, and whatever may have been approved is owed.

use payment::{Event, Failover::AtOnce, NetCancelVerdict::AmountDiffers, NotSent};

use super::{Row, asks, by, check, falls_due, inquiry, on, repeat};
use crate::{
    asking::{gives_up, has},
    fixture::{M, S},
    happening::{
        accepted, approval, approved, decline, declined, in_doubt, late, net_cancel, no_original,
        not_processed, not_sent, restarted, timed_out, try_again,
    },
};

const SENT: &str = "send #0 card450 until 10s";

/// The request is in flight when its terminal withdraws it after a second, though another acquirer could still be tried.
fn check_withdrawn(then: Vec<Row>, end: &str) {
    let withdrawn = asks(S, gives_up(), "reply 9013; done");
    let rows: Vec<_> = std::iter::once(withdrawn).chain(then).collect();
    check(&by(&["card450", "kovan"]), SENT, &rows, end);
}

#[test]
fn whoever_waits_for_its_answer_is_told_9013_and_so_is_every_repeat() {
    check_withdrawn(
        vec![
            repeat(2 * S, "reply 9013"),
            asks(2 * S, gives_up(), "done"),
            inquiry(2 * S, "NetCancelUnderWay, reply 9013"),
            asks(2 * S, has(0), "reply 9013 (the original is net-cancelled)"),
            on(2 * S, Event::Undelivered, ""),
            on(2 * S, Event::Repeated, ""),
            on(2 * S, Event::Due, ""),
        ],
        "refused 9013 | #0 in flight | given up",
    );
}

#[test]
fn what_was_not_sent_yet_is_not_sent_and_no_other_acquirer_is_tried() {
    check_withdrawn(
        vec![
            on(S, Event::NotSent { attempt: 0, why: NotSent::Withdrawn }, ""),
            repeat(2 * S, "reply 9013"),
            inquiry(2 * S, "NetCancelled, reply 9013"),
        ],
        "refused 9013 | #0 not sent: withdrawn | given up | card dropped",
    );
}

#[test]
fn an_approval_is_owed_when_it_comes_and_never_told() {
    check_withdrawn(
        vec![
            on(2 * S, approved(0), "net-cancel #0 card450 of 30000000"),
            repeat(3 * S, "reply 9013"),
            on(4 * S, accepted(0), ""),
            repeat(5 * S, "reply 9013"),
            inquiry(6 * S, "NetCancelled, reply 9013"),
        ],
        "refused 9013 | #0 approved → terminal (approval 30000000) done 4s: accepted | given up | card dropped",
    );
}

#[test]
fn the_approval_of_a_withdrawn_request_is_settled_neither_by_its_absence_nor_by_a_decline() {
    check_withdrawn(
        vec![
            on(2 * S, approved(0), "net-cancel #0 card450 of 30000000"),
            on(3 * S, try_again(0), ""),
            on(2 * M, Event::Due, "net-cancel #0 card450 of 30000000"),
            on(2 * M, no_original(0), ""),
            on(2 * M, late(0, decline("8035")), ""),
        ],
        "refused 9013 | #0 approved → terminal (approval 30000000) owed, due 122s | given up",
    );
}

#[test]
fn a_decline_or_nothing_done_owes_nothing_and_no_other_acquirer_is_tried() {
    check_withdrawn(
        vec![
            on(2 * S, declined(0), ""),
            repeat(3 * S, "reply 9013"),
            inquiry(4 * S, "NetCancelled, reply 9013"),
        ],
        "refused 9013 | #0 declined | given up | card dropped",
    );
    check_withdrawn(
        vec![on(2 * S, not_processed(0), ""), repeat(3 * S, "reply 9013")],
        "refused 9013 | #0 not processed | given up | card dropped",
    );
    check_withdrawn(
        vec![on(2 * S, not_sent(0), ""), repeat(3 * S, "reply 9013")],
        "refused 9013 | #0 not sent: not connected | given up | card dropped",
    );
}

#[test]
fn silence_and_doubt_are_owed_and_no_other_acquirer_is_tried() {
    check_withdrawn(
        vec![
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            repeat(11 * S, "reply 9013"),
            on(12 * S, accepted(0), ""),
        ],
        "refused 9013 | #0 timed out → done 12s: accepted | given up | card dropped",
    );
    check_withdrawn(
        vec![on(2 * S, in_doubt(0), "net-cancel #0 card450")],
        "refused 9013 | #0 in doubt → owed, trying since 2s | given up",
    );
    let at_once = by(&["card450", "kovan"]).failover(AtOnce);
    check(
        &at_once,
        SENT,
        &[asks(S, gives_up(), "reply 9013; done"), on(10 * S, timed_out(0, 0), "net-cancel #0 card450")],
        "refused 9013 | #0 timed out → owed, trying since 10s | given up",
    );
}

#[test]
fn the_debt_of_a_withdrawn_request_alarms_and_gets_stuck_like_any_other() {
    check_withdrawn(
        vec![
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            falls_due(310 * S, "alarm #0 overdue"),
            on(311 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            inquiry(312 * S, "NeedsPerson, reply 9013"),
        ],
        "refused 9013 | #0 timed out → stuck 311s: amount differs | given up",
    );
}

#[test]
fn a_net_cancel_that_was_awaited_goes_on_and_no_other_acquirer_is_tried() {
    check(
        &by(&["card450", "kovan"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            asks(11 * S, gives_up(), "reply 9013; done"),
            repeat(12 * S, "reply 9013"),
            on(13 * S, accepted(0), ""),
            on(14 * S, Event::Due, ""),
        ],
        "refused 9013 | #0 timed out → done 13s: accepted | given up | card dropped",
    );
    check(
        &by(&["card450", "kovan"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            asks(11 * S, gives_up(), "reply 9013; done"),
            on(12 * S, late(0, decline("8035")), ""),
            repeat(13 * S, "reply 9013"),
        ],
        "refused 9013 | #0 timed out → done 12s: declined | given up",
    );
}

#[test]
fn a_second_attempt_in_flight_is_withdrawn_like_a_first() {
    check(
        &by(&["card450", "kovan", "kspay"]).failover(AtOnce),
        SENT,
        &[
            on(7 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 17s"),
            asks(8 * S, gives_up(), "reply 9013; done"),
            on(9 * S, approved(1), "net-cancel #1 kovan of 30000001"),
        ],
        "refused 9013 | #0 timed out → owed, trying since 7s \
         | #1 approved → terminal (approval 30000001) owed, trying since 9s | given up",
    );
}

#[test]
fn a_restart_owes_what_was_in_flight_and_tells_nobody_anything_else() {
    check_withdrawn(
        vec![
            on(5 * S, restarted(3 * S), "net-cancel #0 card450"),
            repeat(6 * S, "reply 9013"),
            on(7 * S, late(0, approval(0)), ""),
        ],
        "refused 9013 | #0 restarted → (approval 30000000) owed, trying since 5s | given up",
    );
}

#[test]
fn the_card_is_kept_until_the_answer_came() {
    check_withdrawn(vec![on(9 * S, Event::Due, "")], "refused 9013 | #0 in flight | given up");
}

#[test]
fn an_approval_seen_before_the_answer_is_owed_whatever_the_answer_says() {
    check_withdrawn(
        vec![
            on(2 * S, late(0, approval(0)), ""),
            on(3 * S, declined(0), "net-cancel #0 card450 of 30000000"),
        ],
        "refused 9013 | #0 declined → late approval (approval 30000000) owed, trying since 3s | given up",
    );
    check_withdrawn(
        vec![
            on(2 * S, late(0, approval(0)), ""),
            on(3 * S, not_sent(0), "net-cancel #0 card450 of 30000000"),
        ],
        "refused 9013 | #0 not sent: not connected → late approval (approval 30000000) owed, trying since 3s | given up",
    );
}
