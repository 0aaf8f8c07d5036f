//! Each invariant is broken by hand, and found broken: a checker that cannot fail is worth nothing.

mod clocks;
mod told;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use telegram_replay::acquirer::{Event as Did, Truth};

use super::{Evidence, Facts, check, facts};
use crate::{
    acquirers::Told,
    book::{Confirm, Exchange, Heard, Purchase},
    card,
    journal::{Happened, Record},
    switch::Usage,
    telegram::{Key, Original, mark},
};

const SERIAL: u64 = 30_000_000_004;
const AMOUNT: u64 = 11_000;
const ID: i64 = 2_026_112_003_000_000_004;
const TERMINAL: &str = "1000000001";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_143_600 + second).unwrap()
}

fn key(kind: u16, trace: u32) -> Key {
    Key { terminal: TERMINAL.to_owned(), kind, trace, edition: 0 }
}

/// A run with one purchase of 11,000 won that was approved and stands.
fn well() -> Evidence {
    let mut evidence = Evidence { is_at_rest: true, ..Evidence::default() };
    evidence.journal.payments.push(record(&[STARTED, APPROVED]));
    evidence.acquirers.push(Told {
        acquirer: "kovan".to_owned(),
        dialect: "kovan".to_owned(),
        truth: vec![did(Did::Approved, SERIAL, None, AMOUNT)],
    });
    evidence.records.purchases.push(Purchase {
        original: Original {
            terminal: TERMINAL.to_owned(),
            trace: 9,
            date: jiff::civil::date(2026, 11, 20),
            amount: AMOUNT,
        },
        approval: key(100, 9),
        confirm: Confirm::None,
        impostor: None,
        withdrawal: None,
        acknowledgement: None,
        cancels: Vec::new(),
        inquiries: Vec::new(),
    });
    hear(&mut evidence, &key(100, 9), "0000");
    evidence
}

fn did(event: Did, serial: u64, original: Option<u64>, amount: u64) -> Truth {
    Truth {
        at: at(2),
        event,
        serial: format!("{serial:012}"),
        original: original.map(|original| format!("{original:012}")),
        amount,
        approval_no: Some("30001234".to_owned()),
        finding: None,
    }
}

fn hear(evidence: &mut Evidence, key: &Key, code: &str) {
    let exchange = evidence.records.exchanges.entry(key.clone()).or_default();
    exchange.sent += 1;
    let is_approval = key.kind == 100 && code == "0000";
    let approved = |text: &str| if is_approval { text.to_owned() } else { String::new() };
    exchange.heard.push(Heard {
        at: at(3),
        code: code.to_owned(),
        approval_no: approved("30001234"),
        route: approved("kovan"),
        amount: AMOUNT,
        state: String::new(),
        mark: mark(AMOUNT),
    });
}

fn withdraw(evidence: &mut Evidence, code: &str) {
    let withdrawal = key(420, 10);
    evidence.records.purchases[0].withdrawal = Some(withdrawal.clone());
    hear(evidence, &withdrawal, code);
}

fn cancel(evidence: &mut Evidence, amount: u64, code: &str) {
    let cancel = key(400, 11);
    evidence.records.purchases[0].cancels.push((cancel.clone(), amount));
    hear(evidence, &cancel, code);
}

const STARTED: &str = r#"{"started":{"id":2026112003000000004,"request":{"key":{"terminal":"1000000001","business_date":"2026-11-20","trace_no":9,"kind":"Approval"},"sent_at":"2026-11-20T12:00:00","digest":"07070707070707070707070707070707","received_at":"2026-11-20T03:00:00.0000007Z","merchant":"1208800001","entry_mode":"Chip","card":{"Number":{"bin":"94500012","masked":"945000******7890","fingerprint":"09090909090909090909090909090909"}},"installment":0,"currency":410,"amounts":{"total":11000,"vat":1000,"service_charge":0,"tax_free":0},"merchant_data":"20"},"routes":[{"acquirer":"kovan","serial":30000000004,"answer_timeout_ms":10000,"settle_after_ms":60000,"merchant":{"cat_id":"7001234567"}}],"terms":{"terminal_deadline_ms":28000,"failover":"after-net-cancel","net_cancel_first_delay_ms":0,"net_cancel_max_delay_ms":60000,"net_cancel_alarm_after_ms":300000,"net_cancel_give_up_after_ms":86400000,"undelivered_grace_ms":30000}}}"#;
const APPROVED: &str = r#"{"Answered":{"attempt":0,"answer":{"amount":null,"codes":{"issuer":"00"},"verdict":{"Approved":{"approval_no":"30001234","approved_at":null}}}}}"#;
const UNANSWERED: &str =
    r#"{"Unanswered":{"attempt":0,"why":"timed-out","last_byte_by":"2026-11-20T03:00:01Z"}}"#;
