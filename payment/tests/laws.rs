//! Laws that hold over any life: random rules, random acquirers, random events at random instants, possible in the world or not.

mod attempts;
mod cancels;
mod debts;
mod due;
mod outcome;
mod reach;
mod receptions;
mod records;

use jiff::Timestamp;
use payment::{
    Alarm, Effect, Event, Failover, PartialCancel, Payment, Phase, Route, Started, StuckCancel, Terms,
};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};

use crate::{
    fixture::{H, M, S, at, route, sealed_card, started},
    happening::{cancel_asked, to_attempt, to_cancel, to_payment},
};

/// One step of a life.
struct Moment {
    now: Timestamp,
    event: Event,
    before: Payment,
    effects: Vec<Effect>,
    after: Payment,
}

/// A life: how it began and every step of it.
struct Life {
    started: Started,
    first: Vec<Effect>,
    born: Payment,
    moments: Vec<Moment>,
}

impl Life {
    /// Every state, with the effects that led to it.
    fn states(&self) -> impl Iterator<Item = (&Payment, &[Effect])> {
        let born = std::iter::once((&self.born, self.first.as_slice()));
        born.chain(self.moments.iter().map(|moment| (&moment.after, moment.effects.as_slice())))
    }

    /// Every state until an acquirer did what it had refused: from then on a person decides.
    fn states_without_contradiction(&self) -> impl Iterator<Item = (&Payment, &[Effect])> {
        self.states().take_while(|(_, effects)| {
            !effects.iter().any(|effect| {
                matches!(effect, Effect::Alarm(Alarm::CancelStuck { why: StuckCancel::Contradicted, .. }))
            })
        })
    }

    /// Every step until then.
    fn moments_without_contradiction(&self) -> impl Iterator<Item = &Moment> {
        let steps = self.states_without_contradiction().count().saturating_sub(1);
        self.moments.iter().take(steps)
    }

    fn last(&self) -> &Payment {
        self.moments.last().map_or(&self.born, |moment| &moment.after)
    }
}

/// What is drawn of a step; the instant and the event follow from the state it meets.
#[derive(Clone, Debug)]
struct Drawn {
    passes: Passes,
    /// Of which attempt or cancel it speaks; of the last one where none is drawn.
    number: Option<u8>,
    happening: usize,
    /// What a cancel asks for, and under which trace number.
    amount: u64,
    trace_no: u32,
    /// Whether what happens is what would further an approval and its cancels.
    leans: bool,
}

#[derive(Clone, Debug)]
enum Passes {
    Milliseconds(i64),
    UntilDue,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let passes = prop_oneof![
        3 => Just(Passes::UntilDue),
        2 => Just(Passes::Milliseconds(0)),
        2 => (1..20 * S).prop_map(Passes::Milliseconds),
        2 => (1..2 * M).prop_map(Passes::Milliseconds),
        1 => (1..30 * H).prop_map(Passes::Milliseconds),
        1 => (-2 * H..0).prop_map(Passes::Milliseconds),
    ];
    let number = prop_oneof![4 => Just(None), 1 => (0..5_u8).prop_map(Some)];
    let amount = prop_oneof![
        2 => Just(50_000_u64),
        2 => Just(20_000),
        1 => Just(0),
        1 => 1..60_000_u64,
    ];
    (passes, number, 0..64_usize, amount, 200..220_u32, any::<bool>()).prop_map(
        |(passes, number, happening, amount, trace_no, leans)| Drawn {
            passes,
            number,
            happening,
            amount,
            trace_no,
            leans,
        },
    )
}

fn rules() -> impl Strategy<Value = Terms> {
    (
        select(vec![0_u64, 5_000, 28_000]),
        select(vec![Failover::Never, Failover::AfterNetCancel, Failover::AtOnce]),
        select(vec![0_u64, 500, 70_000]),
        select(vec![0_u64, 1_000, 60_000]),
        select(vec![0_u64, 5_000, 300_000]),
        select(vec![0_u64, 60_000, 86_400_000, u64::MAX]),
        select(vec![0_u64, 30_000]),
        select(vec![None, None, None, Some(0_u64), Some(10_000)]),
    )
        .prop_map(|(deadline, failover, first_delay, max_delay, alarm, give_up, grace, acknowledged)| {
            Terms {
                terminal_deadline_ms: deadline,
                failover,
                net_cancel_first_delay_ms: first_delay,
                net_cancel_max_delay_ms: max_delay,
                net_cancel_alarm_after_ms: alarm,
                net_cancel_give_up_after_ms: give_up,
                undelivered_grace_ms: grace,
                acknowledged_within_ms: acknowledged,
            }
        })
}

