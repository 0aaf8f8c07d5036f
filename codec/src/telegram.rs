//! What `#[derive(Telegram)]` gives a struct.

use bytes::{BufMut, Bytes, BytesMut};

use crate::error::{Error, Misfit};
use crate::layout::Layout;

/// A fixed-width telegram. Derived, never written by hand: see the [crate's page](crate).
pub trait Telegram: Sized {
    /// A validated telegram in place: one accessor per field, none of which can fail.
    type View<'a>;

    /// The layout as its file gives it.
    const LAYOUT: &'static Layout;

    /// Length in bytes.
    const LENGTH: usize;

    /// An encoded telegram with all constants and padding, and blanks where fields go.
    #[doc(hidden)]
    const TEMPLATE: &'static [u8];

    /// Validates the whole telegram and reads nothing yet.
    ///
    /// # Errors
    /// The first field that is not as the layout says.
    #[inline]
    fn view(bytes: &[u8]) -> Result<Self::View<'_>, Error> {
        if bytes.len() == Self::LENGTH && Self::conforms(bytes) {
            Ok(Self::trusted_view(bytes))
        } else {
            Err(Error::blame(Self::LAYOUT, bytes))
        }
    }

    /// Validates the whole telegram and reads every field.
    ///
    /// # Errors
    /// The first field that is not as the layout says.
    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() == Self::LENGTH && Self::conforms(bytes) {
            Ok(Self::trusted_read(bytes))
        } else {
            Err(Error::blame(Self::LAYOUT, bytes))
        }
    }

    /// Writes the telegram over `out`, which has exactly [`Self::LENGTH`] bytes. `out` is as it was on an error.
    ///
    /// # Errors
    /// A value does not fit its field (nothing is ever cut), or `out` has another length.
    #[inline]
    fn encode_into(&self, out: &mut [u8]) -> Result<(), Error> {
        if out.len() != Self::LENGTH {
            return Err(Error::length(Self::LAYOUT, out.len()));
        }
        self.fits().map_err(|misfit| Error::misfit(Self::LAYOUT, misfit))?;
        out.copy_from_slice(Self::TEMPLATE);
        self.trusted_write(out);
        Ok(())
    }

    /// Appends the telegram to a buffer; nothing is appended on an error.
    ///
    /// # Errors
    /// A value does not fit its field, or the buffer has not room for [`Self::LENGTH`] bytes more.
    fn encode(&self, out: &mut impl BufMut) -> Result<(), Error>;

    /// The telegram in a buffer of its own: the only allocation of this crate, for who wants it.
    ///
    /// # Errors
    /// A value does not fit its field.
    fn encode_to_bytes(&self) -> Result<Bytes, Error> {
        let mut out = BytesMut::zeroed(Self::LENGTH);
        self.encode_into(&mut out)?;
        Ok(out.freeze())
    }

    /// Whether all fields conform; `bytes` has the layout's length.
    #[doc(hidden)]
    fn conforms(bytes: &[u8]) -> bool;

    /// The view of bytes that conform.
    #[doc(hidden)]
    fn trusted_view(bytes: &[u8]) -> Self::View<'_>;

    /// Reads bytes that conform.
    #[doc(hidden)]
    fn trusted_read(bytes: &[u8]) -> Self;

    /// Whether all values fit.
    #[doc(hidden)]
    fn fits(&self) -> Result<(), Misfit>;

    /// Writes values that fit over the template.
    #[doc(hidden)]
    fn trusted_write(&self, out: &mut [u8]);
}

/// Appends an encoded telegram, if there is room for it.
#[doc(hidden)]
pub fn append<T: Telegram, const N: usize>(telegram: &T, out: &mut impl BufMut) -> Result<(), Error> {
    if out.remaining_mut() < N {
        return Err(Error::length(T::LAYOUT, out.remaining_mut()));
    }
    let mut bytes = [0; N];
    telegram.encode_into(&mut bytes)?;
    out.put_slice(&bytes);
    Ok(())
}
