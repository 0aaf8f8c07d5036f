//! Printable ASCII.

use crate::conform::is_printable;
use crate::error::Rule;
use crate::inline::{ValueError, ascii_value, check_text, padded, realigned};
use crate::layout::{Align, Field, Leniency};
use crate::truncated::Cut;
use crate::value::Value;
use crate::word;

/// Up to `N` bytes of printable ASCII. Trailing blanks are padding and not part of it; it may be empty.
///
/// ```
/// use codec::Text;
/// assert_eq!(Text::<10>::new("MAPO-1   ")?, "MAPO-1");
/// assert!(Text::<4>::new("MAPO-1").is_err()); // never cut
/// # Ok::<(), codec::ValueError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<const N: usize>([u8; N]);

/// A code of up to `N` bytes of printable ASCII, compared with text: `entry_mode == "I"`. Codes a layout does not
/// list are kept as they are. Trailing blanks are padding and not part of it. An enum of codes is a
/// [derive](macro@crate::Code) away.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code<const N: usize>([u8; N]);

/// An enum of the codes of a field, which [`#[derive(Code)]`](macro@crate::Code) makes of it: an unknown code is kept. A code
/// that has a variant is that variant, which `From<Code>` gives; put into `Other` by hand, it is written alike and is not equal.
pub trait Coded: Copy {
    /// Length in bytes of the codes' field.
    const LENGTH: usize;

    /// The codes that have a variant of their own.
    const CODES: &'static [&'static str];
}

impl<const N: usize> Code<N> {
    /// A code known when this is compiled.
    #[doc(hidden)]
    pub const fn constant(code: &str) -> Self {
        let mut bytes = [b' '; N];
        let mut index = 0;
        while index < code.len() {
            bytes[index] = code.as_bytes()[index];
            index += 1;
        }
        Self(bytes)
    }
}

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
                word::is_blank(&self.0)
            }
        }

        impl<const N: usize> Default for $name<N> {
            fn default() -> Self {
                Self::EMPTY
            }
        }

        impl<const N: usize> Value for $name<N> {
            #[inline(always)]
            #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
            fn read(bytes: &[u8], field: &Field) -> Self {
                match field.align {
                    Align::Left if field.lenient == Leniency::default() => {
                        Self(bytes.try_into().expect("a text is as long as its field"))
                    }
                    Align::Left | Align::Right => Self(realigned(bytes, field)),
                }
            }

            #[inline(always)]
            #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
            fn fits(&self, _field: &Field) -> Result<(), Rule> {
                Ok(())
            }

            #[inline(always)]
            #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
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

impl<const N: usize> Cut for Text<N> {
    fn cut(text: &str) -> Self {
        let mut bytes = [b' '; N];
        let shown = text.trim_start_matches(' ').chars();
        for (slot, character) in bytes.iter_mut().zip(shown) {
            *slot = u8::try_from(character).ok().filter(|byte| is_printable(*byte)).unwrap_or(b'?');
        }
        Self(bytes)
    }
}
