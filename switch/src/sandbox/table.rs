//! The table of what happened.

use std::io::{self, Write};

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets::NOTHING};
use payment::{Attempt, AttemptState, Closed, DebtState, ResponseCode, StuckWhy};
use store::Stored;
use telegram_replay::terminal::Exchange;

use super::Summary;

pub(super) fn print(
    out: &mut impl Write,
    rows: &[(&Exchange, Option<Stored>)],
    summary: &Summary,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let header = ["", "what happens", "sent", "amount", "answer", "message", "route", "net-cancel (망취소)"];
    table.set_header(header.map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
    for (exchange, stored) in rows {
        let answer = exchange.answer.as_ref();
        let told = |name: &str| answer.map_or("", |answer| answer.value(name));
        let caption = exchange.caption.as_deref().unwrap_or_default();
        let again = if exchange.repeat { " (again)" } else { "" };
        // The payment under a key that was used with other content is not this telegram's.
        let own = stored.as_ref().filter(|_| told("response_code") != ResponseCode::OTHER_CONTENT.as_str());
        let attempts = own.map_or(&[][..], |stored| stored.payment().attempts());
        table.add_row(vec![
            Cell::new(if exchange.mismatches.is_empty() { "✓" } else { "✗" }),
            Cell::new(caption),
            Cell::new(format!("{}{again}", exchange.sent.value("telegram_type"))),
            Cell::new(won(exchange.sent.value("total_amount"))).set_alignment(CellAlignment::Right),
            Cell::new(if answer.is_some() { told("response_code") } else { "–" }),
            Cell::new(told("message1")),
            Cell::new(attempts.iter().map(way).collect::<Vec<_>>().join(" → ")),
            Cell::new(attempts.iter().filter_map(debt).collect::<Vec<_>>().join(", ")),
        ]);
    }
    writeln!(out, "{table}")?;
    for (exchange, _) in rows {
        for mismatch in &exchange.mismatches {
            writeln!(out, "✗ {mismatch}")?;
        }
    }
    writeln!(
        out,
        "{} sent: {} approved, {} declined, {} refused, {} repeats · {} net-cancelled, {} owed · {} mismatches",
        summary.sent,
        summary.approved,
        summary.declined,
        summary.refused,
        summary.repeats,
        summary.net_cancelled,
        summary.owed,
        summary.mismatches
    )
}

fn won(digits: &str) -> String {
    let Ok(amount) = digits.parse::<u64>() else { return digits.to_owned() };
    let digits = amount.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

fn way(attempt: &Attempt) -> String {
    let what = match attempt.state() {
        AttemptState::InFlight => "in flight",
        AttemptState::NotSent(_) => "down",
        AttemptState::NotProcessed(_) => "not processed",
        AttemptState::Approved => "approved",
        AttemptState::Declined => "declined",
        AttemptState::Unanswered(_) => "silent",
    };
    format!("{} {what}", attempt.route().acquirer)
}

fn debt(attempt: &Attempt) -> Option<String> {
    let debt = attempt.debt()?;
    let stands = match debt.state() {
        DebtState::Due { .. } | DebtState::Trying { .. } => "owed",
        DebtState::Done { how: Closed::Accepted, .. } => "accepted",
        DebtState::Done { how: Closed::AlreadyCancelled, .. } => "already cancelled",
        DebtState::Done { how: Closed::NoSuchOriginal, .. } => "no such original",
        DebtState::Done { how: Closed::Declined, .. } => "declined late",
        DebtState::Stuck { why: StuckWhy::AlreadyAcquired, .. } => "stuck: already acquired",
        DebtState::Stuck { why: StuckWhy::AmountDiffers, .. } => "stuck: amount differs",
        DebtState::Stuck { why: StuckWhy::GivenUp, .. } => "stuck: given up",
    };
    let tries = debt.tries();
    let late = if debt.approval_no().is_some() { ", approval came late" } else { "" };
    Some(format!("{stands}, {tries} {}{late}", if tries == 1 { "try" } else { "tries" }))
}
