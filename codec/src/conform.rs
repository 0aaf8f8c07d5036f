//! Whether a field's bytes are what its layout says: the rules, told from the layout's table alone.
//!
//! What the derive macro generates to check a whole telegram at once is in `scan`. Where that finds fault, this decides
//! and says which field it is.

use crate::datetime;
use crate::error::Rule;
use crate::korean;
use crate::layout::{Align, Field, Kind, Layout, Occurrence};

/// The rule that the field's bytes in `telegram` break, if any. A field of an occurrence that is not in use breaks none.
pub(crate) fn broken_rule(telegram: &[u8], field: &Field) -> Option<Rule> {
    let is_used = field.occurrence.is_none_or(|occurrence| is_used(telegram, occurrence));
    if is_used { rule_broken_by(&telegram[field.at..field.at + field.len], field) } else { None }
}

/// The rule that bytes, exactly the field's, break, if any.
fn rule_broken_by(bytes: &[u8], field: &Field) -> Option<Rule> {
    if let Some(constant) = field.constant {
        return (bytes != constant).then_some(Rule::Constant);
    }
    let bytes = significant(bytes, field);
    if field.blank_is_absent && is_blank(bytes) {
        return None;
    }
    match field.kind {
        Kind::Number => match (numeral(bytes, field), field.limit) {
            (None, _) => Some(Rule::Digits),
            (Some((_, digits)), Some(limit)) => (count(digits) > limit).then_some(Rule::Count),
            (Some(_), None) => None,
        },
        Kind::Digits => {
            let digits = content(bytes, field);
            let are_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            (!are_digits).then_some(Rule::Digits)
        }
        Kind::Text | Kind::Code => {
            let stands = bytes.iter().copied().all(is_printable) && is_aligned(bytes, field);
            (!stands).then_some(Rule::Text)
        }
        Kind::Korean(encoding) => (!korean::is_whole(bytes, encoding)).then_some(Rule::Korean),
        Kind::Datetime(format) => (!datetime::is_real(bytes, format)).then_some(Rule::Datetime),
        Kind::Binary | Kind::Filler => None,
    }
}

/// Whether bytes, exactly the field's, conform to the layout.
#[inline]
pub(crate) fn conforms(bytes: &[u8], field: &Field) -> bool {
    rule_broken_by(bytes, field).is_none()
}

/// The first field at fault from the one with that index on, and the rule it breaks.
pub(crate) fn first_fault(
    layout: &'static Layout,
    telegram: &[u8],
    from: usize,
) -> Option<(usize, &'static Field, Rule)> {
    let mut fields = layout.fields.iter().enumerate().skip(from);
    fields.find_map(|(index, field)| Some((index, field, broken_rule(telegram, field)?)))
}

/// Whether the occurrence is one of those its group has in use. What cannot be counted is not.
pub(crate) fn is_used(telegram: &[u8], occurrence: Occurrence) -> bool {
    let Occurrence { index, count_at, count_len } = occurrence;
    let counter = &telegram[count_at..count_at + count_len];
    let digits = trim_start(trim_end(counter));
    digits.iter().all(u8::is_ascii_digit) && index < count(digits)
}

/// The number of a counting field's digits.
pub(crate) fn count(digits: &[u8]) -> usize {
    digits.iter().fold(0_usize, |count, byte| count.saturating_mul(10).saturating_add((byte & 0x0f).into()))
}

/// The sign and the digits of a number, if it is one in a form the field accepts.
pub(crate) fn numeral<'a>(bytes: &'a [u8], field: &Field) -> Option<(bool, &'a [u8])> {
    let mut body = content(bytes, field);
    if field.lenient.padding {
        body = trim_start(body);
    }
    let (negative, digits) = match body {
        [b'-', digits @ ..] if field.signed => (true, digits),
        digits => (false, digits),
    };
    let are_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let is_zero = digits.iter().all(|byte| *byte == b'0');
    (are_digits && !(negative && is_zero)).then_some((negative, digits))
}

/// The bytes without the NULs, or the half character, that a lenient field may end with.
#[inline]
pub(crate) fn significant<'a>(bytes: &'a [u8], field: &Field) -> &'a [u8] {
    if field.lenient.cut
        && let Kind::Korean(encoding) = field.kind
        && let Some(whole) = korean::before_half(bytes, encoding)
    {
        return whole;
    }
    if !field.lenient.nul {
        return bytes;
    }
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// The bytes without the blanks that pad them; zeros are content.
#[inline]
pub fn content<'a>(bytes: &'a [u8], field: &Field) -> &'a [u8] {
    if field.lenient.alignment {
        return trim_start(trim_end(bytes));
    }
    if field.pad != b' ' {
        return bytes;
    }
    match field.align {
        Align::Left => trim_end(bytes),
        Align::Right => trim_start(bytes),
    }
}

/// The bytes without trailing blanks.
#[inline]
pub(crate) fn trim_end(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    &bytes[..end]
}

/// The bytes without leading blanks.
#[inline]
pub(crate) fn trim_start(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| *byte != b' ').unwrap_or(bytes.len());
    &bytes[start..]
}

/// Only blanks.
#[inline]
pub(crate) fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == b' ')
}

/// ASCII that can be printed, the blank included.
#[inline]
pub(crate) fn is_printable(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

/// The content stands at the side it is aligned to.
#[inline]
fn is_aligned(bytes: &[u8], field: &Field) -> bool {
    let edge = match field.align {
        Align::Left => bytes.first(),
        Align::Right => bytes.last(),
    };
    field.lenient.alignment || edge.is_none_or(|byte| *byte != b' ') || is_blank(bytes)
}
