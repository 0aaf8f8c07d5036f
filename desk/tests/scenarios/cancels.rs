//! The terminal cancels (취소, 0400).

use payment::{CancelVerdict, Event, NotSent, PartialCancel, TerminalAnswer};
use store::Lookup;

use crate::{
    bench::{
        Bench, TOTAL, cancel_accepted, cancel_answered, cancel_timed_out, decline, declined, timed_out, told,
    },
    sample,
};

/// An approval its terminal has, with a cancel of this much on its way to the acquirer: who asked, and its payment.
fn being_cancelled(bench: &mut Bench, amount: u64) -> (u64, payment::PaymentId) {
    let (id, _) = bench.finished();
    let asker = bench.cancel(50, amount);
    bench.settle();
    (asker, id)
}

#[test]
fn a_cancel_goes_to_the_acquirer_that_approved_once_its_intent_is_durable() {
    let mut bench = Bench::new();
    let (id, serial) = bench.finished();
    let asker = bench.cancel(50, TOTAL);
    bench.read();
    let held_back = bench.commit_unheard();
    assert_eq!(bench.cancels(), []);
    bench.hear(held_back);
    let order = bench.cancel_sent();
    assert_eq!((order.route.serial, order.amounts.total().get(), order.is_partial()), (serial, TOTAL, false));
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    let held_back = bench.commit_unheard();
    assert_eq!(bench.told(), [], "what is not durable is not told");
    bench.hear(held_back);
    let replies = bench.replies();
    assert!(matches!(&replies[0].2, TerminalAnswer::Cancelled { .. }), "{:?}", replies[0].2);
    assert_eq!((replies.len(), replies[0].0.0, replies[0].3), (1, asker, None));
    assert_eq!(bench.desk.payments(), 0);
    let repeat = bench.ask(0);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "9031")], "never again 0000");
}

#[test]
fn a_cancel_has_a_serial_of_its_own() {
    let mut bench = Bench::new();
    let (id, serial) = bench.finished();
    let mut serials = vec![serial, serial.of_net_cancel()];
    for number in 0..3 {
        bench.cancel(50 + u32::from(number), 100);
        bench.settle();
        serials.push(bench.cancel_sent().serial);
        bench.happened(id, cancel_answered(number, cancel_accepted()));
        bench.settle();
    }
    let all = serials.len();
    serials.sort();
    serials.dedup();
    assert_eq!(serials.len(), all);
}

#[test]
fn a_repeat_of_a_cancel_waits_for_its_answer_and_gets_the_recorded_one_for_ever() {
    let mut bench = Bench::new();
    let (first, id) = being_cancelled(&mut bench, 100);
    let repeat = bench.cancel(50, 100);
    bench.settle();
    assert_eq!(bench.told(), []);
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    let replies = bench.replies();
    assert_eq!((replies[0].0.0, replies[1].0.0), (first, repeat));
    assert_eq!(replies[0].2, replies[1].2);
    bench.restart();
    bench.cancel(50, 100);
    bench.settle();
    assert_eq!(bench.replies()[0].2, replies[0].2);
    assert_eq!(bench.cancels().len(), 1, "nothing is sent twice");
}

#[test]
fn a_refused_cancel_stays_refused_for_its_repeat() {
    let mut bench = Bench::new();
    bench.partial = PartialCancel::No;
    let (id, _) = bench.finished();
    let refusals: Vec<_> =
        [(50, TOTAL + 1), (51, 100)].map(|(trace, amount)| bench.cancel(trace, amount)).to_vec();
    bench.settle();
    assert_eq!(bench.told(), [told(refusals[0], "9032"), told(refusals[1], "9034")]);
    let (full, while_open) = (bench.cancel(52, TOTAL), bench.cancel(53, TOTAL));
    bench.settle();
    assert_eq!(bench.told(), [told(while_open, "9033")]);
    bench.happened(id, cancel_answered(2, CancelVerdict::Declined(decline())));
    bench.settle();
    assert_eq!(bench.told(), [told(full, "8035")]);
    for (trace, amount, code) in
        [(50, TOTAL + 1, "9032"), (51, 100, "9034"), (52, TOTAL, "8035"), (53, TOTAL, "9033")]
    {
        let repeat = bench.cancel(trace, amount);
        bench.settle();
        assert_eq!(bench.told(), [told(repeat, code)]);
    }
    assert_eq!(bench.cancels().len(), 1);
}

