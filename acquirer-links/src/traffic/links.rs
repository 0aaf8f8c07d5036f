//! What a link task tells and asks: its socket came or went, and what it may write.

use std::sync::Arc;
use std::time::Instant;

use super::{Phase, Traffic};
use crate::heartbeat::Heartbeat;
use crate::outbox::{Cargo, Outbox, Parcel, Written};
use crate::{LinkEvent, LinkId, LinkLoss, Mode, NotSent, Unanswered, UnansweredWhy};

impl<T: Copy> Traffic<T> {
    /// A link connected.
    pub(crate) fn link_up(&mut self, lane: usize, address: usize, now: Instant) -> LinkId {
        let heartbeat = self.heartbeat.map(|every| Heartbeat::new(every, now));
        let generation = self.lanes[lane].connected(address, heartbeat, now);
        let link = LinkId { lane, generation };
        self.events.push(LinkEvent::Up { link, address: Arc::clone(&self.names[address]) });
        self.breakers[address].connected(self.heartbeat.is_some());
        self.end_pauses(now);
        self.judge();
        match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => self.feed(lane),
            Mode::PerRequest { send_timeout } => self.limit_send(lane, now + send_timeout),
        }
        link
    }

    /// Has the request a socket was connected for leave it by `send_by`.
    fn limit_send(&mut self, lane: usize, send_by: Instant) {
        let Some(key) = self.lanes[lane].queue.first().and_then(|parcel| parcel.cargo.key()) else { return };
        let flight = self.pending.get_mut(key).expect("what is queued is under way");
        flight.send_by = Some(send_by);
        if send_by < flight.deadline.min(flight.not_after) {
            self.pending.rearm(key, send_by);
            self.wake_clock();
        }
    }

    /// A socket was given to a late reader, [until](Self::late_reading_over) that has closed it; its lane takes another.
    pub(crate) fn replaced(&mut self, lane: usize) {
        let link = LinkId { lane, generation: self.lanes[lane].replaced() };
        self.late_readers += 1;
        self.events.push(LinkEvent::Down { link, why: LinkLoss::TimedOut });
        self.judge();
    }

    /// A link's socket is gone by `now`: nothing on it can leave any more.
    pub(crate) fn link_down(&mut self, lane: usize, why: LinkLoss, now: Instant) {
        let link = LinkId { lane, generation: self.lanes[lane].lost() };
        self.learn_from_loss(lane, &why, now);
        for key in self.pending.keys_where(|flight| flight.lane == Some(lane)) {
            let flight = self.settle(key);
            let handed_at = match flight.phase {
                Phase::Waiting => {
                    self.not_sent(flight.tag, NotSent::ConnectionLost);
                    continue;
                }
                phase @ (Phase::Writing | Phase::Begun | Phase::Handed(_)) => phase.handed_by(now),
            };
            let given_up = if flight.deadline <= now {
                UnansweredWhy::TimedOut
            } else if why == LinkLoss::Closed {
                UnansweredWhy::Closed
            } else {
                UnansweredWhy::ConnectionLost
            };
            let last_byte_by = now.min(handed_at + self.lingers);
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
        self.judge();
        self.refuse_waiting_without_link();
    }

    pub(super) fn refuse_waiting_without_link(&mut self) {
        if !self.may_wait() {
            self.refuse_waiting(NotSent::NoLink);
        }
    }

    pub(super) fn refuse_waiting(&mut self, why: NotSent) {
        while let Some(parcel) = self.waiting.pop() {
            self.refuse(&parcel, why);
        }
    }

    /// Refuses what waits, but for what undoes: as long as there is a link, that may go by it.
    pub(super) fn refuse_waiting_requests(&mut self, why: NotSent) {
        for parcel in self.waiting.take_asking() {
            self.refuse(&parcel, why);
        }
    }

    pub(super) fn refuse(&mut self, parcel: &Parcel, why: NotSent) {
        let key = parcel.cargo.key().expect("only requests wait for a link");
        let flight = self.settle(key);
        self.not_sent(flight.tag, why);
    }

    /// Moves what a link has to send into its outbox, right before the write.
    pub(crate) fn fill(&mut self, lane: usize, now: Instant, outbox: &mut Outbox) {
        while outbox.has_room()
            && let Some(parcel) = self.lanes[lane].queue.pop()
        {
            let Some(key) = parcel.cargo.key() else {
                // An echo that does not fit its frame is never answered, and the link is found silent.
                let _ = outbox.push(parcel);
                continue;
            };
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
            |cargo, how| {
                // Its answer may have come on another link before this write was settled.
                let flight = cargo.key().and_then(|key| pending.get_mut(key));
                let Some(flight) = flight.filter(|flight| flight.phase != Phase::Waiting) else {
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
            match parcel.cargo {
                Cargo::Echo => queue.put_back(parcel),
                Cargo::Request(key) => {
                    let flight = pending.get_mut(key).filter(|flight| flight.phase == Phase::Writing);
                    if let Some(flight) = flight {
                        flight.phase = Phase::Waiting;
                        queue.put_back(parcel);
                    }
                }
            }
        }
    }
}
