//! What became of each telegram, read from the store after the day.

use std::collections::BTreeSet;

use payment::{
    Attempt, AttemptState, Cancel, CancelState, Closed, DebtState, NotSent, Payment, PaymentState, Phase,
    ResponseCode, StuckWhy, TelegramKey, TelegramKind, TerminalId, TraceNo,
};
use store::{Lookup, Reader, Stored, look_up};
use telegram_replay::terminal::Exchange;

use super::{SandboxError, day::Played};

/// One telegram of the day.
pub(super) struct Told<'a> {
    /// The sample it is of.
    pub(super) sample: &'static str,
    pub(super) exchange: &'a Exchange,
    pub(super) outcome: Outcome,
}

/// What became of one telegram; nothing of a repeat, which changes nothing.
#[derive(Default)]
pub(super) struct Outcome {
    /// Which acquirers it went by.
    pub(super) way: Option<String>,
    /// What it came to in the end.
    pub(super) became: Option<Became>,
    /// What it adds to the till, in won.
    pub(super) won: i64,
    /// What of the till it may have taken, in won: a cancel that only a person can settle.
    pub(super) doubtful_won: i64,
    /// It is the first that speaks of its payment, and a net-cancel of that is done.
    pub(super) is_net_cancelled: bool,
    /// It is the first that speaks of its payment, and a person has to settle something of that.
    pub(super) needs_person: bool,
}

/// What a telegram came to.
pub(super) enum Became {
    /// In words.
    Words(String),
    /// A part of an approval is cancelled: so much of so much, in won.
    PartlyCancelled { amount: i64, total: i64 },
}

/// The outcome of every telegram, in the order they were sent.
pub(super) fn outcomes<'a>(
    reader: &mut impl Reader,
    played: &'a [Played],
) -> Result<Vec<Told<'a>>, SandboxError> {
    let mut seen = BTreeSet::new();
    let exchanges = played
        .iter()
        .flat_map(|Played { title, report }| report.exchanges.iter().map(move |exchange| (*title, exchange)));
    exchanges
        .map(|(sample, exchange)| {
            let stored = stored(reader, exchange)?;
            let mut outcome = outcome(exchange, stored.as_ref().map(Stored::payment));
            if let Some(stored) = stored.filter(|stored| seen.insert(stored.id())) {
                outcome.is_net_cancelled = stored.payment().attempts().iter().any(is_undone);
                outcome.needs_person = stored.payment().standing().state == PaymentState::NeedsPerson;
            }
            Ok(Told { sample, exchange, outcome })
        })
        .collect()
}

/// The payment a telegram leads to or speaks of.
fn stored(reader: &mut impl Reader, exchange: &Exchange) -> Result<Option<Stored>, SandboxError> {
    let original = match exchange.sent.value("telegram_type") {
        "0100" => key(exchange, TelegramKind::Approval),
        "0120" | "0300" | "0400" | "0420" => {
            key_of(exchange, ("original_date", "original_trace_no"), TelegramKind::Approval)
        }
        _ => None,
    };
    match original {
        Some(key) => Ok(look_up(reader, Lookup::Key(key))?),
        None => Ok(None),
    }
}

/// The telegram's own key.
fn key(exchange: &Exchange, kind: TelegramKind) -> Option<TelegramKey> {
    key_of(exchange, ("sent_at", "trace_no"), kind)
}

fn key_of(exchange: &Exchange, (date, trace_no): (&str, &str), kind: TelegramKind) -> Option<TelegramKey> {
    let sent = |name: &str| exchange.sent.value(name);
    Some(TelegramKey {
        terminal: TerminalId::new(sent("terminal_id")).ok()?,
        business_date: sent(date).get(..8)?.parse().ok()?,
        trace_no: TraceNo::new(sent(trace_no).parse().ok()?).ok()?,
        kind,
    })
}

fn outcome(exchange: &Exchange, payment: Option<&Payment>) -> Outcome {
    let told = |name: &str| exchange.answer.as_ref().map_or("", |answer| answer.value(name));
    let code = told("response_code");
    let is_done = code == ResponseCode::APPROVED.as_str();
    // What stands under a key that was used with other content is not this telegram's.
    let is_own = code != ResponseCode::OTHER_CONTENT.as_str();
    if exchange.repeat {
        return Outcome::default();
    }
    match (exchange.sent.value("telegram_type"), payment) {
        ("0100", Some(payment)) if is_own => of_approval(payment),
        ("0400", Some(payment)) if is_own => {
            let own = key(exchange, TelegramKind::Cancel);
            let cancels = payment.cancels();
            let cancel = cancels.iter().find(|cancel| Some(cancel.request().key) == own);
            cancel.map_or_else(Outcome::default, |cancel| of_cancel(payment, cancel))
        }
        ("0420", Some(payment)) if is_done => {
            let nothing = if payment.is_tombstone() { "before its approval came" } else { "nothing to undo" };
            told_as(debts(payment).unwrap_or_else(|| nothing.to_owned()))
        }
        ("0120", _) if is_done => told_as("acknowledged"),
        ("0300", _) if is_done => told_as(state(told("state"))),
        ("0500", _) => told_as(if told("difference") == "0" { "totals agree" } else { "totals differ" }),
        _ => Outcome::default(),
    }
}

