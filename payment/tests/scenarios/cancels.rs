//! Cancels (0400): to the acquirer that approved, in full or in part, one at a time, told once the outcome is durable.

use payment::{Effect, Event, Failover::AtOnce, PartialCancel, Payment, Question};

use super::{asks, by, by_timed, check, check_approved, on, repeat};
use crate::{
    asking::{cancel, cancel_of, cancel_serial},
    fixture::{H, M, S, at, sealed_card, won},
    happening::{
        approved, cancel_asked, cancel_declined, cancel_timed_out, cancelled, not_sent, restarted, timed_out,
    },
};

#[test]
fn a_full_cancel_goes_to_the_acquirer_and_is_told_once_it_is_done() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            asks(M + S, cancel(101, 50_000), "wait"),
            on(M + 2 * S, cancelled(0), ""),
            asks(M + 3 * S, cancel(101, 50_000), "reply 0000 card450, cancelled 70000000"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_cancel_goes_to_the_acquirer_that_approved_and_never_elsewhere() {
    check(
        &by(&["card450", "kovan", "kspay"]),
        "send #0 card450 until 10s",
        &[
            on(10, not_sent(0), "send #1 kovan until 10.01s"),
            on(S, approved(1), "reply 0000 kovan"),
            asks(M, cancel(101, 50_000), "cancel c0 kovan 50000 until 70s; wait"),
            on(M + S, crate::happening::cancel_not_sent(0), ""),
            asks(M + 2 * S, cancel(101, 50_000), "reply 9021"),
            asks(M + 3 * S, cancel(102, 50_000), "cancel c1 kovan 50000 until 73s; wait"),
        ],
        "approved #1 acknowledged | #0 not sent: not connected | #1 approved | c0 50000 refused 9021 \
         | c1 50000 in flight",
    );
}

#[test]
fn the_debt_of_another_attempt_neither_hinders_a_cancel_nor_is_settled_by_it() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(11 * S, approved(1), "reply 0000 kovan"),
            asks(12 * S, cancel(101, 50_000), "cancel c0 kovan 50000 until 22s; wait"),
            on(13 * S, cancelled(0), ""),
        ],
        "approved #1 acknowledged | #0 timed out → owed, trying since 10s | #1 approved | c0 50000 done 70000000",
    );
}

#[test]
fn parts_are_cancelled_one_after_the_other_down_to_nothing() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            repeat(M + 2 * S, "reply 0000 card450"),
            asks(2 * M, cancel(102, 29_999), "cancel c1 card450 29999 until 130s; wait"),
            on(2 * M + S, cancelled(1), ""),
            asks(3 * M, cancel(103, 1), "cancel c2 card450 1 until 190s; wait"),
            repeat(3 * M, "reply 0000 card450"),
            on(3 * M + S, cancelled(2), ""),
            repeat(3 * M + 2 * S, "reply 9031"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 done 70000000 | c1 29999 done 70000001 \
         | c2 1 done 70000002 | card dropped",
    );
}

