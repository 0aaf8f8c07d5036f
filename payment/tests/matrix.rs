//! Every representative state against everything that can happen to it, as a table that people read: `tests/snapshots/`.
//!
//! A change of the table is a change of the rules: read it line by line before accepting it (`INSTA_UPDATE=always`).

use std::fmt::Write;

use payment::{
    CancelFinding, Event, Failover, Finding, NetCancelVerdict, PartialCancel, Payment, Question, Reception,
    Route, Terms,
};

use crate::{
    asking::{again, cancel, gives_up},
    describe,
    fixture::{H, M, S, at, route, sealed_card, seconds, started, terms},
    happening::{
        accepted, already_cancelled, answered, approval, approved, cancel_asked, cancel_declined,
        cancel_not_sent, cancel_resolved, cancel_timed_out, cancelled, decline, declined, late, net_cancel,
        net_cancel_asked, net_cancel_silent, no_original, not_sent, of_another_amount, resolved, timed_out,
        to_attempt, to_cancel, to_payment, try_again,
    },
};

#[test]
fn every_state_meets_every_event() {
    let table: String = states().iter().map(section).collect();
    insta::assert_snapshot!(table);
}

/// A state: what it is called, the acquirers its payment may go by, and what happened to it until `ms`.
struct State {
    name: &'static str,
    acquirers: &'static [&'static str],
    partial_cancel: PartialCancel,
    terms: Terms,
    happened: Vec<(i64, Event)>,
}

