//! What comes to the desk and what leaves it.

use std::{collections::BTreeMap, sync::Arc};

use payment::{
    AcquirerName, Alarm, Answer, Event, NetCancelAnswer, NetCancelOrder, PaymentId, Request, RequestOrder,
    SealedCard, Serial, TerminalAnswer, Terms,
};
use store::{Lookup, Note, Saved, Stored, Unsaved};

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
    /// The rules a new payment lives by.
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
    /// The merchant's identifiers there.
    pub merchant: BTreeMap<String, String>,
}

/// An answer of an acquirer that is known by its serial alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stray {
    /// To an approval request.
    Request(Answer),
    /// To a net-cancel.
    NetCancel(NetCancelAnswer),
}

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// A terminal asks for an approval, perhaps not for the first time.
    Ask(Ask),
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
    /// Answer a terminal.
    Reply {
        /// Whom.
        asker: Asker,
        /// To what.
        request: Arc<Request>,
        /// With what.
        answer: TerminalAnswer,
        /// Tell [`Input::Delivery`] of this payment what became of the reply.
        report: Option<PaymentId>,
    },
    /// Tell a person.
    Alarm(PaymentId, Alarm),
}
