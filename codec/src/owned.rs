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
