//! What the task of a per-request link tells and asks before it has a socket.

use std::time::{Duration, Instant};

use super::{Probe, Traffic};
use crate::addresses::Attempt;
use crate::breaker::Admits;
use crate::{BreakerState, NotSent, Purpose};

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
    ///
    /// # Errors
    /// There is none left: none whose pause is over, or none that takes requests.
    pub(crate) fn next_address(
        &mut self,
        lane: usize,
        behind: usize,
        now: Instant,
    ) -> Result<Attempt, NotSent> {
        let Self { addresses, breakers, lanes, .. } = self;
        let called_for = lanes[lane].queue.first();
        let undoes = called_for.is_some_and(|parcel| parcel.purpose == Purpose::Undo);
        let attempt =
            addresses.take(lane, behind, now, |address| undoes || breakers[address].admits() != Admits::None);
        let Some(attempt) = attempt else {
            let blocked = addresses.is_any_open(now) && self.breaker() != BreakerState::Passing;
            return Err(if blocked { NotSent::Blocked } else { NotSent::NoLink });
        };
        let key = called_for.and_then(|parcel| parcel.cargo.key()).filter(|_| !undoes);
        if let Some(flight) = key.and_then(|key| self.pending.get_mut(key)) {
            // That of an address it tried before is over.
            if let Some(Probe { address, id }) = flight.probe.take() {
                self.breakers[address].probe_over(id);
            }
            let probe = self.breakers[attempt.address].take_probe();
            flight.probe = probe.map(|id| Probe { address: attempt.address, id });
        }
        Ok(attempt)
    }

    /// The address was reached.
    pub(crate) fn reached(&mut self, attempt: Attempt) {
        self.addresses.reached(attempt);
    }

    /// The address was not reached by an attempt begun at `since`; nobody tries it again before `pause` is over.
    pub(crate) fn missed(&mut self, attempt: Attempt, since: Instant, pause: Duration, now: Instant) {
        self.addresses.missed(attempt, pause, now);
        self.went_nowhere(attempt.address, since, now);
    }

    /// The request was gone before the address was reached or not.
    pub(crate) fn given_up(&mut self, attempt: Attempt, now: Instant) {
        self.addresses.given_up(attempt, now);
    }

    /// No socket was found for the lane's request. Those that wait are told as well when there is no address
    /// left to try for them.
    pub(crate) fn not_connected(&mut self, lane: usize, why: NotSent, now: Instant) {
        self.lanes[lane].replaced();
        while let Some(parcel) = self.lanes[lane].queue.pop() {
            self.refuse(&parcel, why);
        }
        if !self.addresses.is_any_open(now) {
            self.refuse_waiting(NotSent::NoLink);
        }
    }
}
