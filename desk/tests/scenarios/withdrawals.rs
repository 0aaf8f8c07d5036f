//! The terminal withdraws its request (단말 망취소, 0420).

use payment::{CancelVerdict, Cause, Event, NetCancelVerdict};
use store::Lookup;

use crate::{
    bench::{
        Bench, TOTAL, approved, cancel_accepted, cancel_answered, cancel_timed_out, decline, declined,
        net_cancel_answered, timed_out, told,
    },
    sample,
};

#[test]
fn a_request_withdrawn_before_it_comes_is_never_approved_whatever_its_content() {
    let mut bench = Bench::new();
    let withdrawal = bench.net_cancel();
    bench.read();
    assert_eq!(bench.told(), [], "the tombstone is not durable yet");
    bench.commit();
    assert_eq!((bench.told(), bench.desk.payments()), (vec![told(withdrawal, "0000")], 0));
    for content in [0, 9] {
        let late = bench.ask(content);
        bench.settle();
        assert_eq!(bench.told(), [told(late, "9013")]);
    }
    bench.restart();
    let later = bench.ask(0);
    bench.settle();
    assert_eq!(bench.told(), [told(later, "9013")]);
    assert_eq!((bench.sent(), bench.desk.payments()), (vec![], 0));
}

#[test]
fn a_request_that_comes_while_its_tombstone_is_saved_gets_9013() {
    let mut bench = Bench::new();
    let withdrawal = bench.net_cancel();
    bench.read();
    let late = bench.ask(0);
    let other = bench.ask(9);
    let again = bench.net_cancel();
    assert_eq!(bench.told(), []);
    bench.settle();
    let expected = [told(withdrawal, "0000"), told(late, "9013"), told(other, "9013"), told(again, "0000")];
    assert_eq!((bench.told(), bench.sent()), (expected.to_vec(), vec![]));
}

#[test]
fn a_tombstone_whose_request_was_quicker_in_the_store_withdraws_that_one() {
    let mut bench = Bench::new();
    let withdrawal = bench.net_cancel();
    // Nothing is found; then the request comes, is approved and gone before the tombstone is saved.
    let lookups = std::mem::take(&mut bench.lookups);
    let (id, _) = bench.finished();
    assert_eq!(lookups, [Lookup::Key(sample::key(1, 1))]);
    bench.give(desk::Input::Found(lookups[0], None));
    bench.settle();
    assert_eq!(bench.told(), [told(withdrawal, "0000")]);
    assert_eq!(bench.net_cancels().len(), 1);
    assert_eq!(bench.payment(id).attempts()[0].debt().unwrap().cause(), Cause::Terminal);
}

#[test]
fn a_request_withdrawn_while_it_is_saved_is_never_sent() {
    let mut bench = Bench::new();
    let first = bench.ask(0);
    let withdrawal = bench.net_cancel();
    assert_eq!(bench.told(), []);
    bench.settle();
    assert_eq!((bench.sent(), bench.net_cancels().len()), (vec![], 0));
    assert_eq!(bench.told(), [told(first, "9013"), told(withdrawal, "0000")]);
    assert_eq!(bench.desk.payments(), 0);
    let repeat = bench.ask(0);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "9013")]);
    assert_eq!(bench.state(), "07");
}

