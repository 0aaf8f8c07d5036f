//! What a reply says: a status, and on a decline the code where the approval number would stand.

use acquirer_links::Key;
use codec::{Korean, Telegram as _};
use payment::{
    Answer, Approval, CancelAnswer, CancelVerdict, Decline, HostCodes, NetCancelAnswer, NetCancelVerdict,
    ResponseCode, Verdict, Won,
};

use super::{CLEAR, layout::Reply};
use crate::{
    ReplyKind,
    codes::{CancelClass, Class, cancel_class, class, net_cancel_class, refused_cancel},
    fields::message,
};

const REQUEST_REPLY: &str = "1011";
const CANCEL_REPLY: &str = "1051";
const NET_CANCEL_REPLY: &str = "1061";
/// The code of success: the status alone tells success, and no refusal has an empty code.
const SUCCESS: &str = "";

/// What a reply says, whatever it answers.
enum Said<'a> {
    /// 승인 by the issuer.
    Done,
    /// 대행승인: the VAN decided in place of an issuer that it did not reach.
    StoodIn,
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
    let kind = match reply.telegram_type().as_str() {
        REQUEST_REPLY => ReplyKind::Request,
        CANCEL_REPLY => ReplyKind::Cancel,
        NET_CANCEL_REPLY => ReplyKind::NetCancel,
        _ => return None,
    };
    kind.key_of(reply.header().serial().as_str())
}

pub(super) fn answer(telegram: &[u8]) -> Answer {
    let Some(reply) = read(telegram, REQUEST_REPLY) else {
        return Answer { amount: None, codes: HostCodes::default(), verdict: Verdict::InDoubt };
    };
    let verdict = match said(&reply) {
        Said::Done | Said::StoodIn if reply.approval_no.is_empty() || reply.total_amount.is_none() => {
            Verdict::InDoubt
        }
        Said::Done | Said::StoodIn => Verdict::Approved(approval(&reply).into()),
        Said::Refused(code) => match class(code, SUCCESS) {
            Class::Declined(code) => Verdict::Declined(decline(code, &reply).into()),
            Class::Approved | Class::InDoubt => Verdict::InDoubt,
        },
        Said::Unclear => Verdict::InDoubt,
    };
    Answer { amount: amount(&reply), codes: codes(&reply), verdict }
}

pub(super) fn net_cancel_answer(telegram: &[u8]) -> NetCancelAnswer {
    let Some(reply) = read(telegram, NET_CANCEL_REPLY) else {
        return NetCancelAnswer { codes: HostCodes::default(), verdict: NetCancelVerdict::TryAgain };
    };
    let verdict = match said(&reply) {
        Said::Done => NetCancelVerdict::Accepted,
        Said::Refused(code) => net_cancel_class(code, SUCCESS),
        // A VAN that accepts on its own has undone nothing at the card company.
        Said::StoodIn | Said::Unclear => NetCancelVerdict::TryAgain,
    };
    NetCancelAnswer { codes: codes(&reply), verdict }
}

pub(super) fn cancel_answer(telegram: &[u8]) -> CancelAnswer {
    let Some(reply) = read(telegram, CANCEL_REPLY) else {
        return CancelAnswer { amount: None, codes: HostCodes::default(), verdict: CancelVerdict::InDoubt };
    };
    let verdict = match said(&reply) {
        Said::Done if reply.total_amount.is_none() => CancelVerdict::InDoubt,
        Said::Done => CancelVerdict::Accepted(approval(&reply).into()),
        Said::Refused(code) => match cancel_class(code, SUCCESS) {
            CancelClass::AlreadyCancelled => CancelVerdict::AlreadyCancelled,
            CancelClass::Declined(code) => refused_cancel(decline(code, &reply)),
            CancelClass::Accepted | CancelClass::InDoubt => CancelVerdict::InDoubt,
        },
        Said::StoodIn | Said::Unclear => CancelVerdict::InDoubt,
    };
    CancelAnswer { amount: amount(&reply), codes: codes(&reply), verdict }
}

/// A reply of this type in the clear; we never ask for anything else.
fn read(telegram: &[u8], telegram_type: &str) -> Option<Reply> {
    let reply = Reply::decode(telegram).ok()?;
    (reply.header.encryption == CLEAR && reply.telegram_type == telegram_type).then_some(reply)
}

fn said(reply: &Reply) -> Said<'_> {
    match (reply.status.as_str(), reply.approval_no.as_str()) {
        ("O", _) => Said::Done,
        ("P", _) => Said::StoodIn,
        ("X", code) if (1..=4).contains(&code.len()) => Said::Refused(code),
        _ => Said::Unclear,
    }
}

fn amount(reply: &Reply) -> Option<Won> {
    reply.total_amount.and_then(|amount| Won::new(amount).ok())
}

/// The code of a refusal, else the status. Nothing tells whether the issuer or the VAN refused; it is the VAN that says so.
fn codes(reply: &Reply) -> HostCodes {
    let code = match said(reply) {
        Said::Refused(code) => code,
        Said::Done | Said::StoodIn | Said::Unclear => reply.status.as_str(),
    };
    HostCodes { issuer: None, van: (!code.is_empty()).then(|| code.to_owned()) }
}

/// What a successful reply carries, of an approval and of a cancel alike.
fn approval(reply: &Reply) -> Approval {
    let (message1, message2) = messages(reply);
    Approval {
        approval_no: reply.approval_no.as_str().to_owned(),
        approved_at: reply.approved_at,
        van_trace: reply.van_tr.as_str().to_owned(),
        issuer_code: reply.issuer.as_str().to_owned(),
        issuer_name: message(&reply.card_name.to_string()),
        acquirer_code: reply.acquirer.as_str().to_owned(),
        acquirer_merchant_no: reply.merchant_no.as_str().to_owned(),
        host_code: reply.status.as_str().to_owned(),
        message1,
        message2,
        ..Approval::default()
    }
}

/// KICC's codes are the terminal's as they are.
fn decline(code: ResponseCode, reply: &Reply) -> Decline {
    let (message1, message2) = messages(reply);
    Decline { code, host_code: code.as_str().to_owned(), message1, message2 }
}

/// Four messages of 16 bytes as the two of 40 that a terminal prints.
fn messages(reply: &Reply) -> (String, String) {
    (line(&reply.message1, &reply.message2), line(&reply.message3, &reply.message4))
}

fn line(first: &Korean<16>, second: &Korean<16>) -> String {
    message(format!("{first} {second}").trim())
}
