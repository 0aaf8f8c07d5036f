//! Telegrams of terminals about a payment that was, and about the day: each field as read, each wrong field as named.

use dialects::terminal::{
    AskedAcknowledgement, AskedCancel, AskedNetCancel, AskedReference, AskedTotals, FromTerminal, GivenBack,
    NetworkFunction, digest_parts, read,
};
use jiff::{
    Timestamp,
    civil::{DateTime, date},
};
use payment::{CancelAmounts, MerchantNo, Reason, Sum, TelegramKind, TerminalId, TraceNo, Won};

use crate::{
    golden::{changed, golden},
    order::{CARD, request},
    refusals::{Changes, NO_TRACK, refusal},
};

pub(crate) const CANCEL: &str = include_str!("../golden/terminal_0400.txt");
pub(crate) const CANCEL_BLANK: &str = include_str!("../golden/terminal_0400_blank.txt");
pub(crate) const NET_CANCEL: &str = include_str!("../golden/terminal_0420.txt");
pub(crate) const ACKNOWLEDGEMENT: &str = include_str!("../golden/terminal_0120.txt");
pub(crate) const INQUIRY: &str = include_str!("../golden/terminal_0300.txt");
pub(crate) const TOTALS: &str = include_str!("../golden/terminal_0500.txt");
pub(crate) const OPENING: &str = include_str!("../golden/terminal_0800_opening.txt");

/// All that name an original, with where its date and trace number stand.
const OF_AN_ORIGINAL: [(&str, usize, usize); 4] =
    [(CANCEL, 372, 380), (NET_CANCEL, 66, 60), (ACKNOWLEDGEMENT, 66, 60), (INQUIRY, 66, 60)];

/// When all of them are sent: the day after the payment.
fn sent_at() -> DateTime {
    date(2026, 11, 6).at(14, 0, 0, 0)
}

fn number(trace_no: u32) -> TraceNo {
    TraceNo::new(trace_no).unwrap()
}

fn won(amount: u64) -> Won {
    Won::new(amount).unwrap()
}

pub(crate) fn cancel(telegram: &[u8]) -> AskedCancel {
    match read(telegram) {
        Ok(FromTerminal::Cancel(asked)) => *asked,
        other => panic!("expected a cancel, found {other:?}"),
    }
}

pub(crate) fn net_cancel(telegram: &[u8]) -> AskedNetCancel {
    match read(telegram) {
        Ok(FromTerminal::NetCancel(asked)) => *asked,
        other => panic!("expected a net-cancel, found {other:?}"),
    }
}

pub(crate) fn acknowledgement(telegram: &[u8]) -> AskedAcknowledgement {
    match read(telegram) {
        Ok(FromTerminal::Acknowledgement(asked)) => *asked,
        other => panic!("expected an acknowledgement, found {other:?}"),
    }
}

pub(crate) fn inquiry(telegram: &[u8]) -> AskedReference {
    match read(telegram) {
        Ok(FromTerminal::Inquiry(asked)) => *asked,
        other => panic!("expected an inquiry, found {other:?}"),
    }
}

pub(crate) fn totals(telegram: &[u8]) -> AskedTotals {
    match read(telegram) {
        Ok(FromTerminal::Totals(asked)) => *asked,
        other => panic!("expected totals, found {other:?}"),
    }
}

/// The reference of whichever telegram names an original without a key of its own.
fn check_reference(reference: &AskedReference, telegram_type: &str, trace_no: u32) {
    assert_eq!(reference.original, request().key);
    assert_eq!(reference.merchant, request().merchant);
    assert_eq!(reference.trace_no, number(trace_no));
    assert_eq!(reference.sent_at, sent_at());
    let envelope = &reference.envelope;
    assert_eq!(envelope.telegram_type.as_str(), telegram_type);
    assert_eq!(envelope.terminal_id.as_str(), "1000000001");
    assert_eq!(envelope.merchant_no.as_str(), "1208800001");
    assert_eq!(envelope.trace_no.as_str(), format!("{trace_no:06}"));

    let at = Timestamp::from_second(1_794_100_000).unwrap();
    let received = reference.received(at);
    assert_eq!((received.original, received.merchant), (reference.original, reference.merchant));
    assert_eq!((received.trace_no, received.sent_at), (number(trace_no), sent_at()));
    assert_eq!(received.received_at, at);
}

