//! Answers of acquirers that nobody waits for.

use desk::Stray;
use payment::{CancelVerdict, Closed, DebtState, NetCancelVerdict, Serial};
use store::{Lookup, Note};

use crate::bench::{
    Bench, TOTAL, approval, approved, cancel_accepted, cancel_answer, cancel_timed_out, net_cancel_answered,
    told, undone,
};

/// An answer to a net-cancel or a cancel that reads so as either.
fn undone_stray(net_cancel: NetCancelVerdict, cancel: CancelVerdict) -> Stray {
    Stray::Undone { net_cancel: undone(net_cancel), cancel: cancel_answer(cancel) }
}

#[test]
fn a_late_approval_after_a_restart_finds_its_payment_by_its_serial() {
    let mut bench = Bench::new();
    let (_, id, serial) = bench.in_flight();
    bench.restart();
    bench.settle();
    assert_eq!(bench.net_cancels().len(), 1);
    bench.stray("alpha", serial, Stray::Request(approval()));
    assert_eq!(bench.lookups, [Lookup::Serial(serial)]);
    bench.settle();
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::TryAgain));
    bench.settle();
    bench.pass(1_000);
    bench.settle();
    let orders = bench.net_cancels();
    assert_eq!(orders[0].approval_no.as_deref(), Some("30010001"), "the next try names the approval");
}

#[test]
fn a_late_approval_reopens_a_net_cancel_that_found_no_original() {
    let mut bench = Bench::new();
    let (_, id, serial) = bench.in_flight();
    bench.restart();
    bench.settle();
    bench.pass(15_000);
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::NoSuchOriginal));
    bench.settle();
    bench.pass(5_000);
    bench.settle();
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::NoSuchOriginal));
    bench.settle();
    let closed = bench.payment(id).attempts()[0].debt().unwrap().state();
    assert!(matches!(closed, DebtState::Done { how: Closed::NoSuchOriginal, .. }), "{closed:?}");
    assert_eq!(bench.desk.payments(), 0);
    bench.net_cancels();
    bench.stray("alpha", serial, Stray::Request(approval()));
    bench.settle();
    assert_eq!(bench.net_cancels().len(), 1);
    let owed = bench.payment(id).attempts()[0].debt().unwrap().state();
    assert!(matches!(owed, DebtState::Trying { .. }), "{owed:?}");
}

#[test]
fn a_stray_answer_of_a_payment_in_flight_is_kept_and_tells_nobody_anything() {
    let mut bench = Bench::new();
    let (asker, id, serial) = bench.in_flight();
    let before = bench.memory.events().len();
    bench.stray("alpha", serial, Stray::Request(approval()));
    bench.settle();
    assert_eq!(bench.told(), [], "its outcome is still to come");
    assert_eq!(bench.memory.events().len(), before + 1);
    bench.happened(id, approved(0));
    bench.settle();
    assert_eq!(bench.told(), [told(asker, "0000")]);
}

