//! A validated telegram that keeps its bytes.

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;

use crate::error::Error;
use crate::telegram::Telegram;

/// A validated telegram in shared bytes: what a view is, but it may cross an await, a channel or a task. Clones share
/// the bytes.
///
/// Its Debug is the view's, so that secrets stay masked.
///
/// ```standalone_crate
/// use bytes::Bytes;
/// use codec::{Digits, Owned, Telegram};
/// # use jiff::civil::Date;
///
/// #[derive(Telegram)]
/// #[telegram(spec = "hangang-coupon", dir = "../examples/membership/layouts", length = 20)]
/// struct Coupon {
///     #[field(at = 0, len = 8, kind = "digits")]
///     number: Option<Digits<8>>,
///     #[field(at = 8, len = 6, kind = "number")]
///     discount: Option<u32>,
///     #[field(at = 14, len = 6, kind = "datetime")]
///     until: Option<Date>,
/// }
///
/// let coupon = Owned::<Coupon>::new(Bytes::from_static(b"00120034001000261231"))?;
/// let elsewhere = std::thread::spawn(move || coupon.view().discount());
/// assert_eq!(elsewhere.join().ok().flatten(), Some(1_000));
/// # Ok::<(), codec::Error>(())
/// ```
pub struct Owned<T> {
    bytes: Bytes,
    telegram: PhantomData<fn() -> T>,
}

impl<T: Telegram> Owned<T> {
    /// Validates the whole telegram and keeps its bytes; nothing is copied.
    ///
    /// # Errors
    /// The first field that is not as the layout says.
    pub fn new(bytes: Bytes) -> Result<Self, Error> {
        T::view(&bytes)?;
        Ok(Self { bytes, telegram: PhantomData })
    }

    /// The view, without validating again.
    pub fn view(&self) -> T::View<'_> {
        T::trusted_view(&self.bytes)
    }

    /// The telegram's bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Gives the bytes up.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

impl<T> Clone for Owned<T> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), telegram: PhantomData }
    }
}

impl<T: for<'a> Telegram<View<'a>: fmt::Debug>> fmt::Debug for Owned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}