#[test]
fn a_cancel_is_read_field_by_field() {
    let asked = cancel(&golden(CANCEL));
    assert_eq!(asked.key.kind, TelegramKind::Cancel);
    assert_eq!((asked.key.terminal.as_str(), asked.key.trace_no), ("1000000001", number(124)));
    assert_eq!(asked.key.business_date, sent_at().date(), "its own date, not the original's");
    assert_eq!(asked.original, request().key);
    assert_eq!((asked.sent_at, asked.merchant), (sent_at(), request().merchant));
    assert_eq!(asked.approval_no.as_deref(), Some("30000001"));
    let card = asked.card.unwrap();
    assert_eq!((card.number.expose(), card.expiry.expose()), (CARD, "2912"));
    let amounts = CancelAmounts {
        total: won(20_000),
        vat: Some(won(1_600)),
        service_charge: Some(won(400)),
        tax_free: Some(won(800)),
    };
    assert_eq!(asked.amounts, amounts);
    assert_eq!(asked.reason, Reason::Customer);
    assert_eq!(asked.merchant_data, b"RETURN-07\xc7\xd1\x00 \xff");
    assert_eq!(asked.envelope.telegram_type.as_str(), "0400");
    assert_eq!(asked.envelope.trace_no.as_str(), "000124");
}

#[test]
fn the_blanks_of_a_cancel_are_nothing_not_zero() {
    let asked = cancel(&golden(CANCEL_BLANK));
    assert!(asked.card.is_none());
    assert_eq!(asked.approval_no, None);
    let nothing = CancelAmounts { total: won(50_000), vat: None, service_charge: None, tax_free: None };
    assert_eq!(asked.amounts, nothing);
    assert_eq!(asked.reason, Reason::Other);
    assert_eq!(asked.merchant_data, b"");
    let zeros = "000000000000".repeat(3);
    let zero = Some(Won::ZERO);
    let zero = CancelAmounts { total: won(50_000), vat: zero, service_charge: zero, tax_free: zero };
    assert_eq!(cancel(&changed(CANCEL_BLANK, &[(398, &zeros)])).amounts, zero);
}

#[test]
fn the_card_blocks_of_a_cancel_are_passed_over() {
    let telegram = changed(CANCEL, &[(69, NO_TRACK), (106, "BLOCK"), (233, "BLOCK"), (61, "        ")]);
    assert!(cancel(&telegram).card.is_none());
}

#[test]
fn a_net_cancel_is_read_field_by_field() {
    let asked = net_cancel(&golden(NET_CANCEL));
    check_reference(&asked.reference, "0420", 125);
    assert_eq!((asked.total, asked.reason), (won(50_000), Reason::NoAnswer));
    assert_eq!(asked.approval_no.as_deref(), Some("30000001"));
    assert_eq!(net_cancel(&changed(NET_CANCEL, &[(86, "            ")])).approval_no, None);
}

#[test]
fn an_acknowledgement_is_read_field_by_field() {
    let asked = acknowledgement(&golden(ACKNOWLEDGEMENT));
    check_reference(&asked.reference, "0120", 126);
    assert_eq!(asked.approval_no.as_deref(), Some("30000001"));
    assert_eq!(acknowledgement(&changed(ACKNOWLEDGEMENT, &[(74, "            ")])).approval_no, None);
}

#[test]
fn an_inquiry_is_read_field_by_field() {
    check_reference(&inquiry(&golden(INQUIRY)), "0300", 127);
}

#[test]
fn totals_are_read_field_by_field() {
    let asked = totals(&golden(TOTALS));
    assert_eq!((asked.terminal, asked.merchant), (request().key.terminal, request().merchant));
    assert_eq!((asked.sent_at, asked.business_date), (sent_at(), date(2026, 11, 5)));
    let sum = |count, amount| Sum { count, amount };
    assert_eq!(asked.claimed.approvals, sum(17, 1_234_500));
    assert_eq!(asked.claimed.cancels, sum(2, 25_000));
    assert_eq!(asked.claimed.net_cancels, sum(1, 50_000));
    assert_eq!(asked.envelope.trace_no.as_str(), "000128");
}

#[test]
fn openings_closings_and_echoes_are_understood() {
    let table = [
        ("001", NetworkFunction::Opening),
        ("003", NetworkFunction::Closing),
        ("301", NetworkFunction::Echo),
    ];
    for (code, expected) in table {
        match read(&changed(OPENING, &[(60, code)])) {
            Ok(FromTerminal::Network { function, data, from, envelope }) => {
                assert_eq!((function, function.code(), data.as_str()), (expected, code, "SW 1.4.2"));
                assert_eq!(from, (request().key.terminal, request().merchant));
                assert_eq!(envelope.trace_no.as_str(), "000001");
            }
            other => panic!("expected a network telegram, found {other:?}"),
        }
    }
}

