//! Debts: a net-cancel is owed until the acquirer settled it, or a person must.

use payment::{
    Event,
    Failover::AtOnce,
    NetCancelVerdict::{AlreadyAcquired, AmountDiffers},
};

use super::{by, check, falls_due, on};
use crate::{
    fixture::{H, M, S},
    happening::{
        accepted, already_cancelled, lost, net_cancel, net_cancel_not_sent, net_cancel_silent, no_original,
        timed_out, try_again,
    },
};

/// The one row with which a payment by one acquirer is given up after 10 s.
fn silence() -> super::Row {
    on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022")
}

const SENT: &str = "send #0 card450 until 10s";

#[test]
fn silence_owes_the_net_cancel_in_the_same_step() {
    check(&by(&["card450"]), SENT, &[silence()], "refused 9022 | #0 timed out → owed, trying since 10s");
}

#[test]
fn a_lost_connection_owes_the_net_cancel_in_the_same_step() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(S, lost(0, S), "net-cancel #0 card450, reply 9022, alarm 9022")],
        "refused 9022 | #0 lost → owed, trying since 1s",
    );
}

#[test]
fn the_first_try_waits_for_the_configured_delay() {
    check(
        &by(&["card450"]).terms(|terms| terms.net_cancel_first_delay_ms = 500),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "reply 9022, alarm 9022"),
            falls_due(10 * S + 500, "net-cancel #0 card450"),
        ],
        "refused 9022 | #0 timed out → owed, trying since 10.5s",
    );
}

#[test]
fn accepted_settles_it() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, accepted(0), "")],
        "refused 9022 | #0 timed out → done 11s: accepted | card dropped",
    );
}

#[test]
fn already_cancelled_settles_it() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, already_cancelled(0), "")],
        "refused 9022 | #0 timed out → done 11s: already cancelled | card dropped",
    );
}

#[test]
fn nothing_reopens_what_was_accepted() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(11 * S, accepted(0), ""),
            on(12 * S, no_original(0), ""),
            on(13 * S, net_cancel(0, AlreadyAcquired), ""),
            on(14 * S, net_cancel_silent(0), ""),
            on(25 * H, Event::Due, ""),
        ],
        "refused 9022 | #0 timed out → done 11s: accepted | card dropped",
    );
}

#[test]
fn already_acquired_is_stuck_at_once() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, net_cancel(0, AlreadyAcquired), "alarm #0 stuck: already acquired")],
        "refused 9022 | #0 timed out → stuck 11s: already acquired",
    );
}

#[test]
fn another_amount_is_stuck_at_once() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs")],
        "refused 9022 | #0 timed out → stuck 11s: amount differs",
    );
}

#[test]
fn what_is_stuck_alarms_once_and_is_not_tried_again() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            on(12 * S, net_cancel(0, AmountDiffers), ""),
            on(H, Event::Due, ""),
        ],
        "refused 9022 | #0 timed out → stuck 11s: amount differs",
    );
}

#[test]
fn any_other_answer_is_tried_again_after_pauses_that_double_up_to_a_minute() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(10 * S, try_again(0), ""),
            falls_due(11 * S, "net-cancel #0 card450"),
            on(11 * S, try_again(0), ""),
            falls_due(13 * S, "net-cancel #0 card450"),
            on(13 * S, net_cancel_silent(0), ""),
            falls_due(17 * S, "net-cancel #0 card450"),
            on(17 * S, net_cancel_not_sent(0), ""),
            falls_due(25 * S, "net-cancel #0 card450"),
            on(25 * S, try_again(0), ""),
            falls_due(41 * S, "net-cancel #0 card450"),
            on(41 * S, try_again(0), ""),
            falls_due(73 * S, "net-cancel #0 card450"),
            on(73 * S, try_again(0), ""),
            falls_due(133 * S, "net-cancel #0 card450"),
            on(133 * S, try_again(0), ""),
            falls_due(193 * S, "net-cancel #0 card450"),
        ],
        "refused 9022 | #0 timed out → owed, trying since 193s",
    );
}

#[test]
fn an_answer_to_an_earlier_try_settles_it_between_two_tries() {
    check(
        &by(&["card450"]),
        SENT,
        &[silence(), on(20 * S, net_cancel_silent(0), ""), on(20 * S + 1, accepted(0), "")],
        "refused 9022 | #0 timed out → done 20.001s: accepted | card dropped",
    );
}

#[test]
fn no_such_original_before_the_request_has_settled_proves_nothing() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(11 * S, no_original(0), ""),
            falls_due(12 * S, "net-cancel #0 card450"),
            on(13 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → done 13s: accepted | card dropped",
    );
}

#[test]
fn no_such_original_is_proof_for_a_try_that_left_once_the_request_had_settled() {
    // The last byte could have left at 5 s; the acquirer settles within 60 s of it.
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 5 * S), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, try_again(0), ""),
            on(65 * S - 1, Event::Due, "net-cancel #0 card450"),
            on(66 * S, no_original(0), ""),
            falls_due(68 * S, "net-cancel #0 card450"),
            on(69 * S, no_original(0), ""),
        ],
        "refused 9022 | #0 timed out → done 69s: no such original",
    );
}

