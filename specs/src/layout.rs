//! One layout.

use crate::{Charset, Count, Field, FlatField};

/// A telegram (or a part that others inline) as its layout file describes it; checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The layout's name, which is its file's name without `.toml`.
    pub name: String,
    /// What people call it, in Korean.
    pub title: String,
    /// Length of the record in bytes.
    pub length: usize,
    /// Its character set.
    pub charset: Charset,
    /// Where the layout is known from.
    pub source: String,
    /// The fields in the order of the wire; they cover the record without gap or overlap.
    pub fields: Vec<Field>,
    /// Line of `length` in the file, for messages.
    pub length_line: usize,
}

impl Layout {
    /// The field of that name, not looking into groups.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// All fields that hold bytes themselves, groups and repeats expanded, in the order of the wire.
    pub fn flat_fields(&self) -> Vec<FlatField<'_>> {
        let mut flat = Vec::new();
        self.flatten("", 0, None, &mut flat);
        flat
    }

    fn flatten<'a>(&'a self, prefix: &str, base: usize, count: Option<Count>, flat: &mut Vec<FlatField<'a>>) {
        for field in &self.fields {
            let at = base + field.at;
            let Some(group) = &field.group else {
                flat.push(FlatField { path: format!("{prefix}{}", field.name), at, field, count });
                continue;
            };
            let counter = field.count.as_deref().and_then(|name| self.field(name));
            for index in 0..field.repeat {
                let prefix = if field.occurs_once() {
                    format!("{prefix}{}.", field.name)
                } else {
                    format!("{prefix}{}[{index}].", field.name)
                };
                let count = counter.map(|counter| Count { at: base + counter.at, index }).or(count);
                group.flatten(&prefix, at + index * field.len, count, flat);
            }
        }
    }
}
