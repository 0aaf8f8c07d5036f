//! I1 and I4: what was told to persons and to terminals is what there is.

use jiff::Timestamp;
use telegram_replay::acquirer::{Event as Did, Truth};

use super::{
    AMOUNT, APPROVED, DUE, ID, SERIAL, STARTED, TOO_LATE, UNANSWERED, at, cancel, did, hear, journal, key,
    violated, well,
};
use crate::journal::Alarm;

const RETRIED: &str = r#"{"NetCancelRetried":{"attempt":0,"by":{"name":"kim","reason":"once more"}}}"#;
const CANCEL_ASKED: &str = r#"{"CancelAsked":{"request":{"key":{"terminal":"1000000001","business_date":"2026-11-20","trace_no":11,"kind":"Cancel"},"sent_at":"2026-11-20T12:01:00","digest":"07070707070707070707070707070707","received_at":"2026-11-20T03:00:01Z","merchant":"1208800001","original":{"terminal":"1000000001","business_date":"2026-11-20","trace_no":9,"kind":"Approval"},"approval_no":"30001234","card":null,"amounts":{"total":11000,"vat":null,"service_charge":null,"tax_free":null},"reason":"customer"},"serial":30000000006}}"#;
const CANCELLED: &str = r#"{"CancelAnswered":{"cancel":0,"answer":{"amount":null,"codes":{},"verdict":{"Accepted":{"approval_no":"30001234","approved_at":null}}}}}"#;
const CANCEL_UNANSWERED: &str =
    r#"{"CancelUnanswered":{"cancel":0,"why":"timed-out","last_byte_by":"2026-11-20T03:00:04Z"}}"#;
const FOUND_DONE: &str =
    r#"{"CancelResolved":{"cancel":0,"how":"done","by":{"name":"kim","reason":"by the books"}}}"#;

#[test]
fn a_stuck_approval_needs_an_alarm() {
    let mut evidence = well();
    journal(&mut evidence, &[STARTED, UNANSWERED, DUE, TOO_LATE]);
    evidence.records.exchanges.clear();
    hear(&mut evidence, &key(100, 9), "9022");
    assert_eq!(violated(&evidence), ["I1", "I4"]);
    evidence.log = "ALARM payments wait for a person".to_owned();
    let stuck_at = at(3);
    for (kind, number, at) in [
        ("net-cancel-overdue", Some(0), stuck_at),
        ("cancel-stuck", Some(0), stuck_at),
        ("net-cancel-stuck", Some(1), stuck_at),
        ("net-cancel-stuck", None, stuck_at),
        ("net-cancel-stuck", Some(0), at(2)),
    ] {
        evidence.journal.alarms.insert(ID, vec![alarm(kind, number, at)]);
        assert_eq!(violated(&evidence), ["I1", "I4"], "{kind} {number:?} at {at} is of something else");
    }
    evidence.journal.alarms.insert(ID, vec![alarm("net-cancel-stuck", Some(0), stuck_at)]);
    assert_eq!(violated(&evidence), Vec::<&str>::new());
}

fn alarm(kind: &str, number: Option<u8>, at: Timestamp) -> Alarm {
    Alarm { at, kind: kind.to_owned(), number }
}

#[test]
fn an_alarm_from_before_a_person_had_it_tried_again_tells_nobody_that_it_is_stuck_again() {
    let mut evidence = well();
    journal(&mut evidence, &[STARTED, UNANSWERED, DUE, TOO_LATE, RETRIED, TOO_LATE]);
    evidence.records.exchanges.clear();
    hear(&mut evidence, &key(100, 9), "9022");
    evidence.journal.alarms.insert(ID, vec![alarm("net-cancel-stuck", Some(0), at(3))]);
    assert_eq!(violated(&evidence), ["I1", "I4"]);
    evidence.journal.alarms.insert(ID, vec![alarm("net-cancel-stuck", Some(0), at(5))]);
    assert_eq!(violated(&evidence), Vec::<&str>::new());
}

#[test]
fn an_approval_that_lives_although_its_terminal_was_told_that_all_of_it_is_cancelled_breaks_i1() {
    let mut evidence = well();
    cancel(&mut evidence, AMOUNT, "0000");
    journal(&mut evidence, &[STARTED, APPROVED, CANCEL_ASKED, CANCELLED]);
    hear(&mut evidence, &key(100, 9), "9031");
    evidence.acquirers[0].truth.push(did(Did::Cancelled, SERIAL + 2, Some(SERIAL), AMOUNT));
    assert_eq!(violated(&evidence), Vec::<&str>::new());
    let undone = evidence.acquirers[0].truth.pop();
    // Whatever the 0400 itself was told.
    evidence.records.exchanges.get_mut(&key(400, 11)).unwrap().heard[0].code = "9023".to_owned();
    assert_eq!(violated(&evidence), ["I1"]);
    evidence.acquirers[0].truth.extend(undone.map(|undone| Truth { amount: AMOUNT - 1, ..undone }));
    assert!(violated(&evidence).contains(&"I1"), "a part of it was");
}

#[test]
fn an_approval_that_lives_after_a_person_found_it_cancelled_is_the_persons() {
    let mut evidence = well();
    cancel(&mut evidence, AMOUNT, "9023");
    journal(&mut evidence, &[STARTED, APPROVED, CANCEL_ASKED, CANCEL_UNANSWERED, FOUND_DONE]);
    hear(&mut evidence, &key(100, 9), "9031");
    assert_eq!(violated(&evidence), Vec::<&str>::new());
}
