//! From a terminal's bytes to what it asks.

use codec::{Code, Digits, Secret, Telegram, Text};
use jiff::civil::{Date, DateTime};
use payment::{
    AmountError, Amounts, Bin, CancelAmounts, CardNumber, ClearCard, EntryMode, Expiry, Reason, Sum,
    TelegramKey, TelegramKind, Totals, TraceNo, Won,
};

use super::{
    asked::{
        Asked, AskedAcknowledgement, AskedCancel, AskedCard, AskedNetCancel, AskedReference, AskedTotals,
        FromTerminal, NetworkFunction,
    },
    envelope::{Envelope, Unreadable},
    layout::question::{
        Acknowledgement0120, Approval0100, Cancel0400, Inquiry0300, NetCancel0420, Network0800, Totals0500,
    },
    refusal::{Refusal, Sender, decode, trace_no},
};

/// ISO 4217 number of the won, the only currency there is.
const WON: &str = "410";

/// Why a telegram is not understood.
#[derive(Clone, Debug)]
pub enum NotUnderstood {
    /// It gets an answer.
    Refused(Box<Refusal>),
    /// Its socket is closed.
    Unreadable(Unreadable),
}

impl From<Unreadable> for NotUnderstood {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

/// Reads a telegram of a terminal.
///
/// # Errors
/// [`NotUnderstood`].
pub fn read(telegram: &[u8]) -> Result<FromTerminal, NotUnderstood> {
    let envelope = Envelope::read(telegram)?;
    let asked = match envelope.telegram_type.as_str() {
        "0100" => approval(telegram, envelope),
        "0120" => acknowledgement(telegram, envelope),
        "0300" => inquiry(telegram, envelope),
        "0400" => cancel(telegram, envelope),
        "0420" => net_cancel(telegram, envelope),
        "0500" => totals(telegram, envelope),
        "0800" => network(telegram, envelope),
        _ => Err(Refusal::unsupported(envelope)),
    };
    asked.map_err(NotUnderstood::Refused)
}

/// The parts of a telegram that its content digest covers: everything but the PIN block of an 0100, which leaves no trace.
pub fn digest_parts(telegram: &[u8]) -> [&[u8]; 2] {
    if !telegram.starts_with(b"0100") {
        return [telegram, &[]];
    }
    let pin = Approval0100::LAYOUT.field("pin_block").expect("the layout has a PIN block");
    let (before, rest) = telegram.split_at(pin.at.min(telegram.len()));
    [before, &rest[pin.len.min(rest.len())..]]
}

fn approval(telegram: &[u8], envelope: Envelope) -> Result<FromTerminal, Box<Refusal>> {
    let (asked, sender) = decode(telegram, &envelope, |asked: &Approval0100| &asked.header)?;
    let wrong = |field: &str, rule: &str| Refusal::wrong_field::<Approval0100>(&envelope, field, rule);
    let entry_mode = EntryMode::from_code(asked.entry_mode.as_str());
    let entry_mode = entry_mode.ok_or_else(|| wrong("entry_mode", "expected I, S, K, F, N or Q"))?;
    if asked.currency.as_str() != WON {
        return Err(wrong("currency", "expected 410"));
    }
    let card = card(&asked).map_err(|(field, rule)| wrong(field, rule))?;
    let sent_at = asked.header.sent_at;
    Ok(FromTerminal::Approval(Box::new(Asked {
        key: key(&sender, sent_at.date(), sender.trace_no, TelegramKind::Approval),
        sent_at,
        merchant: sender.merchant,
        entry_mode,
        card,
        installment: asked.installment,
        currency: 410,
        amounts: amounts(&asked).map_err(|error| {
            let field = match error {
                AmountError::Zero | AmountError::TooLarge | AmountError::ExceedsRest => "total_amount",
                AmountError::ComponentsExceedTotal | AmountError::ComponentsExceedRest => "vat",
            };
            wrong(field, &error.to_string())
        })?,
        merchant_data: asked.merchant_data.trimmed().to_vec(),
        envelope,
    })))
}

fn key(sender: &Sender, business_date: Date, trace_no: TraceNo, kind: TelegramKind) -> TelegramKey {
    TelegramKey { terminal: sender.terminal, business_date, trace_no, kind }
}

fn card(asked: &Approval0100) -> Result<AskedCard, (&'static str, &'static str)> {
    if let Some(card) = clear_card(&asked.card_track)? {
        return Ok(AskedCard::Clear(card));
    }
    let blocks = [&asked.card_block_van, &asked.card_block_issuer];
    if blocks.iter().all(|block| block.expose().is_blank()) {
        return Err(("card_track", "expected a card number or a card block"));
    }
    let bin = asked.card_bin.as_ref().and_then(|bin| Bin::new(bin.as_str()).ok());
    bin.map(|bin| AskedCard::Opaque { bin }).ok_or(("card_bin", "expected 6 to 8 digits beside a card block"))
}

/// The card of a track, or none of a blank one.
fn clear_card(track: &Secret<Text<37>>) -> Result<Option<ClearCard>, (&'static str, &'static str)> {
    let track = track.expose();
    if track.is_empty() {
        return Ok(None);
    }
    let rule = "expected a card number of 13 to 19 digits, = and the expiry YYMM";
    let (number, rest) = track.as_str().split_once('=').ok_or(("card_track", rule))?;
    let expiry = rest
        .get(..4)
        .filter(|_| rest.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or(("card_track", rule))?;
    let number = CardNumber::new(number).map_err(|_| ("card_track", rule))?;
    let expiry = Expiry::new(expiry).map_err(|_| ("card_track", rule))?;
    Ok(Some(ClearCard { number, expiry }))
}

fn amounts(asked: &Approval0100) -> Result<Amounts, AmountError> {
    Amounts::of_approval(
        Won::new(asked.total_amount)?,
        won(asked.vat)?,
        won(asked.service_charge)?,
        won(asked.tax_free)?,
    )
}

fn won(amount: Option<u64>) -> Result<Option<Won>, AmountError> {
    amount.map(Won::new).transpose()
}

fn cancel(telegram: &[u8], envelope: Envelope) -> Result<FromTerminal, Box<Refusal>> {
    let (asked, sender) = decode(telegram, &envelope, |asked: &Cancel0400| &asked.header)?;
    let wrong = |field: &str, rule: &str| Refusal::wrong_field::<Cancel0400>(&envelope, field, rule);
    let card = clear_card(&asked.card_track).map_err(|(field, rule)| wrong(field, rule))?;
    let mode = asked.entry_mode.as_str();
    if EntryMode::from_code(mode).is_none() && !(card.is_none() && mode.is_empty()) {
        return Err(wrong("entry_mode", "expected I, S, K, F, N or Q, or a blank without a card number"));
    }
    let sent_at = asked.header.sent_at;
    let named = (asked.original_date, asked.original_trace_no);
    let original = original::<Cancel0400>(&sender, sent_at, named, &envelope)?;
    let amounts = CancelAmounts {
        total: some_won(asked.cancel_amount).ok_or_else(|| wrong("cancel_amount", MORE_THAN_NOTHING))?,
        vat: won(asked.vat).map_err(|error| wrong("vat", &error.to_string()))?,
        service_charge: won(asked.service_charge)
            .map_err(|error| wrong("service_charge", &error.to_string()))?,
        tax_free: won(asked.tax_free).map_err(|error| wrong("tax_free", &error.to_string()))?,
    };
    Ok(FromTerminal::Cancel(Box::new(AskedCancel {
        key: key(&sender, sent_at.date(), sender.trace_no, TelegramKind::Cancel),
        sent_at,
        merchant: sender.merchant,
        original,
        approval_no: approval_no(asked.original_approval_no),
        card,
        amounts,
        reason: reason::<Cancel0400>(asked.reason, &envelope)?,
        merchant_data: asked.merchant_data.trimmed().to_vec(),
        envelope,
    })))
}

const MORE_THAN_NOTHING: &str = "expected more than zero";

fn some_won(amount: u64) -> Option<Won> {
    Won::new(amount).ok().filter(|amount| *amount > Won::ZERO)
}

/// The key of the 0100 that a telegram names: one of the same terminal, and not of a day to come.
fn original<T: Telegram>(
    sender: &Sender,
    sent_at: DateTime,
    (date, digits): (Date, Digits<6>),
    envelope: &Envelope,
) -> Result<TelegramKey, Box<Refusal>> {
    let wrong = |field: &str, rule: &str| Refusal::wrong_field::<T>(envelope, field, rule);
    if date > sent_at.date() {
        return Err(wrong("original_date", "expected no day after that of sent_at"));
    }
    let trace_no =
        trace_no(digits.as_str()).ok_or_else(|| wrong("original_trace_no", "expected six digits"))?;
    Ok(key(sender, date, trace_no, TelegramKind::Approval))
}

fn approval_no(text: Option<Text<12>>) -> Option<String> {
    text.map(|number| number.as_str().to_owned())
}

fn reason<T: Telegram>(code: Code<2>, envelope: &Envelope) -> Result<Reason, Box<Refusal>> {
    Reason::from_code(code.as_str())
        .ok_or_else(|| Refusal::wrong_field::<T>(envelope, "reason", "expected 01, 02, 03, 04, 05 or 99"))
}

fn net_cancel(telegram: &[u8], envelope: Envelope) -> Result<FromTerminal, Box<Refusal>> {
    let (asked, sender) = decode(telegram, &envelope, |asked: &NetCancel0420| &asked.header)?;
    let wrong = |field: &str, rule: &str| Refusal::wrong_field::<NetCancel0420>(&envelope, field, rule);
    let total = some_won(asked.total_amount).ok_or_else(|| wrong("total_amount", MORE_THAN_NOTHING))?;
    let reason = reason::<NetCancel0420>(asked.reason, &envelope)?;
    let named = (asked.original_date, asked.original_trace_no);
    Ok(FromTerminal::NetCancel(Box::new(AskedNetCancel {
        reference: reference::<NetCancel0420>(&sender, asked.header.sent_at, named, envelope)?,
        total,
        approval_no: approval_no(asked.original_approval_no),
        reason,
    })))
}

fn reference<T: Telegram>(
    sender: &Sender,
    sent_at: DateTime,
    named: (Date, Digits<6>),
    envelope: Envelope,
) -> Result<AskedReference, Box<Refusal>> {
    Ok(AskedReference {
        original: original::<T>(sender, sent_at, named, &envelope)?,
        merchant: sender.merchant,
        trace_no: sender.trace_no,
        sent_at,
        envelope,
    })
}

fn acknowledgement(telegram: &[u8], envelope: Envelope) -> Result<FromTerminal, Box<Refusal>> {
    let (asked, sender) = decode(telegram, &envelope, |asked: &Acknowledgement0120| &asked.header)?;
    let named = (asked.original_date, asked.original_trace_no);
    Ok(FromTerminal::Acknowledgement(Box::new(AskedAcknowledgement {
        reference: reference::<Acknowledgement0120>(&sender, asked.header.sent_at, named, envelope)?,
        approval_no: approval_no(asked.approval_no),
    })))
}

fn inquiry(telegram: &[u8], envelope: Envelope) -> Result<FromTerminal, Box<Refusal>> {
    let (asked, sender) = decode(telegram, &envelope, |asked: &Inquiry0300| &asked.header)?;
    let named = (asked.original_date, asked.original_trace_no);
    let reference = reference::<Inquiry0300>(&sender, asked.header.sent_at, named, envelope)?;
    Ok(FromTerminal::Inquiry(Box::new(reference)))
}

fn totals(telegram: &[u8], envelope: Envelope) -> Result<FromTerminal, Box<Refusal>> {
    let (asked, sender) = decode(telegram, &envelope, |asked: &Totals0500| &asked.header)?;
    let sum = |count: u32, amount| Sum { count: count.into(), amount };
    Ok(FromTerminal::Totals(Box::new(AskedTotals {
        envelope,
        terminal: sender.terminal,
        merchant: sender.merchant,
        sent_at: asked.header.sent_at,
        business_date: asked.business_date,
        claimed: Totals {
            approvals: sum(asked.approval_count, asked.approval_amount),
            cancels: sum(asked.cancel_count, asked.cancel_amount),
            net_cancels: sum(asked.net_cancel_count, asked.net_cancel_amount),
        },
    })))
}

fn network(telegram: &[u8], envelope: Envelope) -> Result<FromTerminal, Box<Refusal>> {
    let (asked, sender) = decode(telegram, &envelope, |asked: &Network0800| &asked.header)?;
    let wrong = |rule: &str| Refusal::wrong_field::<Network0800>(&envelope, "function", rule);
    let function = match asked.function.as_str() {
        "001" => NetworkFunction::Opening,
        "002" => return Err(wrong("expected 001, 003 or 301: keys of terminals do not exist yet")),
        "003" => NetworkFunction::Closing,
        "301" => NetworkFunction::Echo,
        _ => return Err(wrong("expected 001, 003 or 301")),
    };
    let from = (sender.terminal, sender.merchant);
    Ok(FromTerminal::Network { function, data: asked.data, from, envelope })
}
