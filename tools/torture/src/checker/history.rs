//! I6 and I7: the journal is a legal history, and was written first.

use jiff::{SignedDuration, Timestamp};
use telegram_replay::acquirer::{Event, Truth};

use super::{Facts, Violation, facts::about};

/// How far the switch's clock and the acquirers' may be apart: both are this machine's, but the switch counts on from its start.
const CLOCKS: SignedDuration = SignedDuration::from_millis(500);

/// The events of every payment are a legal path, without a gap, and give its stored state.
pub(super) fn events_give_the_state(facts: &Facts<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (record, replayed) in facts.evidence.journal.payments.iter().zip(&facts.replayed) {
        let what = match (&replayed.payment, &replayed.why) {
            (_, Some(why)) => why.clone(),
            (None, None) => "it has no events".to_owned(),
            (Some(_), None) if record.events.len() as u64 != u64::from(record.version) => {
                format!("version {} with {} events", record.version, record.events.len())
            }
            (Some(payment), None) => match serde_json::to_value(payment) {
                Ok(state) if state == record.state => continue,
                Ok(state) => format!("its events give another state: {}", difference(&state, &record.state)),
                Err(error) => format!("its state cannot be written: {error}"),
            },
        };
        let mut violation = Violation::new(what).of(record.id);
        violation.evidence = about(record);
        violations.push(violation);
    }
    violations
}

/// The first fields in which two states differ.
fn difference(replayed: &serde_json::Value, stored: &serde_json::Value) -> String {
    let (Some(replayed), Some(stored)) = (replayed.as_object(), stored.as_object()) else {
        return "one is no state".to_owned();
    };
    let differ = |name: &&String| replayed.get(*name) != stored.get(*name);
    let names: Vec<_> = replayed.keys().chain(stored.keys()).filter(differ).cloned().collect();
    names.join(", ")
}

/// Whatever an acquirer was asked to undo was in the journal first, and every try of it carried the same identity.
pub(super) fn undoing_is_durable_first(facts: &Facts<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let recorded: std::collections::HashMap<i64, &super::facts::Replayed> =
        facts.evidence.journal.payments.iter().map(|record| record.id).zip(&facts.replayed).collect();
    for told in &facts.evidence.acquirers {
        for truth in told.truth.iter().filter(|truth| undoes(truth.event)) {
            let number = |text: &str| text.trim().parse::<u64>().ok();
            let serial = number(&truth.serial);
            let original = truth.original.as_deref().and_then(number);
            let of_attempt = |serial: u64| {
                let found = facts.by_serial.get(&(told.acquirer.as_str(), serial))?;
                recorded.get(&found.0.id).map(|replayed| (found.0.id, replayed.owed.get(&serial).copied()))
            };
            let of_cancel = |serial: u64| {
                let record = facts.by_cancel.get(&serial)?;
                recorded.get(&record.id).map(|replayed| (record.id, replayed.cancels.get(&serial).copied()))
            };
            // A net-cancel goes under its original's serial or the one behind it, a cancel under one of its own.
            let found = serial.and_then(|serial| {
                let attempt = match original {
                    Some(original) if original == serial || original + 1 == serial => of_attempt(original),
                    Some(_) => None,
                    None => serial.checked_sub(1).and_then(of_attempt).or_else(|| of_attempt(serial)),
                };
                of_cancel(serial).or(attempt)
            });
            violations.extend(late(&told.acquirer, truth, found));
        }
    }
    violations
}

fn late(acquirer: &str, truth: &Truth, found: Option<(i64, Option<Timestamp>)>) -> Option<Violation> {
    let asked = format!("{acquirer} was asked to undo: {truth:?}");
    match found {
        // What was ignored may have been an approval request, whose serial looks the same.
        None | Some((_, None)) if truth.event == Event::Ignored => None,
        None => Some(Violation::new("the journal knows nothing of it").with(asked)),
        Some((payment, None)) => {
            Some(Violation::new("the journal owes no such net-cancel").of(payment).with(asked))
        }
        Some((payment, Some(at)))
            if at > truth.at.saturating_add(CLOCKS).unwrap_or(Timestamp::MAX)
                && truth.event != Event::Ignored =>
        {
            Some(Violation::new(format!("it was recorded only at {at}")).of(payment).with(asked))
        }
        Some(_) => None,
    }
}

fn undoes(event: Event) -> bool {
    match event {
        Event::Cancelled
        | Event::NetCancelled
        | Event::AlreadyCancelled
        | Event::NoSuchOriginal
        | Event::AmountDiffers
        | Event::CancelRefused
        | Event::Ignored => true,
        Event::Approved
        | Event::Declined
        | Event::Repeated
        | Event::Echoed
        | Event::SignedOn
        | Event::SignOnRefused
        | Event::Unreadable => false,
    }
}
