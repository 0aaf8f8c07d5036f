//! Whether a field's bytes are what its layout says. There is one answer for views, decoding and blame.

use crate::datetime;
use crate::korean::is_euc_kr;
use crate::layout::{Align, Field, Kind};

/// Whether `bytes`, exactly the field's, conform to the layout.
#[inline]
pub fn conforms(bytes: &[u8], field: &Field) -> bool {
    if let Some(constant) = field.constant {
        return bytes == constant;
    }
    if field.blank_is_absent && is_blank(bytes) {
        return true;
    }
    match field.kind {
        Kind::Number | Kind::Digits => {
            let digits = content(bytes, field);
            !digits.is_empty() && all(digits, |byte| byte.is_ascii_digit())
        }
        Kind::Text | Kind::Code => all(bytes, is_printable) && is_aligned(bytes, field.align),
        Kind::Korean => is_euc_kr(bytes),
        Kind::Datetime(format) => datetime::is_real(bytes, format),
        Kind::Binary | Kind::Filler => true,
    }
}

/// The bytes without the blanks that pad them; zeros are content.
#[inline]
pub(crate) fn content<'a>(bytes: &'a [u8], field: &Field) -> &'a [u8] {
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

#[inline]
fn trim_start(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| *byte != b' ').unwrap_or(bytes.len());
    &bytes[start..]
}

/// Only blanks.
#[inline]
pub(crate) fn is_blank(bytes: &[u8]) -> bool {
    all(bytes, |byte| byte == b' ')
}

/// ASCII that can be printed, the blank included.
#[inline]
pub(crate) fn is_printable(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

/// The content stands at the side it is aligned to.
#[inline]
fn is_aligned(bytes: &[u8], align: Align) -> bool {
    let edge = match align {
        Align::Left => bytes.first(),
        Align::Right => bytes.last(),
    };
    edge.is_none_or(|byte| *byte != b' ') || is_blank(bytes)
}

/// All bytes pass; without an early exit, so that the loop vectorizes.
#[inline]
fn all(bytes: &[u8], pass: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |ok, byte| ok & pass(*byte))
}