const DUE: &str = r#""Due""#;
const ACCEPTED: &str = r#"{"NetCancelAnswered":{"attempt":0,"answer":{"codes":{},"verdict":"Accepted"}}}"#;
const TOO_LATE: &str =
    r#"{"NetCancelAnswered":{"attempt":0,"answer":{"codes":{},"verdict":"AlreadyAcquired"}}}"#;

/// The payment with these events, one a second.
fn record(events: &[&str]) -> Record {
    record_by(SignedDuration::ZERO, events)
}

/// The same by a switch whose clock was so far ahead.
fn record_by(ahead: SignedDuration, events: &[&str]) -> Record {
    let events: Vec<_> = (1..)
        .zip(events)
        .map(|(version, event)| {
            (version, at(i64::from(version) - 1), serde_json::from_str::<Happened>(event).unwrap())
        })
        .collect();
    let version = u32::try_from(events.len()).unwrap();
    let unfinished = |payment: &payment::Payment| payment.is_open();
    let shown: Vec<_> = events.iter().map(|(_, at, _)| *at + ahead).collect();
    let payment = facts::replay(&events, &shown).payment.unwrap();
    let state = serde_json::to_value(&payment).unwrap();
    Record {
        id: ID,
        version,
        open: unfinished(&payment),
        phase: "approved".to_owned(),
        payment,
        state,
        events,
        shown,
    }
}

fn journal(evidence: &mut Evidence, events: &[&str]) {
    evidence.journal.payments = vec![record(events)];
}

/// The names of the invariants that are violated, as far as the first blank.
fn violated(evidence: &Evidence) -> Vec<&'static str> {
    let found = check(evidence).into_iter().filter(|(_, violations)| !violations.is_empty());
    found.map(|(name, _)| name.split(' ').next().unwrap_or_default()).collect()
}

#[test]
fn a_run_in_which_all_is_well_violates_nothing() {
    assert_eq!(check(&well()).into_iter().filter(|(_, found)| !found.is_empty()).collect::<Vec<_>>(), []);
}

#[test]
fn a_process_that_ended_by_itself_is_told() {
    let evidence = Evidence { process: vec!["it ended".to_owned()], ..well() };
    assert_eq!(violated(&evidence), ["P"]);
}

#[test]
fn an_approval_that_the_journal_knows_nothing_of_breaks_i1() {
    let mut evidence = well();
    evidence.acquirers[0].truth.push(did(Did::Approved, 77, None, 12_000));
    assert_eq!(violated(&evidence), ["I1"]);
}

#[test]
fn an_approval_that_lives_while_its_terminal_gave_it_up_breaks_i1() {
    let mut evidence = well();
    withdraw(&mut evidence, "0000");
    assert!(violated(&evidence).contains(&"I1"));
}

#[test]
fn an_approval_that_lives_while_its_debt_is_done_breaks_i1() {
    let mut evidence = well();
    journal(&mut evidence, &[STARTED, UNANSWERED, DUE, ACCEPTED]);
    evidence.records.exchanges.clear();
    hear(&mut evidence, &key(100, 9), "9022");
    assert_eq!(violated(&evidence), ["I1"]);
}

#[test]
fn an_approval_in_a_terminal_that_no_acquirer_has_breaks_i1_and_i8() {
    let mut evidence = well();
    evidence.acquirers[0].truth.clear();
    assert_eq!(violated(&evidence), ["I1", "I8"]);
}

#[test]
fn a_cancel_that_was_not_done_as_told_breaks_i1() {
    let mut evidence = well();
    cancel(&mut evidence, AMOUNT, "0000");
    assert!(violated(&evidence).contains(&"I1"));
    let mut evidence = well();
    evidence.acquirers[0].truth.push(did(Did::Cancelled, 99, Some(SERIAL), 5_000));
    assert!(violated(&evidence).contains(&"I1"));
}

