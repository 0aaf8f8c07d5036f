//! Telegrams by their layout, for people: every field with its offset, title, value and what is wrong with it.

#[cfg(test)]
mod tests;

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use codec::frame::{FrameError, FrameFormat};
use comfy_table::{Table, presets};
use serde::Serialize;

use crate::layout::{Decoded, Reading};

/// The telegrams of a file, and what came after the last whole one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frames {
    /// Each with its place in the file, its frame included.
    pub telegrams: Vec<(Range<usize>, Bytes)>,
    /// Why reading stopped before the end of the file.
    pub broken: Option<Broken>,
}

/// Bytes that are no whole frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} at byte {at}", match .error { Some(error) => error.to_string(), None => format!("an incomplete frame of {left} bytes") })]
pub struct Broken {
    /// Where in the file, from 0.
    pub at: usize,
    /// How many bytes are left there.
    pub left: usize,
    /// Why; none when the file just ends too early.
    pub error: Option<FrameError>,
}

/// Takes the frames of a file apart. A frame with a wrong check byte is reported, and those after it not read.
pub fn frames(file: &[u8], format: FrameFormat) -> Frames {
    let mut buffer = BytesMut::from(file);
    let mut telegrams = Vec::new();
    loop {
        let at = file.len() - buffer.len();
        let left = buffer.len();
        let error = match format.decode(&mut buffer) {
            Ok(Some(telegram)) => {
                telegrams.push((at..file.len() - buffer.len(), telegram));
                continue;
            }
            Ok(None) => None,
            Err(error) => Some(error),
        };
        let broken = (left > 0).then_some(Broken { at, left, error });
        return Frames { telegrams, broken };
    }
}

/// A telegram as one JSON object; secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dumped {
    /// The layout's name.
    pub spec: String,
    /// The layout's title.
    pub title: String,
    /// Length of the telegram in bytes.
    pub bytes: usize,
    /// What is wrong with the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// Its fields in the order of the wire.
    pub fields: Vec<DumpedField>,
}

/// A field of a telegram; masked where it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DumpedField {
    /// Byte offset in the telegram.
    pub at: usize,
    /// Length in bytes.
    pub len: usize,
    /// The field's path.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it holds.
    #[serde(flatten)]
    pub held: Held,
}

/// What a telegram has in a field; masked where it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Its value without padding.
    pub value: String,
    /// What the value of a code means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// It stands in an occurrence of a group that is not in use, and has no value.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unused: bool,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

impl Dumped {
    /// What may be shown of a telegram.
    pub fn of(decoded: &Decoded<'_>, bytes: usize) -> Self {
        Self {
            spec: decoded.layout().name().to_owned(),
            title: decoded.layout().title().to_owned(),
            bytes,
            finding: decoded.wrong_length().map(|length| length.to_string()),
            fields: decoded.readings().iter().map(DumpedField::of).collect(),
        }
    }

    /// Whether anything is wrong with it.
    pub fn has_findings(&self) -> bool {
        self.finding.is_some() || self.fields.iter().any(|field| field.held.finding.is_some())
    }

    /// The telegram as a table.
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["at", "len", "name", "이름", "value", "finding"]);
        for field in &self.fields {
            let finding = field.held.finding.as_deref().unwrap_or_default();
            table.add_row([
                field.at.to_string().as_str(),
                field.len.to_string().as_str(),
                &field.name,
                &field.title,
                &field.held.shown(),
                finding,
            ]);
        }
        let mut text = format!("{} {} ({} bytes)\n", self.spec, self.title, self.bytes);
        match &self.finding {
            Some(finding) => text.push_str(finding),
            None => text.push_str(&table.to_string()),
        }
        text.push('\n');
        text
    }
}

impl DumpedField {
    /// What may be shown of a field.
    pub fn of(reading: &Reading<'_>) -> Self {
        Self {
            at: reading.field().at,
            len: reading.field().len,
            name: reading.field().path.clone(),
            title: reading.field().title.clone(),
            held: Held::of(reading),
        }
    }
}

impl Held {
    /// What may be shown of what a telegram has there.
    pub fn of(reading: &Reading<'_>) -> Self {
        Self {
            value: reading.shown(),
            meaning: reading.meaning().map(str::to_owned),
            unused: reading.is_unused(),
            finding: reading.fault().map(|fault| fault.to_string()),
        }
    }

    /// The value with what it means, for a table.
    pub fn shown(&self) -> String {
        match &self.meaning {
            _ if self.unused => "(unused)".to_owned(),
            Some(meaning) => format!("{} ({meaning})", self.value),
            None => self.value.clone(),
        }
    }
}
