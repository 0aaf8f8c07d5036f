//! Captures: telegrams to send and the answers to expect, in a text that people read and write.
//!
#![doc = include_str!("capture/grammar.md")]

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
    /// Whether terminal and switch exchange ENQ, ACK, NAK and EOT around every telegram.
    pub handshake: bool,
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
    /// What the terminal does wrong with the next telegram. Only with the handshake.
    Next(Quirk),
    /// The terminal closes its socket.
    Close,
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

/// What a terminal with handshake does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// Its first frame has a wrong LRC, the repeat after NAK a right one.
    WrongLrc,
    /// Its frame and every repeat has a wrong LRC.
    WrongLrcAlways,
    /// It reads the answer and never acknowledges it.
    NoAck,
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
    /// The peer closes the connection, with the handshake without an EOT before it.
    Closed,
    /// EOT ends the exchange. Only with the handshake.
    Eot,
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
    /// The date in Korea, this many days later (earlier when negative).
    Today(i32),
    /// What a field of an earlier telegram or of its answer holds.
    Of(Reference),
}

/// A field of an earlier telegram or of its answer, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The label the telegram was sent under.
    pub label: String,
    /// The telegram or its answer.
    pub part: Part,
    /// The field's path, its group prefix omitted where that is unambiguous.
    pub field: String,
    /// The part of its value; all of it when absent.
    pub slice: Option<Slice>,
}

/// One side of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What was sent.
    Sent,
    /// The latest answer that came under the label, also to a repeat.
    Reply,
}

/// A part of a value, in characters from 0; of bytes that are no text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// The first.
    pub from: usize,
    /// The one behind the last; the value's end when absent.
    pub to: Option<usize>,
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

/// How captures are written, for people at a command line.
pub fn grammar() -> String {
    let lines = include_str!("capture/grammar.md").lines().filter(|line| !line.starts_with("```"));
    lines.collect::<Vec<_>>().join("\n")
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
