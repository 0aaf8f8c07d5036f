//! Requests, ways and terms as these tests use them, and their clock: milliseconds since one fixed instant.

use std::{collections::BTreeMap, sync::Arc};

use desk::Way;
use jiff::{
    Timestamp,
    civil::{date, time},
};
use payment::{
    AcquirerName, Amounts, Bin, CardFacts, CardNumber, ContentDigest, EntryMode, Failover, Fingerprint,
    MerchantNo, Request, SealedCard, TelegramKey, TelegramKind, TerminalId, Terms, TraceNo, Won,
};

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

pub(crate) fn key(terminal: u32, trace: u32) -> TelegramKey {
    TelegramKey {
        terminal: TerminalId::new(&format!("{terminal:010}")).unwrap(),
        business_date: date(2026, 11, 21),
        trace_no: TraceNo::new(trace).unwrap(),
        kind: TelegramKind::Approval,
    }
}

/// One telegram of a terminal: equal `terminal`, `trace` and `content` mean the same bytes.
pub(crate) fn request(terminal: u32, trace: u32, content: u8, received_ms: u64) -> Arc<Request> {
    let mut digest = [content; 16];
    digest[..4].copy_from_slice(&terminal.to_be_bytes());
    digest[4..8].copy_from_slice(&trace.to_be_bytes());
    let total = Won::new(10_000 + u64::from(trace) * 100 + u64::from(content)).unwrap();
    Arc::new(Request {
        key: key(terminal, trace),
        sent_at: date(2026, 11, 21).to_datetime(time(10, 0, i8::try_from(content % 60).unwrap(), 0)),
        digest: ContentDigest(digest),
        received_at: instant(received_ms),
        merchant: MerchantNo::new("1208800001").unwrap(),
        entry_mode: EntryMode::Chip,
        card: CardFacts::Number {
            bin: Bin::new("45797300").unwrap(),
            masked: CardNumber::new("4579730000001234").unwrap().masked(),
            fingerprint: Fingerprint([7; 16]),
        },
        installment: 0,
        currency: 410,
        amounts: Amounts::of_approval(total, None, None, None).unwrap(),
        merchant_data: Vec::new(),
    })
}

/// The sealed card of such a telegram.
pub(crate) fn card(terminal: u32, trace: u32) -> SealedCard {
    SealedCard::new(format!("sealed {terminal} {trace}").as_bytes())
}

pub(crate) fn acquirer(name: &str) -> AcquirerName {
    AcquirerName::new(name).unwrap()
}

pub(crate) fn way(name: &str, answer_timeout_ms: u64, settle_after_ms: u64) -> Way {
    Way { acquirer: acquirer(name), answer_timeout_ms, settle_after_ms, merchant: BTreeMap::new() }
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
    }
}
