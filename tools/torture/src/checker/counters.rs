//! I11: what the switch counts is what it wrote, and everything it took it gave back.

use payment::Event;

use super::{Evidence, LooseEnd, Violation, memory};
use crate::journal::Happened;

/// Descriptors that may come and go: links that were not up yet, late readers, a scrape of the metrics.
const DESCRIPTORS: usize = 60;
/// Threads that may come and go.
const THREADS: u64 = 4;
/// What the last switch counted is what the journal says since its start, and sockets, payments, descriptors and memory are back where they were.
pub(super) fn counters_equal_the_journal(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = counted(evidence);
    let metrics = &evidence.metrics;
    let open = evidence.journal.payments.iter().filter(|record| record.open).count();
    // A session stays for its answers, also when its terminal has left.
    let waiting = if evidence.left.contains(&LooseEnd::Requests) { open } else { 0 };
    for (name, may_be) in [("switch_sessions", evidence.held + waiting), ("switch_payments_at_desk", open)] {
        #[allow(clippy::cast_precision_loss, reason = "a gauge is a float, and sockets and payments are few")]
        let most = may_be as f64 + 0.5;
        if let Some(left) = metrics.get(name).filter(|left| **left > most) {
            violations.push(Violation::new(format!("{name} is {left} when {may_be} are all there is")));
        }
    }
    if let Some((before, after)) = evidence.usage
        && (after.descriptors > before.descriptors + DESCRIPTORS + evidence.held
            || after.threads > before.threads + THREADS
            || after.memory_kib > before.memory_kib + memory::may_grow_kib(evidence))
    {
        violations
            .push(Violation::new(format!("not everything was given back: {before:?} and then {after:?}")));
    }
    violations
}

fn counted(evidence: &Evidence) -> Vec<Violation> {
    let Some(start) = evidence.last_start else { return Vec::new() };
    let since = evidence.journal.payments.iter().flat_map(|record| &record.events);
    let since: Vec<_> = since
        .filter(|(_, at, _)| *at >= start)
        .filter_map(|(_, _, happened)| match happened {
            Happened::Event(event) => Some(event),
            Happened::Started { .. } | Happened::Buried { .. } => None,
        })
        .collect();
    let written = |is_it: fn(&Event) -> bool| since.iter().filter(|event| is_it(event)).count() as u64;
    let outcomes = [
        (
            "switch_acquirer_requests_total",
            "answered",
            written(|event| matches!(event, Event::Answered { .. })),
        ),
        (
            "switch_acquirer_requests_total",
            "unanswered",
            written(|event| matches!(event, Event::Unanswered { .. })),
        ),
        (
            "switch_net_cancels_total",
            "unanswered",
            written(|event| matches!(event, Event::NetCancelUnanswered { .. })),
        ),
        (
            "switch_net_cancels_total",
            "not-sent",
            written(|event| matches!(event, Event::NetCancelNotSent { .. })),
        ),
    ];
    let differs = |(name, outcome, written): (&str, &str, u64)| {
        let counted = sum(evidence, name, outcome);
        (counted != written).then(|| {
            Violation::new(format!(
                "{name} {outcome}: {counted} counted, {written} in the journal since {start}"
            ))
        })
    };
    outcomes.into_iter().filter_map(differs).collect()
}

/// A counter over all acquirers.
fn sum(evidence: &Evidence, name: &str, outcome: &str) -> u64 {
    let outcome = format!("outcome=\"{outcome}\"");
    let of = evidence.metrics.iter().filter(|(sample, _)| {
        sample.starts_with(name) && sample[name.len()..].starts_with('{') && sample.contains(&outcome)
    });
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a counter is a whole number from 0"
    )]
    of.map(|(_, value)| value.round() as u64).sum()
}
