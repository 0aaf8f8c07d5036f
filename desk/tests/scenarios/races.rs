//! Races explored exhaustively: every order in which a few telegrams, saves, lookups, answers, time and a crash can follow each other.

mod explorer;
mod place;
mod rules;

use desk::Limits;

use explorer::explore;
use place::{Outcome, Place, Race};

use crate::bench::{Bench, TOTAL};

/// An approval that its terminal has and that left the desk.
fn finished(place: &mut Place) {
    in_flight(place);
    place.answer_all(Outcome::Done);
}

/// A request that is out.
fn in_flight(place: &mut Place) {
    place.ask(1);
    place.settle();
}

fn race(name: &'static str, prepare: fn(&mut Place), telegrams: Vec<place::Telegram>) -> Race {
    Race {
        name,
        prepare,
        telegrams,
        bench: || Bench::with(Limits::default(), 1_000),
        on_request: vec![Outcome::Done],
        on_cancel: vec![Outcome::Done],
        ticks: 0,
        crashes: 1,
        touches: 0,
        may_vanish: false,
    }
}

use place::Telegram::{Acknowledgement, Approval, Cancel, Inquiry, NetCancel};

const ALL: [Outcome; 4] = [Outcome::Done, Outcome::Declined, Outcome::DoneInSilence, Outcome::Lost];

#[test]
fn a_cancel_against_a_withdrawal() {
    for amount in [TOTAL, 100] {
        let telegrams = vec![Cancel { trace: 50, amount }, NetCancel];
        explore(&Race { on_cancel: ALL.to_vec(), ..race("0400 | 0420", finished, telegrams.clone()) });
        explore(&Race { touches: 1, crashes: 0, ..race("0400 | 0420 | a peer", finished, telegrams) });
    }
}

#[test]
fn a_withdrawal_against_its_own_request() {
    let telegrams = vec![Approval { trace: 1 }, NetCancel];
    explore(&Race { on_request: ALL.to_vec(), ..race("0100 | 0420", |_| {}, telegrams.clone()) });
    explore(&Race { touches: 1, crashes: 0, ..race("0100 | 0420 | a peer", |_| {}, telegrams) });
    let telegrams = vec![Approval { trace: 1 }, Approval { trace: 1 }, NetCancel];
    explore(&Race { crashes: 0, ..race("0100 | 0100 | 0420", |_| {}, telegrams) });
    let telegrams = vec![Inquiry, NetCancel];
    let on_request = vec![Outcome::Done, Outcome::DoneInSilence];
    explore(&Race { on_request, ..race("in flight: 0420 | 0300", in_flight, telegrams) });
}

#[test]
fn an_acknowledgement_against_its_time_out() {
    fn released(place: &mut Place) {
        finished(place);
    }
    fn bench() -> Bench {
        let mut bench = Bench::new();
        bench.acknowledged_within_ms = Some(10_000);
        bench
    }
    let telegrams = vec![Acknowledgement, Inquiry];
    let timed = |name, telegrams| Race { bench, ticks: 1, ..race(name, released, telegrams) };
    explore(&timed("0120 | 0300 | time-out", telegrams));
    explore(&Race { touches: 1, ..timed("0120 | time-out | a peer", vec![Acknowledgement]) });
    explore(&timed("0120 | 0420 | time-out", vec![Acknowledgement, NetCancel]));
    explore(&timed("0120 | 0400 | time-out", vec![Acknowledgement, Cancel { trace: 50, amount: TOTAL }]));
}

#[test]
fn a_repeat_against_its_completion() {
    let telegrams = vec![Approval { trace: 1 }, Approval { trace: 1 }];
    explore(&Race { on_request: ALL.to_vec(), ..race("in flight: 0100 | 0100", in_flight, telegrams) });
    let vanishing = |name, telegrams| Race { ticks: 1, may_vanish: true, ..race(name, in_flight, telegrams) };
    explore(&vanishing("in flight: 0100 | the terminal vanishes", vec![Approval { trace: 1 }]));
    explore(&vanishing("in flight: 0300 | the terminal vanishes", vec![Inquiry]));
}

#[test]
fn a_cancel_against_a_cancel() {
    let two = |second| vec![Cancel { trace: 50, amount: 6_000 }, Cancel { trace: second, amount: 6_000 }];
    explore(&Race { on_cancel: ALL.to_vec(), ..race("0400 | another 0400", finished, two(51)) });
    explore(&Race { on_cancel: ALL.to_vec(), ..race("0400 | its repeat", finished, two(50)) });
    explore(&Race { touches: 1, crashes: 0, ..race("0400 | another 0400 | a peer", finished, two(51)) });
}

#[test]
fn a_purchase_against_its_duplicate() {
    fn bench() -> Bench {
        let mut bench = Bench::new();
        bench.duplicate = Some(crate::sample::duplicate(1, 60_000));
        bench
    }
    let telegrams = vec![Approval { trace: 1 }, Approval { trace: 2 }];
    let on_request = vec![Outcome::Done, Outcome::Declined];
    explore(&Race { bench, on_request, ..race("0100 | its duplicate", |_| {}, telegrams) });
    let telegrams = vec![NetCancel, Approval { trace: 2 }];
    explore(&Race { bench, ..race("0420 | a duplicate", finished, telegrams) });
}
