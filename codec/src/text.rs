//! Printable ASCII.

use crate::conform::content;
use crate::error::Rule;
use crate::inline::{ValueError, ascii_value, check_text, padded};
use crate::layout::{Align, Field};
use crate::value::Value;

/// Up to `N` bytes of printable ASCII. Trailing blanks are padding and not part of it; it may be empty.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<const N: usize>([u8; N]);

/// A code of up to `N` bytes of printable ASCII, compared with text: `entry_mode == "I"`. Codes a layout does not
/// list are kept as they are. Trailing blanks are padding and not part of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code<const N: usize>([u8; N]);

ascii_value!(Text);
ascii_value!(Code);

macro_rules! printable_value {
    ($name:ident) => {
        impl<const N: usize> $name<N> {
            /// Nothing: all blanks on the wire.
            pub const EMPTY: Self = Self([b' '; N]);

            /// Makes one of printable ASCII; trailing blanks are dropped.
            ///
            /// # Errors
            /// Longer than `N` bytes, not printable ASCII, or a leading blank.
            pub fn new(text: &str) -> Result<Self, ValueError> {
                let text = text.trim_end_matches(' ');
                check_text(text)?;
                padded(text.as_bytes()).map(Self)
            }

            /// All blanks on the wire.
            pub fn is_empty(&self) -> bool {
                *self == Self::EMPTY
            }
        }

        impl<const N: usize> Default for $name<N> {
            fn default() -> Self {
                Self::EMPTY
            }
        }

        impl<const N: usize> Value for $name<N> {
            #[inline]
            fn read(bytes: &[u8], field: &Field) -> Self {
                match field.align {
                    Align::Left => Self(bytes.try_into().expect("a text is as long as its field")),
                    Align::Right => {
                        Self(padded(content(bytes, field)).expect("a content is within its field"))
                    }
                }
            }

            #[inline]
            fn fits(&self, _field: &Field) -> Result<(), Rule> {
                Ok(())
            }

            #[inline]
            fn write(&self, out: &mut [u8], field: &Field) {
                match field.align {
                    Align::Left => out.copy_from_slice(&self.0),
                    Align::Right => {
                        let content = self.as_bytes();
                        let (blanks, rest) = out.split_at_mut(N - content.len());
                        blanks.fill(b' ');
                        rest.copy_from_slice(content);
                    }
                }
            }

            #[inline]
            fn is_blank(&self) -> bool {
                self.is_empty()
            }
        }
    };
}

printable_value!(Text);
printable_value!(Code);
