//! Payments to save, and the short way to save them.

use std::sync::Arc;

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, date},
};
use payment::{
    AcquirerName, Amounts, Answer, Approval, Buried, CancelAmounts, CancelAnswer, CancelRequest,
    CancelVerdict, CardFacts, CardNumber, ContentDigest, Decline, Effect, EntryMode, Event, Failover,
    Fingerprint, HostCodes, InstanceNo, MerchantNo, NetCancelAnswer, NetCancelRequest, NetCancelVerdict,
    NotSent, PartialCancel, PaymentId, Reason, Reference, Request, ResponseCode, Route, SealedCard, Serial,
    Started, TelegramKey, TelegramKind, TerminalId, Terms, TraceNo, Unanswered, Verdict, Won,
};
use store::{Batch, Claim, DuplicateKey, Engine, Note, Saved, Stored, Unsaved, save};

/// The clear number of every card here; no engine ever sees it.
pub(crate) const CARD_NUMBER: &str = "9450001234567890";

pub(crate) fn instance() -> InstanceNo {
    InstanceNo::new(3).expect("below 92")
}

/// So many seconds after the beginning of the tests' time, and a bit that microseconds cannot tell.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let begin: Timestamp = "2026-11-20T03:00:00.000000700Z".parse().expect("an instant");
    begin + SignedDuration::from_secs(seconds)
}

pub(crate) fn terminal() -> TerminalId {
    TerminalId::new("1000000001").expect("ten digits")
}

pub(crate) fn merchant() -> MerchantNo {
    MerchantNo::new("1208800001").expect("ten digits")
}

/// The business date of all payments here.
pub(crate) fn today() -> Date {
    sent_at().date()
}

pub(crate) fn tomorrow() -> Date {
    date(2026, 11, 21)
}

pub(crate) fn key(trace_no: u32) -> TelegramKey {
    TelegramKey {
        terminal: terminal(),
        business_date: today(),
        trace_no: TraceNo::new(trace_no).expect("six digits"),
        kind: TelegramKind::Approval,
    }
}

/// Key of a 0400.
pub(crate) fn cancel_key(business_date: Date, trace_no: u32) -> TelegramKey {
    TelegramKey { business_date, kind: TelegramKind::Cancel, ..key(trace_no) }
}

fn sent_at() -> DateTime {
    "2026-11-20T12:00:00".parse().expect("a date and a time")
}

/// First serial of payment `number`; it has four.
pub(crate) fn serial(number: u32) -> Serial {
    Serial::new(instance(), u64::from(number) * 4).expect("ten digits")
}

pub(crate) fn id(number: u32) -> PaymentId {
    PaymentId::new(today(), serial(number))
}

pub(crate) fn sealed() -> SealedCard {
    SealedCard::new(b"\x01sealed, as far as a store can tell\xff")
}

pub(crate) fn claim(trace_no: u32, until: i64) -> Claim {
    Claim::Telegram { key: key(trace_no), until: at(until) }
}

/// The duplicate window of purchase `number`.
pub(crate) fn window(number: u8, until: i64) -> Claim {
    Claim::Duplicate { key: DuplicateKey([number; 16]), until: at(until) }
}

fn route(name: &str, serial: Serial) -> Arc<Route> {
    Arc::new(Route {
        acquirer: AcquirerName::new(name).expect("a name"),
        serial,
        answer_timeout_ms: 10_000,
        settle_after_ms: 60_000,
        partial_cancel: PartialCancel::Repeatable,
        day_skew_ms: None,
        merchant: [("cat_id".to_owned(), "7001234567".to_owned())].into(),
    })
}

pub(crate) fn started(number: u32, now: Timestamp) -> Started {
    let card = CardNumber::new(CARD_NUMBER).expect("sixteen digits");
    let next = Serial::new(instance(), u64::from(number) * 4 + 2).expect("ten digits");
    Started {
        id: id(number),
        request: Arc::new(Request {
            key: key(number),
            sent_at: sent_at(),
            digest: ContentDigest([7; 16]),
            received_at: now,
            wall_ahead_ms: 0,
            merchant: merchant(),
            entry_mode: EntryMode::Chip,
            card: CardFacts::Number {
                bin: card.bin(),
                masked: card.masked(),
                fingerprint: Fingerprint([9; 16]),
            },
            installment: 0,
            currency: 410,
            amounts: Amounts::of_approval(won(TOTAL), None, None, None).expect("components fit"),
            merchant_data: vec![b' '; 40],
        }),
        routes: vec![route("kovan", serial(number)), route("kspay", next)],
        terms: terms(),
    }
}

