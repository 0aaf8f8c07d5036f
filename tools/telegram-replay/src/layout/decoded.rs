//! A telegram taken apart.

use std::borrow::Cow;

use super::check::fault;
use super::value::is_same_value;
use super::{Fault, Field, Layout, mask, text_of};

/// A telegram as a layout reads it.
pub struct Decoded<'a> {
    layout: &'a Layout,
    wrong_length: Option<WrongLength>,
    readings: Vec<Reading<'a>>,
}

/// The telegram is not as long as its layout, so no field of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} bytes, found {found}")]
pub struct WrongLength {
    /// The layout's length in bytes.
    pub expected: usize,
    /// The telegram's length in bytes.
    pub found: usize,
}

impl std::fmt::Debug for Decoded<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {:?}", self.layout.name, self.wrong_length, self.readings)
    }
}

impl<'a> Decoded<'a> {
    pub(super) fn of(layout: &'a Layout, telegram: &'a [u8]) -> Self {
        if telegram.len() != layout.length {
            let wrong_length = Some(WrongLength { expected: layout.length, found: telegram.len() });
            return Self { layout, wrong_length, readings: Vec::new() };
        }
        let reading = |field: &'a Field| {
            let (raw, unused) = (&telegram[field.range()], !layout.is_used(field, telegram));
            let fault = if unused { None } else { fault(field, raw, field.lenient) };
            Reading { field, raw, fault, unused, withheld: false }
        };
        let mut readings: Vec<_> = layout.fields.iter().map(reading).collect();
        // A constant that is not there means another layout's telegram: its secrets may stand anywhere.
        let other_layout = readings.iter().any(|reading| reading.fault == Some(Fault::Constant));
        for reading in &mut readings {
            reading.withheld = other_layout;
        }
        Self { layout, wrong_length: None, readings }
    }

    /// The layout it was read by.
    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// Set when the telegram's length is wrong; there are no readings then.
    pub fn wrong_length(&self) -> Option<WrongLength> {
        self.wrong_length
    }

    /// One reading per field, in the order of the wire.
    pub fn readings(&self) -> &[Reading<'a>] {
        &self.readings
    }

    /// The reading of a field, by its path or its unique name.
    pub fn reading(&self, name: &str) -> Option<&Reading<'a>> {
        self.layout.position(name).ok().and_then(|index| self.readings.get(index))
    }

    /// The text of a field, by its path or its unique name; `None` when the field is unknown, faulty or not in use.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        let sound = |reading: &&Reading<'_>| reading.fault.is_none() && !reading.unused;
        self.reading(name).filter(sound).map(Reading::text)
    }

    /// Whether nothing is wrong with the telegram.
    pub fn is_valid(&self) -> bool {
        self.wrong_length.is_none() && self.readings.iter().all(|reading| reading.fault.is_none())
    }
}

/// One field of a telegram.
#[derive(Clone)]
pub struct Reading<'a> {
    pub(super) field: &'a Field,
    pub(super) raw: &'a [u8],
    pub(super) fault: Option<Fault>,
    pub(super) unused: bool,
    pub(super) withheld: bool,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={:?} {:?}", self.field.path, self.shown(), self.fault)
    }
}

impl<'a> Reading<'a> {
    /// The field.
    pub fn field(&self) -> &'a Field {
        self.field
    }

    /// Its bytes, secret or not.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// What is wrong with it.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Whether it stands in an occurrence of a group that is not in use: its bytes mean nothing.
    pub fn is_unused(&self) -> bool {
        self.unused
    }

    /// Its value without padding, secret or not; bytes that are no text become `U+FFFD`. Nothing of one not in use.
    pub fn text(&self) -> Cow<'a, str> {
        if self.unused { Cow::Borrowed("") } else { text_of(self.field, self.raw) }
    }

    /// Whether both have the same value, with whatever padding. Where nothing is read, there is no value to differ in.
    pub fn has_value_of(&self, other: &Reading<'_>) -> bool {
        match (self.unused, other.unused) {
            (false, false) => is_same_value(self.field, self.raw, other.raw),
            (this, that) => this == that,
        }
    }

    /// Its value as it may be shown to anybody.
    ///
    /// It fails closed. A secret shows its length only, and so does everything else in a telegram that turns out to be
    /// another layout's. What is not in use shows nothing. Bytes that are no text show their length. Digits in a text that could be a card number are
    /// masked.
    pub fn shown(&self) -> String {
        mask::shown(self)
    }

    /// The meaning of a code's value.
    pub fn meaning(&self) -> Option<&'a str> {
        let text = self.text();
        self.field.codes.iter().find(|(value, _)| *value == text).map(|(_, meaning)| meaning.as_str())
    }
}
