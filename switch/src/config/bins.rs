//! BIN prefixes and ranges.

use std::{fmt, ops::RangeInclusive};

use payment::Bin;

/// Card numbers by their first eight digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BinRange(RangeInclusive<u32>);

impl BinRange {
    /// Reads a prefix of 6 to 8 digits ("457973") or a range of two 8-digit ones ("94500000-94599999").
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = match text.split_once('-') {
            Some((first, last)) if first.len() == 8 && last.len() == 8 => (number(first)?, number(last)?),
            None if (6..=8).contains(&text.len()) => {
                let span = 10_u32.pow(8 - u32::try_from(text.len()).ok()?);
                let first = number(text)? * span;
                (first, first + span - 1)
            }
            Some(_) | None => return None,
        };
        (first <= last).then_some(Self(first..=last))
    }

    /// Whether a card belongs to it. A BIN of fewer than eight digits belongs where its lowest number does.
    pub fn contains(&self, bin: &Bin) -> bool {
        let mut digits = bin.as_str().to_owned();
        digits.extend(std::iter::repeat_n('0', 8 - digits.len()));
        number(&digits).is_some_and(|number| self.0.contains(&number))
    }

    /// Whether only some of the cards that begin with these digits belong to it.
    pub fn splits(&self, bin: &Bin) -> bool {
        let end = |digit: char| {
            let digits = bin.as_str().chars().chain(std::iter::repeat(digit)).take(8).collect::<String>();
            number(&digits)
        };
        let (Some(first), Some(last)) = (end('0'), end('9')) else { return false };
        let is_apart = last < *self.0.start() || first > *self.0.end();
        let is_within = self.0.contains(&first) && self.0.contains(&last);
        !is_apart && !is_within
    }

    /// How many eight-digit BINs it covers: the narrower one decides.
    pub fn width(&self) -> u32 {
        self.0.end() - self.0.start() + 1
    }
}

impl fmt::Display for BinRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08}-{:08}", self.0.start(), self.0.end())
    }
}

fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}
