//! Telegrams of terminals that are refused: each is answered with the name of the field that is wrong.

use dialects::terminal::{MAX_LENGTH, MIN_LENGTH, NotUnderstood, Refusal, Unreadable, read, write_refusal};
use payment::ResponseCode;

use crate::{
    asked::{CLEAR, ECHO},
    golden::{changed, golden},
    order::now,
};

/// What stands at which offsets instead.
pub(crate) type Changes = &'static [(usize, &'static str)];

/// All blanks of a track.
pub(crate) const NO_TRACK: &str = "                                     ";

pub(crate) fn refusal(telegram: &[u8]) -> Refusal {
    match read(telegram) {
        Err(NotUnderstood::Refused(refusal)) => *refusal,
        other => panic!("expected a refusal, found {other:?}"),
    }
}

fn unreadable(telegram: &[u8]) -> Unreadable {
    match read(telegram) {
        Err(NotUnderstood::Unreadable(unreadable)) => unreadable,
        other => panic!("expected an unreadable header, found {other:?}"),
    }
}

#[track_caller]
fn check(telegram: &[u8], title: &str, field: &str) {
    let refusal = refusal(telegram);
    assert_eq!(refusal.code, ResponseCode::FORMAT_ERROR);
    assert_eq!(refusal.message, format!("전문오류: {title}"), "{}", refusal.why);
    assert!(refusal.why.contains(&format!("field \"{field}\" ({title})")), "{}", refusal.why);
    assert_eq!(refusal.envelope.terminal_id.as_str(), "1000000001");
    assert_eq!(refusal.envelope.trace_no.as_str(), "000123");
}

#[test]
fn a_wrong_field_is_named() {
    let table = [
        (4, "0A", "전문버전", "header.version"),
        (16, "12088-0001", "사업자등록번호", "header.merchant_no"),
        (32, "20261105136030", "전송일시", "header.sent_at"),
        (32, "20260230000000", "전송일시", "header.sent_at"),
        (32, "              ", "전송일시", "header.sent_at"),
        (47, "A0", "키 인덱스", "header.key_index"),
        (61, "9410A234", "카드 BIN", "card_bin"),
        (69, "가", "카드 트랙", "card_track"),
        (360, " 3", "할부개월", "installment"),
        (362, "4 0", "통화코드", "currency"),
        (365, "       50000", "거래금액", "total_amount"),
        (365, "00000050,000", "거래금액", "total_amount"),
        (365, "+00000050000", "거래금액", "total_amount"),
        (377, "00000000400A", "부가세", "vat"),
        (389, "       01000", "봉사료", "service_charge"),
        (401, "-00000002000", "비과세금액", "tax_free"),
        (413, "XXX", "EMV 데이터 길이", "emv_length"),
    ];
    for (at, content, title, field) in table {
        check(&changed(CLEAR, &[(at, content)]), title, field);
    }
}

#[test]
fn a_field_that_makes_no_sense_is_named() {
    let table: &[(Changes, &str, &str)] = &[
        (&[(60, "X")], "입력구분", "entry_mode"),
        (&[(60, " ")], "입력구분", "entry_mode"),
        (&[(362, "840")], "통화코드", "currency"),
        (&[(365, "000000000000")], "거래금액", "total_amount"),
        (&[(377, "000000050001")], "부가세", "vat"),
        (&[(389, "000000050001")], "부가세", "vat"),
        (&[(69, NO_TRACK)], "카드 트랙", "card_track"),
        (&[(69, NO_TRACK), (106, "BLOCK"), (61, "        ")], "카드 BIN", "card_bin"),
        (&[(69, NO_TRACK), (106, "BLOCK"), (61, "94101   ")], "카드 BIN", "card_bin"),
        (&[(69, NO_TRACK), (69, "941012341234=2912")], "카드 트랙", "card_track"),
        (&[(69, NO_TRACK), (69, "94101234123412341234=2912")], "카드 트랙", "card_track"),
        (&[(69, NO_TRACK), (69, "9410123412341237")], "카드 트랙", "card_track"),
        (&[(69, NO_TRACK), (69, "9410123412341237=")], "카드 트랙", "card_track"),
        (&[(69, NO_TRACK), (69, "9410123412341237=291")], "카드 트랙", "card_track"),
        (&[(69, NO_TRACK), (69, "9410123412341237=2913")], "카드 트랙", "card_track"),
        (&[(69, NO_TRACK), (69, "9410123412341237=2912X")], "카드 트랙", "card_track"),
        (&[(69, NO_TRACK), (69, "94101234 2341237=2912")], "카드 트랙", "card_track"),
        (&[(69, NO_TRACK), (69, ";9410123412341237=2912?")], "카드 트랙", "card_track"),
    ];
    for (changes, title, field) in table {
        check(&changed(CLEAR, changes), title, field);
    }
}

