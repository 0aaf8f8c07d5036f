//! How net-cancels and repeated cancels go to an acquirer: few at a time while it is silent, in turn, and none at the cost of another.

mod gates;
mod given_up;
mod limits;
mod saving;

use desk::{Input, Limits, Stray};
use payment::{
    Alarm, CancelVerdict, DebtState, Event, Finding, ManualOrder, ManualStep, NetCancelVerdict, NotSent,
    Operator, PaymentId, StuckWhy,
};

use crate::{
    bench::{
        Bench, TOTAL, approval, approved, cancel_accepted, cancel_answered, cancel_timed_out, declined,
        net_cancel_answered, timed_out,
    },
    sample,
};

/// A desk that lets so many out at a time.
fn bench(net_cancels: usize) -> Bench {
    Bench::with(Limits { net_cancels, ..Limits::default() }, 1_000)
}

/// So many requests that are all in flight at alpha, in the order of their trace numbers from `first` on.
fn in_flight(bench: &mut Bench, first: u32, count: u32) -> Vec<PaymentId> {
    for trace in first..first + count {
        bench.ask_as(trace, 0);
    }
    bench.commit();
    bench.sent().into_iter().map(|(id, _)| id).collect()
}

/// So many payments whose request went unanswered a moment ago.
fn owing(bench: &mut Bench, first: u32, count: u32) -> Vec<PaymentId> {
    let payments = in_flight(bench, first, count);
    for id in &payments {
        let now_ms = bench.now_ms;
        bench.happened(*id, timed_out(0, now_ms));
    }
    bench.commit();
    payments
}

/// Those whose net-cancels left since the last look.
fn left(bench: &mut Bench) -> Vec<PaymentId> {
    std::mem::take(&mut bench.net_cancels).into_iter().map(|(id, _)| id).collect()
}

fn held(bench: &Bench) -> usize {
    bench.desk.held().map(|(_, held)| held).sum()
}

fn accepted(bench: &mut Bench, id: PaymentId) {
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    bench.settle();
}

fn silent(bench: &mut Bench, id: PaymentId) {
    bench.happened(id, Event::NetCancelUnanswered { attempt: 0 });
    bench.settle();
}

fn not_sent(bench: &mut Bench, id: PaymentId, why: NotSent) {
    bench.happened(id, Event::NetCancelNotSent { attempt: 0, why });
    bench.settle();
}

#[test]
fn no_more_are_out_than_the_limit_and_the_rest_leaves_in_turn() {
    let mut bench = bench(3);
    let owing = owing(&mut bench, 1, 6);
    assert_eq!((left(&mut bench), held(&bench)), (owing[..3].to_vec(), 3));
    for next in 3..6 {
        accepted(&mut bench, owing[next - 3]);
        assert_eq!(left(&mut bench), [owing[next]]);
    }
    assert_eq!(held(&bench), 0);
}

#[test]
fn after_silence_one_goes_at_a_time_and_twice_as_many_with_each_answer_that_settles() {
    let mut bench = bench(8);
    let owing = owing(&mut bench, 1, 40);
    let mut out = left(&mut bench);
    assert_eq!(out.len(), 8);
    bench.pass(5_000);
    for id in out {
        silent(&mut bench, id);
    }
    assert_eq!(left(&mut bench), [], "it pauses");
    bench.pass(1_000);
    out = left(&mut bench);
    assert_eq!(out, owing[8..9], "the one that waits longest");
    for expected in [2, 4, 8, 8] {
        let answered = out.remove(0);
        accepted(&mut bench, answered);
        out.extend(left(&mut bench));
        assert_eq!(out.len(), expected);
    }
}

