//! What of a field may be seen.

use std::fmt::Write as _;

use specs::Kind;

use super::{Reading, text_of};

pub(super) fn shown(reading: &Reading<'_>) -> String {
    let Reading { field, raw, fault, unused, withheld } = reading;
    if *unused || raw.iter().all(|&b| b == b' ') {
        return String::new();
    }
    if field.secret || *withheld {
        return format!("*** ({} bytes)", raw.len());
    }
    let sound = fault.is_none();
    match field.kind {
        // A number or a date that keeps its rule is too short or too plain to hide a card number.
        Kind::Number | Kind::Datetime if sound => text_of(field, raw).into_owned(),
        Kind::Binary | Kind::Filler if !raw.iter().all(|b| (b' '..=b'~').contains(b)) => {
            format!("({} bytes)", raw.len())
        }
        Kind::Number
        | Kind::Datetime
        | Kind::Digits
        | Kind::Text
        | Kind::Code
        | Kind::Korean
        | Kind::Binary
        | Kind::Filler
        | Kind::Group => harmless(&if sound {
            text_of(field, raw)
        } else {
            encoding_rs::EUC_KR.decode_without_bom_handling(raw).0
        }),
    }
}

/// A text from elsewhere as it may be shown: no control characters, no card numbers.
pub(crate) fn harmless(text: &str) -> String {
    without_card_numbers(&visible(text))
}

/// Control characters written out, so that a faulty field cannot steer a terminal.
fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c.is_control() {
            write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a String takes everything");
        } else {
            out.push(c);
        }
        out
    })
}

/// The text with every run of digits masked that has a card number in it. A single blank or hyphen between digits belongs to the run:
/// a card number is also written in groups.
fn without_card_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let len = run_length(&rest.as_bytes()[start..]);
        let run = &rest[start..start + len];
        out.push_str(&rest[..start]);
        let digits: Vec<u8> = run.bytes().filter(u8::is_ascii_digit).collect();
        // Next to other digits, a short card number is found only as the group it is.
        if holds_card_number(&digits)
            || run.split(SEPARATORS).any(|group| holds_card_number(group.as_bytes()))
        {
            write!(out, "*** ({len} bytes)").expect("a String takes everything");
        } else {
            out.push_str(run);
        }
        rest = &rest[start + len..];
    }
    out.push_str(rest);
    out
}

/// What may stand between the groups of a number.
const SEPARATORS: [char; 2] = [' ', '-'];

/// How many bytes the run of digits at the start has.
fn run_length(text: &[u8]) -> usize {
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let goes_on = |at: &usize| {
        let is_separator = text.get(*at).is_some_and(|&byte| SEPARATORS.contains(&char::from(byte)));
        is_digit(*at) || is_separator && is_digit(at + 1)
    };
    (0..text.len()).take_while(goes_on).count()
}

/// Whether the run is a card number, or long enough to have one inside.
///
/// A card number has 13 to 19 digits. Inside a longer run nearly every window passes the check digit by chance, so
/// there only the usual lengths count, with a first digit that issuers have.
fn holds_card_number(digits: &[u8]) -> bool {
    let whole = (13..=19).contains(&digits.len()) && digits.iter().any(|&b| b != b'0') && luhn(digits);
    let issued = |window: &[u8]| matches!(window[0], b'2'..=b'6' | b'9') && luhn(window);
    whole || [15, 16].into_iter().any(|len| digits.windows(len).any(issued))
}

/// Whether the check digit of ISO/IEC 7812 is right.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, &digit)| {
            let digit = u32::from(digit - b'0');
            match (index % 2, digit) {
                (0, _) => digit,
                (_, 0..=4) => digit * 2,
                (_, _) => digit * 2 - 9,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}
