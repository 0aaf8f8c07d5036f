//! What a reply says: a status, and on a decline the code of its reason where the approval number would stand.

use acquirer_links::Key;
use codec::Telegram as _;
use payment::{
    Answer, Approval, CancelAnswer, CancelVerdict, Decline, HostCodes, NetCancelAnswer, NetCancelVerdict,
    ResponseCode, Verdict, Won,
};

use super::{CLEAR, layout::Reply};
use crate::{
    ReplyKind,
    codes::{CancelClass, Class, cancel_class, class, net_cancel_class, refused_cancel},
    fields::{done_at, message},
};

/// The status tells success; no code does, and none is empty.
const NO_SUCCESS: &str = "";
const REQUEST_TYPE: &str = "1000";
/// Of a cancel and of a net-cancel, which is a cancel by order number.
const CANCEL_TYPE: &str = "1010";

/// How it went.
enum Said<'a> {
    /// 승인.
    Done,
    /// 거절, with this code of one to four characters. What is longer is none, and shown nowhere.
    Refused(&'a str),
    /// Neither.
    Unclear,
}

/// Why a telegram is no reply of this layout.
pub(super) fn fault(telegram: &[u8]) -> Option<codec::Error> {
    Reply::view(telegram).err()
}

pub(super) fn key_of(telegram: &[u8]) -> Option<Key> {
    let reply = Reply::view(telegram).ok()?;
    let kind = match reply.approval_type().as_str() {
        REQUEST_TYPE => ReplyKind::Request,
        CANCEL_TYPE => ReplyKind::Cancel,
        _ => return None,
    };
    kind.key_of(reply.header().order_no().as_str())
}

pub(super) fn answer(telegram: &[u8]) -> Answer {
    match read(telegram, REQUEST_TYPE) {
        Some(reply) => Answer { amount: amount(&reply), codes: codes(&reply), verdict: verdict(&reply) },
        None => Answer { amount: None, codes: HostCodes::default(), verdict: Verdict::InDoubt },
    }
}

pub(super) fn net_cancel_answer(telegram: &[u8]) -> NetCancelAnswer {
    match read(telegram, CANCEL_TYPE) {
        Some(reply) => NetCancelAnswer { codes: codes(&reply), verdict: net_cancel_verdict(&reply) },
        None => NetCancelAnswer { codes: HostCodes::default(), verdict: NetCancelVerdict::TryAgain },
    }
}

pub(super) fn cancel_answer(telegram: &[u8]) -> CancelAnswer {
    match read(telegram, CANCEL_TYPE) {
        Some(reply) => {
            CancelAnswer { amount: cancelled(&reply), codes: codes(&reply), verdict: cancel_verdict(&reply) }
        }
        None => CancelAnswer { amount: None, codes: HostCodes::default(), verdict: CancelVerdict::InDoubt },
    }
}

/// A reply of this type in the clear.
fn read(telegram: &[u8], approval_type: &str) -> Option<Reply> {
    let reply = Reply::decode(telegram).ok()?;
    (reply.header.encryption == CLEAR && reply.approval_type == approval_type).then_some(reply)
}

fn amount(reply: &Reply) -> Option<Won> {
    Won::new(reply.amount?).ok()
}

/// How much was cancelled; zero says nothing.
fn cancelled(reply: &Reply) -> Option<Won> {
    amount(reply).filter(|amount| *amount != Won::ZERO)
}

fn said(reply: &Reply) -> Said<'_> {
    match (reply.status.as_str(), reply.approval_no.as_str()) {
        ("O", _) => Said::Done,
        ("X", code) if (1..=4).contains(&code.len()) => Said::Refused(code),
        _ => Said::Unclear,
    }
}

/// The code of a refusal, else the status.
fn codes(reply: &Reply) -> HostCodes {
    let code = match said(reply) {
        Said::Refused(code) => code,
        Said::Done | Said::Unclear => reply.status.as_str(),
    };
    HostCodes { issuer: None, van: (!code.is_empty()).then(|| code.to_owned()) }
}

/// An approval has the number for the receipt, the one by which it is cancelled, and the amount that ties it to what was asked.
fn verdict(reply: &Reply) -> Verdict {
    match said(reply) {
        Said::Done
            if reply.approval_no.is_empty() || reply.transaction_no.is_empty() || reply.amount.is_none() =>
        {
            Verdict::InDoubt
        }
        Said::Done => Verdict::Approved(approval(reply).into()),
        Said::Refused(code) => match class(code, NO_SUCCESS) {
            Class::Declined(code) => Verdict::Declined(decline(reply, code).into()),
            Class::Approved | Class::InDoubt => Verdict::InDoubt,
        },
        Said::Unclear => Verdict::InDoubt,
    }
}

fn net_cancel_verdict(reply: &Reply) -> NetCancelVerdict {
    match said(reply) {
        Said::Done => NetCancelVerdict::Accepted,
        Said::Refused(code) => net_cancel_class(code, NO_SUCCESS),
        Said::Unclear => NetCancelVerdict::TryAgain,
    }
}

fn cancel_verdict(reply: &Reply) -> CancelVerdict {
    match said(reply) {
        Said::Done if cancelled(reply).is_none() => CancelVerdict::AcceptedUnsized(approval(reply).into()),
        Said::Done => CancelVerdict::Accepted(approval(reply).into()),
        Said::Refused(code) => match cancel_class(code, NO_SUCCESS) {
            CancelClass::AlreadyCancelled => CancelVerdict::AlreadyCancelled,
            CancelClass::Declined(code) => refused_cancel(decline(reply, code)),
            CancelClass::Accepted | CancelClass::InDoubt => CancelVerdict::InDoubt,
        },
        Said::Unclear => CancelVerdict::InDoubt,
    }
}

/// What a successful reply carries, of an approval and of a cancel alike.
fn approval(reply: &Reply) -> Approval {
    Approval {
        approval_no: reply.approval_no.as_str().to_owned(),
        approved_at: done_at(reply.date, reply.time),
        van_trace: reply.transaction_no.as_str().to_owned(),
        issuer_code: reply.issuer.as_str().to_owned(),
        acquirer_code: reply.acquirer.as_str().to_owned(),
        acquirer_merchant_no: reply.merchant_no.as_str().to_owned(),
        host_code: reply.status.as_str().to_owned(),
        message1: message(&reply.message1.to_string()),
        message2: message(&reply.message2.to_string()),
        ..Approval::default()
    }
}

/// The codes of KSPAY are the terminal's as they are.
fn decline(reply: &Reply, code: ResponseCode) -> Decline {
    Decline {
        code,
        host_code: code.as_str().to_owned(),
        message1: message(&reply.message1.to_string()),
        message2: message(&reply.message2.to_string()),
    }
}
