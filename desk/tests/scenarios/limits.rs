//! How much the desk takes on.

use desk::Limits;

use crate::bench::{Bench, approved, timed_out, told};

#[test]
fn more_repeats_than_may_wait_get_9010() {
    let mut bench = Bench::with(Limits { waiting_per_payment: 3, ..Limits::default() }, 1_000);
    let askers: Vec<u64> = (0..5).map(|_| bench.ask(0)).collect();
    assert_eq!(bench.told(), [told(askers[3], "9010"), told(askers[4], "9010")]);
    assert_eq!(bench.notes.len(), 2);
    bench.commit();
    let (id, _) = bench.sent_one();
    bench.happened(id, approved(0));
    bench.commit();
    assert_eq!(bench.told(), [told(askers[0], "0000"), told(askers[1], "0000"), told(askers[2], "0000")]);
}

#[test]
fn those_who_wait_for_a_lookup_count_as_waiting() {
    let mut bench = Bench::with(Limits { waiting_per_payment: 2, ..Limits::default() }, 1_000);
    bench.finished();
    let mut askers = Vec::new();
    // Each is the first of its own payment until the claim of that one is refused.
    for _ in 0..4 {
        askers.push(bench.ask(0));
        bench.commit();
    }
    assert_eq!(bench.told(), [told(askers[2], "9010"), told(askers[3], "9010")]);
    bench.read();
    assert_eq!(bench.told(), [told(askers[0], "0000"), told(askers[1], "0000")]);
}

#[test]
fn a_full_desk_refuses_new_payments_and_answers_repeats() {
    let mut bench = Bench::with(Limits { payments: 1, ..Limits::default() }, 1_000);
    let (first, id, _) = bench.in_flight();
    let refused = bench.ask_as(2, 0);
    assert_eq!(bench.told(), [told(refused, "9040")]);
    let repeat = bench.ask(0);
    bench.happened(id, approved(0));
    bench.commit();
    assert_eq!(bench.told(), [told(first, "0000"), told(repeat, "0000")]);
    bench.delivered(id, true);
    bench.delivered(id, true);
    bench.ask_as(2, 0);
    bench.commit();
    bench.sent_one();
    assert_eq!(bench.told(), [], "9040 claimed no key");
}

#[test]
fn payments_that_only_owe_a_net_cancel_take_no_place_from_new_ones() {
    let mut bench = Bench::with(Limits { payments: 1, ..Limits::default() }, 1_000);
    let (silent, id, _) = bench.in_flight();
    bench.happened(id, timed_out(0, 0));
    bench.commit();
    assert_eq!(bench.told(), [told(silent, "9022")]);
    assert_eq!(bench.desk.payments(), 1, "its net-cancel is owed");
    bench.ask_as(2, 0);
    bench.commit();
    bench.sent_one();
    assert_eq!(bench.told(), []);
    let refused = bench.ask_as(3, 0);
    assert_eq!(bench.told(), [told(refused, "9040")]);
}

#[test]
fn without_serials_a_payment_is_refused_until_a_block_is_reserved() {
    // Two serials a way, so a block of four is enough for two payments.
    let mut bench = Bench::with(Limits::default(), 4);
    bench.ask_as(1, 0);
    assert_eq!(bench.reservations, [4], "the next block is asked for when half of this one is used");
    bench.ask_as(2, 0);
    let refused = bench.ask_as(3, 0);
    assert_eq!(bench.told(), [told(refused, "9040")]);
    assert_eq!(bench.reservations, [4], "and asked for once");
    bench.reserve();
    bench.ask_as(3, 0);
    bench.commit();
    let serials: Vec<u64> = bench.sent().iter().map(|(_, order)| order.route.serial.get()).collect();
    assert_eq!(serials, [10_000_000_001, 10_000_000_003, 10_000_000_005]);
}

#[test]
fn a_payment_that_needs_more_serials_than_are_left_of_a_block_has_the_next_one_reserved() {
    let mut bench = Bench::with(Limits::default(), 8);
    bench.finished();
    bench.cancel(50, 100);
    bench.settle();
    bench.told();
    // Five of eight are left, more than half of the block and one too few for three ways.
    bench.ways = vec!["alpha", "bravo", "charlie"];
    let refused = bench.ask_as(2, 0);
    assert_eq!((bench.told(), &bench.reservations[..]), (vec![told(refused, "9040")], &[8][..]));
    bench.reserve();
    bench.ask_as(2, 0);
    bench.commit();
    bench.sent_one();
}

#[test]
fn no_payment_gets_serials_of_two_blocks() {
    let mut bench = Bench::with(Limits::default(), 6);
    bench.ways = vec!["alpha", "bravo"];
    bench.ask_as(1, 0);
    bench.reserve();
    bench.ask_as(2, 0);
    bench.commit();
    let serials: Vec<u64> = bench.sent().iter().map(|(_, order)| order.route.serial.get()).collect();
    assert_eq!(serials, [10_000_000_001, 10_000_000_007]);
}

#[test]
fn a_payment_without_a_way_is_refused_durably() {
    let mut bench = Bench::new();
    bench.ways = Vec::new();
    let asker = bench.ask(0);
    assert_eq!(bench.told(), []);
    bench.commit();
    assert_eq!(bench.told(), [told(asker, "9020")]);
    assert_eq!(bench.desk.payments(), 0);
    bench.ways = vec!["alpha"];
    let repeat = bench.ask(0);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "9020")], "a recorded outcome");
}
