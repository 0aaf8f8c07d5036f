//! I4 and I9: everything ends, and what was told is there.

use payment::{CancelState, Delivery, Phase};

use super::{
    Evidence, Facts, LooseEnd, Violation,
    facts::{about, is_under},
    loose_ends,
};
use crate::{
    book::{Purchase, claims_no_key, is_open},
    journal::Record,
};

/// Nothing is unfinished but what waits for a person who was told; and every terminal has a final answer.
pub(super) fn everything_ends(facts: &Facts<'_>) -> Vec<Violation> {
    let mut violations = unfinished(facts.evidence);
    for record in &facts.evidence.journal.payments {
        let untold = facts.untold(record.id);
        if !record.open && !untold.is_empty() {
            let what = format!("it needs a person and nobody was told: {untold:?}");
            let mut violation = Violation::new(what).of(record.id);
            violation.evidence = about(record);
            violations.push(violation);
        }
    }
    if !facts.evidence.is_at_rest && violations.is_empty() {
        violations.push(Violation::new("it did not come to rest in time"));
    }
    for purchase in &facts.evidence.records.purchases {
        let exchange = facts.evidence.records.of(&purchase.approval);
        let was_sent = exchange.is_some_and(|exchange| exchange.sent > 0);
        let is_answered =
            exchange.is_some_and(|exchange| exchange.heard.iter().any(|heard| !is_open(&heard.code)));
        let is_given_up = exchange.is_some_and(|exchange| exchange.is_given_up);
        if was_sent && !is_answered && !is_given_up && !facts.leaves(LooseEnd::Terminals) {
            let mut violation = Violation::new("a terminal never had a final answer");
            violation.evidence = facts.about(purchase);
            violations.push(violation);
        }
    }
    violations
}

/// Every payment with something unfinished that the run did not say it would leave.
pub(super) fn unfinished(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = Vec::new();
    for record in &evidence.journal.payments {
        let ends = loose_ends::unfinished(&record.payment);
        let what = if record.open == ends.is_empty() {
            format!("its row says open {}, and unfinished are {ends:?}", record.open)
        } else if ends.iter().any(|loose| !evidence.left.contains(loose)) {
            format!("it is still unfinished: {ends:?}")
        } else {
            continue;
        };
        let mut violation = Violation::new(what).of(record.id);
        violation.evidence = about(record);
        violations.push(violation);
    }
    violations
}

/// Whatever a terminal was told, the journal knows of.
pub(super) fn what_was_told_is_there(facts: &Facts<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for purchase in &facts.evidence.records.purchases {
        if let Some(what) = missing(facts, purchase) {
            let mut violation = Violation::new(what);
            violation.payment = facts.record(purchase).map(|record| record.id);
            violation.evidence = facts.about(purchase);
            violations.push(violation);
        }
    }
    violations
}

fn missing(facts: &Facts<'_>, purchase: &Purchase) -> Option<String> {
    let records = &facts.evidence.records;
    let record = facts.record(purchase);
    let is_told = |key: &crate::telegram::Key| {
        records.of(key).is_some_and(|exchange| exchange.heard.iter().any(|heard| heard.code == "0000"))
    };
    let recorded = records.of(&purchase.approval).and_then(|exchange| {
        // What claims no key is kept as a note alone.
        exchange.heard.iter().find(|heard| !is_open(&heard.code) && !claims_no_key(&heard.code))
    });
    if recorded.is_none() && !purchase.withdrawal.as_ref().is_some_and(is_told) {
        return None;
    }
    let Some(record) = record else { return Some("the journal knows no such payment".to_owned()) };
    if let Some(heard) = records.approved(purchase) {
        match record.payment.phase() {
            Phase::Approved { approval, .. } if approval.approval_no == heard.approval_no => {}
            Phase::Approved { .. } => return Some("the journal has another approval".to_owned()),
            Phase::Trying | Phase::AwaitingNetCancel | Phase::Declined { .. } | Phase::Refused { .. } => {
                return Some("the journal knows no approval".to_owned());
            }
        }
    }
    if purchase.withdrawal.as_ref().is_some_and(is_told) && stands(record) {
        return Some("the terminal was told that it is net-cancelled, and it stands".to_owned());
    }
    if purchase.acknowledgement.as_ref().is_some_and(is_told)
        && let Phase::Approved {
            delivery: Delivery::Unacknowledged { .. } | Delivery::Undelivered { .. },
            ..
        } = record.payment.phase()
    {
        return Some("the journal knows nothing of an acknowledgement".to_owned());
    }
    for (key, amount) in purchase.cancels.iter().filter(|(key, _)| is_told(key)) {
        let is_it = |cancel: &&payment::Cancel| is_under(key, &cancel.request().key);
        let cancel = record.payment.cancels().iter().find(is_it);
        let is_done = cancel.is_some_and(|cancel| {
            matches!(cancel.state(), CancelState::Done { .. }) && cancel.amounts().total().get() == *amount
        });
        if !is_done {
            return Some(format!("the journal knows no cancel of {amount} that was told to be done"));
        }
    }
    None
}

fn stands(record: &Record) -> bool {
    matches!(record.payment.phase(), Phase::Approved { .. }) && !record.payment.is_withdrawn()
}
