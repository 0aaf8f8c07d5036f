//! What persons order: told done only once it is durable, and told why where nothing is done.

use desk::{Input, Limits, NotOperated};
use payment::{
    CancelFinding, CancelState, Closed, DebtState, Event, Finding, ManualOrder, ManualStep, NetCancelVerdict,
    Operator, PaymentId, Refusal,
};

use crate::{
    bench::{Bench, TOTAL, approved, cancel_timed_out, net_cancel_answered, timed_out, told},
    sample,
};

fn order(bench: &mut Bench, token: u64, payment: PaymentId, what: ManualStep) {
    let by = Operator::new("kim", "called the VAN").unwrap();
    bench.give(Input::Operate { token, payment, order: ManualOrder { by, what } });
}

const RETRY: ManualStep = ManualStep::RetryNetCancel { attempt: 0 };
const RESOLVE: ManualStep = ManualStep::ResolveNetCancel { attempt: 0, how: Finding::Undone };

fn refused(refusal: Refusal) -> Result<(), NotOperated> {
    Err(NotOperated::Refused(refusal))
}

/// A payment whose net-cancel was said to be of another amount: it is in the manual queue and has left the desk.
fn stuck(bench: &mut Bench) -> PaymentId {
    let (_, id, _) = bench.in_flight();
    bench.happened(id, timed_out(0, 0));
    bench.commit();
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::AmountDiffers));
    bench.commit();
    assert_eq!((bench.desk.payments(), bench.net_cancels().len()), (0, 1));
    bench.told();
    id
}

#[test]
fn a_stuck_net_cancel_that_left_the_desk_is_looked_up_and_tried_again() {
    let mut bench = Bench::new();
    let id = stuck(&mut bench);
    order(&mut bench, 7, id, RETRY);
    bench.read();
    assert_eq!(bench.operated, [], "it is not durable yet");
    assert_eq!(bench.net_cancels().len(), 0);
    bench.commit();
    assert_eq!(bench.operated, [(7, Ok(()))]);
    assert_eq!(bench.net_cancels().len(), 1);
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    bench.settle();
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn who_and_why_stand_in_the_journal() {
    let mut bench = Bench::new();
    let id = stuck(&mut bench);
    order(&mut bench, 7, id, RESOLVE);
    bench.settle();
    assert_eq!(bench.operated, [(7, Ok(()))]);
    let last = bench.memory.events().last().unwrap().event.clone();
    assert_eq!(
        last,
        r#"{"NetCancelResolved":{"attempt":0,"how":"undone","by":{"name":"kim","reason":"called the VAN"}}}"#
    );
    let state = bench.payment(id).attempts()[0].debt().unwrap().state();
    assert!(matches!(state, DebtState::Done { how: Closed::ByPerson(Finding::Undone), .. }), "{state:?}");
    assert!(bench.desk.is_quiet() && bench.desk.payments() == 0);
}

#[test]
fn what_changes_nothing_is_told_why_and_saves_nothing() {
    let mut bench = Bench::new();
    let id = stuck(&mut bench);
    let before = bench.memory.events().len();
    let unknown = PaymentId::from_number(2_026_110_501_000_099_999);
    order(&mut bench, 1, unknown, RETRY);
    order(&mut bench, 2, id, ManualStep::RetryNetCancel { attempt: 1 });
    order(&mut bench, 3, id, ManualStep::RetryCancel { cancel: 0 });
    bench.settle();
    assert_eq!(
        bench.operated,
        [
            (1, Err(NotOperated::UnknownPayment)),
            (2, refused(Refusal::NoSuchAttempt)),
            (3, refused(Refusal::NoSuchCancel)),
        ]
    );
    assert_eq!((bench.memory.events().len(), bench.desk.payments()), (before, 0));
}

#[test]
fn the_second_of_two_orders_is_judged_by_what_the_first_made_durable() {
    let mut bench = Bench::new();
    let id = stuck(&mut bench);
    order(&mut bench, 1, id, RESOLVE);
    order(&mut bench, 2, id, RETRY);
    bench.settle();
    assert_eq!(bench.operated, [(1, Ok(())), (2, refused(Refusal::Settled))]);
}

#[test]
fn an_order_whose_save_lost_its_race_is_judged_again_and_told_once() {
    let mut bench = Bench::new();
    let id = stuck(&mut bench);
    order(&mut bench, 1, id, RETRY);
    bench.read();
    bench.peer_touches(id);
    bench.commit();
    assert_eq!((bench.operated.clone(), bench.net_cancels().len()), (vec![], 0));
    bench.settle();
    assert_eq!((bench.operated.clone(), bench.net_cancels().len()), (vec![(1, Ok(()))], 1));
}

#[test]
fn no_more_orders_wait_for_one_payment_than_a_person_would_give() {
    let mut bench = Bench::new();
    let id = stuck(&mut bench);
    for token in 0..17 {
        order(&mut bench, token, id, RETRY);
    }
    assert_eq!(bench.operated, [(16, Err(NotOperated::Busy))]);
    bench.settle();
    let refusals = (1..16).map(|token| (token, refused(Refusal::UnderWay)));
    let expected: Vec<_> = [(16, Err(NotOperated::Busy)), (0, Ok(()))].into_iter().chain(refusals).collect();
    assert_eq!(bench.operated, expected);
}

#[test]
fn a_desk_with_an_order_that_is_not_durable_is_not_quiet() {
    let mut bench = Bench::new();
    let id = stuck(&mut bench);
    order(&mut bench, 1, id, RETRY);
    assert!(!bench.desk.is_quiet());
}

#[test]
fn a_cancel_that_a_person_settles_is_told_to_the_terminal_that_repeats_it() {
    let mut bench = Bench::with(Limits::default(), 1_000);
    bench.partial = payment::PartialCancel::Once;
    let (id, _) = bench.finished();
    bench.cancel(50, 100);
    bench.settle();
    bench.happened(id, cancel_timed_out(0, bench.now_ms));
    bench.settle();
    bench.told();
    order(&mut bench, 1, id, ManualStep::RetryCancel { cancel: 0 });
    order(&mut bench, 2, id, ManualStep::ResolveCancel { cancel: 0, how: CancelFinding::Done });
    bench.settle();
    assert_eq!(bench.operated, [(1, refused(Refusal::NotRepeatable)), (2, Ok(()))]);
    assert!(matches!(bench.payment(id).cancels()[0].state(), CancelState::Done { .. }));
    let repeat = bench.cancel(50, 100);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "0000")]);
}

