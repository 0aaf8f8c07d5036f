//! The way of an approval's reply to its terminal.

use payment::{Cause, DebtState, Delivery, Event, NetCancelVerdict, Payment, Phase};

use crate::bench::{Bench, approval, net_cancel_answered, told};

fn delivery(payment: &Payment) -> Delivery {
    let Phase::Approved { delivery, .. } = payment.phase() else { panic!("the payment is approved") };
    *delivery
}

#[test]
fn an_approval_of_which_no_byte_was_written_is_net_cancelled_after_the_grace() {
    let mut bench = Bench::new();
    let (_, id, serial) = bench.released();
    bench.delivered(id, false);
    bench.commit();
    bench.pass(29_999);
    assert_eq!(bench.saves.len(), 0, "a repeat may still come");
    bench.pass(1);
    bench.commit();
    assert_eq!(bench.net_cancels().iter().map(|order| order.route.serial).collect::<Vec<_>>(), [serial]);
    assert_eq!(bench.payment(id).attempts()[0].debt().unwrap().cause(), Cause::Undelivered);
    let repeat = bench.ask(0);
    assert_eq!(bench.told(), [told(repeat, "9013")]);
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    bench.settle();
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn a_repeat_within_the_grace_gets_the_approval_once_its_release_is_durable() {
    let mut bench = Bench::new();
    let (_, id, _) = bench.released();
    bench.delivered(id, false);
    bench.commit();
    bench.pass(10_000);
    let repeat = bench.ask(0);
    assert_eq!(bench.told(), []);
    bench.commit();
    assert_eq!(bench.told(), [told(repeat, "0000")]);
    bench.delivered(id, true);
    assert_eq!(bench.desk.payments(), 0);
    bench.pass(60_000);
    assert_eq!((bench.net_cancels().len(), delivery(&bench.payment(id))), (0, Delivery::Released));
}

#[test]
fn a_repeat_that_is_not_written_either_begins_the_grace_anew() {
    let mut bench = Bench::new();
    let (_, id, _) = bench.released();
    bench.delivered(id, false);
    bench.commit();
    bench.pass(29_000);
    bench.ask(0);
    bench.commit();
    bench.delivered(id, false);
    bench.commit();
    bench.pass(29_999);
    assert_eq!(bench.net_cancels().len(), 0);
    bench.pass(1);
    bench.commit();
    assert_eq!(bench.net_cancels().len(), 1);
}

#[test]
fn one_written_reply_of_several_delivers_the_approval() {
    for written_first in [true, false] {
        let mut bench = Bench::new();
        let (_, id, _) = bench.released();
        bench.ask(0);
        bench.delivered(id, written_first);
        assert_eq!(bench.desk.payments(), 1, "one reply is still out");
        bench.delivered(id, !written_first);
        assert_eq!((bench.desk.payments(), bench.saves.len()), (0, 0));
    }
}

#[test]
fn a_repeat_answered_before_the_payment_counts_as_undelivered_delivers_it() {
    let mut bench = Bench::new();
    let (_, id, _) = bench.released();
    // Three copies of the acquirer's answer are worked off one after the other.
    (0..3).for_each(|_| bench.happened(id, Event::Late { attempt: 0, answer: approval() }));
    bench.delivered(id, false);
    let repeat = bench.ask(0);
    bench.commit();
    assert_eq!(bench.told(), [told(repeat, "0000")], "the approval stands");
    bench.settle();
    bench.delivered(id, true);
    bench.settle();
    bench.pass(60_000);
    bench.settle();
    assert_eq!((bench.net_cancels().len(), delivery(&bench.payment(id))), (0, Delivery::Released));
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn a_repeat_during_a_queue_of_events_never_loses_to_an_old_word_of_no_delivery() {
    let mut bench = Bench::new();
    let (_, id, _) = bench.released();
    (0..3).for_each(|_| bench.happened(id, Event::Late { attempt: 0, answer: approval() }));
    bench.delivered(id, false);
    bench.commit();
    let repeat = bench.ask(0);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "0000")]);
    bench.delivered(id, true);
    bench.pass(60_000);
    bench.settle();
    assert_eq!((bench.net_cancels().len(), delivery(&bench.payment(id))), (0, Delivery::Released));
}

#[test]
fn an_approval_is_net_cancelled_or_delivered_after_a_lost_race_too() {
    for repeats in [false, true] {
        let mut bench = Bench::new();
        let (_, id, _) = bench.released();
        bench.delivered(id, false);
        bench.peer_touches(id);
        if repeats {
            bench.ask(0);
        }
        bench.settle();
        if repeats {
            assert_eq!(bench.told().len(), 1);
            bench.delivered(id, true);
        }
        bench.pass(60_000);
        bench.settle();
        assert_eq!(bench.net_cancels().len(), usize::from(!repeats));
        let debt = bench.payment(id).attempts()[0].debt().map(payment::Debt::state);
        assert_eq!(matches!(debt, Some(DebtState::Trying { .. })), !repeats);
    }
}

#[test]
fn after_a_restart_an_approval_waits_for_its_terminal_and_an_undelivered_one_for_its_grace() {
    let mut bench = Bench::new();
    let (_, released, _) = bench.released();
    bench.restart();
    assert!(bench.desk.is_recovered(), "a released approval is not open");
    let repeat = bench.ask(0);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "0000")]);
    bench.delivered(released, false);
    assert_eq!((bench.desk.payments(), bench.saves.len()), (0, 0), "an earlier reply may have been written");

    let mut bench = Bench::new();
    let (_, undelivered, _) = bench.released();
    bench.delivered(undelivered, false);
    bench.commit();
    bench.restart();
    bench.settle();
    bench.pass(30_000);
    bench.settle();
    assert_eq!(bench.net_cancels().len(), 1);
    assert_eq!(delivery(&bench.payment(undelivered)), Delivery::Withdrawn);
}

#[test]
fn only_approvals_are_reported_and_the_rest_leaves_the_desk_at_once() {
    let mut bench = Bench::new();
    let (asker, id, _) = bench.in_flight();
    bench.happened(id, Event::NotSent { attempt: 0, why: payment::NotSent::NotConnected });
    bench.commit();
    let replies = bench.replies();
    assert_eq!((replies[0].0.0, replies[0].2.code().as_str(), replies[0].3), (asker, "9021", None));
    assert_eq!((bench.desk.payments(), bench.alarms.len()), (0, 1));
}

#[test]
fn an_approval_that_was_undelivered_before_a_restart_is_so_again_when_its_repeat_is_not_written() {
    let mut bench = Bench::new();
    let (_, id, _) = bench.released();
    bench.delivered(id, false);
    bench.commit();
    bench.restart();
    bench.settle();
    let repeat = bench.ask(0);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "0000")]);
    bench.delivered(id, false);
    bench.settle();
    bench.pass(30_000);
    bench.settle();
    assert_eq!(bench.net_cancels().len(), 1);
}
