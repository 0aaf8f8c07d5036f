//! Records as a store may hold them: written by a version before this one, or wrong.

use payment::{CancelRequest, Delivery, Payment, Phase};
use serde_json::{Value, json};

use crate::{
    asking::cancel_of,
    describe,
    fixture::{M, S, at, route, sealed_card, started, terms},
    happening::{
        approved, cancel_asked, cancel_timed_out, cancelled, declined, net_cancel_asked, not_sent, timed_out,
    },
    record,
};

/// Approved by the second acquirer after the silence of the first, and undelivered; as it was written before payments knew cancels,
/// withdrawals and acknowledgements.
const OLD: &str = r#"{
    "request": {
        "key": {"terminal": "1000000001", "business_date": "2026-11-05", "trace_no": 1, "kind": "Approval"},
        "sent_at": "2026-11-05T11:59:59", "digest": "07070707070707070707070707070707",
        "received_at": "2026-11-05T03:00:00Z", "merchant": "1208800001", "entry_mode": "Chip",
        "card": {"Number": {
            "bin": "45797300", "masked": "457973******0017", "fingerprint": "09090909090909090909090909090909"
        }},
        "installment": 0, "currency": 410,
        "amounts": {"total": 50000, "vat": 4545, "service_charge": 0, "tax_free": 0},
        "merchant_data": "72656769737465722033"
    },
    "terms": {
        "terminal_deadline_ms": 28000, "failover": "after-net-cancel", "net_cancel_first_delay_ms": 0,
        "net_cancel_max_delay_ms": 60000, "net_cancel_alarm_after_ms": 300000,
        "net_cancel_give_up_after_ms": 86400000, "undelivered_grace_ms": 30000
    },
    "attempts": [
        {
            "route": {
                "acquirer": "card450", "serial": 10000000100, "answer_timeout_ms": 10000, "settle_after_ms": 60000
            },
            "deadline": "2026-11-05T03:00:10Z", "state": {"Unanswered": "timed-out"},
            "debt": {
                "cause": "unanswered", "owed_since": "2026-11-05T03:00:10Z", "settled_from": "2026-11-05T03:01:00Z",
                "tries": 1, "pauses": 0, "alarmed": false,
                "state": {"Done": {"how": "accepted", "at": "2026-11-05T03:00:11Z"}}
            }
        },
        {
            "route": {
                "acquirer": "kovan", "serial": 10000000102, "answer_timeout_ms": 10000, "settle_after_ms": 60000,
                "merchant": {"cat_id": "7001234567"}
            },
            "deadline": "2026-11-05T03:00:21Z", "state": "Approved"
        }
    ],
    "untried": [],
    "phase": {"Approved": {
        "attempt": 1, "approval": {"approval_no": "30000001", "approved_at": null},
        "delivery": {"Undelivered": {"owed_from": "2026-11-05T03:00:43Z"}}
    }}
}"#;

#[test]
fn a_record_of_the_version_before_is_read_and_lives_on() {
    let payment: Payment = serde_json::from_str(OLD).unwrap();
    payment.check().unwrap();
    let payment = record::round_trip(&payment.with_card(Some(sealed_card())));
    assert_eq!(
        describe::payment(&payment),
        "approved #1 undelivered, grace to 43s | #0 timed out → done 11s: accepted | #1 approved"
    );
    assert_eq!((payment.due(), payment.cancels().len(), payment.withdrawn()), (Some(at(43 * S)), 0, None));
    let (payment, effects) = payment.step(&cancel_asked(101, 20_000), at(20 * S)).unwrap();
    assert_eq!(describe::effects(&effects), "");
    let (payment, effects) = payment.step(&cancel_asked(102, 50_000), at(20 * S)).unwrap();
    assert_eq!(describe::effects(&effects), "cancel c1 kovan 50000 until 28s");
    assert_eq!(
        describe::payment(&payment),
        "approved #1 acknowledged | #0 timed out → done 11s: accepted | #1 approved | c0 20000 refused 9034 \
         | c1 50000 in flight"
    );
}

/// A payment that was refused, declined or approved before there was anything else is still that.
#[test]
fn the_other_outcomes_of_the_version_before_are_read_too() {
    let table = [
        (json!("Trying"), "trying"),
        (
            json!({"Declined": {"attempt": 1, "decline": {"code": "8035", "host_code": "51", "message1": "", "message2": ""}}}),
            "declined #1 8035",
        ),
        (json!({"Refused": {"code": "9022"}}), "refused 9022"),
        (
            json!({"Approved": {"attempt": 1, "approval": {"approved_at": null}, "delivery": "Released"}}),
            "approved #1 released",
        ),
        (
            json!({"Approved": {"attempt": 1, "approval": {"approved_at": null}, "delivery": "Withdrawn"}}),
            "approved #1 withdrawn",
        ),
    ];
    for (phase, expected) in table {
        let mut old: Value = serde_json::from_str(OLD).unwrap();
        old["phase"] = phase;
        let payment: Payment = serde_json::from_value(old).unwrap();
        assert!(describe::payment(&payment).starts_with(expected), "{}", describe::payment(&payment));
        payment.check().unwrap();
    }
}

/// A payment by two acquirers to which this happened.
fn lived(happened: &[(i64, payment::Event)]) -> Value {
    let routes = vec![route(0, "card450", 10_000), route(1, "kovan", 10_000)];
    let (mut payment, _) = Payment::start(&started(routes, terms()), Some(sealed_card()), at(0));
    for (ms, event) in happened {
        (payment, _) = payment.step(event, at(*ms)).unwrap();
    }
    payment.check().unwrap();
    serde_json::to_value(&payment).unwrap()
}

