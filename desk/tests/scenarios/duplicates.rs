//! The duplicate window (중복거래): the same purchase again, soon after.

use payment::{Event, NetCancelVerdict, NotSent};
use store::{Lookup, Saved};

use crate::{
    bench::{
        Bench, TOTAL, approved, cancel_accepted, cancel_answered, declined, net_cancel_answered, timed_out,
        told,
    },
    sample,
};

const WINDOW_MS: u64 = 2_000;

/// A bench on which all requests look like the same purchase.
fn watching() -> Bench {
    let mut bench = Bench::new();
    bench.duplicate = Some(sample::duplicate(1, WINDOW_MS));
    bench
}

/// What the same purchase is told under trace number 2 now, if it is not sent.
fn ask_again(bench: &mut Bench) -> Option<String> {
    bench.told();
    bench.sent();
    let asker = bench.ask_as(2, 0);
    bench.settle();
    if !bench.sent().is_empty() {
        return None;
    }
    let mut told = bench.told();
    assert_eq!((told.len(), told[0].0), (1, asker));
    Some(told.remove(0).1)
}

#[test]
fn the_same_purchase_is_refused_while_the_first_is_in_flight_or_stands() {
    let check = |what: &str, prepare: fn(&mut Bench)| {
        let mut bench = watching();
        prepare(&mut bench);
        let before = bench.memory.events().len();
        assert_eq!(ask_again(&mut bench).as_deref(), Some("9012"), "{what}");
        assert_eq!(bench.notes.len(), 1, "{what}: a refused telegram leaves a note");
        let states = bench.memory.events().iter().skip(before).filter(|event| event.payment.is_some());
        assert_eq!(states.count(), 0, "{what}: it is no payment");
        bench.pass(WINDOW_MS);
        bench.settle();
        bench.told();
        assert_eq!(ask_again(&mut bench), None, "{what}: 9012 claimed no key");
    };
    check("in flight", |bench| {
        bench.in_flight();
    });
    check("while a net-cancel is awaited", |bench| {
        bench.ways = vec!["alpha", "bravo"];
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
    check("partly cancelled", |bench| {
        let (id, _) = bench.finished();
        bench.cancel(50, 100);
        bench.settle();
        bench.happened(id, cancel_answered(0, cancel_accepted()));
        bench.settle();
    });
    check("being cancelled", |bench| {
        bench.finished();
        bench.cancel(50, TOTAL);
        bench.settle();
    });
}

#[test]
fn the_same_purchase_may_be_made_again_once_the_first_does_not_stand() {
    let check = |what: &str, prepare: fn(&mut Bench)| {
        let mut bench = watching();
        prepare(&mut bench);
        assert_eq!(ask_again(&mut bench), None, "{what}");
        assert_eq!(
            ask_third(&mut bench).as_deref(),
            Some("9012"),
            "{what}: the window is the second one's now"
        );
    };
    check("declined", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, declined(0));
        bench.commit();
    });
    check("without a reachable acquirer", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, Event::NotSent { attempt: 0, why: NotSent::NotConnected });
        bench.commit();
    });
    check("net-cancel owed", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, timed_out(0, 1_000));
        bench.commit();
    });
    check("net-cancelled", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, timed_out(0, 1_000));
        bench.commit();
        bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
        bench.commit();
    });
    check("withdrawn", |bench| {
        bench.finished();
        bench.net_cancel();
        bench.settle();
    });
    check("cancelled", |bench| {
        let (id, _) = bench.finished();
        bench.cancel(50, TOTAL);
        bench.settle();
        bench.happened(id, cancel_answered(0, cancel_accepted()));
        bench.settle();
    });
}

fn ask_third(bench: &mut Bench) -> Option<String> {
    bench.told();
    bench.ask_as(3, 0);
    bench.settle();
    bench.told().pop().map(|(_, code)| code)
}

