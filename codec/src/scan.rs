//! What generated code checks a telegram with: one pass over all bytes against tables, then what tables cannot say.
//!
//! Nothing here exits early, and nothing says which field is at fault: that is told afterwards, by `conform`, and only of
//! a telegram that failed. The bytes given to the field checks have passed the tables, which the derive macro makes:
//!
//! | field | its bytes in the tables |
//! |---|---|
//! | constant | exactly that byte |
//! | full of digits | `0`-`9` |
//! | digits or blanks | hexadecimal 20-39; the first (or last) place `0`-`9` where a digit must stand there |
//! | text, code | hexadecimal 20-7E |
//! | Korean | hexadecimal 20-FE |
//! | all else | any byte |

use crate::conform;
use crate::datetime;
use crate::korean;
use crate::layout::{Field, Format};
use crate::word;

/// Whether every byte is from `low` to `low + span` of its place.
#[inline]
pub fn in_range<const N: usize>(bytes: &[u8; N], low: &[u8; N], span: &[u8; N]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let (low_blocks, low_rest) = low.as_chunks::<BLOCK>();
    let (span_blocks, span_rest) = span.as_chunks::<BLOCK>();
    let mut beyond = [0; BLOCK];
    for ((block, low), span) in blocks.iter().zip(low_blocks).zip(span_blocks) {
        for (((beyond, byte), low), span) in beyond.iter_mut().zip(block).zip(low).zip(span) {
            *beyond |= byte.wrapping_sub(*low).saturating_sub(*span);
        }
    }
    let mut rest_beyond = 0;
    for ((byte, low), span) in rest.iter().zip(low_rest).zip(span_rest) {
        rest_beyond |= byte.wrapping_sub(*low).saturating_sub(*span);
    }
    rest_beyond | beyond.iter().fold(0, |all, beyond| all | beyond) == 0
}

/// Bytes that are looked at together, in the order of memory: a pass the compiler lays out as it likes may run against it, which the
/// processor's prefetching does not follow.
const BLOCK: usize = 64;

/// Digits all through, or blanks.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub fn digits_or_blank(bytes: &[u8]) -> bool {
    word::all_digits(bytes) | word::is_blank(bytes)
}

/// Digits at the left, blanks behind them.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub fn left_digits(bytes: &[u8]) -> bool {
    word::digits_then_blanks(bytes)
}

/// Digits at the right, blanks before them.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub fn right_digits(bytes: &[u8]) -> bool {
    word::blanks_then_digits(bytes)
}

/// No leading blank, unless all are.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub fn left_text(bytes: &[u8]) -> bool {
    bytes.first() != Some(&b' ') || word::is_blank(bytes)
}

/// No trailing blank, unless all are.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub fn right_text(bytes: &[u8]) -> bool {
    bytes.last() != Some(&b' ') || word::is_blank(bytes)
}

/// Whole characters of KS X 1001.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub fn ksx1001(bytes: &[u8]) -> bool {
    korean::is_ksx1001(bytes)
}

/// Digits that are a date, a time or both.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the form is a constant only where it is inlined")]
pub fn datetime(bytes: &[u8], format: Format) -> bool {
    datetime::exists(bytes, format)
}

/// A date, a time or both, or blanks.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the form is a constant only where it is inlined")]
pub fn datetime_or_blank(bytes: &[u8], format: Format) -> bool {
    if word::all_digits(bytes) { datetime::exists(bytes, format) } else { word::is_blank(bytes) }
}

/// Whatever the tables cannot express: signs, leniencies, code page 949.
pub fn by_rule(bytes: &[u8], field: &Field) -> bool {
    conform::conforms(bytes, field)
}

/// A field of an occurrence that may not be in use.
pub fn if_used(telegram: &[u8], field: &Field) -> bool {
    conform::broken_rule(telegram, field).is_none()
}
