//! Restarts and take-overs: nothing is undone by guesswork. What was in flight is in doubt, what was approved waits for its terminal.

use payment::Event;

use super::{by, check, falls_due, on, repeat};
use crate::{
    fixture::{H, M, S},
    happening::{
        accepted, approval, approved, declined, late, net_cancel, net_cancel_silent, no_original, not_sent,
        restarted, timed_out, try_again,
    },
};
use payment::NetCancelVerdict::AmountDiffers;

const SENT: &str = "send #0 card450 until 10s";

#[test]
fn a_request_in_flight_is_in_doubt_and_its_net_cancel_owed() {
    check(
        &by(&["card450", "kovan"]),
        SENT,
        &[
            on(5 * S, restarted(S), "net-cancel #0 card450, reply 9022, alarm 9022"),
            repeat(6 * S, "reply 9013"),
            on(7 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 restarted → done 7s: accepted | card dropped",
    );
}

#[test]
fn no_such_original_counts_from_the_end_of_the_old_lease() {
    // The old owner's lease ended at 20 s: a byte could have left until then.
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(21 * S, restarted(20 * S), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(22 * S, try_again(0), ""),
            on(80 * S, Event::Due, "net-cancel #0 card450"),
            on(80 * S + 1, no_original(0), ""),
        ],
        "refused 9022 | #0 restarted → done 80.001s: no such original",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(21 * S, restarted(20 * S), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(22 * S, try_again(0), ""),
            on(80 * S - 1, Event::Due, "net-cancel #0 card450"),
            on(80 * S + 1, no_original(0), ""),
        ],
        "refused 9022 | #0 restarted → owed, due 82.001s",
    );
}

#[test]
fn an_answer_the_old_owner_learnt_late_is_late() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(5 * S, restarted(S), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(6 * S, approved(0), ""),
            on(7 * S, not_sent(0), ""),
        ],
        "refused 9022 | #0 restarted → (approval 30000000) owed, trying since 5s",
    );
}

#[test]
fn a_payment_that_awaited_its_net_cancel_tells_9022_and_tries_on() {
    check(
        &by(&["card450", "kovan"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            on(12 * S, restarted(11 * S), "reply 9022, alarm 9022, net-cancel #0 card450"),
            on(13 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → done 13s: accepted | card dropped",
    );
}

#[test]
fn an_approval_waits_for_its_terminal() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(5 * S, restarted(3 * S), ""),
            repeat(6 * S, "reply 0000 card450"),
        ],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn the_grace_of_an_undelivered_approval_goes_on() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Undelivered, ""),
            on(5 * S, restarted(4 * S), ""),
            falls_due(33 * S, "net-cancel #0 card450 of 30000000"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) owed, trying since 33s",
    );
}

#[test]
fn a_grace_that_ended_meanwhile_is_over_at_once() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, Event::Undelivered, ""),
            on(M, restarted(4 * S), "net-cancel #0 card450 of 30000000"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) owed, trying since 60s",
    );
}

#[test]
fn a_grace_recorded_by_a_clock_that_was_ahead_is_no_longer_than_a_grace() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(H, Event::Undelivered, ""),
            on(5 * S, restarted(4 * S), ""),
        ],
        "approved #0 undelivered, grace to 35s | #0 approved",
    );
}

#[test]
fn declines_and_refusals_stay_as_they_are() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(2 * S, declined(0), "reply 8035 card450"), on(3 * S, restarted(2 * S), "")],
        "declined #0 8035 | #0 declined | card dropped",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[on(2 * S, not_sent(0), "reply 9021, alarm 9021"), on(3 * S, restarted(2 * S), "")],
        "refused 9021 | #0 not sent: not connected | card dropped",
    );
}

#[test]
fn a_net_cancel_in_flight_is_tried_again_at_once() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, restarted(11 * S), "net-cancel #0 card450"),
            on(12 * S, restarted(12 * S), "net-cancel #0 card450"),
            on(13 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → done 13s: accepted | card dropped",
    );
}

#[test]
fn a_net_cancel_that_pauses_waits_on() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(20 * S, net_cancel_silent(0), ""),
            on(20 * S + 500, restarted(20 * S), ""),
            falls_due(21 * S, "net-cancel #0 card450"),
        ],
        "refused 9022 | #0 timed out → owed, trying since 21s",
    );
}

#[test]
fn a_due_time_further_away_than_the_longest_pause_is_due_now() {
    // The record was written while the clock was an hour ahead.
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(H + 10 * S, timed_out(0, H), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(H + 20 * S, net_cancel_silent(0), ""),
            on(30 * S, restarted(21 * S), "net-cancel #0 card450"),
        ],
        "refused 9022 | #0 timed out → owed, trying since 30s",
    );
}

#[test]
fn settled_debts_and_the_manual_queue_stay_as_they_are() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, accepted(0), ""),
            on(12 * S, restarted(12 * S), ""),
        ],
        "refused 9022 | #0 timed out → done 11s: accepted | card dropped",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            on(12 * S, restarted(12 * S), ""),
        ],
        "refused 9022 | #0 timed out → stuck 11s: amount differs",
    );
}

#[test]
fn a_debt_that_grew_too_old_meanwhile_alarms_and_is_given_up_after_one_more_try() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(H, restarted(11 * S), "alarm #0 overdue, net-cancel #0 card450"),
            on(25 * H, restarted(2 * H), "net-cancel #0 card450"),
            on(25 * H + S, try_again(0), ""),
            on(25 * H + 2 * S, Event::Due, "alarm #0 stuck: given up"),
        ],
        "refused 9022 | #0 timed out → stuck 90002s: given up",
    );
}

#[test]
fn a_late_approval_reopens_a_debt_that_was_settled_before_the_restart() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(5 * S, restarted(S), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(6 * S, try_again(0), ""),
            on(M + S, Event::Due, "net-cancel #0 card450"),
            on(M + 2 * S, no_original(0), ""),
            on(M + 3 * S, restarted(M + 2 * S), ""),
            on(M + 4 * S, late(0, approval(0)), "net-cancel #0 card450 of 30000000"),
        ],
        "refused 9022 | #0 restarted → (approval 30000000) owed, trying since 64s",
    );
}

#[test]
fn a_try_in_flight_at_the_restart_counts_as_sent() {
    use crate::fixture::{at, sealed_card};
    let (payment, _) = payment::Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
    let (payment, _) = payment.step(&timed_out(0, 0), at(10 * S)).unwrap();
    let (payment, _) = payment.step(&restarted(11 * S), at(12 * S)).unwrap();
    assert_eq!(payment.attempts()[0].debt().unwrap().tries(), 1);
}
