//! Bytes kept whole.

use std::fmt;

use zeroize::Zeroize;

use crate::conform::trim_end;
use crate::error::Rule;
use crate::inline::{ValueError, padded, wipe};
use crate::layout::Field;
use crate::value::Value;
use crate::word;

/// Exactly `N` bytes of any content, kept as they came. Its Debug shows the length only.
///
/// ```
/// use codec::Binary;
/// let block = Binary::<4>::new(b"\x9f\x36")?;
/// assert_eq!(block.as_bytes(), b"\x9f\x36  ");
/// assert_eq!(format!("{block:?}"), "<4 bytes>");
/// # Ok::<(), codec::ValueError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Binary<const N: usize>([u8; N]);

impl<const N: usize> Binary<N> {
    /// All blanks: what a field without content holds.
    pub const BLANK: Self = Self([b' '; N]);

    /// Takes up to `N` bytes and fills the rest with blanks.
    ///
    /// # Errors
    /// More than `N` bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, ValueError> {
        padded(bytes).map(Self)
    }

    /// All bytes.
    pub fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }

    /// The bytes without trailing blanks. Wrong for content that may end in blanks: where a layout gives the length
    /// in another field, cut by that.
    pub fn trimmed(&self) -> &[u8] {
        trim_end(&self.0)
    }

    /// All blanks.
    pub fn is_blank(&self) -> bool {
        word::is_blank(&self.0)
    }
}

impl<const N: usize> Default for Binary<N> {
    fn default() -> Self {
        Self::BLANK
    }
}

impl<const N: usize> From<[u8; N]> for Binary<N> {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes)
    }
}

impl<const N: usize> fmt::Debug for Binary<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{N} bytes>")
    }
}

impl<const N: usize> Zeroize for Binary<N> {
    #[inline]
    fn zeroize(&mut self) {
        wipe(&mut self.0);
    }
}

impl<const N: usize> Value for Binary<N> {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn read(bytes: &[u8], _field: &Field) -> Self {
        Self(bytes.try_into().expect("a binary is as long as its field"))
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn fits(&self, _field: &Field) -> Result<(), Rule> {
        Ok(())
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn write(&self, out: &mut [u8], _field: &Field) {
        out.copy_from_slice(&self.0);
    }

    #[inline]
    fn is_blank(&self) -> bool {
        self.is_blank()
    }
}
