//! What `#[derive(Telegram)]` gives a struct.

use bytes::{BufMut, Bytes, BytesMut};

use crate::conform::first_fault;
use crate::error::{Error, Misfit};
use crate::inline::wipe;
use crate::layout::Layout;

/// A fixed-width telegram. [Derived](macro@crate::Telegram), never written by hand.
pub trait Telegram: Sized {
    /// A validated telegram in place: one accessor per field, none of which can fail.
    type View<'a>;

    /// A validated telegram in place whose fields can be set: one setter per field.
    type Patch<'a>;

    /// The layout as its file gives it.
    const LAYOUT: &'static Layout;

    /// Length in bytes.
    const LENGTH: usize;

    /// Validates the whole telegram and reads nothing yet.
    ///
    /// # Errors
    /// The first field that is not as the layout says.
    #[inline]
    fn view(bytes: &[u8]) -> Result<Self::View<'_>, Error> {
        check::<Self>(bytes)?;
        Ok(Self::trusted_view(bytes))
    }

    /// Validates the whole telegram and reads every field.
    ///
    /// # Errors
    /// The first field that is not as the layout says.
    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Error> {
        check::<Self>(bytes)?;
        Ok(Self::trusted_read(bytes))
    }

    /// Validates the whole telegram, to set some of its fields where they stand and forward it.
    ///
    /// # Errors
    /// The first field that is not as the layout says.
    #[inline]
    fn patch(bytes: &mut [u8]) -> Result<Self::Patch<'_>, Error> {
        check::<Self>(bytes)?;
        Ok(Self::trusted_patch(bytes))
    }

    /// Every field that is not as the layout says, in the order of the wire; for tools. Of a telegram of another length that
    /// alone is told.
    ///
    /// ```
    /// # use codec::Telegram;
    /// fn findings<T: Telegram>(bytes: &[u8]) -> Vec<String> {
    ///     T::validate_all(bytes).map(|error| error.to_string()).collect()
    /// }
    /// ```
    fn validate_all(bytes: &[u8]) -> Faults<'_> {
        Faults { layout: Self::LAYOUT, bytes, next: Some(0) }
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

    /// Whether bytes are a whole telegram whose fields all conform.
    #[doc(hidden)]
    fn conforms(bytes: &[u8]) -> bool;

    /// The view of bytes that conform.
    #[doc(hidden)]
    fn trusted_view(bytes: &[u8]) -> Self::View<'_>;

    /// The patch of bytes that conform.
    #[doc(hidden)]
    fn trusted_patch(bytes: &mut [u8]) -> Self::Patch<'_>;

    /// Reads bytes that conform.
    #[doc(hidden)]
    fn trusted_read(bytes: &[u8]) -> Self;

    /// Whether all values fit.
    #[doc(hidden)]
    fn fits(&self) -> Result<(), Misfit>;

    /// Writes values that fit, constants and padding around them, to all of a telegram's bytes.
    #[doc(hidden)]
    fn trusted_write(&self, out: &mut [u8]);
}

/// Finds fault with a telegram, quickly when there is none to find.
#[inline]
fn check<T: Telegram>(bytes: &[u8]) -> Result<(), Error> {
    if T::conforms(bytes) { Ok(()) } else { blame(T::LAYOUT, bytes) }
}

/// Tells what is wrong with a telegram. The table rules: what it finds no fault with is right.
#[cold]
#[inline(never)]
fn blame(layout: &'static Layout, bytes: &[u8]) -> Result<(), Error> {
    Faults { layout, bytes, next: Some(0) }.next().map_or(Ok(()), Err)
}

/// All that is wrong with a telegram, in the order of the wire.
#[derive(Clone, Debug)]
pub struct Faults<'a> {
    layout: &'static Layout,
    bytes: &'a [u8],
    /// The field to look at next; none once all was told.
    next: Option<usize>,
}

impl Iterator for Faults<'_> {
    type Item = Error;

    fn next(&mut self) -> Option<Error> {
        let from = self.next.take()?;
        if self.bytes.len() != self.layout.length {
            return Some(Error::length(self.layout, self.bytes.len()));
        }
        let (index, field, rule) = first_fault(self.layout, self.bytes, from)?;
        self.next = Some(index + 1);
        Some(Error::fault(self.layout, field, rule, self.bytes))
    }
}

/// Appends an encoded telegram, if there is room for it. The copy made on the way is wiped when there is a secret in it.
#[doc(hidden)]
pub fn append<T: Telegram, const N: usize>(telegram: &T, out: &mut impl BufMut) -> Result<(), Error> {
    if out.remaining_mut() < N {
        return Err(Error::length(T::LAYOUT, out.remaining_mut()));
    }
    let mut bytes = [0; N];
    let encoded = telegram.encode_into(&mut bytes);
    if encoded.is_ok() {
        out.put_slice(&bytes);
    }
    // Also what was written of it before a value that does not fit.
    if const { has_secret(T::LAYOUT) } {
        wipe(&mut bytes);
    }
    encoded
}

const fn has_secret(layout: &Layout) -> bool {
    let mut index = 0;
    while index < layout.fields.len() {
        if layout.fields[index].secret {
            return true;
        }
        index += 1;
    }
    false
}
