//! Batch totals (0500): how a payment counts, in every state.

use payment::{CountsAs, Event, Failover, Payment, Question, Sum, Terms};

use crate::{
    asking::net_cancel_of,
    fixture::{M, S, at, route, sealed_card, started, terms, won},
    happening::{
        accepted, approval, approved, cancel_asked, cancelled, declined, late, net_cancel_asked, not_sent,
        timed_out,
    },
};

fn counts(terms: Terms, happened: &[(i64, Event)]) -> Option<CountsAs> {
    let routes = vec![route(0, "card450", 10_000), route(1, "kovan", 10_000)];
    let (mut payment, _) = Payment::start(&started(routes, terms), Some(sealed_card()), at(0));
    for (ms, event) in happened {
        (payment, _) = payment.step(event, at(*ms)).unwrap();
    }
    payment.counts_as()
}

/// A state, what happened, and how it counts then.
type Row<'a> = (&'a str, &'a [(i64, Event)], Option<CountsAs>);

#[test]
fn a_payment_counts_as_its_terminal_was_told() {
    let silent = (10 * S, timed_out(0, 0));
    let table: &[Row] = &[
        ("in flight", &[], None),
        ("approved", &[(S, approved(0))], Some(CountsAs::Approval)),
        ("undelivered", &[(S, approved(0)), (2 * S, Event::Undelivered)], Some(CountsAs::Approval)),
        (
            "undelivered and undone",
            &[(S, approved(0)), (2 * S, Event::Undelivered), (M, Event::Due)],
            Some(CountsAs::NetCancel),
        ),
        ("declined", &[(S, declined(0))], None),
        (
            "declined after silence of the first",
            &[silent.clone(), (11 * S, accepted(0)), (12 * S, declined(1))],
            None,
        ),
        ("not sent", &[(S, not_sent(0)), (2 * S, not_sent(1))], None),
        (
            "not sent, yet approved",
            &[(S, not_sent(0)), (2 * S, not_sent(1)), (3 * S, late(0, approval(0)))],
            None,
        ),
        ("awaiting a net-cancel", std::slice::from_ref(&silent), None),
        ("9022", &[silent.clone(), (28 * S, Event::Due)], Some(CountsAs::NetCancel)),
        (
            "9022, net-cancelled",
            &[silent.clone(), (28 * S, Event::Due), (29 * S, accepted(0))],
            Some(CountsAs::NetCancel),
        ),
        ("withdrawn in flight", &[(S, net_cancel_asked())], Some(CountsAs::NetCancel)),
        (
            "withdrawn in flight, declined",
            &[(S, net_cancel_asked()), (2 * S, declined(0))],
            Some(CountsAs::NetCancel),
        ),
        ("withdrawn", &[(S, approved(0)), (2 * S, net_cancel_asked())], Some(CountsAs::NetCancel)),
        ("declined, withdrawn", &[(S, declined(0)), (2 * S, net_cancel_asked())], Some(CountsAs::NetCancel)),
        (
            "cancelled, whenever that was",
            &[(S, approved(0)), (M, cancel_asked(101, 50_000)), (M + S, cancelled(0))],
            Some(CountsAs::Approval),
        ),
    ];
    for (state, happened, expected) in table {
        assert_eq!(counts(terms(), happened), *expected, "{state}");
    }
}

#[test]
fn an_approval_counts_once_it_is_acknowledged() {
    let asks_for_it = Terms { acknowledged_within_ms: Some(10_000), ..terms() };
    assert_eq!(counts(asks_for_it, &[(S, approved(0))]), None);
    let acknowledged = [(S, approved(0)), (2 * S, Event::Acknowledged)];
    assert_eq!(counts(asks_for_it, &acknowledged), Some(CountsAs::Approval));
    assert_eq!(counts(asks_for_it, &[(S, approved(0)), (M, Event::Due)]), Some(CountsAs::NetCancel));
}

#[test]
fn what_never_came_and_was_withdrawn_counts_as_a_net_cancel_of_its_amount() {
    let begun = started(Vec::new(), terms());
    let withdrawn = std::sync::Arc::new(net_cancel_of(won(7_000)));
    let buried = payment::Buried { id: begun.id, withdrawn: withdrawn.clone(), terms: begun.terms };
    let payment = Payment::bury(&buried);
    assert!(payment.is_tombstone());
    assert_eq!(payment.counts_as(), Some(CountsAs::NetCancel));
    assert_eq!(payment.request().amounts.total(), won(7_000));
    assert_eq!(payment.request().key, *Question::NetCancel(withdrawn).original());
}

#[test]
fn only_what_is_in_flight_or_approved_and_stands_blocks_a_duplicate() {
    let blocks = |happened: &[(i64, Event)]| {
        let begun =
            started(vec![route(0, "card450", 10_000)], Terms { failover: Failover::Never, ..terms() });
        let (mut payment, _) = Payment::start(&begun, Some(sealed_card()), at(0));
        for (ms, event) in happened {
            (payment, _) = payment.step(event, at(*ms)).unwrap();
        }
        payment.blocks_duplicates()
    };
    let full = (M, cancel_asked(101, 50_000));
    assert!(blocks(&[]), "in flight");
    assert!(blocks(&[(S, approved(0))]), "approved");
    assert!(blocks(&[(S, approved(0)), full.clone()]), "being cancelled");
    assert!(!blocks(&[(S, approved(0)), full, (M + S, cancelled(0))]), "cancelled");
    assert!(!blocks(&[(S, approved(0)), (2 * S, net_cancel_asked())]), "net-cancel owed");
    assert!(!blocks(&[(S, net_cancel_asked())]), "withdrawn in flight");
    assert!(!blocks(&[(S, declined(0))]), "declined");
    assert!(!blocks(&[(S, timed_out(0, 0))]), "9022");
}

#[test]
fn sums_count_and_add_and_do_not_overflow() {
    let mut sum = Sum::default();
    sum.add(won(50_000));
    sum.add(won(1));
    assert_eq!(sum, Sum { count: 2, amount: 50_001 });
    sum.amount = u64::MAX;
    sum.add(won(1));
    assert_eq!(sum, Sum { count: 3, amount: u64::MAX });
}
