//! Who does something by hand, and why.

use payment::Operator;

use super::{check_record, check_refused};

#[test]
fn who_and_why_are_kept_without_the_blanks_around_them() {
    let operator = Operator::new(" 김영희 ", "KOVAN 담당자 확인, 취소 완료 2026-11-05\n").unwrap();
    assert_eq!((operator.name(), operator.reason()), ("김영희", "KOVAN 담당자 확인, 취소 완료 2026-11-05"));
    let kim = Operator::new("kim", "called the VAN").unwrap();
    check_record(&kim, r#"{"name":"kim","reason":"called the VAN"}"#);
}

#[test]
fn their_length_is_bounded_in_characters() {
    let (longest_name, longest_reason) = ("가".repeat(64), "나".repeat(200));
    Operator::new(&longest_name, &longest_reason).unwrap();
    let cases = [
        ("", "why", "name: expected 1 to 64 characters"),
        ("  ", "why", "name: expected 1 to 64 characters"),
        ("kim", " ", "reason: expected 1 to 200 characters"),
        (&"가".repeat(65), "why", "name: expected 1 to 64 characters"),
        ("kim", &"나".repeat(201), "reason: expected 1 to 200 characters"),
        ("k\u{1b}[2Jim", "why", "name: expected no control characters"),
        ("kim", "one\ntwo", "reason: expected no control characters"),
    ];
    for (name, reason, expected) in cases {
        assert_eq!(Operator::new(name, reason).unwrap_err().to_string(), expected);
    }
}

#[test]
fn what_may_be_a_card_number_is_never_kept_and_never_repeated() {
    let numbers = [
        "4579730000000017",
        "4579 7300 0000 0017",
        "4579-7300-0000-0017",
        "４５７９７３０００００００１７",
        "4579/7300/0000/0017",
        "4579:7300:0000:0017",
        "4579,7300,0000,0017",
        "4579x7300x0000x0017",
        "4579 / 7300 / 0000 / 0017",
        "(4579) [7300] {0000} <0017>",
        "4579=7300\u{200b}0000·0017",
    ];
    for number in numbers {
        let error = Operator::new("kim", &format!("card {number} of the customer")).unwrap_err().to_string();
        assert_eq!(
            error,
            "reason: expected fewer than 13 digits between two words or commas, for they may be a card number"
        );
        Operator::new(number, "why").unwrap_err();
    }
    // An approval number, a serial of 12 digits and the time of a call are none.
    Operator::new("kim", "approval 30010001, serial 010000000101, 2026-11-05, 14:20").unwrap();
    Operator::new("kim", "2026년 11월 5일 14시 20분 30초, 승인번호 30010001").unwrap();
    Operator::new("kim", "2026-11-05 14:20 by phone 02-1234-5678").unwrap();
}

#[test]
fn a_record_that_could_not_have_been_written_is_refused() {
    check_refused::<Operator>(&[
        r#"{"name":"","reason":"why"}"#,
        r#"{"name":"kim"}"#,
        r#"{"name":"kim","reason":"4579730000000017"}"#,
        r#""kim""#,
    ]);
}
