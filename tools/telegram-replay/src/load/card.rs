//! Card numbers for load: test numbers, all different, with a right check digit.

use std::fmt;
use std::str::FromStr;

/// Digits of a generated card number.
pub(super) const DIGITS: usize = 16;

/// One card, or all cards that begin alike.
#[derive(Clone, PartialEq, Eq)]
pub struct Cards {
    digits: [u8; DIGITS],
    fixed: usize,
}

impl fmt::Debug for Cards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cards({} digits given)", self.fixed)
    }
}

/// The text is neither a card number nor the beginning of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected the first 6 to 12 digits of test cards, or one whole card number of 16 digits with its check digit"
)]
pub struct CardError;

impl FromStr for Cards {
    type Err = CardError;

    fn from_str(text: &str) -> Result<Self, CardError> {
        let given = text.as_bytes();
        if !given.iter().all(u8::is_ascii_digit) || !matches!(given.len(), 6..=12 | DIGITS) {
            return Err(CardError);
        }
        let mut digits = [b'0'; DIGITS];
        digits[..given.len()].copy_from_slice(given);
        if given.len() == DIGITS && digits[DIGITS - 1] != check_digit(&digits) {
            return Err(CardError);
        }
        Ok(Self { digits, fixed: given.len() })
    }
}

impl Cards {
    /// The nth card; the same again only when all of them were used.
    pub(super) fn nth(&self, mut n: u64) -> [u8; DIGITS] {
        let mut digits = self.digits;
        if self.fixed == DIGITS {
            return digits;
        }
        for slot in digits[self.fixed..DIGITS - 1].iter_mut().rev() {
            *slot = digit(n % 10);
            n /= 10;
        }
        digits[DIGITS - 1] = check_digit(&digits);
        digits
    }
}

/// The check digit that belongs behind the first fifteen (ISO/IEC 7812).
fn check_digit(digits: &[u8; DIGITS]) -> u8 {
    let sum: u64 = digits[..DIGITS - 1]
        .iter()
        .rev()
        .enumerate()
        .map(|(index, &digit)| match (index % 2, u64::from(digit - b'0')) {
            (0, digit @ 0..=4) => digit * 2,
            (0, digit) => digit * 2 - 9,
            (_, digit) => digit,
        })
        .sum();
    digit((10 - sum % 10) % 10)
}

fn digit(value: u64) -> u8 {
    b'0' + u8::try_from(value).expect("below ten")
}
