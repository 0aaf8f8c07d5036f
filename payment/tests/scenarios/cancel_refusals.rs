//! Cancels that are refused: which code when, what is recorded, and what leaves no trace.

use payment::{
    CancelAmounts, CancelRequest, Event, Fingerprint, MerchantNo, PartialCancel, Payment, Question, Reception,
};

use super::{asks, by, check, check_approved, check_buried, falls_due, on};
use crate::{
    asking::{cancel, cancel_of, cancel_serial, gives_up, net_cancel_of},
    fixture::{M, S, at, sealed_card, won},
    happening::{
        accepted, approved, cancel_asked, cancel_declined, cancel_timed_out, cancelled, declined, not_sent,
        timed_out,
    },
};

const SENT: &str = "send #0 card450 until 10s";
const NET_CANCELLED: &str = "reply 9013 (the original is net-cancelled)";

/// A full cancel, changed.
fn changed(change: impl FnOnce(&mut CancelRequest)) -> Question {
    let mut request = cancel_of(101, 50_000);
    change(&mut request);
    Question::Cancel(request.into())
}

#[test]
fn an_original_in_progress_is_told_9010() {
    check(
        &by(&["card450", "kovan"]),
        SENT,
        &[
            asks(S, cancel(101, 50_000), "reply 9010 (the original is in progress)"),
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            asks(11 * S, cancel(101, 50_000), "reply 9010 (the original is in progress)"),
        ],
        "awaiting net-cancel | #0 timed out → owed, trying since 10s",
    );
}

#[test]
fn an_original_that_is_not_acknowledged_yet_is_told_9010() {
    check_approved(
        &by(&["card450"]).awaiting_acknowledgement(),
        vec![asks(2 * S, cancel(101, 50_000), "reply 9010 (the original is not acknowledged yet)")],
        "approved #0 unacknowledged, time to 11s | #0 approved",
    );
}

#[test]
fn an_original_whose_net_cancel_is_owed_or_done_is_told_9013() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            asks(11 * S, cancel(101, 50_000), NET_CANCELLED),
            on(12 * S, accepted(0), ""),
            asks(13 * S, cancel(101, 50_000), NET_CANCELLED),
        ],
        "refused 9022 | #0 timed out → done 12s: accepted | card dropped",
    );
    check_approved(
        &by(&["card450"]),
        vec![
            on(2 * S, Event::Undelivered, ""),
            falls_due(32 * S, "net-cancel #0 card450 of 30000000"),
            asks(33 * S, cancel(101, 50_000), NET_CANCELLED),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) owed, trying since 32s",
    );
}

#[test]
fn an_original_its_terminal_withdrew_is_told_9013() {
    check(
        &by(&["card450"]),
        SENT,
        &[asks(S, gives_up(), "reply 9013; done"), asks(2 * S, cancel(101, 50_000), NET_CANCELLED)],
        "refused 9013 | #0 in flight | given up",
    );
    check_buried(
        &net_cancel_of(won(50_000)).into(),
        &[asks(S, cancel(101, 50_000), NET_CANCELLED)],
        "refused 9013 | given up | card dropped",
    );
}

#[test]
fn an_original_that_was_not_approved_is_not_found() {
    const NOT_APPROVED: &str = "reply 9030 (the original was not approved)";
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, declined(0), "reply 8035 card450"),
            asks(M, cancel(101, 50_000), NOT_APPROVED),
            // 0000 without an approval, to be forgotten at once.
            asks(M + S, gives_up(), "done"),
            asks(M + 2 * S, cancel(101, 50_000), NOT_APPROVED),
        ],
        "declined #0 8035 | #0 declined | given up | card dropped",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[on(S, not_sent(0), "reply 9021, alarm 9021"), asks(M, cancel(101, 50_000), NOT_APPROVED)],
        "refused 9021 | #0 not sent: not connected | card dropped",
    );
}

#[test]
fn another_approval_merchant_or_card_names_another_original() {
    let number = changed(|request| request.approval_no = Some("30000001".to_owned()));
    let merchant = changed(|request| request.merchant = MerchantNo::new("1208800002").unwrap());
    let card = changed(|request| request.card = Some(Fingerprint([1; 16])));
    let right = changed(|request| {
        request.approval_no = Some("30000000".to_owned());
        request.card = Some(Fingerprint([9; 16]));
    });
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, number, "reply 9030 (the original has another approval number)"),
            asks(M, merchant, "reply 9030 (the original is another merchant's)"),
            asks(M, card, "reply 9030 (the original is another card's)"),
            asks(M, right, "cancel c0 card450 50000 until 70s; wait"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 in flight",
    );
}