#[test]
fn an_approval_undone_that_its_terminal_has_breaks_i2() {
    let mut evidence = well();
    evidence.acquirers[0].truth.push(did(Did::NetCancelled, SERIAL, Some(SERIAL), AMOUNT));
    assert!(violated(&evidence).contains(&"I2"));
    // Unless it asked for that.
    withdraw(&mut evidence, "0000");
    assert!(!violated(&evidence).contains(&"I2"));
    // Or never acknowledged it.
    let mut evidence = well();
    evidence.acquirers[0].truth.push(did(Did::NetCancelled, SERIAL, Some(SERIAL), AMOUNT));
    evidence.records.purchases[0].confirm = Confirm::Ack;
    assert!(!violated(&evidence).contains(&"I2"));
}

#[test]
fn answers_that_disagree_break_i3() {
    for codes in [["9013", "0000"], ["0000", "8035"], ["8035", "0000"], ["9031", "0000"], ["0000", "9022"]] {
        let mut evidence = well();
        evidence.records.exchanges.clear();
        for code in codes {
            hear(&mut evidence, &key(100, 9), code);
        }
        assert!(violated(&evidence).contains(&"I3"), "{codes:?}");
    }
    for codes in [["9010", "0000"], ["0000", "0000"], ["9040", "0000"]] {
        let mut evidence = well();
        evidence.records.exchanges.clear();
        for code in codes {
            hear(&mut evidence, &key(100, 9), code);
        }
        assert_eq!(violated(&evidence), Vec::<&str>::new(), "{codes:?}");
    }
}

#[test]
fn two_approvals_of_one_purchase_break_i3() {
    let mut evidence = well();
    evidence.acquirers[0].truth.push(did(Did::Approved, SERIAL + 2, None, AMOUNT));
    assert!(violated(&evidence).contains(&"I3"));
}

#[test]
fn another_telegram_under_the_same_key_that_is_approved_breaks_i3() {
    let mut evidence = well();
    evidence.records.purchases[0].impostor = Some(12_345);
    hear(&mut evidence, &key(100, 9), "9011");
    evidence.records.exchanges.get_mut(&key(100, 9)).unwrap().heard[1].mark = mark(12_345);
    assert_eq!(violated(&evidence), Vec::<&str>::new());
    let exchange = evidence.records.exchanges.get_mut(&key(100, 9)).unwrap();
    let last = exchange.heard.last_mut().unwrap();
    (last.code, last.mark) = ("0000".to_owned(), mark(12_345));
    assert!(violated(&evidence).contains(&"I3"));
}

#[test]
fn what_is_unfinished_or_unanswered_breaks_i4() {
    let mut evidence = well();
    journal(&mut evidence, &[STARTED]);
    evidence.records.exchanges.clear();
    evidence.acquirers[0].truth.clear();
    assert_eq!(violated(&evidence), ["I4"]);
    let mut evidence = well();
    evidence.records.exchanges.clear();
    evidence.records.exchanges.insert(key(100, 9), Exchange { sent: 1, ..Exchange::default() });
    assert!(violated(&evidence).contains(&"I4"));
    assert_eq!(violated(&Evidence { is_at_rest: false, ..well() }), ["I4"]);
}

#[test]
fn events_that_give_another_state_break_i6() {
    let mut evidence = well();
    evidence.journal.payments[0].state["phase"] = "Trying".into();
    assert_eq!(violated(&evidence), ["I6"]);
    let mut evidence = well();
    evidence.journal.payments[0].events.remove(1);
    assert!(violated(&evidence).contains(&"I6"));
    let mut evidence = well();
    evidence.journal.payments[0].events[1].0 = 3;
    assert!(violated(&evidence).contains(&"I6"));
}

#[test]
fn undoing_without_a_record_breaks_i7() {
    for (serial, original) in [(SERIAL, Some(SERIAL)), (SERIAL + 1, Some(SERIAL)), (500, Some(400))] {
        let mut evidence = well();
        evidence.acquirers[0].truth.push(did(Did::NoSuchOriginal, serial, original, AMOUNT));
        assert_eq!(violated(&evidence), ["I7"], "{serial} {original:?}");
    }
}

#[test]
fn undoing_before_its_record_breaks_i7() {
    let mut evidence = well();
    journal(&mut evidence, &[STARTED, UNANSWERED, DUE, ACCEPTED]);
    evidence.records.exchanges.clear();
    hear(&mut evidence, &key(100, 9), "9022");
    let mut undone = did(Did::NetCancelled, SERIAL, Some(SERIAL), AMOUNT);
    evidence.acquirers[0].truth.push(undone.clone());
    assert_eq!(violated(&evidence), Vec::<&str>::new());
    undone.at = at(-5);
    evidence.acquirers[0].truth.pop();
    evidence.acquirers[0].truth.push(undone);
    assert_eq!(violated(&evidence), ["I7"]);
}

