//! What a Rust type must do to stand for a field.

use zeroize::Zeroize;

use crate::conform::significant;
use crate::error::Rule;
use crate::layout::Field;
use crate::secret::Secret;
use crate::word;

/// A value of one field. The derive macro chooses the type by the field's kind and checks its length.
pub trait Value: Sized {
    /// Reads the field's bytes, which conform to the layout.
    fn read(bytes: &[u8], field: &Field) -> Self;

    /// Whether the field can hold the value.
    ///
    /// # Errors
    /// The rule the value breaks.
    fn fits(&self, field: &Field) -> Result<(), Rule>;

    /// Writes a value that fits to all of the field's bytes.
    fn write(&self, out: &mut [u8], field: &Field);

    /// Whether it would be written as all blanks.
    fn is_blank(&self) -> bool {
        false
    }
}

impl<T: Value> Value for Option<T> {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn read(bytes: &[u8], field: &Field) -> Self {
        if word::is_blank(significant(bytes, field)) { None } else { Some(T::read(bytes, field)) }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn fits(&self, field: &Field) -> Result<(), Rule> {
        match self {
            None => Ok(()),
            Some(value) if value.is_blank() => Err(Rule::Blank),
            Some(value) => value.fits(field),
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn write(&self, out: &mut [u8], field: &Field) {
        match self {
            None => out.fill(b' '),
            Some(value) => value.write(out, field),
        }
    }
}

impl<T: Value + Zeroize> Value for Secret<T> {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn read(bytes: &[u8], field: &Field) -> Self {
        Self::new(T::read(bytes, field))
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn fits(&self, field: &Field) -> Result<(), Rule> {
        self.expose().fits(field)
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn write(&self, out: &mut [u8], field: &Field) {
        self.expose().write(out, field);
    }

    #[inline]
    fn is_blank(&self) -> bool {
        self.expose().is_blank()
    }
}