#[test]
fn another_version_or_an_encrypted_body_is_named_whatever_it_breaks() {
    for body in [&[][..], &[(60, "\u{1}\u{2}\u{3}")], &[(365, "ABCDEFGHIJKL")]] {
        let table = [
            (4, "02", "전문버전", "version"),
            (46, "1", "보안구분", "security"),
            (46, " ", "보안구분", "security"),
        ];
        for (at, content, title, field) in table {
            let changes = [&[(at, content)], body].concat();
            check(&changed(CLEAR, &changes), title, field);
        }
    }
    let mut longer = changed(CLEAR, &[(4, "02")]);
    longer.extend(b"more");
    check(&longer, "전문버전", "version");
}

#[test]
fn a_telegram_of_another_length_is_refused_with_the_lengths() {
    for telegram in [golden(CLEAR)[..MIN_LENGTH].to_vec(), golden(CLEAR)[..727].to_vec(), {
        let mut long = golden(CLEAR);
        long.resize(MAX_LENGTH, b' ');
        long
    }] {
        let refusal = refusal(&telegram);
        assert_eq!(refusal.message, "전문오류: 승인 요청");
        let found = telegram.len();
        assert_eq!(refusal.why, format!("terminal-0100: expected 728 bytes, found {found}"));
    }
}

#[test]
fn telegrams_of_features_this_version_lacks_are_refused_not_dropped() {
    for kind in ["0140", "0200", "0600", "0000", "9989"] {
        let refusal = refusal(&changed(CLEAR, &[(0, kind)]));
        assert_eq!((refusal.code, refusal.message.as_str()), (ResponseCode::FORMAT_ERROR, "미지원 전문"));
        assert_eq!(refusal.why, format!("telegram type {kind} is not supported by this version"));
        assert_eq!(refusal.envelope.telegram_type.as_str(), kind);
    }
    for function in ["002", "000", "004", "999"] {
        check(&changed(ECHO, &[(60, function)]), "업무구분", "function");
    }
    let keys = refusal(&changed(ECHO, &[(60, "002")]));
    assert!(keys.why.ends_with("keys of terminals do not exist yet"), "{}", keys.why);
}

#[test]
fn what_says_that_it_is_an_answer_is_not_answered() {
    for kind in ["0110", "0130", "0310", "0410", "0430", "0510", "0810", "9999"] {
        let found = unreadable(&changed(CLEAR, &[(0, kind)]));
        assert_eq!(found.to_string(), format!("unreadable header: telegram_type {kind} is an answer's"));
    }
    for refused in ["0000", "9989"] {
        let reply = write_refusal(&refusal(&changed(CLEAR, &[(0, refused)])), now());
        unreadable(&reply);
    }
}

#[test]
fn a_merchant_number_that_cannot_be_read_is_answered_with_zeros() {
    let refusal = refusal(&changed(CLEAR, &[(16, "          ")]));
    assert_eq!(refusal.envelope.merchant_no.as_str(), "0000000000");
}

#[test]
fn only_a_header_that_no_answer_could_match_is_unreadable() {
    let table = [
        (0, "01A0", "telegram_type"),
        (0, " 100", "telegram_type"),
        (6, "          ", "terminal_id"),
        (6, " 100000001", "terminal_id"),
        (6, "10000 0001", "terminal_id"),
        (6, "100000000\u{7f}", "terminal_id"),
        (6, "단말기", "terminal_id"),
        (26, "00012 ", "trace_no"),
        (26, "-00123", "trace_no"),
    ];
    for (at, content, field) in table {
        let found = unreadable(&changed(CLEAR, &[(at, content)]));
        assert_eq!(found.to_string(), format!("unreadable header: {field} is not as the layout says"));
    }
    let short = unreadable(&golden(CLEAR)[..MIN_LENGTH - 1]);
    assert_eq!(short.to_string(), "unreadable header: expected at least 60 bytes, found 59");
    unreadable(b"");
}
