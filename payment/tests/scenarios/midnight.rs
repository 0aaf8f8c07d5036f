//! Midnight: an acquirer that is told of an original by its date may have booked it on the other side of it. The requests of these stories
//! are read around midnight of KST, twelve hours after noon.

use std::sync::Arc;

use jiff::{Timestamp, tz::Offset};
use payment::{Event, Payment};

use super::{by, check, on};
use crate::{
    fixture::{H, M, S, at, sealed_card},
    happening::{in_doubt_answer, late, no_original, restarted, timed_out, try_again},
};

const KST: Offset = Offset::constant(9);

/// A payment by an acquirer that is told of originals by their date, given up 10 s after it was read; it settles within a minute.
fn silent(read_ms: i64) -> Payment {
    let mut started = by(&["kspay"]).named_by_day().started();
    let request = Arc::make_mut(&mut started.request);
    request.received_at = at(read_ms);
    request.sent_at = KST.to_datetime(at(read_ms));
    let (payment, _) = Payment::start(&started, Some(sealed_card()), at(read_ms));
    let (payment, _) = payment.step(&timed_out(0, read_ms), at(read_ms + 10 * S)).unwrap();
    payment
}

#[test]
fn no_such_original_proves_nothing_where_the_request_may_be_booked_under_another_day() {
    // Minutes before midnight, and whether it is proof; clocks may be five minutes apart.
    let table = [
        (11 * 60, true),
        (7, true),
        (6, false),
        (1, false),
        (0, false),
        (-4, false),
        (-5, true),
        (-6 * 60, true),
    ];
    for (minutes, is_proof) in table {
        let read_ms = 12 * H - minutes * M;
        let (payment, _) = silent(read_ms).step(&try_again(0), at(read_ms + 11 * S)).unwrap();
        let (payment, _) = payment.step(&Event::Due, at(read_ms + 80 * S)).unwrap();
        let (payment, _) = payment.step(&no_original(0), at(read_ms + 90 * S)).unwrap();
        assert_eq!(!payment.owes(), is_proof, "{minutes} minutes before midnight");
    }
}

#[test]
fn it_proves_nothing_where_our_clock_is_on_another_day_than_the_terminals() {
    for (our_hour, is_proof) in [(2, true), (-2, false)] {
        let read_ms = (12 + our_hour) * H;
        let mut started = by(&["kspay"]).named_by_day().started();
        let request = Arc::make_mut(&mut started.request);
        request.received_at = at(read_ms);
        // Two hours after midnight, whatever our clock says.
        request.sent_at = KST.to_datetime(at(14 * H));
        let (payment, _) = Payment::start(&started, Some(sealed_card()), at(read_ms));
        let (payment, _) = payment.step(&timed_out(0, read_ms), at(read_ms + 10 * S)).unwrap();
        let (payment, _) = payment.step(&try_again(0), at(read_ms + 11 * S)).unwrap();
        let (payment, _) = payment.step(&Event::Due, at(read_ms + 80 * S)).unwrap();
        let (payment, _) = payment.step(&no_original(0), at(read_ms + 90 * S)).unwrap();
        assert_eq!(!payment.owes(), is_proof, "our clock is {our_hour} hours after midnight");
    }
}

/// What is proven of a request that was read at this hour after midnight by the wall clock, while ours was so many hours behind it.
fn is_proven(hour: i64, behind: i64) -> bool {
    let read_ms = (12 + hour - behind) * H;
    let mut started = by(&["kspay"]).named_by_day().started();
    let request = Arc::make_mut(&mut started.request);
    request.received_at = at(read_ms);
    request.wall_ahead_ms = behind * H;
    request.sent_at = KST.to_datetime(at((12 + hour) * H));
    assert_eq!(request.read_at(), at((12 + hour) * H), "the day it is named by is that of the wall");
    let (payment, _) = Payment::start(&started, Some(sealed_card()), at(read_ms));
    let (payment, _) = payment.step(&timed_out(0, read_ms), at(read_ms + 10 * S)).unwrap();
    let (payment, _) = payment.step(&try_again(0), at(read_ms + 11 * S)).unwrap();
    let (payment, _) = payment.step(&Event::Due, at(read_ms + 80 * S)).unwrap();
    let (payment, _) = payment.step(&no_original(0), at(read_ms + 90 * S)).unwrap();
    !payment.owes()
}

#[test]
fn with_the_clocks_an_hour_apart_no_such_original_is_proof_only_on_a_day_that_both_are_on() {
    for behind in [1, -1] {
        let table = [(-2, true), (-1, behind == 1), (0, false), (1, behind == -1), (2, true)];
        for (hour, is_proof) in table {
            // A minute's hour away from midnight, as settling and skew take minutes.
            let told = is_proven(hour, behind);
            assert_eq!(told, is_proof, "{hour} hours after midnight, ours {behind} behind");
        }
    }
}

#[test]
fn an_instant_is_by_the_wall_what_it_was_apart_and_never_beyond_what_there_is() {
    let mut request = Arc::unwrap_or_clone(by(&[]).started().request);
    assert_eq!(request.read_at(), request.received_at);
    for (ahead_ms, end) in [(i64::MAX, Timestamp::MAX), (i64::MIN, Timestamp::MIN)] {
        request.wall_ahead_ms = ahead_ms;
        assert_eq!(request.read_at(), end);
    }
}