#[test]
fn an_answer_that_settles_nothing_is_life_but_no_reason_for_more() {
    let mut bench = bench(8);
    owing(&mut bench, 1, 9);
    for id in left(&mut bench) {
        silent(&mut bench, id);
    }
    bench.pass(999);
    assert_eq!(left(&mut bench), []);
    bench.pass(1);
    for _ in 0..3 {
        let out = left(&mut bench);
        assert_eq!(out.len(), 1);
        bench.happened(out[0], net_cancel_answered(0, NetCancelVerdict::TryAgain));
        bench.settle();
    }
}

#[test]
fn what_waits_costs_no_saves_while_the_line_is_dead() {
    let mut bench = bench(8);
    owing(&mut bench, 1, 200);
    for id in left(&mut bench) {
        not_sent(&mut bench, id, NotSent::NotConnected);
    }
    let before = bench.memory.events().len();
    let mut tries = 0;
    for _ in 0..50_000 / 500 {
        bench.pass(500);
        bench.settle();
        for id in left(&mut bench) {
            tries += 1;
            not_sent(&mut bench, id, NotSent::NotConnected);
        }
    }
    // Pauses of 1, 2, 4, 8, 16 and 30 seconds.
    assert_eq!(tries, 5);
    let saves = bench.memory.events().len() - before;
    assert!(saves <= 2 * tries, "{saves} saves for {tries} tries and 192 that wait");
    assert_eq!(held(&bench), 199 + 1, "all of them wait");
}

#[test]
fn what_waited_is_given_up_as_long_after_its_release_as_any_other() {
    let mut bench = bench(1);
    let owing = owing(&mut bench, 1, 2);
    let first = bench.net_cancels();
    assert_eq!(first[0].deadline, sample::instant(bench.now_ms + 5_000));
    bench.pass(7_000);
    accepted(&mut bench, owing[0]);
    assert_eq!(bench.net_cancels()[0].deadline, sample::instant(bench.now_ms + 5_000));
}

#[test]
fn what_fails_comes_again_at_the_back_and_holds_back_no_other() {
    let mut bench = bench(1);
    let owing = owing(&mut bench, 1, 4);
    assert_eq!(left(&mut bench), owing[..1]);
    // Nothing that the acquirer could help: no pause.
    not_sent(&mut bench, owing[0], NotSent::CannotExpress);
    for id in &owing[1..] {
        assert_eq!(left(&mut bench), [*id]);
        bench.pass(1_000);
        bench.settle();
        accepted(&mut bench, *id);
    }
    assert_eq!(left(&mut bench), owing[..1], "the one that failed, last");
}

#[test]
fn one_that_is_never_answered_takes_no_room_from_those_that_are() {
    let mut bench = bench(4);
    let poisoned = owing(&mut bench, 1, 1)[0];
    for round in 0..8 {
        bench.settle();
        let out = left(&mut bench);
        if out.contains(&poisoned) {
            let others = owing(&mut bench, 10 + 3 * round, 3);
            let released = left(&mut bench);
            assert_eq!(released, others[..released.len()]);
            assert!(!released.is_empty(), "they do not wait for the one that is silent");
            for id in others {
                accepted(&mut bench, id);
            }
            left(&mut bench);
            bench.pass(5_000);
            silent(&mut bench, poisoned);
        }
        bench.pass(20_000);
    }
}

#[test]
fn a_debt_that_is_silent_again_and_again_alone_makes_no_pause_for_others() {
    let mut bench = bench(4);
    let poisoned = owing(&mut bench, 1, 1)[0];
    for _ in 0..3 {
        assert_eq!(left(&mut bench), [poisoned]);
        bench.pass(5_000);
        silent(&mut bench, poisoned);
        bench.pass(20_000);
        bench.settle();
    }
    left(&mut bench);
    let fresh = owing(&mut bench, 2, 1);
    assert_eq!(left(&mut bench), fresh);
    // And while it is out again, too.
    accepted(&mut bench, fresh[0]);
    let fresh = owing(&mut bench, 3, 1);
    assert_eq!(left(&mut bench), fresh);
}

