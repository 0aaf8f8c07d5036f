//! One field of a layout.

use crate::{Align, Encoding, Format, Kind, Layout, Leniency, SecretKind};

/// One field as its layout file describes it, defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name: lower case, unique in its layout.
    pub name: String,
    /// What people call it, in Korean; the name where the file gives none.
    pub title: String,
    /// Byte offset from the start of the layout.
    pub at: usize,
    /// Length in bytes; of one occurrence, where it repeats.
    pub len: usize,
    /// What it holds.
    pub kind: Kind,
    /// On which side a shorter value stands.
    pub align: Align,
    /// The byte that fills the rest.
    pub pad: u8,
    /// The constant it always holds, without padding.
    pub value: Option<String>,
    /// The form of a datetime; present exactly there.
    pub format: Option<Format>,
    /// Why it is secret, if it is.
    pub secret: Option<SecretKind>,
    /// All blanks mean that the field is absent.
    pub blank_is_absent: bool,
    /// Why we believe what the source does not say, where we had to guess.
    pub assumed: Option<String>,
    /// The inlined layout; present exactly in a group.
    pub group: Option<Box<Layout>>,
    /// How often the group stands there, one after the other, in use or not; 1 for everything else.
    pub repeat: usize,
    /// The meanings of a code's values, by value. Others stay legal.
    pub codes: Vec<(String, String)>,
    /// A number may be negative: `-` in the first byte where zeros pad it, directly before the digits where blanks do.
    /// There is no `+`, and no `-0`.
    pub signed: bool,
    /// How far the character set of a korean field goes.
    pub encoding: Encoding,
    /// A longer value is cut when it is written, never inside a character; otherwise it is an error.
    pub truncate: bool,
    /// What is accepted when it is read and never written.
    pub lenient: Leniency,
    /// The number field of the same layout that counts the occurrences in use of this group, from the first. Those
    /// that are not are never read, and written as blanks.
    pub count: Option<String>,
    /// Line of the field in the file, for messages.
    pub line: usize,
}

/// A field that holds bytes itself, seen from the outermost layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlatField<'a> {
    /// Its dotted path: `header.trace_no`, or `totals[2].amount` in a repeat.
    pub path: String,
    /// Byte offset from the start of the outermost layout.
    pub at: usize,
    /// The field; its own `at` counts from the layout it stands in.
    pub field: &'a Field,
    /// Set in a counted group: where it is counted whether the field is in use.
    pub count: Option<Count>,
}

/// Where a field in a counted group finds out whether it is in use: the counting field's number is above `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Byte offset of the counting field, from the start of the outermost layout.
    pub at: usize,
    /// Which occurrence of the counted group the field stands in, from 0.
    pub index: usize,
}

impl Field {
    /// The bytes it covers in its layout: `len`, times `repeat`.
    pub fn extent(&self) -> usize {
        self.len * self.repeat
    }

    /// Whether it always stands there exactly once, so that its path needs no index.
    pub fn occurs_once(&self) -> bool {
        self.repeat == 1 && self.count.is_none()
    }

    /// The constant with its padding, exactly `len` bytes.
    pub fn padded_value(&self) -> Option<Vec<u8>> {
        let value = self.value.as_ref()?.as_bytes();
        let mut bytes = vec![self.pad; self.len];
        let start = match self.align {
            Align::Left => 0,
            Align::Right => self.len.saturating_sub(value.len()),
        };
        for (slot, byte) in bytes.iter_mut().skip(start).zip(value) {
            *slot = *byte;
        }
        Some(bytes)
    }

    /// The meaning of a code's value, if the layout gives one.
    pub fn meaning(&self, code: &str) -> Option<&str> {
        self.codes.iter().find(|(value, _)| value == code).map(|(_, meaning)| meaning.as_str())
    }
}
