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
};

const APPROVED: &str = "O";
const DECLINED: &str = "X";
/// The status tells success; no code does.
const NO_SUCCESS: &str = "";
const REQUEST_TYPE: &str = "1000";
/// Of a cancel and of a net-cancel, which is a cancel by order number.
const CANCEL_TYPE: &str = "1010";

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
        Some(reply) => CancelAnswer {
            amount: amount(&reply).filter(|amount| *amount != Won::ZERO),
            codes: codes(&reply),
            verdict: cancel_verdict(&reply),
        },
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

/// The status, or the code in its place.
fn codes(reply: &Reply) -> HostCodes {
    let code = match reply.status.as_str() {
        DECLINED if !reply.approval_no.is_empty() => reply.approval_no.as_str(),
        status => status,
    };
    HostCodes { issuer: None, van: (!code.is_empty()).then(|| code.to_owned()) }
}

/// An approval has the number for the receipt, and the one by which it is cancelled.
fn verdict(reply: &Reply) -> Verdict {
    match reply.status.as_str() {
        APPROVED if reply.approval_no.is_empty() || reply.transaction_no.is_empty() => Verdict::InDoubt,
        APPROVED => Verdict::Approved(approval(reply).into()),
        DECLINED => match class(reply.approval_no.as_str(), NO_SUCCESS) {
            Class::Declined(code) => Verdict::Declined(decline(reply, code).into()),
            Class::Approved | Class::InDoubt => Verdict::InDoubt,
        },
        _ => Verdict::InDoubt,
    }
}

fn net_cancel_verdict(reply: &Reply) -> NetCancelVerdict {
    match reply.status.as_str() {
        APPROVED => NetCancelVerdict::Accepted,
        DECLINED => match net_cancel_class(reply.approval_no.as_str(), NO_SUCCESS) {
            NetCancelVerdict::Accepted => NetCancelVerdict::TryAgain,
            verdict @ (NetCancelVerdict::AlreadyCancelled
            | NetCancelVerdict::NoSuchOriginal
            | NetCancelVerdict::AlreadyAcquired
            | NetCancelVerdict::AmountDiffers
            | NetCancelVerdict::TryAgain) => verdict,
        },
        _ => NetCancelVerdict::TryAgain,
    }
}

fn cancel_verdict(reply: &Reply) -> CancelVerdict {
    match reply.status.as_str() {
        APPROVED => CancelVerdict::Accepted(approval(reply).into()),
        DECLINED => match cancel_class(reply.approval_no.as_str(), NO_SUCCESS) {
            CancelClass::AlreadyCancelled => CancelVerdict::AlreadyCancelled,
            CancelClass::Declined(code) => refused_cancel(decline(reply, code)),
            CancelClass::Accepted | CancelClass::InDoubt => CancelVerdict::InDoubt,
        },
        _ => CancelVerdict::InDoubt,
    }
}

/// What a successful reply carries, of an approval and of a cancel alike.
fn approval(reply: &Reply) -> Approval {
    Approval {
        approval_no: reply.approval_no.as_str().to_owned(),
        approved_at: reply.date.zip(reply.time).map(|(date, time)| date.to_datetime(time)),
        van_trace: reply.transaction_no.as_str().to_owned(),
        issuer_code: reply.issuer.as_str().to_owned(),
        acquirer_code: reply.acquirer.as_str().to_owned(),
        acquirer_merchant_no: reply.merchant_no.as_str().to_owned(),
        host_code: reply.status.as_str().to_owned(),
        message1: reply.message1.to_string(),
        message2: reply.message2.to_string(),
        ..Approval::default()
    }
}

/// The codes of KSPAY are the terminal's as they are.
fn decline(reply: &Reply, code: ResponseCode) -> Decline {
    Decline {
        code,
        host_code: reply.approval_no.as_str().to_owned(),
        message1: reply.message1.to_string(),
        message2: reply.message2.to_string(),
    }
}
