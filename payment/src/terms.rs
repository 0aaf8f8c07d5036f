//! The rules of the configuration that a payment lives by, taken over when it starts, so that a change of the
//! configuration changes no payment under way and a replay of its events gives the same state.

use serde::{Deserialize, Serialize};

/// When another acquirer is tried after one stayed silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failover {
    /// Not at all: the terminal gets 9022.
    Never,
    /// Once the silent one accepted the net-cancel, if the terminal's time allows.
    AfterNetCancel,
    /// At once; the net-cancel goes on beside it.
    AtOnce,
}

/// The rules a payment lives by. Times are milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// How long the terminal waits for its answer, from the moment the request was read.
    pub terminal_deadline_ms: u64,
    /// When another acquirer is tried after one stayed silent.
    pub failover: Failover,
    /// From the moment a net-cancel is owed to its first try.
    pub net_cancel_first_delay_ms: u64,
    /// The longest pause between two tries of a net-cancel.
    pub net_cancel_max_delay_ms: u64,
    /// From the moment a net-cancel is owed to the alarm.
    pub net_cancel_alarm_after_ms: u64,
    /// From the moment a net-cancel is owed until it is given to the manual queue.
    pub net_cancel_give_up_after_ms: u64,
    /// How long an approval whose reply could not be written waits for a repeat before its net-cancel is owed.
    pub undelivered_grace_ms: u64,
    /// How long an approval may wait for the terminal's acknowledgement before its net-cancel is owed; `None` on a listener that asks
    /// for none.
    #[serde(default)]
    pub acknowledged_within_ms: Option<u64>,
}
