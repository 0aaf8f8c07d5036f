//! The counts of a play.

use std::collections::HashSet;

use serde::Serialize;

use super::Exchange;

/// What became of the telegrams of a play.
///
/// Of the money telegrams 0100 and 0400 `sent = approved + declined + refused + repeats`, plus the cancels done at their
/// first answer and those without an answer. The other telegrams are counted where they succeed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Telegrams 0100 and 0400 sent, repeats included.
    pub sent: usize,
    /// First answers to 0100s with response code 0000.
    pub approved: usize,
    /// First answers to 0100s and 0400s with an acquirer's code.
    pub declined: usize,
    /// First answers to 0100s and 0400s with a code of the switch itself (9xxx).
    pub refused: usize,
    /// 0100s and 0400s that were sent once more.
    pub repeats: usize,
    /// 0400s that were answered 0000, at first or when repeated; each counts once.
    pub cancelled: usize,
    /// Net-cancels by the terminal (0420) that were answered 0000; each counts once.
    pub net_cancelled: usize,
    /// Acknowledgements by the terminal (0120) that were answered 0000; each counts once.
    pub acknowledged: usize,
    /// Everything other than the capture expects, of all telegrams.
    pub mismatches: usize,
}

impl Summary {
    pub(super) fn of(exchanges: &[Exchange]) -> Self {
        let mut summary = Self::default();
        let mut done = HashSet::new();
        for exchange in exchanges {
            summary.mismatches += exchange.mismatches.len();
            let layout = exchange.sent.layout.as_deref().filter(|_| exchange.was_sent());
            let code = exchange.answer.as_ref().map(|answer| answer.value("response_code"));
            let first_done = |done: &mut HashSet<_>| {
                code == Some("0000") && exchange.label.as_ref().is_none_or(|label| done.insert(label))
            };
            match layout {
                Some("terminal-0100") => summary.money(exchange, code),
                Some("terminal-0400") => {
                    summary.money(exchange, code);
                    summary.cancelled += usize::from(first_done(&mut done));
                }
                Some("terminal-0420") => summary.net_cancelled += usize::from(first_done(&mut done)),
                Some("terminal-0120") => summary.acknowledged += usize::from(first_done(&mut done)),
                Some(_) | None => {}
            }
        }
        summary
    }

    fn money(&mut self, exchange: &Exchange, code: Option<&str>) {
        self.sent += 1;
        if exchange.repeat {
            self.repeats += 1;
            return;
        }
        let approval = exchange.sent.layout.as_deref() == Some("terminal-0100");
        match code {
            Some("0000") => self.approved += usize::from(approval),
            Some(code) if code.starts_with('9') => self.refused += 1,
            Some(_) => self.declined += 1,
            None => {}
        }
    }
}
