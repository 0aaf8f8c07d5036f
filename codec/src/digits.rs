//! ASCII digits, kept as they are written.

use crate::error::Rule;
use crate::inline::{ValueError, ascii_value, padded, realigned};
use crate::layout::{Align, Field};
use crate::value::Value;

/// One to `N` ASCII digits, leading zeros kept. In a field that is always full they must be exactly `N`.
///
/// ```
/// use codec::Digits;
/// assert_eq!(Digits::<6>::zero_padded(42)?, "000042");
/// assert_eq!(Digits::<6>::new("42")?.len(), 2);
/// assert!(Digits::<6>::new("+42").is_err());
/// # Ok::<(), codec::ValueError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digits<const N: usize>([u8; N]);

ascii_value!(Digits);

impl<const N: usize> Digits<N> {
    /// Takes the digits as they are.
    ///
    /// # Errors
    /// None, more than `N`, or something else than ASCII digits.
    pub fn new(digits: &str) -> Result<Self, ValueError> {
        if digits.is_empty() {
            return Err(ValueError::Empty);
        }
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ValueError::NotDigits);
        }
        padded(digits.as_bytes()).map(Self)
    }

    /// Writes a number with leading zeros, exactly `N` digits.
    ///
    /// # Errors
    /// The number has more than `N` digits.
    pub fn zero_padded(mut number: u64) -> Result<Self, ValueError> {
        let mut array = [b'0'; N];
        for slot in array.iter_mut().rev() {
            *slot = b'0' + u8::try_from(number % 10).expect("a remainder of ten is one digit");
            number /= 10;
        }
        if number == 0 { Ok(Self(array)) } else { Err(ValueError::TooLong { max: N }) }
    }

    /// How many digits there are.
    #[expect(clippy::len_without_is_empty, reason = "there is always at least one digit")]
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }
}

impl<const N: usize> Value for Digits<N> {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn read(bytes: &[u8], field: &Field) -> Self {
        match field.align {
            Align::Right if field.pad == b' ' => Self(realigned(bytes, field)),
            Align::Left | Align::Right => Self(bytes.try_into().expect("digits are as long as their field")),
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn fits(&self, field: &Field) -> Result<(), Rule> {
        if field.pad == b'0' && self.len() < N { Err(Rule::Short) } else { Ok(()) }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn write(&self, out: &mut [u8], field: &Field) {
        match field.align {
            Align::Left => out.copy_from_slice(&self.0),
            Align::Right => {
                let digits = self.as_bytes();
                let (blanks, rest) = out.split_at_mut(N - digits.len());
                blanks.fill(b' ');
                rest.copy_from_slice(digits);
            }
        }
    }
}