#[test]
fn every_telegram_says_who_sent_it_and_all_but_a_network_telegram_when() {
    let terminal = TerminalId::new("1000000001").unwrap();
    let merchant = MerchantNo::new("1208800001").unwrap();
    for text in [CANCEL, NET_CANCEL, ACKNOWLEDGEMENT, INQUIRY, TOTALS, OPENING, crate::asked::CLEAR] {
        let asked = read(&golden(text)).unwrap();
        assert_eq!(asked.sender(), (terminal, merchant));
        assert_eq!(asked.envelope().telegram_type.as_bytes(), &golden(text)[..4]);
        let expected = match text {
            OPENING => None,
            crate::asked::CLEAR => Some(request().sent_at),
            _ => Some(sent_at()),
        };
        assert_eq!(asked.sent_at(), expected);
    }
}

#[test]
fn every_reason_is_understood() {
    let reasons = [
        ("01", Reason::NoAnswer),
        ("02", Reason::Customer),
        ("03", Reason::ChipRefused),
        ("04", Reason::PowerFailure),
        ("05", Reason::PrintingFailed),
        ("99", Reason::Other),
    ];
    for (code, reason) in reasons {
        assert_eq!(cancel(&changed(CANCEL, &[(434, code)])).reason, reason);
        assert_eq!(net_cancel(&changed(NET_CANCEL, &[(98, code)])).reason, reason);
    }
    let codes: Vec<_> = reasons.iter().map(|(code, _)| *code).collect();
    for layout in ["terminal-0400", "terminal-0420"] {
        let layout = specs::embedded(layout).unwrap();
        let known: Vec<_> =
            layout.field("reason").unwrap().codes.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(known, codes, "{}", layout.name);
    }
}

#[test]
fn an_original_of_the_same_day_is_understood_and_one_of_a_day_to_come_is_not() {
    for (text, at, _) in OF_AN_ORIGINAL {
        read(&changed(text, &[(at, "20261106")])).unwrap();
        read(&changed(text, &[(at, "20240229")])).unwrap();
        for to_come in ["20261107", "20270101", "99991231"] {
            let refusal = check(&changed(text, &[(at, to_come)]), "원거래일자", "original_date");
            assert!(refusal.ends_with("expected no day after that of sent_at"), "{refusal}");
        }
    }
}

/// Fails unless that field is named; gives the reason.
#[track_caller]
fn check(telegram: &[u8], title: &str, field: &str) -> String {
    let refusal = refusal(telegram);
    assert_eq!(refusal.code, payment::ResponseCode::FORMAT_ERROR);
    assert_eq!(refusal.message, format!("전문오류: {title}"), "{}", refusal.why);
    assert!(refusal.why.contains(&format!("field \"{field}\" ({title})")), "{}", refusal.why);
    assert_eq!(refusal.envelope.telegram_type.as_bytes(), &telegram[..4]);
    assert_eq!(refusal.envelope.trace_no.as_bytes(), &telegram[26..32]);
    refusal.why
}

#[test]
fn a_wrong_original_is_named() {
    for (text, date_at, trace_no_at) in OF_AN_ORIGINAL {
        for wrong in ["20261131", "00000000", "        ", "2026110 ", "+2026110"] {
            check(&changed(text, &[(date_at, wrong)]), "원거래일자", "original_date");
        }
        for wrong in ["      ", "12A456", " 00123", "-00123"] {
            check(&changed(text, &[(trace_no_at, wrong)]), "원거래 일련번호", "original_trace_no");
        }
    }
}

