//! A field's value without what pads it.

use std::borrow::Cow;

use specs::{Align, Kind, Leniency};

use super::Field;
use super::check::{is_whole, leads};

/// The field's value without padding. A number has no zeros before it.
pub(crate) fn text_of<'a>(field: &Field, raw: &'a [u8]) -> Cow<'a, str> {
    let value = without_padding(field, raw);
    if field.kind != Kind::Number {
        return encoding_rs::EUC_KR.decode_without_bom_handling(value).0;
    }
    let (sign, digits) = match value {
        [b'-', digits @ ..] => ("-", digits),
        digits => ("", digits),
    };
    // Zeros before a number are padding whatever the layout pads with.
    let zeros = digits.iter().position(|&b| b != b'0').unwrap_or(digits.len().saturating_sub(1));
    let digits = encoding_rs::EUC_KR.decode_without_bom_handling(&digits[zeros..]).0;
    if sign.is_empty() { digits } else { Cow::Owned(format!("{sign}{digits}")) }
}

/// Whether two fields of that form differ in their padding only.
pub(super) fn is_same_value(field: &Field, a: &[u8], b: &[u8]) -> bool {
    match field.kind {
        Kind::Filler => true,
        Kind::Number => text_of(field, a) == text_of(field, b),
        Kind::Digits
        | Kind::Text
        | Kind::Korean
        | Kind::Datetime
        | Kind::Code
        | Kind::Binary
        | Kind::Group => without_padding(field, a) == without_padding(field, b),
    }
}

fn without_padding<'a>(field: &Field, raw: &'a [u8]) -> &'a [u8] {
    let raw = significant(field, raw, field.lenient);
    match (field.kind, field.align) {
        (Kind::Number, _) | (Kind::Text | Kind::Code | Kind::Korean, Align::Right) => {
            from_blanks(till_blanks(raw))
        }
        // Zeros in digits are content; only blanks pad them.
        (Kind::Digits, Align::Right) => from_blanks(raw),
        (Kind::Text | Kind::Code, Align::Left) if field.lenient.alignment => from_blanks(till_blanks(raw)),
        (
            Kind::Digits
            | Kind::Text
            | Kind::Korean
            | Kind::Datetime
            | Kind::Code
            | Kind::Binary
            | Kind::Filler
            | Kind::Group,
            _,
        ) => till_blanks(raw),
    }
}

/// The bytes before the NULs, or the half character, that are forgiven them.
pub(super) fn significant<'a>(field: &Field, raw: &'a [u8], lenient: Leniency) -> &'a [u8] {
    if lenient.cut
        && let [whole @ .., last] = raw
        && leads(field.encoding, *last)
        && is_whole(field.encoding, whole)
    {
        return whole;
    }
    if lenient.nul { till(raw, 0) } else { raw }
}

/// The bytes before the blanks they end with.
pub(super) fn till_blanks(raw: &[u8]) -> &[u8] {
    till(raw, b' ')
}

/// The bytes after the blanks they begin with.
pub(super) fn from_blanks(raw: &[u8]) -> &[u8] {
    &raw[raw.iter().position(|&b| b != b' ').unwrap_or(raw.len())..]
}

fn till(raw: &[u8], pad: u8) -> &[u8] {
    &raw[..raw.iter().rposition(|&b| b != pad).map_or(0, |last| last + 1)]
}
