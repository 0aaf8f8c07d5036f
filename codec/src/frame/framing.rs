//! The names of the framings seen in the field.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// What stands around a telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// `ascii4`: four digits, the length of what follows.
    Ascii4,
    /// `ascii4-inclusive`: four digits, the length of everything, themselves included.
    Ascii4Inclusive,
    /// `binary2`: two bytes, big-endian, the length of what follows.
    Binary2,
    /// `binary2-inclusive`: two bytes, big-endian, the length of everything, themselves included.
    Binary2Inclusive,
    /// `stx-lrc`: STX, four digits with the length of the telegram, the telegram, ETX, LRC. The LRC is the XOR of
    /// everything after STX through ETX.
    StxLrc,
}

/// What fills the unused places of a length in digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LengthPad {
    /// `0446`; nothing else is accepted.
    Zero,
    /// ` 446` is written; `0446` is accepted too.
    Blank,
}

impl Framing {
    /// Every framing.
    pub const ALL: [Self; 5] =
        [Self::Ascii4, Self::Ascii4Inclusive, Self::Binary2, Self::Binary2Inclusive, Self::StxLrc];

    /// The name used in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ascii4 => "ascii4",
            Self::Ascii4Inclusive => "ascii4-inclusive",
            Self::Binary2 => "binary2",
            Self::Binary2Inclusive => "binary2-inclusive",
            Self::StxLrc => "stx-lrc",
        }
    }

    /// The length counts its own bytes too.
    pub(super) const fn is_inclusive(self) -> bool {
        match self {
            Self::Ascii4Inclusive | Self::Binary2Inclusive => true,
            Self::Ascii4 | Self::Binary2 | Self::StxLrc => false,
        }
    }

    /// The length is two bytes instead of four digits.
    pub(super) const fn is_binary(self) -> bool {
        match self {
            Self::Binary2 | Self::Binary2Inclusive => true,
            Self::Ascii4 | Self::Ascii4Inclusive | Self::StxLrc => false,
        }
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A framing of that name does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected ascii4 | ascii4-inclusive | binary2 | binary2-inclusive | stx-lrc")]
pub struct UnknownFraming;

impl FromStr for Framing {
    type Err = UnknownFraming;

    fn from_str(name: &str) -> Result<Self, UnknownFraming> {
        Self::ALL.into_iter().find(|framing| framing.name() == name).ok_or(UnknownFraming)
    }
}
