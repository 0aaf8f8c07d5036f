//! Inquiries (0300): what became of the original, in every state; told and not changed.

use payment::{Event, Failover::AtOnce, NetCancelVerdict::AmountDiffers, PartialCancel};

use super::{asks, by, check, check_approved, check_buried, falls_due, inquiry, on};
use crate::{
    asking::{cancel, gives_up, has, inquires, net_cancel_of},
    fixture::{M, S, won},
    happening::{
        accepted, approval, approved, cancel_declined, cancel_timed_out, cancelled, declined, late,
        net_cancel, not_sent, timed_out,
    },
};

const SENT: &str = "send #0 card450 until 10s";

#[test]
fn what_has_no_outcome_yet_is_in_progress() {
    check(
        &by(&["card450", "kovan"]),
        SENT,
        &[
            inquiry(S, "InProgress, no answer"),
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            inquiry(11 * S, "InProgress, no answer"),
        ],
        "awaiting net-cancel | #0 timed out → owed, trying since 10s",
    );
}

#[test]
fn an_approval_is_told_with_its_answer() {
    check_approved(
        &by(&["card450"]),
        vec![inquiry(M, "Approved, reply 0000 card450")],
        "approved #0 released | #0 approved",
    );
    check_approved(
        &by(&["card450"]).awaiting_acknowledgement(),
        vec![asks(2 * S, has(0), "done"), inquiry(M, "Approved, reply 0000 card450")],
        "approved #0 acknowledged | #0 approved",
    );
}

#[test]
fn a_terminal_that_inquires_during_the_grace_has_the_approval() {
    check_approved(
        &by(&["card450"]),
        vec![
            on(2 * S, Event::Undelivered, ""),
            asks(10 * S, inquires(), "reply 0000 card450; Approved, reply 0000 card450"),
            on(M, Event::Due, ""),
        ],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn a_decline_and_a_refusal_that_owes_nothing_are_declined() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(S, declined(0), "reply 8035 card450"), inquiry(M, "Declined, reply 8035 card450")],
        "declined #0 8035 | #0 declined | card dropped",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[on(S, not_sent(0), "reply 9021, alarm 9021"), inquiry(M, "Declined, reply 9021")],
        "refused 9021 | #0 not sent: not connected | card dropped",
    );
    check(
        &by(&[]),
        "reply 9020, alarm 9020",
        &[inquiry(M, "Declined, reply 9020")],
        "refused 9020 | card dropped",
    );
}

#[test]
fn a_decline_whose_terminal_withdrew_it_is_still_a_decline() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, declined(0), "reply 8035 card450"),
            asks(M, gives_up(), "done"),
            inquiry(M, "Declined, reply 8035 card450"),
        ],
        "declined #0 8035 | #0 declined | given up | card dropped",
    );
}

#[test]
fn silence_is_a_net_cancel_under_way_then_done() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            inquiry(11 * S, "NetCancelUnderWay, reply 9022"),
            on(12 * S, accepted(0), ""),
            inquiry(13 * S, "NetCancelled, reply 9022"),
        ],
        "refused 9022 | #0 timed out → done 12s: accepted | card dropped",
    );
}

#[test]
fn an_approval_undone_is_a_net_cancel_under_way_then_done() {
    check_approved(
        &by(&["card450"]),
        vec![
            on(2 * S, Event::Undelivered, ""),
            falls_due(32 * S, "net-cancel #0 card450 of 30000000"),
            inquiry(33 * S, "NetCancelUnderWay, reply 0000 card450"),
            on(34 * S, accepted(0), ""),
            inquiry(35 * S, "NetCancelled, reply 0000 card450"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) done 34s: accepted | card dropped",
    );
}

#[test]
fn a_stuck_net_cancel_needs_a_person() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            inquiry(12 * S, "NeedsPerson, reply 9022"),
        ],
        "refused 9022 | #0 timed out → stuck 11s: amount differs",
    );
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, gives_up(), "net-cancel #0 card450 of 30000000; done"),
            on(M + S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            inquiry(M + 2 * S, "NeedsPerson, reply 0000 card450"),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) stuck 61s: amount differs | given up",
    );
}