#[test]
fn an_answer_for_somebody_else_breaks_i8() {
    let mut evidence = well();
    evidence.records.strays.push("an answer nobody asked for".to_owned());
    assert_eq!(violated(&evidence), ["I8"]);
    let mut evidence = well();
    evidence.records.exchanges.get_mut(&key(100, 9)).unwrap().heard[0].mark = mark(4);
    assert!(violated(&evidence).contains(&"I8"));
    let mut evidence = well();
    evidence.records.exchanges.get_mut(&key(100, 9)).unwrap().heard[0].amount = 4;
    assert_eq!(violated(&evidence), ["I8"]);
}

#[test]
fn what_was_told_and_is_gone_breaks_i9() {
    let mut evidence = well();
    journal(&mut evidence, &[STARTED, UNANSWERED, DUE, ACCEPTED]);
    assert!(violated(&evidence).contains(&"I9"));
    let mut evidence = well();
    evidence.journal.payments.clear();
    assert!(violated(&evidence).contains(&"I9"));
    let mut evidence = well();
    withdraw(&mut evidence, "0000");
    assert!(violated(&evidence).contains(&"I9"));
    let mut evidence = well();
    cancel(&mut evidence, AMOUNT, "0000");
    assert!(violated(&evidence).contains(&"I9"));
}

#[test]
fn a_card_number_in_log_metric_or_store_breaks_i10() {
    let number = card::number(None, 5);
    let evidence = Evidence { log: format!("card={number}"), ..well() };
    assert_eq!(violated(&evidence), ["I10"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/switch.db"), format!("xx{number}=")).unwrap();
    let evidence = Evidence { folder: folder.path().to_owned(), ..well() };
    assert_eq!(violated(&evidence), ["I10"]);
}

#[test]
fn counters_that_differ_from_the_journal_break_i11() {
    let metrics = |answered: f64| {
        let sample = "switch_acquirer_requests_total{acquirer=\"kovan\",outcome=\"answered\"}".to_owned();
        BTreeMap::from([(sample, answered), ("switch_sessions".to_owned(), 0.0)])
    };
    let with = |metrics| Evidence { metrics, last_start: Some(at(-1)), ..well() };
    assert_eq!(violated(&with(metrics(1.0))), Vec::<&str>::new());
    assert_eq!(violated(&with(metrics(2.0))), ["I11"]);
    let mut left_open = metrics(1.0);
    left_open.insert("switch_sessions".to_owned(), 3.0);
    assert_eq!(violated(&with(left_open)), ["I11"]);
}

#[test]
fn what_is_not_given_back_breaks_i11() {
    let before = Usage { descriptors: 50, threads: 6, memory_kib: 20_000 };
    let leaky = [
        Usage { descriptors: 500, ..before },
        Usage { threads: 60, ..before },
        Usage { memory_kib: 900_000, ..before },
    ];
    for after in leaky {
        let metrics = BTreeMap::from([("switch_sessions".to_owned(), 0.0)]);
        let evidence = Evidence { usage: Some((before, after)), metrics, ..well() };
        assert_eq!(violated(&evidence), ["I11"], "{after:?}");
    }
}

#[test]
fn what_waits_at_an_acquirer_for_no_payment_breaks_i11() {
    for name in ["switch_undoing_held", "switch_acquirer_queued", "switch_acquirer_in_flight"] {
        let sample = format!("{name}{{acquirer=\"kovan\"}}");
        let with = |left| Evidence { metrics: BTreeMap::from([(sample.clone(), left)]), ..well() };
        assert_eq!(violated(&with(0.0)), Vec::<&str>::new());
        assert_eq!(violated(&with(1.0)), ["I11"], "{name}");
        let mut evidence = with(1.0);
        journal(&mut evidence, &[STARTED]);
        assert!(!violated(&evidence).contains(&"I11"));
    }
}

#[test]
fn the_facts_tell_a_net_cancel_from_a_cancel_where_both_are_one_telegram() {
    let mut evidence = well();
    evidence.acquirers[0].truth.push(did(Did::Cancelled, SERIAL + 1, Some(SERIAL), AMOUNT));
    let facts = Facts::of(&evidence);
    assert!(facts.given[0].is_net_cancelled);
    assert_eq!(facts.given[0].left(), 0);
}
