//! What the inline values accept, and what they show.

use codec::{Binary, Code, Digits, Korean, MonthDayTime, Secret, Text, Truncated, ValueError};

#[test]
fn digits_keep_leading_zeros_and_refuse_everything_that_is_not_a_digit() {
    let cases: &[(&str, Result<&str, ValueError>)] = &[
        ("007", Ok("007")),
        ("123456", Ok("123456")),
        ("1234567", Err(ValueError::TooLong { max: 6 })),
        ("", Err(ValueError::Empty)),
        ("+5", Err(ValueError::NotDigits)),
        ("1 ", Err(ValueError::NotDigits)),
        ("１", Err(ValueError::NotDigits)),
    ];
    for (given, expected) in cases {
        let digits = Digits::<6>::new(given);
        assert_eq!(digits.as_ref().map(Digits::as_str).map_err(|error| *error), *expected, "{given:?}");
    }
}

#[test]
fn a_number_becomes_digits_with_leading_zeros_or_is_refused() {
    assert_eq!(Digits::<6>::zero_padded(42).unwrap(), "000042");
    assert_eq!(Digits::<6>::zero_padded(999_999).unwrap(), "999999");
    assert_eq!(Digits::<6>::zero_padded(1_000_000), Err(ValueError::TooLong { max: 6 }));
}

#[test]
fn text_drops_trailing_blanks_and_refuses_leading_ones() {
    let cases: &[(&str, Result<&str, ValueError>)] = &[
        ("a b  ", Ok("a b")),
        ("", Ok("")),
        ("abcde     ", Ok("abcde")),
        ("abcdef", Err(ValueError::TooLong { max: 5 })),
        (" a", Err(ValueError::LeadingBlank)),
        ("a\n", Err(ValueError::NotPrintable)),
        ("é", Err(ValueError::NotPrintable)),
    ];
    for (given, expected) in cases {
        let text = Text::<5>::new(given);
        assert_eq!(text.as_ref().map(Text::as_str).map_err(|error| *error), *expected, "{given:?}");
    }
    assert!(Text::<5>::default().is_empty());
}

#[test]
fn a_code_compares_with_text() {
    let code: Code<4> = "O".parse().unwrap();
    assert!(code == "O" && code != "X");
}

#[test]
fn korean_counts_bytes_and_a_cut_never_splits_a_character() {
    let cases: &[(&str, &str)] = &[
        ("가나다", "가나"),
        ("a가나다", "a가나"),
        ("ab가나", "ab가"),
        ("", ""),
        ("가나", "가나"),
        ("abcdef", "abcde"),
    ];
    for (given, cut) in cases {
        assert_eq!(Truncated::<Korean<5>>::cut(given).to_string(), *cut, "{given}");
    }
    assert_eq!(Korean::<5>::new("가나다"), Err(ValueError::TooLong { max: 5 }));
    assert_eq!(Korean::<4>::new("가나").unwrap().as_bytes(), b"\xb0\xa1\xb3\xaa");
}

#[test]
fn korean_refuses_what_euc_kr_does_not_have_and_a_cut_shows_a_question_mark() {
    // 똠 is in code page 949 only: its bytes are 8C 63.
    for text in ["똠", "😀", "a\tb"] {
        assert_eq!(Korean::<9>::new(text), Err(ValueError::NotEucKr), "{text:?}");
    }
    assert_eq!(Truncated::<Korean<9>>::cut("똠방각하").to_string(), "?방각하");
    assert_eq!(Truncated::<Korean<9>>::cut("a\tb").to_string(), "a?b");
}

#[test]
fn a_long_korean_text_is_displayed_whole() {
    let text = "가나다라마바사아자차카타파하".repeat(8);
    assert_eq!(Korean::<224>::new(&text).unwrap().to_string(), text);
}

#[test]
fn a_secret_shows_nothing() {
    let secret = Secret::new(Text::<37>::new("4579730000000008=2812").unwrap());
    assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "*** Some(***)");
    assert_eq!(*secret.expose(), "4579730000000008=2812");
}

#[test]
fn a_binary_is_kept_whole_and_shows_its_length_only() {
    let binary = Binary::<6>::new(b"a\x00b").unwrap();
    assert_eq!(binary.as_bytes(), b"a\x00b   ");
    assert_eq!(binary.trimmed(), b"a\x00b");
    assert_eq!(format!("{binary:?}"), "<6 bytes>");
    assert_eq!(Binary::<2>::new(b"abc"), Err(ValueError::TooLong { max: 2 }));
}

#[test]
fn the_day_of_a_year_to_be_found_may_be_29_february_but_not_30_february() {
    let midnight = jiff::civil::Time::midnight();
    let leap = MonthDayTime::new(2, 29, midnight).unwrap();
    assert_eq!(leap.in_year(2028), Some(jiff::civil::datetime(2028, 2, 29, 0, 0, 0, 0)));
    assert_eq!(leap.in_year(2027), None);
    assert_eq!(MonthDayTime::new(2, 30, midnight), Err(ValueError::NotADate));
}
