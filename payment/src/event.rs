//! What can happen to a payment. Events are kept for ever and replaying them gives the stored state, so they carry no clear card data.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Answer, CancelAnswer, CancelFinding, CancelRequest, Finding, NetCancelAnswer, NetCancelRequest, NotSent,
    Operator, PaymentId, Request, Route, Serial, Terms, Unanswered,
};

/// A payment begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// Its identity.
    pub id: PaymentId,
    /// What the terminal asked.
    pub request: Arc<Request>,
    /// The ways it may go, in the order they are to be tried; none is refused with 9020.
    pub routes: Vec<Arc<Route>>,
    /// The rules it lives by.
    pub terms: Terms,
}

/// A terminal withdraws (0420) a request that never came: the tombstone that keeps it from being approved later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buried {
    /// Its identity.
    pub id: PaymentId,
    /// What the terminal withdrew.
    pub withdrawn: Arc<NetCancelRequest>,
    /// The rules it lives by.
    pub terms: Terms,
}

/// Something that happened to a payment that exists. `attempt` and `cancel` count from 0. All of them are legal in every state, as long as the
/// attempt or the cancel exists: the world outside does not ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The request's answer came in time.
    Answered {
        /// Which attempt.
        attempt: u8,
        /// What the acquirer said.
        answer: Answer,
    },
    /// No byte of the request left.
    NotSent {
        /// Which attempt.
        attempt: u8,
        /// Why.
        why: NotSent,
    },
    /// The request was given up; a byte of it may have left, none after `last_byte_by`.
    Unanswered {
        /// Which attempt.
        attempt: u8,
        /// Why.
        why: Unanswered,
        /// No byte left after this instant.
        last_byte_by: Timestamp,
    },
    /// An answer to a request came after it had been given up, or once more.
    Late {
        /// Which attempt.
        attempt: u8,
        /// What the acquirer said.
        answer: Answer,
    },
    /// A net-cancel was answered.
    NetCancelAnswered {
        /// Of which attempt.
        attempt: u8,
        /// What the acquirer said.
        answer: NetCancelAnswer,
    },
    /// No byte of a try of a net-cancel left.
    NetCancelNotSent {
        /// Of which attempt.
        attempt: u8,
        /// Why.
        why: NotSent,
    },
    /// A try of a net-cancel was given up.
    NetCancelUnanswered {
        /// Of which attempt.
        attempt: u8,
    },
    /// The terminal asks to cancel.
    CancelAsked {
        /// What.
        request: Arc<CancelRequest>,
        /// The serial it goes under.
        serial: Serial,
    },
    /// A cancel was answered, in time or late.
    CancelAnswered {
        /// Which cancel.
        cancel: u8,
        /// What the acquirer said.
        answer: CancelAnswer,
    },
    /// No byte of a try of a cancel left.
    CancelNotSent {
        /// Which cancel.
        cancel: u8,
        /// Why.
        why: NotSent,
    },
    /// A try of a cancel was given up; a byte of it may have left, none after `last_byte_by`.
    CancelUnanswered {
        /// Which cancel.
        cancel: u8,
        /// Why.
        why: Unanswered,
        /// No byte left after this instant.
        last_byte_by: Timestamp,
    },
    /// A person has a net-cancel tried again: one that is stuck is owed again with a fresh budget of age, one that is owed is due now.
    NetCancelRetried {
        /// Of which attempt.
        attempt: u8,
        /// Who, and why.
        by: Operator,
    },
    /// A person settles a net-cancel.
    NetCancelResolved {
        /// Of which attempt.
        attempt: u8,
        /// What the person found.
        how: Finding,
        /// Who, and why.
        by: Operator,
    },
    /// A person has a cancel tried again: one that was given up is unconfirmed again with a fresh budget of age, one that is unconfirmed is
    /// due now.
    CancelRetried {
        /// Which cancel.
        cancel: u8,
        /// Who, and why.
        by: Operator,
    },
    /// A person settles a cancel.
    CancelResolved {
        /// Which cancel.
        cancel: u8,
        /// What the person found.
        how: CancelFinding,
        /// Who, and why.
        by: Operator,
    },
    /// The terminal withdraws its request.
    NetCancelAsked {
        /// How it says so.
        request: Arc<NetCancelRequest>,
    },
    /// The terminal has the approval in hand.
    Acknowledged,
    /// Not one byte of the reply could be written to the terminal.
    Undelivered,
    /// The terminal repeated its request, or inquired, while the reply counted as undelivered.
    Repeated,
    /// An instant the payment waits for has come.
    Due,
    /// The switch starts again, or takes over; no byte of anything in flight left after `last_byte_by`.
    Restarted {
        /// No byte left after this instant.
        last_byte_by: Timestamp,
    },
}

impl Event {
    /// The attempt it speaks of.
    pub fn attempt(&self) -> Option<u8> {
        match self {
            Self::Answered { attempt, .. }
            | Self::NotSent { attempt, .. }
            | Self::Unanswered { attempt, .. }
            | Self::Late { attempt, .. }
            | Self::NetCancelAnswered { attempt, .. }
            | Self::NetCancelNotSent { attempt, .. }
            | Self::NetCancelUnanswered { attempt }
            | Self::NetCancelRetried { attempt, .. }
            | Self::NetCancelResolved { attempt, .. } => Some(*attempt),
            Self::CancelAsked { .. }
            | Self::CancelAnswered { .. }
            | Self::CancelNotSent { .. }
            | Self::CancelUnanswered { .. }
            | Self::CancelRetried { .. }
            | Self::CancelResolved { .. }
            | Self::NetCancelAsked { .. }
            | Self::Acknowledged
            | Self::Undelivered
            | Self::Repeated
            | Self::Due
            | Self::Restarted { .. } => None,
        }
    }

    /// The cancel it speaks of.
    pub fn cancel(&self) -> Option<u8> {
        match self {
            Self::CancelAnswered { cancel, .. }
            | Self::CancelNotSent { cancel, .. }
            | Self::CancelUnanswered { cancel, .. }
            | Self::CancelRetried { cancel, .. }
            | Self::CancelResolved { cancel, .. } => Some(*cancel),
            Self::Answered { .. }
            | Self::NotSent { .. }
            | Self::Unanswered { .. }
            | Self::Late { .. }
            | Self::NetCancelAnswered { .. }
            | Self::NetCancelNotSent { .. }
            | Self::NetCancelUnanswered { .. }
            | Self::NetCancelRetried { .. }
            | Self::NetCancelResolved { .. }
            | Self::CancelAsked { .. }
            | Self::NetCancelAsked { .. }
            | Self::Acknowledged
            | Self::Undelivered
            | Self::Repeated
            | Self::Due
            | Self::Restarted { .. } => None,
        }
    }
}
