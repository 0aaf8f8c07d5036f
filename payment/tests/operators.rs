//! What a person may order of a payment.

use payment::{CancelFinding, Event, Finding, ManualStep, Payment};

use crate::happening::{cancel_resolved, cancel_retried, resolved, retried};

/// Every order there is, also of attempts and cancels that were never made.
pub(crate) fn steps(payment: &Payment) -> Vec<ManualStep> {
    let (attempts, cancels) = (payment.attempts().len() + 1, payment.cancels().len() + 1);
    let mut steps = Vec::new();
    for attempt in (0..).take(attempts) {
        steps.push(ManualStep::RetryNetCancel { attempt });
        for how in [Finding::Undone, Finding::NeverApproved, Finding::Stands] {
            steps.push(ManualStep::ResolveNetCancel { attempt, how });
        }
    }
    for cancel in (0..).take(cancels) {
        steps.push(ManualStep::RetryCancel { cancel });
        for how in [CancelFinding::Done, CancelFinding::NotDone] {
            steps.push(ManualStep::ResolveCancel { cancel, how });
        }
    }
    steps
}

/// The event of an order, whether the payment would take it or not.
pub(crate) fn event(step: ManualStep) -> Event {
    match step {
        ManualStep::RetryNetCancel { attempt } => retried(attempt),
        ManualStep::ResolveNetCancel { attempt, how } => resolved(attempt, how),
        ManualStep::RetryCancel { cancel } => cancel_retried(cancel),
        ManualStep::ResolveCancel { cancel, how } => cancel_resolved(cancel, how),
    }
}