#[test]
fn a_wrong_field_is_named() {
    let table: &[(&str, Changes, &str, &str)] = &[
        (CANCEL, &[(60, "X")], "입력구분", "entry_mode"),
        (CANCEL, &[(60, " ")], "입력구분", "entry_mode"),
        (CANCEL_BLANK, &[(60, "X")], "입력구분", "entry_mode"),
        (CANCEL, &[(61, "9410A234")], "카드 BIN", "card_bin"),
        (CANCEL, &[(69, NO_TRACK), (69, "9410123412341237")], "카드 트랙", "card_track"),
        (CANCEL, &[(69, NO_TRACK), (69, "9410123412341237=")], "카드 트랙", "card_track"),
        (CANCEL, &[(69, NO_TRACK), (69, "9410123412341237=2913")], "카드 트랙", "card_track"),
        (CANCEL, &[(69, NO_TRACK), (69, "941012341234=2912")], "카드 트랙", "card_track"),
        (CANCEL, &[(360, "승인번호")], "원승인번호", "original_approval_no"),
        (CANCEL, &[(386, "000000000000")], "취소금액", "cancel_amount"),
        (CANCEL, &[(386, "            ")], "취소금액", "cancel_amount"),
        (CANCEL, &[(386, "-00000020000")], "취소금액", "cancel_amount"),
        (CANCEL, &[(398, "00000000160A")], "부가세", "vat"),
        (CANCEL, &[(410, "       00400")], "봉사료", "service_charge"),
        (CANCEL, &[(422, "000000000.80")], "비과세금액", "tax_free"),
        (CANCEL, &[(434, "00")], "취소사유", "reason"),
        (CANCEL, &[(434, "06")], "취소사유", "reason"),
        (CANCEL, &[(434, "  ")], "취소사유", "reason"),
        (CANCEL, &[(434, "2 ")], "취소사유", "reason"),
        (NET_CANCEL, &[(74, "000000000000")], "거래금액", "total_amount"),
        (NET_CANCEL, &[(74, "            ")], "거래금액", "total_amount"),
        (NET_CANCEL, &[(98, "98")], "취소사유", "reason"),
        (NET_CANCEL, &[(98, "  ")], "취소사유", "reason"),
        (ACKNOWLEDGEMENT, &[(74, "승인번호")], "승인번호", "approval_no"),
        (TOTALS, &[(60, "20260230")], "영업일자", "business_date"),
        (TOTALS, &[(60, "        ")], "영업일자", "business_date"),
        (TOTALS, &[(68, "     1")], "승인 건수", "approval_count"),
        (TOTALS, &[(74, "            ")], "승인 금액", "approval_amount"),
        (TOTALS, &[(86, "00000A")], "취소 건수", "cancel_count"),
        (TOTALS, &[(92, "-00000025000")], "취소 금액", "cancel_amount"),
        (TOTALS, &[(104, "1     ")], "망취소 건수", "net_cancel_count"),
        (TOTALS, &[(110, "00000005000.")], "망취소 금액", "net_cancel_amount"),
    ];
    for (text, changes, title, field) in table {
        check(&changed(text, changes), title, field);
    }
}

#[test]
fn the_header_of_every_telegram_is_checked() {
    for text in [CANCEL, NET_CANCEL, ACKNOWLEDGEMENT, INQUIRY, TOTALS, OPENING] {
        check(&changed(text, &[(4, "02")]), "전문버전", "version");
        check(&changed(text, &[(46, "1")]), "보안구분", "security");
        check(&changed(text, &[(16, "12088-0001")]), "사업자등록번호", "header.merchant_no");
        check(&changed(text, &[(32, "20261306140000")]), "전송일시", "header.sent_at");
        let short = &golden(text)[..60];
        assert!(refusal(short).why.ends_with(&format!("bytes, found {}", short.len())));
    }
}

#[test]
fn a_refusal_gives_back_what_can_be_read_whatever_else_is_wrong() {
    let given = |telegram: &[u8]| refusal(telegram).envelope.given_back;
    match given(&changed(ACKNOWLEDGEMENT, &[(66, "20261131")])) {
        GivenBack::Original { trace_no, date, approval_no } => {
            assert_eq!((trace_no.as_str(), date), ("000123", None));
            assert_eq!(approval_no.unwrap().as_str(), "30000001");
        }
        other => panic!("expected the original, found {other:?}"),
    }
    match given(&changed(ACKNOWLEDGEMENT, &[(60, "12A456"), (74, "            ")])) {
        GivenBack::Original { trace_no, date, approval_no } => {
            assert_eq!((trace_no.as_str(), approval_no), ("000000", None));
            assert_eq!(date, Some(request().key.business_date));
        }
        other => panic!("expected the original, found {other:?}"),
    }
    let day = GivenBack::BusinessDate(Some(date(2026, 11, 5)));
    assert_eq!(given(&changed(TOTALS, &[(68, "     1")])), day);
    assert_eq!(given(&changed(TOTALS, &[(60, "2026 105")])), GivenBack::BusinessDate(None));
    assert_eq!(given(&golden(TOTALS)[..60]), GivenBack::BusinessDate(None));
    match given(&changed(OPENING, &[(60, "002")])) {
        GivenBack::Network { function, data } => {
            assert_eq!((function.as_str(), data.as_str()), ("002", "SW 1.4.2"));
        }
        other => panic!("expected a function, found {other:?}"),
    }
    for text in [CANCEL, NET_CANCEL, INQUIRY] {
        assert_eq!(given(&golden(text)[..60]), GivenBack::Nothing);
    }
}

#[test]
fn the_digest_covers_every_byte_of_what_has_no_pin_block() {
    for text in [CANCEL, NET_CANCEL] {
        let telegram = golden(text);
        assert_eq!(digest_parts(&telegram).concat(), telegram);
    }
}
