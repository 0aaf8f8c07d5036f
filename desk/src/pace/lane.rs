//! What one acquirer is let have: how many tries at a time, and when the next after a failure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use payment::PaymentId;
use rustc_hash::FxHashMap;

use super::{Held, Out, Try};
use crate::{Gate, desk::later};

/// Pause after a try that failed while nothing was answered; doubled after each further one.
const FIRST_PAUSE_MS: u64 = 1_000;

/// What waits for one acquirer and what is out there.
#[derive(Debug)]
pub(super) struct Lane {
    gate: Gate,
    limit: usize,
    /// Whether it was told of this acquirer by name.
    pub(super) has_own_limit: bool,
    allowed: usize,
    pub(super) out: usize,
    /// By the order in which they came.
    pub(super) queue: BTreeMap<u64, (Try, Held)>,
    pub(super) answers: u64,
    pub(super) not_before: Timestamp,
    pauses: u32,
    failing: Failing,
}

/// Whose tries failed since the last answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failing {
    None,
    /// Of one alone, which may be its own fault: it takes no room from others.
    One(Try),
    Several,
}

impl Lane {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            gate: Gate::Open,
            limit,
            has_own_limit: false,
            allowed: limit,
            out: 0,
            queue: BTreeMap::new(),
            answers: 0,
            not_before: Timestamp::MIN,
            pauses: 0,
            failing: Failing::None,
        }
    }

    pub(super) fn limit(&mut self, limit: usize) {
        self.limit = limit;
        self.allowed = self.allowed.min(limit);
    }

    pub(super) fn narrow(&mut self) {
        self.allowed = 1;
    }

    /// Between blocking and probing no pause gets shorter, however often they alternate; and what was settled while it probed counts once it is
    /// open.
    pub(super) fn goes_by(&mut self, gate: Gate) {
        match (std::mem::replace(&mut self.gate, gate), gate) {
            (Gate::Open, Gate::Open)
            | (Gate::Probing, Gate::Probing)
            | (Gate::Closed, Gate::Closed | Gate::Probing) => {}
            (Gate::Probing, Gate::Closed) => self.narrow(),
            (Gate::Probing, Gate::Open) => self.end_pause(),
            (Gate::Open, Gate::Probing | Gate::Closed) | (Gate::Closed, Gate::Open) => {
                self.narrow();
                self.end_pause();
            }
        }
    }

    fn end_pause(&mut self) {
        self.pauses = 0;
        self.not_before = Timestamp::MIN;
    }

    fn is_blocked(&self) -> bool {
        match self.gate {
            Gate::Open | Gate::Probing => false,
            Gate::Closed => true,
        }
    }

    /// Whether somebody's turn has come.
    pub(super) fn has_next(&self, is_saved: impl Fn(PaymentId) -> bool) -> bool {
        self.queue.first_key_value().is_some_and(|(_, ((id, _), held))| match held {
            Held::Turn => true,
            Held::Order(_) => is_saved(*id),
        })
    }

    pub(super) fn has_room(&self, out: &FxHashMap<Try, Out>, now: Timestamp) -> bool {
        self.not_before <= now && self.has_place(out)
    }

    pub(super) fn has_place(&self, out: &FxHashMap<Try, Out>) -> bool {
        let takes_no_room = match self.failing {
            Failing::One(of) => !self.is_blocked() && out.contains_key(&of),
            Failing::None | Failing::Several => false,
        };
        self.out.saturating_sub(usize::from(takes_no_room)) < self.allowed
    }

    pub(super) fn settled(&mut self) {
        self.heard();
        if !self.is_blocked() {
            self.allowed = self.allowed.saturating_mul(2).min(self.limit);
        }
    }

    pub(super) fn heard(&mut self) {
        self.answers += 1;
        self.failing = Failing::None;
        self.end_pause();
    }

    pub(super) fn failed(&mut self, of: Try, longest_pause_ms: u64, now: Timestamp) {
        self.narrow();
        let is_known = self.failing == Failing::One(of) && !self.is_blocked();
        self.failing = match self.failing {
            Failing::None => Failing::One(of),
            Failing::One(other) if other == of => Failing::One(of),
            Failing::One(_) | Failing::Several => Failing::Several,
        };
        // Those that fail together are one failure.
        if !is_known && self.not_before <= now {
            let pause = FIRST_PAUSE_MS.saturating_mul(1 << self.pauses.min(20)).min(longest_pause_ms);
            self.not_before = later(now, pause);
            self.pauses = self.pauses.saturating_add(1);
        }
    }
}
