//! Payments as records: JSON that people can read, with the version of its form.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use payment::{Payment, PaymentId, Phase};
use serde::{Deserialize, Serialize};

use crate::{
    Claim, Note, StoreError, Stored,
    contract::Happened,
    engine::{ClaimRow, Columns, NoteRow, Row, StoredRow},
};

/// Version of the form below; a change of it comes with a reader of the older ones.
const FORM: u8 = 1;

/// Kind of the claims by which a telegram's payment is found.
pub(crate) const TELEGRAM: &str = "telegram";

/// The instant as it is kept: whole microseconds, never earlier than it was. A payment steps by this one, so that
/// replaying its events gives its state exactly.
pub(crate) fn instant(now: Timestamp) -> Timestamp {
    let whole = TimestampRound::new().smallest(Unit::Microsecond).mode(RoundMode::Ceil);
    now.round(whole).unwrap_or(Timestamp::MAX)
}

#[derive(Serialize)]
struct StateOut<'a> {
    form: u8,
    payment: &'a Payment,
}

#[derive(Deserialize)]
struct StateIn {
    form: u8,
    payment: Payment,
}

pub(crate) fn note(note: &Note) -> NoteRow {
    NoteRow { note: json(note), at: instant(note.at()) }
}

/// What most states and events fit in.
const USUAL_BYTES: usize = 2048;

fn json(value: &impl Serialize) -> String {
    let mut json = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut json, value).expect("our own types have string keys and finite numbers");
    String::from_utf8(json).expect("JSON is UTF-8")
}

pub(crate) fn row(
    id: PaymentId,
    base: u32,
    payment: &Payment,
    claims: &[Claim],
    cause: &Happened,
    at: Timestamp,
) -> Row {
    let request = payment.request();
    Row {
        id: id.get(),
        base,
        state: json(&StateOut { form: FORM, payment }),
        card: payment.card().cloned(),
        open: payment.is_open(),
        due: payment.due(),
        phase: phase(payment),
        acquirer: payment
            .attempts()
            .last()
            .map_or_else(String::new, |last| last.route().acquirer.as_str().to_owned()),
        columns: Columns {
            terminal_id: request.key.terminal.as_str().to_owned(),
            business_date: request.key.business_date,
            trace_no: request.key.trace_no.get(),
            merchant_no: request.merchant.as_str().to_owned(),
            total_amount: request.amounts.total().get(),
            serials: payment.serials().map(|(first, last)| (first.get(), last.get())),
        },
        claims: claims.iter().map(claim).collect(),
        event: json(cause),
        at,
    }
}

fn phase(payment: &Payment) -> &'static str {
    match payment.phase() {
        Phase::Trying => "trying",
        Phase::AwaitingNetCancel => "awaiting-net-cancel",
        Phase::Approved { .. } => "approved",
        Phase::Declined { .. } => "declined",
        Phase::Refused { .. } => "refused",
    }
}

pub(crate) fn claim(claim: &Claim) -> ClaimRow {
    match claim {
        Claim::Telegram { key, until } => {
            ClaimRow { kind: TELEGRAM, key: key.to_string(), until: instant(*until) }
        }
    }
}

pub(crate) fn restore(row: &StoredRow) -> Result<Stored, StoreError> {
    let bad = |why: String| StoreError::BadRecord { payment: row.id, why };
    let state: StateIn = serde_json::from_str(&row.state)
        .map_err(|error| bad(format!("line {} column {}", error.line(), error.column())))?;
    if state.form != FORM {
        return Err(bad(format!("form {} where this version knows {FORM}", state.form)));
    }
    state.payment.check().map_err(|why| bad(why.to_owned()))?;
    Ok(Stored::new(PaymentId::from_number(row.id), row.version, state.payment.with_card(row.card.clone())))
}
