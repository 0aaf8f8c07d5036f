//! What the terminal asks of the payment every test speaks of, in whichever of its telegrams.

use std::sync::Arc;

use payment::{
    Acknowledgement, CancelAmounts, CancelRequest, ContentDigest, InstanceNo, NetCancelRequest, Question,
    Reason, Reference, Serial, TelegramKey, TelegramKind, TraceNo, Won,
};

use crate::{
    fixture::{START, request, won},
    happening::approval_no,
};

/// The 0100 once more.
pub(crate) fn again() -> Question {
    Question::Approval(request())
}

/// A 0400 of this amount, its components blank, as the `trace_no`th telegram of the terminal.
pub(crate) fn cancel_of(trace_no: u32, amount: u64) -> CancelRequest {
    let original = request().key;
    CancelRequest {
        key: TelegramKey {
            trace_no: TraceNo::new(trace_no).unwrap(),
            kind: TelegramKind::Cancel,
            ..original
        },
        sent_at: request().sent_at,
        digest: ContentDigest([u8::try_from(trace_no % 256).unwrap(); 16]),
        received_at: START,
        merchant: request().merchant,
        original,
        approval_no: None,
        card: None,
        amounts: blank(amount),
        reason: Reason::Customer,
        merchant_data: Vec::new(),
    }
}

/// The same as a question.
pub(crate) fn cancel(trace_no: u32, amount: u64) -> Question {
    Question::Cancel(Arc::new(cancel_of(trace_no, amount)))
}

/// An amount to cancel whose components are blank.
pub(crate) fn blank(amount: u64) -> CancelAmounts {
    CancelAmounts { total: won(amount), vat: None, service_charge: None, tax_free: None }
}

/// The serial of the `nth` cancel of the payment.
pub(crate) fn cancel_serial(nth: usize) -> Serial {
    Serial::new(InstanceNo::new(1).unwrap(), 500 + 2 * nth as u64).unwrap()
}

/// The telegram by which the terminal speaks of its 0100.
pub(crate) fn reference() -> Reference {
    let request = request();
    Reference {
        original: request.key,
        merchant: request.merchant,
        trace_no: TraceNo::new(900).unwrap(),
        sent_at: request.sent_at,
        received_at: START,
    }
}

/// A 0420 of this amount that names no approval.
pub(crate) fn net_cancel_of(total: Won) -> NetCancelRequest {
    NetCancelRequest {
        reference: reference(),
        digest: ContentDigest([42; 16]),
        total,
        approval_no: None,
        reason: Reason::NoAnswer,
    }
}

/// A 0420 of the original's amount that names no approval.
pub(crate) fn gives_up() -> Question {
    Question::NetCancel(Arc::new(net_cancel_of(won(50_000))))
}

/// A 0120 that names this approval.
pub(crate) fn acknowledges(number: Option<&str>) -> Question {
    let approval_no = number.map(str::to_owned);
    Question::Acknowledgement(Arc::new(Acknowledgement { reference: reference(), approval_no }))
}

/// The 0120 of an approval by `attempt`.
pub(crate) fn has(attempt: u8) -> Question {
    acknowledges(Some(&approval_no(attempt)))
}

/// A 0300.
pub(crate) fn inquires() -> Question {
    Question::Inquiry(Arc::new(reference()))
}
