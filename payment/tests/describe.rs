//! A payment and its effects in a line that a person can read and a table can hold.

use payment::{
    Alarm, Attempt, AttemptState, Cancel, CancelState, Cause, Closed, Debt, DebtState, Delivery, Effect,
    Finding, NextTry, NotSent, Payment, Phase, Standing, StuckCancel, StuckWhy, TerminalAnswer, Unanswered,
};

use crate::fixture::seconds;

/// `phase | #0 what became of it, its debt | #1 … | c0 how much, what became of the cancel | …`, whether the terminal withdrew it and whether
/// the card was dropped.
pub(crate) fn payment(payment: &Payment) -> String {
    let mut parts = vec![phase(payment.phase())];
    parts.extend(payment.attempts().iter().enumerate().map(|(number, attempt)| {
        format!("#{number} {}{}{}", state(attempt), seen(attempt), attempt.debt().map_or(String::new(), debt))
    }));
    parts.extend(payment.cancels().iter().enumerate().map(|(number, cancel)| {
        format!("c{number} {} {}", cancel.amounts().total().get(), cancel_state(cancel))
    }));
    if payment.withdrawn().is_some() {
        parts.push("given up".to_owned());
    }
    if payment.card().is_none() {
        parts.push("card dropped".to_owned());
    }
    parts.join(" | ")
}

fn phase(phase: &Phase) -> String {
    match phase {
        Phase::Trying => "trying".to_owned(),
        Phase::AwaitingNetCancel => "awaiting net-cancel".to_owned(),
        Phase::Approved { attempt, delivery, .. } => {
            let delivery = match delivery {
                Delivery::Released => "released".to_owned(),
                Delivery::Undelivered { owed_from } => {
                    format!("undelivered, grace to {}", seconds(*owed_from))
                }
                Delivery::Unacknowledged { owed_from } => {
                    format!("unacknowledged, time to {}", seconds(*owed_from))
                }
                Delivery::Acknowledged => "acknowledged".to_owned(),
                Delivery::Withdrawn => "withdrawn".to_owned(),
            };
            format!("approved #{attempt} {delivery}")
        }
        Phase::Declined { attempt, decline } => format!("declined #{attempt} {}", decline.code),
        Phase::Refused { code } => format!("refused {code}"),
    }
}

fn state(attempt: &Attempt) -> &'static str {
    match attempt.state() {
        AttemptState::InFlight => "in flight",
        AttemptState::NotSent(why) => match why {
            NotSent::NotConnected => "not sent: not connected",
            NotSent::Full => "not sent: full",
            NotSent::TooLate => "not sent: too late",
            NotSent::ConnectionLost => "not sent: connection lost",
            NotSent::CannotExpress => "not sent: cannot express",
            NotSent::Unavailable => "not sent: unavailable",
            NotSent::Withdrawn => "not sent: withdrawn",
        },
        AttemptState::NotProcessed(_) => "not processed",
        AttemptState::Approved => "approved",
        AttemptState::Declined => "declined",
        AttemptState::Unanswered(why) => match why {
            Unanswered::TimedOut => "timed out",
            Unanswered::ConnectionLost => "lost",
            Unanswered::InDoubt(_) => "in doubt",
            Unanswered::WrongAmount(_) => "wrong amount",
            Unanswered::Restarted => "restarted",
        },
    }
}

/// An approval that is remembered until the answer comes; only the record tells it.
fn seen(attempt: &Attempt) -> &'static str {
    let record = serde_json::to_value(attempt).unwrap();
    let is_awaited = *attempt.state() == AttemptState::InFlight;
    if is_awaited && record.get("approval_seen").is_some() { " (an approval was seen)" } else { "" }
}

fn cancel_state(cancel: &Cancel) -> String {
    let by_person = if cancel.found_by_person().is_some() { " by a person" } else { "" };
    cancel_stands(cancel) + by_person
}

fn cancel_stands(cancel: &Cancel) -> String {
    match cancel.state() {
        CancelState::InFlight => "in flight".to_owned(),
        CancelState::Unconfirmed(unconfirmed) => match unconfirmed.next() {
            NextTry::Due { at } => format!("unconfirmed, due {}", seconds(at)),
            NextTry::Trying { since } => format!("unconfirmed, trying since {}", seconds(since)),
        },
        CancelState::Done { approval } if approval.approval_no.is_empty() => "done".to_owned(),
        CancelState::Done { approval } => format!("done {}", approval.approval_no),
        CancelState::Declined { decline } => format!("declined {}", decline.code),
        CancelState::Refused { code } => format!("refused {code}"),
        CancelState::Stuck { why, at } => format!("stuck {}: {}", seconds(*at), stuck_cancel(*why)),
    }
}

