//! Texts that may be cut, because their layout says so.

use std::fmt;

use zeroize::Zeroize;

use crate::error::Rule;
use crate::layout::Field;
use crate::value::Value;

/// A [`Text`](crate::Text) or [`Korean`](crate::Korean) of a field with `truncate = true`: the only one that is cut to fit.
///
/// ```
/// use codec::{Korean, Truncated};
/// let message = Truncated::<Korean<7>>::cut("승인거절");
/// assert_eq!(message.to_string(), "승인거"); // eight bytes do not fit, half a character is none
/// assert!(Korean::<7>::new("승인거절").is_err()); // elsewhere nothing is ever cut
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Truncated<T>(T);

/// What can be cut.
pub trait Cut {
    /// As much of a text as fits, never part of a character. What the field cannot hold becomes `?`.
    fn cut(text: &str) -> Self;
}

impl<T: Cut> Truncated<T> {
    /// As much of a text as fits, never part of a character. A character that the field cannot hold becomes `?`.
    pub fn cut(text: &str) -> Self {
        Self(T::cut(text))
    }
}

impl<T> Truncated<T> {
    /// What is left of the text.
    pub fn get(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Truncated<T> {
    fn from(whole: T) -> Self {
        Self(whole)
    }
}

impl<T: fmt::Display> fmt::Display for Truncated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for Truncated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Zeroize> Zeroize for Truncated<T> {
    #[inline]
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Value> Value for Truncated<T> {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn read(bytes: &[u8], field: &Field) -> Self {
        Self(T::read(bytes, field))
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn fits(&self, field: &Field) -> Result<(), Rule> {
        self.0.fits(field)
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn write(&self, out: &mut [u8], field: &Field) {
        self.0.write(out, field);
    }

    #[inline]
    fn is_blank(&self) -> bool {
        self.0.is_blank()
    }
}
