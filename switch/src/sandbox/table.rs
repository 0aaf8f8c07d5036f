//! The table of what happened: a row for each caption, and the totals.

use std::io::{self, Write};

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets::NOTHING};
use payment::RESPONSES;
use telegram_replay::terminal::Exchange;

use super::{outcome::Outcome, summary::Summary};

/// How wide the table is where nobody says how wide the screen is.
const WIDTH: u16 = 150;

pub(super) fn print(
    out: &mut impl Write,
    outcomes: &[(&Exchange, Outcome)],
    summary: &Summary,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    let header = ["", "what happens", "sent", "answers", "by", "outcome", "won"];
    table.set_header(header.map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
    for group in outcomes.chunk_by(|(one, _), (next, _)| one.caption == next.caption) {
        table.add_row(row(group));
    }
    writeln!(out, "{table}\n")?;
    legend(out, outcomes)?;
    for (exchange, _) in outcomes {
        for mismatch in &exchange.mismatches {
            writeln!(out, "✗ {mismatch}")?;
        }
    }
    let stands = outcomes.iter().map(|(_, outcome)| outcome.won).sum();
    writeln!(
        out,
        "{} telegrams, {} of them 0100 and 0400: {} approved, {} cancelled, {} declined, {} refused, {} repeats · {} acknowledged",
        outcomes.len(),
        summary.sent,
        summary.approved,
        summary.cancelled,
        summary.declined,
        summary.refused,
        summary.repeats,
        summary.acknowledged
    )?;
    writeln!(
        out,
        "{} payments net-cancelled, {} of 0420 accepted · {} won stand · {} owed, {} for a person · {} mismatches",
        summary.net_cancelled,
        summary.terminal_net_cancelled,
        won(stands),
        summary.owed,
        summary.needs_person,
        summary.mismatches
    )
}

fn row(group: &[(&Exchange, Outcome)]) -> Vec<Cell> {
    let well = group.iter().all(|(exchange, _)| exchange.mismatches.is_empty());
    let caption = group[0].0.caption.as_deref().unwrap_or_default();
    let sent = group.iter().map(|(exchange, _)| {
        let again = if exchange.repeat { " again" } else { "" };
        format!("{}{again}", exchange.sent.value("telegram_type"))
    });
    let answers = group.iter().map(|(exchange, _)| code(exchange).to_owned());
    let ways = group.iter().filter_map(|(_, outcome)| outcome.way.clone());
    let became = group.iter().filter_map(|(_, outcome)| outcome.became.clone());
    let sum: i64 = group.iter().map(|(_, outcome)| outcome.won).sum();
    vec![
        Cell::new(if well { "✓" } else { "✗" }),
        Cell::new(caption),
        Cell::new(counted(sent)),
        Cell::new(counted(answers)),
        Cell::new(counted(ways)),
        Cell::new(counted(became)),
        Cell::new(if sum == 0 { String::new() } else { won(sum) }).set_alignment(CellAlignment::Right),
    ]
}

fn code(exchange: &Exchange) -> &str {
    exchange.answer.as_ref().map_or("–", |answer| answer.value("response_code"))
}

/// Each text once, in the order of their first appearance, with how often it is there.
fn counted(texts: impl Iterator<Item = String>) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for text in texts {
        match counts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, count)) => *count += 1,
            None => counts.push((text, 1)),
        }
    }
    let shown = counts.into_iter().map(|(text, count)| match count {
        1 => text,
        _ => format!("{text} ×{count}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// What the switch's own codes say that occur in the table.
fn legend(out: &mut impl Write, outcomes: &[(&Exchange, Outcome)]) -> io::Result<()> {
    let occurs = |response: &&payment::Response| {
        outcomes.iter().any(|(exchange, _)| code(exchange) == response.code.as_str())
    };
    let told = RESPONSES.iter().filter(occurs);
    let told: Vec<_> =
        told.map(|response| format!("{} {}", response.code.as_str(), response.korean)).collect();
    for line in told.chunks(5) {
        writeln!(out, "{}", line.join(" · "))?;
    }
    writeln!(out)
}

/// An amount in groups of three digits.
pub(super) fn won(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    format!("{}{}", if amount < 0 { "-" } else { "" }, groups.join(","))
}