#[test]
fn what_waits_is_overdue_and_given_up_on_time() {
    let mut bench = bench(1);
    let owing = owing(&mut bench, 1, 3);
    bench.alarms.clear();
    // The first one is out and its link never tells what became of it; the second waits since its first try failed, the third since its start.
    bench.pass(59_999);
    bench.settle();
    assert_eq!(bench.alarms, []);
    bench.pass(1);
    bench.settle();
    assert_eq!(bench.alarms, [Alarm::NetCancelOverdue { attempt: 0 }; 3]);
    bench.alarms.clear();
    bench.pass(339_999);
    bench.settle();
    assert_eq!((bench.alarms.len(), left(&mut bench)), (0, vec![owing[0]]));
    bench.pass(1);
    bench.settle();
    // What was durable as a try is taken back first.
    bench.pass(0);
    bench.settle();
    let stuck = Alarm::NetCancelStuck { attempt: 0, why: StuckWhy::GivenUp };
    assert_eq!(bench.alarms, [stuck; 2], "the one that is out is not given up");
    assert_eq!(held(&bench), 0);
}

#[test]
fn after_a_restart_all_that_is_owed_leaves_at_the_pace_of_an_acquirer_that_is_not_known() {
    let mut bench = bench(4);
    let owing = owing(&mut bench, 1, 9);
    left(&mut bench);
    bench.restart();
    bench.settle();
    let mut out = left(&mut bench);
    assert_eq!((out.len(), held(&bench)), (1, 8));
    let mut done = 0;
    while let Some(id) = out.pop() {
        accepted(&mut bench, id);
        out.extend(left(&mut bench));
        assert!(out.len() <= 4);
        done += 1;
    }
    assert_eq!((done, bench.desk.payments()), (owing.len(), 0));
}

#[test]
fn after_a_switch_was_off_for_longer_than_debts_last_each_is_tried_once_more_at_the_pace() {
    let mut bench = bench(4);
    let owing = owing(&mut bench, 1, 5);
    left(&mut bench);
    for id in &owing {
        silent(&mut bench, *id);
    }
    bench.now_ms += 30 * 3_600_000;
    bench.restart();
    bench.settle();
    let mut tried = Vec::new();
    while let [id] = left(&mut bench)[..] {
        tried.push(id);
        bench.happened(id, net_cancel_answered(0, NetCancelVerdict::TryAgain));
        bench.settle();
        bench.pass(60_000);
        bench.settle();
    }
    assert_eq!(tried, owing);
    let stuck = Alarm::NetCancelStuck { attempt: 0, why: StuckWhy::GivenUp };
    assert_eq!(bench.alarms.iter().filter(|alarm| **alarm == stuck).count(), owing.len());
}

#[test]
fn what_is_learnt_while_it_waits_goes_along_or_ends_the_waiting() {
    let mut bench = bench(1);
    let owing = owing(&mut bench, 1, 3);
    left(&mut bench);
    bench.happened(owing[1], Event::Late { attempt: 0, answer: approval() });
    let Event::Answered { answer: decline, .. } = declined(0) else { panic!("a decline is an answer") };
    bench.happened(owing[2], Event::Late { attempt: 0, answer: decline });
    bench.settle();
    assert_eq!(held(&bench), 1, "what was declined is not to be undone");
    accepted(&mut bench, owing[0]);
    assert_eq!(bench.net_cancels()[0].approval_no.as_deref(), Some("30010001"));
}

#[test]
fn what_a_person_settles_while_it_waits_is_not_sent() {
    let mut bench = bench(1);
    let owing = owing(&mut bench, 1, 3);
    left(&mut bench);
    let by = Operator::new("kim", "called the VAN").unwrap();
    let what = ManualStep::ResolveNetCancel { attempt: 0, how: Finding::Undone };
    bench.give(Input::Operate { token: 1, payment: owing[1], order: ManualOrder { by, what } });
    bench.settle();
    assert_eq!((held(&bench), &bench.operated[..]), (1, &[(1, Ok(()))][..]));
    accepted(&mut bench, owing[0]);
    assert_eq!(left(&mut bench), owing[2..]);
}

