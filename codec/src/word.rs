//! Eight bytes at a time, in registers: what makes digits and blanks cheap to check, read and write.
//!
//! A word holds up to eight bytes, the first of them lowest. Slices have a length the compiler knows once a field's
//! functions are inlined, so that every branch on it disappears.

/// `byte` in every place of a word.
const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// One to eight bytes at the high end of a word; the places below are zero.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub(crate) fn word(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    let low = match len {
        0 => return 0,
        1 => u64::from(bytes[0]),
        2 | 3 => match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => {
                u64::from(u16::from_le_bytes(*first))
                    | (u64::from(u16::from_le_bytes(*last)) << (8 * (len - 2)))
            }
            _ => 0,
        },
        4..=7 => match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => {
                u64::from(u32::from_le_bytes(*first))
                    | (u64::from(u32::from_le_bytes(*last)) << (8 * (len - 4)))
            }
            _ => 0,
        },
        _ => bytes.last_chunk().map_or(0, |last| u64::from_le_bytes(*last)),
    };
    low << (8 * 8_usize.saturating_sub(len))
}

/// The number of eight digits. A blank counts as 0, and so does an empty place.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between two others")]
pub(crate) const fn eight_digits(word: u64) -> u64 {
    let pairs = (word & every(0x0f)).wrapping_mul(10 << 8 | 1) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul(100 << 16 | 1) >> 16;
    (fours & 0x0000_ffff_0000_ffff).wrapping_mul(10_000 << 32 | 1) >> 32
}

/// The digits of a number below 100,000,000, each as a byte from 0 to 9, the first lowest.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between two others")]
pub(crate) const fn spread_digits(number: u64) -> u64 {
    let halves = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let pairs = hundreds | ((halves - 100 * hundreds) << 16);
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((pairs - 10 * tens) << 8)
}

/// How many places before the first digit that is not zero.
#[inline]
pub(crate) const fn leading_zeros(spread: u64) -> u32 {
    spread.trailing_zeros() / 8
}

/// Spread digits as ASCII, the first `blanks` of them as blanks.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between two others")]
pub(crate) const fn ascii(spread: u64, blanks: u32) -> u64 {
    // A zero differs from a blank in one bit.
    let leading = match 1_u64.checked_shl(8 * blanks) {
        Some(end) => end - 1,
        None => u64::MAX,
    };
    spread | every(b'0') ^ (every(b'0' ^ b' ') & leading)
}

/// Writes the last `out.len()` bytes, at most eight, of a word.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub(crate) fn put(out: &mut [u8], word: u64) {
    let bytes = word.to_le_bytes();
    out.copy_from_slice(&bytes[8 - out.len()..]);
}

/// Only blanks.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub(crate) fn is_blank(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut other = words.iter().fold(0, |other, word| other | (u64::from_le_bytes(*word) ^ every(b' ')));
    if let Some(last) = bytes.last_chunk::<8>() {
        other |= u64::from_le_bytes(*last) ^ every(b' ');
    } else {
        let present = u64::MAX << (8 * (8 - rest.len()).min(7));
        other |= if rest.is_empty() { 0 } else { word(rest) ^ (every(b' ') & present) };
    }
    other == 0
}

/// Whether bytes from 20 to 39 hexadecimal are all digits.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub(crate) fn all_digits(bytes: &[u8]) -> bool {
    windows(bytes, |word, present, missing| missing | (!word & every(0x10) & present)) == 0
}

/// Whether bytes from 20 to 39 hexadecimal are digits at the left and blanks behind them.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub(crate) fn digits_then_blanks(bytes: &[u8]) -> bool {
    windows(bytes, |word, present, wrong| {
        let (digits, others) = split(word, present);
        wrong | not_blank(word, others) | ((others << 8) & digits)
    }) == 0
}

