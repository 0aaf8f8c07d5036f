//! Telegrams by their layout file, read at run time.
//!
//! This is a second reading of the layouts, independent of the structs the switch is built from: bytes are decoded
//! into named fields with a finding where one breaks its rule, and telegrams are built from `field=value` pairs.
//! Secrets never show; see [`Reading::shown`].

mod build;
mod check;
mod mask;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use specs::{Align, Findings, Format, Kind};

pub use build::BuildError;
pub(crate) use build::{euc_kr, padded, present};
pub use check::Fault;
pub(crate) use check::text_of;

/// A layout with its groups and repeats expanded: one flat list of fields.
#[derive(Debug, Clone)]
pub struct Layout {
    name: String,
    title: String,
    length: usize,
    fields: Vec<Field>,
}

/// One field of the flat list.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its dotted path, unique in the layout: `header.trace_no`.
    pub path: String,
    /// What people call it, in Korean.
    pub title: String,
    /// Byte offset in the telegram.
    pub at: usize,
    /// Length in bytes.
    pub len: usize,
    /// What it holds.
    pub kind: Kind,
    /// On which side a shorter value stands.
    pub align: Align,
    /// The byte that fills the rest.
    pub pad: u8,
    /// The padded constant it always holds.
    pub constant: Option<Vec<u8>>,
    /// The form of a datetime.
    pub format: Option<Format>,
    /// Whether its content is masked wherever it could be seen.
    pub secret: bool,
    /// All blanks mean absent.
    pub blank_is_absent: bool,
    /// The meanings of a code's values, by value.
    pub codes: Vec<(String, String)>,
    /// Why its place or value is believed, where the source is silent.
    pub assumed: Option<String>,
}

impl Field {
    /// Its bytes in a telegram.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.at..self.at + self.len
    }
}

/// Why a name does not name a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No field has that name.
    #[error("{layout} has no field \"{name}\"")]
    Unknown {
        /// The layout's name.
        layout: String,
        /// The name asked for.
        name: String,
    },
    /// Several fields end in that name.
    #[error("{layout} has several fields \"{name}\": {}", paths.join(", "))]
    Ambiguous {
        /// The layout's name.
        layout: String,
        /// The name asked for.
        name: String,
        /// The full paths.
        paths: Vec<String>,
    },
}

impl Layout {
    /// The shipped layout of that name.
    ///
    /// # Errors
    /// The reader's findings, when there is none of that name.
    pub fn embedded(name: &str) -> Result<Self, Findings> {
        specs::embedded(name).map(|spec| Self::of(&spec))
    }

    /// The layout in a file.
    ///
    /// # Errors
    /// All findings about the file.
    pub fn read(path: &Path) -> Result<Self, Findings> {
        specs::read(path).map(|spec| Self::of(&spec))
    }

    /// The flat form of a layout.
    pub fn of(spec: &specs::Layout) -> Self {
        let fields = spec.flat_fields().into_iter().map(|flat| Field {
            path: flat.path,
            title: flat.field.title.clone(),
            at: flat.at,
            len: flat.field.len,
            kind: flat.field.kind,
            align: flat.field.align,
            pad: flat.field.pad,
            constant: flat.field.padded_value(),
            format: flat.field.format,
            secret: flat.field.secret.is_some(),
            blank_is_absent: flat.field.blank_is_absent,
            codes: flat.field.codes.clone(),
            assumed: flat.field.assumed.clone(),
        });
        Self {
            name: spec.name.clone(),
            title: spec.title.clone(),
            length: spec.length,
            fields: fields.collect(),
        }
    }

    /// Its name, which is its file's name without `.toml`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it, in Korean.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Length of a telegram in bytes.
    pub fn length(&self) -> usize {
        self.length
    }

    /// All fields in the order of the wire.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field of that path, or the only one whose path ends in that name.
    ///
    /// # Errors
    /// [`NameError`] when there is none, or several.
    pub fn field(&self, name: &str) -> Result<&Field, NameError> {
        self.position(name).map(|index| &self.fields[index])
    }

