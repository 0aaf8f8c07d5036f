//! EMV data: BER-TLV, read in place.
//!
//! ```
//! let emv = codec::tlv::parse(b"\x9f\x26\x02\xab\xcd\x95\x01\x00   ")?;
//! let tags: Vec<_> = emv.into_iter().map(|object| (object.tag, object.value.len())).collect();
//! assert_eq!(tags, [(0x9f26, 2), (0x95, 1)]);
//! assert_eq!(emv.get(0x9f26), Some(&b"\xab\xcd"[..]));
//! # Ok::<(), codec::tlv::Malformed>(())
//! ```

use std::fmt;

use nom::bytes::complete::take;
use nom::number::complete::u8 as byte;
use nom::{IResult, Parser as _};

/// One data object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Object<'a> {
    /// Its tag as it is written in hexadecimal: `0x9F26`. At most four bytes.
    pub tag: u32,
    /// Its value. Of a constructed one, more objects: [`parse`] them.
    pub value: &'a [u8],
}

/// Data objects, all of them well-formed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Objects<'a> {
    bytes: &'a [u8],
}

/// What [`parse`] gives: the name that `with = codec::tlv` looks for.
pub type Parsed<'a> = Objects<'a>;

/// It is no TLV from a byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a data object at byte {at}")]
pub struct Malformed {
    /// Byte offset of the object that is none.
    pub at: usize,
}

/// Reads data objects to the end. Where a tag should begin, blanks, 00 and FF are padding.
///
/// # Errors
/// A tag, a length or a value that is cut short or has a form EMV does not use.
pub fn parse(bytes: &[u8]) -> Result<Objects<'_>, Malformed> {
    let objects = Objects { bytes };
    let mut rest = without_padding(bytes);
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        let (behind, _) = object(rest).map_err(|_| Malformed { at })?;
        rest = without_padding(behind);
    }
    Ok(objects)
}

/// From the next tag on.
fn without_padding(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| !matches!(byte, b' ' | 0x00 | 0xff)).unwrap_or(bytes.len());
    &bytes[start..]
}

fn object(bytes: &[u8]) -> IResult<&[u8], Object<'_>> {
    let (rest, tag) = tag(bytes)?;
    let (rest, length) = length(rest)?;
    let (rest, value) = take(length).parse(rest)?;
    Ok((rest, Object { tag, value }))
}

/// One byte, or more when its low five bits are set and each but the last has its high bit set.
fn tag(bytes: &[u8]) -> IResult<&[u8], u32> {
    let (mut rest, first) = byte.parse(bytes)?;
    let mut tag = u32::from(first);
    let mut goes_on = first & 0x1f == 0x1f;
    while goes_on {
        if tag > 0x00ff_ffff {
            return fail(bytes);
        }
        let (behind, next) = byte.parse(rest)?;
        tag = tag << 8 | u32::from(next);
        goes_on = next & 0x80 != 0;
        rest = behind;
    }
    Ok((rest, tag))
}

/// One byte to 127, or 81 and one, or 82 and two.
fn length(bytes: &[u8]) -> IResult<&[u8], usize> {
    let (rest, first) = byte.parse(bytes)?;
    match first {
        0..=0x7f => Ok((rest, first.into())),
        0x81 => byte.map(usize::from).parse(rest),
        0x82 => nom::number::complete::be_u16.map(usize::from).parse(rest),
        _ => fail(bytes),
    }
}

fn fail<T>(bytes: &[u8]) -> IResult<&[u8], T> {
    Err(nom::Err::Error(nom::error::Error::new(bytes, nom::error::ErrorKind::Verify)))
}

impl<'a> Objects<'a> {
    /// The value of the first object with that tag, on this level.
    pub fn get(self, tag: u32) -> Option<&'a [u8]> {
        self.into_iter().find(|object| object.tag == tag).map(|object| object.value)
    }
}

impl<'a> IntoIterator for Objects<'a> {
    type Item = Object<'a>;
    type IntoIter = ObjectsIter<'a>;

    fn into_iter(self) -> ObjectsIter<'a> {
        ObjectsIter { rest: self.bytes }
    }
}

/// Data objects in their order.
#[derive(Clone)]
pub struct ObjectsIter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for ObjectsIter<'a> {
    type Item = Object<'a>;

    fn next(&mut self) -> Option<Object<'a>> {
        let (rest, object) = object(without_padding(self.rest)).ok()?;
        self.rest = rest;
        Some(object)
    }
}

impl fmt::Debug for Object<'_> {
    /// The tag and the value's length: a value may be a card number (5A) or a track (57).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X} ({} bytes)", self.tag, self.value.len())
    }
}

impl fmt::Debug for Objects<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}