#[test]
fn one_acquirer_waits_for_no_other() {
    let mut bench = bench(1);
    let at_alpha = owing(&mut bench, 1, 2);
    assert_eq!(left(&mut bench), at_alpha[..1]);
    bench.ways = vec!["bravo"];
    let at_bravo = owing(&mut bench, 10, 2);
    assert_eq!(left(&mut bench), at_bravo[..1]);
    let held: Vec<_> =
        bench.desk.held().map(|(acquirer, held)| (acquirer.as_str().to_owned(), held)).collect();
    assert_eq!(held, [("alpha".to_owned(), 1), ("bravo".to_owned(), 1)]);
}

#[test]
fn a_first_cancel_does_not_wait_and_a_repeated_one_does() {
    let mut bench = bench(1);
    let cancelled = in_flight(&mut bench, 1, 1)[0];
    bench.happened(cancelled, approved(0));
    bench.commit();
    bench.delivered(cancelled, true);
    let owing = owing(&mut bench, 2, 1);
    assert_eq!(left(&mut bench), owing);
    bench.cancel(50, TOTAL);
    bench.settle();
    assert_eq!(bench.cancels().len(), 1, "its terminal waits");
    bench.happened(cancelled, cancel_timed_out(0, bench.now_ms));
    bench.settle();
    bench.pass(10_000);
    bench.settle();
    assert_eq!((bench.cancels().len(), held(&bench)), (0, 1));
    accepted(&mut bench, owing[0]);
    bench.settle();
    let order = bench.cancel_sent();
    assert_eq!(order.deadline, sample::instant(bench.now_ms + 5_000));
    bench.happened(cancelled, cancel_answered(0, cancel_accepted()));
    bench.settle();
    assert!(bench.payment(cancelled).is_wholly_cancelled());
}

#[test]
fn an_answer_by_serial_alone_frees_the_room_of_its_try() {
    let mut bench = bench(1);
    let owing = owing(&mut bench, 1, 2);
    left(&mut bench);
    let serial = bench.payment(owing[0]).attempts()[0].route().serial;
    let verdict = NetCancelVerdict::Accepted;
    bench.stray(
        "alpha",
        serial,
        Stray::Undone {
            net_cancel: crate::bench::undone(verdict),
            cancel: crate::bench::cancel_answer(CancelVerdict::InDoubt),
        },
    );
    bench.settle();
    assert_eq!(left(&mut bench), owing[1..]);
    // What its link tells of it after that is nobody's.
    silent(&mut bench, owing[0]);
    accepted(&mut bench, owing[1]);
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn a_try_whose_save_lost_its_race_keeps_no_room() {
    let mut bench = bench(1);
    let owing = owing(&mut bench, 1, 2);
    left(&mut bench);
    bench.happened(owing[0], net_cancel_answered(0, NetCancelVerdict::TryAgain));
    bench.commit();
    assert_eq!(left(&mut bench), owing[1..]);
    bench.happened(owing[1], net_cancel_answered(0, NetCancelVerdict::TryAgain));
    bench.commit();
    // Both come due and one has room; somebody else saved it meanwhile.
    bench.peer_touches(owing[0]);
    bench.pass(1_000);
    bench.settle();
    let out = left(&mut bench);
    assert_eq!(out.len(), 1);
    let state = bench.payment(out[0]).attempts()[0].debt().unwrap().state();
    assert!(matches!(state, DebtState::Trying { .. }));
    accepted(&mut bench, out[0]);
    let next = left(&mut bench);
    assert_eq!(next.len(), 1);
    accepted(&mut bench, next[0]);
    assert_eq!(bench.desk.payments(), 0);
}
