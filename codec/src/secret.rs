//! Values nobody may see by accident.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A value that shows itself only to who asks for it, and is wiped when it is dropped.
///
/// Its Debug is `***`; it has no Display and cannot be serialized.
///
/// ```
/// use codec::{Digits, Secret};
/// let cvc = Secret::new(Digits::<3>::new("123")?);
/// assert_eq!(format!("{cvc:?}"), "***");
/// assert_eq!(*cvc.expose(), "123");
/// # Ok::<(), codec::ValueError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes a value into keeping.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Whoever copies it out answers for the copy.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    #[inline]
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> ZeroizeOnDrop for Secret<T> {}
