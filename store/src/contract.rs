//! The contract every engine keeps.

use std::collections::BTreeMap;

use jiff::Timestamp;
use payment::{
    Attempt, AttemptState, Buried, Cancel, Effect, Event, Illegal, InstanceNo, Payment, PaymentId, Phase,
    ResponseCode, SealedCard, Serial, Started,
};
use serde::Serialize;

use crate::{
    Claim, StoreError,
    engine::{Engine, Outcome, Row},
    record,
};

/// A payment exactly as it is durable.
#[derive(Debug)]
pub struct Stored {
    id: PaymentId,
    version: u32,
    owner: InstanceNo,
    payment: Payment,
}

impl Stored {
    pub(crate) fn new(id: PaymentId, version: u32, owner: InstanceNo, payment: Payment) -> Self {
        Self { id, version, owner, payment }
    }

    pub(crate) fn owned_by(self, owner: InstanceNo) -> Self {
        Self { owner, ..self }
    }

    /// Its identity.
    pub fn id(&self) -> PaymentId {
        self.id
    }

    /// How many times it was saved.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Whose it was when it was read or saved: whoever opened it, or told its approval last. What an open payment waits for is for its owner to do.
    pub fn owner(&self) -> InstanceNo {
        self.owner
    }

    /// Whether something of it is in flight or owed: then only its owner may step it. What is closed, or waits for no more than a word of its terminal,
    /// anybody may.
    pub fn is_bound(&self) -> bool {
        is_bound(&self.payment)
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
        let Self { id, version, owner, payment } = self;
        let was_bound = is_bound(&payment);
        match payment.step(&event, now) {
            Ok((payment, effects)) => Ok(Unsaved {
                id,
                base: version,
                keeps_owner: (was_bound || !takes(&payment, &event)).then_some(owner),
                payment,
                effects,
                claims: Vec::new(),
                over: None,
                cause: Happened::Event(event),
                at: now,
            }),
            Err(Illegal { payment, number }) => {
                Err(StepError { stored: Box::new(Self { id, version, owner, payment: *payment }), number })
            }
        }
    }
}

fn is_bound(payment: &Payment) -> bool {
    let waits = matches!(payment.phase(), Phase::Trying | Phase::AwaitingNetCancel);
    let is_in_flight = |attempt: &Attempt| *attempt.state() == AttemptState::InFlight;
    let is_out = payment.attempts().iter().any(is_in_flight) || payment.cancels().iter().any(Cancel::is_open);
    waits || is_out || payment.owes()
}

/// Whether what was not bound becomes that of whoever saves it: it is open, or its approval is told again.
fn takes(payment: &Payment, event: &Event) -> bool {
    payment.is_open() || *event == Event::Repeated
}

/// An event that cannot happen to this payment; the payment is unchanged.
#[derive(Debug, thiserror::Error)]
#[error(
    "payment {} has {} attempts and {} cancels, the event speaks of number {number}",
    stored.id, stored.payment.attempts().len(), stored.payment.cancels().len()
)]
pub struct StepError {
    /// The payment as it was.
    pub stored: Box<Stored>,
    /// Which attempt or cancel the event speaks of, from 0.
    pub number: u8,
}

/// A new state that is not durable yet. Its effects are sealed.
#[derive(Debug)]
#[must_use = "a step that is not saved never happened"]
pub struct Unsaved {
    id: PaymentId,
    base: u32,
    /// Whose it stays; `None` where it becomes that of whoever saves it.
    keeps_owner: Option<InstanceNo>,
    payment: Payment,
    effects: Vec<Effect>,
    claims: Vec<Claim>,
    /// From whom its duplicate windows may be taken.
    over: Option<PaymentId>,
    cause: Happened,
    at: Timestamp,
}

