//! The classes of the result codes that Korean VANs and card companies share.

use payment::{NetCancelVerdict, ResponseCode};

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

/// Already cancelled.
const ALREADY_CANCELLED: &[&str] = &["6999", "8433"];
/// No such transaction.
const NO_SUCH_ORIGINAL: &[&str] = &["8414", "8415"];
/// Already acquired (매입).
const ALREADY_ACQUIRED: &[&str] = &["8420", "8432"];
/// The amount differs from the original's.
const AMOUNT_DIFFERS: &[&str] = &["8504"];

/// The class of a code on an approval request, `success` being the acquirer's code of success. The family 8xxx are declines of the
/// card, but for those that speak of an original: an approval was never asked to have one. Any other code is in doubt: it says that an
/// approval exists (4299 already approved, 7581 approval completed, 9054 duplicate approval), or it is a system's and what that did is
/// unknown.
pub(crate) fn class(code: &str, success: &str) -> Class {
    if code == success {
        return Class::Approved;
    }
    let of_an_original = [ALREADY_CANCELLED, NO_SUCH_ORIGINAL, ALREADY_ACQUIRED, AMOUNT_DIFFERS];
    let is_decline = code.starts_with('8')
        && code.bytes().all(|byte| byte.is_ascii_digit())
        && !of_an_original.iter().any(|codes| codes.contains(&code));
    ResponseCode::new(code).filter(|_| is_decline).map_or(Class::InDoubt, Class::Declined)
}

/// The class of a code on a net-cancel.
pub(crate) fn net_cancel_class(code: &str, success: &str) -> NetCancelVerdict {
    if code == success {
        NetCancelVerdict::Accepted
    } else if ALREADY_CANCELLED.contains(&code) {
        NetCancelVerdict::AlreadyCancelled
    } else if NO_SUCH_ORIGINAL.contains(&code) {
        NetCancelVerdict::NoSuchOriginal
    } else if ALREADY_ACQUIRED.contains(&code) {
        NetCancelVerdict::AlreadyAcquired
    } else if AMOUNT_DIFFERS.contains(&code) {
        NetCancelVerdict::AmountDiffers
    } else {
        NetCancelVerdict::TryAgain
    }
}
