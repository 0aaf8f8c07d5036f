//! What was measured beside what, and what was aimed at.

use comfy_table::{CellAlignment, Table, presets};

/// Two measurements of one run and what is aimed at.
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: &'static str,
    pub(crate) found: f64,
    /// Beside what.
    pub(crate) beside: &'static str,
    pub(crate) baseline: f64,
    pub(crate) unit: &'static str,
    /// The first of the second; the median where there are several pairs.
    pub(crate) ratio: f64,
    /// At most.
    pub(crate) aim: f64,
}

/// What one measurement came to.
pub(crate) struct Measured {
    pub(crate) rows: Vec<Row>,
    /// What happened, in a line: that it was what it was meant to be.
    pub(crate) note: String,
}

impl Row {
    /// The median of pairs, of which each is what was measured and what it was beside.
    pub(crate) fn of_pairs(what: &'static str, beside: &'static str, pairs: &[(f64, f64)], aim: f64) -> Self {
        let median = |of: &dyn Fn(&(f64, f64)) -> f64| crate::median(pairs.iter().map(of).collect());
        Self {
            what,
            found: median(&|(found, _)| *found),
            beside,
            baseline: median(&|(_, baseline)| *baseline),
            unit: "ms",
            ratio: median(&|(found, baseline)| found / baseline),
            aim,
        }
    }

    /// A ratio that is no number is missed, too.
    pub(crate) fn is_met(&self) -> bool {
        self.ratio <= self.aim
    }
}

/// A row for each, and the notes below.
pub(crate) fn render(all: &[Measured]) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(["", "found", "beside", "", "ratio", "at most", ""]);
    for row in all.iter().flat_map(|measured| &measured.rows) {
        table.add_row([
            row.what.to_owned(),
            format!("{:.1} {}", row.found, row.unit),
            row.beside.to_owned(),
            format!("{:.1} {}", row.baseline, row.unit),
            format!("{:.2}", row.ratio),
            format!("{:.1}", row.aim),
            if row.is_met() { "met" } else { "missed" }.to_owned(),
        ]);
    }
    for column in [1, 3, 4, 5] {
        let column = table.column_mut(column).expect("the header has seven");
        column.set_cell_alignment(CellAlignment::Right);
    }
    let notes: Vec<&str> = all.iter().map(|measured| measured.note.as_str()).collect();
    format!("{table}\n\n{}\n", notes.join("\n"))
}
