//! What must be true after everything, whatever happened: each invariant looks at the logs of terminals, switch and acquirers, which know nothing of
//! one another.

mod answers;
mod counters;
mod durable;
mod facts;
mod gauges;
mod history;
mod loose_ends;
mod memory;
mod money;
mod secrets;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::PathBuf,
};

use jiff::Timestamp;

pub use self::{
    facts::{Facts, Given},
    loose_ends::LooseEnd,
};
use crate::{acquirers::Told, book::Records, journal::Journal, switch::Usage};

/// Everything a run left behind.
#[derive(Debug, Default)]
pub struct Evidence {
    /// What the terminals know.
    pub records: Records,
    /// What the switch knows.
    pub journal: Journal,
    /// What the acquirers did.
    pub acquirers: Vec<Told>,
    /// What all switches logged.
    pub log: String,
    /// The folder with their files.
    pub folder: PathBuf,
    /// What no process may do, and did.
    pub process: Vec<String>,
    /// The last switch's metrics, when nothing went on any more.
    pub metrics: BTreeMap<String, f64>,
    /// What the first switch used when it listened, and the last one at the end; where more than one is known of, the most memory that any of
    /// them ever had.
    pub usage: Option<(Usage, Usage)>,
    /// When the last switch was started.
    pub last_start: Option<Timestamp>,
    /// Whether everything came to rest in time.
    pub is_at_rest: bool,
    /// Sockets that terminals held when the metrics were taken.
    pub held: usize,
    /// What finds the approvals of a purchase.
    pub found_by: FoundBy,
    /// What the run leaves undone, as it says itself.
    pub left: BTreeSet<LooseEnd>,
}

/// How the approvals that acquirers gave are known to be of a purchase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FoundBy {
    /// By the amount, which no other purchase has: whatever the journal says.
    #[default]
    Amount,
    /// By the serial, of which the journal tells the key: where many purchases have one amount.
    Serial,
}

/// Something that must not be. Never card data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong.
    pub what: String,
    /// Of which payment, where one is known.
    pub payment: Option<i64>,
    /// What each log says of it.
    pub evidence: Vec<String>,
}

impl Violation {
    /// One without evidence yet.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), payment: None, evidence: Vec::new() }
    }

    /// Of this payment.
    #[must_use]
    pub fn of(mut self, payment: i64) -> Self {
        self.payment = Some(payment);
        self
    }

    /// With a line of evidence.
    #[must_use]
    pub fn with(mut self, evidence: impl Into<String>) -> Self {
        self.evidence.push(evidence.into());
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.payment {
            Some(payment) => writeln!(f, "payment {payment}: {}", self.what)?,
            None => writeln!(f, "{}", self.what)?,
        }
        for line in &self.evidence {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }
}

/// An invariant: its name, and what breaks it.
type Invariant = (&'static str, fn(&Facts<'_>) -> Vec<Violation>);

/// Every invariant that three logs can tell.
const INVARIANTS: [Invariant; 11] = [
    ("P  a switch ends only when it is told to, and in order then", process),
    (
        "I1 every approval is delivered, undone, or stuck with an alarm",
        money::every_approval_is_accounted_for,
    ),
    ("I1 cancels are done as often as terminals were told", money::cancels_are_done_as_told),
    ("I2 nothing is both delivered and net-cancelled unasked", money::nothing_delivered_is_undone_unasked),
    ("I3 one live approval a key, and answers that agree", answers::answers_to_a_key_agree),
    ("I4 everything ends, in one final state", durable::everything_ends),
    ("I6 the events of a payment give its stored state", history::events_give_the_state),
    ("I7 what undoes is durable before it is sent, under one identity", history::undoing_is_durable_first),
    ("I8 no answer reaches another terminal or request", answers::answers_reach_their_requests),
    ("I9 everything acknowledged is still there", durable::what_was_told_is_there),
    ("I10 no card number where none may be", secrets::no_card_is_told),
];

/// What is looked at where the metrics of the last switch are known.
const COUNTERS: Invariant = ("I11 counters equal the journal, and nothing is left open", counters);

/// Every invariant by its name, with what breaks it.
pub fn check(evidence: &Evidence) -> Vec<(&'static str, Vec<Violation>)> {
    let facts = Facts::of(evidence);
    let counters = (!evidence.metrics.is_empty()).then_some(COUNTERS);
    INVARIANTS.into_iter().chain(counters).map(|(name, look)| (name, look(&facts))).collect()
}

/// I11 alone: of a switch that is about to end, whose metrics and usage are in the evidence.
pub fn check_counters(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = counters::counters_equal_the_journal(evidence);
    violations.extend(gauges::lines_hold_what_is_open(evidence));
    violations
}

/// What of the journal's payments is unfinished and was not said to be left, in a word each.
pub fn unfinished(evidence: &Evidence) -> Vec<Violation> {
    durable::unfinished(evidence)
}

fn counters(facts: &Facts<'_>) -> Vec<Violation> {
    check_counters(facts.evidence)
}

fn process(facts: &Facts<'_>) -> Vec<Violation> {
    facts.evidence.process.iter().map(Violation::new).collect()
}
