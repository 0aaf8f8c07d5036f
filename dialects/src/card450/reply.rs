//! What a reply says: one result code, the card company's.

use acquirer_links::Key;
use codec::Telegram as _;
use payment::{
    Answer, Approval, CancelAnswer, CancelVerdict, Decline, HostCodes, NetCancelAnswer, NetCancelVerdict,
    ResponseCode, Verdict, Won,
};

use super::{CANCEL, PAYMENT, layout::Reply};
use crate::{
    ReplyKind,
    codes::{CancelClass, Class, cancel_class, class, net_cancel_class, refused_cancel},
};

const SUCCESS: &str = "0000";

/// Why a telegram is no reply of this layout.
pub(super) fn fault(telegram: &[u8]) -> Option<codec::Error> {
    Reply::view(telegram).err()
}

pub(super) fn key_of(telegram: &[u8]) -> Option<Key> {
    let reply = Reply::view(telegram).ok()?;
    let kind = match reply.kind().as_str() {
        PAYMENT => ReplyKind::Request,
        CANCEL => ReplyKind::Cancel,
        _ => return None,
    };
    kind.key_of(reply.management_no().as_str())
}

pub(super) fn answer(telegram: &[u8]) -> Answer {
    let Some(reply) = read(telegram, PAYMENT) else {
        return Answer { amount: None, codes: HostCodes::default(), verdict: Verdict::InDoubt };
    };
    let verdict = match class(reply.result_code.as_str(), SUCCESS) {
        Class::Approved if reply.card_company_tid.is_empty() => Verdict::InDoubt,
        Class::Approved => Verdict::Approved(approval(&reply).into()),
        Class::Declined(code) => Verdict::Declined(decline(code).into()),
        Class::InDoubt => Verdict::InDoubt,
    };
    Answer { amount: Won::new(reply.amount).ok(), codes: codes(&reply), verdict }
}

pub(super) fn net_cancel_answer(telegram: &[u8]) -> NetCancelAnswer {
    match read(telegram, CANCEL) {
        Some(reply) => NetCancelAnswer {
            codes: codes(&reply),
            verdict: net_cancel_class(reply.result_code.as_str(), SUCCESS),
        },
        None => NetCancelAnswer { codes: HostCodes::default(), verdict: NetCancelVerdict::TryAgain },
    }
}

pub(super) fn cancel_answer(telegram: &[u8]) -> CancelAnswer {
    let Some(reply) = read(telegram, CANCEL) else {
        return CancelAnswer { amount: None, codes: HostCodes::default(), verdict: CancelVerdict::InDoubt };
    };
    let verdict = match cancel_class(reply.result_code.as_str(), SUCCESS) {
        CancelClass::Accepted => CancelVerdict::Accepted(approval(&reply).into()),
        CancelClass::AlreadyCancelled => CancelVerdict::AlreadyCancelled,
        CancelClass::Declined(code) => refused_cancel(decline(code)),
        CancelClass::InDoubt => CancelVerdict::InDoubt,
    };
    CancelAnswer { amount: Won::new(reply.amount).ok(), codes: codes(&reply), verdict }
}

fn read(telegram: &[u8], kind: &str) -> Option<Reply> {
    Reply::decode(telegram).ok().filter(|reply| reply.kind == kind)
}

/// What a successful reply carries. The layout has no approval number of its own: the card company's transaction id serves as one
/// (assumed), its last twelve characters where it is longer.
fn approval(reply: &Reply) -> Approval {
    let tid = reply.card_company_tid.as_str();
    Approval {
        approval_no: tid[tid.len().saturating_sub(12)..].to_owned(),
        approved_at: reply.approved_at,
        van_trace: tid.to_owned(),
        host_code: reply.result_code.as_str().to_owned(),
        ..Approval::default()
    }
}

/// The codes of the card company are the terminal's as they are.
fn decline(code: ResponseCode) -> Decline {
    Decline { code, host_code: code.as_str().to_owned(), message1: String::new(), message2: String::new() }
}

fn codes(reply: &Reply) -> HostCodes {
    let code = &reply.result_code;
    HostCodes { issuer: (!code.is_empty()).then(|| code.as_str().to_owned()), van: None }
}