fn stuck_cancel(why: StuckCancel) -> &'static str {
    match why {
        StuckCancel::NotRepeatable => "not repeatable",
        StuckCancel::GivenUp => "given up",
        StuckCancel::Contradicted => "contradicted",
    }
}

fn debt(debt: &Debt) -> String {
    let cause = match debt.cause() {
        Cause::Unanswered => "",
        Cause::Undelivered => " undelivered",
        Cause::LateApproval => " late approval",
        Cause::Unacknowledged => " unacknowledged",
        Cause::Terminal => " terminal",
    };
    let approval = match debt.approval_no() {
        None => String::new(),
        Some("") => " (an approval was seen)".to_owned(),
        Some(number) => format!(" (approval {number})"),
    };
    let stands = match debt.state() {
        DebtState::Due { at } => format!("owed, due {}", seconds(at)),
        DebtState::Trying { since } => format!("owed, trying since {}", seconds(since)),
        DebtState::Done { how, at } => format!("done {}: {}", seconds(at), closed(how)),
        DebtState::Stuck { why, at } => format!("stuck {}: {}", seconds(at), stuck(why)),
    };
    format!(" →{cause}{approval} {stands}")
}

fn closed(how: Closed) -> &'static str {
    match how {
        Closed::Accepted => "accepted",
        Closed::AlreadyCancelled => "already cancelled",
        Closed::NoSuchOriginal => "no such original",
        Closed::Declined => "declined",
        Closed::ByPerson(Finding::Undone) => "undone, a person says",
        Closed::ByPerson(Finding::NeverApproved) => "never approved, a person says",
        Closed::ByPerson(Finding::Stands) => "stands, a person says",
    }
}

fn stuck(why: StuckWhy) -> &'static str {
    match why {
        StuckWhy::AlreadyAcquired => "already acquired",
        StuckWhy::AmountDiffers => "amount differs",
        StuckWhy::GivenUp => "given up",
        StuckWhy::Contradicted => "contradicted",
    }
}

/// What must be done, in order.
pub(crate) fn effects(effects: &[Effect]) -> String {
    effects.iter().map(effect).collect::<Vec<_>>().join(", ")
}

fn effect(effect: &Effect) -> String {
    match effect {
        Effect::Send(order) => {
            let until = seconds(order.deadline);
            format!("send #{} {} until {until}", order.attempt, order.route.acquirer)
        }
        Effect::NetCancel(order) => {
            let approval = order.approval_no.as_ref().map_or(String::new(), |number| format!(" of {number}"));
            let card = if order.card.is_none() { " without card" } else { "" };
            format!("net-cancel #{} {}{approval}{card}", order.attempt, order.route.acquirer)
        }
        Effect::Cancel(order) => {
            let until = seconds(order.deadline);
            let card = if order.card.is_none() { " without card" } else { "" };
            let (amount, acquirer) = (order.amounts.total().get(), &order.route.acquirer);
            format!("cancel c{} {acquirer} {amount} until {until}{card}", order.cancel)
        }
        Effect::Reply(answer) => reply(answer),
        Effect::Alarm(Alarm::EveryRouteFailed(code)) => format!("alarm {code}"),
        Effect::Alarm(Alarm::NetCancelOverdue { attempt }) => format!("alarm #{attempt} overdue"),
        Effect::Alarm(Alarm::NetCancelStuck { attempt, why }) => {
            format!("alarm #{attempt} stuck: {}", stuck(*why))
        }
        Effect::Alarm(Alarm::CancelOverdue { cancel }) => format!("alarm c{cancel} overdue"),
        Effect::Alarm(Alarm::CancelStuck { cancel, why }) => {
            format!("alarm c{cancel} stuck: {}", stuck_cancel(*why))
        }
    }
}

/// What the terminal is told.
pub(crate) fn reply(answer: &TerminalAnswer) -> String {
    let code = answer.code();
    match answer {
        TerminalAnswer::Approved { route, .. } | TerminalAnswer::Declined { route, .. } => {
            format!("reply {code} {route}")
        }
        TerminalAnswer::Cancelled { route, cancelled, .. } => {
            format!("reply {code} {route}, cancelled {}", cancelled.approval_no).trim_end().to_owned()
        }
        TerminalAnswer::Done => "done".to_owned(),
        TerminalAnswer::Standing(Standing { state, original, answer }) => {
            let original = if original.is_some() { "" } else { " original unseen" };
            let answer = answer.as_ref().map_or("no answer".to_owned(), |answer| reply(answer));
            format!("{state:?}{original}, {answer}")
        }
        TerminalAnswer::FormatError { field } => format!("reply {code} {field}"),
        TerminalAnswer::Refused(_) => format!("reply {code}"),
    }
}
