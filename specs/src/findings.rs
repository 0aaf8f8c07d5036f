//! What is wrong with a layout file.

use std::fmt;

/// Everything that is wrong with a layout and the layouts it inlines, in the order of the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings(pub Vec<Finding>);

/// One fault of a layout file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file as it was named to the reader.
    pub file: String,
    /// Line in the file, from 1; 0 when the file could not be read at all.
    pub line: usize,
    /// The field's name, if the fault is a field's.
    pub field: Option<String>,
    /// Which rule is broken.
    pub rule: Rule,
    /// What the rule wants here.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// What the difference amounts to, where that is not plain from the two values.
    pub note: Option<String>,
}

/// The rules a layout file is checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The file can be read and is UTF-8.
    Readable,
    /// The file is TOML.
    Syntax,
    /// Only known keys.
    UnknownKey,
    /// Every required key.
    MissingKey,
    /// A key's value has the right type.
    Type,
    /// A key's value is one of its words or within its bounds.
    Value,
    /// The layout is named after its file; names are well-formed.
    Name,
    /// A field's name occurs once.
    Duplicate,
    /// A field begins where the one before ends: bytes are missing between them.
    Gap,
    /// A field begins where the one before ends: they share bytes.
    Overlap,
    /// The fields fill exactly the layout's length.
    Length,
    /// A constant fits its field's length, kind and padding.
    Constant,
    /// `format` stands on a datetime only and is of the field's length.
    Format,
    /// The pad byte is one printable byte that suits the kind.
    Pad,
    /// The alignment suits the kind.
    Align,
    /// `secret` stands on a field that holds data.
    Secret,
    /// `blank` is "none" and stands on a field that may be absent.
    Blank,
    /// `codes` stands on a code and its keys fit.
    Codes,
    /// A group's layout exists, has the group's length and does not contain itself.
    Group,
    /// `repeat` stands on a group and is at least 1.
    Repeat,
    /// A `korean` field needs the charset "euc-kr"; a field's own charset stands on `korean`.
    Charset,
    /// `signed` stands on a number that is no constant.
    Signed,
    /// `truncate` stands on text or korean that is no constant.
    Truncate,
    /// `lenient` names each of its words once, on a kind and padding that it can loosen.
    Lenient,
    /// `count` stands on a group with `repeat` and names a number that can count its occurrences.
    Count,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        f.write_str(": ")?;
        if let Some(field) = &self.field {
            write!(f, "field \"{field}\": ")?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)?;
        match &self.note {
            Some(note) => write!(f, ": {note}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Findings {
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

impl std::error::Error for Finding {}

impl std::error::Error for Findings {}
