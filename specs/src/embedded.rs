//! The layouts and sample captures compiled into the binary.

use std::borrow::Cow;

use crate::read::{Fetched, read_with};
use crate::{Findings, Layout};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The shipped layout of that name.
///
/// # Errors
/// One finding when there is none of that name; the shipped ones themselves are free of findings.
pub fn embedded(name: &str) -> Result<Layout, Findings> {
    read_with(name, &|name| {
        let file = format!("specs/layouts/{name}.toml");
        match find(LAYOUTS, name) {
            Some(text) => Fetched::Text { file, text: Cow::Borrowed(text) },
            None => Fetched::Missing { file, why: "no shipped layout of that name".to_owned() },
        }
    })
}

/// The names of the shipped layouts, sorted.
pub fn embedded_names() -> impl Iterator<Item = &'static str> {
    LAYOUTS.iter().map(|(name, _)| *name)
}

/// The text of the shipped sample capture of that name (`samples/<name>.capture`).
pub fn sample(name: &str) -> Option<&'static str> {
    find(SAMPLES, name)
}

/// The names of the shipped sample captures, sorted.
pub fn sample_names() -> impl Iterator<Item = &'static str> {
    SAMPLES.iter().map(|(name, _)| *name)
}

fn find(table: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