/// What is wrong with the record, changed.
fn check_wrong(mut record: Value, change: impl FnOnce(&mut Value), wrong: &str) {
    change(&mut record);
    let payment: Payment = serde_json::from_value(record).expect("a record in the right form");
    assert_eq!(payment.check(), Err(wrong));
}

#[test]
fn a_record_that_tries_without_an_attempt_is_wrong() {
    check_wrong(lived(&[]), |record| record["attempts"] = json!([]), "it tries without an attempt");
}

#[test]
fn a_record_that_awaits_a_net_cancel_which_is_not_owed_is_wrong() {
    let awaiting = lived(&[(10 * S, timed_out(0, 0))]);
    let wrong = "it awaits a net-cancel that is not owed";
    check_wrong(awaiting.clone(), |record| record["attempts"] = json!([]), wrong);
    check_wrong(
        awaiting,
        |record| {
            record["attempts"][0].as_object_mut().unwrap().remove("debt");
        },
        wrong,
    );
}

#[test]
fn a_record_whose_outcome_is_of_an_attempt_never_made_is_wrong() {
    let wrong = "its outcome is of an attempt that was never made";
    check_wrong(
        lived(&[(S, approved(0))]),
        |record| record["phase"]["Approved"]["attempt"] = json!(1),
        wrong,
    );
    check_wrong(
        lived(&[(S, declined(0))]),
        |record| record["phase"]["Declined"]["attempt"] = json!(1),
        wrong,
    );
    check_wrong(lived(&[(S, approved(0))]), |record| record["attempts"] = json!([]), wrong);
}

#[test]
fn a_record_of_more_attempts_than_can_be_numbered_is_wrong() {
    let more = |record: &mut Value, which: &str| {
        let one = record[which][0].clone();
        record[which] = Value::Array(vec![one; 257]);
    };
    let wrong = "it has more than 256 attempts";
    check_wrong(lived(&[(S, not_sent(0))]), |record| more(record, "attempts"), wrong);
    check_wrong(lived(&[]), |record| more(record, "untried"), wrong);
}

#[test]
fn a_record_of_more_cancels_than_can_be_numbered_is_wrong() {
    let cancelling = lived(&[(S, approved(0)), (M, cancel_asked(101, 50_000))]);
    check_wrong(
        cancelling,
        |record| {
            let one = record["cancels"][0].clone();
            record["cancels"] = Value::Array(vec![one; 257]);
        },
        "it has more than 256 cancels",
    );
}

#[test]
fn a_record_with_a_cancel_of_what_was_not_approved_is_wrong() {
    let cancelling = lived(&[(S, approved(0)), (M, cancel_asked(101, 50_000))]);
    for phase in [json!("Trying"), json!({"Refused": {"code": "9022"}})] {
        check_wrong(
            cancelling.clone(),
            |record| record["phase"] = phase,
            "it has a cancel and was not approved",
        );
    }
}

/// Nothing that a store could hold makes the switch panic: such a record is refused, or read and stepped.
#[test]
fn records_in_another_form_are_refused() {
    let cancelling = lived(&[(S, approved(0)), (M, cancel_asked(101, 50_000)), (M, cancel_timed_out(0, M))]);
    let changes: &[fn(&mut Value)] = &[
        |record| record["cancels"][0]["amounts"]["total"] = json!(0),
        |record| record["cancels"][0]["amounts"]["vat"] = json!(50_001),
        |record| record["cancels"][0]["serial"] = json!(u64::MAX),
        |record| record["cancels"][0]["state"] = json!("Unconfirmed"),
        |record| record["cancels"][0]["request"]["digest"] = json!(""),
        |record| record["phase"]["Approved"]["delivery"] = json!("Undelivered"),
        |record| record["attempts"][0]["route"]["partial_cancel"] = json!("twice"),
        |record| {
            record["request"]["amounts"] = json!({"total": 0, "vat": 1, "service_charge": 0, "tax_free": 0});
        },
        |record| record["withdrawn"] = json!({}),
    ];
    for (nth, change) in changes.iter().enumerate() {
        let mut record = cancelling.clone();
        change(&mut record);
        assert!(serde_json::from_value::<Payment>(record).is_err(), "change {nth} was accepted");
    }
}

#[test]
fn what_a_payment_does_not_have_is_not_written() {
    let plain = lived(&[(S, approved(0))]);
    let keys = |record: &Value| record.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&plain), ["attempts", "phase", "request", "terms", "untried"]);
    let withdrawn = lived(&[(S, approved(0)), (M, net_cancel_asked())]);
    assert!(keys(&withdrawn).contains(&"withdrawn".to_owned()));
}

#[test]
fn the_record_of_a_cancel_holds_no_card() {
    let cancelled = lived(&[(S, approved(0)), (M, cancel_asked(101, 50_000)), (M, cancelled(0))]);
    assert_eq!(cancelled["cancels"][0]["request"]["card"], Value::Null);
    let text = cancelled.to_string();
    assert!(!text.contains("ciphertext") && !text.contains("4579730000000017"));
    let Phase::Approved { delivery, .. } =
        serde_json::from_value::<Payment>(cancelled).unwrap().phase().clone()
    else {
        panic!("it was approved")
    };
    assert_eq!(delivery, Delivery::Acknowledged);
}

#[test]
fn what_a_cancel_brought_for_its_merchant_is_not_kept() {
    let asked = CancelRequest { merchant_data: b"4579730000000017".to_vec(), ..cancel_of(101, 50_000) };
    let written = serde_json::to_string(&asked).unwrap();
    assert!(!written.contains("merchant_data") && !written.contains("34353739"), "{written}");
    let read: CancelRequest = serde_json::from_str(&written).unwrap();
    assert_eq!(read, CancelRequest { merchant_data: Vec::new(), ..asked });
}