/// Whether bytes from 20 to 39 hexadecimal are blanks and digits at the right of them.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub(crate) fn blanks_then_digits(bytes: &[u8]) -> bool {
    windows(bytes, |word, present, wrong| {
        let (digits, others) = split(word, present);
        wrong | not_blank(word, others) | ((digits << 8) & others)
    }) == 0
}

/// Bit 4 of each digit, and of each other byte that is present.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between two others")]
const fn split(word: u64, present: u64) -> (u64, u64) {
    let bit = every(0x10) & present;
    (word & bit, !word & bit)
}

/// The low halves of the bytes that are no digits; a blank's is zero.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between two others")]
const fn not_blank(word: u64, others: u64) -> u64 {
    word & (others - (others >> 4))
}

/// Folds over words that together cover all bytes and every pair of neighbours; `present` marks a word's bytes.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
fn windows(bytes: &[u8], fold: impl Fn(u64, u64, u64) -> u64) -> u64 {
    let len = bytes.len();
    if len <= 8 {
        let present = if len == 0 { 0 } else { u64::MAX << (8 * (8 - len)) };
        return fold(word(bytes), present, 0);
    }
    let mut folded = 0;
    let mut start = 0;
    while start + 8 < len {
        folded = fold(word(&bytes[start..start + 8]), u64::MAX, folded);
        start += 7;
    }
    fold(word(&bytes[len - 8..]), u64::MAX, folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All texts of digits, blanks, slips and their neighbours, of lengths around the words' ends.
    fn texts() -> impl Iterator<Item = Vec<u8>> {
        (1..=26_usize).flat_map(|len| {
            (0..=len).flat_map(move |cut| {
                [
                    (b' ', b'7'),
                    (b'7', b' '),
                    (b'0', b'9'),
                    (b' ', b' '),
                    (b'*', b'3'),
                    (b'3', b'*'),
                    (b'!', b' '),
                ]
                .into_iter()
                .flat_map(move |(left, right)| {
                    let mut text = vec![left; len];
                    text[cut..].fill(right);
                    let slipped = (0..len).map({
                        let text = text.clone();
                        move |at| {
                            let mut text = text.clone();
                            text[at] = if text[at] == b' ' { b'1' } else { b' ' };
                            text
                        }
                    });
                    std::iter::once(text.clone()).chain(slipped.collect::<Vec<_>>())
                })
            })
        })
    }

    #[test]
    fn the_checks_of_words_say_what_their_bytes_say() {
        for text in texts() {
            let (digit, blank) = (|b: &u8| b.is_ascii_digit(), |b: &u8| *b == b' ');
            let digits = text.iter().take_while(|b| digit(b)).count();
            let blanks = text.iter().take_while(|b| blank(b)).count();
            let shown = text.escape_ascii();
            assert_eq!(is_blank(&text), text.iter().all(blank), "{shown}");
            assert_eq!(all_digits(&text), text.iter().all(|b| b & 0x10 != 0), "{shown}");
            assert_eq!(digits_then_blanks(&text), text[digits..].iter().all(blank), "{shown}");
            assert_eq!(blanks_then_digits(&text), text[blanks..].iter().all(digit), "{shown}");
        }
    }

    #[test]
    fn digits_are_read_and_written_eight_at_a_time() {
        for number in [0, 1, 9, 10, 99, 100, 9_999, 10_000, 12_345_678, 90_000_009, 99_999_999] {
            let text = format!("{number:08}");
            assert_eq!(eight_digits(word(text.as_bytes())), number);
            let mut out = [0; 8];
            put(&mut out, ascii(spread_digits(number), 0));
            assert_eq!(out, text.as_bytes());
            let blanks = leading_zeros(spread_digits(number)).min(7);
            put(&mut out, ascii(spread_digits(number), blanks));
            assert_eq!(std::str::from_utf8(&out).unwrap(), format!("{number:8}"));
        }
        assert_eq!(eight_digits(word(b"123")), 123);
        assert_eq!(eight_digits(word(b"    7")), 7);
        assert_eq!(ascii(0, 8), every(b' '));
    }
}
