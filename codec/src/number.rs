//! Numbers in ASCII digits.

use crate::conform::numeral;
use crate::error::Rule;
use crate::layout::{Align, Field};
use crate::value::Value;
use crate::word::{ascii, eight_digits, leading_zeros, put, spread_digits, word};

/// Eight digits at a time.
const EIGHT: u64 = 100_000_000;

macro_rules! unsigned {
    ($($integer:ty),+) => {$(
        impl Value for $integer {
            #[inline(always)]
            #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
            fn read(bytes: &[u8], field: &Field) -> Self {
                let number = if is_plain(field) { digits(bytes) } else { magnitude(bytes, field) };
                Self::try_from(number).unwrap_or(Self::MAX)
            }

            #[inline(always)]
            #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
            fn fits(&self, field: &Field) -> Result<(), Rule> {
                if u128::from(*self) <= largest(field.len) { Ok(()) } else { Err(Rule::TooLarge) }
            }

            #[inline(always)]
            #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
            fn write(&self, out: &mut [u8], field: &Field) {
                write(out, u128::from(*self), false, field);
            }
        }
    )+};
}

unsigned!(u8, u16, u32, u64, u128);

macro_rules! signed {
    ($($integer:ty),+) => {$(
        impl Value for $integer {
            #[inline(always)]
            #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
            fn read(bytes: &[u8], field: &Field) -> Self {
                let (negative, digits) = numeral(bytes, field).unwrap_or_default();
                // A minus sign takes a place, so that every magnitude a field can hold has both signs.
                let magnitude = Self::try_from(number(digits)).unwrap_or(Self::MAX);
                if negative { -magnitude } else { magnitude }
            }

            #[inline(always)]
            #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
            fn fits(&self, field: &Field) -> Result<(), Rule> {
                let places = if *self < 0 { field.len - 1 } else { field.len };
                if u128::from(self.unsigned_abs()) <= largest(places) { Ok(()) } else { Err(Rule::TooLarge) }
            }

            #[inline(always)]
            #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
            fn write(&self, out: &mut [u8], field: &Field) {
                write(out, u128::from(self.unsigned_abs()), *self < 0, field);
            }
        }
    )+};
}

signed!(i8, i16, i32, i64, i128);

/// Whether the digits, after blanks or zeros only, end with the field.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
fn is_plain(field: &Field) -> bool {
    field.align == Align::Right && !field.lenient.alignment
}

/// The largest number of that many digits; no more than 38 fit any type.
#[inline]
const fn largest(digits: usize) -> u128 {
    let mut largest = 0;
    let mut digit = 0;
    while digit < digits && digit < 38 {
        largest = largest * 10 + 9;
        digit += 1;
    }
    largest
}

/// The number of digits with blanks or zeros before them.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
fn digits(bytes: &[u8]) -> u128 {
    let len = bytes.len();
    match len {
        0..=8 => eight_digits(word(bytes)).into(),
        9..=16 => {
            let (high, low) = bytes.split_at(len - 8);
            (eight_digits(word(high)) * EIGHT + eight_digits(word(low))).into()
        }
        _ => number(bytes),
    }
}

fn magnitude(bytes: &[u8], field: &Field) -> u128 {
    numeral(bytes, field).map_or(0, |(_, digits)| number(digits))
}

/// The number of digits, blanks among them counting as 0.
fn number(digits: &[u8]) -> u128 {
    digits.iter().fold(0_u128, |number, byte| number.wrapping_mul(10).wrapping_add((byte & 0x0f).into()))
}

/// Writes a number that fits.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
fn write(out: &mut [u8], number: u128, negative: bool, field: &Field) {
    if field.align == Align::Right && !field.signed && out.len() <= 16 {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        write_right(out, number, field.pad == b' ');
    } else {
        write_digits(out, number, negative, field);
    }
}

/// At most sixteen digits at the right end, zeros or blanks before them.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
fn write_right(out: &mut [u8], number: u64, blank_padded: bool) {
    let len = out.len();
    let (high, low) = (spread_digits(number / EIGHT % EIGHT), spread_digits(number % EIGHT));
    let (high_blanks, low_blanks) = match (blank_padded, high) {
        (false, _) => (0, 0),
        // The last place has a digit, if it is a zero.
        (true, 0) => (8, leading_zeros(low).min(7)),
        (true, high) => (leading_zeros(high), 0),
    };
    if len > 8 {
        let (out_high, out_low) = out.split_at_mut(len - 8);
        put(out_high, ascii(high, high_blanks));
        put(out_low, ascii(low, low_blanks));
    } else {
        put(out, ascii(low, low_blanks));
    }
}

/// Digit by digit, at any side and with a sign.
fn write_digits(out: &mut [u8], mut number: u128, negative: bool, field: &Field) {
    let count = number.checked_ilog10().map_or(1, |log| log as usize + 1);
    out.fill(field.pad);
    let sign = usize::from(negative);
    let first = match field.align {
        Align::Left => sign,
        Align::Right => out.len() - count,
    };
    for slot in out[first..first + count].iter_mut().rev() {
        *slot = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
    if negative {
        let before_digits = if field.pad == b'0' { 0 } else { first - 1 };
        out[before_digits] = b'-';
    }
}