#[test]
fn a_repeat_of_the_approval_is_told_9031_once_all_is_cancelled() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            repeat(M + 2 * S, "reply 9031"),
            on(M + 3 * S, Event::Repeated, ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn the_first_try_is_given_up_when_its_terminal_stops_waiting() {
    check(
        &by_timed(&[("kspay", 40_000)]),
        "send #0 kspay until 28s",
        &[
            on(S, approved(0), "reply 0000 kspay"),
            asks(M, cancel(101, 50_000), "cancel c0 kspay 50000 until 88s; wait"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 in flight",
    );
}

#[test]
fn nobody_waits_for_the_later_tries_which_have_the_whole_answer_time() {
    check(
        &by_timed(&[("kspay", 40_000)]),
        "send #0 kspay until 28s",
        &[
            on(S, approved(0), "reply 0000 kspay"),
            asks(M, cancel(101, 50_000), "cancel c0 kspay 50000 until 88s; wait"),
            on(M + 28 * S, cancel_timed_out(0, M), ""),
            super::falls_due(M + 29 * S, "cancel c0 kspay 50000 until 129s"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, trying since 89s",
    );
}

#[test]
fn the_order_names_the_serial_the_original_and_how_much_of_each_component() {
    let given = by(&["card450"]).partial_cancel(PartialCancel::Once);
    let (payment, _) = Payment::start(&given.started(), Some(sealed_card()), at(0));
    let (payment, _) = payment.step(&approved(0), at(S)).unwrap();
    let (payment, effects) = payment.step(&cancel_asked(101, 20_000), at(M)).unwrap();
    let [Effect::Cancel(order)] = effects.as_slice() else { panic!("one cancel leaves: {effects:?}") };
    let [cancel] = payment.cancels() else { panic!("one cancel is recorded") };
    assert_eq!((order.serial, cancel.serial()), (cancel_serial(101), cancel_serial(101)));
    assert_eq!(order.route, given.routes[0]);
    assert_eq!(order.approval.approval_no, "30000000");
    assert_eq!((order.amounts, *cancel.amounts()), (*cancel.amounts(), order.amounts));
    assert_eq!((order.amounts.total(), order.amounts.vat()), (won(20_000), won(1_818)));
    assert_eq!(*order.asked, cancel_of(101, 20_000));
    assert_eq!(order.card, Some(sealed_card()));
    assert!(order.is_partial());
    assert_eq!(payment.left().total(), won(30_000));
}

#[test]
fn a_cancel_of_the_whole_rest_is_a_partial_one_and_of_the_whole_a_full_one() {
    let given = by(&["card450"]).partial_cancel(PartialCancel::Once);
    let (payment, _) = Payment::start(&given.started(), Some(sealed_card()), at(0));
    let (payment, _) = payment.step(&approved(0), at(S)).unwrap();
    let is_partial = |payment: &Payment, amount| {
        let (_, effects) = payment.clone().step(&cancel_asked(102, amount), at(M)).unwrap();
        let [Effect::Cancel(order)] = effects.as_slice() else { panic!("one cancel leaves: {effects:?}") };
        order.is_partial()
    };
    assert!(!is_partial(&payment, 50_000));
    let (payment, _) = payment.step(&cancel_asked(101, 20_000), at(M)).unwrap();
    let (payment, _) = payment.step(&cancelled(0), at(M)).unwrap();
    assert!(is_partial(&payment, 30_000));
}

#[test]
fn an_approval_that_never_reached_its_terminal_is_cancelled_not_net_cancelled() {
    check_approved(
        &by(&["card450"]),
        vec![
            on(2 * S, Event::Undelivered, ""),
            asks(10 * S, cancel(101, 50_000), "cancel c0 card450 50000 until 20s; wait"),
            on(32 * S, Event::Due, ""),
            on(33 * S, cancelled(0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_cancel_whose_reply_could_not_be_written_is_not_undone() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            on(M + 2 * S, Event::Undelivered, ""),
            on(H, Event::Due, ""),
            asks(H + S, cancel(101, 50_000), "reply 0000 card450, cancelled 70000000"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_cancel_is_never_net_cancelled_for_want_of_an_acknowledgement() {
    check_approved(
        &by(&["card450"]).awaiting_acknowledgement(),
        vec![
            asks(2 * S, crate::asking::has(0), "done"),
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            on(H, Event::Due, ""),
            on(H + S, restarted(H), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_cancel_of_an_original_long_past_is_as_good_as_any() {
    check_approved(
        &by(&["card450"]),
        vec![asks(24 * 90 * H, cancel(101, 50_000), "cancel c0 card450 50000 until 7776010s; wait")],
        "approved #0 acknowledged | #0 approved | c0 50000 in flight",
    );
}

#[test]
fn the_card_is_kept_until_all_is_cancelled() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 49_999), "cancel c0 card450 49999 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            asks(2 * M, cancel(102, 1), "cancel c1 card450 1 until 130s; wait"),
            on(2 * M + S, cancel_declined(1), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 49999 done 70000000 | c1 1 declined 8420",
    );
}

#[test]
fn the_same_event_again_asks_no_second_cancel() {
    check_approved(
        &by(&["card450"]),
        vec![
            on(M, cancel_asked(101, 50_000), "cancel c0 card450 50000 until 28s"),
            on(M + S, cancel_asked(101, 50_000), ""),
            on(M + 2 * S, cancelled(0), ""),
            on(M + 3 * S, cancel_asked(101, 50_000), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_telegram_of_one_key_is_one_cancel_whatever_else_it_says() {
    let mut other = cancel_of(101, 50_000);
    other.digest = payment::ContentDigest([1; 16]);
    let other = Question::Cancel(other.into());
    let told = "reply 9011 (the key was used with other content)";
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            asks(M + S, other.clone(), told),
            on(M + 2 * S, cancelled(0), ""),
            asks(M + 3 * S, other, told),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}
