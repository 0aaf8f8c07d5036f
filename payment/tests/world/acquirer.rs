//! What one attempt is at its acquirer, and what its link knows of it.

use std::{collections::BTreeMap, sync::Arc};

use payment::{
    Answer, Approval, CancelAnswer, CancelOrder, CancelVerdict, HostCodes, NetCancelAnswer, NetCancelVerdict,
    PartialCancel, Serial, Verdict,
};

use super::chance::Chance;
use crate::happening::{approval, decline, not_processed_answer};

pub(super) struct AtAcquirer {
    truth: Truth,
    /// Nothing reaches it any more, from the first net-cancel on.
    pub(super) is_down: bool,
    /// Whether the link still waits for the request's answer.
    pub(super) link_waits: bool,
    /// When the last byte of the request left.
    pub(super) last_byte_ms: i64,
    /// How many tries of a net-cancel were made, and which one the link waits for.
    pub(super) tries: u32,
    pub(super) try_under_way: Option<u32>,
    /// What was cancelled of it, by serial.
    cancelled: BTreeMap<Serial, u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Truth {
    Unknown,
    Approved,
    Refused,
    Undone,
    Acquired,
}

impl AtAcquirer {
    pub(super) fn new(chance: &mut Chance) -> Self {
        Self {
            truth: Truth::Unknown,
            is_down: chance.one_in(20),
            link_waits: false,
            last_byte_ms: 0,
            tries: 0,
            try_under_way: None,
            cancelled: BTreeMap::new(),
        }
    }

    /// The request has arrived, perhaps after its net-cancel.
    pub(super) fn decide(&mut self, attempt: u8, chance: &mut Chance) -> Answer {
        match chance.up_to(5) {
            0 => {
                self.truth = Truth::Refused;
                decline("8035")
            }
            1 => {
                self.truth = Truth::Refused;
                not_processed_answer()
            }
            _ => self.approve(attempt),
        }
    }

    pub(super) fn approve(&mut self, attempt: u8) -> Answer {
        self.truth = Truth::Approved;
        approval(attempt)
    }

    /// A net-cancel has arrived.
    pub(super) fn undo(&mut self, chance: &mut Chance) -> NetCancelAnswer {
        let verdict = match self.truth {
            _ if chance.one_in(8) => NetCancelVerdict::TryAgain,
            Truth::Unknown | Truth::Refused => NetCancelVerdict::NoSuchOriginal,
            Truth::Approved if chance.one_in(20) => {
                self.truth = Truth::Acquired;
                NetCancelVerdict::AlreadyAcquired
            }
            Truth::Approved => {
                assert_eq!(self.cancelled(), 0, "net-cancelled what was cancelled");
                self.truth = Truth::Undone;
                NetCancelVerdict::Accepted
            }
            Truth::Undone => NetCancelVerdict::AlreadyCancelled,
            Truth::Acquired => NetCancelVerdict::AlreadyAcquired,
        };
        NetCancelAnswer { codes: HostCodes::default(), verdict }
    }

    /// A cancel has arrived, perhaps not for the first time.
    pub(super) fn cancel(&mut self, order: &CancelOrder, chance: &mut Chance) -> CancelAnswer {
        let (whole, amount) = (order.request.amounts.total().get(), order.amounts.total().get());
        let verdict = match self.truth {
            _ if chance.one_in(10) => CancelVerdict::InDoubt,
            _ if chance.one_in(10) => CancelVerdict::NotProcessed,
            Truth::Approved if self.cancelled() == whole && !order.is_partial() => {
                CancelVerdict::AlreadyCancelled
            }
            Truth::Approved
                if self.cancelled.contains_key(&order.serial)
                    && order.route.partial_cancel == PartialCancel::Repeatable =>
            {
                CancelVerdict::Accepted(Arc::new(Approval::default()))
            }
            Truth::Approved if chance.one_in(4) => refusal(),
            Truth::Approved => {
                // A part that is sent twice is done twice, and what is answered may be of no use.
                *self.cancelled.entry(order.serial).or_default() += amount;
                if chance.one_in(10) {
                    CancelVerdict::InDoubt
                } else {
                    CancelVerdict::Accepted(Arc::new(Approval::default()))
                }
            }
            Truth::Unknown | Truth::Refused | Truth::Undone | Truth::Acquired => refusal(),
        };
        CancelAnswer { amount: None, codes: HostCodes::default(), verdict }
    }

    /// How much was cancelled.
    pub(super) fn cancelled(&self) -> u64 {
        self.cancelled.values().sum()
    }

    /// How much was cancelled under this serial.
    pub(super) fn cancelled_by(&self, serial: Serial) -> u64 {
        self.cancelled.get(&serial).copied().unwrap_or_default()
    }

    /// Whether the card holder pays.
    pub(super) fn stands(&self) -> bool {
        matches!(self.truth, Truth::Approved | Truth::Acquired)
    }

    pub(super) fn was_undone(&self) -> bool {
        self.truth == Truth::Undone
    }
}

fn refusal() -> CancelVerdict {
    match decline("8373").verdict {
        Verdict::Declined(decline) => CancelVerdict::Declined(decline),
        Verdict::Approved(_) | Verdict::NotProcessed | Verdict::InDoubt => unreachable!("a decline declines"),
    }
}