/// What led to a state; the journal keeps it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Happened {
    Started { started: Started },
    Buried { buried: Buried },
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
            keeps_owner: None,
            payment,
            effects,
            claims,
            over: None,
            cause: Happened::Started { started },
            at: now,
        }
    }

    /// A tombstone: the payment whose request must not be approved when it comes, with the claims it must win; nothing follows from it.
    /// `now` counts in whole microseconds, rounded up.
    pub fn bury(buried: Buried, claims: Vec<Claim>, now: Timestamp) -> Self {
        Self {
            id: buried.id,
            base: 0,
            keeps_owner: None,
            payment: Payment::bury(&buried),
            effects: Vec::new(),
            claims,
            over: None,
            cause: Happened::Buried { buried },
            at: record::instant(now),
        }
    }

    /// With these claims besides: the step is saved only if it wins them all.
    pub fn claiming(mut self, claims: Vec<Claim>) -> Self {
        self.claims.extend(claims);
        self
    }

    /// May take its [`Claim::Duplicate`]s from this holder, which does not stand any more. From anybody else they are refused as before,
    /// and so is any other claim.
    pub fn over(mut self, holder: PaymentId) -> Self {
        self.over = Some(holder);
        self
    }

    /// Which payment.
    pub fn id(&self) -> PaymentId {
        self.id
    }

    fn row(&self) -> Row {
        let claims = self.claims.iter().map(|claim| record::claim(claim, self.over)).collect();
        let row = record::row(self.id, self.base, &self.payment, claims, &self.cause, self.at);
        Row { keeps_owner: self.keeps_owner.is_some(), ..row }
    }
}

/// What became of one [`Unsaved`].
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a refused save goes back as it came, and most are done")]
pub enum Saved {
    /// It is durable, and so its effects may be acted upon.
    Done(Stored, Vec<Effect>),
    /// Somebody else saved this payment first: read it again and step again. The effects are gone.
    LostRace(PaymentId),
    /// Another payment holds a claim; nothing was saved.
    Claimed {
        /// What was not saved, sealed as before: it may be saved again.
        unsaved: Unsaved,
        /// The first of its claims that was refused.
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
    /// Telegrams of terminals were refused without becoming payments, so many that one note tells of all.
    RefusedMany {
        /// When the first was.
        at: Timestamp,
        /// When the last was.
        until: Timestamp,
        /// The answer.
        code: ResponseCode,
        /// Why, without any value of a telegram.
        why: String,
        /// How many telegrams.
        count: u64,
        /// How many of each terminal, as far as there was room to tell them apart; by 단말기번호.
        terminals: BTreeMap<String, u64>,
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
    /// A person was to be told of a payment.
    Alarm {
        /// When.
        at: Timestamp,
        /// Of which payment.
        payment: PaymentId,
        /// Which kind of alarm, in a word.
        kind: String,
        /// What is wrong, without any value of a card.
        why: String,
    },
    /// A person was to be told of the switch itself.
    SwitchAlarm {
        /// When.
        at: Timestamp,
        /// Which kind of alarm, in a word.
        kind: String,
        /// What is wrong.
        why: String,
    },
    /// A terminal opened or closed its business (개시, 마감).
    Network {
        /// When.
        at: Timestamp,
        /// 단말기번호.
        terminal_id: String,
        /// The function of its 0800, three digits.
        function: String,
    },
}

impl Note {
    pub(crate) fn at(&self) -> Timestamp {
        match self {
            Self::Refused { at, .. }
            | Self::RefusedMany { at, .. }
            | Self::UnknownAnswer { at, .. }
            | Self::Alarm { at, .. }
            | Self::SwitchAlarm { at, .. }
            | Self::Network { at, .. } => *at,
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

/// Commits a batch and opens the seal of what was saved: one [`Saved`] for each save, in their order.
///
/// # Errors
/// [`StoreError`] when the commit failed: nothing of the batch may be acted upon, and the engine is not to be used again.
pub fn save(engine: &mut impl Engine, batch: Batch) -> Result<Vec<Saved>, StoreError> {
    let rows: Vec<Row> = batch.saves.iter().map(Unsaved::row).collect();
    let notes: Vec<_> = batch.notes.iter().map(record::note).collect();
    let outcomes = engine.write(&rows, &notes)?;
    let saver = engine.instance();
    let stored = |unsaved: Unsaved| {
        let Unsaved { id, base, keeps_owner, payment, effects, .. } = unsaved;
        (Stored::new(id, base + 1, keeps_owner.unwrap_or(saver), payment), effects)
    };
    let open = |(unsaved, outcome): (Unsaved, Outcome)| match outcome {
        Outcome::Written => {
            let (stored, effects) = stored(unsaved);
            Saved::Done(stored, effects)
        }
        Outcome::LostRace => Saved::LostRace(unsaved.id),
        Outcome::Claimed { index, holder } => {
            Saved::Claimed { claim: unsaved.claims[index], unsaved, holder: PaymentId::from_number(holder) }
        }
    };
    Ok(batch.saves.into_iter().zip(outcomes).map(open).collect())
}
