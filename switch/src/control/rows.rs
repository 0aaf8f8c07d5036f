//! What waits of a payment, as people are told it.

use jiff::{Timestamp, Unit};
use payment::{Cancel, CancelState, Cause, DebtState, NextTry, StuckCancel, StuckWhy, Undo};

use super::protocol::{Only, Row, State, What};
use crate::exchange::Waiting;

/// What waits of this payment, by number.
pub(super) fn rows(waiting: &Waiting, what: What, only: Only) -> Vec<Row> {
    let mut rows = match what {
        What::NetCancels => net_cancels(waiting),
        What::Cancels => cancels(waiting),
    };
    rows.retain(|row| match only {
        Only::Stuck => row.state == State::Stuck,
        Only::Unsettled => true,
    });
    rows
}

fn net_cancels(Waiting { stored, held }: &Waiting) -> Vec<Row> {
    let payment = stored.payment();
    let request = payment.request();
    let row = |(number, attempt): (u8, &payment::Attempt)| {
        let debt = attempt.debt()?;
        let (state, next_try, why) = match debt.state() {
            DebtState::Due { at } => (State::Owed, Some(at), cause(debt.cause())),
            DebtState::Trying { .. } => {
                (trying(held, Undo::NetCancel { attempt: number }), None, cause(debt.cause()))
            }
            DebtState::Stuck { why, .. } => (State::Stuck, None, stuck(why)),
            DebtState::Done { .. } => return None,
        };
        Some(Row {
            payment: stored.id().get(),
            number,
            state,
            acquirer: attempt.route().acquirer.as_str().to_owned(),
            serial: attempt.route().serial.to_string(),
            terminal: request.key.terminal.as_str().to_owned(),
            merchant: request.merchant.as_str().to_owned(),
            business_date: request.key.business_date.to_string(),
            trace_no: request.key.trace_no.to_string(),
            amount: request.amounts.total().get(),
            since: Some(text(debt.owed_since())),
            next_try: next_try.map(text),
            tries: Some(debt.tries()),
            why: why.to_owned(),
            approval_no: debt.approval_no().map(str::to_owned),
        })
    };
    (0..).zip(payment.attempts()).filter_map(row).collect()
}

fn cancels(Waiting { stored, held }: &Waiting) -> Vec<Row> {
    let payment = stored.payment();
    let request = payment.request();
    let acquirer =
        payment.approving_route().map_or_else(String::new, |route| route.acquirer.as_str().to_owned());
    let row = |(number, cancel): (u8, &Cancel)| {
        let (state, since, next_try, why) = match cancel.state() {
            CancelState::InFlight => (State::Trying, None, None, "its terminal waits"),
            CancelState::Unconfirmed(unconfirmed) => match unconfirmed.next() {
                NextTry::Due { at } => (State::Owed, None, Some(at), "no answer settles it"),
                NextTry::Trying { since } => {
                    (trying(held, Undo::Cancel { cancel: number }), Some(since), None, "no answer settles it")
                }
            },
            CancelState::Stuck { why, at } => (State::Stuck, Some(*at), None, stuck_cancel(*why)),
            CancelState::Done { .. } | CancelState::Declined { .. } | CancelState::Refused { .. } => {
                return None;
            }
        };
        Some(Row {
            payment: stored.id().get(),
            number,
            state,
            acquirer: acquirer.clone(),
            serial: cancel.serial().to_string(),
            terminal: request.key.terminal.as_str().to_owned(),
            merchant: request.merchant.as_str().to_owned(),
            business_date: cancel.request().key.business_date.to_string(),
            trace_no: cancel.request().key.trace_no.to_string(),
            amount: cancel.amounts().total().get(),
            since: since.map(text),
            next_try: next_try.map(text),
            tries: None,
            why: why.to_owned(),
            approval_no: None,
        })
    };
    (0..).zip(payment.cancels()).filter_map(row).collect()
}

/// Of a try that is durable.
fn trying(held: &[Undo], undo: Undo) -> State {
    if held.contains(&undo) { State::Waiting } else { State::Trying }
}

fn text(at: Timestamp) -> String {
    at.round(Unit::Second).unwrap_or(at).to_string()
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Unanswered => "unanswered",
        Cause::Undelivered => "never reached its terminal",
        Cause::LateApproval => "approved late",
        Cause::Unacknowledged => "not acknowledged",
        Cause::Terminal => "withdrawn by its terminal",
    }
}

fn stuck(why: StuckWhy) -> &'static str {
    match why {
        StuckWhy::AlreadyAcquired => "already acquired (매입)",
        StuckWhy::AmountDiffers => "the acquirer has another amount",
        StuckWhy::GivenUp => "not settled in time",
        StuckWhy::Contradicted => "undone although it was said to stand",
    }
}

fn stuck_cancel(why: StuckCancel) -> &'static str {
    match why {
        StuckCancel::NotRepeatable => "the acquirer may do it twice",
        StuckCancel::GivenUp => "not settled in time",
        StuckCancel::Contradicted => "the acquirer says otherwise than was told or found",
    }
}
