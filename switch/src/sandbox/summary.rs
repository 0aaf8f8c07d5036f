//! The last line: what happened, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    day::Played,
    outcome::{Outcome, Told},
};

/// The last line of `--json`.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    /// Telegrams 0100 and 0400 sent, repeats included.
    pub(super) sent: usize,
    pub(super) approved: usize,
    pub(super) declined: usize,
    pub(super) refused: usize,
    pub(super) repeats: usize,
    /// 0400s that were answered 0000.
    pub(super) cancelled: usize,
    /// Payments with a net-cancel that is done, whoever asked for it.
    pub(super) net_cancelled: usize,
    /// 0420s that were answered 0000.
    pub(super) terminal_net_cancelled: usize,
    /// 0120s that were answered 0000.
    pub(super) acknowledged: usize,
    /// Payments that are still open: in flight, owing a net-cancel, or with a cancel that is not confirmed.
    pub(super) owed: usize,
    /// Payments of which only a person can settle something.
    pub(super) needs_person: usize,
    pub(super) mismatches: usize,
    /// What the day's telegrams add to the till, in won.
    pub(super) standing_won: i64,
    /// Cancels among them that only a person can settle, in won: they may be done.
    pub(super) doubtful_won: i64,
    /// What is approved and not cancelled by the acquirers' own books, in won.
    pub(super) live_won: u64,
    /// The same, each acquirer's.
    pub(super) books_won: BTreeMap<&'static str, u64>,
}

impl Summary {
    pub(super) fn of(
        played: &[Played],
        day: &[Told<'_>],
        (owed, books_won): (usize, BTreeMap<&'static str, u64>),
    ) -> Self {
        let mut summary = Self { owed, live_won: books_won.values().sum(), books_won, ..Self::default() };
        for Played { report, .. } in played {
            let counts = &report.summary;
            summary.sent += counts.sent;
            summary.approved += counts.approved;
            summary.declined += counts.declined;
            summary.refused += counts.refused;
            summary.repeats += counts.repeats;
            summary.cancelled += counts.cancelled;
            summary.terminal_net_cancelled += counts.net_cancelled;
            summary.acknowledged += counts.acknowledged;
            summary.mismatches += counts.mismatches;
        }
        let payments = |is: fn(&Outcome) -> bool| day.iter().filter(|told| is(&told.outcome)).count();
        summary.net_cancelled = payments(|outcome| outcome.is_net_cancelled);
        summary.standing_won = day.iter().map(|told| told.outcome.won).sum();
        summary.doubtful_won = day.iter().map(|told| told.outcome.doubtful_won).sum();
        summary.needs_person = payments(|outcome| outcome.needs_person);
        summary
    }
    /// Whether every telegram was answered as the samples say, nothing is owed, and what stands here stands by the acquirers' own books.
    pub(super) fn is_well(&self) -> bool {
        let certain = self.standing_won - self.doubtful_won..=self.standing_won;
        let books_agree = i64::try_from(self.live_won).is_ok_and(|live| certain.contains(&live));
        self.mismatches == 0 && self.owed == 0 && books_agree
    }
}
