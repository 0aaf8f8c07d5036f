//! Acknowledgements (0120, or the ACK of a handshake): the terminal has the approval in hand, or it is undone.

use payment::Event;

use super::{Given, asks, by, check, check_approved, falls_due, inquiry, on, repeat};
use crate::{
    asking::{acknowledges, cancel, gives_up, has},
    fixture::{H, M, S},
    happening::{accepted, approved, cancelled, declined, not_sent, restarted, timed_out},
};

const SENT: &str = "send #0 card450 until 10s";
const IN_PROGRESS: &str = "reply 9010 (the original is in progress)";
const NET_CANCELLED: &str = "reply 9013 (the original is net-cancelled)";
const NOT_APPROVED: &str = "reply 9030 (the original was not approved)";
const WITHDRAWN: &str =
    "approved #0 withdrawn | #0 approved → unacknowledged (approval 30000000) owed, trying since 11s";

fn given() -> Given {
    by(&["card450"]).awaiting_acknowledgement()
}

#[test]
fn an_approval_that_is_acknowledged_in_time_stands() {
    check_approved(
        &given(),
        vec![asks(2 * S, has(0), "done"), on(H, Event::Due, "")],
        "approved #0 acknowledged | #0 approved",
    );
    check_approved(
        &given(),
        vec![asks(11 * S - 1, has(0), "done"), on(11 * S, Event::Due, "")],
        "approved #0 acknowledged | #0 approved",
    );
}

#[test]
fn an_approval_that_nobody_acknowledges_within_ten_seconds_is_net_cancelled() {
    check_approved(
        &given(),
        vec![
            on(11 * S - 1, Event::Due, ""),
            falls_due(11 * S, "net-cancel #0 card450 of 30000000"),
            on(12 * S, accepted(0), ""),
        ],
        "approved #0 withdrawn | #0 approved → unacknowledged (approval 30000000) done 12s: accepted | card dropped",
    );
}

#[test]
fn a_late_acknowledgement_is_told_9013_and_so_is_a_repeat_of_the_approval() {
    check_approved(
        &given(),
        vec![
            falls_due(11 * S, "net-cancel #0 card450 of 30000000"),
            asks(12 * S, has(0), NET_CANCELLED),
            on(13 * S, Event::Acknowledged, ""),
            repeat(14 * S, "reply 9013"),
        ],
        WITHDRAWN,
    );
}

#[test]
fn the_same_acknowledgement_again_is_told_the_same() {
    check_approved(
        &given(),
        vec![
            asks(2 * S, has(0), "done"),
            asks(3 * S, has(0), "done"),
            on(4 * S, Event::Acknowledged, ""),
            asks(H, has(0), "done"),
        ],
        "approved #0 acknowledged | #0 approved",
    );
}

#[test]
fn an_acknowledgement_without_a_number_is_as_good_and_one_of_another_approval_is_not() {
    check_approved(
        &given(),
        vec![
            asks(
                2 * S,
                acknowledges(Some("30000001")),
                "reply 9030 (the original has another approval number)",
            ),
            asks(3 * S, acknowledges(None), "done"),
            asks(
                4 * S,
                acknowledges(Some("30000001")),
                "reply 9030 (the original has another approval number)",
            ),
        ],
        "approved #0 acknowledged | #0 approved",
    );
}

#[test]
fn an_acknowledgement_of_what_was_not_approved_acknowledges_nothing() {
    check(
        &given(),
        SENT,
        &[
            asks(500, has(0), IN_PROGRESS),
            on(S, declined(0), "reply 8035 card450"),
            asks(2 * S, has(0), NOT_APPROVED),
        ],
        "declined #0 8035 | #0 declined | card dropped",
    );
    check(
        &given(),
        SENT,
        &[on(S, not_sent(0), "reply 9021, alarm 9021"), asks(2 * S, has(0), NOT_APPROVED)],
        "refused 9021 | #0 not sent: not connected | card dropped",
    );
    check(
        &given(),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            asks(11 * S, has(0), NET_CANCELLED),
            on(12 * S, Event::Acknowledged, ""),
        ],
        "refused 9022 | #0 timed out → owed, trying since 10s",
    );
}