fn terms() -> Terms {
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

/// Won of every approval here.
pub(crate) const TOTAL: u64 = 11_000;

fn won(amount: u64) -> Won {
    Won::new(amount).expect("few digits")
}

/// Payment `number`, claiming the key of that trace number for a day.
pub(crate) fn start(number: u32) -> Unsaved {
    start_with(number, vec![claim(number, 86_400)], at(0))
}

/// The same on a listener that asks for acknowledgements.
pub(crate) fn acknowledged_start(number: u32) -> Unsaved {
    let terms = Terms { acknowledged_within_ms: Some(10_000), ..terms() };
    let started = Started { terms, ..started(number, at(0)) };
    Unsaved::start(started, Some(sealed()), vec![claim(number, 86_400)], at(0))
}

pub(crate) fn start_with(number: u32, claims: Vec<Claim>, now: Timestamp) -> Unsaved {
    Unsaved::start(started(number, now), Some(sealed()), claims, now)
}

/// The tombstone of the request with that trace number, as payment `number`.
pub(crate) fn bury(number: u32, trace_no: u32, now: i64) -> Unsaved {
    let buried = Buried { id: id(number), withdrawn: withdrawal(trace_no, now), terms: terms() };
    Unsaved::bury(buried, vec![claim(trace_no, now + 60)], at(now))
}

fn withdrawal(trace_no: u32, now: i64) -> Arc<NetCancelRequest> {
    Arc::new(NetCancelRequest {
        reference: Reference {
            original: key(trace_no),
            merchant: merchant(),
            trace_no: TraceNo::new(900_000 + trace_no).expect("six digits"),
            sent_at: sent_at(),
            received_at: at(now),
        },
        digest: ContentDigest([8; 16]),
        total: won(TOTAL),
        approval_no: None,
        reason: Reason::NoAnswer,
    })
}

/// The terminal withdraws the payment with that trace number.
pub(crate) fn withdrawn(trace_no: u32, now: i64) -> Event {
    Event::NetCancelAsked { request: withdrawal(trace_no, now) }
}

/// First serial of the cancels; those of the payments stay below.
const FIRST_CANCEL: u64 = 1_000_000;

pub(crate) fn cancel_serial(number: u32) -> Serial {
    Serial::new(instance(), FIRST_CANCEL + u64::from(number)).expect("ten digits")
}

/// A cancel of the payment with trace number `original`, so much of it, under the key and the cancel serial of that number.
pub(crate) fn cancel_asked(original: u32, key: TelegramKey, amount: u64) -> Event {
    let request = CancelRequest {
        key,
        sent_at: key.business_date.at(12, 0, 0, 0),
        digest: ContentDigest([6; 16]),
        received_at: at(10),
        merchant: merchant(),
        original: self::key(original),
        approval_no: None,
        card: None,
        amounts: CancelAmounts { total: won(amount), vat: None, service_charge: None, tax_free: None },
        reason: Reason::Customer,
        merchant_data: Vec::new(),
    };
    Event::CancelAsked { request: Arc::new(request), serial: cancel_serial(key.trace_no.get()) }
}

pub(crate) fn cancel_accepted(cancel: u8) -> Event {
    cancel_answered(cancel, CancelVerdict::Accepted(Arc::new(Approval::default())))
}

pub(crate) fn cancel_not_processed(cancel: u8) -> Event {
    cancel_answered(cancel, CancelVerdict::NotProcessed)
}

pub(crate) fn cancel_in_doubt(cancel: u8) -> Event {
    cancel_answered(cancel, CancelVerdict::InDoubt)
}

fn cancel_answered(cancel: u8, verdict: CancelVerdict) -> Event {
    Event::CancelAnswered {
        cancel,
        answer: CancelAnswer { amount: None, codes: HostCodes::default(), verdict },
    }
}

pub(crate) fn approved() -> Event {
    let approval = Approval { approval_no: "30001234".to_owned(), ..Approval::default() };
    answered(Verdict::Approved(Arc::new(approval)))
}

/// The same answer once more.
pub(crate) fn late_approval() -> Event {
    match approved() {
        Event::Answered { attempt, answer } => Event::Late { attempt, answer },
        event => event,
    }
}

pub(crate) fn declined() -> Event {
    let code = ResponseCode::NO_ROUTE;
    let (message1, message2) = ("잔액부족".to_owned(), String::new());
    answered(Verdict::Declined(Arc::new(Decline { code, host_code: "51".to_owned(), message1, message2 })))
}

fn answered(verdict: Verdict) -> Event {
    let codes = HostCodes { issuer: Some("00".to_owned()), van: None };
    Event::Answered { attempt: 0, answer: Answer { amount: None, codes, verdict } }
}

pub(crate) fn unanswered() -> Event {
    Event::Unanswered { attempt: 0, why: Unanswered::TimedOut, last_byte_by: at(1) }
}

pub(crate) fn net_cancel_not_sent() -> Event {
    Event::NetCancelNotSent { attempt: 0, why: NotSent::NotConnected }
}

pub(crate) fn net_cancel_accepted() -> Event {
    let answer = NetCancelAnswer { codes: HostCodes::default(), verdict: NetCancelVerdict::Accepted };
    Event::NetCancelAnswered { attempt: 0, answer }
}

pub(crate) fn step(stored: Stored, event: Event, now: i64) -> Unsaved {
    stored.step(event, at(now)).expect("its attempt was made")
}

pub(crate) fn note(number: u32) -> Note {
    Note::Refused {
        at: at(0),
        code: ResponseCode::FORMAT_ERROR,
        telegram_type: "0100".to_owned(),
        terminal_id: "1000000001".to_owned(),
        trace_no: format!("{number:06}"),
        why: "total_amount: expected digits".to_owned(),
    }
}

pub(crate) fn batch(saves: Vec<Unsaved>) -> Batch {
    Batch { saves, notes: Vec::new() }
}

pub(crate) fn save_all(engine: &mut impl Engine, saves: Vec<Unsaved>) -> Vec<Saved> {
    save(engine, batch(saves)).expect("the engine works")
}

pub(crate) fn save_one(engine: &mut impl Engine, unsaved: Unsaved) -> Saved {
    let mut saved = save_all(engine, vec![unsaved]);
    assert_eq!(saved.len(), 1);
    saved.remove(0)
}

/// Saves what must be written.
pub(crate) fn saved(engine: &mut impl Engine, unsaved: Unsaved) -> Stored {
    done(save_one(engine, unsaved)).0
}

pub(crate) fn done(saved: Saved) -> (Stored, Vec<Effect>) {
    match saved {
        Saved::Done(stored, effects) => (stored, effects),
        Saved::LostRace(_) | Saved::Claimed { .. } => panic!("expected a save, found {saved:?}"),
    }
}

/// The outcome in a word.
pub(crate) fn word(saved: &Saved) -> String {
    match saved {
        Saved::Done(stored, _) => format!("{} is at version {}", stored.id(), stored.version()),
        Saved::LostRace(id) => format!("{id} lost the race"),
        Saved::Claimed { unsaved, claim, holder } => match claim {
            Claim::Telegram { key, .. } => format!("{} is refused {key} by {holder}", unsaved.id()),
            Claim::Duplicate { key: DuplicateKey(key), .. } => {
                format!("{} is refused window {} by {holder}", unsaved.id(), key[0])
            }
        },
    }
}

/// What a save is refused, sealed as it came back.
pub(crate) fn refused(saved: Saved) -> Unsaved {
    match saved {
        Saved::Claimed { unsaved, .. } => unsaved,
        Saved::Done(..) | Saved::LostRace(_) => panic!("expected a refusal, found {saved:?}"),
    }
}
