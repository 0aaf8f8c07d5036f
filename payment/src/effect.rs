//! What must be done once a payment's new state is durable.

use std::sync::Arc;

use jiff::{Timestamp, civil::DateTime};

use crate::{
    Amounts, Approval, CancelRequest, Request, ResponseCode, Route, SealedCard, Serial, StuckCancel,
    StuckWhy, TerminalAnswer,
};

/// Something to do, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the request to an acquirer.
    Send(RequestOrder),
    /// Send the net-cancel of an attempt.
    NetCancel(NetCancelOrder),
    /// Send a cancel, perhaps again.
    Cancel(CancelOrder),
    /// Tell the terminals that asked for the approval.
    Reply(TerminalAnswer),
    /// Tell a person.
    Alarm(Alarm),
}

/// A request to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestOrder {
    /// Which attempt it is.
    pub attempt: u8,
    /// Where it goes, under which serial.
    pub route: Arc<Route>,
    /// What the terminal asked.
    pub request: Arc<Request>,
    /// The card; `None` where it came as an opaque block.
    pub card: Option<SealedCard>,
    /// When it is given up.
    pub deadline: Timestamp,
}

/// A net-cancel to send. Its identity follows from the attempt's serial alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetCancelOrder {
    /// Which attempt it undoes.
    pub attempt: u8,
    /// Where that attempt went, under which serial.
    pub route: Arc<Route>,
    /// What the terminal asked.
    pub request: Arc<Request>,
    /// The card; `None` where it is not kept any more.
    pub card: Option<SealedCard>,
    /// Number of the approval to undo, where known.
    pub approval_no: Option<String>,
    /// When the acquirer gave that approval, KST, where it said so.
    pub approved_at: Option<DateTime>,
    /// When this try is given up.
    pub deadline: Timestamp,
}

/// A cancel to send: to the acquirer that approved, under a serial of its own that a repeat carries again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelOrder {
    /// Which cancel of the payment it is.
    pub cancel: u8,
    /// Its serial.
    pub serial: Serial,
    /// Where the approval came from, under which serial.
    pub route: Arc<Route>,
    /// What the terminal had asked to approve.
    pub request: Arc<Request>,
    /// What was approved.
    pub approval: Arc<Approval>,
    /// What the terminal asks to cancel.
    pub asked: Arc<CancelRequest>,
    /// How much is cancelled, component by component.
    pub amounts: Amounts,
    /// The card of the original; `None` where it came as an opaque block.
    pub card: Option<SealedCard>,
    /// When this try is given up.
    pub deadline: Timestamp,
}

impl CancelOrder {
    /// Whether less than the whole original is cancelled.
    pub fn is_partial(&self) -> bool {
        self.amounts.total() != self.request.amounts.total()
    }
}

/// Something a person has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// Every route failed; the terminal got this code.
    EveryRouteFailed(ResponseCode),
    /// A net-cancel is owed for longer than the configured time.
    NetCancelOverdue {
        /// Of which attempt.
        attempt: u8,
    },
    /// A net-cancel needs a person.
    NetCancelStuck {
        /// Of which attempt.
        attempt: u8,
        /// Why.
        why: StuckWhy,
    },
    /// A cancel is unconfirmed for longer than the configured time.
    CancelOverdue {
        /// Which cancel of the payment.
        cancel: u8,
    },
    /// A cancel needs a person.
    CancelStuck {
        /// Which cancel of the payment.
        cancel: u8,
        /// Why.
        why: StuckCancel,
    },
}
