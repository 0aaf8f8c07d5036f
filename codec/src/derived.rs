//! What the derive macros' output calls. Not for people.

pub use bytes::BufMut;
pub use jiff::civil;

pub use crate::conform::content;
pub use crate::error::Misfit;
pub use crate::message::Message;
pub use crate::scan;
pub use crate::telegram::append;
pub use crate::value::Value;

use crate::conform;
use crate::error::Error;
use crate::items::{Items, Occurrences};
use crate::layout::{Field, Layout};
use crate::telegram::Telegram;

/// Reads every occurrence of a group.
#[inline]
pub fn read_array<T: Telegram, const N: usize>(bytes: &[u8]) -> [T; N] {
    std::array::from_fn(|index| T::trusted_read(&bytes[index * T::LENGTH..(index + 1) * T::LENGTH]))
}

/// Reads the occurrences of a group that are in use.
#[inline]
pub fn read_items<T: Telegram, const N: usize>(bytes: &[u8], counter: &[u8]) -> Items<T, N> {
    Items::from_fn(count(counter), |index| {
        T::trusted_read(&bytes[index * T::LENGTH..(index + 1) * T::LENGTH])
    })
}

/// Writes occurrences from the first place on.
#[inline]
pub fn write_each<'a, T: Telegram + 'a>(items: impl Iterator<Item = &'a T>, out: &mut [u8]) {
    for (item, place) in items.zip(out.chunks_exact_mut(T::LENGTH)) {
        item.trusted_write(place);
    }
}

/// Writes how many occurrences there are.
#[inline]
pub fn write_count(count: usize, out: &mut [u8], field: &Field) {
    (count as u64).write(out, field);
}

/// How many occurrences are in use, by a counting field that conforms.
#[inline]
pub fn count(counter: &[u8]) -> usize {
    conform::count(conform::trim_start(conform::trim_end(counter)))
}

/// The occurrences of a group, all of them or those in use.
#[inline]
pub fn occurrences<'a, T: Telegram>(bytes: &'a [u8], counter: Option<&[u8]>) -> Occurrences<'a, T> {
    let used = counter.map_or(bytes.len(), |counter| (count(counter) * T::LENGTH).min(bytes.len()));
    Occurrences::trusted(&bytes[..used])
}

/// The patch of one occurrence.
pub fn patch_of<T: Telegram>(index: usize, bytes: &mut [u8]) -> Option<T::Patch<'_>> {
    bytes.chunks_exact_mut(T::LENGTH).nth(index).map(T::trusted_patch)
}

/// Sets one field of a telegram that conforms.
#[inline]
pub fn set<T: Value>(
    value: &T,
    out: &mut [u8],
    layout: &'static Layout,
    field: &'static Field,
) -> Result<(), Error> {
    value.fits(field).map_err(|rule| Error::misfit(layout, Misfit { at: field.at, rule }))?;
    value.write(out, field);
    Ok(())
}

/// Whether two texts are the same, at compile time.
pub const fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut index = 0;
    while index < a.len() && index < b.len() && a[index] == b[index] {
        index += 1;
    }
    a.len() == b.len() && index == a.len()
}

/// Whether two lists have the same codes in any order, at compile time. Neither has one twice.
pub const fn same_codes(a: &[&str], b: &[&str]) -> bool {
    let mut index = 0;
    while index < a.len() {
        let mut other = 0;
        while other < b.len() && !same_text(a[index], b[other]) {
            other += 1;
        }
        if other == b.len() {
            return false;
        }
        index += 1;
    }
    a.len() == b.len()
}
