//! A telegram from a TOML of values, by its layout file alone.
//!
//! ```toml
//! amount = 1000                              # a number is a number
//! header = { trace_no = "42" }               # a group is a table; header.trace_no = "42" says the same
//! sent_at = 2026-07-01T09:08:07              # a datetime, or a text in the form of its field
//! emv_data = { hex = "9F 26" }               # bytes, or a text
//!
//! [[items]]                                  # a repeated group is a list; what counts it follows
//! name = "김밥"
//! ```
//!
//! Everything else is a text. A field left out holds what [`Layout::build`] gives one without a value.

mod read;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::civil::DateTime;

use crate::layout::{BuildError, Layout};
use read::Reader;

/// The longest file of values that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// Everything that is wrong with a file of values, in the order of the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueFindings(pub Vec<ValueFinding>);

/// One thing wrong with a file of values. It never repeats the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueFinding {
    /// The file's name as the caller gave it.
    pub file: String,
    /// Line from 1; 0 for the file as a whole.
    pub line: usize,
    /// The path of the field, or of the group, as far as there is one.
    pub field: Option<String>,
    /// What may stand there.
    pub expected: String,
    /// What stands there; nothing of a secret.
    pub found: Option<String>,
}

/// Builds a telegram from a TOML of values; `file` names it in findings, `now` is what datetimes without a value hold.
///
/// # Errors
/// All that is wrong with the file: it is no TOML, names no field, or a value does not fit its field.
pub fn telegram(layout: &Layout, file: &str, text: &str, now: DateTime) -> Result<Vec<u8>, ValueFindings> {
    let mut reader = Reader::new(layout, file, text, now);
    let values = reader.values();
    if !reader.findings.is_empty() {
        reader.findings.sort_by_key(|finding| finding.line);
        return Err(ValueFindings(reader.findings));
    }
    layout.build(&values, now).map_err(|error| ValueFindings(vec![whole(file, &error)]))
}

/// What no single line is at fault for.
fn whole(file: &str, error: &BuildError) -> ValueFinding {
    ValueFinding {
        file: file.to_owned(),
        line: 0,
        field: None,
        expected: "values that make a telegram".to_owned(),
        found: Some(error.to_string()),
    }
}

impl fmt::Display for ValueFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        f.write_str(": ")?;
        if let Some(field) = &self.field {
            write!(f, "field \"{field}\": ")?;
        }
        write!(f, "expected {}", self.expected)?;
        match &self.found {
            Some(found) => write!(f, ", found {found}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ValueFindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            finding.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ValueFindings {}
