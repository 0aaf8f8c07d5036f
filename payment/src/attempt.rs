//! One attempt (시도) at one acquirer.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};

use crate::{AcquirerName, Debt, HostCodes, Serial};

/// A way a payment may go: an acquirer, with all that its telegrams need and a serial of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Which acquirer.
    pub acquirer: AcquirerName,
    /// Serial of the request; the next one is the net-cancel's.
    pub serial: Serial,
    /// How long the acquirer may take to answer, queueing included.
    pub answer_timeout_ms: u64,
    /// How long after its last byte the acquirer may still approve a request.
    pub settle_after_ms: u64,
    /// Whether it cancels in part, as its dialect declares.
    #[serde(default)]
    pub partial_cancel: PartialCancel,
    /// Where its net-cancels name their original by a day, as its dialect declares: how far the acquirer's clock may be from ours. "No such
    /// original" proves nothing of a request that may have been booked on the other side of midnight.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub day_skew_ms: Option<u64>,
    /// The merchant's identifiers at this acquirer, from the merchant's row of the configuration.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub merchant: BTreeMap<String, String>,
}

/// Whether an acquirer cancels in part (부분취소), as its dialect declares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartialCancel {
    /// Not at all: 9034.
    #[default]
    No,
    /// Yes; one that went unanswered cannot be repeated safely and needs a person.
    Once,
    /// Yes, and the same cancel sent again under its serial is known by it: it is repeated until it is answered.
    Repeatable,
}

/// One attempt at one acquirer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub(crate) route: Arc<Route>,
    pub(crate) deadline: Timestamp,
    pub(crate) state: AttemptState,
    /// An approval that was seen while the answer was still to come: its number, empty where it was seen without one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) approval_seen: Option<String>,
    /// When the acquirer gave that approval, or one that came late, KST.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) approved_at: Option<DateTime>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) debt: Option<Debt>,
}

impl Attempt {
    /// Where it went.
    pub fn route(&self) -> &Arc<Route> {
        &self.route
    }

    /// When it is given up.
    pub fn deadline(&self) -> Timestamp {
        self.deadline
    }

    /// What became of it.
    pub fn state(&self) -> &AttemptState {
        &self.state
    }

    /// The net-cancel it owes or owed.
    pub fn debt(&self) -> Option<&Debt> {
        self.debt.as_ref()
    }
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttemptState {
    /// The intent is recorded; the request may be out.
    InFlight,
    /// No byte left.
    NotSent(NotSent),
    /// The acquirer says it did nothing.
    NotProcessed(HostCodes),
    /// 승인.
    Approved,
    /// 거절.
    Declined,
    /// A byte may have left and no answer settles what became of it.
    Unanswered(Unanswered),
}

/// Why provably no byte of a telegram was handed to a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotSent {
    /// No socket to the acquirer is up.
    NotConnected,
    /// The queue or the limit of requests in flight is full.
    Full,
    /// The deadline or the not-after instant passed before its turn came.
    TooLate,
    /// The socket was lost before the first byte.
    ConnectionLost,
    /// The payment cannot be expressed in the acquirer's layout.
    CannotExpress,
    /// The acquirer is not configured any more, or the switch is closing.
    Unavailable,
    /// The terminal withdrew it before it was released.
    Withdrawn,
}

/// Why an attempt has no answer that settles it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unanswered {
    /// No answer before the deadline.
    TimedOut,
    /// The socket was lost after the first byte.
    ConnectionLost,
    /// The answer says, or leaves open, that an approval may exist.
    InDoubt(HostCodes),
    /// The answer speaks of another amount.
    WrongAmount(HostCodes),
    /// The switch stopped while it was in flight.
    Restarted,
}
