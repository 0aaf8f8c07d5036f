//! The terminal withdraws its request (0420): what the original is, and what becomes of it.

use payment::{
    ContentDigest, Event, Failover::AtOnce, NetCancelRequest, NetCancelVerdict::AmountDiffers, PartialCancel,
    Question,
};

use super::{asks, by, check, check_approved, check_buried, falls_due, inquiry, on, repeat};
use crate::{
    asking::{cancel, gives_up, has, net_cancel_of},
    fixture::{H, M, S, won},
    happening::{
        accepted, approval, approved, cancel_declined, cancel_timed_out, cancelled, decline, declined, late,
        net_cancel, net_cancel_asked, no_original, not_sent, restarted, timed_out,
    },
};

const SENT: &str = "send #0 card450 until 10s";
const OWED: &str = "net-cancel #0 card450 of 30000000; done";
const ANOTHER_AMOUNT: &str = "reply 9011 (the original has another amount)";

/// A 0420, changed.
fn changed(change: impl FnOnce(&mut NetCancelRequest)) -> Question {
    let mut request = net_cancel_of(won(50_000));
    change(&mut request);
    Question::NetCancel(request.into())
}

fn of_another_amount() -> Question {
    changed(|request| request.total = won(49_999))
}

#[test]
fn an_original_that_never_came_is_buried_and_never_approved() {
    let told = "NetCancelled original unseen, reply 9013";
    check_buried(
        &net_cancel_of(won(50_000)).into(),
        &[
            asks(S, gives_up(), "done"),
            repeat(2 * S, "reply 9013"),
            asks(3 * S, of_another_amount(), ANOTHER_AMOUNT),
            inquiry(4 * S, told),
            asks(5 * S, has(0), "reply 9013 (the original is net-cancelled)"),
            on(6 * S, Event::Due, ""),
            on(7 * S, restarted(7 * S), ""),
            on(8 * S, Event::Repeated, ""),
            on(9 * S, Event::Undelivered, ""),
            on(10 * S, Event::Acknowledged, ""),
            on(11 * S, net_cancel_asked(), ""),
            repeat(H, "reply 9013"),
        ],
        "refused 9013 | given up | card dropped",
    );
}

/// Whatever a terminal withdraws, the record of it can be read again.
#[test]
fn an_original_of_nothing_that_never_came_is_buried_too() {
    check_buried(
        &net_cancel_of(won(0)).into(),
        &[repeat(S, "reply 9013"), asks(2 * S, gives_up(), ANOTHER_AMOUNT)],
        "refused 9013 | given up | card dropped",
    );
}

#[test]
fn an_approval_is_owed_whether_its_terminal_acknowledged_it_or_not() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, gives_up(), OWED),
            repeat(M + S, "reply 9013"),
            on(M + 2 * S, accepted(0), ""),
            repeat(M + 3 * S, "reply 9013"),
            asks(M + 4 * S, gives_up(), "done"),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) done 62s: accepted | given up | card dropped",
    );
    check_approved(
        &by(&["card450"]).awaiting_acknowledgement(),
        vec![asks(2 * S, has(0), "done"), asks(M, gives_up(), OWED)],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 60s | given up",
    );
    check_approved(
        &by(&["card450"]).awaiting_acknowledgement(),
        vec![asks(2 * S, gives_up(), OWED), on(M, Event::Due, "")],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 2s | given up",
    );
}

#[test]
fn an_approval_that_never_reached_its_terminal_is_owed_at_once() {
    check_approved(
        &by(&["card450"]),
        vec![on(2 * S, Event::Undelivered, ""), asks(3 * S, gives_up(), OWED), on(M, Event::Due, "")],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 3s | given up",
    );
}

#[test]
fn a_withdrawn_approval_is_settled_neither_by_no_such_original_nor_by_a_late_decline() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(2 * M, gives_up(), OWED),
            on(2 * M + S, no_original(0), ""),
            on(2 * M + S, late(0, decline("8035")), ""),
            falls_due(2 * M + 2 * S, "net-cancel #0 card450 of 30000000"),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 122s | given up",
    );
}

#[test]
fn an_approval_by_the_second_acquirer_is_owed_beside_the_debt_of_the_first() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(11 * S, approved(1), "reply 0000 kovan"),
            asks(12 * S, gives_up(), "net-cancel #1 kovan of 30000001; done"),
        ],
        "approved #1 withdrawn | #0 timed out → owed, trying since 10s \
         | #1 approved → terminal (approval 30000001) owed, trying since 12s | given up",
    );
}

#[test]
fn what_is_owed_already_stays_owed_as_it_was() {
    check_approved(
        &by(&["card450"]),
        vec![
            on(2 * S, Event::Undelivered, ""),
            falls_due(32 * S, "net-cancel #0 card450 of 30000000"),
            asks(33 * S, gives_up(), "done"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) owed, trying since 32s | given up",
    );
    check_approved(
        &by(&["card450"]).awaiting_acknowledgement(),
        vec![
            falls_due(11 * S, "net-cancel #0 card450 of 30000000"),
            asks(12 * S, gives_up(), "done"),
            asks(13 * S, gives_up(), "done"),
        ],
        "approved #0 withdrawn | #0 approved → unacknowledged (approval 30000000) owed, trying since 11s | given up",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            asks(11 * S, gives_up(), "done"),
            repeat(12 * S, "reply 9013"),
            on(13 * S, accepted(0), ""),
            asks(14 * S, gives_up(), "done"),
        ],
        "refused 9022 | #0 timed out → done 13s: accepted | given up | card dropped",
    );
}

