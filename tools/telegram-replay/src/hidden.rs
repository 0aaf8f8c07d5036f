//! Content that may hold card data and so never shows itself.

use std::fmt;

/// A text or bytes whose `Debug` gives the length only.
///
/// Captures and telegrams carry card numbers; a value cannot know whether it is one, so none is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden<T>(pub T);

impl<T: AsRef<[u8]>> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "*** ({} bytes)", self.0.as_ref().len())
    }
}
