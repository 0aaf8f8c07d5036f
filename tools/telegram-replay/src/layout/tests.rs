mod compiled;
mod counted;
mod forms;

use jiff::civil::DateTime;
use specs::{Align, Format};

use super::*;
use crate::capture::{Assignment, Value};
use crate::hidden::Hidden;

fn now() -> DateTime {
    "2026-07-01T09:08:07".parse().unwrap()
}

fn values(pairs: &[(&str, &str)]) -> Vec<Assignment> {
    pairs.iter().map(|(field, text)| value(field, Value::text(*text))).collect()
}

fn value(field: &str, value: Value) -> Assignment {
    Assignment { field: (*field).to_owned(), value }
}

/// Puts texts at offsets into a telegram of blanks.
fn by_hand(length: usize, pieces: &[(usize, &str)]) -> Vec<u8> {
    let mut telegram = vec![b' '; length];
    for (at, text) in pieces {
        telegram[*at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    telegram
}

#[test]
fn a_card450_request_is_built_byte_for_byte_as_written_by_hand() {
    let layout = Layout::embedded("card450-request").unwrap();
    let built = layout.build(
        &values(&[
            ("kind", "PAYMENT"),
            ("management_no", "MGMT-1"),
            ("card_no", "4579731234567890"),
            ("installment", "3"),
            ("expiry", "1229"),
            ("cvc", "123"),
            ("amount", "50000"),
            ("vat", "4545"),
        ]),
        now(),
    );
    let golden = by_hand(
        450,
        &[
            (0, " 446"),
            (4, "PAYMENT"),
            (14, "MGMT-1"),
            (34, "4579731234567890"),
            (54, "03"),
            (56, "1229"),
            (60, "123"),
            (63, "     50000"),
            (73, "0000004545"),
        ],
    );
    assert_eq!(built.unwrap(), golden);
}

#[test]
fn a_kovan_reply_written_by_hand_is_read_at_its_offsets() {
    let layout = Layout::embedded("kovan-reply").unwrap();
    let telegram = by_hand(
        225,
        &[
            (0, "ISO023400052"),
            (12, "0210"),
            (16, "3238040128608A02"),
            (32, "000030"),
            (38, "000000050000"),
            (50, "0701090807"),
            (60, "000042"),
            (66, "090807"),
            (72, "260701"),
            (78, "069"),
            (86, "37"),
            (88, "9410123412341237=2912"),
            (125, "000000000042"),
            (194, "410"),
            (197, "00200"),
            (202, "00830000001"),
            (213, "0401"),
            (217, "00"),
            (221, "00"),
        ],
    );
    let decoded = layout.decode(&telegram);
    assert!(decoded.is_valid(), "{decoded:?}");
    for (field, text) in [
        ("mti", "0210"),
        ("amount", "50000"),
        ("trace", "000042"),
        ("transaction_id", "000000000042"),
        ("approval", "30000001"),
        ("card_company_code", "00"),
        ("van_code", "00"),
        ("pg_code", ""),
    ] {
        assert_eq!(decoded.text(field).as_deref(), Some(text), "{field}");
    }
}

#[test]
fn a_terminal_0100_has_its_fields_where_the_terminals_put_them() {
    let layout = Layout::embedded("terminal-0100").unwrap();
    let telegram = layout
        .build(
            &[
                value("telegram_type", Value::text("0100")),
                value("header.version", Value::text("01")),
                value("terminal_id", Value::text("1000000001")),
                value("merchant_no", Value::text("1208800001")),
                value("trace_no", Value::text("000001")),
                value("sent_at", Value::Now(-60)),
                value("security", Value::text("0")),
                value("entry_mode", Value::text("I")),
                value("card_bin", Value::text("94101234")),
                value("card_track", Value::text("9410123412341237=2912")),
                value("currency", Value::text("410")),
                value("total_amount", Value::text("50000")),
                value("emv_data", Value::Bytes(Hidden(vec![0x9F, 0x26]))),
            ],
            now(),
        )
        .unwrap();
    let golden = by_hand(
        728,
        &[
            (0, "0100"),
            (4, "01"),
            (6, "1000000001"),
            (16, "1208800001"),
            (26, "000001"),
            (32, "20260701090707"),
            (46, "0"),
            (47, "00"),
            (60, "I"),
            (61, "94101234"),
            (69, "9410123412341237=2912"),
            (360, "00"),
            (362, "410"),
            (365, "000000050000"),
            (413, "000"),
        ],
    );
    let mut golden = golden;
    golden[416..418].copy_from_slice(&[0x9F, 0x26]);
    assert_eq!(telegram, golden);
}

#[test]
fn values_that_do_not_fit_are_refused_without_being_shown() {
    let layout = Layout::embedded("terminal-0100").unwrap();
    let refused =
        |field: &str, given: Value| layout.build(&[value(field, given)], now()).unwrap_err().to_string();
    for (field, given, expected) in [
        ("trace_no", Value::text("1234567"), "field \"header.trace_no\": expected at most 6 bytes, found 7"),
        ("total_amount", Value::text("5O000"), "field \"total_amount\": expected digits only"),
        ("total_amount", Value::text("-1"), "field \"total_amount\": expected digits only"),
        (
            "sent_at",
            Value::text("20260230000000"),
            "field \"header.sent_at\": expected a real yyyyMMddHHmmss",
        ),
        ("terminal_id", Value::text("한강"), "field \"header.terminal_id\": expected printable ASCII"),
        ("terminal_id", Value::text("😀"), "field \"header.terminal_id\": expected characters of EUC-KR"),
        (
            "trace_no",
            Value::Now(0),
            "field \"header.trace_no\": expected a value, found a time: the field is no datetime",
        ),
        (
            "total_amount",
            Value::Unchecked(Hidden("0A".into())),
            "field \"total_amount\": expected exactly 12 bytes for a raw value, found 2",
        ),
        ("amount", Value::text("1"), "has no field \"amount\""),
    ] {
        let message = refused(field, given);
        assert_eq!(message, format!("terminal-0100 {expected}"));
    }
}

#[test]
fn a_short_name_of_two_fields_is_ambiguous() {
    let spec = specs::embedded("terminal-header").unwrap();
    let mut layout = Layout::of(&spec);
    layout.fields[0].path = "a.trace_no".into();
    layout.fields[1].path = "b.trace_no".into();
    layout.fields[4].path = "c.d".into();
    let error = layout.field("trace_no").unwrap_err().to_string();
    assert_eq!(error, "terminal-header has several fields \"trace_no\": a.trace_no, b.trace_no");
    assert!(layout.field("b.trace_no").is_ok());
}

#[test]
fn every_broken_field_is_found() {
    let layout = Layout::embedded("terminal-0110").unwrap();
    let sound = layout.build(&[], now()).unwrap();
    assert!(layout.decode(&sound).is_valid());
    for (at, bytes, field, fault) in [
        (26, &b" 12345"[..], "header.trace_no", Fault::Digits),
        (26, b"+00005", "header.trace_no", Fault::Digits),
        (32, b"20260229000000", "header.sent_at", Fault::Datetime(Format::DateTime)),
        (60, b"1\x00", "approval_no", Fault::Text),
        (110, b"\xB0", "issuer_name", Fault::Korean),
        (191, b"            ", "total_amount", Fault::Digits),
    ] {
        let mut telegram = sound.clone();
        telegram[at..at + bytes.len()].copy_from_slice(bytes);
        let decoded = layout.decode(&telegram);
        let broken: Vec<_> =
            decoded.readings().iter().filter_map(|r| Some((r.field().path.as_str(), r.fault()?))).collect();
        assert_eq!(broken, [(field, fault)]);
        assert_eq!(layout.check(&telegram).unwrap_err().1, fault);
    }
}

#[test]
fn a_secret_never_shows_in_any_form() {
    let layout = Layout::embedded("terminal-0100").unwrap();
    let card = "9410123412341237";
    let telegram = layout
        .build(
            &values(&[
                ("card_track", &format!("{card}=2912")),
                ("merchant_data", &format!("x{card}x")),
                ("pin_block", "8888777766665555"),
            ]),
            now(),
        )
        .unwrap();
    let decoded = layout.decode(&telegram);
    let shown: String = decoded.readings().iter().map(|reading| reading.shown() + "\n").collect();
    let shown = format!("{shown}{decoded:?}");
    assert!(shown.contains("*** (37 bytes)"), "{shown}");
    assert!(!shown.contains("94101234") && !shown.contains("8888777766665555"), "{shown}");
    assert_eq!(
        decoded.text("card_track").as_deref(),
        Some("9410123412341237=2912"),
        "who asks for it gets it"
    );
}

#[test]
fn a_card_number_in_groups_never_shows_and_other_numbers_do() {
    for card in [
        "9410-1234-1234-1237",
        "9410 1234 1234 1237",
        "94101234 12341237",
        "1 4222222222222",
        "12-9410123412341237",
    ] {
        let shown = harmless(&format!("주문 {card}, 4인"));
        assert_eq!(shown, format!("주문 *** ({} bytes), 4인", card.len()));
    }
    for text in
        ["02-1234-5678", "2026-07-01 09:08:07", "9410--1234--1234--1237", "- 12 -", "1 ", "123-45-67890"]
    {
        assert_eq!(harmless(text), text);
    }
}

#[test]
fn a_telegram_of_another_layout_shows_nothing() {
    let kovan = Layout::embedded("kovan-approval").unwrap();
    // As long as a kovan-approval, but with a card number where that has its host.
    let mut telegram = vec![b' '; 356];
    telegram[..16].copy_from_slice(b"9410123412341237");
    let decoded = kovan.decode(&telegram);
    assert!(!decoded.is_valid());
    assert!(decoded.readings().iter().all(|reading| !reading.shown().contains("9410")), "{decoded:?}");
    let short = kovan.decode(b"9410123412341237");
    assert!(short.readings().is_empty() && short.wrong_length().is_some());
}

#[test]
fn korean_is_counted_in_bytes_and_shown_in_characters() {
    let layout = Layout::embedded("terminal-0110").unwrap();
    let telegram = layout.build(&values(&[("message1", "잔액이 부족합니다")]), now()).unwrap();
    assert_eq!(&telegram[203..207], &[0xC0, 0xDC, 0xBE, 0xD7]);
    assert_eq!(layout.decode(&telegram).reading("message1").unwrap().shown(), "잔액이 부족합니다");
    // What is only shown may be cut, at a whole character.
    let telegram = layout.build(&values(&[("issuer_name", "열한글자는너무길다고요")]), now()).unwrap();
    assert_eq!(layout.decode(&telegram).text("issuer_name").as_deref(), Some("열한글자는너무길다고"));
}
