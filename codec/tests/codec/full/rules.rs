//! Every rule: where it is broken, what it wants, what it found; and nothing of a secret.

use codec::{Code, Digits, Error, Korean, Rule, Secret, Telegram, Text, Truncated, Uhc};

use super::golden::{full, full_bytes};
use super::layout::{Full, State};

/// All rules. One more does not compile until it stands here, and then fails until it is shown to be broken.
const RULES: &[Rule] = &[
    Rule::Length,
    Rule::Digits,
    Rule::Count,
    Rule::Text,
    Rule::Korean,
    Rule::Datetime,
    Rule::Constant,
    Rule::TooLarge,
    Rule::Short,
    Rule::Blank,
    Rule::Year,
];

const fn is_listed(rule: Rule) {
    match rule {
        Rule::Length
        | Rule::Digits
        | Rule::Count
        | Rule::Text
        | Rule::Korean
        | Rule::Datetime
        | Rule::Constant
        | Rule::TooLarge
        | Rule::Short
        | Rule::Blank
        | Rule::Year => {}
    }
}

const _: () = is_listed(Rule::Length);

/// What a telegram with that content in a field is refused with, by everyone who looks at it.
#[track_caller]
fn refused(field: &str, content: &[u8]) -> Error {
    let mut bytes = full_bytes();
    let place = Full::LAYOUT.field(field).unwrap();
    bytes[place.at..place.at + content.len()].copy_from_slice(content);
    let error = Full::view(&bytes).unwrap_err();
    assert_eq!(Full::decode(&bytes), Err(error));
    assert_eq!(Full::validate_all(&bytes).next(), Some(error));
    assert_eq!(Full::patch(&mut bytes).unwrap_err(), error);
    assert_eq!((error.layout(), error.field()), ("full", Some(field)));
    assert_eq!((error.at(), error.len(), error.title()), (place.at, place.len, place.title));
    error
}

/// Field, content, rule, what it expects, what it found.
type Refusal = (&'static str, &'static [u8], Rule, &'static str, Option<&'static str>);

const REFUSALS: &[Refusal] = &[
    ("numbers.n4", b"12 4", Rule::Digits, "expected 4 digits", Some("\"12 4\"")),
    ("maybe_number", b" ", Rule::Digits, "expected 12 digits or blanks", Some("\" 000000*****\"")),
    (
        "blank_padded",
        b"+",
        Rule::Digits,
        "expected at most 9 digits, right-aligned, blank-padded",
        Some("\"+      42\""),
    ),
    (
        "left_number",
        b" ",
        Rule::Digits,
        "expected at most 9 digits, left-aligned, blank-padded",
        Some("\" 2       \""),
    ),
    (
        "signed_zeros",
        b"-00000000",
        Rule::Digits,
        "expected 9 digits, a minus sign counted",
        Some("\"-000000**\""),
    ),
    (
        "signed_blanks",
        b"-",
        Rule::Digits,
        "expected at most 9 digits, a minus sign counted, right-aligned, blank-padded",
        Some("\"-    -123\""),
    ),
    ("filled", b" ", Rule::Digits, "expected 6 digits", Some("\" 00042\"")),
    ("secret_number", b"42x2", Rule::Digits, "expected 4 digits", None),
    (
        "digits_maybe",
        b"x",
        Rule::Digits,
        "expected at most 20 digits, left-aligned, blank-padded or blanks",
        None,
    ),
    ("orders[0].lines[0].part.kind", b"x", Rule::Digits, "expected 4 digits", Some("\"x001\"")),
    ("count", b"04", Rule::Count, "expected at most 3", Some("\"04\"")),
    ("orders[1].count", b"3", Rule::Count, "expected at most 2", Some("\"3 \"")),
    ("text_left", b" a", Rule::Text, "expected printable ASCII, left-aligned", Some("\" ab        \"")),
    (
        "text_right",
        b"\x80",
        Rule::Text,
        "expected printable ASCII, right-aligned",
        Some("\"\\x80       a b\""),
    ),
    (
        "text_maybe",
        b" x",
        Rule::Text,
        "expected printable ASCII, left-aligned or blanks",
        Some("\" x      \""),
    ),
    ("code_enum", b"\0", Rule::Text, "expected printable ASCII, left-aligned", Some("\"\\x00\"")),
    ("track2", b"\x01", Rule::Text, "expected printable ASCII, left-aligned", None),
    ("lines[1].memo", b"\x7f", Rule::Text, "expected printable ASCII, left-aligned or blanks", None),
    ("korean_nul", b"\xb3 ", Rule::Korean, "expected EUC-KR", Some("\"\\xb3        \"")),
    (
        "korean_uhc",
        b"\x8c\x40",
        Rule::Korean,
        "expected EUC-KR (UHC)",
        Some("\"\\x8c@\\xb9\\xe6\\xb0\\xa2\\xc7\\xcf  \""),
    ),
    ("korean_secret", b" ", Rule::Korean, "expected EUC-KR", None),
    ("lines[0].name", b" ", Rule::Korean, "expected EUC-KR", Some("\" \\xa1\\xb3\\xaa\\xb4\\xd9 \"")),
    ("at14", b"20270229", Rule::Datetime, "expected yyyyMMddHHmmss", Some("\"202702********\"")),
    ("maybe_at12", b"991301", Rule::Datetime, "expected yyMMddHHmmss or blanks", Some("\"991301******\"")),
    ("at10", b"0230", Rule::Datetime, "expected MMddHHmmss", Some("\"023023****\"")),
    ("day8", b"20261131", Rule::Datetime, "expected yyyyMMdd", Some("\"202611**\"")),
    ("day6", b"250229", Rule::Datetime, "expected yyMMdd", Some("\"250229\"")),
    ("time6", b"240000", Rule::Datetime, "expected HHmmss", Some("\"240000\"")),
    ("lines[1].sold_on", b"26 121", Rule::Datetime, "expected yyMMdd or blanks", Some("\"26 121\"")),
    ("const_number", b"0190", Rule::Constant, "expected \" 190\"", Some("\"0190\"")),
    ("const_text", b"ISO\0", Rule::Constant, "expected \"ISO  \"", Some("\"ISO\\x00 \"")),
    ("orders[0].lines[0].mark", b"!", Rule::Constant, "expected \"#\"", Some("\"!\"")),
];