fn state(name: &'static str, acquirers: &'static [&'static str], happened: Vec<(i64, Event)>) -> State {
    State { name, acquirers, partial_cancel: PartialCancel::Repeatable, terms: terms(), happened }
}

fn states() -> Vec<State> {
    const ONE: &[&str] = &["card450"];
    const TWO: &[&str] = &["card450", "kovan"];
    let silence = || (10 * S, timed_out(0, 0));
    let then = |rest: &[(i64, Event)]| [&[silence()], rest].concat();
    let settled = (M, Event::Due);
    vec![
        state("no route", &[], vec![]),
        state("the last acquirer's answer is awaited", ONE, vec![]),
        state("the first acquirer's answer is awaited", TWO, vec![]),
        state("the second acquirer's answer is awaited", TWO, vec![(S, not_sent(0))]),
        state("approved", ONE, vec![(S, approved(0))]),
        state("approved, undelivered", ONE, vec![(S, approved(0)), (2 * S, Event::Undelivered)]),
        state(
            "approved, undelivered, the grace is over",
            ONE,
            vec![(S, approved(0)), (2 * S, Event::Undelivered), (32 * S, Event::Due)],
        ),
        state("declined", ONE, vec![(S, declined(0))]),
        state("refused, nothing was sent", ONE, vec![(S, not_sent(0))]),
        state("silence, the net-cancel is out and awaited", TWO, then(&[])),
        state("silence, the net-cancel pauses and is awaited", TWO, then(&[(10 * S, try_again(0))])),
        state("silence, the net-cancel is out", ONE, then(&[])),
        state("silence, the net-cancel pauses", ONE, then(&[(10 * S, net_cancel_silent(0))])),
        state("silence, an approval was seen", ONE, then(&[(10 * S, late(0, approval(0)))])),
        state("an approval of another amount", ONE, vec![(S, answered(0, of_another_amount(approval(0))))]),
        state(
            "silence, the net-cancel is out once the request has settled",
            ONE,
            then(&[(10 * S, try_again(0)), settled.clone()]),
        ),
        state(
            "the same, but a try from before went unanswered",
            ONE,
            then(&[(10 * S, net_cancel_silent(0)), settled.clone()]),
        ),
        state("net-cancelled", ONE, then(&[(11 * S, accepted(0))])),
        state("net-cancelled before", ONE, then(&[(11 * S, already_cancelled(0))])),
        state("no such original", ONE, then(&[(10 * S, try_again(0)), settled, (M + S, no_original(0))])),
        state("declined late", ONE, then(&[(11 * S, late(0, decline("8035")))])),
        state(
            "undone, a person says",
            ONE,
            then(&[(11 * S, try_again(0)), (12 * S, resolved(0, Finding::Undone))]),
        ),
        state(
            "never approved, a person says",
            ONE,
            then(&[(11 * S, try_again(0)), (12 * S, resolved(0, Finding::NeverApproved))]),
        ),
        state(
            "an approval stands, a person says",
            ONE,
            then(&[(11 * S, late(0, approval(0))), (12 * S, resolved(0, Finding::Stands))]),
        ),
        state("given up", ONE, then(&[(10 * S, net_cancel_silent(0)), (25 * H, Event::Due)])),
        state("stuck", ONE, then(&[(11 * S, net_cancel(0, NetCancelVerdict::AmountDiffers))])),
        state("net-cancelled, the second acquirer's answer is awaited", TWO, then(&[(11 * S, accepted(0))])),
        state(
            "net-cancelled, then approved by the second",
            TWO,
            then(&[(11 * S, accepted(0)), (12 * S, approved(1))]),
        ),
        State {
            terms: Terms { failover: Failover::AtOnce, ..terms() },
            ..state("at once: one debt, the second acquirer's answer is awaited", TWO, then(&[]))
        },
        State {
            terms: Terms { failover: Failover::AtOnce, ..terms() },
            ..state("at once: two debts", TWO, then(&[(20 * S, timed_out(1, 10 * S))]))
        },
    ]
    .into_iter()
    .chain(states_of_terminals())
    .chain(states_of_cancels())
    .collect()
}

/// What a terminal says or does not say beyond its request.
fn states_of_terminals() -> Vec<State> {
    const ONE: &[&str] = &["card450"];
    const TWO: &[&str] = &["card450", "kovan"];
    let to_be_acknowledged = |name, happened| State {
        terms: Terms { acknowledged_within_ms: Some(10_000), ..terms() },
        ..state(name, ONE, happened)
    };
    vec![
        to_be_acknowledged("approved, not acknowledged yet", vec![(S, approved(0))]),
        to_be_acknowledged("approved, never acknowledged", vec![(S, approved(0)), (11 * S, Event::Due)]),
        to_be_acknowledged("approved, acknowledged", vec![(S, approved(0)), (2 * S, Event::Acknowledged)]),
        state("in flight, an approval was seen", TWO, vec![(S, late(0, approval(0)))]),
        state("withdrawn by the terminal in flight", TWO, vec![(S, net_cancel_asked())]),
        state(
            "the same, and an approval was seen",
            TWO,
            vec![(S, net_cancel_asked()), (2 * S, late(0, approval(0)))],
        ),
        state("the same, then approved", TWO, vec![(S, net_cancel_asked()), (2 * S, approved(0))]),
        state(
            "withdrawn while the net-cancel was awaited",
            TWO,
            vec![(10 * S, timed_out(0, 0)), (11 * S, net_cancel_asked())],
        ),
        state(
            "approved, withdrawn by the terminal",
            ONE,
            vec![(S, approved(0)), (2 * S, net_cancel_asked())],
        ),
        state(
            "the same, net-cancelled",
            ONE,
            vec![(S, approved(0)), (2 * S, net_cancel_asked()), (3 * S, accepted(0))],
        ),
        state(
            "declined, withdrawn by the terminal",
            ONE,
            vec![(S, declined(0)), (2 * S, net_cancel_asked())],
        ),
    ]
}

fn states_of_cancels() -> Vec<State> {
    let cancelling = |name, amount, partial_cancel, rest: &[(i64, Event)]| {
        let asked = [(S, approved(0)), (M, cancel_asked(1, amount))];
        State { partial_cancel, ..state(name, &["card450"], [&asked, rest].concat()) }
    };
    let silence = (70 * S, cancel_timed_out(0, M));
    let full = |name, rest: &[(i64, Event)]| cancelling(name, 50_000, PartialCancel::No, rest);
    let part = |name, partial_cancel, rest: &[(i64, Event)]| cancelling(name, 10_000, partial_cancel, rest);
    vec![
        full("a full cancel is out", &[]),
        full("a full cancel is unconfirmed and pauses", std::slice::from_ref(&silence)),
        full("a full cancel is out again", &[silence.clone(), (71 * S, Event::Due)]),
        full("the same, once all before has settled", &[silence.clone(), (120 * S, Event::Due)]),
        full("a full cancel is given up", &[silence.clone(), (25 * H, Event::Due)]),
        full(
            "a full cancel is not done, a person says",
            &[silence.clone(), (80 * S, cancel_resolved(0, CancelFinding::NotDone))],
        ),
        full(
            "a full cancel is done, a person says",
            &[silence.clone(), (80 * S, cancel_resolved(0, CancelFinding::Done))],
        ),
        full("cancelled", &[(M + S, cancelled(0))]),
        full("a full cancel was declined", &[(M + S, cancel_declined(0))]),
        full("a full cancel was not sent", &[(M + S, cancel_not_sent(0))]),
        part("a part was refused", PartialCancel::No, &[]),
        part("a part is out that cannot be repeated", PartialCancel::Once, &[]),
        part("a part is stuck", PartialCancel::Once, std::slice::from_ref(&silence)),
        part("a part is out that can be repeated", PartialCancel::Repeatable, &[]),
        part("a part is unconfirmed", PartialCancel::Repeatable, &[silence]),
        part("partly cancelled", PartialCancel::Repeatable, &[(M + S, cancelled(0))]),
    ]
}

fn section(state: &State) -> String {
    let routes = (0..).zip(state.acquirers).map(|(nth, name)| {
        let way = Route { partial_cancel: state.partial_cancel, ..Route::clone(&route(nth, name, 10_000)) };
        way.into()
    });
    let started = started(routes.collect(), state.terms);
    let (mut payment, _) = Payment::start(&started, Some(sealed_card()), at(0));
    let mut reached = 0;
    for (ms, event) in &state.happened {
        (payment, _) = payment.step(event, at(*ms)).unwrap();
        reached = *ms;
    }
    let mut text = format!(
        "== {} ==\n   {}\n   at {}, due {}, {}\n   a repeat gets {}, a withdrawal {}, a full cancel {}, an inquiry {:?}\n",
        state.name,
        describe::payment(&payment),
        seconds(at(reached)),
        payment.due().map_or("never".to_owned(), seconds),
        if payment.is_open() { "open" } else { "closed" },
        meets(&payment, &again()),
        meets(&payment, &gives_up()),
        meets(&payment, &cancel(103, 50_000)),
        payment.standing().state,
    );
    for Outcome { effects, after, events } in outcomes(&payment, reached + S) {
        let happened = events.join(" · ");
        if effects.is_empty() && after == describe::payment(&payment) {
            writeln!(text, "   -  {happened}").unwrap();
        } else {
            let effects = if effects.is_empty() { "(nothing to do)" } else { &effects };
            writeln!(text, "\n   {happened}\n   => {effects}\n      {after}").unwrap();
        }
    }
    text + "\n\n"
}

struct Outcome {
    effects: String,
    after: String,
    events: Vec<String>,
}

/// What becomes of the payment a second later, outcome by outcome; those that change nothing come first.
fn outcomes(payment: &Payment, now: i64) -> Vec<Outcome> {
    let mut happenings = Vec::new();
    let attempts = u8::try_from(payment.attempts().len()).unwrap();
    for attempt in 0..attempts {
        let named = |name: &str| if attempts == 1 { name.to_owned() } else { format!("#{attempt} {name}") };
        happenings
            .extend(to_attempt(attempt, now).into_iter().map(|(name, event)| (named(name), at(now), event)));
    }
    let cancels = u8::try_from(payment.cancels().len()).unwrap();
    for cancel in 0..cancels {
        let of_one = to_cancel(cancel, now).into_iter();
        happenings.extend(of_one.map(|(name, event)| (name.to_owned(), at(now), event)));
    }
    let to_payment = to_payment(now).into_iter();
    happenings.extend(to_payment.map(|(name, event)| (name.to_owned(), at(now), event)));
    if let Some(due) = payment.due().filter(|due| *due > at(now)) {
        happenings.push((format!("due at {}", seconds(due)), due, Event::Due));
    }
    let mut outcomes =
        vec![Outcome { effects: String::new(), after: describe::payment(payment), events: vec![] }];
    for (name, now, event) in happenings {
        let (next, effects) = payment.clone().step(&event, now).unwrap();
        let (effects, after) = (describe::effects(&effects), describe::payment(&next));
        match outcomes.iter_mut().find(|known| known.effects == effects && known.after == after) {
            Some(known) => known.events.push(name),
            None => outcomes.push(Outcome { effects, after, events: vec![name] }),
        }
    }
    outcomes.retain(|outcome| !outcome.events.is_empty());
    outcomes
}

/// What a telegram is told, or does.
fn meets(payment: &Payment, question: &Question) -> String {
    match payment.receive(question) {
        Reception::Answer(answer) | Reception::Refuse { answer, .. } => describe::reply(&answer),
        Reception::Wait => "to wait".to_owned(),
        Reception::Cancel => "its way or a recorded refusal".to_owned(),
        Reception::Step(Event::Repeated) => "the reply again".to_owned(),
        Reception::Step(Event::NetCancelAsked { .. }) => "its way".to_owned(),
        Reception::Step(event) => panic!("a telegram steps {event:?}"),
    }
}
