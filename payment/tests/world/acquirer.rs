//! What one attempt is at its acquirer, and what its link knows of it.

use payment::{Answer, HostCodes, NetCancelAnswer, NetCancelVerdict};

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
            _ => {
                self.truth = Truth::Approved;
                approval(attempt)
            }
        }
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
                self.truth = Truth::Undone;
                NetCancelVerdict::Accepted
            }
            Truth::Undone => NetCancelVerdict::AlreadyCancelled,
            Truth::Acquired => NetCancelVerdict::AlreadyAcquired,
        };
        NetCancelAnswer { codes: HostCodes::default(), verdict }
    }

    /// Whether the card holder pays.
    pub(super) fn stands(&self) -> bool {
        matches!(self.truth, Truth::Approved | Truth::Acquired)
    }

    pub(super) fn was_undone(&self) -> bool {
        self.truth == Truth::Undone
    }
}
