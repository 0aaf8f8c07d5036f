//! I1 and I2: where every won is that an acquirer approved.

use std::collections::BTreeSet;

use payment::{AttemptState, CancelFinding, Closed, DebtState, Delivery, Phase};

use super::{
    Facts, Given, LooseEnd, Violation,
    facts::{Stuck, about},
};
use crate::book::{Confirm, Purchase, is_open};

/// Every approval that an acquirer gave is delivered and stands, or is undone, or is stuck and somebody was told.
pub(super) fn every_approval_is_accounted_for(facts: &Facts<'_>) -> Vec<Violation> {
    let mut violations = facts.nonsense.clone();
    violations.extend(unheard_acquirers(facts));
    for given in &facts.given {
        let found = facts.by_serial.get(&(given.acquirer.as_str(), given.serial));
        let Some((record, place)) = found else {
            violations.push(Violation::new(format!("the journal knows nothing of an approval: {given:?}")));
            continue;
        };
        let cancelled: u64 = given.cancels.iter().map(|(_, amount)| amount).sum();
        if cancelled > given.amount || (given.is_net_cancelled && cancelled > 0) {
            violations
                .push(Violation::new(format!("more was undone than approved: {given:?}")).of(record.id));
        }
        if given.left() == 0 {
            continue;
        }
        if let Some(what) = unaccounted(facts, given, record, *place) {
            let mut violation = Violation::new(format!("{what}: {given:?}")).of(record.id);
            violation.evidence = match facts.purchase_of(given) {
                Some(purchase) => facts.about(purchase),
                None => about(record),
            };
            violations.push(violation);
        }
    }
    violations
}

/// Acquirers that were asked and of which nobody can tell what they did.
fn unheard_acquirers(facts: &Facts<'_>) -> Option<Violation> {
    let attempts = facts.evidence.journal.payments.iter().flat_map(|record| record.payment.attempts());
    let asked = attempts.filter(|attempt| !matches!(attempt.state(), AttemptState::NotSent(_)));
    let unheard: BTreeSet<_> = asked
        .map(|attempt| attempt.route().acquirer.as_str())
        .filter(|acquirer| !facts.is_heard(acquirer))
        .collect();
    (!unheard.is_empty() && !facts.leaves(LooseEnd::Acquirers))
        .then(|| Violation::new(format!("there is no log of {unheard:?}")))
}

/// What is wrong with an approval that lives.
fn unaccounted(
    facts: &Facts<'_>,
    given: &Given,
    record: &crate::journal::Record,
    place: usize,
) -> Option<String> {
    let payment = &record.payment;
    let attempt = &payment.attempts()[place];
    let number = u8::try_from(place).unwrap_or(u8::MAX);
    match attempt.debt().map(payment::Debt::state) {
        Some(DebtState::Stuck { .. }) => {
            return (!facts.is_told(record.id, Stuck::NetCancel(number)))
                .then(|| "stuck without an alarm".to_owned());
        }
        // The word of a person counts, who looked at the acquirer.
        Some(DebtState::Done { how: Closed::ByPerson(_), .. }) => return None,
        // It was given after that, as no acquirer may: its late answer makes it owed again.
        Some(DebtState::Done { how: Closed::NoSuchOriginal, at })
            if given.at >= at && facts.leaves(LooseEnd::Debts) =>
        {
            return None;
        }
        Some(DebtState::Due { .. } | DebtState::Trying { .. }) if facts.leaves(LooseEnd::Debts) => {
            return None;
        }
        Some(state @ (DebtState::Due { .. } | DebtState::Trying { .. } | DebtState::Done { .. })) => {
            return Some(format!("it lives although its net-cancel is {state:?}"));
        }
        None => {}
    }
    if matches!(attempt.state(), AttemptState::InFlight) && facts.leaves(LooseEnd::Requests) {
        return None;
    }
    let Phase::Approved { attempt: approved, delivery, .. } = payment.phase() else {
        return Some(format!("it lives and is owed nothing, but the payment is {}", record.phase));
    };
    if *approved != number {
        return Some(
            "it lives and is owed nothing, but another attempt is the payment's approval".to_owned(),
        );
    }
    let Some(purchase) = facts.purchase_of(given) else {
        return (!facts.leaves(LooseEnd::Unheard)).then(|| "it lives and no terminal knows of it".to_owned());
    };
    let waits = match delivery {
        Delivery::Undelivered { .. } | Delivery::Unacknowledged { .. } => facts.leaves(LooseEnd::Deliveries),
        Delivery::Released => never_asked_again(facts, purchase),
        Delivery::Acknowledged | Delivery::Withdrawn => false,
    };
    let records = &facts.evidence.records;
    if !waits && !records.stands(purchase) {
        return Some("it lives, but its terminal does not have it".to_owned());
    }
    (records.is_told_cancelled(purchase) && !is_a_persons(facts, record))
        .then(|| format!("{} won of it live, but its terminal was told that it is cancelled", given.left()))
}

