//! Telegrams that name an original: where it is found, and what is told where there is none.

use desk::Limits;
use payment::{CancelVerdict, NetCancelVerdict, TerminalAnswer};
use store::Lookup;

use crate::{
    bench::{
        Bench, TOTAL, Told, approved, cancel_accepted, cancel_answered, declined, net_cancel_answered, told,
    },
    sample,
};

#[test]
fn an_original_at_the_desk_is_asked_there() {
    let mut bench = Bench::new();
    bench.in_flight();
    let inquiry = bench.inquire();
    assert_eq!((bench.told(), bench.lookups.len()), (vec![told(inquiry, "0000")], 0));
    assert_eq!(bench.saves.len(), 0, "to ask changes nothing");
}

#[test]
fn an_original_gone_from_the_desk_is_found_by_its_key_and_leaves_again() {
    let mut bench = Bench::new();
    bench.finished();
    let inquiry = bench.inquire();
    assert_eq!((bench.told(), &bench.lookups[..]), (vec![], &[Lookup::Key(sample::key(1, 1))][..]));
    assert!(!bench.desk.is_quiet(), "somebody waits");
    bench.read();
    let replies = bench.replies();
    assert_eq!(replies[0].0.0, inquiry);
    let TerminalAnswer::Standing(standing) = &replies[0].2 else { panic!("{:?}", replies[0].2) };
    assert_eq!(standing.state.code(), "02");
    bench.delivered(replies[0].3.expect("who is told of an approval has it"), true);
    assert_eq!(bench.desk.payments(), 0);
    assert!(bench.desk.is_quiet());
}

#[test]
fn telegrams_of_one_original_share_a_lookup() {
    let mut bench = Bench::new();
    let (id, _) = bench.finished();
    let askers = [bench.inquire(), bench.cancel(50, TOTAL), bench.net_cancel(), bench.acknowledge()];
    assert_eq!(bench.lookups, [Lookup::Key(sample::key(1, 1))]);
    bench.settle();
    bench.cancel_sent();
    bench.happened(id, cancel_answered(0, cancel_accepted()));
    bench.settle();
    let mut told = bench.told();
    told.sort();
    let expected: Vec<Told> = askers
        .iter()
        .zip(["0000", "0000", "9031", "0000"])
        .map(|(asker, code)| (*asker, code.to_owned()))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn of_an_unknown_original_a_cancel_and_an_acknowledgement_are_refused_and_an_inquiry_is_told_so() {
    let mut bench = Bench::new();
    let (cancel, acknowledgement) = (bench.cancel(50, TOTAL), bench.acknowledge());
    bench.settle();
    assert_eq!(bench.told(), [told(cancel, "9030"), told(acknowledgement, "9030")]);
    assert_eq!(bench.notes.len(), 2, "a refused telegram leaves a note");
    assert_eq!(bench.state(), "00");
    assert_eq!((bench.notes.len(), bench.desk.payments()), (2, 0));
}

#[test]
fn an_original_that_comes_while_it_is_looked_up_is_the_one_that_is_meant() {
    let mut bench = Bench::new();
    let net_cancel = bench.net_cancel();
    let inquiry = bench.inquire();
    let first = bench.ask(0);
    bench.read();
    assert_eq!(bench.told(), [], "nothing of it is durable yet");
    bench.settle();
    assert_eq!(bench.sent(), [], "it is withdrawn before it was sent");
    let mut told_all = bench.told();
    told_all.sort();
    assert_eq!(told_all, [told(net_cancel, "0000"), told(inquiry, "0000"), told(first, "9013")]);
}

#[test]
fn what_was_read_of_an_original_before_it_went_on_here_is_read_again() {
    let mut bench = Bench::new();
    let inquiry = bench.inquire();
    let lookup = bench.lookups.remove(0);
    let first = bench.ask(0);
    bench.commit();
    let (id, _) = bench.sent_one();
    let while_in_flight = store::look_up(&mut bench.memory, lookup).unwrap();
    bench.happened(id, declined(0));
    bench.commit();
    assert_eq!((bench.told(), bench.desk.payments()), (vec![told(first, "8035")], 0));
    bench.give(desk::Input::Found(lookup, while_in_flight));
    assert_eq!((bench.told(), &bench.lookups[..]), (vec![], &[lookup][..]));
    bench.read();
    let replies = bench.replies();
    let TerminalAnswer::Standing(standing) = &replies[0].2 else { panic!("{:?}", replies[0].2) };
    assert_eq!((replies[0].0.0, standing.state.code()), (inquiry, "03"));
    assert_eq!(bench.desk.payments(), 0, "it does not come back as it was");
    let repeat = bench.ask(0);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "8035")]);
}

