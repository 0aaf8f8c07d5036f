//! A telegram from `field=value` pairs.

use jiff::ToSpan;
use jiff::civil::DateTime;
use specs::{Align, Format, Kind, Leniency};

use super::{Fault, Field, Layout, NameError, check};
use crate::capture::{Assignment, Value};

/// Why a telegram cannot be built. It never repeats a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A name names no field.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A value is longer than its field.
    #[error("{layout} field \"{field}\": expected at most {expected} bytes, found {found}")]
    TooLong {
        /// The layout's name.
        layout: String,
        /// The field's path.
        field: String,
        /// The field's length in bytes.
        expected: usize,
        /// The value's length in bytes.
        found: usize,
    },
    /// An unchecked value is not exactly as long as its field.
    #[error("{layout} field \"{field}\": expected exactly {expected} bytes for a raw value, found {found}")]
    NotExact {
        /// The layout's name.
        layout: String,
        /// The field's path.
        field: String,
        /// The field's length in bytes.
        expected: usize,
        /// The value's length in bytes.
        found: usize,
    },
    /// A value breaks the rule of its field's kind.
    #[error("{layout} field \"{field}\": {fault}")]
    Rule {
        /// The layout's name.
        layout: String,
        /// The field's path.
        field: String,
        /// The rule.
        fault: Fault,
    },
    /// A value was given to an occurrence of a group that the counting field leaves out.
    #[error("{layout} field \"{field}\": expected no value, found one: its group counts fewer")]
    NotInUse {
        /// The layout's name.
        layout: String,
        /// The field's path.
        field: String,
    },
    /// A value has characters that EUC-KR does not know.
    #[error("{layout} field \"{field}\": expected characters of EUC-KR")]
    Unencodable {
        /// The layout's name.
        layout: String,
        /// The field's path.
        field: String,
    },
    /// `today` was given to a field that is no date.
    #[error("{layout} field \"{field}\": expected a value, found a date: the field is none")]
    NotADate {
        /// The layout's name.
        layout: String,
        /// The field's path.
        field: String,
    },
    /// A reference to another telegram was given where none can be looked at.
    #[error("{layout} field \"{field}\": expected a value, found a reference to another telegram")]
    Unresolved {
        /// The layout's name.
        layout: String,
        /// The field's path.
        field: String,
    },
    /// `now` was given to a field that is no datetime.
    #[error("{layout} field \"{field}\": expected a value, found a time: the field is no datetime")]
    NotADatetime {
        /// The layout's name.
        layout: String,
        /// The field's path.
        field: String,
    },
}

impl Layout {
    /// Builds a telegram. A later value for a field replaces an earlier one.
    ///
    /// A field without a value holds the layout's constant, blanks where blanks mean absent, zero in numbers and digits,
    /// `now` in a datetime, and blanks elsewhere. What counts a group without a value counts up to the last occurrence
    /// that has one; occurrences behind that are blank. Every value is checked against its field's kind and length,
    /// except [`Value::Unchecked`]; one too long is cut where the layout says so.
    ///
    /// # Errors
    /// [`BuildError`] for the first value that does not fit.
    pub fn build(&self, values: &[Assignment], now: DateTime) -> Result<Vec<u8>, BuildError> {
        let mut chosen = vec![None; self.fields.len()];
        for Assignment { field, value } in values {
            chosen[self.position(field)?] = Some(value);
        }
        let mut telegram = vec![b' '; self.length];
        for (index, field) in self.fields.iter().enumerate() {
            let bytes = match chosen[index] {
                // A counting field stands before what it counts.
                Some(_) if !self.is_used(field, &telegram) => {
                    let (layout, field) = (self.name.clone(), field.path.clone());
                    return Err(BuildError::NotInUse { layout, field });
                }
                Some(value) => self.bytes(field, value, now)?,
                None if !self.is_used(field, &telegram) => continue,
                None if field.counts.is_some() => {
                    let in_use = self.fields.iter().zip(&chosen).filter(|(_, value)| value.is_some());
                    let occurrences = in_use.filter_map(|(field, _)| field.occurrence);
                    let counted = occurrences.filter(|occurrence| occurrence.counter == index);
                    let count = counted.map(|occurrence| occurrence.index + 1).max().unwrap_or(0);
                    padded(field, count.to_string().as_bytes())
                }
                None => default(field, now),
            };
            telegram[field.range()].copy_from_slice(&bytes);
        }
        Ok(telegram)
    }

