//! Two telegrams field by field: where they differ, for people and for scripts; secrets masked.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use comfy_table::{Table, presets};
use serde::Serialize;

use crate::dump::{DumpedField, Held};
use crate::layout::{Decoded, Layout, Reading};

/// Two telegrams of one layout compared. Equal are telegrams of the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The layout's name.
    pub spec: String,
    /// The layout's title.
    pub title: String,
    /// Whether both have the same bytes.
    pub equal: bool,
    /// The first telegram as a whole.
    pub a: Side,
    /// The second one.
    pub b: Side,
    /// The fields that differ or have a finding, in the order of the wire; every field where that was asked for. None
    /// where one of the telegrams has a wrong length.
    pub fields: Vec<DiffField>,
}

/// One of the telegrams as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Its length in bytes.
    pub bytes: usize,
    /// What is wrong with the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

/// A field in both telegrams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffField {
    /// Byte offset in the telegram.
    pub at: usize,
    /// Length in bytes.
    pub len: usize,
    /// The field's path.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// How the two differ, if they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// What the first has.
    pub a: Held,
    /// What the second has.
    pub b: Held,
}

/// How a field differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Difference {
    /// It holds another value.
    Value,
    /// It holds the same value, written with other bytes: padded otherwise, or where nothing is read.
    Bytes,
}

/// Which fields are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Those that differ or have a finding.
    Remarkable,
    /// All of them.
    Every,
}

impl Diff {
    /// Compares two telegrams, read by the same layout.
    pub fn of(a: &[u8], b: &[u8], layout: &Layout, listing: Listing) -> Self {
        let (decoded_a, decoded_b) = (layout.decode(a), layout.decode(b));
        let pairs = decoded_a.readings().iter().zip(decoded_b.readings());
        let fields = pairs.map(|(a, b)| DiffField::of(a, b));
        let is_listed = |field: &DiffField| listing == Listing::Every || field.is_remarkable();
        Self {
            spec: layout.name().to_owned(),
            title: layout.title().to_owned(),
            equal: a == b,
            fields: fields.filter(is_listed).collect(),
            a: Side::of(&decoded_a, a.len()),
            b: Side::of(&decoded_b, b.len()),
        }
    }

    /// Whether anything is wrong with either.
    pub fn has_findings(&self) -> bool {
        let wholes = [&self.a, &self.b].into_iter().any(|side| side.finding.is_some());
        wholes || self.fields.iter().any(|field| field.a.finding.is_some() || field.b.finding.is_some())
    }

    /// The comparison as a table, below a line that sums it up.
    pub fn table(&self) -> String {
        let differing = self.fields.iter().filter(|field| field.difference.is_some()).count();
        let sum = match (self.equal, differing) {
            (true, _) => "equal".to_owned(),
            (false, 0) => "different".to_owned(),
            (false, 1) => "1 field differs".to_owned(),
            (false, count) => format!("{count} fields differ"),
        };
        let mut text = format!("{} {}: {sum}\n", self.spec, self.title);
        for (name, side) in [("A", &self.a), ("B", &self.b)] {
            if let Some(finding) = &side.finding {
                writeln!(text, "{name}: {finding}").expect("a String takes everything");
            }
        }
        if !self.fields.is_empty() {
            text.push_str(&self.rows().to_string());
            text.push('\n');
        }
        text
    }

    fn rows(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["at", "len", "name", "이름", "A", "B", "difference", "finding"]);
        for field in &self.fields {
            let findings = [("A", &field.a), ("B", &field.b)].into_iter();
            let findings =
                findings.filter_map(|(name, held)| Some(format!("{name}: {}", held.finding.as_ref()?)));
            let difference = match field.difference {
                None => "",
                Some(Difference::Value) => "value",
                Some(Difference::Bytes) => "bytes only",
            };
            table.add_row([
                field.at.to_string().as_str(),
                field.len.to_string().as_str(),
                &field.name,
                &field.title,
                &field.a.shown(),
                &field.b.shown(),
                difference,
                &findings.collect::<Vec<_>>().join("; "),
            ]);
        }
        table
    }
}

impl Side {
    fn of(decoded: &Decoded<'_>, bytes: usize) -> Self {
        Self { bytes, finding: decoded.wrong_length().map(|length| length.to_string()) }
    }
}

impl DiffField {
    fn of(a: &Reading<'_>, b: &Reading<'_>) -> Self {
        let difference = match (a.raw() == b.raw(), a.has_value_of(b)) {
            (true, true) => None,
            (false, true) => Some(Difference::Bytes),
            (_, false) => Some(Difference::Value),
        };
        let DumpedField { at, len, name, title, .. } = DumpedField::of(a);
        Self { at, len, name, title, difference, a: Held::of(a), b: Held::of(b) }
    }

    fn is_remarkable(&self) -> bool {
        self.difference.is_some() || self.a.finding.is_some() || self.b.finding.is_some()
    }
}