#[test]
fn a_cancel_refused_without_a_trace_may_be_asked_again_under_its_key() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            asks(500, cancel(101, 50_000), "reply 9010 (the original is in progress)"),
            on(S, approved(0), "reply 0000 card450"),
            asks(
                M,
                changed(|request| request.approval_no = Some("1".to_owned())),
                "reply 9030 (the original has another approval number)",
            ),
            asks(2 * M, cancel(101, 50_000), "cancel c0 card450 50000 until 130s; wait"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 in flight",
    );
}

#[test]
fn one_cancel_at_a_time_and_the_refusal_stays_for_its_repeats() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Repeatable),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            asks(M + S, cancel(102, 20_000), "reply 9033"),
            on(M + 10 * S, cancel_timed_out(0, M), ""),
            asks(M + 10 * S, cancel(103, 20_000), "reply 9033"),
            on(M + 11 * S, cancelled(0), ""),
            asks(M + 12 * S, cancel(102, 20_000), "reply 9033"),
            asks(M + 13 * S, cancel(103, 20_000), "reply 9033"),
            asks(M + 14 * S, cancel(104, 20_000), "cancel c3 card450 20000 until 84s; wait"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 done 70000000 | c1 20000 refused 9033 \
         | c2 20000 refused 9033 | c3 20000 in flight",
    );
}

#[test]
fn more_than_is_left_is_told_9032_and_the_refusal_stays_for_its_repeats() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 50_001), "reply 9032"),
            asks(2 * M, cancel(102, 20_000), "cancel c1 card450 20000 until 130s; wait"),
            on(2 * M + S, cancelled(1), ""),
            asks(3 * M, cancel(103, 30_001), "reply 9032"),
            asks(3 * M, cancel(104, 50_000), "reply 9032"),
            asks(3 * M, cancel(103, 30_001), "reply 9032"),
            asks(4 * M, cancel(105, 30_000), "cancel c4 card450 30000 until 250s; wait"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50001 refused 9032 | c1 20000 done 70000001 \
         | c2 30001 refused 9032 | c3 50000 refused 9032 | c4 30000 in flight",
    );
}

#[test]
fn what_a_declined_cancel_had_reserved_is_free_but_what_was_refused_meanwhile_stays_refused() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            asks(M + S, cancel(102, 50_000), "reply 9033"),
            on(M + 2 * S, cancel_declined(0), ""),
            asks(M + 3 * S, cancel(101, 50_000), "reply 8420 card450"),
            asks(M + 4 * S, cancel(102, 50_000), "reply 9033"),
            asks(M + 5 * S, cancel(103, 50_000), "cancel c2 card450 50000 until 75s; wait"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420 | c1 50000 refused 9033 | c2 50000 in flight",
    );
}

#[test]
fn once_all_is_cancelled_every_other_cancel_is_told_9031() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            asks(2 * M, cancel(102, 50_000), "reply 9031"),
            asks(2 * M, cancel(103, 1), "reply 9031"),
            asks(3 * M, cancel(101, 50_000), "reply 0000 card450, cancelled 70000000"),
            asks(3 * M, cancel(102, 50_000), "reply 9031"),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | c1 50000 refused 9031 \
         | c2 1 refused 9031 | card dropped",
    );
}

#[test]
fn a_part_where_the_acquirer_cancels_only_the_whole_is_told_9034() {
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::No),
        vec![
            asks(M, cancel(101, 49_999), "reply 9034"),
            asks(M, cancel(101, 49_999), "reply 9034"),
            asks(2 * M, cancel(102, 50_000), "cancel c1 card450 50000 until 130s; wait"),
        ],
        "approved #0 acknowledged | #0 approved | c0 49999 refused 9034 | c1 50000 in flight",
    );
}

