//! Requests, ways and terms as these tests use them, and their clock: milliseconds since one fixed instant.

use std::{collections::BTreeMap, sync::Arc};

use desk::{Duplicate, Way};
use jiff::{
    Timestamp,
    civil::{Date, DateTime, date, time},
};
use payment::{
    Acknowledgement, AcquirerName, Amounts, Bin, CancelAmounts, CancelRequest, CardFacts, CardNumber,
    ContentDigest, EntryMode, Failover, Fingerprint, MerchantNo, NetCancelRequest, PartialCancel, Question,
    Reason, Reference, Request, SealedCard, TelegramKey, TelegramKind, TerminalId, Terms, TraceNo, Won,
};
use store::DuplicateKey;

/// 2026-11-21 10:00 in Seoul.
const START_MS: i64 = 1_795_222_800_000;

/// The instant `ms` milliseconds after the start.
pub(crate) fn instant(ms: u64) -> Timestamp {
    Timestamp::from_millisecond(START_MS + i64::try_from(ms).unwrap()).unwrap()
}

/// Milliseconds from the start to this instant.
pub(crate) fn since_start(instant: Timestamp) -> u64 {
    u64::try_from(instant.as_millisecond() - START_MS).unwrap()
}

/// The business date of every telegram.
pub(crate) const TODAY: Date = date(2026, 11, 21);

pub(crate) fn key(terminal: u32, trace: u32) -> TelegramKey {
    key_of(TelegramKind::Approval, terminal, trace)
}

fn key_of(kind: TelegramKind, terminal: u32, trace: u32) -> TelegramKey {
    TelegramKey {
        terminal: TerminalId::new(&format!("{terminal:010}")).unwrap(),
        business_date: TODAY,
        trace_no: TraceNo::new(trace).unwrap(),
        kind,
    }
}

fn sent_at(content: u8) -> DateTime {
    TODAY.to_datetime(time(10, 0, i8::try_from(content % 60).unwrap(), 0))
}

fn digest(terminal: u32, trace: u32, content: u8) -> ContentDigest {
    let mut digest = [content; 16];
    digest[..4].copy_from_slice(&terminal.to_be_bytes());
    digest[4..8].copy_from_slice(&trace.to_be_bytes());
    ContentDigest(digest)
}

fn merchant() -> MerchantNo {
    MerchantNo::new("1208800001").unwrap()
}

const FINGERPRINT: Fingerprint = Fingerprint([7; 16]);

/// The amount of a request.
pub(crate) fn total(trace: u32, content: u8) -> u64 {
    10_000 + u64::from(trace) * 100 + u64::from(content)
}

/// One telegram of a terminal: equal `terminal`, `trace` and `content` mean the same bytes.
pub(crate) fn request(terminal: u32, trace: u32, content: u8, received_ms: u64) -> Arc<Request> {
    let total = Won::new(total(trace, content)).unwrap();
    Arc::new(Request {
        key: key(terminal, trace),
        sent_at: sent_at(content),
        digest: digest(terminal, trace, content),
        received_at: instant(received_ms),
        wall_ahead_ms: 0,
        merchant: merchant(),
        entry_mode: EntryMode::Chip,
        card: CardFacts::Number {
            bin: Bin::new("45797300").unwrap(),
            masked: CardNumber::new("4579730000001234").unwrap().masked(),
            fingerprint: FINGERPRINT,
        },
        installment: 0,
        currency: 410,
        amounts: Amounts::of_approval(total, None, None, None).unwrap(),
        merchant_data: Vec::new(),
    })
}

/// A 0400 of a terminal under a trace number of its own; its bytes follow from the arguments.
pub(crate) fn cancel(terminal: u32, trace: u32, original: u32, amount: u64, received_ms: u64) -> Question {
    let mut content = digest(terminal, trace, 200);
    content.0[8..12].copy_from_slice(&original.to_be_bytes());
    content.0[12..].copy_from_slice(&u32::try_from(amount).unwrap().to_be_bytes());
    Question::Cancel(Arc::new(CancelRequest {
        key: key_of(TelegramKind::Cancel, terminal, trace),
        sent_at: sent_at(0),
        digest: content,
        received_at: instant(received_ms),
        merchant: merchant(),
        original: key(terminal, original),
        approval_no: None,
        card: Some(FINGERPRINT),
        amounts: CancelAmounts {
            total: Won::new(amount).unwrap(),
            vat: None,
            service_charge: None,
            tax_free: None,
        },
        reason: Reason::Customer,
        merchant_data: Vec::new(),
    }))
}

fn reference(terminal: u32, original: u32, received_ms: u64) -> Reference {
    Reference {
        original: key(terminal, original),
        merchant: merchant(),
        trace_no: TraceNo::new(900_000 + original).unwrap(),
        sent_at: sent_at(0),
        received_at: instant(received_ms),
    }
}

/// A 0420 that names an original of this amount.
pub(crate) fn net_cancel(terminal: u32, original: u32, amount: u64, received_ms: u64) -> Question {
    Question::NetCancel(Arc::new(NetCancelRequest {
        reference: reference(terminal, original, received_ms),
        digest: digest(terminal, original, 201),
        total: Won::new(amount).unwrap(),
        approval_no: None,
        reason: Reason::NoAnswer,
    }))
}

/// A 0120 for the approval of this number, or of whichever.
pub(crate) fn acknowledgement(
    terminal: u32,
    original: u32,
    approval_no: Option<&str>,
    received_ms: u64,
) -> Question {
    Question::Acknowledgement(Arc::new(Acknowledgement {
        reference: reference(terminal, original, received_ms),
        approval_no: approval_no.map(str::to_owned),
    }))
}

/// A 0300.
pub(crate) fn inquiry(terminal: u32, original: u32, received_ms: u64) -> Question {
    Question::Inquiry(Arc::new(reference(terminal, original, received_ms)))
}

/// The duplicate window of a purchase that looks like all others of this number.
pub(crate) fn duplicate(purchase: u8, window_ms: u64) -> Duplicate {
    Duplicate { key: DuplicateKey([purchase; 16]), window_ms }
}

/// The sealed card of such a telegram.
pub(crate) fn card(terminal: u32, trace: u32) -> SealedCard {
    SealedCard::new(format!("sealed {terminal} {trace}").as_bytes())
}

pub(crate) fn acquirer(name: &str) -> AcquirerName {
    AcquirerName::new(name).unwrap()
}

pub(crate) fn way(name: &str, answer_timeout_ms: u64, settle_after_ms: u64) -> Way {
    Way {
        acquirer: acquirer(name),
        answer_timeout_ms,
        settle_after_ms,
        partial_cancel: PartialCancel::Repeatable,
        day_skew_ms: None,
        merchant: BTreeMap::new(),
    }
}

pub(crate) fn terms(failover: Failover) -> Terms {
    Terms {
        terminal_deadline_ms: 28_000,
        failover,
        net_cancel_first_delay_ms: 0,
        net_cancel_max_delay_ms: 20_000,
        net_cancel_alarm_after_ms: 60_000,
        net_cancel_give_up_after_ms: 400_000,
        undelivered_grace_ms: 30_000,
        acknowledged_within_ms: None,
    }
}