/// Whether what is cancelled of a payment is a person's word, or for a person to find out who was told.
fn is_a_persons(facts: &Facts<'_>, record: &crate::journal::Record) -> bool {
    (0..).zip(record.payment.cancels()).any(|(number, cancel)| {
        cancel.found_by_person() == Some(CancelFinding::Done)
            || facts.is_told(record.id, Stuck::Cancel(number))
    })
}

/// Whether an answer was written to a terminal that acknowledges none, and the terminal neither took it nor ever asked again.
fn never_asked_again(facts: &Facts<'_>, purchase: &Purchase) -> bool {
    let records = &facts.evidence.records;
    let is_unanswered = records.of(&purchase.approval).is_some_and(|exchange| {
        exchange.is_given_up || (facts.leaves(LooseEnd::Terminals) && exchange.heard.is_empty())
    });
    purchase.confirm == Confirm::None && is_unanswered && !records.is_withdrawn(purchase)
}

/// Every approval that a terminal has lives, but for what the terminal had cancelled; and cancels are done as often as their terminals were told.
pub(super) fn cancels_are_done_as_told(facts: &Facts<'_>) -> Vec<Violation> {
    facts.evidence.records.purchases.iter().filter_map(|purchase| cancels_of(facts, purchase)).collect()
}

fn cancels_of(facts: &Facts<'_>, purchase: &Purchase) -> Option<Violation> {
    let records = &facts.evidence.records;
    if !all_are_heard(facts, purchase) || facts.leaves(LooseEnd::Rows) {
        return None;
    }
    let given: Vec<_> = facts.given_for(purchase).collect();
    let wrong = |what: String| {
        let mut violation = Violation::new(what);
        violation.payment = facts.record(purchase).map(|record| record.id);
        violation.evidence = facts.about(purchase);
        Some(violation)
    };
    let standing = given.iter().filter(|given| !given.is_net_cancelled).count();
    if records.stands(purchase) && standing == 0 {
        return wrong("a terminal has an approval that no acquirer has".to_owned());
    }
    let done: Vec<u64> =
        given.iter().flat_map(|given| given.cancels.iter().map(|(_, amount)| *amount)).collect();
    let asked = purchase.cancels.iter().map(|(_, amount)| *amount);
    for amount in asked.chain(done.iter().copied()).collect::<BTreeSet<_>>() {
        let (mut told, mut in_doubt) = (0, 0);
        for (key, _) in purchase.cancels.iter().filter(|(_, cancelled)| *cancelled == amount) {
            match records.last_code(key) {
                Some("0000") => told += 1,
                Some("9023") | None => in_doubt += 1,
                Some(code) if is_open(code) => in_doubt += 1,
                Some(_) => {}
            }
        }
        let times = done.iter().filter(|cancelled| **cancelled == amount).count();
        if !(told..=told + in_doubt).contains(&times) && !is_contradicted(facts, purchase) {
            return wrong(format!(
                "a cancel of {amount} was told to be done {told} times ({in_doubt} in doubt) and was done {times} times"
            ));
        }
    }
    None
}

/// Whether there are logs of all acquirers that were asked for it.
fn all_are_heard(facts: &Facts<'_>, purchase: &Purchase) -> bool {
    let attempts = facts.record(purchase).map_or(&[][..], |record| record.payment.attempts());
    attempts.iter().all(|attempt| facts.is_heard(attempt.route().acquirer.as_str()))
}

/// Whether a person was told that a cancel was done after the terminal had been told that it was not.
fn is_contradicted(facts: &Facts<'_>, purchase: &Purchase) -> bool {
    facts.record(purchase).is_some_and(|record| {
        let mut numbers = (0..).zip(record.payment.cancels()).map(|(number, _)| number);
        numbers.any(|number| facts.is_told(record.id, Stuck::Cancel(number)))
    })
}

/// What a terminal has in hand is net-cancelled only if it asked for that, or never acknowledged it.
pub(super) fn nothing_delivered_is_undone_unasked(facts: &Facts<'_>) -> Vec<Violation> {
    let records = &facts.evidence.records;
    let mut violations = Vec::new();
    for given in facts.given.iter().filter(|given| given.is_net_cancelled) {
        let Some(purchase) = facts.purchase_of(given) else { continue };
        let delivered = records
            .approved(purchase)
            .is_some_and(|heard| heard.approval_no == given.approval_no && heard.route == given.acquirer);
        let may_be_undone = match purchase.confirm {
            Confirm::None => records.asked_to_withdraw(purchase),
            Confirm::Ack | Confirm::Handshake => {
                records.asked_to_withdraw(purchase) || !records.is_confirmed(purchase)
            }
        };
        if delivered && !may_be_undone {
            let mut violation = Violation::new(format!("delivered and net-cancelled: {given:?}"));
            violation.payment = facts.record(purchase).map(|record| record.id);
            violation.evidence = facts.about(purchase);
            violations.push(violation);
        }
    }
    violations
}