#[test]
fn more_telegrams_than_may_be_looked_up_get_9040() {
    let mut bench = Bench::with(Limits { lookups: 2, ..Limits::default() }, 1_000);
    bench.finished();
    let (first, second, third) = (bench.inquire(), bench.inquire(), bench.net_cancel());
    assert_eq!(bench.told(), [told(third, "9040")]);
    bench.read();
    assert_eq!(bench.told(), [told(first, "0000"), told(second, "0000")]);
    let again = bench.inquire();
    bench.read();
    assert_eq!(bench.told(), [told(again, "0000")], "there is room again");
}

#[test]
fn more_telegrams_than_may_wait_for_one_original_get_9010() {
    let mut bench = Bench::with(Limits { waiting_per_payment: 2, ..Limits::default() }, 1_000);
    let first = bench.ask(0);
    let (inquiry, net_cancel) = (bench.inquire(), bench.net_cancel());
    assert_eq!(bench.told(), [told(net_cancel, "9010")]);
    bench.commit();
    assert_eq!(bench.told(), [told(inquiry, "0000")]);
    let (id, _) = bench.sent_one();
    bench.happened(id, approved(0));
    bench.commit();
    assert_eq!(bench.told(), [told(first, "0000")]);
}

#[test]
fn an_inquiry_is_told_each_state() {
    let check = |state: &str, prepare: fn(&mut Bench)| {
        let mut bench = Bench::new();
        prepare(&mut bench);
        assert_eq!(bench.state(), state);
    };
    check("00", |_| {});
    check("01", |bench| {
        bench.in_flight();
    });
    check("02", |bench| {
        bench.finished();
    });
    check("03", |bench| {
        let (_, id, _) = bench.in_flight();
        bench.happened(id, declined(0));
    });
    check("04", |bench| {
        let (id, _) = bench.finished();
        bench.cancel(50, 100);
        bench.settle();
        bench.happened(id, cancel_answered(0, cancel_accepted()));
    });
    check("01", |bench| {
        bench.finished();
        bench.cancel(50, 100);
        bench.settle();
    });
    check("05", |bench| {
        let (id, _) = bench.finished();
        bench.cancel(50, TOTAL);
        bench.settle();
        bench.happened(id, cancel_answered(0, cancel_accepted()));
    });
    check("02", |bench| {
        let (id, _) = bench.finished();
        bench.cancel(50, TOTAL);
        bench.settle();
        bench.happened(id, cancel_answered(0, CancelVerdict::Declined(crate::bench::decline())));
    });
    check("06", |bench| {
        bench.finished();
        bench.net_cancel();
        bench.settle();
    });
    check("07", |bench| {
        let (id, _) = bench.finished();
        bench.net_cancel();
        bench.settle();
        bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    });
    check("07", |bench| {
        bench.net_cancel();
        bench.settle();
    });
    check("08", |bench| {
        let (id, _) = bench.finished();
        bench.net_cancel();
        bench.settle();
        bench.happened(id, net_cancel_answered(0, NetCancelVerdict::AlreadyAcquired));
    });
}
