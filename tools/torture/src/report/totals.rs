//! What all seeds did and found together.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::Report;

/// Counts whose greatest is told instead of their sum.
const GREATEST: &str = "most: ";

/// The sums over all seeds.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    seeds: usize,
    violating: Vec<u64>,
    /// Seeds whose machinery failed: they prove nothing.
    failed: Vec<u64>,
    counts: BTreeMap<String, u64>,
    violations: BTreeMap<&'static str, usize>,
}

impl Totals {
    /// What a seed did and found.
    pub fn add(&mut self, report: &Report) {
        self.seeds += 1;
        if !report.is_well() {
            self.violating.push(report.seed);
        }
        for (what, count) in &report.counts {
            let sum = self.counts.entry(what.clone()).or_default();
            *sum = if what.starts_with(GREATEST) { (*count).max(*sum) } else { *sum + count };
        }
        for (invariant, violations) in &report.invariants {
            *self.violations.entry(invariant).or_default() += violations.len();
        }
    }

    /// A seed could not be run to its end.
    pub fn failed(&mut self, seed: u64) {
        self.seeds += 1;
        self.failed.push(seed);
    }

    /// Whether all seeds ran, and nothing is violated.
    pub fn is_well(&self) -> bool {
        self.violating.is_empty() && self.failed.is_empty()
    }

    /// As text for people, with how long it took.
    pub fn told(&self, took: Duration) -> String {
        format!("all {} seeds, {} s\n{self}", self.seeds, took.as_secs())
    }

    fn sum(&self, prefix: &str) -> u64 {
        let of_it = self.counts.iter().filter(|(what, _)| what.starts_with(prefix));
        of_it.map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, count) in &self.counts {
            writeln!(f, "  {what:<60} {count:>10}")?;
        }
        for (invariant, violations) in &self.violations {
            let word = if *violations == 0 { "ok      " } else { "VIOLATED" };
            writeln!(f, "  {word}  {invariant} ({violations} times)")?;
        }
        let headline = [
            ("payments", "payments in the journal"),
            ("approvals given", "acquirers: Approved"),
            ("faults", "faults: "),
            ("kills", "kills: "),
            ("debts", "debts: "),
            ("net-cancels accepted", "debts: net-cancel accepted"),
            ("needing a person", "payments that need a person"),
        ];
        for (name, prefix) in headline {
            write!(f, "{name} {}, ", self.sum(prefix))?;
        }
        writeln!(f, "violations {}", self.violations.values().sum::<usize>())?;
        writeln!(
            f,
            "{} of {} seeds violate something: {:?}",
            self.violating.len(),
            self.seeds,
            self.violating
        )?;
        if !self.failed.is_empty() {
            writeln!(f, "{} could not be run to the end: {:?}", self.failed.len(), self.failed)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Report, Totals};
    use crate::checker::Violation;

    fn report(seed: u64, kills: u64, violations: usize) -> Report {
        let counts = [("kills: SIGKILL", kills), ("most: disk, KiB", kills * 10)];
        let counts = counts.map(|(what, count)| (what.to_owned(), count));
        let invariants = vec![("I1 money", vec![Violation::new("lost"); violations])];
        Report { seed, counts: BTreeMap::from(counts), invariants }
    }

    #[test]
    fn counts_are_summed_and_sizes_are_not() {
        let mut totals = Totals::default();
        totals.add(&report(1, 3, 0));
        totals.add(&report(2, 4, 0));
        let text = totals.to_string();
        assert!(totals.is_well());
        assert_eq!(totals.counts["kills: SIGKILL"], 7);
        assert_eq!(totals.counts["most: disk, KiB"], 40);
        assert!(text.contains("kills 7, ") && text.contains("violations 0\n"), "{text}");
        assert!(text.contains("ok        I1 money (0 times)"), "{text}");
    }

    #[test]
    fn a_seed_that_violates_something_or_could_not_run_is_named() {
        let mut totals = Totals::default();
        totals.add(&report(1, 0, 2));
        totals.add(&report(2, 0, 0));
        assert!(!totals.is_well());
        assert!(totals.to_string().contains("1 of 2 seeds violate something: [1]"));
        let mut totals = Totals::default();
        totals.failed(9);
        assert!(!totals.is_well());
        assert!(totals.to_string().contains("could not be run to the end: [9]"));
    }
}
