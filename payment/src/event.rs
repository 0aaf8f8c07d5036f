//! What can happen to a payment. Events are kept for ever and replaying them gives the stored state, so they carry no clear card data.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Answer, NetCancelAnswer, NotSent, PaymentId, Request, Route, Terms, Unanswered};

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

/// Something that happened to a payment that exists. `attempt` counts from 0. All of them are legal in every state, as long as the
/// attempt exists: the world outside does not ask.
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
    /// Not one byte of the reply could be written to the terminal.
    Undelivered,
    /// The terminal repeated its request while the reply counted as undelivered.
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
            | Self::NetCancelUnanswered { attempt } => Some(*attempt),
            Self::Undelivered | Self::Repeated | Self::Due | Self::Restarted { .. } => None,
        }
    }
}
