//! Every broken rule is told with the field, its place, and both sides; never with a secret.

use codec::{Digits, Rule, Secret, Telegram as _, Text};

use crate::everything::{Everything, example, example_bytes};

/// Overwrites bytes of the golden telegram and compares the complaint.
#[track_caller]
fn check(at: usize, bytes: &[u8], expected: &str) {
    let mut telegram = example_bytes();
    telegram[at..at + bytes.len()].copy_from_slice(bytes);
    let error = Everything::decode(&telegram).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert_eq!(Everything::view(&telegram).unwrap_err(), error);
}

#[test]
fn a_number_is_digits_only() {
    check(
        14,
        b"0000000+5",
        r#"everything field "amount" (금액) at 14..26: expected 12 digits, found "000000*+5300""#,
    );
    check(
        14,
        b"   ",
        r#"everything field "amount" (금액) at 14..26: expected 12 digits, found "   000012***""#,
    );
    check(
        26,
        b"        5 ",
        r#"everything field "blank_padded" (공백 채움 금액) at 26..36: expected at most 10 digits, right-aligned, blank-padded, found "        5 ""#,
    );
    check(
        36,
        b" ",
        r#"everything field "vat" (부가세) at 36..48: expected 12 digits or blanks, found " 000000*****""#,
    );
}

#[test]
fn digits_and_text_stand_at_their_side() {
    check(88, b" ", r#"everything field "serial" (번호) at 88..94: expected 6 digits, found " 00042""#);
    check(
        4,
        b" A",
        r#"everything field "part.trace" (일련번호) at 4..10: expected printable ASCII, left-aligned, found " A7   ""#,
    );
    check(
        115,
        b"\x80\n",
        r#"everything field "note" (비고) at 115..124: expected printable ASCII, left-aligned or blanks, found "\x80\nb      ""#,
    );
}

#[test]
fn a_constant_stands_as_it_is() {
    check(10, b"0190", r#"everything field "constant" (상수) at 10..14: expected " 190", found "0190""#);
}

#[test]
fn a_korean_character_is_never_half_there() {
    let found = r#""\xc1\xa4\xbb\xf3 \xbd\xc2\xc0\xce OK       \xb0""#;
    check(
        113,
        b"\xb0",
        &format!(r#"everything field "message" (메시지) at 94..114: expected EUC-KR, found {found}"#),
    );
}

#[test]
fn a_date_exists() {
    check(
        124,
        b"20270229",
        r#"everything field "at14" (일시) at 124..138: expected yyyyMMddHHmmss, found "202702********""#,
    );
    check(
        150,
        b"0230",
        r#"everything field "at10" (월일시각) at 150..160: expected MMddHHmmss, found "023023****""#,
    );
    check(
        168,
        b"991301",
        r#"everything field "day6" (짧은 일자) at 168..174: expected yyMMdd, found "991301""#,
    );
    check(174, b"240000", r#"everything field "time6" (시각) at 174..180: expected HHmmss, found "240000""#);
    check(174, b"235960", r#"everything field "time6" (시각) at 174..180: expected HHmmss, found "235960""#);
}

#[test]
fn what_a_secret_field_holds_is_not_shown() {
    check(
        68,
        b"4579730000000008A",
        r#"everything field "card_no" (카드번호) at 68..88: expected at most 20 digits, left-aligned, blank-padded or blanks"#,
    );
}

#[test]
fn a_card_number_in_the_wrong_field_is_masked() {
    check(
        4,
        b"\t",
        r#"everything field "part.trace" (일련번호) at 4..10: expected printable ASCII, left-aligned, found "\t-7   ""#,
    );
    check(
        48,
        b"4579730000000008=281",
        r#"everything field "large" (큰 수) at 48..68: expected 20 digits, found "457973**********=281""#,
    );
}

#[test]
fn a_telegram_of_another_length_shows_both_lengths() {
    let error = Everything::decode(&example_bytes()[..199]).unwrap_err();
    assert_eq!(error.to_string(), "everything: expected 200 bytes, found 199");
    assert_eq!((error.rule(), error.field(), error.title()), (Rule::Length, None, "모든 종류"));
    assert!(Everything::view(&[]).is_err());
}

#[test]
fn a_filler_may_hold_anything() {
    let mut telegram = example_bytes();
    telegram[196..].copy_from_slice(b"\x00\xff\x80 ");
    assert_eq!(Everything::decode(&telegram), Ok(example()));
}

/// Changes a value of the golden telegram so that it cannot be written.
#[track_caller]
fn check_misfit(change: fn(&mut Everything), rule: Rule, expected: &str) {
    let mut telegram = example();
    change(&mut telegram);
    let mut out = [b'x'; 200];
    let error = telegram.encode_into(&mut out).unwrap_err();
    assert_eq!((error.rule(), error.to_string().as_str()), (rule, expected));
    assert_eq!(out, [b'x'; 200], "nothing is half-written");
    let mut appended = Vec::new();
    assert_eq!(telegram.encode(&mut appended), Err(error));
    assert!(appended.is_empty());
}

#[test]
fn a_value_too_large_for_its_field_is_refused_not_cut() {
    check_misfit(
        |telegram| telegram.blank_padded = 12_345_678_901,
        Rule::TooLarge,
        r#"everything field "blank_padded" (공백 채움 금액) at 26..36: expected a number of at most 10 digits"#,
    );
    check_misfit(
        |telegram| telegram.large = 100_000_000_000_000_000_000,
        Rule::TooLarge,
        r#"everything field "large" (큰 수) at 48..68: expected a number of at most 20 digits"#,
    );
}

#[test]
fn digits_that_must_fill_their_field_do() {
    check_misfit(
        |telegram| telegram.serial = Digits::new("42").unwrap(),
        Rule::Short,
        r#"everything field "serial" (번호) at 88..94: expected 6 digits"#,
    );
    check_misfit(
        |telegram| telegram.part.kind = Digits::new("42").unwrap(),
        Rule::Short,
        r#"everything field "part.kind" (구분) at 0..4: expected 4 digits"#,
    );
}

#[test]
fn a_present_value_is_not_blank_and_a_year_fits_its_form() {
    check_misfit(
        |telegram| telegram.note = Some(Text::EMPTY),
        Rule::Blank,
        r#"everything field "note" (비고) at 115..124: expected a value that is not blank"#,
    );
    check_misfit(
        |telegram| telegram.day6 = jiff::civil::date(2100, 1, 1),
        Rule::Year,
        r#"everything field "day6" (짧은 일자) at 168..174: expected a year the form can express"#,
    );
}

#[test]
fn a_buffer_without_room_is_refused() {
    let mut room = [0; 199];
    assert_eq!(example().encode_into(&mut room).unwrap_err().rule(), Rule::Length);
    let mut rest = &mut room[..];
    assert_eq!(example().encode(&mut rest).unwrap_err().rule(), Rule::Length);
    assert_eq!(rest.len(), 199);
}

#[test]
fn views_and_values_mask_secrets_when_they_are_debugged() {
    let bytes = example_bytes();
    let view = Everything::view(&bytes).unwrap();
    for shown in [format!("{view:?}"), format!("{:?}", example())] {
        assert!(shown.contains("card_no: Some(***)") && shown.contains("block: ***"), "{shown}");
        assert!(!shown.contains("457973"));
    }
    let mut telegram = example();
    telegram.card_no = Some(Secret::new(Digits::new("1").unwrap()));
    assert_ne!(telegram, example());
}