#[test]
fn a_repeat_is_never_taken_for_a_duplicate() {
    let mut bench = watching();
    let (first, id, _) = bench.in_flight();
    let waits = bench.ask(0);
    bench.happened(id, approved(0));
    bench.commit();
    assert_eq!(bench.told(), [told(first, "0000"), told(waits, "0000")]);
    (0..2).for_each(|_| bench.delivered(id, true));
    let later = bench.ask(0);
    bench.settle();
    assert_eq!(bench.told(), [told(later, "0000")]);
}

#[test]
fn other_content_under_a_used_key_is_refused_as_that_and_not_as_a_duplicate() {
    let mut bench = watching();
    bench.finished();
    let other = bench.ask(9);
    bench.settle();
    assert_eq!(bench.told(), [told(other, "9011")]);
}

#[test]
fn another_purchase_is_no_duplicate_and_an_unknown_card_is_not_watched() {
    for duplicate in [Some(sample::duplicate(2, WINDOW_MS)), None] {
        let mut bench = watching();
        bench.in_flight();
        bench.duplicate = duplicate;
        assert_eq!(ask_again(&mut bench), None);
    }
}

#[test]
fn whether_a_holder_that_left_the_desk_stands_is_looked_up() {
    let mut bench = watching();
    let (id, _) = bench.finished();
    let rival = bench.ask_as(2, 0);
    let repeat_of_rival = bench.ask_as(2, 0);
    bench.commit();
    assert_eq!((bench.told(), &bench.lookups[..]), (vec![], &[Lookup::Id(id)][..]));
    bench.read();
    assert_eq!(bench.told(), [told(rival, "9012"), told(repeat_of_rival, "9012")]);
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn whether_a_holder_that_is_being_saved_stands_is_known_once_that_is_durable() {
    let check = |event: Event, refused: bool| {
        let mut bench = watching();
        let (_, id, _) = bench.in_flight();
        let rival = bench.ask_as(2, 0);
        bench.happened(id, event);
        let mut results = bench.commit_unheard();
        assert!(matches!(results[..], [Saved::Claimed { .. }, Saved::Done(..)]), "{results:?}");
        let holders = results.split_off(1);
        bench.hear(results);
        assert_eq!((bench.told(), bench.saves.len()), (vec![], 0), "nobody knows yet");
        bench.hear(holders);
        bench.settle();
        assert_eq!(bench.sent().len(), usize::from(!refused));
        assert_eq!(bench.told().contains(&told(rival, "9012")), refused);
    };
    check(approved(0), true);
    check(declined(0), false);
}

#[test]
fn of_three_rivals_for_a_window_that_is_free_again_one_wins() {
    let mut bench = watching();
    let (_, id, _) = bench.in_flight();
    let rivals = [bench.ask_as(2, 0), bench.ask_as(3, 0), bench.ask_as(4, 0)];
    bench.happened(id, declined(0));
    bench.settle();
    assert_eq!(bench.sent().len(), 1);
    let told_all = bench.told();
    assert_eq!(told_all[1..], [told(rivals[1], "9012"), told(rivals[2], "9012")]);
}

#[test]
fn what_is_asked_of_a_refused_duplicate_is_answered_as_of_an_original_that_never_came() {
    let mut bench = watching();
    bench.finished();
    let rival = bench.ask_as(2, 0);
    let withdrawal = bench.refer(sample::net_cancel(1, 2, sample::total(2, 0), bench.now_ms));
    let inquiry = bench.refer(sample::inquiry(1, 2, bench.now_ms));
    let cancel = bench.refer(sample::cancel(1, 50, 2, 100, bench.now_ms));
    bench.settle();
    let mut told_all = bench.told();
    told_all.sort();
    let expected =
        [told(rival, "9012"), told(withdrawal, "0000"), told(inquiry, "0000"), told(cancel, "9013")];
    assert_eq!(told_all, expected);
    bench.pass(WINDOW_MS);
    assert_eq!(ask_again(&mut bench).as_deref(), Some("9013"), "it was withdrawn");
}
