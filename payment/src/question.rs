//! What a terminal asks of one payment, in whichever of its telegrams.

use std::sync::Arc;

use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};

use crate::{ContentDigest, Fingerprint, MerchantNo, Request, TelegramKey, TraceNo, Won};

/// A telegram of a terminal that speaks of one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// 0100: an approval is asked for, perhaps not for the first time.
    Approval(Arc<Request>),
    /// 0400: cancel the original, wholly or in part.
    Cancel(Arc<CancelRequest>),
    /// 0420: the terminal has no final answer and withdraws the original.
    NetCancel(Arc<NetCancelRequest>),
    /// 0120, or the ACK of a handshake: the terminal has the approval in hand.
    Acknowledgement(Arc<Acknowledgement>),
    /// 0300: what became of the original.
    Inquiry(Arc<Reference>),
}

impl Question {
    /// The telegram type on the wire.
    pub fn telegram_type(&self) -> &'static str {
        match self {
            Self::Approval(_) => "0100",
            Self::Cancel(_) => "0400",
            Self::NetCancel(_) => "0420",
            Self::Acknowledgement(_) => "0120",
            Self::Inquiry(_) => "0300",
        }
    }

    /// The key of the 0100 it speaks of.
    pub fn original(&self) -> &TelegramKey {
        match self {
            Self::Approval(request) => &request.key,
            Self::Cancel(request) => &request.original,
            Self::NetCancel(request) => &request.reference.original,
            Self::Acknowledgement(request) => &request.reference.original,
            Self::Inquiry(reference) => &reference.original,
        }
    }

    /// 거래일련번호 of the telegram itself, by which its answer is matched.
    pub fn trace_no(&self) -> TraceNo {
        match self {
            Self::Approval(request) => request.key.trace_no,
            Self::Cancel(request) => request.key.trace_no,
            Self::NetCancel(request) => request.reference.trace_no,
            Self::Acknowledgement(request) => request.reference.trace_no,
            Self::Inquiry(reference) => reference.trace_no,
        }
    }

    /// 사업자등록번호 it names.
    pub fn merchant(&self) -> &MerchantNo {
        match self {
            Self::Approval(request) => &request.merchant,
            Self::Cancel(request) => &request.merchant,
            Self::NetCancel(request) => &request.reference.merchant,
            Self::Acknowledgement(request) => &request.reference.merchant,
            Self::Inquiry(reference) => &reference.merchant,
        }
    }

    /// When the switch had read it.
    pub fn received_at(&self) -> Timestamp {
        match self {
            Self::Approval(request) => request.received_at,
            Self::Cancel(request) => request.received_at,
            Self::NetCancel(request) => request.reference.received_at,
            Self::Acknowledgement(request) => request.reference.received_at,
            Self::Inquiry(reference) => reference.received_at,
        }
    }
}

/// A telegram without a key of its own that names an original by the original's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Key of the 0100 it speaks of; its terminal is the one that asks.
    pub original: TelegramKey,
    /// 사업자등록번호.
    pub merchant: MerchantNo,
    /// 거래일련번호 of the telegram itself.
    pub trace_no: TraceNo,
    /// The terminal's clock, KST.
    pub sent_at: DateTime,
    /// When the switch had read it.
    pub received_at: Timestamp,
}

/// A cancel (취소, 0400), full or partial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelRequest {
    /// What makes it the same telegram.
    pub key: TelegramKey,
    /// The terminal's clock, KST.
    pub sent_at: DateTime,
    /// Digest of the whole telegram.
    pub digest: ContentDigest,
    /// When the switch had read it.
    pub received_at: Timestamp,
    /// 사업자등록번호.
    pub merchant: MerchantNo,
    /// Key of the 0100 it cancels.
    pub original: TelegramKey,
    /// 원승인번호; `None` where the terminal leaves it blank.
    pub approval_no: Option<String>,
    /// Fingerprint of the card; `None` where the terminal sent no card number.
    pub card: Option<Fingerprint>,
    /// 취소금액 and its components as the terminal gave them.
    pub amounts: CancelAmounts,
    /// 취소사유.
    pub reason: Reason,
    /// 40 bytes of the merchant's own, given back unchanged to whoever sent them. They are not kept: without a card beside them nobody can
    /// tell whether they hold a card number.
    #[serde(skip)]
    pub merchant_data: Vec<u8>,
}

/// The amounts of a cancel as its telegram has them; a blank is `None`, which is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelAmounts {
    /// 취소금액; less than what is left is a partial cancel.
    pub total: Won,
    /// 부가세.
    pub vat: Option<Won>,
    /// 봉사료.
    pub service_charge: Option<Won>,
    /// 면세금액.
    pub tax_free: Option<Won>,
}

/// A net-cancel by the terminal (단말 망취소, 0420).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetCancelRequest {
    /// What it withdraws.
    pub reference: Reference,
    /// Digest of the whole telegram.
    pub digest: ContentDigest,
    /// 거래금액 of the original.
    pub total: Won,
    /// 원승인번호; `None` where the terminal leaves it blank.
    pub approval_no: Option<String>,
    /// 취소사유.
    pub reason: Reason,
}

/// The terminal has the approval in hand (단말 확인, 0120).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// What it acknowledges.
    pub reference: Reference,
    /// 승인번호; `None` where it is blank or the acknowledgement has no telegram.
    pub approval_no: Option<String>,
}

/// Why something is undone (취소사유).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// 01: no answer.
    NoAnswer,
    /// 02: the customer asked for it.
    Customer,
    /// 03: the chip refused.
    ChipRefused,
    /// 04: power failure.
    PowerFailure,
    /// 05: printing failed.
    PrintingFailed,
    /// 99: anything else.
    Other,
}

impl Reason {
    /// The reason of its two-digit code.
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "01" => Self::NoAnswer,
            "02" => Self::Customer,
            "03" => Self::ChipRefused,
            "04" => Self::PowerFailure,
            "05" => Self::PrintingFailed,
            "99" => Self::Other,
            _ => return None,
        })
    }
}
