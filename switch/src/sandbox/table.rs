//! The table of what happened: a row for each caption, and the totals.

use std::io::{self, Write};

use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, presets::NOTHING,
};
use payment::{RESPONSES, Response};

use super::{
    outcome::{Became, Told},
    summary::Summary,
};

/// How wide the table is where nobody says how wide the screen is.
const WIDTH: u16 = 150;
/// On a screen narrower than this the columns share it evenly.
const NARROW: u16 = 130;

pub(super) fn print(out: &mut impl Write, day: &[Told<'_>], summary: &Summary) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    let bold = |text: &str| Cell::new(text).add_attribute(Attribute::Bold);
    table.set_header(["", "what happens", "sent", "answers", "by", "outcome", "won"].map(bold));
    for played in day.chunk_by(|one, next| one.sample == next.sample) {
        table.add_row([bold("▸"), bold(played[0].sample)]);
        for group in played.chunk_by(|one, next| one.exchange.caption == next.exchange.caption) {
            table.add_row(row(group));
        }
    }
    arrange(&mut table);
    writeln!(out, "{table}\n")?;
    legend(out, day)?;
    for mismatch in day.iter().flat_map(|told| &told.exchange.mismatches) {
        writeln!(out, "✗ {mismatch}")?;
    }
    writeln!(
        out,
        "{} telegrams, {} of them 0100 and 0400: {} approved, {} cancelled, {} declined, {} refused, {} repeats · {} acknowledged",
        day.len(),
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
        "{} payments net-cancelled, {} of 0420 accepted · {} owed, {} for a person · {} mismatches",
        summary.net_cancelled,
        summary.terminal_net_cancelled,
        summary.owed,
        summary.needs_person,
        summary.mismatches
    )?;
    let signed = |won| i64::try_from(won).unwrap_or(i64::MAX);
    let books = summary.books_won.iter().map(|(name, live)| format!("{name} {}", won(signed(*live))));
    writeln!(
        out,
        "{} won stand here, {} of it may be cancelled; {} by the acquirers' own books ({})",
        won(summary.standing_won),
        won(summary.doubtful_won),
        won(signed(summary.live_won)),
        books.collect::<Vec<_>>().join(" · ")
    )
}

/// Captions stay on one line, and the outcomes get what the lists of codes leave.
fn arrange(table: &mut Table) {
    if table.width().is_some_and(|width| width < NARROW) {
        return;
    }
    let most = |width| ColumnConstraint::UpperBoundary(comfy_table::Width::Fixed(width));
    for (index, constraint) in
        [(1, ColumnConstraint::ContentWidth), (2, most(21)), (3, most(21)), (4, most(23))]
    {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(constraint);
        }
    }
}

fn row(group: &[Told<'_>]) -> Vec<Cell> {
    let well = group.iter().all(|told| told.exchange.mismatches.is_empty());
    let caption = group[0].exchange.caption.as_deref().unwrap_or_default();
    let sent = group.iter().map(|told| {
        let again = if told.exchange.repeat { " again" } else { "" };
        format!("{}{again}", told.exchange.sent.value("telegram_type"))
    });
    let answers = group.iter().map(|told| code(told).to_owned());
    let ways = group.iter().filter_map(|told| told.outcome.way.clone());
    let sum: i64 = group.iter().map(|told| told.outcome.won).sum();
    vec![
        Cell::new(if well { "✓" } else { "✗" }),
        Cell::new(caption),
        Cell::new(counted(sent).join(", ")),
        Cell::new(counted(answers).join(", ")),
        Cell::new(counted(ways).join(", ")),
        Cell::new(became(group)),
        Cell::new(if sum == 0 { String::new() } else { won(sum) }).set_alignment(CellAlignment::Right),
    ]
}

/// What the telegrams came to; the parts cancelled of one total together.
fn became(group: &[Told<'_>]) -> String {
    let mut parts: Vec<(i64, Vec<String>)> = Vec::new();
    let mut words = Vec::new();
    for told in group {
        match &told.outcome.became {
            Some(Became::PartlyCancelled { amount, total }) => {
                match parts.iter_mut().find(|(known, _)| known == total) {
                    Some((_, amounts)) => amounts.push(won(*amount)),
                    None => parts.push((*total, vec![won(*amount)])),
                }
            }
            Some(Became::Words(became)) => words.push(became.clone()),
            None => {}
        }
    }
    let parts =
        parts.iter().map(|(total, amounts)| format!("cancelled {} of {}", amounts.join(" + "), won(*total)));
    parts.chain(counted(words.into_iter())).collect::<Vec<_>>().join(", ")
}

fn code<'a>(told: &Told<'a>) -> &'a str {
    told.exchange.answer.as_ref().map_or("–", |answer| answer.value("response_code"))
}

/// Each text once, in the order of their first appearance, with how often it is there.
fn counted(texts: impl Iterator<Item = String>) -> Vec<String> {
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
    shown.collect()
}

/// What the switch's own codes say that occur in the table.
fn legend(out: &mut impl Write, day: &[Told<'_>]) -> io::Result<()> {
    let occurs = |response: &&Response| day.iter().any(|told| code(told) == response.code.as_str());
    let occurring: Vec<_> = RESPONSES.iter().filter(occurs).collect();
    for line in occurring.chunks(6) {
        let said = line.iter().map(|response| format!("{} {}", response.code.as_str(), response.korean));
        writeln!(out, "{}", said.collect::<Vec<_>>().join(" · "))?;
    }
    writeln!(out)
}

/// An amount in groups of three digits.
fn won(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    format!("{}{}", if amount < 0 { "-" } else { "" }, groups.join(","))
}
