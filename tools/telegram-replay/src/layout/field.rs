//! One field of a layout read at run time, and how it is named.

use specs::{Align, Encoding, Format, Kind, Leniency};

/// One field of the flat list.
#[derive(Debug, Clone)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a key of the layout file, and independent of the others"
)]
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
    /// A number may be negative.
    pub signed: bool,
    /// How far the characters of a korean field go.
    pub encoding: Encoding,
    /// A longer value is cut when it is written.
    pub truncate: bool,
    /// What is accepted when it is read and never written.
    pub lenient: Leniency,
    /// How many occurrences of a group its number counts at most; set in a counting field.
    pub counts: Option<usize>,
    /// Where it is counted whether the field is in use; set in a counted group.
    pub occurrence: Option<Occurrence>,
    /// The meanings of a code's values, by value.
    pub codes: Vec<(String, String)>,
    /// Why its place or value is believed, where the source is silent.
    pub assumed: Option<String>,
}

/// The occurrence of a counted group that a field stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// The counting field, by its place among the layout's fields.
    pub counter: usize,
    /// Which occurrence, from 0: in use when the counting field's number is above it.
    pub index: usize,
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
