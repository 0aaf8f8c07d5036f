//! What a load found out.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::template::Outcome;

/// The outcome of a load; times in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Telegrams sent.
    pub sent: u64,
    /// Answered 0000.
    pub approved: u64,
    /// Answered with an acquirer's code.
    pub declined: u64,
    /// Answered with a code of the switch itself (9xxx).
    pub refused: u64,
    /// Those of them that were not let in (9040).
    pub overloaded: u64,
    /// Not answered in time, lost with a socket, answers that belong to no telegram, and sockets lost.
    pub errors: u64,
    /// Answers per second of sending.
    pub tx_per_s: f64,
    /// Half of the answers came within this time.
    pub p50_ms: f64,
    /// 90 % did.
    pub p90_ms: f64,
    /// 99 % did.
    pub p99_ms: f64,
    /// 99.9 % did.
    pub p999_ms: f64,
    /// The slowest answer.
    pub max_ms: f64,
    /// Half of the answers to those that were let in came within this time; 0 where there are none.
    pub admitted_p50_ms: f64,
    /// 99 % of those did.
    pub admitted_p99_ms: f64,
    /// Half of the answers to those that were not let in came within this time; 0 where there are none.
    pub overloaded_p50_ms: f64,
    /// 99 % of those did.
    pub overloaded_p99_ms: f64,
}

impl Report {
    /// Whether telegrams were answered, and all of them refused by the switch itself: what was measured then is how
    /// fast it refuses, most likely an unknown terminal.
    pub fn only_refusals(&self) -> bool {
        self.refused > 0 && self.approved == 0 && self.declined == 0
    }
}

/// The counts while the load runs.
pub(super) struct Counts {
    pub(super) sent: u64,
    pub(super) errors: u64,
    approved: u64,
    declined: u64,
    refused: u64,
    overloaded: u64,
    micros: Histogram<u64>,
    admitted_micros: Histogram<u64>,
    overloaded_micros: Histogram<u64>,
}

impl Counts {
    pub(super) fn new() -> Self {
        let micros = || Histogram::new_with_bounds(1, 600_000_000, 3).expect("constant bounds are sound");
        Self {
            sent: 0,
            errors: 0,
            approved: 0,
            declined: 0,
            refused: 0,
            overloaded: 0,
            micros: micros(),
            admitted_micros: micros(),
            overloaded_micros: micros(),
        }
    }

    pub(super) fn answer(&mut self, outcome: Outcome, latency: Duration) {
        match outcome {
            Outcome::Approved => self.approved += 1,
            Outcome::Declined => self.declined += 1,
            Outcome::Overloaded => {
                self.refused += 1;
                self.overloaded += 1;
            }
            Outcome::Refused => self.refused += 1,
        }
        let of_kind = match outcome {
            Outcome::Approved | Outcome::Declined | Outcome::Refused => &mut self.admitted_micros,
            Outcome::Overloaded => &mut self.overloaded_micros,
        };
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.micros.saturating_record(micros);
        of_kind.saturating_record(micros);
    }

    pub(super) fn answered(&self) -> u64 {
        self.approved + self.declined + self.refused
    }

    pub(super) fn report(&self, time: Duration) -> Report {
        let of = |micros: &Histogram<u64>, quantile| millis(micros.value_at_quantile(quantile));
        let at = |quantile| of(&self.micros, quantile);
        Report {
            sent: self.sent,
            approved: self.approved,
            declined: self.declined,
            refused: self.refused,
            overloaded: self.overloaded,
            errors: self.errors,
            tx_per_s: (count(self.answered()) / time.as_secs_f64()).round(),
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: millis(self.micros.max()),
            admitted_p50_ms: of(&self.admitted_micros, 0.5),
            admitted_p99_ms: of(&self.admitted_micros, 0.99),
            overloaded_p50_ms: of(&self.overloaded_micros, 0.5),
            overloaded_p99_ms: of(&self.overloaded_micros, 0.99),
        }
    }
}

fn millis(micros: u64) -> f64 {
    count(micros) / 1000.0
}

#[allow(clippy::cast_precision_loss, reason = "counts and microseconds of a run stay far below 2^52")]
fn count(n: u64) -> f64 {
    n as f64
}
