//! The contract every engine keeps.

use jiff::Timestamp;
use payment::{
    Effect, Event, Illegal, Payment, PaymentId, ResponseCode, SealedCard, Serial, Started, TelegramKey,
};
use serde::Serialize;

use crate::{
    StoreError,
    engine::{Engine, Outcome, Reader, Row},
    record,
};

/// A payment exactly as it is durable.
#[derive(Debug)]
pub struct Stored {
    id: PaymentId,
    version: u32,
    payment: Payment,
}

impl Stored {
    pub(crate) fn new(id: PaymentId, version: u32, payment: Payment) -> Self {
        Self { id, version, payment }
    }

    /// Its identity.
    pub fn id(&self) -> PaymentId {
        self.id
    }

    /// How many times it was saved.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Its state.
    pub fn payment(&self) -> &Payment {
        &self.payment
    }

    /// The payment after `event`, which is nothing anybody may act upon until it is saved. `now` counts in whole microseconds,
    /// rounded up.
    ///
    /// # Errors
    /// [`StepError`] when the event cannot happen to this payment; it gives the payment back.
    pub fn step(self, event: Event, now: Timestamp) -> Result<Unsaved, StepError> {
        let now = record::instant(now);
        let Self { id, version, payment } = self;
        match payment.step(&event, now) {
            Ok((payment, effects)) => Ok(Unsaved {
                id,
                base: version,
                payment,
                effects,
                claims: Vec::new(),
                cause: Happened::Event(event),
                at: now,
            }),
            Err(illegal) => {
                let Illegal { payment, attempts, attempt } = illegal;
                Err(StepError {
                    stored: Box::new(Self { id, version, payment: *payment }),
                    attempts,
                    attempt,
                })
            }
        }
    }
}

/// An event that cannot happen to this payment; the payment is unchanged.
#[derive(Debug, thiserror::Error)]
#[error("payment {} has {attempts} attempts, the event speaks of number {attempt}", stored.id)]
pub struct StepError {
    /// The payment as it was.
    pub stored: Box<Stored>,
    /// How many attempts it has.
    pub attempts: usize,
    /// Which one the event speaks of, from 0.
    pub attempt: u8,
}

/// A new state that is not durable yet. Its effects are sealed.
#[derive(Debug)]
#[must_use = "a step that is not saved never happened"]
pub struct Unsaved {
    id: PaymentId,
    base: u32,
    payment: Payment,
    effects: Vec<Effect>,
    claims: Vec<Claim>,
    cause: Happened,
    at: Timestamp,
}

/// What led to a state; the journal keeps it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Happened {
    Started { started: Started },
    Event(Event),
}

impl Unsaved {
    /// A new payment with the claims it must win. `now` counts in whole microseconds, rounded up.
    pub fn start(started: Started, card: Option<SealedCard>, claims: Vec<Claim>, now: Timestamp) -> Self {
        let now = record::instant(now);
        let (payment, effects) = Payment::start(&started, card, now);
        Self {
            id: started.id,
            base: 0,
            payment,
            effects,
            claims,
            cause: Happened::Started { started },
            at: now,
        }
    }

    /// Which payment.
    pub fn id(&self) -> PaymentId {
        self.id
    }
}

/// A name only one payment can hold at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The key of a terminal's telegram.
    Telegram {
        /// The key.
        key: TelegramKey,
        /// Until when it is held.
        until: Timestamp,
    },
}

/// What became of one [`Unsaved`].
#[derive(Debug)]
pub enum Saved {
    /// It is durable, and so its effects may be acted upon.
    Done(Stored, Vec<Effect>),
    /// Somebody else saved this payment first: read it again and step again. The effects are gone.
    LostRace(PaymentId),
    /// Another payment holds a claim; nothing was saved.
    Claimed {
        /// The payment that is not to be.
        id: PaymentId,
        /// Which of its claims.
        claim: Claim,
        /// Who holds it.
        holder: PaymentId,
    },
}

/// Something worth keeping for ever that changes no payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Note {
    /// A telegram of a terminal was refused without becoming a payment.
    Refused {
        /// When.
        at: Timestamp,
        /// The answer.
        code: ResponseCode,
        /// Type of the telegram, as far as it could be read.
        telegram_type: String,
        /// 단말기번호, as far as it could be read.
        terminal_id: String,
        /// 거래일련번호, as far as it could be read.
        trace_no: String,
        /// What was wrong, without any value of the telegram.
        why: String,
    },
    /// An acquirer sent an answer nobody waits for and no payment is known for.
    UnknownAnswer {
        /// When.
        at: Timestamp,
        /// Which acquirer.
        acquirer: String,
        /// The serial it names, if it could be read.
        serial: Option<Serial>,
    },
}

impl Note {
    pub(crate) fn at(&self) -> Timestamp {
        match self {
            Self::Refused { at, .. } | Self::UnknownAnswer { at, .. } => *at,
        }
    }
}

/// What is to be committed together.
#[derive(Debug, Default)]
pub struct Batch {
    /// New states of payments.
    pub saves: Vec<Unsaved>,
    /// Notes to keep.
    pub notes: Vec<Note>,
}

impl Batch {
    /// Whether there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.saves.is_empty() && self.notes.is_empty()
    }

    pub(crate) fn append(&mut self, other: &mut Self) {
        self.saves.append(&mut other.saves);
        self.notes.append(&mut other.notes);
    }
}

/// How a payment is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// By its identity.
    Id(PaymentId),
    /// By the telegram key it claimed, as long as the claim is held; after that it may be found or not.
    Key(TelegramKey),
    /// By the serial of one of its attempts or of their net-cancels.
    Serial(Serial),
}

/// Commits a batch and opens the seal of what was saved: one [`Saved`] for each save, in their order.
///
/// # Errors
/// [`StoreError`] when the commit failed: nothing of the batch may be acted upon, and the engine is not to be used again.
pub fn save(engine: &mut impl Engine, batch: Batch) -> Result<Vec<Saved>, StoreError> {
    let row = |unsaved: &Unsaved| {
        record::row(unsaved.id, unsaved.base, &unsaved.payment, &unsaved.claims, &unsaved.cause, unsaved.at)
    };
    let rows: Vec<Row> = batch.saves.iter().map(row).collect();
    let notes: Vec<_> = batch.notes.iter().map(record::note).collect();
    let outcomes = engine.write(&rows, &notes)?;
    let open = |(unsaved, outcome): (Unsaved, Outcome)| match outcome {
        Outcome::Written => {
            Saved::Done(Stored::new(unsaved.id, unsaved.base + 1, unsaved.payment), unsaved.effects)
        }
        Outcome::LostRace => Saved::LostRace(unsaved.id),
        Outcome::Claimed { index, holder } => Saved::Claimed {
            id: unsaved.id,
            claim: unsaved.claims[index],
            holder: PaymentId::from_number(holder),
        },
    };
    Ok(batch.saves.into_iter().zip(outcomes).map(open).collect())
}

/// Reads one payment as it is durable.
///
/// # Errors
/// [`StoreError`] when it cannot be read.
pub fn look_up(reader: &mut impl Reader, lookup: Lookup) -> Result<Option<Stored>, StoreError> {
    reader.find(lookup)?.as_ref().map(record::restore).transpose()
}

/// Reads every payment that is open, oldest first: what a start has to take up again.
///
/// # Errors
/// [`StoreError`] when one cannot be read: a switch that cannot read what it owes must not start.
pub fn open_payments(reader: &mut impl Reader) -> Result<Vec<Stored>, StoreError> {
    reader.open_rows()?.iter().map(record::restore).collect()
}
