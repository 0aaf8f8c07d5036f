//! What may be a card number: somebody pastes one where a BIN, a name or anything else belongs, and it must not get to a screen or a log.

use std::{
    net::{IpAddr, SocketAddr},
    ops::Range,
};

/// Digits in a row from which on they may be a card number.
const DIGITS: usize = 13;

/// The text with stars for the digits of what may be a card number: 13 digits or more in a row, whatever signs and blanks stand between them. Letters,
/// quotes, round and square brackets and a comma with a blank behind it end a row. IP addresses and BIN ranges are none.
pub(crate) fn hidden(text: &str) -> String {
    let mut rows = rows(text).into_iter().peekable();
    let hide = |(at, character): (usize, char)| {
        while rows.next_if(|row| row.end <= at).is_some() {}
        let is_inside = rows.peek().is_some_and(|row| row.contains(&at));
        if is_inside && character.is_numeric() { '*' } else { character }
    };
    text.char_indices().map(hide).collect()
}

/// Whether something in the text may be a card number.
pub(super) fn may_be_in(text: &str) -> bool {
    !rows(text).is_empty()
}

/// Where the rows of digits that may be card numbers stand, from the first digit to the last.
fn rows(text: &str) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut row = 0..0;
    let mut digits = 0;
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let next = at + character.len_utf8();
        if character.is_numeric() {
            row = if digits == 0 { at..next } else { row.start..next };
            digits += 1;
        } else if ends_row(character, &text[next..]) {
            rows.extend(card_number(text, &row, digits));
            digits = 0;
        }
        at = if character == '\\' { next + escaped(&text[next..]) } else { next };
    }
    rows.extend(card_number(text, &row, digits));
    rows
}

fn ends_row(character: char, rest: &str) -> bool {
    let is_list = character == ',' && rest.starts_with(char::is_whitespace);
    is_list
        || character.is_alphabetic()
        || matches!(character, '"' | '\'' | '`' | '[' | ']' | '(' | ')' | '\n')
}

/// How many bytes behind a backslash belong to it: a quoted text shows strange blanks so, which end no row.
fn escaped(rest: &str) -> usize {
    match rest.chars().next() {
        Some('u') if rest[1..].starts_with('{') => rest.find('}').map_or(1, |end| end + 1),
        Some(letter) if letter.is_alphabetic() => letter.len_utf8(),
        Some(_) | None => 0,
    }
}

fn card_number(text: &str, row: &Range<usize>, digits: usize) -> Option<Range<usize>> {
    let found = text.get(row.clone()).filter(|_| digits >= DIGITS)?;
    let is_address = found.parse::<SocketAddr>().is_ok() || found.parse::<IpAddr>().is_ok();
    (!is_address && !is_bin_range(found)).then(|| row.clone())
}

/// As a range of BINs is written; no card number is.
fn is_bin_range(text: &str) -> bool {
    let is_bin = |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('-').is_some_and(|(first, last)| is_bin(first) && is_bin(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_card_number_is_hidden_and_what_is_none_is_not() {
        let table = [
            ("found \"4579731253206133\"", "found \"****************\""),
            ("4579-7312-5320-6133", "****-****-****-****"),
            ("4579 7312 5320 6133!", "**** **** **** ****!"),
            ("4579/7312.5320_6133", "****/****.****_****"),
            ("4579:7312,5320 - 6133", "****:****,**** - ****"),
            ("\"4579\\u{a0}7312\\t5320\\u{200b}6133\"", "\"****\\u{a*}****\\t****\\u{***b}****\""),
            ("４５７９７３１２５３２０６１３３ 원", "**************** 원"),
            ("card 1234567890123", "card *************"),
            ("card 123456789012", "card 123456789012"),
            ("45797312-532061330", "********-*********"),
            ("94500000-94599999", "94500000-94599999"),
            (
                "at 192.168.100.200:17001, 192.168.100.201:17002",
                "at 192.168.100.200:17001, 192.168.100.201:17002",
            ),
            ("[2001:1234:5678:1234::1]:7001", "[2001:1234:5678:1234::1]:7001"),
            ("[\"457973\", \"94500000\"]", "[\"457973\", \"94500000\"]"),
            (
                "1 to 86400000 milliseconds, a day, found 86400001",
                "1 to 86400000 milliseconds, a day, found 86400001",
            ),
            ("\\", "\\"),
            ("\\u{", "\\u{"),
        ];
        for (text, expected) in table {
            assert_eq!(hidden(text), expected);
            assert_eq!(may_be_in(text), text != expected, "{text}");
        }
    }
}