#[test]
fn a_withdrawal_while_the_request_is_saved_survives_lost_races() {
    let mut bench = Bench::new();
    bench.ways = vec!["alpha", "bravo"];
    let first = bench.ask(0);
    let withdrawal = bench.net_cancel();
    bench.commit();
    let id = bench.saves[0].id();
    bench.peer_touches(id);
    bench.settle();
    assert_eq!((bench.sent(), bench.net_cancels().len()), (vec![], 0));
    assert_eq!(bench.told(), [told(first, "9013"), told(withdrawal, "0000")]);
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn a_withdrawal_of_another_amount_does_not_hold_a_request_back() {
    let mut bench = Bench::new();
    bench.ask(0);
    let withdrawal = bench.refer(sample::net_cancel(1, 1, TOTAL + 1, bench.now_ms));
    bench.settle();
    bench.sent_one();
    assert_eq!(bench.told(), [told(withdrawal, "9011")]);
}

#[test]
fn a_withdrawal_in_flight_is_told_once_it_is_durable_and_its_net_cancel_is_owed_at_the_answer() {
    let check = |what: &str, answer: fn() -> Event, owes: bool| {
        let mut bench = Bench::new();
        bench.ways = vec!["alpha", "bravo"];
        let (first, id, serial) = bench.in_flight();
        let withdrawal = bench.net_cancel();
        assert_eq!(bench.told(), [], "{what}");
        bench.commit();
        assert_eq!(bench.told(), [told(first, "9013"), told(withdrawal, "0000")], "{what}");
        assert_eq!(bench.net_cancels().len(), 0, "{what}: it cannot overtake its original");
        bench.happened(id, answer());
        bench.settle();
        let undone: Vec<_> = bench.net_cancels().iter().map(|order| order.route.serial).collect();
        assert_eq!(undone, if owes { vec![serial] } else { vec![] }, "{what}");
        assert_eq!((bench.sent(), bench.told()), (vec![], vec![]), "{what}: no other acquirer is tried");
        let repeat = bench.ask(0);
        bench.settle();
        assert_eq!(bench.told(), [told(repeat, "9013")], "{what}");
        assert_eq!(bench.desk.payments(), usize::from(owes), "{what}");
    };
    check("approved", || approved(0), true);
    check("timed out", || timed_out(0, 1_000), true);
    check("declined", || declined(0), false);
    check("not sent", || Event::NotSent { attempt: 0, why: payment::NotSent::NotConnected }, false);
}

#[test]
fn a_withdrawal_in_flight_survives_a_restart() {
    let mut bench = Bench::new();
    let (_, id, _) = bench.in_flight();
    bench.net_cancel();
    bench.commit();
    bench.restart();
    bench.settle();
    assert_eq!(bench.net_cancels().len(), 1, "what was in flight is in doubt");
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    bench.settle();
    assert_eq!(bench.state(), "07");
}

#[test]
fn an_approval_is_withdrawn_whether_acknowledged_or_not() {
    for acknowledged in [false, true] {
        let mut bench = Bench::new();
        let (id, serial) = bench.finished();
        if acknowledged {
            bench.acknowledge();
            bench.settle();
        }
        bench.told();
        let withdrawal = bench.net_cancel();
        bench.read();
        assert_eq!((bench.told(), bench.net_cancels().len()), (vec![], 0), "it is not durable yet");
        bench.commit();
        let orders = bench.net_cancels();
        assert_eq!(orders.iter().map(|order| order.route.serial).collect::<Vec<_>>(), [serial]);
        assert_eq!(bench.told(), [told(withdrawal, "0000")]);
        assert_eq!(bench.payment(id).attempts()[0].debt().unwrap().cause(), Cause::Terminal);
        let repeat = bench.ask(0);
        bench.settle();
        assert_eq!(bench.told(), [told(repeat, "9013")]);
    }
}

#[test]
fn a_withdrawal_of_what_is_not_approved_or_is_withdrawn_already_is_told_0000() {
    let check = |what: &str, prepare: fn(&mut Bench)| {
        let mut bench = Bench::new();
        prepare(&mut bench);
        bench.settle();
        bench.told();
        bench.net_cancels();
        for _ in 0..2 {
            let withdrawal = bench.net_cancel();
            bench.settle();
            assert_eq!(bench.told(), [told(withdrawal, "0000")], "{what}");
        }
        assert_eq!(bench.net_cancels().len(), 0, "{what}: nothing more is undone");
    };
    check("declined", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, declined(0));
    });
    check("without a route", |bench| {
        bench.ways = Vec::new();
        bench.ask(0);
    });
    check("net-cancel owed", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, timed_out(0, 1_000));
    });
    check("net-cancelled", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, timed_out(0, 1_000));
        bench.commit();
        bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    });
    check("withdrawn", |bench| {
        bench.finished();
        bench.net_cancel();
    });
    check("withdrawn before it came", |bench| {
        bench.net_cancel();
    });
}