#[test]
fn what_was_net_cancelled_before_is_done_at_once() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, accepted(0), ""),
            asks(12 * S, gives_up(), "done"),
        ],
        "refused 9022 | #0 timed out → done 11s: accepted | given up | card dropped",
    );
}

/// The debt is durable, which is all that the answer says.
#[test]
fn what_is_stuck_is_withdrawn_and_stays_a_persons() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            asks(12 * S, gives_up(), "done"),
            inquiry(13 * S, "NeedsPerson, reply 9022"),
        ],
        "refused 9022 | #0 timed out → stuck 11s: amount differs | given up",
    );
}

#[test]
fn a_decline_or_a_refusal_that_owes_nothing_is_done_at_once_and_still_told_to_a_repeat() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, declined(0), "reply 8035 card450"),
            asks(M, gives_up(), "done"),
            repeat(M + S, "reply 8035 card450"),
        ],
        "declined #0 8035 | #0 declined | given up | card dropped",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, not_sent(0), "reply 9021, alarm 9021"),
            asks(M, gives_up(), "done"),
            repeat(M + S, "reply 9021"),
        ],
        "refused 9021 | #0 not sent: not connected | given up | card dropped",
    );
    check(
        &by(&[]),
        "reply 9020, alarm 9020",
        &[asks(M, gives_up(), "done"), repeat(M + S, "reply 9020")],
        "refused 9020 | given up | card dropped",
    );
}

#[test]
fn a_late_approval_of_what_was_declined_and_withdrawn_is_still_net_cancelled() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, declined(0), "reply 8035 card450"),
            asks(M, gives_up(), "done"),
            on(M + S, late(0, approval(0)), "net-cancel #0 card450 of 30000000 without card"),
        ],
        "declined #0 8035 | #0 declined → late approval (approval 30000000) owed, trying since 61s | given up \
         | card dropped",
    );
}

#[test]
fn another_amount_is_told_9011_in_every_state_and_changes_nothing() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            asks(S, of_another_amount(), ANOTHER_AMOUNT),
            on(2 * S, approved(0), "reply 0000 card450"),
            asks(3 * S, of_another_amount(), ANOTHER_AMOUNT),
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            asks(M + S, of_another_amount(), ANOTHER_AMOUNT),
            on(M + 2 * S, cancelled(0), ""),
            asks(M + 3 * S, of_another_amount(), ANOTHER_AMOUNT),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[on(S, declined(0), "reply 8035 card450"), asks(2 * S, of_another_amount(), ANOTHER_AMOUNT)],
        "declined #0 8035 | #0 declined | card dropped",
    );
}

#[test]
fn another_approval_number_names_another_original() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(
                M,
                changed(|request| request.approval_no = Some("30000001".to_owned())),
                "reply 9030 (the original has another approval number)",
            ),
            asks(2 * M, changed(|request| request.approval_no = Some("30000000".to_owned())), OWED),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 120s | given up",
    );
}

#[test]
fn the_same_withdrawal_again_and_another_one_are_told_the_same() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, gives_up(), OWED),
            asks(M + S, gives_up(), "done"),
            asks(M + 2 * S, changed(|request| request.digest = ContentDigest([1; 16])), "done"),
            on(M + 3 * S, net_cancel_asked(), ""),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 60s | given up",
    );
}

#[test]
fn a_withdrawal_waits_for_a_cancel_under_way_and_then_meets_what_became_of_it() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            asks(M + S, gives_up(), "wait"),
            on(M + 2 * S, cancelled(0), ""),
            asks(M + 3 * S, gives_up(), "reply 9031 (the original is cancelled)"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            on(M + 10 * S, cancel_timed_out(0, M), ""),
            asks(M + 11 * S, gives_up(), "wait"),
            on(M + 11 * S, cancelled(0), ""),
            asks(M + 12 * S, gives_up(), "reply 9031 (the original is cancelled)"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            asks(M + S, gives_up(), "wait"),
            on(M + 2 * S, cancel_declined(0), ""),
            asks(M + 3 * S, gives_up(), OWED),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 63s \
         | c0 50000 declined 8420 | given up",
    );
}

#[test]
fn a_partly_cancelled_original_is_told_9032() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            asks(M + S, gives_up(), "wait"),
            on(M + 2 * S, cancelled(0), ""),
            asks(M + 3 * S, gives_up(), "reply 9032 (the original is partly cancelled)"),
            on(M + 4 * S, net_cancel_asked(), ""),
            asks(2 * M, cancel(102, 30_000), "cancel c1 card450 30000 until 130s; wait"),
            asks(2 * M, gives_up(), "wait"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 done 70000000 | c1 30000 in flight",
    );
}

#[test]
fn an_original_whose_cancel_is_stuck_is_told_9033_until_a_person_or_a_late_answer_settles_it() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            on(70 * S, cancel_timed_out(0, M), "alarm c0 stuck: not repeatable"),
            asks(71 * S, gives_up(), "reply 9033 (a cancel of the original needs a person)"),
            on(72 * S, net_cancel_asked(), ""),
            on(73 * S, cancel_declined(0), ""),
            asks(74 * S, gives_up(), OWED),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 74s \
         | c0 20000 declined 8420 | given up",
    );
}

#[test]
fn refused_cancels_do_not_stand_in_the_way() {
    check_approved(
        &by(&["card450"]),
        vec![asks(M, cancel(101, 60_000), "reply 9032"), asks(M + S, gives_up(), OWED)],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 61s \
         | c0 60000 refused 9032 | given up",
    );
}
