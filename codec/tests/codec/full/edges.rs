//! Values at the edge of what a field can hold.

use codec::{Korean, Rule, Telegram, Text, Truncated};

use super::golden::{full, full_bytes};
use super::layout::{Full, State};

#[test]
fn a_leading_blank_of_korean_is_kept_at_the_left_and_refused_at_the_right() {
    let mut value = full();
    value.korean = Korean::new(" 가").unwrap();
    assert_eq!(Full::decode(&value.encode_to_bytes().unwrap()), Ok(value.clone()));
    // At the right it would be taken for padding.
    value.korean_right = Korean::new(" 가").unwrap();
    let error = value.encode_to_bytes().unwrap_err();
    assert_eq!((error.field(), error.rule()), (Some("korean_right"), Rule::Korean));
    assert_eq!(error.expected().to_string(), "expected EUC-KR, right-aligned");
}

#[test]
fn a_field_of_nuls_is_empty_or_absent_where_nuls_are_padding() {
    let mut bytes = full_bytes();
    for field in ["text_odd", "text_odd_right", "text_nul", "code_odd", "korean_nul", "korean_uhc_cut"] {
        let place = Full::LAYOUT.field(field).unwrap();
        bytes[place.at..place.at + place.len].fill(0);
    }
    let view = Full::view(&bytes).unwrap();
    assert_eq!((view.text_odd_right(), view.code_odd(), view.korean_uhc_cut()), (None, None, None));
    assert!(view.text_odd().is_empty() && view.text_nul().get().is_empty() && view.korean_nul().is_empty());
    let written = view.to_owned().encode_to_bytes().unwrap();
    let place = Full::LAYOUT.field("text_nul").unwrap();
    assert_eq!(written[place.at..place.at + place.len], *b"        ", "what is accepted is not written");
}

#[test]
fn nuls_within_a_text_or_where_nothing_is_lenient_are_refused() {
    for (field, content) in
        [("text_nul", &b"a\0b"[..]), ("text_odd", b"\0a"), ("text_left", b"abc\0"), ("korean", b"\0")]
    {
        let mut bytes = full_bytes();
        let at = Full::LAYOUT.field(field).unwrap().at;
        bytes[at..at + content.len()].copy_from_slice(content);
        assert_eq!(Full::view(&bytes).unwrap_err().field(), Some(field));
    }
}

#[test]
fn an_order_counts_its_lines_wherever_its_number_stands() {
    let at = Full::LAYOUT.field("orders[0].count").unwrap().at;
    for (count, lines) in [(b"1 ", 1), (b" 1", 1), (b"01", 1), (b"0 ", 0), (b" 0", 0)] {
        let mut bytes = full_bytes();
        bytes[at..at + 2].copy_from_slice(count);
        let view = Full::view(&bytes).unwrap();
        assert_eq!(view.orders().get(0).unwrap().lines().len(), lines);
        let mut patch = Full::patch(&mut bytes).unwrap();
        assert_eq!(patch.orders(0).unwrap().lines(0).is_some(), lines == 1);
    }
}

#[test]
fn a_cut_fills_its_field_to_the_last_whole_character() {
    for (text, cut) in [
        ("가나다라마바", "가나다라마"),
        ("a가나다라마바", "a가나다라마"),
        ("ab가나다라마", "ab가나다라"),
        // Nothing that stands behind what is cut off.
        ("가나다라마바x", "가나다라마"),
    ] {
        assert_eq!(Truncated::<Korean<11>>::cut(text).to_string(), cut);
    }
    assert_eq!(*Truncated::<Text<9>>::cut("  승인 a\tb, and more").get(), *"?? a?b, a");
}

#[test]
fn a_known_code_in_the_variant_for_others_is_written_and_read_as_itself() {
    let mut value = full();
    value.code_enum = State::Other("X".parse().unwrap());
    let written = value.encode_to_bytes().unwrap();
    assert_eq!(Full::decode(&written).unwrap().code_enum, State::Declined);
}

#[test]
fn half_a_character_is_left_out_where_the_field_is_lenient_to_it() {
    let place = Full::LAYOUT.field("korean_half").unwrap();
    let field = place.at..place.at + place.len;
    for (content, shown) in [
        (b"\xb0\xa1\xb0\xa1\xb0\xa1\xb0\xa1\xb0", Some("가가가가")),
        (b"\xb0\xa1      \xfe", Some("가")),
        (b"        \xb0", Some("")),
        (b" \xb0\xa1\xb0\xa1\xb0\xa1\xb0\xa1", Some(" 가가가가")),
        (b"\xb0\xa1\xb0 \xb0\xa1\xb0\xa1\xb0", None),
        (b"\xb0\xa1\xb0\xa1\xb0\xa1\xb0\xa1\xff", None),
        (b"\xb0\xa1\xb0\xa1\xb0\xa1\xb0\xa1\xa0", None),
    ] {
        let mut bytes = full_bytes();
        bytes[field.clone()].copy_from_slice(content);
        let view = Full::view(&bytes);
        assert_eq!(view.ok().map(|view| view.korean_half().to_string()).as_deref(), shown);
    }
}

#[test]
fn more_than_there_is_room_for_is_refused_though_every_occurrence_is_right() {
    let mut value = full();
    let line = value.lines.get(0).unwrap().clone();
    value.lines.push(line.clone()).unwrap();
    for order in &mut value.orders {
        order.lines = codec::Items::new();
        order.lines.push(line.clone()).unwrap();
        order.lines.push(line.clone()).unwrap();
    }
    let bytes = value.encode_to_bytes().unwrap();
    for (field, right, wrong) in [
        ("count", b"03", b"04"),
        ("count", b"03", b"99"),
        ("orders[1].count", b"2 ", b"3 "),
        ("orders[0].count", b"02", b"12"),
    ] {
        let at = Full::LAYOUT.field(field).unwrap().at;
        let mut counted = bytes.to_vec();
        counted[at..at + 2].copy_from_slice(right);
        assert_eq!(Full::decode(&counted).as_ref(), Ok(&value));
        counted[at..at + 2].copy_from_slice(wrong);
        let error = Full::decode(&counted).unwrap_err();
        assert_eq!((error.field(), error.rule()), (Some(field), Rule::Count));
        assert_eq!(Full::validate_all(&counted).collect::<Vec<_>>(), [error]);
    }
}
