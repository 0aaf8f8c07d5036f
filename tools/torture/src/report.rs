//! What a run did, counted, and what it found.

mod totals;

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    net::SocketAddr,
    sync::Mutex,
};

pub use self::totals::Totals;
use crate::checker::Violation;

/// Counts of a run while it goes on.
#[derive(Debug, Default)]
pub struct Tally {
    counts: Mutex<BTreeMap<String, u64>>,
    admin: Mutex<Option<(SocketAddr, u32)>>,
}

impl Tally {
    /// So many more.
    pub fn count(&self, what: &str, more: u64) {
        if more == 0 {
            return;
        }
        let mut counts = self.counts.lock().expect("nothing panics while it is held");
        *counts.entry(what.to_owned()).or_default() += more;
    }

    /// All counts.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.lock().expect("nothing panics while it is held").clone()
    }

    /// Where the running switch serves its metrics, and its process.
    pub fn admin(&self, address: Option<SocketAddr>, pid: u32) {
        *self.admin.lock().expect("nothing panics while it is held") = address.map(|address| (address, pid));
    }

    /// Where the running switch serves its metrics, and its process.
    pub fn where_admin(&self) -> Option<(SocketAddr, u32)> {
        *self.admin.lock().expect("nothing panics while it is held")
    }
}

/// What a run did and found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// Counts, by name.
    pub counts: BTreeMap<String, u64>,
    /// Every invariant that was looked at, and what breaks it.
    pub invariants: Vec<(&'static str, Vec<Violation>)>,
}

impl Report {
    /// Whether nothing is violated.
    pub fn is_well(&self) -> bool {
        self.invariants.iter().all(|(_, violations)| violations.is_empty())
    }
}

/// Violations shown of one invariant at most.
const SHOWN: usize = 5;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        for (what, count) in &self.counts {
            writeln!(f, "  {what:<60} {count:>10}")?;
        }
        for (invariant, violations) in &self.invariants {
            if violations.is_empty() {
                writeln!(f, "  ok        {invariant}")?;
                continue;
            }
            writeln!(f, "  VIOLATED  {invariant} ({} times)", violations.len())?;
            for violation in violations.iter().take(SHOWN) {
                let mut indented = String::new();
                for line in violation.to_string().lines() {
                    writeln!(indented, "      {line}")?;
                }
                f.write_str(&indented)?;
            }
        }
        Ok(())
    }
}
