//! What a play of a capture looks like on paper.

use std::fmt::Write as _;

use crate::terminal::{Exchange, Summary, Telegram};

/// One exchange as text: what was sent, what was answered, what is other than expected.
pub fn exchange_text(exchange: &Exchange) -> String {
    let mut text = String::new();
    let label = exchange.label.as_deref().unwrap_or("-");
    let repeat = if exchange.repeat { " again" } else { "" };
    let mut put = |line: &str| writeln!(text, "{line}").expect("a String takes everything");
    put(&format!("> {label}{repeat} (line {}) {}", exchange.line, heading(&exchange.sent)));
    for field in &exchange.sent.fields {
        put(&format!("    {} = {}  {}", field.name, field.value, field.title));
    }
    if let Some(answer) = &exchange.answer {
        let millis = exchange.elapsed_us.unwrap_or_default() / 1000;
        put(&format!("< {} after {millis} ms", heading(answer)));
        for field in &answer.fields {
            put(&format!("    {} = {}  {}", field.name, field.value, field.title));
        }
    }
    for mismatch in &exchange.mismatches {
        put(&format!("! {mismatch}"));
    }
    text
}

/// The counts as one line of text.
pub fn summary_text(summary: &Summary) -> String {
    let Summary { sent, approved, declined, refused, repeats, .. } = summary;
    let Summary { cancelled, net_cancelled, acknowledged, mismatches, .. } = summary;
    format!(
        "sent {sent}, approved {approved}, declined {declined}, refused {refused}, repeats {repeats}, \
         cancelled {cancelled}, net-cancelled {net_cancelled}, acknowledged {acknowledged}, mismatches {mismatches}"
    )
}

fn heading(telegram: &Telegram) -> String {
    format!("{} ({} bytes)", telegram.layout.as_deref().unwrap_or("unknown telegram"), telegram.bytes)
}
