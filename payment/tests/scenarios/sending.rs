//! Sending: the intent first, one acquirer after the other, never past the terminal's time.

use payment::{Effect, Event, NotSent, Payment};

use super::{by, by_timed, check, falls_due, on};
use crate::{
    fixture::{S, at, sealed_card},
    happening::{approved, declined, not_processed, not_sent, timed_out},
};

#[test]
fn a_request_leaves_only_with_its_intent_recorded() {
    check(&by(&["card450"]), "send #0 card450 until 10s", &[], "trying | #0 in flight");
}

#[test]
fn the_intent_names_acquirer_serial_and_amount() {
    let given = by(&["card450", "kovan"]);
    let (payment, effects) = Payment::start(&given.started(), Some(sealed_card()), at(0));
    let [Effect::Send(order)] = effects.as_slice() else { panic!("one request leaves: {effects:?}") };
    let [attempt] = payment.attempts() else { panic!("one attempt is recorded") };
    assert_eq!(order.route, given.routes[0]);
    assert_eq!(*attempt.route(), given.routes[0]);
    assert_eq!(attempt.deadline(), order.deadline);
    assert_eq!(order.request.amounts, payment.request().amounts);
    assert_eq!(order.card, Some(sealed_card()));
}

#[test]
fn an_approval_is_told_and_ends_the_payment() {
    check(
        &by(&["card450"]),
        "send #0 card450 until 10s",
        &[on(2 * S, approved(0), "reply 0000 card450")],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn a_decline_is_told_and_no_other_acquirer_is_tried() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(2 * S, declined(0), "reply 8035 card450")],
        "declined #0 8035 | #0 declined | card dropped",
    );
}

#[test]
fn without_a_route_the_terminal_gets_9020() {
    check(&by(&[]), "reply 9020, alarm 9020", &[], "refused 9020 | card dropped");
}

#[test]
fn what_was_not_sent_goes_to_the_next_acquirer_freely() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(20, not_sent(0), "send #1 kovan until 10.02s"), on(2 * S, approved(1), "reply 0000 kovan")],
        "approved #1 released | #0 not sent: not connected | #1 approved",
    );
}

#[test]
fn every_reason_of_not_being_sent_frees_the_next_acquirer() {
    for why in [
        NotSent::NotConnected,
        NotSent::Full,
        NotSent::TooLate,
        NotSent::ConnectionLost,
        NotSent::CannotExpress,
        NotSent::Unavailable,
        NotSent::Withdrawn,
    ] {
        let (payment, _) = Payment::start(&by(&["card450", "kovan"]).started(), Some(sealed_card()), at(0));
        let (payment, effects) = payment.step(&Event::NotSent { attempt: 0, why }, at(20)).unwrap();
        assert!(matches!(effects.as_slice(), [Effect::Send(order)] if order.attempt == 1), "{why:?}");
        assert!(!payment.owes(), "{why:?} owes nothing");
    }
}

#[test]
fn what_was_not_processed_goes_to_the_next_acquirer_freely() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(S, not_processed(0), "send #1 kovan until 11s"), on(2 * S, approved(1), "reply 0000 kovan")],
        "approved #1 released | #0 not processed | #1 approved",
    );
}

#[test]
fn when_no_acquirer_took_the_request_the_terminal_gets_9021() {
    check(
        &by(&["card450", "kovan", "kspay"]),
        "send #0 card450 until 10s",
        &[
            on(10, not_sent(0), "send #1 kovan until 10.01s"),
            on(S, not_processed(1), "send #2 kspay until 11s"),
            on(2 * S, not_sent(2), "reply 9021, alarm 9021"),
        ],
        "refused 9021 | #0 not sent: not connected | #1 not processed | #2 not sent: not connected | card dropped",
    );
}

#[test]
fn the_next_acquirer_is_tried_up_to_the_last_instant_that_leaves_it_its_time() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(18 * S, not_sent(0), "send #1 kovan until 28s")],
        "trying | #0 not sent: not connected | #1 in flight",
    );
}

#[test]
fn without_time_for_its_answer_the_next_acquirer_is_not_tried() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(18 * S + 1, not_sent(0), "reply 9021, alarm 9021")],
        "refused 9021 | #0 not sent: not connected | card dropped",
    );
}

#[test]
fn an_acquirer_too_slow_for_the_time_left_is_passed_over() {
    check(
        &by_timed(&[("card450", 10_000), ("kspay", 20_000), ("kovan", 10_000)]),
        "send #0 card450 until 10s",
        &[
            on(9 * S, not_processed(0), "send #1 kovan until 19s"),
            on(11 * S, approved(1), "reply 0000 kovan"),
        ],
        "approved #1 released | #0 not processed | #1 approved",
    );
}

#[test]
fn a_net_cancel_is_awaited_as_long_as_some_acquirer_still_has_time() {
    check(
        &by_timed(&[("card450", 7_000), ("kspay", 20_000), ("kovan", 10_000)]),
        "send #0 card450 until 7s",
        &[on(7 * S, timed_out(0, 0), "net-cancel #0 card450"), falls_due(18 * S, "reply 9022, alarm 9022")],
        "refused 9022 | #0 timed out → owed, trying since 7s",
    );
}

#[test]
fn no_request_outlives_the_terminals_wait() {
    check(
        &by_timed(&[("kspay", 40_000)]),
        "send #0 kspay until 28s",
        &[on(28 * S, timed_out(0, 0), "net-cancel #0 kspay, reply 9022, alarm 9022")],
        "refused 9022 | #0 timed out → owed, trying since 28s",
    );
}

#[test]
fn a_report_that_no_byte_left_changes_nothing_once_the_request_was_answered() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[
            on(2 * S, approved(0), "reply 0000 card450"),
            on(3 * S, not_sent(0), ""),
            on(4 * S, timed_out(0, 0), ""),
        ],
        "approved #0 released | #0 approved",
    );
}

#[test]
fn an_event_of_an_attempt_never_made_is_refused_and_gives_the_payment_back() {
    let (payment, _) = Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
    let illegal = payment.clone().step(&approved(1), at(S)).unwrap_err();
    assert_eq!(illegal.number, 1);
    assert_eq!(illegal.to_string(), "the payment has 1 attempts and 0 cancels, the event speaks of number 1");
    assert_eq!(*illegal.payment, payment);
}

#[test]
fn more_routes_than_attempts_can_be_numbered_end_in_9021() {
    let names = ["card450"; 300];
    let (mut payment, _) = Payment::start(&by(&names).started(), None, at(0));
    let mut last = Vec::new();
    for attempt in 0..=u8::MAX {
        (payment, last) = payment.step(&not_sent(attempt), at(0)).unwrap();
    }
    assert_eq!(crate::describe::effects(&last), "reply 9021, alarm 9021");
}