#[test]
fn a_withdrawal_while_a_net_cancel_is_awaited_ends_the_waiting() {
    let mut bench = Bench::new();
    bench.ways = vec!["alpha", "bravo"];
    let (first, id, _) = bench.in_flight();
    bench.happened(id, timed_out(0, 1_000));
    bench.commit();
    let withdrawal = bench.net_cancel();
    bench.settle();
    assert_eq!(bench.told(), [told(first, "9013"), told(withdrawal, "0000")]);
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    bench.settle();
    assert_eq!((bench.sent(), bench.desk.payments()), (vec![], 0), "no other acquirer is tried");
}

#[test]
fn a_withdrawal_of_what_is_being_cancelled_waits_for_the_cancel() {
    let check = |amount: u64, verdict: CancelVerdict, code: &str, undone: usize| {
        let mut bench = Bench::new();
        let (id, _) = bench.finished();
        bench.cancel(50, amount);
        bench.settle();
        let withdrawal = bench.net_cancel();
        bench.settle();
        assert_eq!(bench.told(), [], "the cancel is under way");
        bench.happened(id, cancel_answered(0, verdict));
        bench.settle();
        assert_eq!(bench.told()[1..], [told(withdrawal, code)]);
        assert_eq!(bench.net_cancels().len(), undone);
    };
    check(TOTAL, cancel_accepted(), "9031", 0);
    check(100, cancel_accepted(), "9032", 0);
    check(100, CancelVerdict::Declined(decline()), "0000", 1);
    check(TOTAL, CancelVerdict::NotProcessed, "0000", 1);
}

#[test]
fn a_withdrawal_waits_for_a_cancel_no_longer_than_its_terminal() {
    let mut bench = Bench::new();
    let (id, _) = bench.finished();
    let cancel = bench.cancel(50, TOTAL);
    bench.settle();
    bench.happened(id, cancel_timed_out(0, 1_000));
    bench.settle();
    let withdrawal = bench.net_cancel();
    assert_eq!(bench.told(), [told(cancel, "9023")], "it may be cancelled yet");
    bench.pass(27_999);
    bench.settle();
    assert_eq!(bench.told(), []);
    bench.pass(1);
    assert_eq!(bench.told(), [told(withdrawal, "9033")]);
    bench.settle();
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    let again = bench.net_cancel();
    bench.settle();
    assert_eq!(bench.told(), [told(again, "9031")]);
    assert_eq!(bench.net_cancels().len(), 0);
}

#[test]
fn a_withdrawal_that_loses_a_race_is_asked_again_of_what_is_found() {
    let mut bench = Bench::new();
    let (first, id, serial) = bench.in_flight();
    let withdrawal = bench.net_cancel();
    bench.happened(id, approved(0));
    bench.peer_touches(id);
    bench.settle();
    assert_eq!(bench.told(), [told(first, "0000"), told(withdrawal, "0000")]);
    let undone: Vec<_> = bench.net_cancels().iter().map(|order| order.route.serial).collect();
    assert_eq!(undone, [serial]);
}

#[test]
fn after_a_withdrawal_an_acknowledgement_and_a_cancel_get_9013() {
    let mut bench = Bench::new();
    bench.finished();
    bench.net_cancel();
    bench.settle();
    bench.told();
    let (acknowledgement, cancel) = (bench.acknowledge(), bench.cancel(50, TOTAL));
    bench.settle();
    assert_eq!(bench.told(), [told(acknowledgement, "9013"), told(cancel, "9013")]);
    assert_eq!(bench.cancels(), []);
}