#[test]
fn the_very_instant_of_settling_is_late_enough() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 5 * S), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, try_again(0), ""),
            on(65 * S, Event::Due, "net-cancel #0 card450"),
            on(66 * S, no_original(0), ""),
        ],
        "refused 9022 | #0 timed out → done 66s: no such original",
    );
}

#[test]
fn no_such_original_that_may_answer_an_earlier_try_proves_nothing() {
    // The first try left before the request had settled and was given up unanswered. Every try carries the same identity, so the
    // first "no such original" may be that try's: only a second one is certainly of a later try.
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(20 * S, net_cancel_silent(0), ""),
            on(61 * S, Event::Due, "net-cancel #0 card450"),
            on(61 * S + 1, no_original(0), ""),
            falls_due(63 * S + 1, "net-cancel #0 card450"),
            on(64 * S, no_original(0), ""),
        ],
        "refused 9022 | #0 timed out → done 64s: no such original",
    );
}

#[test]
fn no_such_original_that_came_between_two_tries_is_not_expected_again() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(20 * S, net_cancel_silent(0), ""),
            on(20 * S + 500, no_original(0), ""),
            on(61 * S, Event::Due, "net-cancel #0 card450"),
            on(61 * S + 1, no_original(0), ""),
        ],
        "refused 9022 | #0 timed out → done 61.001s: no such original",
    );
}

#[test]
fn a_debt_older_than_five_minutes_alarms_once() {
    check(
        &by(&["card450"]).terms(|terms| terms.net_cancel_max_delay_ms = 200_000),
        SENT,
        &[
            silence(),
            on(20 * S, net_cancel_silent(0), ""),
            on(100 * S, Event::Due, "net-cancel #0 card450"),
            falls_due(310 * S, "alarm #0 overdue"),
            on(311 * S, Event::Due, ""),
            on(312 * S, net_cancel_silent(0), ""),
            falls_due(314 * S, "net-cancel #0 card450"),
        ],
        "refused 9022 | #0 timed out → owed, trying since 314s",
    );
}

#[test]
fn a_debt_older_than_a_day_is_given_up_to_the_manual_queue() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            silence(),
            on(20 * S, net_cancel_silent(0), ""),
            on(310 * S, Event::Due, "alarm #0 overdue, net-cancel #0 card450"),
            on(24 * H + 9 * S, net_cancel_silent(0), ""),
            falls_due(24 * H + 10 * S, "alarm #0 stuck: given up"),
            on(25 * H, Event::Due, ""),
        ],
        "refused 9022 | #0 timed out → stuck 86410s: given up",
    );
}

#[test]
fn tries_that_were_not_sent_cost_nothing() {
    use crate::fixture::{at, sealed_card};
    let (payment, _) = payment::Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
    let (mut payment, _) = payment.step(&timed_out(0, 0), at(10 * S)).unwrap();
    let mut now = 10 * S;
    for _ in 0..100 {
        (payment, _) = payment.step(&net_cancel_not_sent(0), at(now)).unwrap();
        now += M;
        (payment, _) = payment.step(&Event::Due, at(now)).unwrap();
    }
    let debt = payment.attempts()[0].debt().unwrap();
    assert!(debt.is_owed(), "the budget is age, not tries");
    assert_eq!(debt.tries(), 0);
    let (payment, _) = payment.step(&net_cancel_silent(0), at(now)).unwrap();
    assert_eq!(payment.attempts()[0].debt().unwrap().tries(), 1);
}

#[test]
fn every_try_carries_the_same_identity() {
    use crate::fixture::{at, sealed_card};
    use payment::Effect;
    let (payment, _) = payment::Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
    let (mut payment, mut effects) = payment.step(&timed_out(0, 0), at(10 * S)).unwrap();
    let mut identities = Vec::new();
    for minute in 1..10 {
        identities.extend(effects.iter().filter_map(|effect| match effect {
            Effect::NetCancel(order) => Some((order.route.serial, order.request.amounts)),
            Effect::Send(_) | Effect::Cancel(_) | Effect::Reply(_) | Effect::Alarm(_) => None,
        }));
        (payment, _) = payment.step(&net_cancel_silent(0), at(10 * S + (minute - 1) * M)).unwrap();
        (payment, effects) = payment.step(&Event::Due, at(10 * S + minute * M)).unwrap();
    }
    assert_eq!(identities.len(), 9);
    assert!(identities.iter().all(|identity| *identity == identities[0]));
}

#[test]
fn debts_of_one_payment_go_their_own_ways() {
    check(
        &by(&["card450", "kovan", "kspay"]).failover(AtOnce),
        SENT,
        &[
            on(5 * S, lost(0, 5 * S), "net-cancel #0 card450, send #1 kovan until 15s"),
            on(10 * S, lost(1, 10 * S), "net-cancel #1 kovan, send #2 kspay until 20s"),
            on(11 * S, accepted(0), ""),
            on(12 * S, net_cancel(1, AmountDiffers), "alarm #1 stuck: amount differs"),
            on(13 * S, lost(2, 13 * S), "net-cancel #2 kspay, reply 9022, alarm 9022"),
            on(14 * S, try_again(2), ""),
            falls_due(15 * S, "net-cancel #2 kspay"),
        ],
        "refused 9022 | #0 lost → done 11s: accepted | #1 lost → stuck 12s: amount differs | #2 lost → owed, trying since 15s",
    );
}
