//! A payment and its effects in a line that a person can read and a table can hold.

use payment::{
    Alarm, Attempt, AttemptState, Cause, Closed, Debt, DebtState, Delivery, Effect, NotSent, Payment, Phase,
    StuckWhy, TerminalAnswer, Unanswered,
};

use crate::fixture::seconds;

/// `phase | #0 what became of it, its debt | #1 …`, and whether the card was dropped.
pub(crate) fn payment(payment: &Payment) -> String {
    let mut parts = vec![phase(payment.phase())];
    parts.extend(payment.attempts().iter().enumerate().map(|(number, attempt)| {
        format!("#{number} {}{}", state(attempt), attempt.debt().map_or(String::new(), debt))
    }));
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

fn debt(debt: &Debt) -> String {
    let cause = match debt.cause() {
        Cause::Unanswered => "",
        Cause::Undelivered => " undelivered",
        Cause::LateApproval => " late approval",
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
    }
}

fn stuck(why: StuckWhy) -> &'static str {
    match why {
        StuckWhy::AlreadyAcquired => "already acquired",
        StuckWhy::AmountDiffers => "amount differs",
        StuckWhy::GivenUp => "given up",
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
        Effect::Reply(answer) => reply(answer),
        Effect::Alarm(Alarm::EveryRouteFailed(code)) => format!("alarm {code}"),
        Effect::Alarm(Alarm::NetCancelOverdue { attempt }) => format!("alarm #{attempt} overdue"),
        Effect::Alarm(Alarm::NetCancelStuck { attempt, why }) => {
            format!("alarm #{attempt} stuck: {}", stuck(*why))
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
        TerminalAnswer::Refused(_) => format!("reply {code}"),
    }
}
