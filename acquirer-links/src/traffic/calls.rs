//! What the task of a per-request link tells and asks before it has a socket.

use std::time::{Duration, Instant};

use super::Traffic;
use crate::NotSent;
use crate::addresses::Attempt;

impl<T: Copy> Traffic<T> {
    /// A lane whose last socket is behind it takes the next request.
    pub(crate) fn free(&mut self, lane: usize) {
        if self.lanes[lane].free() {
            self.feed(lane);
        }
    }

    /// Whether the lane was given a request to connect for.
    pub(crate) fn is_called(&self, lane: usize) -> bool {
        self.lanes[lane].is_called()
    }

    /// The next address to try for the lane's request; the lanes begin at different ones. `behind` is that of
    /// the attempt before, or 0.
    pub(crate) fn next_address(&mut self, lane: usize, behind: usize, now: Instant) -> Option<Attempt> {
        self.addresses.take(lane, behind, now)
    }

    /// The address was reached.
    pub(crate) fn reached(&mut self, attempt: Attempt) {
        self.addresses.reached(attempt);
    }

    /// The address was not reached; nobody tries it again before `pause` is over.
    pub(crate) fn missed(&mut self, attempt: Attempt, pause: Duration, now: Instant) {
        self.addresses.missed(attempt, pause, now);
    }

    /// The request was gone before the address was reached or not.
    pub(crate) fn given_up(&mut self, attempt: Attempt, now: Instant) {
        self.addresses.given_up(attempt, now);
    }

    /// No socket was found for the lane's request. Those that wait are told as well when there is no address
    /// left to try for them.
    pub(crate) fn not_connected(&mut self, lane: usize, why: NotSent, now: Instant) {
        self.lanes[lane].replaced();
        while let Some(parcel) = self.lanes[lane].queue.pop_front() {
            let tag = self.settle(parcel.key).tag;
            self.not_sent(tag, why);
        }
        if !self.addresses.is_any_open(now) {
            self.refuse_waiting(NotSent::NoLink);
        }
    }
}
