//! What proves that somebody is at the other end of a link.

use std::time::Instant;

use bytes::Bytes;

use super::Traffic;
use crate::heartbeat::Beat;
use crate::outbox::{Cargo, Parcel};
use crate::{Mode, Purpose};

impl<T: Copy> Traffic<T> {
    /// What is to be done for the life of a lane's link; `None` where there are no heartbeats. If it is to be asked, an
    /// echo must be [given](Self::give_echo) to it.
    pub(crate) fn beat(&mut self, lane: usize, now: Instant) -> Option<Beat> {
        let address = self.lanes[lane].address;
        let urgent = self.breakers[address].wants_echo()
            && !self.lanes.iter().any(|lane| lane.address == address && lane.is_asking());
        let busy = self.mode == Mode::OneInFlight && self.lanes[lane].in_flight > 0;
        self.lanes[lane].heartbeat.as_mut().map(|heartbeat| heartbeat.beat(now, urgent, busy))
    }

    /// The number of the next echo or sign-on.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.next_number = self.next_number.wrapping_add(1);
        self.next_number
    }

    /// The echo a lane's link is to send.
    pub(crate) fn give_echo(&mut self, lane: usize, telegram: Bytes) {
        // Before the requests that wait: a link whose peer takes no bytes must not look as if it were never asked.
        let echo = Parcel { cargo: Cargo::Echo, telegram, purpose: Purpose::Undo, not_after: None };
        self.lanes[lane].queue.push(echo);
    }

    /// Bytes came in on a lane's link.
    pub(crate) fn heard(&mut self, lane: usize, now: Instant) {
        if let Some(heartbeat) = &mut self.lanes[lane].heartbeat {
            heartbeat.heard(now);
        }
    }

    /// A telegram came in on a lane's link.
    pub(crate) fn spoken_to(&mut self, lane: usize, now: Instant) {
        if self.lanes[lane].is_spoken_to {
            return;
        }
        self.lanes[lane].is_spoken_to = true;
        let random = self.chance.roll();
        self.dialing.proven(self.lanes[lane].address, now, random);
        self.wake_dialers();
    }

    /// The reply to an echo came in on a lane's link.
    pub(crate) fn echoed(&mut self, lane: usize, now: Instant) {
        let asked = self.lanes[lane].heartbeat.as_mut().and_then(crate::heartbeat::Heartbeat::replied);
        if asked.is_some() {
            let address = self.lanes[lane].address;
            self.was_there(address, now);
        } else {
            self.spend(lane, now);
        }
        self.feed(lane);
    }
}
