//! The rules as stories: what happens when, what must be done then, and how it ends.
//!
//! Every story is written to a record and read back between any two of its steps, so that each one also proves that a
//! restart loses nothing.

use std::sync::Arc;

use payment::{Event, Failover, Payment, RepeatAnswer, Route, Started, Terms};

use crate::{
    describe,
    fixture::{at, route, sealed_card, seconds, started, terms},
    record,
};

mod answers;
mod cards;
mod debts;
mod delivery;
mod failover;
mod late;
mod repeats;
mod restarts;
mod sending;

/// What a payment begins with.
struct Given {
    routes: Vec<Arc<Route>>,
    terms: Terms,
}

/// A payment that may go by these acquirers, in that order, each answering within 10 s.
fn by(acquirers: &[&str]) -> Given {
    by_timed(&acquirers.iter().map(|acquirer| (*acquirer, 10_000)).collect::<Vec<_>>())
}

/// A payment that may go by these acquirers, each with its own answer timeout in milliseconds.
fn by_timed(acquirers: &[(&str, u64)]) -> Given {
    let routes =
        (0..).zip(acquirers).map(|(nth, (name, timeout_ms))| route(nth, name, *timeout_ms)).collect();
    Given { routes, terms: terms() }
}

impl Given {
    fn failover(mut self, failover: Failover) -> Self {
        self.terms.failover = failover;
        self
    }

    fn terms(mut self, change: impl FnOnce(&mut Terms)) -> Self {
        change(&mut self.terms);
        self
    }

    fn started(&self) -> Started {
        started(self.routes.clone(), self.terms)
    }
}

/// One line of a story: when (milliseconds since the request was read), what, and what must be done then.
struct Row {
    ms: i64,
    step: Step,
    expected: &'static str,
}

enum Step {
    Happens(Event),
    /// The instant [`Payment::due`] names has come.
    FallsDue,
    /// The terminal repeats its request.
    Repeat,
}

fn on(ms: i64, event: Event, expected: &'static str) -> Row {
    Row { ms, step: Step::Happens(event), expected }
}

fn falls_due(ms: i64, expected: &'static str) -> Row {
    Row { ms, step: Step::FallsDue, expected }
}

fn repeat(ms: i64, expected: &'static str) -> Row {
    Row { ms, step: Step::Repeat, expected }
}

/// Tells a story: the effects of the start, of every row, and the state it ends in.
fn check(given: &Given, first: &str, rows: &[Row], end: &str) {
    let (mut payment, effects) = Payment::start(&given.started(), Some(sealed_card()), at(0));
    let mut told = vec![format!("0s: {}", describe::effects(&effects))];
    let mut expected = vec![format!("0s: {first}")];
    for row in rows {
        let done;
        (payment, done) = take(record::round_trip(&payment), row);
        told.push(format!("{}: {done}", seconds(at(row.ms))));
        expected.push(format!("{}: {}", seconds(at(row.ms)), row.expected));
    }
    told.push(describe::payment(&payment));
    expected.push(end.to_owned());
    assert!(told == expected, "expected\n  {}\nbut\n  {}", expected.join("\n  "), told.join("\n  "));
}

fn take(payment: Payment, row: &Row) -> (Payment, String) {
    let now = at(row.ms);
    let event = match &row.step {
        Step::Happens(event) => event,
        Step::FallsDue => {
            let due = payment.due().map(seconds);
            assert_eq!(due, Some(seconds(now)), "due at another instant: {}", describe::payment(&payment));
            &Event::Due
        }
        Step::Repeat => match payment.repeat_answer() {
            RepeatAnswer::Wait => return (payment, "wait".to_owned()),
            RepeatAnswer::Answer(answer) => {
                let told = describe::reply(&answer);
                return (payment, told);
            }
            RepeatAnswer::Redeliver => &Event::Repeated,
        },
    };
    let (payment, effects) = payment.step(event, now).expect("the story speaks of attempts that were made");
    (payment, describe::effects(&effects))
}
