//! What a link task tells and asks: its socket came or went, and what it may write.

use std::sync::Arc;
use std::time::Instant;

use super::{Phase, Traffic};
use crate::outbox::{Outbox, Written};
use crate::{LinkEvent, LinkId, LinkLoss, Mode, NotSent, Unanswered, UnansweredWhy};

impl<T: Copy> Traffic<T> {
    /// A link connected.
    pub(crate) fn link_up(&mut self, lane: usize, address: Arc<str>, now: Instant) -> LinkId {
        let generation = self.lanes[lane].connected();
        let link = LinkId { lane, generation };
        self.events.push(LinkEvent::Up { link, address });
        match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => self.feed(lane),
            Mode::PerRequest { send_timeout } => self.limit_send(lane, now + send_timeout),
        }
        link
    }

    /// Has the request a socket was connected for leave it by `send_by`.
    fn limit_send(&mut self, lane: usize, send_by: Instant) {
        let Some(key) = self.lanes[lane].queue.front().map(|parcel| parcel.key) else { return };
        let flight = self.pending.get_mut(key).expect("what is queued is under way");
        flight.send_by = Some(send_by);
        if send_by < flight.deadline.min(flight.not_after) {
            self.pending.rearm(key, send_by);
            self.wake_clock();
        }
    }

    /// An attempt to connect failed (persistent links only).
    pub(crate) fn connect_failed(&mut self, lane: usize) {
        self.lanes[lane].failed();
        self.refuse_waiting_without_link();
    }

    /// A socket was given to a late reader; its lane takes another.
    pub(crate) fn replaced(&mut self, lane: usize) {
        let link = LinkId { lane, generation: self.lanes[lane].replaced() };
        self.events.push(LinkEvent::Down { link, why: LinkLoss::TimedOut });
    }

    /// A link's socket is gone by `now`: nothing on it can leave any more.
    pub(crate) fn link_down(&mut self, lane: usize, why: LinkLoss, now: Instant) {
        let link = LinkId { lane, generation: self.lanes[lane].lost() };
        for key in self.pending.keys_where(|flight| flight.lane == Some(lane)) {
            let flight = self.settle(key);
            let handed_at = match flight.phase {
                Phase::Waiting => {
                    self.not_sent(flight.tag, NotSent::ConnectionLost);
                    continue;
                }
                Phase::Writing | Phase::Begun => now,
                Phase::Handed(at) => at,
            };
            let given_up = if flight.deadline <= now {
                UnansweredWhy::TimedOut
            } else if why == LinkLoss::Closed {
                UnansweredWhy::Closed
            } else {
                UnansweredWhy::ConnectionLost
            };
            let last_byte_by = now.min(handed_at + self.stall_timeout);
            self.unanswered(key, flight.tag, Unanswered { why: given_up, last_byte_by, link }, now);
        }
        self.lanes[lane].queue.clear();
        self.events.push(LinkEvent::Down { link, why });
        match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => {}
            Mode::PerRequest { .. } => {
                self.lanes[lane].replaced();
            }
        }
        self.refuse_waiting_without_link();
    }

    fn refuse_waiting_without_link(&mut self) {
        if !self.may_wait() {
            self.refuse_waiting(NotSent::NoLink);
        }
    }

    pub(super) fn refuse_waiting(&mut self, why: NotSent) {
        for parcel in std::mem::take(&mut self.waiting) {
            let flight = self.settle(parcel.key);
            self.not_sent(flight.tag, why);
        }
    }

    /// Moves what a link has to send into its outbox, right before the write.
    pub(crate) fn fill(&mut self, lane: usize, now: Instant, outbox: &mut Outbox) {
        while outbox.has_room()
            && let Some(parcel) = self.lanes[lane].queue.pop_front()
        {
            let key = parcel.key;
            let flight = self.pending.get_mut(key).expect("what is queued is under way");
            let refused = if flight.deadline <= now {
                Err(NotSent::DeadlinePassed)
            } else if flight.not_after <= now {
                Err(NotSent::NotAfterPassed)
            } else {
                outbox.push(parcel).map_err(|_| NotSent::DoesNotFit)
            };
            match refused {
                Ok(()) => flight.phase = Phase::Writing,
                Err(why) => {
                    let tag = self.settle(key).tag;
                    self.not_sent(tag, why);
                }
            }
        }
    }

    /// Settles a write that took `count` bytes of the outbox (0 if it failed or would have blocked).
    pub(crate) fn written(&mut self, lane: usize, count: usize, now: Instant, outbox: &mut Outbox) {
        let Self { pending, lanes, unsent, .. } = self;
        let queue = &mut lanes[lane].queue;
        let mut back = Vec::new();
        outbox.settle(
            count,
            |key, how| {
                // Its answer may have come on another link before this write was settled.
                let Some(flight) = pending.get_mut(key).filter(|flight| flight.phase != Phase::Waiting)
                else {
                    return;
                };
                if flight.phase == Phase::Writing {
                    *unsent -= 1;
                }
                flight.phase = match how {
                    Written::Begun => Phase::Begun,
                    Written::Handed => Phase::Handed(now),
                };
            },
            |parcel| back.push(parcel),
        );
        for parcel in back {
            if let Some(flight) = pending.get_mut(parcel.key).filter(|flight| flight.phase == Phase::Writing)
            {
                flight.phase = Phase::Waiting;
                queue.push_front(parcel);
            }
        }
    }
}