#[test]
fn an_approval_that_stands_is_approved_whatever_another_attempt_owes() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(11 * S, approved(1), "reply 0000 kovan"),
            inquiry(12 * S, "Approved, reply 0000 kovan"),
            on(13 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            inquiry(14 * S, "Approved, reply 0000 kovan"),
        ],
        "approved #1 released | #0 timed out → stuck 13s: amount differs | #1 approved",
    );
}

#[test]
fn a_decline_is_a_net_cancel_under_way_while_another_attempt_owes_one() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(11 * S, declined(1), "reply 8035 kovan"),
            inquiry(12 * S, "NetCancelUnderWay, reply 8035 kovan"),
            on(13 * S, accepted(0), ""),
            inquiry(14 * S, "Declined, reply 8035 kovan"),
        ],
        "declined #1 8035 | #0 timed out → done 13s: accepted | #1 declined | card dropped",
    );
}

#[test]
fn a_decline_or_a_refusal_that_was_approved_after_all_is_a_net_cancel_under_way() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, declined(0), "reply 8035 card450"),
            on(2 * S, late(0, approval(0)), "net-cancel #0 card450 of 30000000 without card"),
            inquiry(3 * S, "NetCancelUnderWay, reply 8035 card450"),
        ],
        "declined #0 8035 | #0 declined → late approval (approval 30000000) owed, trying since 2s | card dropped",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, not_sent(0), "reply 9021, alarm 9021"),
            on(2 * S, late(0, approval(0)), "net-cancel #0 card450 of 30000000 without card"),
            inquiry(3 * S, "NetCancelUnderWay, reply 9021"),
            on(4 * S, accepted(0), ""),
            inquiry(5 * S, "NetCancelled, reply 9021"),
        ],
        "refused 9021 | #0 not sent: not connected → late approval (approval 30000000) done 4s: accepted | card dropped",
    );
}

#[test]
fn a_full_cancel_is_in_progress_then_cancelled() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            inquiry(M, "InProgress, no answer"),
            on(70 * S, cancel_timed_out(0, M), ""),
            inquiry(70 * S, "InProgress, no answer"),
            on(70 * S, cancelled(0), ""),
            inquiry(71 * S, "Cancelled, reply 0000 card450"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_declined_cancel_leaves_an_approval_that_stands() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            on(M + S, cancel_declined(0), ""),
            inquiry(M + 2 * S, "Approved, reply 0000 card450"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420",
    );
}

#[test]
fn parts_are_partly_cancelled_until_nothing_is_left() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            inquiry(M + 2 * S, "PartlyCancelled, reply 0000 card450"),
            asks(2 * M, cancel(102, 30_000), "cancel c1 card450 30000 until 130s; wait"),
            inquiry(2 * M, "InProgress, no answer"),
            on(2 * M + S, cancelled(1), ""),
            inquiry(2 * M + 2 * S, "Cancelled, reply 0000 card450"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 done 70000000 | c1 30000 done 70000001 | card dropped",
    );
}

#[test]
fn what_was_withdrawn_in_flight_is_a_net_cancel_under_way_until_its_answer_comes() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            asks(S, gives_up(), "reply 9013; done"),
            inquiry(2 * S, "NetCancelUnderWay, reply 9013"),
            on(3 * S, approved(0), "net-cancel #0 card450 of 30000000"),
            inquiry(4 * S, "NetCancelUnderWay, reply 9013"),
            on(5 * S, accepted(0), ""),
            inquiry(6 * S, "NetCancelled, reply 9013"),
        ],
        "refused 9013 | #0 approved → terminal (approval 30000000) done 5s: accepted | given up | card dropped",
    );
}

#[test]
fn what_never_came_and_was_withdrawn_is_net_cancelled_and_tells_no_original() {
    check_buried(
        &net_cancel_of(won(50_000)).into(),
        &[inquiry(S, "NetCancelled original unseen, reply 9013")],
        "refused 9013 | given up | card dropped",
    );
}
