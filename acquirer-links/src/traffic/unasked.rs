//! Telegrams nobody waits for: none is dropped, but a lane that brings many is read from slowly.

use std::time::Instant;

use bytes::Bytes;

use super::Traffic;
use crate::{Key, LinkEvent, LinkId};

impl<T: Copy> Traffic<T> {
    /// A telegram that answers nothing came in on a socket of a lane.
    pub(super) fn unasked(&mut self, telegram: Bytes, key: Option<Key>, lane: usize, now: Instant) {
        self.events.push(LinkEvent::Unknown { telegram, key });
        self.spend(lane, now);
    }

    /// Counts a telegram nobody waits for.
    pub(crate) fn spend(&mut self, lane: usize, now: Instant) {
        let place = &mut self.lanes[lane];
        if place.allowance.spend(now) {
            let link = LinkId { lane, generation: place.generation };
            self.events.push(LinkEvent::Flooded { link });
        }
    }

    /// When the sockets of a lane may be read from again, if not now.
    pub(crate) fn reads_at(&self, lane: usize, now: Instant) -> Option<Instant> {
        self.lanes[lane].allowance.reads_at(now)
    }
}