    fn position(&self, name: &str) -> Result<usize, NameError> {
        if let Some(index) = self.fields.iter().position(|field| field.path == name) {
            return Ok(index);
        }
        let ends_in_name = |path: &str| path.strip_suffix(name).is_some_and(|prefix| prefix.ends_with('.'));
        let mut found = (0..self.fields.len()).filter(|&index| ends_in_name(&self.fields[index].path));
        let layout = self.name.clone();
        let name = name.to_owned();
        match (found.next(), found.next()) {
            (Some(index), None) => Ok(index),
            (None, _) => Err(NameError::Unknown { layout, name }),
            (Some(first), Some(second)) => {
                let paths =
                    [first, second].into_iter().chain(found).map(|i| self.fields[i].path.clone()).collect();
                Err(NameError::Ambiguous { layout, name, paths })
            }
        }
    }

    /// Reads a telegram. It never fails: what is wrong is a finding on the field, or on the whole.
    pub fn decode<'a>(&'a self, telegram: &'a [u8]) -> Decoded<'a> {
        let wrong_length = (telegram.len() != self.length)
            .then_some(WrongLength { expected: self.length, found: telegram.len() });
        let mut readings = Vec::new();
        if wrong_length.is_none() {
            readings.extend(self.fields.iter().map(|field| {
                let raw = &telegram[field.range()];
                Reading { field, raw, fault: check::fault(field, raw), withheld: false }
            }));
            // A constant that is not there means another layout's telegram: its secrets may stand anywhere.
            let other_layout = readings.iter().any(|reading| reading.fault == Some(Fault::Constant));
            for reading in &mut readings {
                reading.withheld = other_layout;
            }
        }
        Decoded { layout: self, wrong_length, readings }
    }

    /// Whether the telegram keeps every rule of the layout; the first broken one otherwise.
    ///
    /// # Errors
    /// The field that breaks a rule, `None` for the length of the whole.
    pub fn check(&self, telegram: &[u8]) -> Result<(), (Option<&Field>, Fault)> {
        if telegram.len() != self.length {
            return Err((None, Fault::Length));
        }
        self.fields.iter().try_for_each(|field| match check::fault(field, &telegram[field.range()]) {
            Some(fault) => Err((Some(field), fault)),
            None => Ok(()),
        })
    }
}

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

    /// The text of a field, by its path or its unique name; `None` when the field is unknown or faulty.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.reading(name).filter(|reading| reading.fault.is_none()).map(Reading::text)
    }

    /// Whether nothing is wrong with the telegram.
    pub fn is_valid(&self) -> bool {
        self.wrong_length.is_none() && self.readings.iter().all(|reading| reading.fault.is_none())
    }
}

/// One field of a telegram.
#[derive(Clone)]
pub struct Reading<'a> {
    field: &'a Field,
    raw: &'a [u8],
    fault: Option<Fault>,
    withheld: bool,
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

    /// Its value without padding, secret or not; bytes that are no text become `U+FFFD`.
    pub fn text(&self) -> Cow<'a, str> {
        text_of(self.field, self.raw)
    }

    /// Its value as it may be shown to anybody.
    ///
    /// It fails closed. A secret shows its length only, and so does everything else in a telegram that turns out to be
    /// another layout's. Bytes that are no text show their length. Digits in a text that could be a card number are
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

/// Layouts by name, each read once.
#[derive(Debug)]
pub struct Layouts {
    folder: Option<PathBuf>,
    read: Mutex<HashMap<String, Arc<Layout>>>,
}

impl Layouts {
    /// The layouts compiled into this program.
    pub fn embedded() -> Self {
        Self { folder: None, read: Mutex::default() }
    }

    /// The layouts of a folder.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), read: Mutex::default() }
    }

    /// The layout of that name.
    ///
    /// # Errors
    /// The reader's findings when there is none, or it is faulty.
    pub fn get(&self, name: &str) -> Result<Arc<Layout>, Findings> {
        let mut read = self.read.lock().expect("nothing panics while it is held");
        if let Some(layout) = read.get(name) {
            return Ok(Arc::clone(layout));
        }
        let layout = match &self.folder {
            Some(folder) => Layout::read(&folder.join(format!("{name}.toml")))?,
            None => Layout::embedded(name)?,
        };
        let layout = Arc::new(layout);
        read.insert(name.to_owned(), Arc::clone(&layout));
        Ok(layout)
    }
}