#[test]
fn other_content_under_the_key_of_a_cancel_is_refused_for_whichever_original() {
    let mut bench = Bench::new();
    let (_, id) = being_cancelled(&mut bench, 100);
    let other_amount = bench.cancel(50, 200);
    assert_eq!(bench.told(), [told(other_amount, "9011")]);
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    bench.told();
    // A second approval; a 0400 for it under the trace number that was used for the first.
    let second = bench.ask_as(2, 0);
    bench.commit();
    let (second_id, _) = bench.sent_one();
    bench.happened(second_id, crate::bench::approved(0));
    bench.settle();
    bench.delivered(second_id, true);
    assert_eq!(bench.told(), [told(second, "0000")]);
    bench.cancels();
    for original_leaves in [true, false] {
        let other_original = bench.refer(sample::cancel(1, 50, 2, 100, bench.now_ms));
        bench.settle();
        assert_eq!(bench.told(), [told(other_original, "9011")]);
        assert_eq!(bench.cancels(), []);
        if original_leaves {
            assert_eq!(bench.desk.payments(), 0);
        }
    }
    assert_eq!(bench.payment(second_id).cancels().len(), 0);
    let own_key = bench.refer(sample::cancel(1, 51, 2, 100, bench.now_ms));
    bench.settle();
    bench.happened(second_id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    assert_eq!(bench.told(), [told(own_key, "0000")]);
}

#[test]
fn a_key_lost_to_another_original_refuses_only_its_own_telegram() {
    let mut bench = Bench::new();
    let (_, id) = being_cancelled(&mut bench, TOTAL);
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    bench.ask_as(2, 0);
    bench.commit();
    let (second, _) = bench.sent_one();
    bench.happened(second, crate::bench::approved(0));
    bench.settle();
    bench.told();
    bench.cancels();
    let used = bench.refer(sample::cancel(1, 50, 2, 100, bench.now_ms));
    let inquiry = bench.refer(sample::inquiry(1, 2, bench.now_ms));
    let fresh = bench.refer(sample::cancel(1, 60, 2, 100, bench.now_ms));
    bench.delivered(second, true);
    bench.settle();
    assert_eq!(bench.told(), [told(used, "9011"), told(inquiry, "0000")]);
    bench.cancel_sent();
    bench.happened(second, cancel_answered(0, cancel_accepted()));
    bench.settle();
    assert_eq!(bench.told(), [told(fresh, "0000")]);
}

#[test]
fn of_two_cancels_at_once_one_is_sent_and_the_other_gets_9033() {
    let mut bench = Bench::new();
    let (id, _) = bench.finished();
    let (first, second) = (bench.cancel(50, 100), bench.cancel(51, 100));
    bench.settle();
    assert_eq!(bench.told(), [told(second, "9033")]);
    bench.cancel_sent();
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    assert_eq!(bench.told(), [told(first, "0000")]);
    let later = bench.cancel(52, 100);
    bench.settle();
    bench.happened(id, cancel_answered(2, cancel_accepted()));
    bench.settle();
    assert_eq!(bench.told(), [told(later, "0000")]);
}

#[test]
fn partial_cancels_never_sum_to_more_than_the_original() {
    let mut bench = Bench::new();
    let (id, _) = bench.finished();
    for (number, amount, code) in [(0, 10_000, "0000"), (1, 101, "9032"), (2, 100, "0000"), (3, 1, "9031")] {
        let asker = bench.cancel(50 + u32::from(number), amount);
        bench.settle();
        if code == "0000" {
            bench.happened(id, cancel_answered(number, cancel_accepted()));
            bench.settle();
        }
        assert_eq!(bench.told(), [told(asker, code)]);
    }
    assert_eq!(bench.cancels().len(), 2);
}

#[test]
fn an_unanswered_cancel_is_told_9023_and_sent_again_under_the_same_serial() {
    let mut bench = Bench::new();
    let (asker, id) = being_cancelled(&mut bench, TOTAL);
    let first = bench.cancel_sent();
    bench.happened(id, cancel_timed_out(0, 1_000));
    bench.settle();
    assert_eq!(bench.told(), [told(asker, "9023")]);
    let other = bench.cancel(51, 100);
    bench.settle();
    assert_eq!(bench.told(), [told(other, "9033")], "its amount may be cancelled");
    bench.pass(1_000);
    bench.settle();
    assert_eq!(bench.cancel_sent().serial, first.serial);
    bench.happened(id, cancel_answered(0, CancelVerdict::AlreadyCancelled));
    bench.settle();
    let repeat = bench.cancel(50, TOTAL);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "0000")], "it was ours");
    assert_eq!(bench.state(), "05");
}

#[test]
fn a_cancel_in_flight_survives_a_restart_under_its_serial() {
    let mut bench = Bench::new();
    let (_, id) = being_cancelled(&mut bench, TOTAL);
    let first = bench.cancel_sent();
    bench.restart();
    bench.settle();
    assert_eq!(bench.cancel_sent().serial, first.serial);
    let repeat = bench.cancel(50, TOTAL);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "9023")]);
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    let repeat = bench.cancel(50, TOTAL);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "0000")]);
}

#[test]
fn a_partial_cancel_that_cannot_be_repeated_needs_a_person_when_it_goes_unanswered() {
    let mut bench = Bench::new();
    bench.partial = PartialCancel::Once;
    let (asker, id) = being_cancelled(&mut bench, 100);
    bench.happened(id, cancel_timed_out(0, 1_000));
    bench.settle();
    assert_eq!((bench.told(), bench.alarms.len()), (vec![told(asker, "9023")], 1));
    bench.pass(60_000);
    bench.settle();
    assert_eq!(bench.cancels().len(), 1, "it is not sent again");
    assert_eq!(bench.state(), "08");
    let withdrawal = bench.net_cancel();
    bench.settle();
    assert_eq!(bench.told(), [told(withdrawal, "9033")]);
}

