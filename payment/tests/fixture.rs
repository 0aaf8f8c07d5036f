//! The payment every test speaks of: 50,000 won at terminal 1000000001, read by the switch at 12:00:00 KST on 2026-11-05.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::date};
use payment::{
    AcquirerName, Amounts, CardFacts, CardNumber, ContentDigest, EntryMode, Failover, Fingerprint,
    InstanceNo, MerchantNo, PartialCancel, PaymentId, Request, Route, SealedCard, Serial, Started,
    TelegramKey, TelegramKind, TerminalId, Terms, TraceNo, Won,
};

/// One second, in the milliseconds every instant of a test is given in.
pub(crate) const S: i64 = 1_000;
/// One minute.
pub(crate) const M: i64 = 60 * S;
/// One hour.
pub(crate) const H: i64 = 60 * M;

/// The instant the request was read: 0 of every test.
pub(crate) const START: Timestamp = Timestamp::constant(1_793_847_600, 0);

/// The instant `ms` milliseconds after the request was read.
pub(crate) fn at(ms: i64) -> Timestamp {
    START + SignedDuration::from_millis(ms)
}

/// What an instant is called: milliseconds since the request was read, as seconds.
pub(crate) fn seconds(instant: Timestamp) -> String {
    if instant == Timestamp::MAX {
        return "never".to_owned();
    }
    let ms = instant.duration_since(START).as_millis();
    let fraction = format!("{:03}", ms.unsigned_abs() % 1_000);
    let sign = if ms < 0 { "-" } else { "" };
    format!("{sign}{}.{fraction}", ms.unsigned_abs() / 1_000)
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
        + "s"
}

pub(crate) fn won(amount: u64) -> Won {
    Won::new(amount).unwrap()
}

/// The terms the sandbox lives by: 28 s for the terminal, another acquirer after the net-cancel, tries at most a minute apart.
pub(crate) fn terms() -> Terms {
    Terms {
        terminal_deadline_ms: 28_000,
        failover: Failover::AfterNetCancel,
        net_cancel_first_delay_ms: 0,
        net_cancel_max_delay_ms: 60_000,
        net_cancel_alarm_after_ms: 300_000,
        net_cancel_give_up_after_ms: 86_400_000,
        undelivered_grace_ms: 30_000,
        acknowledged_within_ms: None,
    }
}

pub(crate) fn card_number() -> CardNumber {
    CardNumber::new("4579730000000017").unwrap()
}

pub(crate) fn sealed_card() -> SealedCard {
    SealedCard::new(b"ciphertext")
}

pub(crate) fn request() -> Arc<Request> {
    let number = card_number();
    Arc::new(Request {
        key: TelegramKey {
            terminal: TerminalId::new("1000000001").unwrap(),
            business_date: date(2026, 11, 5),
            trace_no: TraceNo::new(1).unwrap(),
            kind: TelegramKind::Approval,
        },
        sent_at: date(2026, 11, 5).at(11, 59, 59, 0),
        digest: ContentDigest([7; 16]),
        received_at: START,
        wall_ahead_ms: 0,
        merchant: MerchantNo::new("1208800001").unwrap(),
        entry_mode: EntryMode::Chip,
        card: CardFacts::Number {
            bin: number.bin(),
            masked: number.masked(),
            fingerprint: Fingerprint([9; 16]),
        },
        installment: 0,
        currency: 410,
        amounts: Amounts::of_approval(won(50_000), None, None, None).unwrap(),
        merchant_data: b"register 3".to_vec(),
    })
}

/// The `nth` route of a payment: an acquirer that answers within `answer_timeout_ms`, settles within a minute and does not cancel
/// in part.
pub(crate) fn route(nth: u64, acquirer: &str, answer_timeout_ms: u64) -> Arc<Route> {
    Arc::new(Route {
        acquirer: AcquirerName::new(acquirer).unwrap(),
        serial: Serial::new(InstanceNo::new(1).unwrap(), 100 + 2 * nth).unwrap(),
        answer_timeout_ms,
        settle_after_ms: 60_000,
        partial_cancel: PartialCancel::No,
        day_skew_ms: None,
        merchant: BTreeMap::new(),
    })
}

/// The start of a payment that may go by `routes`, in that order.
pub(crate) fn started(routes: Vec<Arc<Route>>, terms: Terms) -> Started {
    let serial = Serial::new(InstanceNo::new(1).unwrap(), 100).unwrap();
    Started { id: PaymentId::new(date(2026, 11, 5), serial), request: request(), routes, terms }
}
