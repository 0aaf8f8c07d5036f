//! What comes to the desk and what leaves it.

use std::{collections::BTreeMap, sync::Arc};

use payment::{
    AcquirerName, Alarm, Answer, CancelAnswer, CancelOrder, Event, ManualOrder, NetCancelAnswer,
    NetCancelOrder, PartialCancel, PaymentId, Question, Refusal, Request, RequestOrder, SealedCard, Serial,
    TerminalAnswer, Terms, Undo,
};
use store::{DuplicateKey, Lookup, Note, Saved, Stored, Unsaved};

/// Who asked and must be answered: a session of the switch. Opaque here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asker(pub u64);

/// An approval request of a terminal, read, authenticated and routed.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Who is to be answered.
    pub asker: Asker,
    /// What the terminal asked.
    pub request: Arc<Request>,
    /// The card, sealed; `None` of an opaque block.
    pub card: Option<SealedCard>,
    /// The acquirers to try, in order.
    pub ways: Vec<Way>,
    /// What makes another request look like the same purchase; `None` where nobody looks.
    pub duplicate: Option<Duplicate>,
    /// The rules a new payment lives by.
    pub terms: Terms,
}

/// The duplicate window of a request (중복거래).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Keyed digest of merchant, card and what else is compared.
    pub key: DuplicateKey,
    /// How long the same again is refused.
    pub window_ms: u64,
}

/// A telegram of a terminal that names an original: 0400, 0420, 0120 or 0300.
#[derive(Clone, Debug)]
pub struct Referral {
    /// Who is to be answered.
    pub asker: Asker,
    /// What the terminal asks.
    pub question: Question,
    /// The rules a tombstone lives by, and how long the terminal waits.
    pub terms: Terms,
}

/// An acquirer that can carry a payment. It becomes a route once it has its serials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Which acquirer.
    pub acquirer: AcquirerName,
    /// How long it may take to answer.
    pub answer_timeout_ms: u64,
    /// How long after its last byte it may still approve a request.
    pub settle_after_ms: u64,
    /// Whether it cancels in part.
    pub partial_cancel: PartialCancel,
    /// Where its net-cancels name their original by a day: how far the acquirer's clock may be from ours.
    pub day_skew_ms: Option<u64>,
    /// The merchant's identifiers there.
    pub merchant: BTreeMap<String, String>,
}

/// An answer of an acquirer that is known by its serial alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stray {
    /// To an approval request.
    Request(Answer),
    /// To a net-cancel or a cancel: which of them was sent under the serial says which reading is meant.
    Undone {
        /// Read as the answer to a net-cancel.
        net_cancel: NetCancelAnswer,
        /// Read as the answer to a cancel.
        cancel: CancelAnswer,
    },
}

/// Whether the requests of an acquirer are let through (`acquirer-links` tells it: its breaker).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// They are.
    Open,
    /// One at a time, to find out. Where no new payments go, none may ever come that ends it, so that what undoes goes as if it were open: one to begin
    /// with, more with each that is settled.
    Probing,
    /// They are not: what undoes goes one at a time, and is the probe.
    Closed,
}

/// Why an order of a person was not carried out; nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOperated {
    /// There is no such payment.
    #[error("there is no such payment")]
    UnknownPayment,
    /// Too many orders wait for this payment.
    #[error("too many orders wait for this payment")]
    Busy,
    /// Another instance has it in hand.
    #[error("another instance has this payment in hand: give the order there")]
    Elsewhere,
    /// The payment has nothing to do for it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Something that happened.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "moved once, from the store's answer into the desk; a box would cost an allocation a save"
)]
pub enum Input {
    /// A terminal asks for an approval, perhaps not for the first time.
    Ask(Ask),
    /// A terminal asks something of an original.
    Refer(Referral),
    /// Something happened at an acquirer to a payment.
    Happened {
        /// Which payment.
        payment: PaymentId,
        /// What.
        event: Event,
    },
    /// An acquirer answered something nobody waits for.
    Stray {
        /// Which acquirer.
        acquirer: AcquirerName,
        /// The serial the answer names.
        serial: Serial,
        /// What it says.
        stray: Stray,
    },
    /// A reply that was to be reported has met its end.
    Delivery {
        /// Of which payment.
        payment: PaymentId,
        /// Whether at least one byte of it was written.
        written: bool,
    },
    /// A save has come to its end.
    Saved(Saved),
    /// A lookup has come to its end.
    Found(Lookup, Option<Stored>),
    /// A block of serials was reserved.
    Serials {
        /// The first of them.
        first: u64,
        /// How many.
        count: u64,
    },
    /// The gate of an acquirer changed.
    Gate {
        /// Which acquirer.
        acquirer: AcquirerName,
        /// How it is now.
        gate: Gate,
    },
    /// A person orders something; [`Output::Operated`] tells what came of it.
    Operate {
        /// Who waits for the result; opaque here.
        token: u64,
        /// Which payment.
        payment: PaymentId,
        /// What, who and why.
        order: ManualOrder,
    },
    /// Time has passed.
    Time,
}

/// Something to do.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "moved once, from here into a batch; a box would cost an allocation a save"
)]
pub enum Output {
    /// Save this; the result comes back as [`Input::Saved`].
    Save(Unsaved),
    /// Keep this note with the next save.
    Note(Note),
    /// Look this up; the result comes back as [`Input::Found`].
    LookUp(Lookup),
    /// Reserve this many serials; they come back as [`Input::Serials`].
    ReserveSerials(u64),
    /// Send a request to an acquirer; what becomes of it comes back as [`Input::Happened`], once and for certain.
    Send(PaymentId, RequestOrder),
    /// Send a net-cancel to an acquirer; what becomes of it comes back as [`Input::Happened`], once and for certain.
    NetCancel(PaymentId, NetCancelOrder),
    /// Send a cancel to an acquirer; what becomes of it comes back as [`Input::Happened`], once and for certain.
    Cancel(PaymentId, CancelOrder),
    /// A net-cancel or a repeated cancel has waited its turn until the time for it was over: no byte of it left. Its step comes with what is told
    /// beside this; nothing is to be done but to count it, as what a line did not send is counted when the line tells.
    NotSent {
        /// Of which payment.
        payment: PaymentId,
        /// Which of its tries.
        undo: Undo,
        /// Whom it was for.
        acquirer: AcquirerName,
    },
    /// Answer a terminal.
    Reply {
        /// Whom.
        asker: Asker,
        /// To what.
        question: Question,
        /// With what.
        answer: TerminalAnswer,
        /// Tell [`Input::Delivery`] of this payment what became of the reply.
        report: Option<PaymentId>,
    },
    /// Tell a person.
    Alarm(PaymentId, Alarm),
    /// What came of the order of a person: it is durable, or nothing changed.
    Operated {
        /// Who waits for it.
        token: u64,
        /// Whether it was carried out.
        result: Result<(), NotOperated>,
    },
}
