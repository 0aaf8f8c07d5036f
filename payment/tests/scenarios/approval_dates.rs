//! A net-cancel tells when the approval it undoes was given, wherever one was seen.

use std::sync::Arc;

use jiff::civil::{DateTime, date};
use payment::{Answer, Approval, Effect, Event, Payment, Verdict};

use crate::{
    fixture::{S, at, route, sealed_card, started, terms},
    happening::{approval, approved, late, net_cancel_asked, timed_out, try_again},
    record::round_trip,
};

/// Past the midnight after the request.
fn approved_at() -> DateTime {
    date(2026, 11, 6).at(0, 0, 2, 0)
}

fn dated(approved_at: Option<DateTime>) -> Answer {
    let Verdict::Approved(undated) = approval(0).verdict else { unreachable!() };
    let verdict = Verdict::Approved(Arc::new(Approval { approved_at, ..(*undated).clone() }));
    Answer { verdict, ..approval(0) }
}

/// The dates of the net-cancels that these events release, each payment read back from its record in between.
fn dates(events: &[(i64, Event)]) -> Vec<Option<DateTime>> {
    let started = started(vec![route(0, "card450", 10_000)], terms());
    let (mut payment, _) = Payment::start(&started, Some(sealed_card()), at(0));
    let mut dates = Vec::new();
    for (ms, event) in events {
        let (next, effects) = round_trip(&payment).step(event, at(*ms)).unwrap();
        payment = next;
        dates.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::NetCancel(order) => Some(order.approved_at),
            Effect::Send(_) | Effect::Cancel(_) | Effect::Reply(_) | Effect::Alarm(_) => None,
        }));
    }
    dates
}

#[test]
fn of_an_approval_that_was_told_and_is_withdrawn() {
    let events = [
        (S, Event::Answered { attempt: 0, answer: dated(Some(approved_at())) }),
        (2 * S, net_cancel_asked()),
    ];
    assert_eq!(dates(&events), [Some(approved_at())]);
}

#[test]
fn of_an_approval_that_came_after_its_request_was_withdrawn() {
    let events = [
        (S, net_cancel_asked()),
        (2 * S, Event::Answered { attempt: 0, answer: dated(Some(approved_at())) }),
    ];
    assert_eq!(dates(&events), [Some(approved_at())]);
}

#[test]
fn of_an_approval_that_came_late_once_it_is_seen() {
    let events = [
        (10 * S, timed_out(0, 0)),
        (11 * S, late(0, dated(Some(approved_at())))),
        (12 * S, try_again(0)),
        (14 * S, Event::Due),
    ];
    assert_eq!(dates(&events), [None, Some(approved_at())]);
}

#[test]
fn of_an_approval_seen_before_its_request_was_given_up() {
    let events = [(S, late(0, dated(Some(approved_at())))), (10 * S, timed_out(0, 0))];
    assert_eq!(dates(&events), [Some(approved_at())]);
}

#[test]
fn of_none_where_the_acquirer_did_not_say() {
    let events = [(S, approved(0)), (2 * S, net_cancel_asked())];
    assert_eq!(dates(&events), [None]);
}

#[test]
fn a_record_of_an_attempt_without_a_date_is_read() {
    let started = started(vec![route(0, "card450", 10_000)], terms());
    let (payment, _) = Payment::start(&started, Some(sealed_card()), at(0));
    let record = serde_json::to_string(&payment).unwrap();
    assert!(!record.contains("approved_at"), "{record}");
    round_trip(&payment);
}