#[test]
fn an_event_of_an_acknowledgement_before_the_approval_acknowledges_nothing() {
    check(
        &given(),
        SENT,
        &[
            on(500, Event::Acknowledged, ""),
            on(S, approved(0), "reply 0000 card450"),
            falls_due(11 * S, "net-cancel #0 card450 of 30000000"),
        ],
        WITHDRAWN,
    );
}

#[test]
fn declines_and_refusals_need_no_acknowledgement() {
    check(
        &given(),
        SENT,
        &[on(S, declined(0), "reply 8035 card450"), on(M, Event::Due, "")],
        "declined #0 8035 | #0 declined | card dropped",
    );
    check(
        &given(),
        SENT,
        &[on(S, not_sent(0), "reply 9021, alarm 9021"), on(M, Event::Due, "")],
        "refused 9021 | #0 not sent: not connected | card dropped",
    );
}

#[test]
fn a_repeat_of_the_approval_gets_it_again_but_no_more_time() {
    check_approved(
        &given(),
        vec![
            repeat(5 * S, "reply 0000 card450"),
            repeat(10 * S, "reply 0000 card450"),
            on(10 * S, Event::Repeated, ""),
            falls_due(11 * S, "net-cancel #0 card450 of 30000000"),
            repeat(12 * S, "reply 9013"),
        ],
        WITHDRAWN,
    );
}

#[test]
fn a_reply_that_could_not_be_written_has_no_other_time_than_the_acknowledgement() {
    check_approved(
        &given(),
        vec![on(2 * S, Event::Undelivered, ""), falls_due(11 * S, "net-cancel #0 card450 of 30000000")],
        WITHDRAWN,
    );
}

#[test]
fn an_inquiry_is_told_that_it_is_in_progress_and_gives_no_more_time() {
    check_approved(
        &given(),
        vec![
            inquiry(2 * S, "InProgress, no answer"),
            falls_due(11 * S, "net-cancel #0 card450 of 30000000"),
            inquiry(12 * S, "NetCancelUnderWay, reply 0000 card450"),
        ],
        WITHDRAWN,
    );
}

#[test]
fn a_restart_gives_no_more_time() {
    check_approved(
        &given(),
        vec![on(5 * S, restarted(4 * S), ""), falls_due(11 * S, "net-cancel #0 card450 of 30000000")],
        WITHDRAWN,
    );
    check_approved(
        &given(),
        vec![on(11 * S, restarted(4 * S), "net-cancel #0 card450 of 30000000")],
        WITHDRAWN,
    );
}

#[test]
fn a_time_recorded_by_a_clock_that_was_ahead_is_no_longer_than_it_is() {
    check(
        &given(),
        SENT,
        &[
            on(H, approved(0), "reply 0000 card450"),
            on(5 * S, restarted(4 * S), ""),
            falls_due(15 * S, "net-cancel #0 card450 of 30000000"),
        ],
        "approved #0 withdrawn | #0 approved → unacknowledged (approval 30000000) owed, trying since 15s",
    );
}

#[test]
fn an_acknowledged_approval_is_cancelled_and_withdrawn_like_any_other() {
    check_approved(
        &given(),
        vec![
            asks(2 * S, has(0), "done"),
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            asks(2 * M, has(0), "done"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
    check_approved(
        &given(),
        vec![
            asks(2 * S, has(0), "done"),
            asks(M, gives_up(), "net-cancel #0 card450 of 30000000; done"),
            asks(2 * M, has(0), NET_CANCELLED),
        ],
        "approved #0 withdrawn | #0 approved → terminal (approval 30000000) owed, trying since 60s | given up",
    );
}

#[test]
fn where_none_is_asked_for_an_acknowledgement_ends_the_grace_of_an_undelivered_reply() {
    check_approved(
        &by(&["card450"]),
        vec![on(2 * S, Event::Undelivered, ""), asks(3 * S, has(0), "done"), on(H, Event::Due, "")],
        "approved #0 acknowledged | #0 approved",
    );
}
