//! The sealed card: kept while some telegram may have to carry it, then dropped.

use payment::{Effect, Event, Failover::AtOnce, Finding, Payment};

use super::{by, check, on};
use crate::{
    fixture::{M, S, at},
    happening::{
        accepted, approval, approved, decline, declined, late, net_cancel, no_original, not_sent, resolved,
        timed_out, try_again,
    },
};
use payment::NetCancelVerdict::AmountDiffers;

const SENT: &str = "send #0 card450 until 10s";

#[test]
fn it_is_dropped_with_a_decline_or_a_refusal_that_owes_nothing() {
    check(
        &by(&["card450"]),
        SENT,
        &[on(S, declined(0), "reply 8035 card450")],
        "declined #0 8035 | #0 declined | card dropped",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[on(S, not_sent(0), "reply 9021, alarm 9021")],
        "refused 9021 | #0 not sent: not connected | card dropped",
    );
}

#[test]
fn it_is_kept_until_every_debt_is_closed() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(11 * S, declined(1), "reply 8035 kovan"),
            on(12 * S, try_again(0), ""),
            on(M, Event::Due, "net-cancel #0 card450"),
        ],
        "declined #1 8035 | #0 timed out → owed, trying since 60s | #1 declined",
    );
}

#[test]
fn it_is_kept_for_the_person_who_resolves_a_stuck_debt() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
        ],
        "refused 9022 | #0 timed out → stuck 11s: amount differs",
    );
}

#[test]
fn it_is_kept_where_a_late_approval_may_reopen_the_debt() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, try_again(0), ""),
            on(M, Event::Due, "net-cancel #0 card450"),
            on(M + S, no_original(0), ""),
        ],
        "refused 9022 | #0 timed out → done 61s: no such original",
    );
}

#[test]
fn it_is_kept_where_a_late_decline_closed_the_debt_and_a_late_approval_may_reopen_it() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, late(0, decline("8035")), ""),
            on(M, late(0, approval(0)), "net-cancel #0 card450 of 30000000"),
            on(M + S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) done 61s: accepted | card dropped",
    );
}

#[test]
fn it_is_kept_where_a_late_approval_may_prove_a_person_wrong() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, net_cancel(0, AmountDiffers), "alarm #0 stuck: amount differs"),
            on(M, resolved(0, Finding::NeverApproved), ""),
            on(M, late(0, approval(0)), "net-cancel #0 card450 of 30000000"),
        ],
        "refused 9022 | #0 timed out → (approval 30000000) owed, trying since 60s",
    );
}

#[test]
fn it_is_kept_while_an_approval_may_have_to_be_undone_and_dropped_when_it_was() {
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, approved(0), "reply 0000 card450"),
            on(2 * S, Event::Undelivered, ""),
            on(M, Event::Due, "net-cancel #0 card450 of 30000000"),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) owed, trying since 60s",
    );
    check(
        &by(&["card450"]),
        SENT,
        &[
            on(S, approved(0), "reply 0000 card450"),
            on(2 * S, Event::Undelivered, ""),
            on(M, Event::Due, "net-cancel #0 card450 of 30000000"),
            on(M + S, accepted(0), ""),
        ],
        "approved #0 withdrawn | #0 approved → undelivered (approval 30000000) done 61s: accepted | card dropped",
    );
}

#[test]
fn a_payment_by_an_opaque_block_has_none_and_lives_the_same_life() {
    let (payment, effects) = Payment::start(&by(&["card450"]).started(), None, at(0));
    assert!(matches!(effects.as_slice(), [Effect::Send(order)] if order.card.is_none()));
    let (payment, effects) = payment.step(&timed_out(0, 0), at(10 * S)).unwrap();
    assert!(matches!(effects.first(), Some(Effect::NetCancel(order)) if order.card.is_none()));
    let (payment, _) = payment.step(&late(0, approval(0)), at(11 * S)).unwrap();
    assert!(payment.owes());
}

#[test]
fn the_record_of_a_payment_holds_no_card() {
    let sealed = payment::SealedCard::new(b"secret ciphertext");
    let (payment, _) = Payment::start(&by(&["card450"]).started(), Some(sealed.clone()), at(0));
    let record = serde_json::to_string(&payment).unwrap();
    assert!(!record.contains("secret ciphertext") && !record.contains("\"card\":["));
    assert!(serde_json::from_str::<Payment>(&record).unwrap().card().is_none());
    assert_eq!(payment.card(), Some(&sealed));
}
