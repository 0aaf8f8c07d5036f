//! What an acquirer answered, as every dialect tells it, and what the terminal is told.

use std::sync::Arc;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::{ResponseCode, Unanswered, Won};

/// The acquirer's own result codes, kept as they came; issuer and VAN apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostCodes {
    /// The card company's code (카드사 응답코드).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub issuer: Option<String>,
    /// The VAN's code (VAN 응답코드).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub van: Option<String>,
}

/// An acquirer's answer to an approval request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The amount the answer speaks of; `None` where the layout carries none or leaves it blank. An answer of any class that speaks
    /// of another amount than asked is in doubt: it may be another request's. Zero on anything but an approval speaks of none.
    pub amount: Option<Won>,
    /// The acquirer's codes.
    pub codes: HostCodes,
    /// Which class the codes belong to.
    pub verdict: Verdict,
}

impl Answer {
    /// What it settles for a request of this total.
    pub(crate) fn read(&self, total: Won) -> Reading<'_> {
        let of_another_amount = match (self.amount, &self.verdict) {
            (None, _) | (Some(Won::ZERO), Verdict::Declined(_) | Verdict::NotProcessed) => false,
            (Some(amount), _) => amount != total,
        };
        let doubt = |why: fn(HostCodes) -> Unanswered, approval_seen| Reading::InDoubt {
            why: why(self.codes.clone()),
            approval_seen,
        };
        match &self.verdict {
            Verdict::Approved(_) if of_another_amount => doubt(Unanswered::WrongAmount, true),
            Verdict::Declined(_) | Verdict::NotProcessed if of_another_amount => {
                doubt(Unanswered::WrongAmount, false)
            }
            // The terminal would take it for an approval.
            Verdict::Declined(decline) if decline.code == ResponseCode::APPROVED => {
                doubt(Unanswered::InDoubt, false)
            }
            Verdict::Approved(approval) => Reading::Approved(approval),
            Verdict::Declined(decline) => Reading::Declined(decline),
            Verdict::NotProcessed => Reading::NotProcessed,
            Verdict::InDoubt => doubt(Unanswered::InDoubt, false),
        }
    }
}

/// What an answer settles.
pub(crate) enum Reading<'a> {
    Approved(&'a Arc<Approval>),
    Declined(&'a Arc<Decline>),
    NotProcessed,
    /// Nothing. Where an approval was seen it is one of another amount: an approval of ours may exist, but the number may belong
    /// to somebody else's.
    InDoubt {
        why: Unanswered,
        approval_seen: bool,
    },
}

/// The class of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// 승인.
    Approved(Arc<Approval>),
    /// 거절.
    Declined(Arc<Decline>),
    /// The acquirer says it did nothing with the request; the next acquirer may be tried.
    NotProcessed,
    /// An approval may exist: the code says so, its effect is unknown, or the answer cannot be read.
    InDoubt,
}

/// What an approval carries back to the terminal. Blank where the acquirer's layout has no such field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Approval {
    /// 승인번호.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approval_no: String,
    /// 승인일시, KST; `None` where the acquirer does not say.
    pub approved_at: Option<DateTime>,
    /// The acquirer's own number of the transaction (VAN 거래고유번호).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub van_trace: String,
    /// 발급사 code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub issuer_code: String,
    /// 발급사 name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub issuer_name: String,
    /// 매입사 code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub acquirer_code: String,
    /// 매입사 name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub acquirer_name: String,
    /// The merchant's number at the acquirer (카드사 가맹점번호).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub acquirer_merchant_no: String,
    /// The acquirer's own result code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host_code: String,
    /// First line for the receipt.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message1: String,
    /// Second line for the receipt.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message2: String,
}

/// What a decline carries back to the terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// The acquirer's code mapped to its family.
    pub code: ResponseCode,
    /// The acquirer's own result code.
    pub host_code: String,
    /// First line of the reason.
    pub message1: String,
    /// Second line of the reason.
    pub message2: String,
}

/// An acquirer's answer to a net-cancel (망취소 응답).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetCancelAnswer {
    /// The acquirer's codes.
    pub codes: HostCodes,
    /// Which class the codes belong to.
    pub verdict: NetCancelVerdict,
}

/// The class of an answer to a net-cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NetCancelVerdict {
    /// The original is undone.
    Accepted,
    /// The original was undone before.
    AlreadyCancelled,
    /// The acquirer knows no such original; proof only once it cannot come any more.
    NoSuchOriginal,
    /// 매입 has happened: only a 매입취소 can undo it.
    AlreadyAcquired,
    /// The original has another amount.
    AmountDiffers,
    /// Anything else, an answer that cannot be read among them.
    TryAgain,
}

