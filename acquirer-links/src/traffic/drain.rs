//! How a pool comes to its end: it takes no more, and reads on for what may still be answered, in time or late.

use std::time::Instant;

use super::{Leave, Stage, Traffic};
use crate::NotSent;

impl<T: Copy> Traffic<T> {
    /// Accepts no more requests. Links that have nothing to wait for close, and none connects again for nothing.
    pub(crate) fn drain(&mut self) {
        if self.stage == Stage::Open {
            self.stage = Stage::Draining;
            self.lanes.iter().for_each(super::Lane::wake);
            self.wake_clock();
        }
    }

    /// Refuses what waits, and has every link give up what it carries.
    pub(crate) fn stop(&mut self) {
        self.stage = Stage::Stopped;
        self.refuse_waiting(NotSent::Closing);
        for lane in &self.lanes {
            lane.wake();
        }
        self.wake_clock();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stage == Stage::Stopped
    }

    /// Whether the pool is draining and every accepted request has had its outcome.
    pub(crate) fn is_settled(&self) -> bool {
        self.stage != Stage::Open && self.pending.is_empty()
    }

    /// Whether, besides, no late answer can come any more that would be heard.
    pub(crate) fn is_drained(&self) -> bool {
        let is_read_for = || self.late_readers > 0 || self.lanes.iter().any(super::Lane::is_owing);
        self.is_settled() && (self.stage == Stage::Stopped || !is_read_for())
    }

    /// Of a draining pool: the link of that lane closes when it has nothing to wait for.
    pub(super) fn leave_drained(&self, lane: usize) -> Option<Leave> {
        let link = &self.lanes[lane];
        let is_needed = link.in_flight > 0 || link.is_owing() || !self.waiting.is_empty();
        (link.is_up() && !is_needed).then_some(Leave::Closing)
    }

    /// Whether a lane without a socket has no use for one any more.
    pub(super) fn needs_no_link(&self) -> bool {
        self.stage != Stage::Open && self.waiting.is_empty()
    }

    /// Of a draining pool: when the next link has waited long enough for late answers.
    pub(super) fn next_owing_over(&self) -> Option<Instant> {
        let owing = || self.lanes.iter().filter(|lane| lane.is_up()).filter_map(|lane| lane.owes_until);
        (self.stage == Stage::Draining).then(owing)?.min()
    }

    /// Ends the time for late answers where it is over.
    pub(super) fn end_owing(&mut self, now: Instant) {
        for lane in &mut self.lanes {
            if lane.owes_until.take_if(|until| *until <= now).is_some() && self.stage == Stage::Draining {
                lane.wake();
            }
        }
    }

    /// A socket that only read is closed.
    pub(crate) fn late_reading_over(&mut self) {
        self.late_readers -= 1;
    }
}