#[test]
fn every_rule_of_reading_is_told_with_path_place_and_both_sides() {
    for (field, content, rule, expected, found) in REFUSALS {
        let error = refused(field, content);
        let shown = error.found().map(|found| found.to_string());
        assert_eq!(
            (error.rule(), error.expected().to_string().as_str(), shown.as_deref()),
            (*rule, *expected, *found),
            "{field}"
        );
        let (end, title) = (error.at() + error.len(), error.title());
        let found = found.map_or_else(String::new, |found| format!(", found {found}"));
        let whole = format!("full field \"{field}\" ({title}) at {}..{end}: {expected}{found}", error.at());
        assert_eq!((error.to_string(), format!("{error:?}")), (whole.clone(), whole));
    }
}

/// Field, rule, what it expects, and how a value is made that cannot be written there.
type Misfit = (&'static str, Rule, &'static str, fn(&mut Full));

const MISFITS: &[Misfit] = &[
    ("blank_padded", Rule::TooLarge, "expected a number of at most 9 digits", |full| {
        full.blank_padded = 1_000_000_000;
    }),
    ("secret_number", Rule::TooLarge, "expected a number of at most 4 digits", |full| {
        full.secret_number = Secret::new(10_000);
    }),
    ("signed_one", Rule::TooLarge, "expected a number of at most 2 digits", |full| full.signed_one = -10),
    ("numbers.n20", Rule::TooLarge, "expected a number of at most 20 digits", |full| {
        full.numbers.n20 = u128::MAX;
    }),
    ("lines[1].price", Rule::TooLarge, "expected a number of at most 7 digits", |full| {
        let mut line = full.lines.get(0).unwrap().clone();
        line.price = -1_000_000;
        let first = full.lines.get(0).unwrap().clone();
        full.lines = codec::Items::new();
        full.lines.push(first).unwrap();
        full.lines.push(line).unwrap();
    }),
    ("orders[0].lines[0].part.kind", Rule::Short, "expected 4 digits", |full| {
        let mut line = full.orders[0].lines.get(0).unwrap().clone();
        line.part.kind = Digits::new("1").unwrap();
        full.orders[0].lines = codec::Items::new();
        full.orders[0].lines.push(line).unwrap();
    }),
    ("filled", Rule::Short, "expected 6 digits", |full| full.filled = Digits::new("42").unwrap()),
    ("filled_maybe", Rule::Short, "expected 3 digits or blanks", |full| {
        full.filled_maybe = Some(Digits::new("42").unwrap());
    }),
    ("text_maybe", Rule::Blank, "expected a value that is not blank", |full| {
        full.text_maybe = Some(Text::EMPTY);
    }),
    ("code_maybe", Rule::Blank, "expected a value that is not blank", |full| {
        full.code_maybe = Some(State::Other(Code::EMPTY));
    }),
    ("korean_maybe", Rule::Blank, "expected a value that is not blank", |full| {
        full.korean_maybe = Some(Korean::EMPTY);
    }),
    ("korean_uhc_cut", Rule::Blank, "expected a value that is not blank", |full| {
        full.korean_uhc_cut = Some(Truncated::<Korean<7, Uhc>>::cut("  "));
    }),
    ("block", Rule::Blank, "expected a value that is not blank", |full| {
        full.block = Some(Secret::default());
    }),
    ("maybe_at12", Rule::Year, "expected a year the form can express or blanks", |full| {
        full.maybe_at12 = Some(jiff::civil::datetime(2100, 1, 1, 0, 0, 0, 0));
    }),
    ("day8", Rule::Year, "expected a year the form can express", |full| {
        full.day8 = jiff::civil::date(-1, 1, 1);
    }),
];

