//! Cancels without an answer: repeated where that is safe, otherwise a person's; their amount is reserved all the while.

use payment::{Effect, Event, PartialCancel, Payment};

use super::{Given, Row, asks, by, check_approved, falls_due, inquiry, on};
use crate::{
    asking::{cancel, cancel_serial},
    fixture::{H, M, S, at, sealed_card},
    happening::{
        approved, cancel_asked, cancel_declined, cancel_in_doubt, cancel_not_processed, cancel_not_sent,
        cancel_timed_out, cancelled,
    },
};

/// A full cancel that goes unanswered: its first try left at 60 s and is given up at 70 s.
pub(super) fn silence(then: Vec<Row>) -> Vec<Row> {
    let asked = asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait");
    [asked, on(70 * S, cancel_timed_out(0, M), "")].into_iter().chain(then).collect()
}

pub(super) fn by_parts(partial_cancel: PartialCancel) -> Given {
    by(&["card450"]).partial_cancel(partial_cancel)
}

#[test]
fn a_full_cancel_is_repeated_after_pauses_that_double_up_to_a_minute() {
    check_approved(
        &by(&["card450"]),
        silence(vec![
            falls_due(71 * S, "cancel c0 card450 50000 until 81s"),
            on(71 * S, cancel_not_sent(0), ""),
            falls_due(73 * S, "cancel c0 card450 50000 until 83s"),
            on(73 * S, cancel_in_doubt(0), ""),
            falls_due(77 * S, "cancel c0 card450 50000 until 87s"),
            on(77 * S, cancel_not_processed(0), ""),
            falls_due(85 * S, "cancel c0 card450 50000 until 95s"),
            on(85 * S, cancel_timed_out(0, 85 * S), ""),
            falls_due(101 * S, "cancel c0 card450 50000 until 111s"),
            on(101 * S, cancel_timed_out(0, 101 * S), ""),
            falls_due(133 * S, "cancel c0 card450 50000 until 143s"),
            on(133 * S, cancel_timed_out(0, 133 * S), ""),
            falls_due(193 * S, "cancel c0 card450 50000 until 203s"),
            on(193 * S, cancel_timed_out(0, 193 * S), ""),
            falls_due(253 * S, "cancel c0 card450 50000 until 263s"),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, trying since 253s",
    );
}

#[test]
fn every_try_carries_the_same_serial_and_amounts() {
    let given = by_parts(PartialCancel::Repeatable);
    let (payment, _) = Payment::start(&given.started(), Some(sealed_card()), at(0));
    let (payment, _) = payment.step(&approved(0), at(S)).unwrap();
    let (mut payment, mut effects) = payment.step(&cancel_asked(7, 20_000), at(M)).unwrap();
    let mut identities = Vec::new();
    for minute in 1..10 {
        identities.extend(effects.iter().filter_map(|effect| match effect {
            Effect::Cancel(order) => Some((order.serial, order.amounts, order.asked.clone())),
            Effect::Send(_) | Effect::NetCancel(_) | Effect::Reply(_) | Effect::Alarm(_) => None,
        }));
        (payment, _) = payment.step(&cancel_timed_out(0, minute * M), at(minute * M)).unwrap();
        (payment, effects) = payment.step(&Event::Due, at((minute + 1) * M)).unwrap();
    }
    assert_eq!(identities.len(), 9);
    assert!(identities.iter().all(|identity| *identity == identities[0]));
    assert_eq!(identities[0].0, cancel_serial(7));
}

#[test]
fn a_decline_of_a_repeat_proves_nothing_while_an_earlier_try_may_still_be_done() {
    // Until 120 s the first try can still be done, and until 132 s the second, for the decline may be the first one's. Whichever of the
    // two was not answered may be by 192 s.
    check_approved(
        &by(&["card450"]),
        silence(vec![
            falls_due(71 * S, "cancel c0 card450 50000 until 81s"),
            on(72 * S, cancel_declined(0), ""),
            asks(72 * S, cancel(101, 50_000), "reply 9023"),
            falls_due(192 * S, "cancel c0 card450 50000 until 202s"),
            on(193 * S, cancel_declined(0), ""),
            asks(194 * S, cancel(101, 50_000), "reply 8420 card450"),
            asks(195 * S, cancel(102, 50_000), "cancel c1 card450 50000 until 205s; wait"),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420 | c1 50000 in flight",
    );
}

/// The decline at 72 s may be the first try's: then the second, which left at 71 s, can still be done when the third is declined.
#[test]
fn an_answer_that_may_be_an_earlier_trys_leaves_the_try_that_is_out_in_doubt() {
    check_approved(
        &by(&["card450"]),
        silence(vec![
            falls_due(71 * S, "cancel c0 card450 50000 until 81s"),
            on(72 * S, cancel_declined(0), ""),
            on(120 * S, Event::Due, ""),
            on(132 * S, Event::Due, ""),
            falls_due(192 * S, "cancel c0 card450 50000 until 202s"),
            on(193 * S, cancelled(0), ""),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_decline_between_two_tries_proves_nothing() {
    check_approved(
        &by(&["card450"]),
        silence(vec![
            on(70 * S + 500, cancel_declined(0), ""),
            falls_due(120 * S, "cancel c0 card450 50000 until 130s"),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, trying since 120s",
    );
}

#[test]
fn a_decline_of_a_try_that_left_once_all_before_had_settled_is_proof() {
    check_approved(
        &by(&["card450"]),
        silence(vec![
            // What the first try was told was lost; between two tries it comes and is nobody else's.
            on(70 * S + 500, cancel_declined(0), ""),
            falls_due(120 * S, "cancel c0 card450 50000 until 130s"),
            on(121 * S, cancel_declined(0), ""),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420",
    );
    check_approved(
        &by(&["card450"]),
        silence(vec![
            on(120 * S - 1, Event::Due, "cancel c0 card450 50000 until 129.999s"),
            on(121 * S, cancel_declined(0), ""),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, due 241s",
    );
}

/// The first try's answer may come in place of the second's, until it has had as long again to come as the acquirer takes to settle.
#[test]
fn a_decline_may_be_that_of_a_try_that_went_unanswered() {
    check_approved(
        &by(&["card450"]),
        silence(vec![
            on(180 * S - 1, Event::Due, "cancel c0 card450 50000 until 189.999s"),
            on(181 * S, cancel_declined(0), ""),
            asks(181 * S, cancel(101, 50_000), "reply 9023"),
            falls_due(301 * S, "cancel c0 card450 50000 until 311s"),
            on(302 * S, cancel_declined(0), ""),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420",
    );
    check_approved(
        &by(&["card450"]),
        silence(vec![
            on(180 * S, Event::Due, "cancel c0 card450 50000 until 190s"),
            on(181 * S, cancel_declined(0), ""),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420",
    );
}

/// The decline at 72 s is the first try's, that at 133 s the second's; the third is still on its way, and done.
#[test]
fn each_late_decline_leaves_another_try_without_its_answer() {
    check_approved(
        &by(&["card450"]),
        silence(vec![
            falls_due(71 * S, "cancel c0 card450 50000 until 81s"),
            on(72 * S, cancel_declined(0), ""),
            on(132 * S, Event::Due, ""),
            on(133 * S, cancel_declined(0), ""),
            falls_due(137 * S, "cancel c0 card450 50000 until 147s"),
            on(170 * S, cancelled(0), ""),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

/// Answers in doubt leave no stray behind: the next decline is the next try's.
#[test]
fn a_decline_after_an_answer_in_doubt_is_proof() {
    check_approved(
        &by(&["card450"]),
        vec![
            asks(M, cancel(101, 50_000), "cancel c0 card450 50000 until 70s; wait"),
            on(M + S, cancel_in_doubt(0), ""),
            on(200 * S, Event::Due, "cancel c0 card450 50000 until 210s"),
            on(201 * S, cancel_declined(0), ""),
        ],
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420",
    );
}

/// A cancel comes to an end also after an hour of silence.
#[test]
fn a_cancel_comes_to_an_end_by_two_declines() {
    let unanswered = (2..60).flat_map(|minute| {
        let due = on(minute * M, Event::Due, "");
        [due, on(minute * M + 10 * S, cancel_timed_out(0, minute * M), "")]
    });
    let given = by(&["card450"]);
    let (payment, _) = Payment::start(&given.started(), Some(sealed_card()), at(0));
    let (payment, _) = payment.step(&approved(0), at(S)).unwrap();
    let (mut payment, _) = payment.step(&cancel_asked(101, 50_000), at(M)).unwrap();
    (payment, _) = payment.step(&cancel_timed_out(0, M), at(70 * S)).unwrap();
    for row in unanswered {
        (payment, _) = super::take(payment, &row);
    }
    let mut declines = 0;
    while payment.is_open() {
        let due = payment.due().unwrap();
        (payment, _) = payment.step(&Event::Due, due).unwrap();
        (payment, _) = payment.step(&cancel_declined(0), due).unwrap();
        declines += 1;
    }
    assert_eq!(declines, 2);
}

/// However long the acquirer takes to settle, and however short the pauses are.
#[test]
fn a_decline_settles_a_cancel_also_where_settling_takes_longer_than_the_longest_pause() {
    let given = by(&["card450"]).terms(|terms| terms.net_cancel_max_delay_ms = 5_000);
    check_approved(
        &given,
        silence(vec![
            falls_due(71 * S, "cancel c0 card450 50000 until 81s"),
            on(72 * S, cancel_declined(0), ""),
            falls_due(192 * S, "cancel c0 card450 50000 until 202s"),
            on(193 * S, cancel_declined(0), ""),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 declined 8420",
    );
}

#[test]
fn a_cancel_can_be_done_on_any_try_and_between_two() {
    check_approved(
        &by(&["card450"]),
        silence(vec![on(70 * S + 500, cancelled(0), ""), on(H, Event::Due, "")]),
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
    check_approved(
        &by(&["card450"]),
        silence(vec![
            falls_due(71 * S, "cancel c0 card450 50000 until 81s"),
            on(72 * S, cancelled(0), ""),
            on(H, Event::Due, ""),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 done 70000000 | card dropped",
    );
}

#[test]
fn a_part_is_repeated_where_the_acquirer_knows_it_again() {
    check_approved(
        &by_parts(PartialCancel::Repeatable),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            on(70 * S, cancel_timed_out(0, M), ""),
            asks(70 * S, cancel(101, 20_000), "reply 9023"),
            falls_due(71 * S, "cancel c0 card450 20000 until 81s"),
            on(72 * S, cancelled(0), ""),
            asks(73 * S, cancel(101, 20_000), "reply 0000 card450, cancelled 70000000"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 done 70000000",
    );
}

#[test]
fn a_part_that_cannot_be_repeated_needs_a_person_and_keeps_its_amount() {
    for doubt in [cancel_timed_out(0, M), cancel_in_doubt(0)] {
        check_approved(
            &by_parts(PartialCancel::Once),
            vec![
                asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
                on(70 * S, doubt, "alarm c0 stuck: not repeatable"),
                asks(70 * S, cancel(101, 20_000), "reply 9023"),
                inquiry(71 * S, "NeedsPerson, reply 0000 card450"),
                on(25 * H, Event::Due, ""),
                asks(26 * H, cancel(102, 30_001), "reply 9032"),
                asks(26 * H, cancel(101, 20_000), "reply 9023"),
            ],
            "approved #0 acknowledged | #0 approved | c0 20000 stuck 70s: not repeatable | c1 30001 refused 9032",
        );
    }
}

#[test]
fn what_is_not_stuck_of_an_approval_can_still_be_cancelled() {
    check_approved(
        &by_parts(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            on(70 * S, cancel_timed_out(0, M), "alarm c0 stuck: not repeatable"),
            asks(2 * M, cancel(102, 30_000), "cancel c1 card450 30000 until 130s; wait"),
            on(2 * M + S, cancelled(1), ""),
            asks(3 * M, cancel(103, 1), "reply 9032"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 stuck 70s: not repeatable | c1 30000 done 70000001 \
         | c2 1 refused 9032",
    );
}

#[test]
fn a_full_cancel_is_repeated_whatever_the_acquirer_does_with_parts() {
    for partial_cancel in [PartialCancel::No, PartialCancel::Once, PartialCancel::Repeatable] {
        check_approved(
            &by_parts(partial_cancel),
            silence(vec![falls_due(71 * S, "cancel c0 card450 50000 until 81s")]),
            "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, trying since 71s",
        );
    }
}

/// The rest after a part is a part for the acquirer too.
#[test]
fn the_rest_after_a_part_is_not_repeated_where_parts_are_not() {
    check_approved(
        &by_parts(PartialCancel::Once),
        vec![
            asks(M, cancel(101, 20_000), "cancel c0 card450 20000 until 70s; wait"),
            on(M + S, cancelled(0), ""),
            asks(2 * M, cancel(102, 30_000), "cancel c1 card450 30000 until 130s; wait"),
            on(130 * S, cancel_timed_out(1, 2 * M), "alarm c1 stuck: not repeatable"),
        ],
        "approved #0 acknowledged | #0 approved | c0 20000 done 70000000 | c1 30000 stuck 130s: not repeatable",
    );
}

#[test]
fn an_unconfirmed_cancel_alarms_once_after_five_minutes() {
    check_approved(
        &by(&["card450"]),
        silence(vec![
            falls_due(71 * S, "cancel c0 card450 50000 until 81s"),
            // Since 70 s it is unconfirmed.
            falls_due(370 * S, "alarm c0 overdue"),
            on(371 * S, Event::Due, ""),
            on(372 * S, cancel_timed_out(0, 71 * S), ""),
            falls_due(374 * S, "cancel c0 card450 50000 until 384s"),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 unconfirmed, trying since 374s",
    );
}

#[test]
fn an_unconfirmed_cancel_is_a_persons_after_a_day() {
    check_approved(
        &by(&["card450"]),
        silence(vec![
            on(70 * S + 24 * H - 1, Event::Due, "alarm c0 overdue, cancel c0 card450 50000 until 86479.999s"),
            on(70 * S + 24 * H - 1, cancel_not_sent(0), ""),
            falls_due(70 * S + 24 * H, "alarm c0 stuck: given up"),
            asks(25 * H, cancel(101, 50_000), "reply 9023"),
            asks(25 * H, cancel(102, 50_000), "reply 9032"),
            on(26 * H, Event::Due, ""),
        ]),
        "approved #0 acknowledged | #0 approved | c0 50000 stuck 86470s: given up | c1 50000 refused 9032",
    );
}