#[test]
fn a_stray_answer_to_a_net_cancel_goes_by_the_serial_after_the_requests() {
    let mut bench = Bench::new();
    let (_, id, serial) = bench.in_flight();
    bench.restart();
    bench.settle();
    bench.stray(
        "alpha",
        serial.of_net_cancel(),
        undone_stray(NetCancelVerdict::Accepted, CancelVerdict::InDoubt),
    );
    bench.settle();
    let debt = bench.payment(id).attempts()[0].debt().unwrap().state();
    assert!(matches!(debt, DebtState::Done { how: Closed::Accepted, .. }), "{debt:?}");
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn strays_under_one_serial_share_a_lookup_and_none_is_lost() {
    let mut bench = Bench::new();
    let (id, serial) = bench.finished();
    (0..3).for_each(|_| bench.stray("alpha", serial, Stray::Request(approval())));
    assert_eq!(bench.lookups, [Lookup::Serial(serial)]);
    let before = bench.memory.events().len();
    bench.settle();
    assert_eq!(bench.memory.events().len(), before + 3);
    assert_eq!(bench.payment(id).attempts()[0].debt(), None, "the same approval once more");
    assert_eq!(bench.desk.payments(), 0);
}

#[test]
fn an_answer_of_no_payment_leaves_a_note() {
    let check = |what: &str, acquirer: &str, serial: fn(Serial) -> u64| {
        let mut bench = Bench::new();
        bench.ways = vec!["alpha", "bravo"];
        let (_, _, sent) = bench.in_flight();
        let serial = Serial::from_number(serial(sent)).unwrap();
        bench.stray(acquirer, serial, Stray::Request(approval()));
        bench.settle();
        let at = crate::sample::instant(bench.now_ms);
        let note = Note::UnknownAnswer { at, acquirer: acquirer.to_owned(), serial: Some(serial) };
        assert_eq!(bench.notes, [note], "{what}");
        assert_eq!(bench.told(), [], "{what}");
    };
    check("a serial never given", "alpha", |sent| sent.get() + 500);
    check("a serial of another acquirer", "bravo", Serial::get);
    check("a serial reserved for an attempt never made", "bravo", |sent| sent.get() + 2);
}

#[test]
fn a_stray_answer_to_a_request_is_not_taken_by_the_serial_of_its_net_cancel() {
    let mut bench = Bench::new();
    let (id, serial) = bench.finished();
    let before = bench.memory.events().len();
    bench.stray("alpha", serial.of_net_cancel(), Stray::Request(approval()));
    bench.settle();
    let unknown = |note: &Note| matches!(note, Note::UnknownAnswer { .. });
    assert_eq!(bench.notes.iter().filter(|note| unknown(note)).count(), 1);
    assert_eq!(
        bench.memory.events().iter().skip(before).filter(|event| event.payment == Some(id.get())).count(),
        0
    );
}

#[test]
fn a_stray_answer_under_a_requests_own_serial_may_be_that_of_its_net_cancel() {
    let mut bench = Bench::new();
    let (_, id, serial) = bench.in_flight();
    bench.restart();
    bench.settle();
    bench.stray("alpha", serial, undone_stray(NetCancelVerdict::Accepted, CancelVerdict::InDoubt));
    bench.settle();
    let debt = bench.payment(id).attempts()[0].debt().unwrap().state();
    assert!(matches!(debt, DebtState::Done { how: Closed::Accepted, .. }), "{debt:?}");
}

#[test]
fn a_stray_answer_to_a_cancel_goes_by_the_cancels_serial() {
    let mut bench = Bench::new();
    let (id, _) = bench.finished();
    bench.cancel(50, TOTAL);
    bench.settle();
    let serial = bench.cancel_sent().serial;
    bench.happened(id, cancel_timed_out(0, bench.now_ms));
    bench.settle();
    bench.told();
    bench.stray("alpha", serial, undone_stray(NetCancelVerdict::TryAgain, cancel_accepted()));
    bench.settle();
    let repeat = bench.cancel(50, TOTAL);
    bench.settle();
    assert_eq!(bench.told(), [told(repeat, "0000")]);
    assert_eq!(bench.payment(id).attempts()[0].debt(), None, "it is no net-cancel");
}

#[test]
fn a_stray_answer_to_a_cancel_from_another_acquirer_leaves_a_note() {
    let mut bench = Bench::new();
    bench.finished();
    bench.cancel(50, TOTAL);
    bench.settle();
    let serial = bench.cancel_sent().serial;
    bench.stray("bravo", serial, undone_stray(NetCancelVerdict::Accepted, cancel_accepted()));
    bench.settle();
    let at = crate::sample::instant(bench.now_ms);
    let note = Note::UnknownAnswer { at, acquirer: "bravo".to_owned(), serial: Some(serial) };
    assert_eq!(bench.notes, [note]);
    assert_eq!(bench.told(), [], "the cancel is still out");
}

#[test]
fn a_stray_approval_of_a_request_in_flight_is_undone_when_its_link_says_that_it_was_not_sent_or_declined() {
    let ends = [
        payment::Event::NotSent { attempt: 0, why: payment::NotSent::ConnectionLost },
        crate::bench::declined(0),
        crate::bench::timed_out(0, 0),
    ];
    for end in ends {
        let mut bench = Bench::new();
        let (_, id, serial) = bench.in_flight();
        bench.stray("alpha", serial, Stray::Request(approval()));
        bench.settle();
        assert_eq!(bench.net_cancels().len(), 0, "its outcome is still to come");
        bench.happened(id, end);
        bench.settle();
        let orders = bench.net_cancels();
        assert_eq!(orders[0].approval_no.as_deref(), Some("30010001"));
    }
}

#[test]
fn a_stray_approval_that_is_found_after_a_restart_is_undone_under_its_number() {
    let mut bench = Bench::new();
    let (_, id, serial) = bench.in_flight();
    bench.stray("alpha", serial, Stray::Request(approval()));
    bench.settle();
    bench.restart();
    bench.settle();
    let orders = bench.net_cancels();
    assert_eq!(orders[0].approval_no.as_deref(), Some("30010001"));
    bench.happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    bench.settle();
    assert_eq!(bench.desk.payments(), 0);
}
