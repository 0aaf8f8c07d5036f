//! The payment that the golden telegrams are about.

use std::{collections::BTreeMap, sync::Arc};

use dialects::Dialect;
use jiff::{
    Timestamp,
    civil::{DateTime, date},
};
use payment::{
    AcquirerName, Amounts, Approval, CancelAmounts, CancelOrder, CancelRequest, CardFacts, CardNumber,
    ClearCard, ContentDigest, EntryMode, Expiry, Fingerprint, InstanceNo, MerchantNo, NetCancelOrder,
    PartialCancel, Reason, Request, RequestOrder, Route, Serial, TelegramKey, TelegramKind, TerminalId,
    TraceNo, Won,
};

pub(crate) const CARD: &str = "9410123412341237";

/// The dialect of that name with its sandbox defaults.
pub(crate) fn dialect(name: &str) -> Dialect {
    Dialect::new(name, &BTreeMap::new()).unwrap()
}

/// One second after the terminal sent it.
pub(crate) fn now() -> DateTime {
    date(2026, 11, 5).at(13, 20, 31, 0)
}

pub(crate) fn card() -> ClearCard {
    card_of(CARD)
}

pub(crate) fn card_of(number: &str) -> ClearCard {
    ClearCard { number: CardNumber::new(number).unwrap(), expiry: Expiry::new("2912").unwrap() }
}

/// 50,000 won in three months, by chip.
pub(crate) fn request() -> Request {
    let number = card().number;
    Request {
        key: TelegramKey {
            terminal: TerminalId::new("1000000001").unwrap(),
            business_date: date(2026, 11, 5),
            trace_no: TraceNo::new(123).unwrap(),
            kind: TelegramKind::Approval,
        },
        sent_at: date(2026, 11, 5).at(13, 20, 30, 0),
        digest: ContentDigest([7; 16]),
        received_at: "2026-11-05T04:20:30.7Z".parse().unwrap(),
        wall_ahead_ms: 0,
        merchant: MerchantNo::new("1208800001").unwrap(),
        entry_mode: EntryMode::Chip,
        card: CardFacts::Number {
            bin: number.bin(),
            masked: number.masked(),
            fingerprint: Fingerprint([3; 16]),
        },
        installment: 3,
        currency: 410,
        amounts: amounts(50_000),
        merchant_data: b"ORDER-0001".to_vec(),
    }
}

/// A total with its vat reckoned.
pub(crate) fn amounts(total: u64) -> Amounts {
    Amounts::of_approval(Won::new(total).unwrap(), None, None, None).unwrap()
}

pub(crate) fn serial(count: u64) -> Serial {
    Serial::new(InstanceNo::new(3).unwrap(), count).unwrap()
}

pub(crate) fn route() -> Route {
    let row = [
        ("cat_id", "7001234567"),
        ("merchant_no", "1"),
        ("store_id", "2999199999"),
        ("terminal_id", "7005550001"),
    ];
    Route {
        acquirer: AcquirerName::new("kovan").unwrap(),
        serial: serial(42),
        answer_timeout_ms: 10_000,
        settle_after_ms: 60_000,
        partial_cancel: PartialCancel::Once,
        day_skew_ms: None,
        merchant: row.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
    }
}

pub(crate) fn request_order(request: Request, route: Route) -> RequestOrder {
    RequestOrder {
        attempt: 0,
        route: Arc::new(route),
        request: Arc::new(request),
        card: None,
        deadline: Timestamp::MAX,
    }
}

pub(crate) fn net_cancel_order(request: Request, route: Route, approval_no: Option<&str>) -> NetCancelOrder {
    NetCancelOrder {
        attempt: 0,
        route: Arc::new(route),
        request: Arc::new(request),
        card: None,
        approval_no: approval_no.map(str::to_owned),
        approved_at: None,
        deadline: Timestamp::MAX,
    }
}

/// The morning after the payment.
pub(crate) fn next_day() -> DateTime {
    date(2026, 11, 6).at(9, 0, 0, 0)
}

/// A cancel of so much of a payment that was approved under this number, a day later.
pub(crate) fn cancel_order(
    request: Request,
    route: Route,
    approval_no: &str,
    amounts: Amounts,
) -> CancelOrder {
    let asked = CancelRequest {
        key: TelegramKey {
            business_date: next_day().date(),
            trace_no: TraceNo::new(124).unwrap(),
            kind: TelegramKind::Cancel,
            ..request.key
        },
        sent_at: next_day(),
        digest: ContentDigest([8; 16]),
        received_at: Timestamp::from_second(1_794_070_000).unwrap(),
        merchant: request.merchant,
        original: request.key,
        approval_no: None,
        card: None,
        amounts: CancelAmounts { total: amounts.total(), vat: None, service_charge: None, tax_free: None },
        reason: Reason::Customer,
        merchant_data: Vec::new(),
    };
    CancelOrder {
        cancel: 0,
        serial: serial(77),
        route: Arc::new(route),
        request: Arc::new(request),
        approval: Arc::new(Approval {
            approval_no: approval_no.to_owned(),
            van_trace: approval_no.to_owned(),
            ..Approval::default()
        }),
        asked: Arc::new(asked),
        amounts,
        card: None,
        deadline: Timestamp::MAX,
    }
}
