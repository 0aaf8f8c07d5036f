//! Answers of acquirers that nobody waits for.

use desk::Stray;
use payment::{Closed, DebtState, NetCancelVerdict, Serial};
use store::{Lookup, Note};

use crate::bench::{Bench, approval, approved, net_cancel_answered, told, undone};

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
    let answer = Stray::NetCancel(undone(NetCancelVerdict::Accepted));
    bench.stray("alpha", serial.of_net_cancel(), answer);
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
