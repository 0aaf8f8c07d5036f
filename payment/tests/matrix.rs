//! Every representative state against everything that can happen to it, as a table that people read: `tests/snapshots/`.
//!
//! A change of the table is a change of the rules: read it line by line before accepting it (`INSTA_UPDATE=always`).

use std::fmt::Write;

use payment::{Event, Failover, NetCancelVerdict, Payment, Reception};

use crate::{
    asking::again,
    describe,
    fixture::{M, S, at, route, sealed_card, seconds, started, terms},
    happening::{
        accepted, already_cancelled, answered, approval, approved, decline, declined, late, net_cancel,
        net_cancel_silent, no_original, not_sent, of_another_amount, timed_out, to_attempt, to_payment,
        try_again,
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
    failover: Failover,
    happened: Vec<(i64, Event)>,
}

fn state(name: &'static str, acquirers: &'static [&'static str], happened: Vec<(i64, Event)>) -> State {
    State { name, acquirers, failover: Failover::AfterNetCancel, happened }
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
        state("stuck", ONE, then(&[(11 * S, net_cancel(0, NetCancelVerdict::AmountDiffers))])),
        state("net-cancelled, the second acquirer's answer is awaited", TWO, then(&[(11 * S, accepted(0))])),
        state(
            "net-cancelled, then approved by the second",
            TWO,
            then(&[(11 * S, accepted(0)), (12 * S, approved(1))]),
        ),
        State {
            failover: Failover::AtOnce,
            ..state("at once: one debt, the second acquirer's answer is awaited", TWO, then(&[]))
        },
        State {
            failover: Failover::AtOnce,
            ..state("at once: two debts", TWO, then(&[(20 * S, timed_out(1, 10 * S))]))
        },
    ]
}

fn section(state: &State) -> String {
    let routes = (0..).zip(state.acquirers).map(|(nth, name)| route(nth, name, 10_000)).collect();
    let started = started(routes, payment::Terms { failover: state.failover, ..terms() });
    let (mut payment, _) = Payment::start(&started, Some(sealed_card()), at(0));
    let mut reached = 0;
    for (ms, event) in &state.happened {
        (payment, _) = payment.step(event, at(*ms)).unwrap();
        reached = *ms;
    }
    let mut text = format!(
        "== {} ==\n   {}\n   at {}, due {}, {}, a repeat gets {}\n",
        state.name,
        describe::payment(&payment),
        seconds(at(reached)),
        payment.due().map_or("never".to_owned(), seconds),
        if payment.is_open() { "open" } else { "closed" },
        repeat(&payment),
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

fn repeat(payment: &Payment) -> String {
    match payment.receive(&again()) {
        Reception::Wait => "to wait".to_owned(),
        Reception::Step(_) => "the reply again".to_owned(),
        Reception::Answer(answer) => describe::reply(&answer),
        reception @ (Reception::Refuse { .. } | Reception::Cancel) => panic!("a repeat meets {reception:?}"),
    }
}