#[test]
fn a_cancel_of_which_no_byte_left_is_refused_and_another_may_follow() {
    let mut bench = Bench::new();
    let (asker, id) = being_cancelled(&mut bench, TOTAL);
    bench.happened(id, Event::CancelNotSent { cancel: 0, why: NotSent::NotConnected });
    bench.settle();
    assert_eq!(bench.told(), [told(asker, "9021")]);
    let other = bench.cancel(51, TOTAL);
    bench.settle();
    bench.happened(id, cancel_answered(1, cancel_accepted()));
    bench.settle();
    assert_eq!(bench.told(), [told(other, "0000")]);
}

#[test]
fn a_cancel_of_what_is_not_approved_is_refused_and_claims_no_key() {
    let check = |code: &str, prepare: fn(&mut Bench)| {
        let mut bench = Bench::new();
        prepare(&mut bench);
        bench.settle();
        bench.told();
        let cancel = bench.cancel(50, TOTAL);
        bench.settle();
        assert_eq!(bench.told(), [told(cancel, code)]);
        assert_eq!((bench.cancels(), bench.saves.len()), (vec![], 0));
    };
    check("9010", |bench| {
        bench.in_flight();
    });
    check("9013", |bench| {
        bench.finished();
        bench.net_cancel();
    });
    check("9013", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, timed_out(0, 1_000));
    });
    check("9013", |bench| {
        bench.net_cancel();
    });
    check("9030", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, declined(0));
    });
    check("9010", |bench| {
        bench.acknowledged_within_ms = Some(10_000);
        bench.released();
    });
}

#[test]
fn a_cancel_that_loses_a_race_is_asked_again_of_what_is_found_and_sent_once() {
    let mut bench = Bench::new();
    let (id, _) = bench.finished();
    let asker = bench.cancel(50, 100);
    bench.read();
    bench.peer_touches(id);
    bench.settle();
    bench.cancel_sent();
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.peer_touches(id);
    bench.settle();
    assert_eq!(bench.told(), [told(asker, "0000")]);
    assert_eq!(bench.payment(id).cancels().len(), 1);
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn an_original_gone_from_the_desk_between_its_cancels_is_found_again_by_its_key() {
    let mut bench = Bench::new();
    let (_, id) = being_cancelled(&mut bench, 100);
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    assert_eq!(bench.desk.payments(), 0);
    let asker = bench.cancel(51, 100);
    assert_eq!(bench.lookups, [Lookup::Key(sample::key(1, 1))]);
    bench.told();
    bench.settle();
    bench.happened(id, cancel_answered(1, cancel_accepted()));
    bench.settle();
    assert_eq!((bench.told(), bench.state()), (vec![told(asker, "0000")], "04"));
}

#[test]
fn without_serials_a_cancel_is_refused_and_claims_no_key() {
    let mut bench = Bench::with(desk::Limits::default(), 2);
    let (id, _) = bench.finished();
    let refused = bench.cancel(50, TOTAL);
    bench.settle();
    assert_eq!(bench.told(), [told(refused, "9040")]);
    bench.reserve();
    let again = bench.cancel(50, TOTAL);
    bench.settle();
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    assert_eq!(bench.told(), [told(again, "0000")]);
}

#[test]
fn a_cancel_waits_no_longer_than_its_terminal() {
    let mut bench = Bench::new();
    let (first, id) = being_cancelled(&mut bench, TOTAL);
    bench.pass(27_999);
    assert_eq!(bench.told(), []);
    bench.pass(1);
    assert_eq!(bench.told(), [told(first, "9023")]);
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    let repeat = bench.cancel(50, TOTAL);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "0000")]);
}

#[test]
fn a_cancel_that_was_taken_on_is_9023_also_while_its_outcome_is_on_its_way_to_the_disk() {
    let mut bench = Bench::new();
    let (first, id) = being_cancelled(&mut bench, TOTAL);
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.pass(28_000);
    assert_eq!(bench.told(), [told(first, "9023")]);
    bench.settle();
    let repeat = bench.cancel(50, TOTAL);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "0000")]);
}

#[test]
fn a_cancel_that_was_not_taken_on_within_its_terminals_time_gets_9010_and_is_never_sent() {
    let mut bench = Bench::new();
    bench.finished();
    let repeat = bench.ask(0);
    bench.commit();
    let cancel = bench.cancel(50, TOTAL);
    let lookups = std::mem::take(&mut bench.lookups);
    assert_eq!(lookups.len(), 2, "the payment by the repeat, and by its key");
    let by_id = lookups.into_iter().find(|lookup| matches!(lookup, Lookup::Id(_))).expect("the first");
    bench.lookups.push(Lookup::Key(sample::key(1, 1)));
    bench.read();
    bench.pass(28_000);
    assert_eq!(bench.told(), [told(repeat, "9010"), told(cancel, "9010")]);
    bench.lookups.push(by_id);
    bench.settle();
    assert_eq!((bench.cancels(), bench.desk.payments()), (vec![], 0));
}
