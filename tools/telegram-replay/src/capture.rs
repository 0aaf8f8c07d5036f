//! Captures: telegrams to send and the answers to expect, in a text that people read and write.
//!
//! ```text
//! telegram-capture 1 framing=ascii4 charset=utf-8
//! default terminal-0100 terminal_id=1000000001 merchant_no=1208800001 currency=410
//!
//! # one approval, then the very same telegram again
//! say "approval by a VAN"
//! > first terminal-0100 trace_no=000001 sent_at=now total_amount=50000
//! < terminal-0110 response_code=0000 route=kovan
//! > again first
//! < terminal-0110 response_code=0000
//! wait 200ms
//! ```
//!
//! One statement a line; `#` opens a comment, alone or after a statement.
//!
//! | line | meaning |
//! |---|---|
//! | `telegram-capture 1 framing=F charset=C` | first line. `F`: `ascii4`, `ascii4-inclusive`, `binary2`, `binary2-inclusive`, `stx-lrc` (default `ascii4`). `C`: how this file is written, `utf-8` (default) or `euc-kr` |
//! | `default LAYOUT field=value …` | values for the field-form telegrams of that layout further down; a later `default` adds to it |
//! | `say "text"` | a caption for the steps that follow |
//! | `> LABEL LAYOUT field=value …` | send a telegram in field form |
//! | `> again LABEL` | send the very same bytes once more |
//! | `> text "…"` | send this text, in EUC-KR, as a telegram |
//! | `> hex 30 31 …` | send these bytes as a telegram |
//! | `> raw hex …` | put these bytes on the wire without any frame |
//! | `< LAYOUT field=value …` | the answer to the latest telegram; only the named fields are compared |
//! | `< LAYOUT for LABEL field=value …` | the answer to an earlier telegram |
//! | `< closed` | the peer closes the connection |
//! | `< none 500ms` | nothing arrives for that long |
//! | `wait 200ms` | pause (`ms`, `s`, `m`, `h`) |
//!
//! Values: a bare word, `"quoted"` (with `\"` and `\\`), `hex"9F26"` for bytes, `raw"00A"` for a text put in unchecked and
//! exactly as long as its field, `now`, `now-40m`, `now+1h` for the present in KST as the field's format writes it.
//! A group's prefix may be omitted where the rest of the field's name is unique (`trace_no` for `header.trace_no`).

mod parse;
mod print;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use codec::frame::Framing;

use crate::hidden::Hidden;

/// A capture: how its telegrams are framed, and its steps in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// The frame around every telegram but `> raw`.
    pub framing: Framing,
    /// The statements in the order of the file.
    pub steps: Vec<Step>,
}

/// One statement and where it stands.
#[derive(Debug, Clone)]
pub struct Step {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is to be done.
    pub statement: Statement,
}

/// Two steps are equal when they say the same, on whatever line.
impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.statement == other.statement
    }
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// Values for the telegrams of a layout further down.
    Default {
        /// The layout's name.
        layout: String,
        /// The values.
        fields: Vec<Assignment>,
    },
    /// A caption for the steps that follow.
    Say(String),
    /// Something to put on the wire.
    Send(Send),
    /// Something that must happen now.
    Expect(Expect),
    /// A pause.
    Wait(Duration),
}

/// What to put on the wire.
#[derive(Debug, Clone, PartialEq)]
pub enum Send {
    /// A telegram built from named fields.
    Fields {
        /// Its name in this capture, unique.
        label: String,
        /// Its layout.
        layout: String,
        /// Its values; what is not named comes from defaults.
        fields: Vec<Assignment>,
    },
    /// The bytes sent under this label, once more.
    Again {
        /// A label defined above.
        label: String,
    },
    /// A telegram written as text, sent in EUC-KR.
    Text(Hidden<String>),
    /// A telegram written as bytes.
    Hex(Hidden<Vec<u8>>),
    /// Bytes without a frame.
    Raw(Hidden<Vec<u8>>),
}

/// What must happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Expect {
    /// An answer, compared in the named fields only.
    Answer {
        /// The layout the answer is read by.
        layout: String,
        /// The telegram it answers; the latest one when absent.
        of: Option<String>,
        /// The fields to compare.
        fields: Vec<Assignment>,
    },
    /// The peer closes the connection.
    Closed,
    /// Nothing arrives for this long.
    Nothing(Duration),
}

/// `field=value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The field's path, its group prefix omitted where that is unambiguous.
    pub field: String,
    /// Its value.
    pub value: Value,
}

/// A field's value as a capture gives it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text, checked against the field's kind and padded to its length.
    Text(Hidden<String>),
    /// Bytes, padded to the field's length.
    Bytes(Hidden<Vec<u8>>),
    /// A text of exactly the field's length, put in unchecked.
    Unchecked(Hidden<String>),
    /// The present, this many seconds later (earlier when negative).
    Now(i64),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Hidden(text.into()))
    }
}

/// Why a capture cannot be read: what was expected where. It never repeats a value of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: expected {expected}, found {found}")]
pub struct CaptureError {
    /// The file's name as the caller gave it.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// What may stand there.
    pub expected: String,
    /// What stands there: a character or the end of something.
    pub found: String,
}

/// Why a capture file cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {file}")]
    Io {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no capture.
    #[error(transparent)]
    Syntax(#[from] CaptureError),
}

/// The longest capture that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 16 << 20;

/// The longest line that is read, in bytes.
pub const MAX_LINE_BYTES: usize = 64 << 10;

impl Capture {
    /// Reads a capture file.
    ///
    /// # Errors
    /// [`LoadError`] when the file cannot be read, or is no capture.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let file = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|source| LoadError::Io { file: file.clone(), source })?;
        Ok(Self::parse(&file, &bytes)?)
    }

    /// Parses the bytes of a capture; `file` names it in errors.
    ///
    /// # Errors
    /// [`CaptureError`] at the first thing that is not a capture.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, CaptureError> {
        parse::capture(file, bytes)
    }
}
