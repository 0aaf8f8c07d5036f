//! What must be done once a payment's new state is durable.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{Request, ResponseCode, Route, SealedCard, StuckWhy, TerminalAnswer};

/// Something to do, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the request to an acquirer.
    Send(RequestOrder),
    /// Send the net-cancel of an attempt.
    NetCancel(NetCancelOrder),
    /// Tell the terminal.
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
    /// When this try is given up.
    pub deadline: Timestamp,
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
}
