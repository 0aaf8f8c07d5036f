//! One table of ratios.

use benches::cases::{BASELINE, OURS, Operation, READING_BASELINE, Source};
use comfy_table::{CellAlignment, Table, presets};

use crate::Allocations;
use crate::rounds::Figure;

/// The peers, in the order of the table.
const PEERS: [&str; 9] = [
    "fwf",
    "nom",
    "binrw",
    "fixed-record",
    "deku",
    "naive",
    "fixcol",
    "fixed_width",
    "fixed_width, bare list",
];

/// A row for each layout and operation.
pub(crate) fn render(figures: &[Figure], allocations: Option<&Allocations>) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    let mut header = vec!["layout", "operation", "memcpy ns", "ns", "of memcpy", "allocations"];
    header.extend(PEERS);
    table.set_header(header);
    for figure in figures.iter().filter(|figure| matches!(figure.who, OURS | READING_BASELINE)) {
        table.add_row(row(figure, figures, allocations));
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!(
        "Medians for one telegram. Of a peer: ns, how many times as long as the codec takes, and its allocations.\n\
         memcpy from memory copies each telegram to its own place in memory.\n\n{table}\n"
    )
}

fn row(ours: &Figure, figures: &[Figure], allocations: Option<&Allocations>) -> Vec<String> {
    let of = |who| figures.iter().find(|figure| is_beside(ours, figure) && figure.who == who);
    let allocated = |figure: &Figure| allocations?.get(&figure.name).map(|count| short(*count));
    let copy = copy_of(ours, figures);
    let layout = match ours.source {
        Source::Cache => ours.layout.to_owned(),
        Source::Memory => format!("{} from memory", ours.layout),
    };
    let mut row = vec![
        layout,
        if ours.who == OURS { ours.operation.name() } else { ours.who }.to_owned(),
        copy.map_or_else(String::new, |copy| format!("{:.1}", copy.nanoseconds)),
        format!("{:.1}", ours.nanoseconds),
        copy.map_or_else(String::new, |copy| format!("{:.2}", ours.nanoseconds / copy.nanoseconds)),
        allocated(ours).unwrap_or_default(),
    ];
    row.extend(PEERS.map(|peer| {
        of(peer).map_or_else(String::new, |peer| {
            let times = peer.nanoseconds / ours.nanoseconds;
            let allocated = allocated(peer).map_or_else(String::new, |count| format!(", {count}"));
            format!("{:.0}, {times:.1}x{allocated}", peer.nanoseconds)
        })
    }));
    row
}

/// The copy of the same telegrams.
pub(crate) fn copy_of<'a>(ours: &Figure, figures: &'a [Figure]) -> Option<&'a Figure> {
    figures.iter().find(|figure| {
        figure.layout == ours.layout
            && figure.source == ours.source
            && figure.operation == Operation::Copy
            && figure.who == BASELINE
    })
}

/// The same is done to the same telegrams.
pub(crate) fn is_beside(ours: &Figure, theirs: &Figure) -> bool {
    ours.layout == theirs.layout && ours.source == theirs.source && ours.operation == theirs.operation
}

/// Two decimals at most.
fn short(number: f64) -> String {
    format!("{number:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
}
