//! The inline values that are ASCII: text, codes and digits.

use thiserror::Error;

use crate::conform::{content, is_printable, significant};
use crate::layout::Field;

/// Why a value cannot be made. It never shows the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// More bytes than the field has.
    #[error("expected at most {max} bytes")]
    TooLong {
        /// The field's bytes.
        max: usize,
    },
    /// Digits are at least one.
    #[error("expected at least one digit")]
    Empty,
    /// Something that is not an ASCII digit.
    #[error("expected digits only")]
    NotDigits,
    /// Something that is not printable ASCII.
    #[error("expected printable ASCII")]
    NotPrintable,
    /// A leading blank, which a left-aligned field cannot hold.
    #[error("expected no leading blank")]
    LeadingBlank,
    /// A character that EUC-KR does not have.
    #[error("expected characters of EUC-KR")]
    NotEucKr,
    /// More occurrences than the group has.
    #[error("expected at most {max} occurrences")]
    TooMany {
        /// How many it has.
        max: usize,
    },
    /// A date or time that does not exist.
    #[error("expected a date and time that exist")]
    NotADate,
}

/// The bytes at the start of an array, blanks behind them.
pub(crate) fn padded<const N: usize>(bytes: &[u8]) -> Result<[u8; N], ValueError> {
    let mut array = [b' '; N];
    array.get_mut(..bytes.len()).ok_or(ValueError::TooLong { max: N })?.copy_from_slice(bytes);
    Ok(array)
}

/// The content of a field that is not as it is kept: at its start, blanks behind it.
pub(crate) fn realigned<const N: usize>(bytes: &[u8], field: &Field) -> [u8; N] {
    padded(content(significant(bytes, field), field)).expect("a content is within its field")
}

/// Overwrites bytes with zeros that no optimizer leaves out. Byte by byte, as zeroize does it to arrays, would cost more than
/// reading the telegram did.
#[inline]
pub(crate) fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    zeroize::optimization_barrier(bytes);
}

/// Printable ASCII without a leading blank.
pub(crate) fn check_text(text: &str) -> Result<(), ValueError> {
    if !text.bytes().all(is_printable) {
        return Err(ValueError::NotPrintable);
    }
    if text.starts_with(' ') {
        return Err(ValueError::LeadingBlank);
    }
    Ok(())
}

/// What all inline ASCII values have: `$name<N>` holds its content left-aligned and blank-padded.
macro_rules! ascii_value {
    ($name:ident) => {
        impl<const N: usize> $name<N> {
            /// The content, without padding.
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(self.as_bytes()).expect("checked to be ASCII when it was made")
            }

            /// The content's bytes, without padding.
            pub fn as_bytes(&self) -> &[u8] {
                $crate::conform::trim_end(&self.0)
            }
        }

        impl<const N: usize> TryFrom<&str> for $name<N> {
            type Error = ValueError;

            fn try_from(text: &str) -> Result<Self, ValueError> {
                Self::new(text)
            }
        }

        impl<const N: usize> std::str::FromStr for $name<N> {
            type Err = ValueError;

            fn from_str(text: &str) -> Result<Self, ValueError> {
                Self::new(text)
            }
        }

        impl<const N: usize> AsRef<str> for $name<N> {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl<const N: usize> PartialEq<str> for $name<N> {
            fn eq(&self, text: &str) -> bool {
                self.as_bytes() == text.as_bytes()
            }
        }

        impl<const N: usize> PartialEq<&str> for $name<N> {
            fn eq(&self, text: &&str) -> bool {
                *self == **text
            }
        }

        impl<const N: usize> std::fmt::Display for $name<N> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl<const N: usize> std::fmt::Debug for $name<N> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl<const N: usize> zeroize::Zeroize for $name<N> {
            #[inline]
            fn zeroize(&mut self) {
                $crate::inline::wipe(&mut self.0);
            }
        }
    };
}

pub(crate) use ascii_value;
