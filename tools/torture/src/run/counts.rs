//! What a run did, counted.

use std::{collections::BTreeMap, path::Path, sync::atomic::Ordering};

use payment::{Closed, DebtState};

use super::Run;
use crate::checker::Evidence;

impl Run {
    pub(super) fn counts(&self, evidence: &Evidence) -> BTreeMap<String, u64> {
        let mut counts = self.tally.counts();
        let mut add = |what: String, count: u64| {
            if count > 0 {
                *counts.entry(what).or_default() += count;
            }
        };
        add("purchases".to_owned(), evidence.records.purchases.len() as u64);
        add("payments in the journal".to_owned(), evidence.journal.payments.len() as u64);
        for (kind, name) in [(100, "0110"), (400, "0410"), (420, "0430"), (120, "0130")] {
            let exchanges = evidence.records.exchanges.iter().filter(|(key, _)| key.kind == kind);
            for heard in exchanges.flat_map(|(_, exchange)| &exchange.heard) {
                add(format!("answers: {name} {}", heard.code), 1);
            }
        }
        for told in &evidence.acquirers {
            for truth in &told.truth {
                add(format!("acquirers: {:?}", truth.event), 1);
            }
        }
        for proxy in self.acquirers.iter().map(|line| &line.proxy).chain(self.listeners.iter()) {
            let of = proxy.counts();
            add("lines: connections".to_owned(), of.connections.load(Ordering::Relaxed));
            add("lines: resets".to_owned(), of.resets.load(Ordering::Relaxed));
            add("lines: refused".to_owned(), of.refused.load(Ordering::Relaxed));
            add("lines: answers doubled".to_owned(), of.duplicates.load(Ordering::Relaxed));
            add("lines: answers spoilt".to_owned(), of.corrupted.load(Ordering::Relaxed));
            add("lines: bytes swallowed".to_owned(), of.swallowed.load(Ordering::Relaxed));
        }
        for attempt in evidence.journal.payments.iter().flat_map(|record| record.payment.attempts()) {
            if let Some(debt) = attempt.debt() {
                add(format!("debts: {}", came_to(debt.state())), 1);
            }
        }
        let stuck = evidence.journal.payments.iter().filter(|record| record.payment.needs_person());
        add("payments that need a person".to_owned(), stuck.count() as u64);
        add("most: disk, KiB".to_owned(), disk(&self.options.folder) / 1024);
        if let Some((before, after)) = evidence.usage {
            let more = after.memory_kib.saturating_sub(before.memory_kib);
            add("most: memory of a switch, KiB".to_owned(), after.memory_kib);
            add("most: memory of a switch beyond that of the first when it listened, KiB".to_owned(), more);
        }
        counts
    }
}

/// What became of a debt.
fn came_to(state: DebtState) -> &'static str {
    match state {
        DebtState::Due { .. } | DebtState::Trying { .. } => "open",
        DebtState::Stuck { .. } => "with a person",
        DebtState::Done { how, .. } => match how {
            Closed::Accepted => "net-cancel accepted",
            Closed::AlreadyCancelled => "already cancelled",
            Closed::NoSuchOriginal => "no such original",
            Closed::Declined => "declined after all",
            Closed::ByPerson(_) => "settled by a person",
        },
    }
}

/// Bytes of all files of a folder; those that cannot be looked at are none.
fn disk(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(of) if of.is_dir() => disk(&entry.path()),
        Ok(of) => of.len(),
        Err(_) => 0,
    };
    entries.filter_map(Result::ok).map(size).sum()
}
