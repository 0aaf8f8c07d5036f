//! Telegrams by their layout file, read at run time.
//!
//! This is a second reading of the layouts, independent of the structs the switch is built from: bytes are decoded
//! into named fields with a finding where one breaks its rule, and telegrams are built from `field=value` pairs.
//! Secrets never show; see [`Reading::shown`].

mod build;
mod check;
mod decoded;
mod field;
mod layouts;
mod mask;
#[cfg(test)]
mod tests;
mod value;

use std::path::Path;

use specs::{Findings, FlatField};

pub use build::BuildError;
pub(crate) use build::{euc_kr, padded, present};
pub use check::Fault;
pub use decoded::{Decoded, Reading, WrongLength};
pub use field::{Field, NameError, Occurrence};
pub use layouts::Layouts;
pub(crate) use mask::harmless;
pub(crate) use value::text_of;
use value::{from_blanks, till_blanks};

/// A layout with its groups and repeats expanded: one flat list of fields.
#[derive(Debug, Clone)]
pub struct Layout {
    name: String,
    title: String,
    length: usize,
    fields: Vec<Field>,
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
        let flat = spec.flat_fields();
        let fields = flat.iter().map(|field| Self::field_of(field, &flat)).collect();
        Self { name: spec.name.clone(), title: spec.title.clone(), length: spec.length, fields }
    }

    fn field_of(flat: &FlatField<'_>, all: &[FlatField<'_>]) -> Field {
        let occurrence = flat.count.and_then(|count| {
            let counter = all.iter().position(|field| field.at == count.at)?;
            Some(Occurrence { counter, index: count.index })
        });
        let counted = all.iter().filter_map(|field| field.count.filter(|count| count.at == flat.at));
        Field {
            path: flat.path.clone(),
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
            signed: flat.field.signed,
            encoding: flat.field.encoding,
            truncate: flat.field.truncate,
            lenient: flat.field.lenient,
            counts: counted.map(|count| count.index + 1).max(),
            occurrence,
            codes: flat.field.codes.clone(),
            assumed: flat.field.assumed.clone(),
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
        Decoded::of(self, telegram)
    }

    /// Whether the telegram keeps every rule of the layout; the first broken one otherwise.
    ///
    /// Compiled layouts give the same verdict on the same bytes, and name the same field first.
    ///
    /// # Errors
    /// The field that breaks a rule, `None` for the length of the whole.
    pub fn check(&self, telegram: &[u8]) -> Result<(), (Option<&Field>, Fault)> {
        self.faults(telegram).next().map_or(Ok(()), Err)
    }

    /// Every rule that the telegram breaks, in the order of the wire: the field, `None` for the length of the whole. A
    /// telegram of another length is not looked into.
    pub fn checks(&self, telegram: &[u8]) -> Vec<(Option<&Field>, Fault)> {
        self.faults(telegram).collect()
    }

    fn faults(&self, telegram: &[u8]) -> impl Iterator<Item = (Option<&Field>, Fault)> {
        let whole = (telegram.len() != self.length).then_some((None, Fault::Length));
        let fields = if whole.is_none() { self.fields.as_slice() } else { &[] };
        let broken = fields.iter().filter(|field| self.is_used(field, telegram)).filter_map(|field| {
            Some((Some(field), check::fault(field, &telegram[field.range()], field.lenient)?))
        });
        whole.into_iter().chain(broken)
    }

    /// Whether the field is outside of counted groups, or in an occurrence that is in use. Nothing is in use where the
    /// counting field cannot be read.
    fn is_used(&self, field: &Field, telegram: &[u8]) -> bool {
        let Some(Occurrence { counter, index }) = field.occurrence else { return true };
        let counter = from_blanks(till_blanks(&telegram[self.fields[counter].range()]));
        check::counted(counter).is_some_and(|counted| counted > index)
    }
}
