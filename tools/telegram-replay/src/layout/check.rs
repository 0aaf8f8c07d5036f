//! What makes the bytes of one field right or wrong.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::{Date, Time};
use specs::{Align, Format, Kind};

use super::Field;

/// Which rule a field breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The whole telegram's length.
    Length,
    /// The constant of the layout stands there.
    Constant,
    /// ASCII digits fill the field.
    Digits,
    /// Digits, then padding.
    DigitsThenPad,
    /// Padding, then digits.
    PadThenDigits,
    /// A value, not blanks only.
    Present,
    /// Printable ASCII.
    Text,
    /// Whole EUC-KR characters.
    Korean,
    /// A real date or time of this form.
    Datetime(Format),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "expected another length",
            Self::Constant => "expected the layout's constant",
            Self::Digits => "expected digits only",
            Self::DigitsThenPad => "expected digits, then padding",
            Self::PadThenDigits => "expected padding, then digits",
            Self::Present => "expected a value",
            Self::Text => "expected printable ASCII",
            Self::Korean => "expected whole EUC-KR characters",
            Self::Datetime(format) => return write!(f, "expected a real {format}"),
        })
    }
}

/// The first rule the bytes break; `raw` is as long as the field.
pub(super) fn fault(field: &Field, raw: &[u8]) -> Option<Fault> {
    if let Some(constant) = &field.constant {
        return (raw != constant.as_slice()).then_some(Fault::Constant);
    }
    let blank = raw.iter().all(|&b| b == b' ');
    if field.blank_is_absent && blank {
        return None;
    }
    match field.kind {
        Kind::Number | Kind::Digits => digits_fault(field, raw, blank),
        Kind::Text | Kind::Code => (!raw.iter().all(|b| (b' '..=b'~').contains(b))).then_some(Fault::Text),
        Kind::Korean => encoding_rs::EUC_KR
            .decode_without_bom_handling_and_without_replacement(raw)
            .is_none_or(|text| text.chars().any(char::is_control))
            .then_some(Fault::Korean),
        Kind::Datetime => {
            let format = field.format.expect("the reader gives every datetime a format");
            (!real(format, raw)).then_some(Fault::Datetime(format))
        }
        Kind::Binary | Kind::Filler | Kind::Group => None,
    }
}

fn digits_fault(field: &Field, raw: &[u8], blank: bool) -> Option<Fault> {
    if blank {
        return Some(if field.pad == b' ' { Fault::Present } else { Fault::Digits });
    }
    let is_digit = |b: &u8| b.is_ascii_digit();
    if field.pad == b'0' {
        return (!raw.iter().all(is_digit)).then_some(Fault::Digits);
    }
    match field.align {
        Align::Right => {
            let start = raw.iter().position(|&b| b != field.pad).unwrap_or(raw.len());
            (!raw[start..].iter().all(is_digit)).then_some(Fault::PadThenDigits)
        }
        Align::Left => {
            let end = raw.iter().rposition(|&b| b != field.pad).map_or(0, |last| last + 1);
            (!raw[..end].iter().all(is_digit)).then_some(Fault::DigitsThenPad)
        }
    }
}

/// Whether the digits are a date, a time or both that exist.
pub(super) fn real(format: Format, digits: &[u8]) -> bool {
    if digits.len() != format.word().len() || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let at = |start: usize, len: usize| {
        digits[start..start + len].iter().fold(0i16, |n, b| n * 10 + i16::from(b - b'0'))
    };
    let two = |start: usize| i8::try_from(at(start, 2)).unwrap_or(i8::MAX);
    let date = |year: i16, start: usize| Date::new(year, two(start), two(start + 2)).is_ok();
    let time = |start: usize| Time::new(two(start), two(start + 2), two(start + 4), 0).is_ok();
    match format {
        Format::DateTime => date(at(0, 4), 4) && time(8),
        Format::ShortDateTime => date(2000 + at(0, 2), 2) && time(6),
        // Without a year any day that some year has is real.
        Format::MonthDayTime => date(2000, 0) && time(4),
        Format::Date => date(at(0, 4), 4),
        Format::ShortDate => date(2000 + at(0, 2), 2),
        Format::Time => time(0),
    }
}

/// The field's value without padding.
pub(crate) fn text_of<'a>(field: &Field, raw: &'a [u8]) -> Cow<'a, str> {
    let trimmed = match field.kind {
        // Zeros before a number are padding whatever the layout pads with.
        Kind::Number => {
            let blanks = raw.iter().position(|&b| b != b' ').unwrap_or(raw.len());
            let digits = raw[blanks..].trim_ascii_end();
            let zeros = digits.iter().position(|&b| b != b'0').unwrap_or(digits.len().saturating_sub(1));
            &digits[zeros..]
        }
        // Zeros in digits are content; only blanks pad them.
        Kind::Digits if field.align == Align::Right => {
            &raw[raw.iter().position(|&b| b != b' ').unwrap_or(raw.len())..]
        }
        Kind::Digits
        | Kind::Text
        | Kind::Korean
        | Kind::Datetime
        | Kind::Code
        | Kind::Binary
        | Kind::Filler
        | Kind::Group => &raw[..raw.iter().rposition(|&b| b != b' ').map_or(0, |last| last + 1)],
    };
    encoding_rs::EUC_KR.decode_without_bom_handling(trimmed).0
}
