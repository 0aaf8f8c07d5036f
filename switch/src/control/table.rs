//! What waits, as a table for people.

use std::io::{self, Write};

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets::NOTHING};

use super::protocol::{Row, What};

/// How wide the table is where nobody says how wide the screen is.
const WIDTH: u16 = 170;

/// Prints the rows, and a line that counts them.
///
/// # Errors
/// `out` takes no more.
pub fn print(out: &mut impl Write, what: What, rows: &[Row], more: bool) -> io::Result<()> {
    let (one, many, number) = match what {
        What::NetCancels => ("net-cancel waits", "net-cancels wait", "attempt"),
        What::Cancels => ("cancel waits", "cancels wait", "cancel"),
    };
    if rows.is_empty() {
        return writeln!(out, "no {one}");
    }
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    let bold = |text: &str| Cell::new(text).add_attribute(Attribute::Bold);
    let header = [
        "payment", number, "state", "why", "acquirer", "serial", "terminal", "date", "trace", "won", "since",
        "next try", "tries",
    ];
    table.set_header(header.map(bold));
    for row in rows {
        let or_blank = |text: &Option<String>| Cell::new(text.as_deref().unwrap_or(""));
        let right = |number: String| Cell::new(number).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(row.payment),
            right(row.number.to_string()),
            Cell::new(row.state.as_str()),
            Cell::new(&row.why),
            Cell::new(&row.acquirer),
            Cell::new(&row.serial),
            Cell::new(&row.terminal),
            Cell::new(&row.business_date),
            Cell::new(&row.trace_no),
            right(row.amount.to_string()),
            or_blank(&row.since),
            or_blank(&row.next_try),
            right(row.tries.map_or_else(String::new, |tries| tries.to_string())),
        ]);
    }
    writeln!(out, "{table}\n")?;
    let count = rows.len();
    let counted = if count == 1 { one } else { many };
    let rest = if more { "; there are more (--all)" } else { "" };
    writeln!(out, "{count} {counted}{rest}")
}
