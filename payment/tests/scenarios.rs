//! The rules as stories: what happens when, what must be done then, and how it ends.
//!
//! Every story is written to a record and read back between any two of its steps, so that each one also proves that a
//! restart loses nothing.

use std::sync::Arc;

use payment::{
    Buried, Event, Failover, NetCancelRequest, PartialCancel, Payment, Question, Reception, Route, Started,
    Terms,
};

use crate::{
    asking::{again, cancel_serial, inquires},
    describe,
    fixture::{S, at, route, sealed_card, seconds, started, terms},
    record,
};

mod acknowledgements;
mod answers;
mod approval_dates;
mod cancel_answers;
mod cancel_refusals;
mod cancel_restarts;
mod cancel_tries;
mod cancels;
mod cards;
mod clocks;
mod debts;
mod delivery;
mod failover;
mod inquiries;
mod late;
mod late_cancels;
mod midnight;
mod persons;
mod persons_and_cancels;
mod persons_contradicted;
mod repeats;
mod restarts;
mod sending;
mod standing_alarms;
mod strays;
mod totals;
mod withdrawals;
mod withdrawals_in_flight;

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

    /// Every acquirer cancels in part like this.
    fn partial_cancel(mut self, partial_cancel: PartialCancel) -> Self {
        for route in &mut self.routes {
            Arc::make_mut(route).partial_cancel = partial_cancel;
        }
        self
    }

    /// Every acquirer is told of originals by their date.
    fn named_by_day(mut self) -> Self {
        for route in &mut self.routes {
            Arc::make_mut(route).day_skew_ms = Some(300_000);
        }
        self
    }

    /// The terminal has 10 s to acknowledge an approval.
    fn awaiting_acknowledgement(self) -> Self {
        self.terms(|terms| terms.acknowledged_within_ms = Some(10_000))
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
    /// The terminal asks something.
    Asks(Question),
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

/// The terminal asks something: what must be done then, and after a semicolon what it is told once that is durable.
fn asks(ms: i64, mut question: Question, expected: &'static str) -> Row {
    if let Question::Cancel(request) = &mut question {
        Arc::make_mut(request).received_at = at(ms);
    }
    Row { ms, step: Step::Asks(question), expected }
}

/// The terminal inquires, which must change nothing.
fn inquiry(ms: i64, expected: &'static str) -> Row {
    asks(ms, inquires(), expected)
}

/// Tells a story: the effects of the start, of every row, and the state it ends in.
fn check(given: &Given, first: &str, rows: &[Row], end: &str) {
    let (payment, effects) = Payment::start(&given.started(), Some(sealed_card()), at(0));
    tell(payment, &describe::effects(&effects), first, rows, end);
}

/// Tells the story of a payment whose request never came before the net-cancel that withdrew it.
fn check_buried(withdrawn: &Arc<NetCancelRequest>, rows: &[Row], end: &str) {
    let started = by(&[]).started();
    let buried = Buried { id: started.id, withdrawn: withdrawn.clone(), terms: started.terms };
    tell(Payment::bury(&buried), "buried", "buried", rows, end);
}

fn tell(mut payment: Payment, done: &str, first: &str, rows: &[Row], end: &str) {
    let mut told = vec![format!("0s: {done}")];
    let mut expected = vec![format!("0s: {first}")];
    for row in rows {
        payment.check().expect("a payment that was stepped is one that can be read");
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
        Step::Repeat => match payment.receive(&again()) {
            Reception::Step(Event::Repeated) => &Event::Repeated,
            // Why a repeat is refused is the journal's.
            Reception::Refuse { answer, .. } => return (payment, describe::reply(&answer)),
            reception => {
                let told = answer(&reception);
                return (payment, told);
            }
        },
        Step::Asks(question) => return ask(payment, question, row.ms),
    };
    let (payment, effects) = payment.step(event, now).expect("the story speaks of attempts that were made");
    (payment, describe::effects(&effects))
}

/// What a telegram does first, and what it is told after that.
fn ask(payment: Payment, question: &Question, ms: i64) -> (Payment, String) {
    let event = match (payment.receive(question), question) {
        (Reception::Step(event), _) => event,
        (Reception::Cancel, Question::Cancel(request)) => {
            let serial = cancel_serial(payment.cancels().len());
            Event::CancelAsked { request: request.clone(), serial }
        }
        (reception, _) => return (payment, answer(&reception)),
    };
    let (payment, effects) = payment.step(&event, at(ms)).expect("it speaks of no attempt");
    let answer = answer(&payment.receive(question));
    if effects.is_empty() {
        return (payment, answer);
    }
    (payment, format!("{}; {answer}", describe::effects(&effects)))
}

fn answer(reception: &Reception) -> String {
    match reception {
        Reception::Answer(answer) => describe::reply(answer),
        Reception::Refuse { answer, why } => format!("{} ({why})", describe::reply(answer)),
        Reception::Wait => "wait".to_owned(),
        Reception::Step(event) => panic!("it steps again: {event:?}"),
        Reception::Cancel => panic!("it is asked to cancel again"),
    }
}

/// Tells the story of an approval by card450 after a second; it goes on with `rows`.
fn check_approved(given: &Given, rows: Vec<Row>, end: &str) {
    let first = on(S, crate::happening::approved(0), "reply 0000 card450");
    let rows: Vec<_> = std::iter::once(first).chain(rows).collect();
    check(given, "send #0 card450 until 10s", &rows, end);
}
