//! What can happen to a payment, in the words of the rules.

use std::sync::Arc;

use payment::{
    Answer, Approval, Decline, Event, HostCodes, NetCancelAnswer, NetCancelVerdict, NotSent, ResponseCode,
    Unanswered, Verdict, Won,
};

use crate::fixture::{at, won};

/// The approval number every approval of `attempt` bears.
pub(crate) fn approval_no(attempt: u8) -> String {
    format!("3000000{attempt}")
}

fn codes(van: &str) -> HostCodes {
    HostCodes { issuer: None, van: Some(van.to_owned()) }
}

pub(crate) fn approval(attempt: u8) -> Answer {
    let approval = Approval { approval_no: approval_no(attempt), ..Approval::default() };
    Answer { amount: Some(won(50_000)), codes: codes("0000"), verdict: Verdict::Approved(Arc::new(approval)) }
}

/// A decline with a code of the table, 8035 (잔액부족) mostly.
pub(crate) fn decline(code: &str) -> Answer {
    let decline = Decline {
        code: ResponseCode::new(code).unwrap(),
        host_code: code.to_owned(),
        message1: String::new(),
        message2: String::new(),
    };
    Answer { amount: Some(won(50_000)), codes: codes(code), verdict: Verdict::Declined(Arc::new(decline)) }
}

pub(crate) fn not_processed_answer() -> Answer {
    Answer { amount: None, codes: codes("9999"), verdict: Verdict::NotProcessed }
}

pub(crate) fn in_doubt_answer() -> Answer {
    Answer { amount: None, codes: codes("4299"), verdict: Verdict::InDoubt }
}

/// `answer`, but speaking of 40,000 won.
pub(crate) fn of_another_amount(answer: Answer) -> Answer {
    Answer { amount: Some(won(40_000)), ..answer }
}

/// `answer`, with its amount filled with zeros.
pub(crate) fn of_zero(answer: Answer) -> Answer {
    Answer { amount: Some(Won::ZERO), ..answer }
}

/// `answer`, from a layout that carries no amount.
pub(crate) fn without_amount(answer: Answer) -> Answer {
    Answer { amount: None, ..answer }
}

pub(crate) fn answered(attempt: u8, answer: Answer) -> Event {
    Event::Answered { attempt, answer }
}

pub(crate) fn approved(attempt: u8) -> Event {
    answered(attempt, approval(attempt))
}

pub(crate) fn declined(attempt: u8) -> Event {
    answered(attempt, decline("8035"))
}

pub(crate) fn not_processed(attempt: u8) -> Event {
    answered(attempt, not_processed_answer())
}

pub(crate) fn in_doubt(attempt: u8) -> Event {
    answered(attempt, in_doubt_answer())
}

pub(crate) fn late(attempt: u8, answer: Answer) -> Event {
    Event::Late { attempt, answer }
}

pub(crate) fn not_sent(attempt: u8) -> Event {
    Event::NotSent { attempt, why: NotSent::NotConnected }
}

/// Given up; no byte of it left after `last_byte_ms`.
pub(crate) fn timed_out(attempt: u8, last_byte_ms: i64) -> Event {
    Event::Unanswered { attempt, why: Unanswered::TimedOut, last_byte_by: at(last_byte_ms) }
}

pub(crate) fn lost(attempt: u8, last_byte_ms: i64) -> Event {
    Event::Unanswered { attempt, why: Unanswered::ConnectionLost, last_byte_by: at(last_byte_ms) }
}

pub(crate) fn net_cancel(attempt: u8, verdict: NetCancelVerdict) -> Event {
    Event::NetCancelAnswered { attempt, answer: NetCancelAnswer { codes: codes("nc"), verdict } }
}

pub(crate) fn accepted(attempt: u8) -> Event {
    net_cancel(attempt, NetCancelVerdict::Accepted)
}

pub(crate) fn already_cancelled(attempt: u8) -> Event {
    net_cancel(attempt, NetCancelVerdict::AlreadyCancelled)
}

pub(crate) fn no_original(attempt: u8) -> Event {
    net_cancel(attempt, NetCancelVerdict::NoSuchOriginal)
}

pub(crate) fn try_again(attempt: u8) -> Event {
    net_cancel(attempt, NetCancelVerdict::TryAgain)
}

pub(crate) fn net_cancel_not_sent(attempt: u8) -> Event {
    Event::NetCancelNotSent { attempt, why: NotSent::NotConnected }
}

pub(crate) fn net_cancel_silent(attempt: u8) -> Event {
    Event::NetCancelUnanswered { attempt }
}

/// The switch starts again; no byte left after `last_byte_ms`.
pub(crate) fn restarted(last_byte_ms: i64) -> Event {
    Event::Restarted { last_byte_by: at(last_byte_ms) }
}

/// Everything that can happen to one attempt at `now_ms`.
pub(crate) fn to_attempt(attempt: u8, now_ms: i64) -> Vec<(&'static str, Event)> {
    vec![
        ("approved", approved(attempt)),
        ("declined", declined(attempt)),
        ("not processed", not_processed(attempt)),
        ("in doubt", in_doubt(attempt)),
        ("approved, another amount", answered(attempt, of_another_amount(approval(attempt)))),
        ("not sent", not_sent(attempt)),
        ("timed out", timed_out(attempt, now_ms)),
        ("late approval", late(attempt, approval(attempt))),
        ("late approval, another amount", late(attempt, of_another_amount(approval(attempt)))),
        ("late decline", late(attempt, decline("8035"))),
        ("late not processed", late(attempt, not_processed_answer())),
        ("late in doubt", late(attempt, in_doubt_answer())),
        ("net-cancel accepted", accepted(attempt)),
        ("net-cancel: already cancelled", already_cancelled(attempt)),
        ("net-cancel: no such original", no_original(attempt)),
        ("net-cancel: already acquired", net_cancel(attempt, NetCancelVerdict::AlreadyAcquired)),
        ("net-cancel: amount differs", net_cancel(attempt, NetCancelVerdict::AmountDiffers)),
        ("net-cancel: try again", try_again(attempt)),
        ("net-cancel not sent", net_cancel_not_sent(attempt)),
        ("net-cancel unanswered", net_cancel_silent(attempt)),
    ]
}

/// Everything that can happen to a payment as a whole at `now_ms`.
pub(crate) fn to_payment(now_ms: i64) -> Vec<(&'static str, Event)> {
    vec![
        ("undelivered", Event::Undelivered),
        ("repeated", Event::Repeated),
        ("restarted", restarted(now_ms)),
        ("due", Event::Due),
    ]
}
