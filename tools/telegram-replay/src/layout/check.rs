//! What makes the bytes of one field right or wrong.

use std::fmt;

use jiff::civil::{Date, Time};
use specs::{Align, Encoding, Format, Kind, Leniency};

use super::Field;
use super::value::{from_blanks, significant, till_blanks};

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
    /// Digits, with at most a minus sign before them, and no minus zero.
    Signed,
    /// No more occurrences than the layout has.
    Count(usize),
    /// Printable ASCII.
    Text,
    /// The value stands at this side of its field.
    Aligned(Align),
    /// Whole EUC-KR characters.
    Korean,
    /// Whole characters of code page 949.
    Uhc,
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
            Self::Signed => "expected digits, a minus sign directly before them at most, and no minus zero",
            Self::Count(most) => return write!(f, "expected at most {most}, as many as there is room for"),
            Self::Text => "expected printable ASCII",
            Self::Aligned(side) => return write!(f, "expected the value at the {side} of its field"),
            Self::Korean => "expected whole EUC-KR characters",
            Self::Uhc => "expected whole characters of code page 949",
            Self::Datetime(format) => return write!(f, "expected a real {format}"),
        })
    }
}

/// The rule the bytes break; `raw` is as long as the field.
///
/// `lenient` is what is accepted besides the form that is written.
pub(super) fn fault(field: &Field, raw: &[u8], lenient: Leniency) -> Option<Fault> {
    if let Some(constant) = &field.constant {
        return (raw != constant.as_slice()).then_some(Fault::Constant);
    }
    let raw = significant(field, raw, lenient);
    let blank = raw.iter().all(|&b| b == b' ');
    if field.blank_is_absent && blank {
        return None;
    }
    match field.kind {
        Kind::Number | Kind::Digits if blank => {
            Some(if field.pad == b' ' { Fault::Present } else { Fault::Digits })
        }
        Kind::Number => number_fault(field, raw, lenient),
        Kind::Digits => (!unpadded(field, raw).iter().all(u8::is_ascii_digit)).then_some(digits_fault(field)),
        Kind::Text | Kind::Code if !raw.iter().copied().all(is_printable) => Some(Fault::Text),
        Kind::Text | Kind::Code => {
            let edge = match field.align {
                Align::Left => raw.first(),
                Align::Right => raw.last(),
            };
            let stands = blank || lenient.alignment || edge != Some(&b' ');
            (!stands).then_some(Fault::Aligned(field.align))
        }
        Kind::Korean => (!is_whole(field.encoding, raw)).then_some(match field.encoding {
            Encoding::Ksx1001 => Fault::Korean,
            Encoding::Uhc => Fault::Uhc,
        }),
        Kind::Datetime => {
            let format = field.format.expect("the reader gives every datetime a format");
            (!real(format, raw)).then_some(Fault::Datetime(format))
        }
        Kind::Binary | Kind::Filler | Kind::Group => None,
    }
}

fn number_fault(field: &Field, raw: &[u8], lenient: Leniency) -> Option<Fault> {
    let mut value = unpadded(field, raw);
    if lenient.alignment {
        value = from_blanks(till_blanks(raw));
    }
    if lenient.padding {
        value = from_blanks(value);
    }
    let (negative, digits) = match value {
        [b'-', digits @ ..] if field.signed => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Some(if field.signed { Fault::Signed } else { digits_fault(field) });
    }
    if negative && digits.iter().all(|&b| b == b'0') {
        return Some(Fault::Signed);
    }
    let most = field.counts?;
    counted(digits).is_none_or(|count| count > most).then_some(Fault::Count(most))
}

/// The bytes without the blanks on the side that is padded.
fn unpadded<'a>(field: &Field, raw: &'a [u8]) -> &'a [u8] {
    match (field.pad, field.align) {
        (b' ', Align::Right) => from_blanks(raw),
        (b' ', Align::Left) => till_blanks(raw),
        _ => raw,
    }
}

fn digits_fault(field: &Field) -> Fault {
    match (field.pad, field.align) {
        (b' ', Align::Right) => Fault::PadThenDigits,
        (b' ', Align::Left) => Fault::DigitsThenPad,
        _ => Fault::Digits,
    }
}

/// The number of digits, the largest there is for one larger than that; `None` for anything else. No digits are zero.
pub(super) fn counted(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0_usize, |count, byte| {
        byte.is_ascii_digit().then(|| count.saturating_mul(10).saturating_add(usize::from(byte - b'0')))
    })
}

fn is_printable(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte)
}

/// Whether the bytes are printable ASCII and whole pairs of the encoding.
pub(super) fn is_whole(encoding: Encoding, mut raw: &[u8]) -> bool {
    loop {
        raw = match raw {
            [] => return true,
            [one, rest @ ..] if is_printable(*one) => rest,
            [first, second, rest @ ..] if is_pair(encoding, *first, *second) => rest,
            [_, ..] => return false,
        };
    }
}

/// Whether a character of two bytes can begin so.
pub(super) fn leads(encoding: Encoding, first: u8) -> bool {
    match encoding {
        Encoding::Ksx1001 => matches!(first, 0xa1..=0xfe),
        Encoding::Uhc => matches!(first, 0x81..=0xfe),
    }
}

fn is_pair(encoding: Encoding, first: u8, second: u8) -> bool {
    match encoding {
        Encoding::Ksx1001 => matches!((first, second), (0xa1..=0xfe, 0xa1..=0xfe)),
        Encoding::Uhc => matches!((first, second), (0x81..=0xfe, 0x41..=0x5a | 0x61..=0x7a | 0x81..=0xfe)),
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
