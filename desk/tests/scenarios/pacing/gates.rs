//! How the breaker of an acquirer bears on what undoes there: one at a time while it blocks; as ever, from one on, while it probes.

use desk::{Gate, Input};
use payment::{NotSent, PaymentId};

use super::{accepted, bench, left, not_sent, owing, silent};
use crate::{bench::Bench, sample};

fn gate(bench: &mut Bench, gate: Gate) {
    bench.give(Input::Gate { acquirer: sample::acquirer("alpha"), gate });
}

/// Forty that are owed at an acquirer whose breaker probes, so many of which are out by now, because others have been settled.
fn widened(bench: &mut Bench, out_now: usize) -> Vec<PaymentId> {
    gate(bench, Gate::Probing);
    owing(bench, 1, 40);
    let mut out = left(bench);
    while out.len() < out_now {
        settles_first(bench, &mut out);
    }
    out
}

/// The first of those that are out is settled, and what leaves upon that is out too.
fn settles_first(bench: &mut Bench, out: &mut Vec<PaymentId>) {
    let answered = out.remove(0);
    accepted(bench, answered);
    out.extend(left(bench));
}

#[test]
fn a_closed_gate_lets_one_through_at_a_time_with_pauses_that_grow_and_an_open_one_begins_at_once() {
    let mut bench = bench(8);
    gate(&mut bench, Gate::Closed);
    owing(&mut bench, 1, 10);
    let mut probes = Vec::new();
    for _ in 0..120 {
        for id in left(&mut bench) {
            probes.push(bench.now_ms / 1_000 - 1);
            not_sent(&mut bench, id, NotSent::NotConnected);
        }
        bench.pass(1_000);
        bench.settle();
    }
    assert_eq!(probes, [0, 1, 3, 7, 15, 31, 61, 91]);
    gate(&mut bench, Gate::Open);
    bench.settle();
    let first = left(&mut bench);
    assert_eq!(first.len(), 1, "it begins with one");
    accepted(&mut bench, first[0]);
    assert_eq!(left(&mut bench).len(), 2);
}

#[test]
fn while_the_breaker_blocks_what_is_settled_makes_no_room_for_more() {
    let mut bench = bench(8);
    gate(&mut bench, Gate::Closed);
    for id in owing(&mut bench, 1, 4) {
        assert_eq!(left(&mut bench), [id]);
        accepted(&mut bench, id);
    }
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn while_the_breaker_probes_twice_as_many_go_with_each_that_is_settled() {
    let mut bench = bench(8);
    gate(&mut bench, Gate::Closed);
    let mut out = widened(&mut bench, 1);
    assert_eq!(out.len(), 1, "it begins with one");
    for expected in [2, 4, 8, 8] {
        settles_first(&mut bench, &mut out);
        assert_eq!(out.len(), expected);
    }
}

#[test]
fn the_debts_of_an_acquirer_that_gets_no_new_payments_do_not_go_one_by_one_once_it_is_back() {
    let mut bench = bench(32);
    gate(&mut bench, Gate::Closed);
    owing(&mut bench, 1, 1_000);
    for id in left(&mut bench) {
        silent(&mut bench, id);
    }
    bench.pass(30_000);
    bench.settle();
    // No request comes that could end the probing.
    gate(&mut bench, Gate::Probing);
    bench.settle();
    let mut seconds = 0;
    loop {
        let out = left(&mut bench);
        if out.is_empty() {
            break;
        }
        assert!(out.len() <= 32, "{} at a time", out.len());
        bench.pass(1_000);
        seconds += 1;
        for id in out {
            accepted(&mut bench, id);
        }
    }
    assert_eq!(bench.desk.payments(), 0);
    assert!(seconds <= 1_000 / 32 + 10, "it took {seconds} s at a second each");
}

#[test]
fn when_all_fail_while_the_breaker_probes_one_goes_at_a_time_again() {
    let mut bench = bench(8);
    let mut out = widened(&mut bench, 8);
    // The first failures tell nothing: others were answered after those had left.
    while !out.is_empty() {
        for id in out {
            silent(&mut bench, id);
        }
        out = left(&mut bench);
    }
    bench.pass(1_000);
    bench.settle();
    assert_eq!(left(&mut bench).len(), 1);
}

#[test]
fn when_the_breaker_blocks_again_none_leaves_before_those_that_are_out_are_settled() {
    let mut bench = bench(8);
    let mut out = widened(&mut bench, 4);
    gate(&mut bench, Gate::Closed);
    for left in [3, 2, 1, 1, 1] {
        settles_first(&mut bench, &mut out);
        assert_eq!(out.len(), left);
    }
}

#[test]
fn a_breaker_that_probes_and_blocks_in_turn_makes_no_pause_shorter() {
    let mut bench = bench(8);
    gate(&mut bench, Gate::Closed);
    owing(&mut bench, 1, 10);
    let mut tries = Vec::new();
    for second in 0..120 {
        for id in left(&mut bench) {
            tries.push(second);
            not_sent(&mut bench, id, NotSent::NotConnected);
        }
        gate(&mut bench, if second % 2 == 0 { Gate::Probing } else { Gate::Closed });
        bench.pass(1_000);
        bench.settle();
    }
    assert_eq!(tries, [0, 1, 3, 7, 15, 31, 61, 91]);
}

#[test]
fn a_breaker_that_passes_after_it_probed_takes_nothing_back() {
    let mut bench = bench(8);
    let mut out = widened(&mut bench, 4);
    gate(&mut bench, Gate::Open);
    settles_first(&mut bench, &mut out);
    assert_eq!(out.len(), 8);
}

#[test]
fn a_breaker_that_probes_without_having_blocked_has_them_begin_with_one() {
    let mut bench = bench(8);
    assert_eq!(widened(&mut bench, 1).len(), 1);
}

#[test]
fn one_that_is_never_answered_takes_no_room_while_the_breaker_probes() {
    let mut bench = bench(4);
    gate(&mut bench, Gate::Probing);
    let poisoned = owing(&mut bench, 1, 1)[0];
    assert_eq!(left(&mut bench), [poisoned]);
    bench.pass(5_000);
    silent(&mut bench, poisoned);
    bench.pass(20_000);
    bench.settle();
    assert_eq!(left(&mut bench), [poisoned]);
    let fresh = owing(&mut bench, 2, 1);
    assert_eq!(left(&mut bench), fresh);
}