    /// The bytes of a field with that value.
    pub(crate) fn bytes(&self, field: &Field, value: &Value, now: DateTime) -> Result<Vec<u8>, BuildError> {
        let (layout, path) = (|| self.name.clone(), || field.path.clone());
        let encoded = |text: &str| {
            euc_kr(text).ok_or_else(|| BuildError::Unencodable { layout: layout(), field: path() })
        };
        let unpadded = match value {
            Value::Text(text) => encoded(if field.truncate { cut(&text.0, field.len) } else { &text.0 })?,
            Value::Bytes(bytes) => bytes.0.clone(),
            Value::Now(seconds) => match field.format {
                Some(format) => present(format, now.saturating_add(seconds.seconds())).into_bytes(),
                None => return Err(BuildError::NotADatetime { layout: layout(), field: path() }),
            },
            Value::Today(days) => match field.format {
                Some(format @ (Format::Date | Format::ShortDate)) => {
                    present(format, now.saturating_add(days.days())).into_bytes()
                }
                Some(Format::DateTime | Format::ShortDateTime | Format::MonthDayTime | Format::Time)
                | None => return Err(BuildError::NotADate { layout: layout(), field: path() }),
            },
            Value::Of(_) => return Err(BuildError::Unresolved { layout: layout(), field: path() }),
            Value::Unchecked(text) => {
                let bytes = encoded(&text.0)?;
                if bytes.len() != field.len {
                    let (expected, found) = (field.len, bytes.len());
                    return Err(BuildError::NotExact { layout: layout(), field: path(), expected, found });
                }
                return Ok(bytes);
            }
        };
        if unpadded.len() > field.len {
            let (expected, found) = (field.len, unpadded.len());
            return Err(BuildError::TooLong { layout: layout(), field: path(), expected, found });
        }
        let bytes = if unpadded.is_empty() { vec![b' '; field.len] } else { padded(field, &unpadded) };
        // What is only accepted is never written.
        match check::fault(field, &bytes, Leniency::default()) {
            Some(fault) => Err(BuildError::Rule { layout: layout(), field: path(), fault }),
            None => Ok(bytes),
        }
    }
}

/// As much of the text as has at most `room` bytes in EUC-KR, whole characters, without blanks at its end.
fn cut(text: &str, room: usize) -> &str {
    let mut bytes = 0;
    let beyond = text.char_indices().find(|(_, character)| {
        bytes += if character.is_ascii() { 1 } else { 2 };
        bytes > room
    });
    beyond.map_or(text, |(end, _)| text[..end].trim_end_matches(' '))
}

fn default(field: &Field, now: DateTime) -> Vec<u8> {
    if let Some(constant) = &field.constant {
        return constant.clone();
    }
    if field.blank_is_absent {
        return vec![b' '; field.len];
    }
    match field.kind {
        Kind::Number => padded(field, b"0"),
        Kind::Digits => vec![b'0'; field.len],
        Kind::Datetime => {
            present(field.format.expect("the reader gives every datetime a format"), now).into_bytes()
        }
        Kind::Text | Kind::Korean | Kind::Code | Kind::Binary | Kind::Group => vec![b' '; field.len],
        Kind::Filler => vec![field.pad; field.len],
    }
}

/// The value with the field's padding around it; it is no longer than the field.
pub(crate) fn padded(field: &Field, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![field.pad; field.len];
    if let (true, b'0', [b'-', digits @ ..]) = (field.signed, field.pad, value) {
        // Zeros pad between the sign and its digits.
        bytes[field.len - digits.len()..].copy_from_slice(digits);
        bytes[0] = b'-';
        return bytes;
    }
    match field.align {
        Align::Left => bytes[..value.len()].copy_from_slice(value),
        Align::Right => bytes[field.len - value.len()..].copy_from_slice(value),
    }
    bytes
}

/// The instant as the format writes it.
pub(crate) fn present(format: Format, now: DateTime) -> String {
    let pattern = match format {
        Format::DateTime => "%Y%m%d%H%M%S",
        Format::ShortDateTime => "%y%m%d%H%M%S",
        Format::MonthDayTime => "%m%d%H%M%S",
        Format::Date => "%Y%m%d",
        Format::ShortDate => "%y%m%d",
        Format::Time => "%H%M%S",
    };
    now.strftime(pattern).to_string()
}

/// The text in EUC-KR, which for ASCII is ASCII.
pub(crate) fn euc_kr(text: &str) -> Option<Vec<u8>> {
    let (bytes, _, unmappable) = encoding_rs::EUC_KR.encode(text);
    (!unmappable).then(|| bytes.into_owned())
}
