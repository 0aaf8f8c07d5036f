//! What a reply says: the card company's code and the VAN's, each a result of its own.

use acquirer_links::Key;
use codec::{Telegram as _, Text};
use payment::{
    Answer, Approval, CancelAnswer, CancelVerdict, Decline, HostCodes, NetCancelAnswer, NetCancelVerdict,
    ResponseCode, Verdict, Won,
};

use super::layout::Reply;
use crate::{
    ReplyKind,
    codes::{CancelClass, Class, cancel_class, class, net_cancel_class, refused_cancel},
    fields::done_at,
};

/// Both result codes of an approval.
const SUCCESS: &str = "00";
/// The VAN's code for a request it passed on to nobody (assumed); it leaves the card company's code blank.
const NOT_PROCESSED: &str = "9099";
const REQUEST_REPLY: &str = "0210";
const CANCEL_REPLY: &str = "0430";
const NET_CANCEL_REPLY: &str = "0530";

/// Why a telegram is no reply of this layout.
pub(super) fn fault(telegram: &[u8]) -> Option<codec::Error> {
    Reply::view(telegram).err()
}

pub(super) fn key_of(telegram: &[u8]) -> Option<Key> {
    let reply = Reply::view(telegram).ok()?;
    let kind = match reply.mti().as_str() {
        REQUEST_REPLY => ReplyKind::Request,
        CANCEL_REPLY => ReplyKind::Cancel,
        NET_CANCEL_REPLY => ReplyKind::NetCancel,
        _ => return None,
    };
    kind.key_of(reply.transaction_id().as_str())
}

pub(super) fn answer(telegram: &[u8]) -> Answer {
    match read(telegram, REQUEST_REPLY) {
        Some(reply) => {
            Answer { amount: Won::new(reply.amount).ok(), codes: codes(&reply), verdict: verdict(&reply) }
        }
        None => Answer { amount: None, codes: HostCodes::default(), verdict: Verdict::InDoubt },
    }
}

pub(super) fn net_cancel_answer(telegram: &[u8]) -> NetCancelAnswer {
    match read(telegram, NET_CANCEL_REPLY) {
        Some(reply) => NetCancelAnswer { codes: codes(&reply), verdict: net_cancel_verdict(&reply) },
        None => NetCancelAnswer { codes: HostCodes::default(), verdict: NetCancelVerdict::TryAgain },
    }
}

pub(super) fn cancel_answer(telegram: &[u8]) -> CancelAnswer {
    match read(telegram, CANCEL_REPLY) {
        Some(reply) => CancelAnswer {
            amount: Won::new(reply.amount).ok(),
            codes: codes(&reply),
            verdict: cancel_verdict(&reply),
        },
        None => CancelAnswer { amount: None, codes: HostCodes::default(), verdict: CancelVerdict::InDoubt },
    }
}

fn read(telegram: &[u8], mti: &str) -> Option<Reply> {
    Reply::decode(telegram).ok().filter(|reply| reply.mti == mti)
}

fn codes(reply: &Reply) -> HostCodes {
    let code = |text: &Text<4>| (!text.is_empty()).then(|| text.as_str().to_owned());
    HostCodes { issuer: code(&reply.card_company_code), van: code(&reply.van_code) }
}

/// Approved only when both say so; declined when one declines and the other does not speak of an approval.
fn verdict(reply: &Reply) -> Verdict {
    let (issuer, van) = (reply.card_company_code.as_str(), reply.van_code.as_str());
    if issuer.is_empty() && van == NOT_PROCESSED {
        return Verdict::NotProcessed;
    }
    match (class(issuer, SUCCESS), class(van, SUCCESS)) {
        (Class::Approved, Class::Approved) => match &reply.approval {
            Some(_) => Verdict::Approved(
                Approval { approved_at: done_at(reply.date, reply.time), ..approval(reply) }.into(),
            ),
            None => Verdict::InDoubt,
        },
        (Class::Declined(code), Class::Approved | Class::Declined(_)) => {
            Verdict::Declined(decline(code, issuer).into())
        }
        (Class::InDoubt, Class::Declined(code)) if issuer.is_empty() => {
            Verdict::Declined(decline(code, van).into())
        }
        (Class::Declined(code), Class::InDoubt) if van.is_empty() => {
            Verdict::Declined(decline(code, issuer).into())
        }
        (Class::Approved | Class::InDoubt | Class::Declined(_), _) => Verdict::InDoubt,
    }
}

fn net_cancel_verdict(reply: &Reply) -> NetCancelVerdict {
    let issuer = net_cancel_class(reply.card_company_code.as_str(), SUCCESS);
    let van = net_cancel_class(reply.van_code.as_str(), SUCCESS);
    match (issuer, van) {
        (verdict, NetCancelVerdict::Accepted) => verdict,
        // The VAN knows something the card company was never asked for, or both say the same.
        (_, verdict) if reply.card_company_code.is_empty() || issuer == van => verdict,
        _ => NetCancelVerdict::TryAgain,
    }
}

/// As for a request: cancelled only when both say so; already cancelled or declined when one says so and the other does not
/// contradict it.
fn cancel_verdict(reply: &Reply) -> CancelVerdict {
    use CancelClass::{Accepted, AlreadyCancelled, Declined, InDoubt};
    let (issuer, van) = (reply.card_company_code.as_str(), reply.van_code.as_str());
    if issuer.is_empty() && van == NOT_PROCESSED {
        return CancelVerdict::NotProcessed;
    }
    match (cancel_class(issuer, SUCCESS), cancel_class(van, SUCCESS)) {
        // The date and time of the answer are the original's, as in the request: it tells no time of the cancel (assumed).
        (Accepted, Accepted) => CancelVerdict::Accepted(approval(reply).into()),
        (AlreadyCancelled, Accepted | AlreadyCancelled) => CancelVerdict::AlreadyCancelled,
        (Declined(code), Accepted | Declined(_)) => refused_cancel(decline(code, issuer)),
        (InDoubt, AlreadyCancelled) if issuer.is_empty() => CancelVerdict::AlreadyCancelled,
        (InDoubt, Declined(code)) if issuer.is_empty() => refused_cancel(decline(code, van)),
        (AlreadyCancelled, InDoubt) if van.is_empty() => CancelVerdict::AlreadyCancelled,
        (Declined(code), InDoubt) if van.is_empty() => refused_cancel(decline(code, issuer)),
        (Accepted | AlreadyCancelled | Declined(_) | InDoubt, _) => CancelVerdict::InDoubt,
    }
}

/// What a successful reply carries, of an approval and of a cancel alike.
fn approval(reply: &Reply) -> Approval {
    Approval {
        approval_no: reply.approval.map_or_else(String::new, |number| number.as_str().to_owned()),
        van_trace: reply.transaction_id.as_str().to_owned(),
        issuer_code: reply.issuer_code.as_str().to_owned(),
        acquirer_merchant_no: reply.merchant_no.as_str().to_owned(),
        host_code: reply.van_code.as_str().to_owned(),
        ..Approval::default()
    }
}

fn decline(code: ResponseCode, host_code: &str) -> Decline {
    Decline { code, host_code: host_code.to_owned(), message1: String::new(), message2: String::new() }
}
