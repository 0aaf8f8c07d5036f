//! Nothing leaves the desk before it is durable; what was lost on the way is done again.

use desk::Input;
use payment::{AttemptState, DebtState, Event, NetCancelVerdict, NotSent, Phase};
use store::Saved;

use crate::bench::{Bench, approved, net_cancel_answered, timed_out, told};

#[test]
fn nothing_is_sent_before_the_desk_hears_that_its_intent_is_durable() {
    let mut bench = Bench::new();
    bench.ask(0);
    bench.pass(100);
    let held_back = bench.commit_unheard();
    bench.pass(100);
    assert_eq!(bench.sent(), []);
    bench.hear(held_back);
    let (id, order) = bench.sent_one();
    assert_eq!(bench.payment(id).attempts()[usize::from(order.attempt)].state(), &AttemptState::InFlight);
}

#[test]
fn no_approval_is_told_before_the_desk_hears_that_it_is_durable() {
    let mut bench = Bench::new();
    let (first, id, _) = bench.in_flight();
    bench.happened(id, approved(0));
    let repeat = bench.ask(0);
    bench.pass(100);
    let held_back = bench.commit_unheard();
    bench.pass(100);
    assert_eq!(bench.told(), []);
    bench.hear(held_back);
    assert_eq!(bench.told(), [told(first, "0000"), told(repeat, "0000")]);
}

#[test]
fn a_net_cancel_is_owed_before_it_is_sent_and_told() {
    let mut bench = Bench::new();
    let (first, id, serial) = bench.in_flight();
    bench.happened(id, timed_out(0, 1_000));
    let held_back = bench.commit_unheard();
    assert_eq!((bench.net_cancels().len(), bench.told()), (0, vec![]));
    bench.hear(held_back);
    let orders = bench.net_cancels();
    assert_eq!(orders.iter().map(|order| order.route.serial).collect::<Vec<_>>(), [serial]);
    assert_eq!(bench.told(), [told(first, "9022")]);
}

#[test]
fn after_a_lost_race_the_payment_is_read_and_stepped_again_and_the_first_effects_are_gone() {
    let mut bench = Bench::new();
    let (first, id, _) = bench.in_flight();
    bench.happened(id, approved(0));
    bench.peer_touches(id);
    let repeat = bench.ask(0);
    bench.commit();
    assert_eq!((bench.told(), bench.lookups.len()), (vec![], 1));
    bench.read();
    assert_eq!(bench.told(), [], "still nothing is durable");
    bench.commit();
    assert_eq!(bench.told(), [told(first, "0000"), told(repeat, "0000")]);
    assert!(matches!(bench.payment(id).phase(), Phase::Approved { .. }));
}

#[test]
fn what_happens_while_a_step_is_saved_waits_its_turn() {
    let mut bench = Bench::new();
    bench.ways = vec!["alpha", "bravo"];
    let (first, id, _) = bench.in_flight();
    bench.happened(id, timed_out(0, 1_000));
    bench.commit();
    assert_eq!(bench.net_cancels().len(), 1);
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::TryAgain));
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    assert_eq!(bench.saves.len(), 1, "one step at a time");
    bench.commit();
    bench.commit();
    let (_, order) = bench.sent_one();
    assert_eq!((order.attempt, order.route.acquirer.as_str()), (1, "bravo"));
    bench.happened(id, approved(1));
    bench.commit();
    assert_eq!(bench.told(), [told(first, "0000")]);
}

#[test]
fn a_desk_is_recovered_once_the_first_step_of_every_open_payment_is_durable() {
    let mut bench = Bench::new();
    let (_, first, _) = bench.in_flight();
    bench.ask_as(2, 0);
    bench.commit();
    let (second, _) = bench.sent_one();
    bench.restart();
    assert!(!bench.desk.is_recovered());
    let saved = bench.commit_unheard();
    assert_eq!(saved.len(), 2);
    for saved in saved {
        assert!(!bench.desk.is_recovered());
        bench.give(Input::Saved(saved));
    }
    assert!(bench.desk.is_recovered());
    assert!(bench.payment(first).owes() && bench.payment(second).owes(), "what was in flight is in doubt");
    assert_eq!(bench.net_cancels().len(), 1, "one at a time, to begin with");
    assert_eq!(bench.told(), [], "nobody waits any more");
    let repeat = bench.ask_as(2, 0);
    assert_eq!(bench.told(), [told(repeat, "9013")]);
    bench.happened(first, net_cancel_answered(0, NetCancelVerdict::Accepted));
    assert_eq!(bench.net_cancels().len(), 1, "the other");
    bench.happened(second, net_cancel_answered(0, NetCancelVerdict::Accepted));
    bench.settle();
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn a_lost_race_during_recovery_does_not_end_it() {
    let mut bench = Bench::new();
    let (_, id, _) = bench.in_flight();
    bench.restart();
    bench.peer_touches(id);
    bench.commit();
    assert!(!bench.desk.is_recovered());
    bench.settle();
    assert!(bench.desk.is_recovered());
}

#[test]
fn a_desk_with_nothing_open_is_recovered_at_once() {
    let mut bench = Bench::new();
    bench.finished();
    bench.restart();
    assert!(bench.desk.is_recovered());
}

#[test]
fn a_try_of_a_net_cancel_is_made_again_when_it_is_due_and_only_then() {
    let mut bench = Bench::new();
    let (_, id, serial) = bench.in_flight();
    bench.happened(id, timed_out(0, 1_000));
    bench.commit();
    assert_eq!(bench.net_cancels().len(), 1);
    bench.happened(id, Event::NetCancelNotSent { attempt: 0, why: NotSent::NotConnected });
    bench.commit();
    let DebtState::Due { at } = bench.payment(id).attempts()[0].debt().unwrap().state() else {
        panic!("the net-cancel is owed")
    };
    assert_eq!(bench.desk.next_due(), Some(at));
    let pause_ms = crate::sample::since_start(at) - bench.now_ms;
    bench.pass(pause_ms - 1);
    bench.settle();
    assert_eq!(bench.net_cancels().len(), 0);
    bench.pass(1);
    bench.settle();
    let orders = bench.net_cancels();
    assert_eq!(orders.iter().map(|order| order.route.serial).collect::<Vec<_>>(), [serial]);
}

#[test]
fn a_new_payment_whose_id_exists_answers_those_who_wait() {
    let mut bench = Bench::new();
    let asker = bench.ask(0);
    let id = bench.saves[0].id();
    bench.give(Input::Saved(Saved::LostRace(id)));
    assert_eq!(bench.told(), [told(asker, "9099")]);
    assert_eq!(bench.desk.payments(), 0);
}
