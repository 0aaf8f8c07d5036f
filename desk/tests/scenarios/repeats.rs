//! A terminal asks again.

use std::sync::Arc;

use desk::{Ask, Asker, Input};
use jiff::SignedDuration;
use payment::{NetCancelVerdict, Request};
use store::{Lookup, Saved};

use crate::{
    bench::{Bench, Told, approved, net_cancel_answered, timed_out, told},
    sample,
};

#[test]
fn a_hundred_copies_of_one_telegram_make_one_request_and_a_hundred_equal_answers() {
    let mut bench = Bench::new();
    let mut askers: Vec<u64> = (0..40).map(|_| bench.ask(0)).collect();
    bench.commit();
    askers.extend((0..30).map(|_| bench.ask(0)));
    let (id, _) = bench.sent_one();
    bench.happened(id, approved(0));
    askers.extend((0..30).map(|_| bench.ask(0)));
    assert_eq!(bench.told(), [], "nothing is approved yet");
    bench.commit();
    let replies = bench.replies();
    let told: Vec<u64> = replies.iter().map(|(asker, ..)| asker.0).collect();
    assert_eq!(told, askers);
    assert!(replies.iter().all(|(_, _, answer, report)| *answer == replies[0].2 && *report == Some(id)));
    assert_eq!(bench.sent(), [], "nothing is sent twice");
    (0..100).for_each(|_| bench.delivered(id, true));
    assert_eq!((bench.desk.payments(), bench.saves.len()), (0, 0));
}

#[test]
fn other_content_under_a_used_key_is_refused_at_every_stage() {
    let check = |stage: &str, prepare: fn(&mut Bench)| {
        let mut bench = Bench::new();
        prepare(&mut bench);
        bench.told();
        let other = bench.ask(9);
        bench.settle();
        let refusals: Vec<Told> = bench.told().into_iter().filter(|(asker, _)| *asker == other).collect();
        assert_eq!(refusals, [told(other, "9011")], "{stage}");
        assert_eq!(bench.notes.len(), 1, "{stage}: a refused telegram leaves a note");
    };
    check("while the first save is on its way", |bench| {
        bench.ask(0);
    });
    check("in flight", |bench| {
        bench.in_flight();
    });
    check("while its net-cancel is awaited", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, timed_out(0, 1_000));
        bench.commit();
    });
    check("released", |bench| {
        bench.released();
    });
    check("finished and gone from the desk", |bench| {
        bench.finished();
    });
    check("finished before a restart", |bench| {
        bench.finished();
        bench.restart();
    });
}

#[test]
fn whether_content_is_another_is_not_said_before_the_key_is_won() {
    let mut bench = Bench::new();
    let (id, _) = bench.finished();
    // The terminal's counter was reset: its new telegram 9 uses the key of telegram 0.
    let newcomer = bench.ask(9);
    let repeat = bench.ask(0);
    assert_eq!(bench.told(), []);
    bench.settle();
    assert_eq!(bench.told(), [told(newcomer, "9011"), told(repeat, "0000")]);
    bench.delivered(id, true);
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn a_repeat_of_a_payment_gone_from_the_desk_is_looked_up_and_gets_the_recorded_answer() {
    let mut bench = Bench::new();
    let (id, _) = bench.finished();
    let repeat = bench.ask(0);
    let results = bench.commit_unheard();
    assert!(matches!(results[..], [Saved::Claimed { holder, .. }] if holder == id));
    bench.hear(results);
    assert_eq!((bench.told(), &bench.lookups[..]), (vec![], &[Lookup::Id(id)][..]));
    bench.read();
    let replies = bench.replies();
    assert_eq!(replies.len(), 1);
    assert_eq!((replies[0].0.0, replies[0].3), (repeat, Some(id)));
    assert_eq!(Some(&replies[0].2), bench.payment(id).answer().as_ref());
    assert_eq!(bench.sent(), []);
    bench.delivered(id, true);
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn a_key_outlives_a_clock_that_was_days_behind() {
    const DAYS_MS: u64 = 5 * 24 * 3600 * 1000;
    let mut bench = Bench::new();
    // Terminals know the time.
    let request = Request {
        sent_at: sample::request(1, 1, 0, 0).sent_at + SignedDuration::from_hours(5 * 24),
        ..Request::clone(&sample::request(1, 1, 0, bench.now_ms))
    };
    let ask = |bench: &mut Bench, asker| {
        bench.give(Input::Ask(Ask {
            asker: Asker(asker),
            request: Arc::new(request.clone()),
            card: None,
            ways: vec![sample::way("alpha", 5_000, 15_000)],
            duplicate: None,
            terms: sample::terms(bench.failover),
        }));
        bench.settle();
    };
    ask(&mut bench, 1);
    let (id, _) = bench.sent_one();
    bench.happened(id, approved(0));
    bench.settle();
    bench.now_ms += DAYS_MS;
    bench.restart();
    bench.told();
    ask(&mut bench, 2);
    assert_eq!(bench.sent(), []);
    assert_eq!(bench.told(), [told(2, "0000")]);
}

#[test]
fn a_repeat_after_a_net_cancel_gets_9013_for_ever() {
    let mut bench = Bench::new();
    let (first, id, _) = bench.in_flight();
    bench.happened(id, timed_out(0, 1_000));
    bench.commit();
    assert_eq!(bench.told(), [told(first, "9022")], "there is no other acquirer");
    let owed = bench.ask(0);
    assert_eq!(bench.told(), [told(owed, "9013")], "owed");
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    bench.commit();
    assert_eq!(bench.desk.payments(), 0);
    let done = bench.ask(0);
    bench.settle();
    assert_eq!(bench.told(), [told(done, "9013")], "done");
}

#[test]
fn a_repeat_waits_no_longer_than_its_terminal_and_the_first_waits_for_the_outcome() {
    let mut bench = Bench::new();
    let (first, id, _) = bench.in_flight();
    bench.pass(2_000);
    let repeat = bench.ask(0);
    bench.pass(27_999);
    assert_eq!(bench.told(), []);
    bench.pass(1);
    assert_eq!(bench.told(), [told(repeat, "9010")]);
    bench.happened(id, approved(0));
    bench.commit();
    assert_eq!(bench.told(), [told(first, "0000")]);
}

#[test]
fn other_content_that_waits_for_the_key_never_gets_the_answer_of_its_winner() {
    let mut bench = Bench::new();
    bench.ways = Vec::new();
    let first = bench.ask(0);
    let other = bench.ask(9);
    bench.commit();
    assert_eq!(bench.told(), [told(first, "9020"), told(other, "9011")]);
}

#[test]
fn who_asks_a_payment_that_is_looked_up_waits_no_longer_than_its_terminal() {
    let mut bench = Bench::new();
    bench.finished();
    let repeat = bench.ask(0);
    bench.commit();
    assert_eq!(bench.lookups.len(), 1);
    bench.pass(27_999);
    assert_eq!(bench.told(), []);
    assert_eq!(bench.desk.next_due(), Some(sample::instant(bench.now_ms + 1)));
    bench.pass(1);
    assert_eq!(bench.told(), [told(repeat, "9010")]);
    bench.read();
    assert_eq!((bench.told(), bench.desk.payments()), (vec![], 0));
}