#[test]
fn no_deadline_goes_by_the_wall_clock() {
    for ahead_ms in [-H, 0, H] {
        let mut started = by(&["kspay"]).started();
        Arc::make_mut(&mut started.request).wall_ahead_ms = ahead_ms;
        let (payment, effects) = Payment::start(&started, Some(sealed_card()), at(0));
        assert_eq!(payment.answer_by(), at(28 * S));
        assert_eq!(crate::describe::effects(&effects), "send #0 kspay until 10s");
    }
}

#[test]
fn at_noon_it_is_proof_as_for_any_other() {
    check(
        &by(&["kspay"]).named_by_day(),
        "send #0 kspay until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 kspay, reply 9022, alarm 9022"),
            on(10 * S, try_again(0), ""),
            on(M, Event::Due, "net-cancel #0 kspay"),
            on(M + S, no_original(0), ""),
        ],
        "refused 9022 | #0 timed out → done 61s: no such original",
    );
}

#[test]
fn a_restart_leaves_the_request_on_the_day_it_was_sent() {
    // An acquirer that is silent over midnight, and a switch that starts again the next morning.
    let start_ms = 20 * H;
    let (payment, _) = silent(0).step(&try_again(0), at(11 * S)).unwrap();
    let (payment, _) = payment.step(&restarted(start_ms), at(start_ms)).unwrap();
    let (payment, _) = payment.step(&try_again(0), at(start_ms + S)).unwrap();
    let (payment, _) = payment.step(&Event::Due, at(start_ms + M)).unwrap();
    let (payment, _) = payment.step(&no_original(0), at(start_ms + M + S)).unwrap();
    assert!(!payment.owes());
    // So does what makes it owed anew.
    let (payment, _) = payment.step(&late(0, in_doubt_answer()), at(start_ms + 2 * M)).unwrap();
    assert!(payment.owes());
    let (payment, _) = payment.step(&try_again(0), at(start_ms + 2 * M)).unwrap();
    let (payment, _) = payment.step(&Event::Due, at(start_ms + 3 * M)).unwrap();
    let (payment, _) = payment.step(&no_original(0), at(start_ms + 3 * M + S)).unwrap();
    assert!(!payment.owes());
}

#[test]
fn a_request_that_was_in_flight_at_the_restart_may_be_booked_until_then() {
    for (last_byte_ms, is_proof) in [(11 * H, true), (12 * H - M, false), (13 * H, false)] {
        let started = by(&["kspay"]).named_by_day().started();
        let (payment, _) = Payment::start(&started, Some(sealed_card()), at(0));
        let (payment, _) = payment.step(&restarted(last_byte_ms), at(last_byte_ms)).unwrap();
        let (mut payment, _) = payment.step(&try_again(0), at(last_byte_ms + S)).unwrap();
        for hours in [14, 15] {
            (payment, _) = payment.step(&restarted(hours * H), at(hours * H)).unwrap();
            (payment, _) = payment.step(&try_again(0), at(hours * H)).unwrap();
        }
        let (payment, _) = payment.step(&Event::Due, at(16 * H)).unwrap();
        let mut payment = payment;
        for times in 0..4 {
            (payment, _) = payment.step(&no_original(0), at(16 * H + times * M)).unwrap();
            (payment, _) = payment.step(&Event::Due, at(16 * H + times * M + 30 * S)).unwrap();
        }
        assert_eq!(!payment.owes(), is_proof, "the last byte left at {last_byte_ms} ms");
    }
}

#[test]
fn what_is_never_proven_is_tried_again_and_ends_with_a_person() {
    let mut payment = silent(12 * H - S);
    while let Some(due) = payment.due() {
        (payment, _) = payment.step(&Event::Due, due).unwrap();
        (payment, _) = payment.step(&no_original(0), due).unwrap();
    }
    assert!(payment.needs_person());
}

#[test]
fn a_start_by_a_clock_that_is_behind_puts_no_request_back_before_midnight() {
    for is_in_flight in [false, true] {
        // Read two minutes before midnight; the clock is right then, and an hour behind at the start.
        let read_ms = 12 * H - 2 * M;
        let payment = if is_in_flight {
            let mut started = by(&["kspay"]).named_by_day().started();
            let request = Arc::make_mut(&mut started.request);
            request.received_at = at(read_ms);
            request.sent_at = KST.to_datetime(at(read_ms));
            Payment::start(&started, Some(sealed_card()), at(read_ms)).0
        } else {
            silent(read_ms)
        };
        let start_ms = 11 * H + M;
        let (payment, _) = payment.step(&restarted(start_ms), at(start_ms)).unwrap();
        let (payment, _) = payment.step(&try_again(0), at(start_ms + S)).unwrap();
        let (payment, _) = payment.step(&Event::Due, at(start_ms + 2 * M)).unwrap();
        let (payment, _) = payment.step(&no_original(0), at(start_ms + 2 * M + S)).unwrap();
        assert!(payment.owes(), "in flight at the crash: {is_in_flight}");
        let (payment, _) = payment.step(&Event::Due, at(start_ms + 10 * M)).unwrap();
        let (payment, _) = payment.step(&no_original(0), at(start_ms + 10 * M + S)).unwrap();
        assert!(payment.owes(), "in flight at the crash: {is_in_flight}");
    }
}
