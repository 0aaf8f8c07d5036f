//! Delivery on a listener without acknowledgement: from the first byte on the terminal decides.

use payment::Event;

use super::{by, check, falls_due, on, repeat};
use crate::{
    fixture::{H, S},
    happening::{accepted, approved, decline, declined, late, no_original, timed_out},
};

const SENT: &str = "send #0 card450 until 10s";

#[test]
fn an_approval_released_is_never_undone_by_itself() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(2 * S, approved(0), "reply 0000 card450"), on(25 * H, Event::Due, "")],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn an_approval_of_which_no_byte_was_written_is_net_cancelled_after_the_grace() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Undelivered, ""),
            falls_due(33 * S, "net-cancel #0 card450 of 30000000"),
            on(34 * S, accepted(0), ""),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) done 34s: accepted | card dropped",
    );
}

#[test]
fn before_the_grace_is_over_nothing_is_owed() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Undelivered, ""),
            on(33 * S - 1, Event::Due, ""),
        ],
        "approved #0 undelivered, grace to 33s | #0 approved",
    );
}

#[test]
fn a_repeat_within_the_grace_is_given_the_approval() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Undelivered, ""),
            repeat(20 * S, "reply 0000 card450"),
            on(33 * S, Event::Due, ""),
        ],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn a_second_reply_that_could_not_be_written_has_a_grace_of_its_own() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Undelivered, ""),
            repeat(20 * S, "reply 0000 card450"),
            on(21 * S, Event::Undelivered, ""),
            falls_due(51 * S, "net-cancel #0 card450 of 30000000"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) owed, trying since 51s",
    );
}

#[test]
fn the_same_report_again_does_not_lengthen_the_grace() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Undelivered, ""),
            on(13 * S, Event::Undelivered, ""),
        ],
        "approved #0 undelivered, grace to 33s | #0 approved",
    );
}

#[test]
fn a_repeat_after_the_grace_is_told_9013_and_never_0000() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Undelivered, ""),
            falls_due(33 * S, "net-cancel #0 card450 of 30000000"),
            repeat(34 * S, "reply 9013"),
            on(35 * S, Event::Repeated, ""),
            on(36 * S, Event::Undelivered, ""),
            on(37 * S, accepted(0), ""),
            repeat(38 * S, "reply 9013"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) done 37s: accepted | card dropped",
    );
}

#[test]
fn a_withdrawn_approval_is_settled_neither_by_no_such_original_nor_by_a_late_decline() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Undelivered, ""),
            on(H, Event::Due, "net-cancel #0 card450 of 30000000"),
            on(H + S, no_original(0), ""),
            on(H + S, late(0, decline("8035")), ""),
            falls_due(H + 2 * S, "net-cancel #0 card450 of 30000000"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) owed, trying since 3602s",
    );
}

#[test]
fn an_undelivered_decline_or_refusal_undoes_nothing() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(2 * S, declined(0), "reply 8035 card450"), on(3 * S, Event::Undelivered, "")],
        "declined #0 8035 | #0 declined | card dropped",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, Event::Undelivered, ""),
            on(12 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → done 12s: accepted | card dropped",
    );
}