#[test]
fn a_refused_cancel_does_not_tell_that_the_terminal_has_the_approval() {
    check_approved(
        &by(&["card450"]),
        vec![
            on(2 * S, Event::Undelivered, ""),
            asks(3 * S, cancel(101, 49_999), "reply 9034"),
            falls_due(32 * S, "net-cancel #0 card450 of 30000000"),
            asks(33 * S, cancel(101, 49_999), "reply 9034"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) owed, trying since 32s \
         | c0 49999 refused 9034",
    );
}

#[test]
fn amounts_that_cannot_be_are_a_format_error_and_leave_no_trace() {
    let zero = "reply 9001 취소금액 (cancel_amount: expected more than zero)";
    let beyond = "reply 9001 부가세 (vat, service_charge, tax_free: expected at most cancel_amount)";
    let rest = "reply 9001 부가세 (vat, service_charge, tax_free: expected at most what is left of each, and no more left \
                of them than of the total)";
    let of = |total, vat, service_charge| {
        changed(|request| {
            request.amounts = CancelAmounts {
                total: won(total),
                vat: Some(won(vat)),
                service_charge: Some(won(service_charge)),
                tax_free: None,
            };
        })
    };
    check_approved(
        &by(&["card450"]).partial_cancel(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 0), zero),
            asks(M, of(20_000, 10_000, 10_001), beyond),
            // 4,545 won of vat were approved and no service charge.
            asks(M, of(20_000, 4_546, 0), rest),
            asks(M, of(20_000, 0, 1), rest),
            // 4,545 won of vat would be left of 4,000 won.
            asks(M, of(46_000, 0, 0), rest),
            asks(M, of(50_000, 4_544, 0), rest),
            asks(M, of(20_000, 4_545, 0), "cancel c0 card450 20000 until 70s; wait"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 in flight",
    );
}

/// A refusal is recorded, and a record of nothing could not be read back.
#[test]
fn a_cancel_of_nothing_is_never_recorded() {
    let zero = "reply 9001 취소금액 (cancel_amount: expected more than zero)";
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            asks(M, cancel(102, 0), zero),
            on(M, cancel_asked(102, 0), ""),
            on(M + S, cancelled(0), ""),
            asks(M + S, cancel(102, 0), zero),
            on(M + S, cancel_asked(102, 0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_payment_keeps_fifty_refusals_and_further_ones_are_told_and_not_kept() {
    let given = by(&["card450"]);
    let (payment, _) = Payment::start(&given.started(), Some(sealed_card()), at(0));
    let (mut payment, _) = payment.step(&approved(0), at(S)).unwrap();
    for trace_no in 1_000..1_300 {
        (payment, _) = payment.step(&cancel_asked(trace_no, 1), at(M)).unwrap();
    }
    assert_eq!(payment.cancels().len(), 50);
    payment.check().unwrap();
    let told = payment.receive(&cancel(2_000, 1));
    assert!(matches!(told, Reception::Refuse { answer, .. } if answer.code().as_str() == "9034"));
    let recorded = payment.receive(&cancel(1_000, 1));
    assert!(matches!(recorded, Reception::Answer(answer) if answer.code().as_str() == "9034"));
    assert_eq!(payment.receive(&cancel(2_001, 50_000)), Reception::Cancel);
    assert_eq!(payment.cancels()[49].serial(), cancel_serial(1_049));
}

#[test]
fn a_payment_keeps_no_more_cancels_than_can_be_numbered_refused_ones_among_them() {
    let given = by(&["card450"]).partial_cancel(PartialCancel::Once);
    let (payment, _) = Payment::start(&given.started(), Some(sealed_card()), at(0));
    let (mut payment, _) = payment.step(&approved(0), at(S)).unwrap();
    for nth in 0..300 {
        (payment, _) = payment.step(&cancel_asked(1_000 + nth, 1), at(M)).unwrap();
        let last = u8::try_from(payment.cancels().len() - 1).unwrap();
        (payment, _) = payment.step(&cancelled(last), at(M)).unwrap();
    }
    assert_eq!((payment.cancels().len(), payment.left().total()), (250, won(49_750)));
    let Reception::Refuse { answer, .. } = payment.receive(&cancel(2_000, 1)) else { panic!("it is full") };
    assert_eq!(answer.code().as_str(), "9099");
    for nth in 0..60 {
        (payment, _) = payment.step(&cancel_asked(3_000 + nth, 50_000), at(M)).unwrap();
    }
    let Reception::Refuse { answer, .. } = payment.receive(&cancel(3_000, 50_000)) else {
        panic!("it is full")
    };
    assert_eq!((answer.code().as_str(), payment.cancels().len()), ("9032", 250));
    payment.check().unwrap();
}
