//! What can happen to a payment, in the words of the rules.

use std::sync::Arc;

use payment::{
    Answer, Approval, CancelAnswer, CancelFinding, CancelVerdict, Decline, Event, Finding, HostCodes,
    NetCancelAnswer, NetCancelVerdict, NotSent, Operator, ResponseCode, Unanswered, Verdict, Won,
};

use crate::{
    asking::{cancel_of, cancel_serial, net_cancel_of},
    fixture::{at, won},
};

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
    let verdict = Verdict::Declined(Arc::new(why(code)));
    Answer { amount: Some(won(50_000)), codes: codes(code), verdict }
}

fn why(code: &str) -> Decline {
    Decline {
        code: ResponseCode::new(code).unwrap(),
        host_code: code.to_owned(),
        message1: String::new(),
        message2: String::new(),
    }
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

fn cancel_answered(cancel: u8, verdict: CancelVerdict) -> Event {
    Event::CancelAnswered { cancel, answer: CancelAnswer { amount: None, codes: codes("c"), verdict } }
}

/// A cancel is done, under a number of its own.
pub(crate) fn cancelled(cancel: u8) -> Event {
    let approval = Approval { approval_no: format!("7000000{cancel}"), ..Approval::default() };
    cancel_answered(cancel, CancelVerdict::Accepted(Arc::new(approval)))
}

/// A cancel is done, under a number of its own, but of what amount is not said.
pub(crate) fn cancelled_unsized(cancel: u8) -> Event {
    let approval = Approval { approval_no: format!("7000000{cancel}"), ..Approval::default() };
    cancel_answered(cancel, CancelVerdict::AcceptedUnsized(Arc::new(approval)))
}

/// A cancel is done, but of `amount`.
pub(crate) fn cancelled_another_amount(cancel: u8, amount: u64) -> Event {
    let verdict = CancelVerdict::Accepted(Arc::default());
    let answer = CancelAnswer { amount: Some(won(amount)), codes: codes("c"), verdict };
    Event::CancelAnswered { cancel, answer }
}

pub(crate) fn cancelled_before(cancel: u8) -> Event {
    cancel_answered(cancel, CancelVerdict::AlreadyCancelled)
}

pub(crate) fn cancel_declined(cancel: u8) -> Event {
    cancel_answered(cancel, CancelVerdict::Declined(Arc::new(why("8420"))))
}

/// The acquirer knows no such original, or one of another amount.
pub(crate) fn cancel_of_no_original(cancel: u8) -> Event {
    cancel_answered(cancel, CancelVerdict::NotAsApproved(Arc::new(why("8414"))))
}

/// `event`, but speaking of `amount`.
pub(crate) fn speaking_of(amount: u64, event: Event) -> Event {
    match event {
        Event::CancelAnswered { cancel, answer } => {
            Event::CancelAnswered { cancel, answer: CancelAnswer { amount: Some(won(amount)), ..answer } }
        }
        event => panic!("{event:?} speaks of no amount"),
    }
}

pub(crate) fn cancel_not_processed(cancel: u8) -> Event {
    cancel_answered(cancel, CancelVerdict::NotProcessed)
}

pub(crate) fn cancel_in_doubt(cancel: u8) -> Event {
    cancel_answered(cancel, CancelVerdict::InDoubt)
}

pub(crate) fn cancel_not_sent(cancel: u8) -> Event {
    Event::CancelNotSent { cancel, why: NotSent::NotConnected }
}

/// A try of a cancel was given up; no byte of it left after `last_byte_ms`.
pub(crate) fn cancel_timed_out(cancel: u8, last_byte_ms: i64) -> Event {
    Event::CancelUnanswered { cancel, why: Unanswered::TimedOut, last_byte_by: at(last_byte_ms) }
}

/// The terminal asks to cancel, past all questions.
pub(crate) fn cancel_asked(trace_no: u32, amount: u64) -> Event {
    let serial = cancel_serial(usize::try_from(trace_no).unwrap());
    Event::CancelAsked { request: Arc::new(cancel_of(trace_no, amount)), serial }
}

/// The terminal withdraws its request, past all questions.
pub(crate) fn net_cancel_asked() -> Event {
    Event::NetCancelAsked { request: Arc::new(net_cancel_of(won(50_000))) }
}

/// The person of every test.
pub(crate) fn operator() -> Operator {
    Operator::new("kim", "called the VAN").unwrap()
}

/// A person has the net-cancel tried again.
pub(crate) fn retried(attempt: u8) -> Event {
    Event::NetCancelRetried { attempt, by: operator() }
}

/// A person settles the net-cancel.
pub(crate) fn resolved(attempt: u8, how: Finding) -> Event {
    Event::NetCancelResolved { attempt, how, by: operator() }
}

/// A person has the cancel tried again.
pub(crate) fn cancel_retried(cancel: u8) -> Event {
    Event::CancelRetried { cancel, by: operator() }
}

/// A person settles the cancel.
pub(crate) fn cancel_resolved(cancel: u8, how: CancelFinding) -> Event {
    Event::CancelResolved { cancel, how, by: operator() }
}

/// Everything that can happen to one cancel at `now_ms`.
pub(crate) fn to_cancel(cancel: u8, now_ms: i64) -> Vec<(&'static str, Event)> {
    vec![
        ("cancel done", cancelled(cancel)),
        ("cancel done, another amount", cancelled_another_amount(cancel, 7)),
        ("cancel: already cancelled", cancelled_before(cancel)),
        ("cancel declined", cancel_declined(cancel)),
        ("cancel declined, another amount", speaking_of(7, cancel_declined(cancel))),
        ("cancel: no such original", cancel_of_no_original(cancel)),
        ("cancel not processed", cancel_not_processed(cancel)),
        ("cancel in doubt", cancel_in_doubt(cancel)),
        ("cancel not sent", cancel_not_sent(cancel)),
        ("cancel unanswered", cancel_timed_out(cancel, now_ms)),
        ("cancel retried by a person", cancel_retried(cancel)),
        ("a person: cancel done", cancel_resolved(cancel, CancelFinding::Done)),
        ("a person: cancel not done", cancel_resolved(cancel, CancelFinding::NotDone)),
    ]
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
        ("retried by a person", retried(attempt)),
        ("a person: undone", resolved(attempt, Finding::Undone)),
        ("a person: never approved", resolved(attempt, Finding::NeverApproved)),
        ("a person: stands", resolved(attempt, Finding::Stands)),
    ]
}

/// Everything that can happen to a payment as a whole at `now_ms`.
pub(crate) fn to_payment(now_ms: i64) -> Vec<(&'static str, Event)> {
    vec![
        ("a full cancel", cancel_asked(101, 50_000)),
        ("a partial cancel", cancel_asked(102, 20_000)),
        ("withdrawn by the terminal", net_cancel_asked()),
        ("acknowledged", Event::Acknowledged),
        ("undelivered", Event::Undelivered),
        ("repeated", Event::Repeated),
        ("restarted", restarted(now_ms)),
        ("due", Event::Due),
    ]
}
