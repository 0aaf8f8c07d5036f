//! The counts of a play.

use serde::Serialize;

use super::Exchange;

/// What became of the money telegrams of a play.
///
/// `sent = approved + declined + refused + repeats`, plus those that got no answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Telegrams 0100 and 0400 sent, repeats included.
    pub sent: usize,
    /// Their first answers with response code 0000.
    pub approved: usize,
    /// Their first answers with an acquirer's code.
    pub declined: usize,
    /// Their first answers with a code of the switch itself (9xxx).
    pub refused: usize,
    /// Telegrams that were sent once more.
    pub repeats: usize,
    /// Everything other than the capture expects, of all telegrams.
    pub mismatches: usize,
}

impl Summary {
    pub(super) fn of(exchanges: &[Exchange]) -> Self {
        let mut summary = Self::default();
        for exchange in exchanges {
            summary.mismatches += exchange.mismatches.len();
            let money = matches!(exchange.sent.layout.as_deref(), Some("terminal-0100" | "terminal-0400"));
            if !money {
                continue;
            }
            summary.sent += 1;
            if exchange.repeat {
                summary.repeats += 1;
                continue;
            }
            match exchange.answer.as_ref().map(|answer| answer.value("response_code")) {
                Some("0000") => summary.approved += 1,
                Some(code) if code.starts_with('9') => summary.refused += 1,
                Some(_) => summary.declined += 1,
                None => {}
            }
        }
        summary
    }
}
