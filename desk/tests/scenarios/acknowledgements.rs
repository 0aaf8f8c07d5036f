//! The terminal has the approval in hand (단말 확인, 0120), or does not say so; and what an inquiry is told meanwhile.

use payment::{Cause, Delivery, NetCancelVerdict, Phase};

use crate::{
    bench::{Bench, approved, declined, net_cancel_answered, told},
    sample,
};

/// A bench whose listener asks for an acknowledgement within ten seconds.
fn asking_for_acknowledgement() -> Bench {
    let mut bench = Bench::new();
    bench.acknowledged_within_ms = Some(10_000);
    bench
}

#[test]
fn an_acknowledged_approval_stands_once_that_is_durable() {
    let mut bench = asking_for_acknowledgement();
    let (_, id, _) = bench.released();
    bench.delivered(id, true);
    assert_eq!(bench.desk.payments(), 1, "it waits to be acknowledged");
    bench.pass(9_999);
    let acknowledgement = bench.acknowledge();
    let held_back = bench.commit_unheard();
    assert_eq!(bench.told(), [], "0130 leaves only once the acknowledgement is durable");
    bench.pass(10_000);
    bench.hear(held_back);
    assert_eq!(bench.told(), [told(acknowledgement, "0000")]);
    bench.pass(60_000);
    bench.settle();
    assert_eq!((bench.net_cancels().len(), bench.desk.payments()), (0, 0));
    let again = bench.acknowledge();
    bench.settle();
    assert_eq!(bench.told(), [told(again, "0000")]);
    assert_eq!(bench.state(), "02");
}

#[test]
fn an_approval_that_is_not_acknowledged_in_time_is_net_cancelled_and_a_late_acknowledgement_gets_9013() {
    let mut bench = asking_for_acknowledgement();
    let (_, id, serial) = bench.released();
    bench.delivered(id, true);
    bench.pass(10_000);
    let while_saved = bench.acknowledge();
    assert_eq!(bench.told(), []);
    bench.settle();
    assert_eq!(bench.told(), [told(while_saved, "9013")]);
    let undone: Vec<_> = bench.net_cancels().iter().map(|order| order.route.serial).collect();
    assert_eq!(undone, [serial]);
    assert_eq!(bench.payment(id).attempts()[0].debt().unwrap().cause(), Cause::Unacknowledged);
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    bench.settle();
    let (late, repeat) = (bench.acknowledge(), bench.ask(0));
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "9013"), told(late, "9013")]);
}

#[test]
fn an_acknowledgement_that_loses_a_race_against_the_time_out_gets_9013() {
    let mut bench = asking_for_acknowledgement();
    let (_, id, _) = bench.released();
    let acknowledgement = bench.acknowledge();
    // Another instance, whose clock is ahead, gives up first.
    let now_ms = bench.now_ms;
    bench.now_ms += 10_000;
    bench.peer_touches(id);
    bench.now_ms = now_ms;
    bench.settle();
    assert_eq!(bench.told(), [told(acknowledgement, "9013")]);
}

#[test]
fn an_approval_waits_for_its_acknowledgement_across_a_restart_and_no_longer() {
    let mut bench = asking_for_acknowledgement();
    let (_, id, _) = bench.released();
    bench.pass(4_000);
    bench.restart();
    bench.settle();
    bench.pass(5_999);
    bench.settle();
    assert_eq!(bench.net_cancels().len(), 0);
    bench.pass(1);
    bench.settle();
    assert_eq!(bench.net_cancels().len(), 1);
    assert!(matches!(bench.payment(id).phase(), Phase::Approved { delivery: Delivery::Withdrawn, .. }));
}

#[test]
fn an_acknowledgement_names_an_approval_that_stands() {
    let check = |code: &str, prepare: fn(&mut Bench)| {
        let mut bench = asking_for_acknowledgement();
        prepare(&mut bench);
        bench.settle();
        bench.told();
        let acknowledgement = bench.refer(sample::acknowledgement(1, 1, Some("30010001"), bench.now_ms));
        bench.settle();
        assert_eq!(bench.told(), [told(acknowledgement, code)]);
    };
    check("9030", |_| {});
    check("9010", |bench| {
        bench.in_flight();
    });
    check("0000", |bench| {
        bench.released();
    });
    check("9030", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, declined(0));
    });
    check("9013", |bench| {
        bench.net_cancel();
    });
    let mut bench = asking_for_acknowledgement();
    bench.released();
    let other_number = bench.refer(sample::acknowledgement(1, 1, Some("30010002"), bench.now_ms));
    bench.settle();
    assert_eq!(bench.told(), [told(other_number, "9030")]);
    bench.pass(10_000);
    bench.settle();
    assert_eq!(bench.net_cancels().len(), 1, "it acknowledged nothing");
}

#[test]
fn an_inquiry_is_not_told_of_an_approval_before_it_is_acknowledged() {
    let mut bench = asking_for_acknowledgement();
    let (_, id, _) = bench.released();
    assert_eq!(bench.state(), "01");
    bench.pass(10_000);
    bench.settle();
    assert_eq!(bench.state(), "06");
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    bench.settle();
    assert_eq!(bench.state(), "07");
}

#[test]
fn an_inquiry_within_the_undelivered_grace_delivers_the_approval_once_its_release_is_durable() {
    for written in [true, false] {
        let mut bench = Bench::new();
        let (_, id, _) = bench.released();
        bench.delivered(id, false);
        bench.commit();
        bench.pass(10_000);
        let inquiry = bench.inquire();
        assert_eq!(bench.told(), [], "it is withdrawn at the end of the grace until the release is durable");
        bench.commit();
        let replies = bench.replies();
        assert_eq!((replies[0].0.0, replies[0].3), (inquiry, Some(id)));
        bench.delivered(id, written);
        bench.settle();
        bench.pass(60_000);
        bench.settle();
        assert_eq!(bench.net_cancels().len(), usize::from(!written));
    }
}

#[test]
fn an_inquiry_answered_while_a_reply_is_out_keeps_the_approval() {
    let mut bench = Bench::new();
    let (_, id, _) = bench.released();
    bench.inquire();
    bench.delivered(id, false);
    bench.delivered(id, true);
    bench.settle();
    bench.pass(60_000);
    bench.settle();
    assert_eq!((bench.net_cancels().len(), bench.desk.payments()), (0, 0));
}

#[test]
fn an_acknowledgement_and_an_inquiry_of_a_payment_that_is_saved_wait_no_longer_than_their_terminal() {
    let mut bench = asking_for_acknowledgement();
    let (first, id, _) = bench.in_flight();
    bench.happened(id, approved(0));
    let (acknowledgement, inquiry) = (bench.acknowledge(), bench.inquire());
    bench.pass(28_000);
    assert_eq!(bench.told(), [told(acknowledgement, "9010"), told(inquiry, "9010")]);
    bench.commit();
    assert_eq!(bench.told(), [told(first, "0000")]);
}