#[test]
fn a_withdrawal_that_waits_for_a_cancel_goes_on_when_a_person_says_it_is_not_done() {
    let mut bench = Bench::new();
    let (id, _) = bench.finished();
    bench.cancel(50, TOTAL);
    bench.settle();
    bench.happened(id, cancel_timed_out(0, bench.now_ms));
    bench.settle();
    bench.told();
    let withdrawal = bench.net_cancel();
    bench.settle();
    assert_eq!(bench.told(), [], "it waits");
    order(&mut bench, 1, id, ManualStep::ResolveCancel { cancel: 0, how: CancelFinding::NotDone });
    bench.settle();
    assert_eq!(bench.told(), [told(withdrawal, "0000")]);
    assert_eq!(bench.net_cancels().len(), 1);
}

#[test]
fn an_order_of_a_payment_that_is_in_flight_does_not_touch_it() {
    let mut bench = Bench::new();
    let (asker, id, _) = bench.in_flight();
    order(&mut bench, 1, id, RETRY);
    assert_eq!(bench.operated, [(1, refused(Refusal::NotOwed))]);
    bench.happened(id, approved(0));
    bench.settle();
    assert_eq!(bench.told(), [told(asker, "0000")]);
}

#[test]
fn an_overdue_step_of_a_person_is_given_a_new_budget() {
    let mut bench = Bench::new();
    let (_, id, _) = bench.in_flight();
    bench.happened(id, timed_out(0, 0));
    bench.commit();
    bench.happened(id, Event::NetCancelUnanswered { attempt: 0 });
    bench.settle();
    bench.pass(400_000);
    bench.settle();
    assert!(bench.payment(id).needs_person());
    order(&mut bench, 1, id, RETRY);
    bench.settle();
    let owed = bench.payment(id).attempts()[0].debt().unwrap().owed_since();
    assert_eq!(owed, sample::instant(bench.now_ms));
}
