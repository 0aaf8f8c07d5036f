//! What a run did, counted.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use telegram_replay::acquirer::Event;

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
                let undone = matches!(truth.event, Event::NetCancelled);
                add("net-cancels accepted, where they are told from cancels".to_owned(), u64::from(undone));
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
        let owed = evidence.journal.payments.iter().flat_map(|record| record.payment.attempts());
        add(
            "debts in the journal".to_owned(),
            owed.filter(|attempt| attempt.debt().is_some()).count() as u64,
        );
        let stuck = evidence.journal.payments.iter().filter(|record| record.payment.needs_person());
        add("payments that need a person".to_owned(), stuck.count() as u64);
        counts
    }
}