fn told_as(words: impl Into<String>) -> Outcome {
    Outcome { became: Some(Became::Words(words.into())), ..Outcome::default() }
}

fn of_approval(payment: &Payment) -> Outcome {
    let ways: Vec<_> = payment.attempts().iter().map(way).collect();
    let stands = matches!(payment.phase(), Phase::Approved { .. }) && !payment.is_withdrawn();
    Outcome {
        way: (!ways.is_empty()).then(|| ways.join(" → ")),
        // What the terminal withdrew, it says itself.
        became: payment.withdrawn().is_none().then(|| debts(payment)).flatten().map(Became::Words),
        won: if stands { signed(payment.request().amounts.total().get()) } else { 0 },
        ..Outcome::default()
    }
}

fn of_cancel(payment: &Payment, cancel: &Cancel) -> Outcome {
    let amount = signed(cancel.amounts().total().get());
    let total = signed(payment.request().amounts.total().get());
    match cancel.state() {
        CancelState::InFlight | CancelState::Unconfirmed(_) => told_as("being confirmed"),
        CancelState::Done { .. } if amount == total => Outcome { won: -amount, ..told_as("cancelled") },
        CancelState::Done { .. } => {
            let became = Some(Became::PartlyCancelled { amount, total });
            Outcome { became, won: -amount, ..Outcome::default() }
        }
        CancelState::Declined { .. } => told_as("declined"),
        CancelState::Refused { .. } => Outcome::default(),
        CancelState::Stuck { .. } => Outcome { doubtful_won: amount, ..told_as("needs a person") },
    }
}

fn signed(won: u64) -> i64 {
    i64::try_from(won).expect("amounts have twelve digits")
}

fn way(attempt: &Attempt) -> String {
    let what = match attempt.state() {
        AttemptState::InFlight => " in flight",
        AttemptState::NotSent(why) => match why {
            NotSent::NotConnected | NotSent::ConnectionLost | NotSent::Unavailable => " down",
            NotSent::Full => " full",
            NotSent::TooLate => " too late",
            NotSent::CannotExpress => " cannot carry it",
            NotSent::Withdrawn => " not asked",
        },
        AttemptState::NotProcessed(_) => " not processed",
        AttemptState::Approved => "",
        AttemptState::Declined => " declined",
        AttemptState::Unanswered(_) => " silent",
    };
    format!("{}{what}", attempt.route().acquirer)
}

/// What its net-cancels came to, where there are any.
fn debts(payment: &Payment) -> Option<String> {
    let debts: Vec<_> = payment.attempts().iter().filter_map(debt).collect();
    (!debts.is_empty()).then(|| debts.join(", "))
}

fn debt(attempt: &Attempt) -> Option<String> {
    let debt = attempt.debt()?;
    let stands = match debt.state() {
        DebtState::Due { .. } | DebtState::Trying { .. } => "net-cancel owed",
        DebtState::Done { how: Closed::Accepted, .. } => "net-cancelled",
        DebtState::Done { how: Closed::AlreadyCancelled, .. } => "was cancelled already",
        DebtState::Done { how: Closed::NoSuchOriginal, .. } => "never approved",
        DebtState::Done { how: Closed::Declined, .. } => "declined late",
        DebtState::Done { how: Closed::ByPerson(_), .. } => "settled by a person",
        DebtState::Stuck { why: StuckWhy::AlreadyAcquired, .. } => "stuck: already acquired",
        DebtState::Stuck { why: StuckWhy::AmountDiffers, .. } => "stuck: amount differs",
        DebtState::Stuck { why: StuckWhy::GivenUp, .. } => "stuck: given up",
        DebtState::Stuck { why: StuckWhy::Contradicted, .. } => "stuck: contradicted",
    };
    let tries = debt.tries();
    Some(if tries > 1 { format!("{stands} at try {tries}") } else { stands.to_owned() })
}

fn is_undone(attempt: &Attempt) -> bool {
    attempt.debt().is_some_and(|debt| matches!(debt.state(), DebtState::Done { .. }))
}

fn state(code: &str) -> String {
    let words = match code {
        "00" => "unknown",
        "01" => "in progress",
        "02" => "approved",
        "03" => "declined",
        "04" => "partly cancelled",
        "05" => "cancelled",
        "06" => "net-cancel under way",
        "07" => "net-cancelled",
        "08" => "needs a person",
        _ => "",
    };
    format!("state {code} ({words})")
}
