//! What a run leaves undone because it was meant to: nothing is excused that was not said.

use payment::{AttemptState, DebtState, Delivery, Payment, Phase};

/// Something that a run may leave, each a thing of its own. What is not declared is a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LooseEnd {
    /// Requests whose answer is still to come, or that another acquirer is still to be asked.
    Requests,
    /// Net-cancels that are owed.
    Debts,
    /// Cancels of which nobody has told yet what became of them.
    Cancels,
    /// Approvals that wait for their acknowledgement, or for a terminal that never had them to ask again.
    Deliveries,
    /// Terminals that were cut off with a telegram unanswered, and never asked again.
    Terminals,
    /// Payments of terminals whose telegrams nobody noted down.
    Unheard,
    /// Acquirers that keep no log, or one that is not of this run alone.
    Acquirers,
    /// Rows that were written by hand: what they tell is no history, and of no acquirer.
    Rows,
    /// The switch's counters: it was not there any more to be asked, or something of its own was held back.
    Counters,
}

/// What of a payment is unfinished.
pub(super) fn unfinished(payment: &Payment) -> Vec<LooseEnd> {
    let in_flight = payment.attempts().iter().any(|attempt| match attempt.state() {
        AttemptState::InFlight => true,
        AttemptState::NotSent(_)
        | AttemptState::NotProcessed(_)
        | AttemptState::Approved
        | AttemptState::Declined
        | AttemptState::Unanswered(_) => false,
    });
    let (tries, undelivered) = match payment.phase() {
        Phase::Trying | Phase::AwaitingNetCancel => (true, false),
        Phase::Approved { delivery, .. } => (false, waits(*delivery)),
        Phase::Declined { .. } | Phase::Refused { .. } => (false, false),
    };
    let owes = payment.attempts().iter().filter_map(payment::Attempt::debt).any(|debt| match debt.state() {
        DebtState::Due { .. } | DebtState::Trying { .. } => true,
        DebtState::Done { .. } | DebtState::Stuck { .. } => false,
    });
    let cancels = payment.cancels().iter().any(payment::Cancel::is_open);
    let all = [
        (in_flight || tries, LooseEnd::Requests),
        (owes, LooseEnd::Debts),
        (cancels, LooseEnd::Cancels),
        (undelivered, LooseEnd::Deliveries),
    ];
    all.into_iter().filter_map(|(is_so, loose)| is_so.then_some(loose)).collect()
}

/// Whether the net-cancel is owed unless the terminal is heard of.
fn waits(delivery: Delivery) -> bool {
    match delivery {
        Delivery::Undelivered { .. } | Delivery::Unacknowledged { .. } => true,
        Delivery::Released | Delivery::Acknowledged | Delivery::Withdrawn => false,
    }
}