#[test]
fn every_rule_of_writing_is_told_with_path_and_place_and_nothing_is_written() {
    for (field, rule, expected, change) in MISFITS {
        let mut value = full();
        change(&mut value);
        let mut out = vec![b'x'; Full::LENGTH];
        let error = value.encode_into(&mut out).unwrap_err();
        assert_eq!((error.field(), error.rule(), error.found()), (Some(*field), *rule, None));
        assert_eq!(error.expected().to_string(), *expected, "{field}");
        let end = error.at() + error.len();
        let whole =
            format!("full field \"{field}\" ({}) at {}..{end}: {expected}", error.title(), error.at());
        assert_eq!(error.to_string(), whole);
        assert!(out.iter().all(|byte| *byte == b'x'), "{field}: nothing is half-written");
        let mut appended = Vec::new();
        assert_eq!(value.encode(&mut appended), Err(error));
        assert!(appended.is_empty());
    }
}

#[test]
fn a_wrong_length_is_told_with_both_lengths_alone() {
    let bytes = full_bytes();
    let (short, long) = (&bytes[1..], [bytes.as_slice(), b" "].concat());
    for (bytes, found) in [(short, "1283"), (&long, "1285"), (&[], "0")] {
        let error = Full::view(bytes).unwrap_err();
        assert_eq!((error.rule(), error.field(), error.at(), error.len()), (Rule::Length, None, 0, 1284));
        assert_eq!((error.title(), error.found()), ("모든 종류와 모든 키", None));
        assert_eq!(error.expected().to_string(), "expected 1284 bytes");
        assert_eq!(error.to_string(), format!("full: expected 1284 bytes, found {found}"));
        assert_eq!(Full::validate_all(bytes).collect::<Vec<_>>(), [error]);
    }
    let mut room = vec![0; 1283];
    assert_eq!(full().encode_into(&mut room).unwrap_err().rule(), Rule::Length);
}

#[test]
fn every_rule_is_shown_to_be_broken_here() {
    let refused = REFUSALS.iter().map(|(_, _, rule, _, _)| *rule);
    let misfits = MISFITS.iter().map(|(_, rule, _, _)| *rule);
    let broken: Vec<_> = refused.chain(misfits).chain([Rule::Length]).collect();
    for rule in RULES {
        is_listed(*rule);
        assert!(broken.contains(rule), "{rule:?}");
    }
}

#[test]
fn all_faults_are_told_in_the_order_of_the_wire() {
    let mut bytes = full_bytes();
    let break_at = |bytes: &mut Vec<u8>, field: &str| bytes[Full::LAYOUT.field(field).unwrap().at] = 0xff;
    let fields =
        ["part.kind", "const_zeros", "numbers.n7", "track2", "korean63", "lines[1].price", "orders[0].state"];
    for field in fields.iter().rev() {
        break_at(&mut bytes, field);
    }
    // Not in use, and so not at fault.
    break_at(&mut bytes, "lines[2].price");
    break_at(&mut bytes, "orders[1].lines[0].price");
    let all: Vec<_> = Full::validate_all(&bytes).collect();
    assert_eq!(all.iter().filter_map(Error::field).collect::<Vec<_>>(), fields);
    assert_eq!(Full::decode(&bytes), Err(all[0]));
}

#[test]
fn an_error_is_small_and_copied() {
    const fn is_copy<T: Copy + Send + Sync + 'static>() {}
    const _: () = is_copy::<Error>();
    assert!(size_of::<Error>() <= 64, "{}", size_of::<Error>());
    assert!(!std::mem::needs_drop::<Error>(), "nothing of it is on the heap");
}

#[test]
fn digits_in_a_row_are_masked_behind_the_sixth_and_long_fields_are_cut() {
    let error = refused("text_left", b"45797300\x0312");
    assert_eq!(error.found().unwrap().to_string(), "\"457973**\\x0312\"");
    let error = refused("text_left", b"12-345 6 7\x03");
    assert_eq!(error.found().unwrap().to_string(), "\"12-345 6 *\\x03\"", "groups of digits are one row");
    let error = refused("korean65", b"9410 1234-1234 1237  1234567890\xff");
    assert_eq!(error.found().unwrap().to_string(), "\"9410 12**-**** ****  123456****\\xff…\"");
    let error = refused("korean65", b"45797300000000084579730000000008\xff");
    assert_eq!(error.found().unwrap().to_string(), "\"457973**************************…\"");
}
