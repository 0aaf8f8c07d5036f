//! One field of a layout.

use crate::{Align, Format, Kind, Layout, SecretKind};

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
    /// How often the group stands there, one after the other; 1 for everything else.
    pub repeat: usize,
    /// The meanings of a code's values, by value. Others stay legal.
    pub codes: Vec<(String, String)>,
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
}

impl Field {
    /// The bytes it covers in its layout: `len`, times `repeat`.
    pub fn extent(&self) -> usize {
        self.len * self.repeat
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