/// What is drawn of a route.
#[derive(Clone, Debug)]
struct Way {
    answer_timeout_ms: u64,
    settle_after_ms: u64,
    partial_cancel: PartialCancel,
}

fn routes() -> impl Strategy<Value = Vec<Way>> {
    let one = (
        select(vec![1_000_u64, 10_000, 20_000]),
        select(vec![0_u64, 1_000, 60_000, u64::MAX]),
        select(vec![PartialCancel::No, PartialCancel::Once, PartialCancel::Repeatable]),
    );
    let one = one.prop_map(|(answer_timeout_ms, settle_after_ms, partial_cancel)| Way {
        answer_timeout_ms,
        settle_after_ms,
        partial_cancel,
    });
    prop::collection::vec(one, 0..4)
}

fn live(rules: Terms, ways: &[Way], steps: &[Drawn]) -> Life {
    let routes = (0..).zip(ways).map(|(nth, way)| {
        let drawn = Route {
            settle_after_ms: way.settle_after_ms,
            partial_cancel: way.partial_cancel,
            ..Route::clone(&route(nth, "kovan", way.answer_timeout_ms))
        };
        drawn.into()
    });
    let started = started(routes.collect(), rules);
    let mut now = at(0);
    let (born, first) = Payment::start(&started, Some(sealed_card()), now);
    let mut life = Life { started, first, born, moments: Vec::new() };
    for step in steps {
        let before = life.last().clone();
        now = match step.passes {
            Passes::Milliseconds(ms) => now + jiff::SignedDuration::from_millis(ms),
            Passes::UntilDue => before.due().filter(|due| *due > now).unwrap_or(now),
        };
        // Far enough for every rule, and not beyond what a timestamp holds.
        if now > at(1_000 * H) {
            break;
        }
        let event = event(step, &before, now);
        match before.clone().step(&event, now) {
            Ok((after, effects)) => life.moments.push(Moment { now, event, before, effects, after }),
            Err(illegal) => {
                assert!(is_missing(&event, &before), "refused without need");
                assert_eq!(*illegal.payment, before, "a refused event changed the payment");
            }
        }
    }
    life
}

fn is_missing(event: &Event, before: &Payment) -> bool {
    let missing = |number: Option<u8>, made: usize| number.is_some_and(|number| usize::from(number) >= made);
    missing(event.attempt(), before.attempts().len()) || missing(event.cancel(), before.cancels().len())
}

fn event(step: &Drawn, before: &Payment, now: Timestamp) -> Event {
    let now_ms = i64::try_from(now.duration_since(at(0)).as_millis()).unwrap();
    let last = |made: usize| u8::try_from(made.saturating_sub(1)).unwrap();
    let (attempt, cancels) = (last(before.attempts().len()), before.cancels().len());
    let approved = matches!(before.phase(), Phase::Approved { .. });
    let mut possible = Vec::new();
    if approved && !before.is_withdrawn() {
        possible.extend([("a cancel", cancel_asked(step.trace_no, step.amount))]);
        if cancels == 0 {
            possible.extend([("undelivered", Event::Undelivered), ("due", Event::Due)]);
        }
    }
    if cancels > 0 {
        possible.extend(to_cancel(step.number.unwrap_or(last(cancels)), now_ms));
        possible.extend([("due", Event::Due), ("still due", Event::Due)]);
    }
    if step.leans && *before.phase() == Phase::Trying {
        return crate::happening::approved(attempt);
    }
    if !step.leans || possible.is_empty() {
        possible.extend(to_attempt(step.number.unwrap_or(attempt), now_ms));
        possible.extend(to_payment(now_ms));
    }
    possible.swap_remove(step.happening % possible.len()).1
}

/// Holds a law against many lives; the smallest life that breaks it is printed.
fn law(holds: impl Fn(&Life)) {
    held(TestRunner::new(config()), holds);
}

fn config() -> Config {
    Config { cases: 1_000, failure_persistence: None, ..Config::default() }
}

fn held(mut runner: TestRunner, holds: impl Fn(&Life)) {
    let lives = (rules(), routes(), prop::collection::vec(drawn(), 0..40));
    runner
        .run(&lives, |(rules, ways, steps)| {
            holds(&live(rules, &ways, &steps));
            Ok(())
        })
        .unwrap_or_else(|broken| panic!("{broken}"));
}
