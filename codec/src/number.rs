//! Numbers in ASCII digits.

use crate::conform::content;
use crate::error::Rule;
use crate::layout::{Align, Field};
use crate::value::Value;

macro_rules! number {
    ($($integer:ty),+) => {$(
        impl Value for $integer {
            #[inline]
            fn read(bytes: &[u8], field: &Field) -> Self {
                let digit = |byte: &u8| Self::from(byte & 0x0f);
                content(bytes, field).iter().fold(0, |number, byte| number * 10 + digit(byte))
            }

            #[inline]
            fn fits(&self, field: &Field) -> Result<(), Rule> {
                if digit_count(u128::from(*self)) > field.len { Err(Rule::TooLarge) } else { Ok(()) }
            }

            #[inline]
            fn write(&self, out: &mut [u8], field: &Field) {
                let start = match field.align {
                    Align::Left => 0,
                    Align::Right => field.len - digit_count(u128::from(*self)),
                };
                let count = digit_count(u128::from(*self));
                out.fill(field.pad);
                let mut number = *self;
                for slot in out[start..start + count].iter_mut().rev() {
                    *slot = b'0' + u8::try_from(number % 10).expect("a remainder of ten is one digit");
                    number /= 10;
                }
            }
        }
    )+};
}

number!(u8, u16, u32, u64, u128);

/// Decimal digits of a number; 1 for zero.
fn digit_count(number: u128) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}
