//! Groups that occur more than once.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

use crate::inline::ValueError;
use crate::telegram::Telegram;

/// Up to `N` occurrences of a group, in place. How many there are is written to the layout's counting field.
///
/// ```
/// use codec::Items;
/// let mut items = Items::<u32, 2>::new();
/// items.push(7)?;
/// items.push(8)?;
/// assert_eq!(items.iter().sum::<u32>(), 15);
/// assert!(items.push(9).is_err()); // two places are two places
/// # Ok::<(), codec::ValueError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Items<T, const N: usize> {
    // The first `len` are there.
    items: [Option<T>; N],
    len: usize,
}

impl<T, const N: usize> Items<T, N> {
    /// None yet.
    pub fn new() -> Self {
        Self { items: [const { None }; N], len: 0 }
    }

    /// Adds one behind the others.
    ///
    /// # Errors
    /// All `N` places are taken.
    pub fn push(&mut self, item: T) -> Result<(), ValueError> {
        *self.items.get_mut(self.len).ok_or(ValueError::TooMany { max: N })? = Some(item);
        self.len += 1;
        Ok(())
    }

    /// The one with that index, from 0.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.items.get(index)?.as_ref()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().flatten()
    }

    /// The first `count`, each made from its index; at most `N`.
    pub(crate) fn from_fn(count: usize, mut make: impl FnMut(usize) -> T) -> Self {
        let len = count.min(N);
        Self { items: std::array::from_fn(|index| (index < len).then(|| make(index))), len }
    }
}

impl<T, const N: usize> Default for Items<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for Items<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The occurrences of a group in a validated telegram: views of each, made as they are asked for.
pub struct Occurrences<'a, T> {
    /// Those in use, one after the other.
    bytes: &'a [u8],
    group: PhantomData<fn() -> T>,
}

impl<'a, T: Telegram> Occurrences<'a, T> {
    /// Of bytes that conform.
    pub(crate) fn trusted(bytes: &'a [u8]) -> Self {
        Self { bytes, group: PhantomData }
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.bytes.len() / T::LENGTH
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// The one with that index, from 0.
    pub fn get(self, index: usize) -> Option<T::View<'a>> {
        self.bytes.chunks_exact(T::LENGTH).nth(index).map(T::trusted_view)
    }
}

impl<'a, T: Telegram + 'a> IntoIterator for Occurrences<'a, T> {
    type Item = T::View<'a>;
    type IntoIter = OccurrenceViews<'a, T>;

    fn into_iter(self) -> OccurrenceViews<'a, T> {
        OccurrenceViews { rest: self.bytes.chunks_exact(T::LENGTH), group: PhantomData }
    }
}

/// Views of a group's occurrences, in order.
pub struct OccurrenceViews<'a, T> {
    rest: std::slice::ChunksExact<'a, u8>,
    group: PhantomData<fn() -> T>,
}

impl<'a, T: Telegram + 'a> Iterator for OccurrenceViews<'a, T> {
    type Item = T::View<'a>;

    fn next(&mut self) -> Option<T::View<'a>> {
        self.rest.next().map(T::trusted_view)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }
}

impl<'a, T: Telegram + 'a> ExactSizeIterator for OccurrenceViews<'a, T> {}
impl<'a, T: Telegram + 'a> FusedIterator for OccurrenceViews<'a, T> {}

impl<T> Clone for Occurrences<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Occurrences<'_, T> {}

impl<'a, T: Telegram<View<'a>: fmt::Debug> + 'a> fmt::Debug for Occurrences<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}
