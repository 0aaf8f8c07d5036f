//! What is durable as a try and waits until its time is over: no byte of it leaves, and that is told once for each row that says so.

use payment::{Alarm, Event, NotSent, PaymentId, StuckCancel, StuckWhy, Undo};

use super::{bench, held, left, owing};
use crate::{
    bench::{Bench, TOTAL, cancel_timed_out},
    sample,
};

/// So long is a debt tried.
const GIVEN_UP_AFTER_MS: u64 = 400_000;

/// The tries of which the journal says that no byte left.
fn journaled(bench: &Bench) -> Vec<(PaymentId, Undo)> {
    let of = bench.memory.events().iter().filter_map(|row| {
        let id = PaymentId::from_number(row.payment?);
        let event = serde_json::from_str(&row.event).ok()?;
        if let Event::NetCancelNotSent { attempt, why: NotSent::Full } = event {
            Some((id, Undo::NetCancel { attempt }))
        } else if let Event::CancelNotSent { cancel, why: NotSent::Full } = event {
            Some((id, Undo::Cancel { cancel }))
        } else {
            None
        }
    });
    of.collect()
}

fn told(bench: &Bench) -> Vec<(PaymentId, Undo)> {
    let alpha = sample::acquirer("alpha");
    assert!(bench.not_sent.iter().all(|(.., acquirer)| *acquirer == alpha));
    bench.not_sent.iter().map(|(id, undo, _)| (*id, *undo)).collect()
}

#[test]
fn a_net_cancel_that_waits_until_its_time_is_over_is_told_as_not_sent_once() {
    let mut bench = bench(1);
    let owing = owing(&mut bench, 1, 3);
    // The first is out, and its link never tells what became of it.
    assert_eq!((left(&mut bench), held(&bench)), (owing[..1].to_vec(), 2));
    bench.pass(GIVEN_UP_AFTER_MS - 1);
    bench.settle();
    assert_eq!(told(&bench), []);
    bench.pass(1);
    bench.settle();
    bench.pass(60_000);
    bench.settle();
    let expected: Vec<_> = owing[1..].iter().map(|id| (*id, Undo::NetCancel { attempt: 0 })).collect();
    assert_eq!((told(&bench), journaled(&bench)), (expected.clone(), expected));
    let stuck = Alarm::NetCancelStuck { attempt: 0, why: StuckWhy::GivenUp };
    assert_eq!(bench.alarms.iter().filter(|alarm| **alarm == stuck).count(), 2);
}

#[test]
fn a_repeated_cancel_that_waits_until_its_time_is_over_is_told_as_not_sent_once() {
    let mut bench = bench(1);
    let (_, cancelled, _) = bench.released();
    bench.delivered(cancelled, true);
    bench.cancel(50, TOTAL);
    bench.settle();
    bench.happened(cancelled, cancel_timed_out(0, bench.now_ms));
    bench.settle();
    bench.cancels();
    let before_it = owing(&mut bench, 2, 1);
    assert_eq!(left(&mut bench), before_it);
    // It is due and has no room; the step that tells that it is overdue makes its try durable.
    bench.pass(60_000);
    bench.settle();
    assert_eq!((bench.cancels().len(), held(&bench)), (0, 1));
    bench.pass(GIVEN_UP_AFTER_MS);
    bench.settle();
    bench.pass(60_000);
    bench.settle();
    let expected = vec![(cancelled, Undo::Cancel { cancel: 0 })];
    assert_eq!((told(&bench), journaled(&bench)), (expected.clone(), expected));
    let stuck = Alarm::CancelStuck { cancel: 0, why: StuckCancel::GivenUp };
    assert_eq!(bench.alarms.iter().filter(|alarm| **alarm == stuck).count(), 1);
}
