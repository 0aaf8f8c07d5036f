//! The classes of the result codes that Korean VANs and card companies share: one table of what a code says, and what that means as the
//! answer to a request, to a net-cancel and to a cancel.

use payment::{CancelVerdict, Decline, NetCancelVerdict, ResponseCode};

/// The class of one result code on an approval request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// 승인.
    Approved,
    /// 거절, with the code the terminal gets.
    Declined(ResponseCode),
    /// An approval exists, or what happened is unknown.
    InDoubt,
}

/// The class of one result code on a cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CancelClass {
    /// 취소.
    Accepted,
    /// It was cancelled before.
    AlreadyCancelled,
    /// 거절: not cancelled, with the code the terminal gets.
    Declined(ResponseCode),
    /// It may be cancelled.
    InDoubt,
}

/// What a code says, whatever was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Success,
    AlreadyCancelled,
    NoSuchOriginal(ResponseCode),
    /// 매입 has happened.
    AlreadyAcquired(ResponseCode),
    /// From the original's.
    AmountDiffers(ResponseCode),
    /// Any other code of the family 8xxx: the card or the merchant is refused.
    Refused(ResponseCode),
    /// That an approval exists (4299 already approved, 7581 approval completed, 9054 duplicate approval), or it is a system's and what
    /// that did is unknown.
    Unsettling,
}

/// The class of a code on an approval request, `success` being the acquirer's code of success. A code that speaks of an original is in
/// doubt: an approval was never asked to have one.
pub(crate) fn class(code: &str, success: &str) -> Class {
    match meaning(code, success) {
        Meaning::Success => Class::Approved,
        Meaning::Refused(code) => Class::Declined(code),
        Meaning::AlreadyCancelled
        | Meaning::NoSuchOriginal(_)
        | Meaning::AlreadyAcquired(_)
        | Meaning::AmountDiffers(_)
        | Meaning::Unsettling => Class::InDoubt,
    }
}

/// The class of a code on a net-cancel.
pub(crate) fn net_cancel_class(code: &str, success: &str) -> NetCancelVerdict {
    match meaning(code, success) {
        Meaning::Success => NetCancelVerdict::Accepted,
        Meaning::AlreadyCancelled => NetCancelVerdict::AlreadyCancelled,
        Meaning::NoSuchOriginal(_) => NetCancelVerdict::NoSuchOriginal,
        Meaning::AlreadyAcquired(_) => NetCancelVerdict::AlreadyAcquired,
        Meaning::AmountDiffers(_) => NetCancelVerdict::AmountDiffers,
        Meaning::Refused(_) | Meaning::Unsettling => NetCancelVerdict::TryAgain,
    }
}

/// The class of a code on a cancel.
pub(crate) fn cancel_class(code: &str, success: &str) -> CancelClass {
    match meaning(code, success) {
        Meaning::Success => CancelClass::Accepted,
        Meaning::AlreadyCancelled => CancelClass::AlreadyCancelled,
        Meaning::NoSuchOriginal(code)
        | Meaning::AlreadyAcquired(code)
        | Meaning::AmountDiffers(code)
        | Meaning::Refused(code) => CancelClass::Declined(code),
        Meaning::Unsettling => CancelClass::InDoubt,
    }
}

/// The verdict of a cancel's refusal: one that speaks of an original we know otherwise is told apart.
pub(crate) fn refused_cancel(decline: Decline) -> CancelVerdict {
    match meaning(&decline.host_code, "") {
        Meaning::NoSuchOriginal(_) | Meaning::AmountDiffers(_) => {
            CancelVerdict::NotAsApproved(decline.into())
        }
        Meaning::Success
        | Meaning::AlreadyCancelled
        | Meaning::AlreadyAcquired(_)
        | Meaning::Refused(_)
        | Meaning::Unsettling => CancelVerdict::Declined(decline.into()),
    }
}

fn meaning(code: &str, success: &str) -> Meaning {
    if code == success {
        return Meaning::Success;
    }
    let is_number = code.bytes().all(|byte| byte.is_ascii_digit());
    let Some(known) = ResponseCode::new(code).filter(|_| is_number) else { return Meaning::Unsettling };
    match code {
        "6999" | "8433" => Meaning::AlreadyCancelled,
        "8414" | "8415" => Meaning::NoSuchOriginal(known),
        "8420" | "8432" => Meaning::AlreadyAcquired(known),
        "8504" => Meaning::AmountDiffers(known),
        _ if code.starts_with('8') => Meaning::Refused(known),
        _ => Meaning::Unsettling,
    }
}