/// An acquirer's answer to a cancel (취소 응답).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelAnswer {
    /// The amount the answer speaks of; `None` where the layout carries none or leaves it blank. An answer of any class that speaks of
    /// another amount than asked is in doubt: it may be another cancel's. Zero on anything but an acceptance speaks of none.
    pub amount: Option<Won>,
    /// The acquirer's codes.
    pub codes: HostCodes,
    /// Which class the codes belong to.
    pub verdict: CancelVerdict,
}

impl CancelAnswer {
    /// Whether it may be of another amount than was asked of the whole.
    pub(crate) fn is_of_another_amount(&self, asked: Won, whole: Won) -> bool {
        match (self.amount, &self.verdict) {
            (None, CancelVerdict::AcceptedUnsized(_)) => asked != whole,
            (None, _) => false,
            (Some(Won::ZERO), verdict)
                if !matches!(verdict, CancelVerdict::Accepted(_) | CancelVerdict::AcceptedUnsized(_)) =>
            {
                false
            }
            (Some(amount), _) => amount != asked,
        }
    }
}

/// The class of an answer to a cancel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelVerdict {
    /// It is cancelled; with the cancel's own number and time, where the acquirer gives them.
    Accepted(Arc<Approval>),
    /// It is cancelled, but the answer does not say how much: all that was asked if that was the whole, in doubt if it was a part.
    AcceptedUnsized(Arc<Approval>),
    /// It was cancelled before: by this very cancel, if it was sent before.
    AlreadyCancelled,
    /// It is not cancelled: already acquired (매입), or any other refusal.
    Declined(Arc<Decline>),
    /// The acquirer knows no such original, or one with another amount. We know that it approved it: a refusal on the first try, but once a
    /// try went unanswered it may come of that one.
    NotAsApproved(Arc<Decline>),
    /// The acquirer says it did nothing with the cancel.
    NotProcessed,
    /// The code's effect is unknown, or the answer cannot be read.
    InDoubt,
}

/// What the terminal is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TerminalAnswer {
    /// 0110 0000 by this acquirer.
    Approved {
        /// What the acquirer said.
        approval: Arc<Approval>,
        /// Name of the route.
        route: crate::AcquirerName,
    },
    /// Declined by this acquirer.
    Declined {
        /// What the acquirer said.
        decline: Arc<Decline>,
        /// Name of the route.
        route: crate::AcquirerName,
    },
    /// 0410 0000: the original, or a part of it, is cancelled.
    Cancelled {
        /// What was cancelled.
        original: Arc<crate::Request>,
        /// How it was approved.
        approval: Arc<Approval>,
        /// What the acquirer said of the cancel: its number and time, where the acquirer gives them.
        cancelled: Arc<Approval>,
        /// Name of the route.
        route: crate::AcquirerName,
    },
    /// 0130 0000, 0430 0000: what was asked is durable.
    Done,
    /// 0310: what became of the original.
    Standing(Standing),
    /// 9001: this field cannot be so.
    FormatError {
        /// Korean title of the field, for the message.
        field: &'static str,
    },
    /// One of our own codes.
    Refused(ResponseCode),
}

/// Where a payment stands, as an inquiry is told (조회).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In a word.
    pub state: PaymentState,
    /// What was asked; `None` of an unknown original and of one that never came but was withdrawn.
    pub original: Option<Arc<crate::Request>>,
    /// The recorded answer of the original; `None` while it is in progress. It is told beside the state, which alone says what stands now.
    pub answer: Option<Box<TerminalAnswer>>,
}

/// States of a payment as an inquiry is told them (처리상태).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// 00: no such original.
    Unknown,
    /// 01: its outcome, or that of a cancel of it, is still to come.
    InProgress,
    /// 02: 승인.
    Approved,
    /// 03: 거절; no approval exists.
    Declined,
    /// 04: 부분취소.
    PartlyCancelled,
    /// 05: 취소.
    Cancelled,
    /// 06: 망취소 진행.
    NetCancelUnderWay,
    /// 07: 망취소 완료.
    NetCancelled,
    /// 08: a net-cancel or a cancel of it needs a person.
    NeedsPerson,
}

impl PaymentState {
    /// The two digits on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "00",
            Self::InProgress => "01",
            Self::Approved => "02",
            Self::Declined => "03",
            Self::PartlyCancelled => "04",
            Self::Cancelled => "05",
            Self::NetCancelUnderWay => "06",
            Self::NetCancelled => "07",
            Self::NeedsPerson => "08",
        }
    }
}

impl TerminalAnswer {
    /// The response code.
    pub fn code(&self) -> ResponseCode {
        match self {
            Self::Approved { .. } | Self::Cancelled { .. } | Self::Done | Self::Standing(_) => {
                ResponseCode::APPROVED
            }
            Self::Declined { decline, .. } => decline.code,
            Self::FormatError { .. } => ResponseCode::FORMAT_ERROR,
            Self::Refused(code) => *code,
        }
    }
}
