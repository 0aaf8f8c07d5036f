//! Payments as records: JSON that people can read, with the version of its form.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use payment::{Cancel, CancelState, Payment, PaymentId, Phase};
use serde::{Deserialize, Serialize};

use crate::{
    Claim, Note, StoreError, Stored,
    contract::Happened,
    engine::{CancelRow, ClaimName, ClaimRow, Columns, NoteRow, Row, StoredRow},
};

/// Version of the form below; a change of it comes with a reader of the older ones.
const FORM: u8 = 1;

/// The word for a payment whose request never came.
pub(crate) const TOMBSTONE: &str = "tombstone";

/// The word for a payment that has something in the manual queue.
pub(crate) const NEEDS_PERSON: &str = "needs-person";

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
    claims: Vec<ClaimRow>,
    cause: &Happened,
    at: Timestamp,
) -> Row {
    let request = payment.request();
    Row {
        id: id.get(),
        base,
        keeps_owner: false,
        state: json(&StateOut { form: FORM, payment }),
        card: payment.card().cloned(),
        open: payment.is_open(),
        due: payment.due(),
        phase: phase(payment),
        counts_as: payment.counts_as(),
        acquirer: payment
            .attempts()
            .last()
            .map_or_else(String::new, |last| last.route().acquirer.as_str().to_owned()),
        columns: Columns {
            key: request.key,
            merchant_no: request.merchant.as_str().to_owned(),
            total_amount: request.amounts.total().get(),
            serials: payment.serials().map(|(first, last)| (first.get(), last.get())),
        },
        cancels: payment.cancels().iter().filter(|cancel| may_be_sent(cancel)).map(cancel).collect(),
        claims,
        event: json(cause),
        at,
    }
}

fn phase(payment: &Payment) -> &'static str {
    match payment.phase() {
        _ if payment.needs_person() => NEEDS_PERSON,
        Phase::Trying => "trying",
        Phase::AwaitingNetCancel => "awaiting-net-cancel",
        Phase::Approved { .. } if payment.is_withdrawn() => "withdrawn",
        Phase::Approved { .. } if payment.is_wholly_cancelled() => "cancelled",
        Phase::Approved { .. } if payment.cancels().iter().any(Cancel::is_done) => "partly-cancelled",
        Phase::Approved { .. } => "approved",
        Phase::Declined { .. } => "declined",
        Phase::Refused { .. } if payment.is_tombstone() => TOMBSTONE,
        Phase::Refused { .. } => "refused",
    }
}

/// One that turned out to be refused after it was in flight has its row since then.
fn may_be_sent(cancel: &Cancel) -> bool {
    match cancel.state() {
        CancelState::InFlight
        | CancelState::Unconfirmed(_)
        | CancelState::Done { .. }
        | CancelState::Declined { .. }
        | CancelState::Stuck { .. } => true,
        CancelState::Refused { .. } => false,
    }
}

fn cancel(cancel: &Cancel) -> CancelRow {
    CancelRow {
        serial: cancel.serial().get(),
        key: cancel.request().key,
        total_amount: cancel.amounts().total().get(),
        done: cancel.is_done(),
    }
}

pub(crate) fn claim(claim: &Claim, over: Option<PaymentId>) -> ClaimRow {
    match claim {
        Claim::Telegram { key, until } => {
            ClaimRow { name: ClaimName::Telegram(*key), until: instant(*until), over: None }
        }
        Claim::Duplicate { key, until } => ClaimRow {
            name: ClaimName::Duplicate(*key),
            until: instant(*until),
            over: over.map(PaymentId::get),
        },
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
    Ok(Stored::new(
        PaymentId::from_number(row.id),
        row.version,
        row.owner,
        state.payment.with_card(row.card.clone()),
    ))
}
