//! Which link carries a request, and whether any may.

use std::time::Instant;

use super::Traffic;
use super::lane::Lane;
use crate::breaker::Admits;
use crate::{BreakerState, LinkId, Mode, NotSent, Purpose};

/// Where an accepted request goes.
pub(super) enum Place {
    Lane(usize),
    /// To wait for a link that is worth it.
    Wait,
}

impl<T: Copy> Traffic<T> {
    /// The link to carry the next request: the one to follow, or the one with the least to do.
    pub(super) fn choose(
        &self,
        purpose: Purpose,
        follow: Option<LinkId>,
        now: Instant,
    ) -> Result<Place, NotSent> {
        if self.is_backing_off(now)
            || !self.lanes.iter().any(|lane| lane.is_taking() || self.may_wait_for(lane))
        {
            return Err(NotSent::NoLink);
        }
        let breaker = self.breaker();
        if purpose == Purpose::Request && breaker == BreakerState::Blocked {
            return Err(NotSent::Blocked);
        }
        let lane = match self.mode {
            Mode::Multiplexed => self.followed(purpose, follow).or_else(|| self.least_busy(purpose)),
            Mode::OneInFlight | Mode::PerRequest { .. } => self.least_busy(purpose),
        };
        match (lane, purpose, breaker) {
            (Some(lane), _, _) => Ok(Place::Lane(lane)),
            // Whoever waits would wait for another's probe.
            (None, Purpose::Request, BreakerState::Probing | BreakerState::Blocked) => Err(NotSent::Blocked),
            (None, Purpose::Request, BreakerState::Passing) | (None, Purpose::Undo, _) if self.may_wait() => {
                Ok(Place::Wait)
            }
            (None, Purpose::Request, BreakerState::Passing) | (None, Purpose::Undo, _) => {
                Err(NotSent::NoLink)
            }
        }
    }

    fn followed(&self, purpose: Purpose, follow: Option<LinkId>) -> Option<usize> {
        let link = follow?;
        let lane = self.lanes.get(link.lane).filter(|lane| lane.is_link(link))?;
        self.rank(lane, purpose).map(|_| link.lane)
    }

    /// Starts looking behind the last choice, so that idle links take turns.
    fn least_busy(&self, purpose: Purpose) -> Option<usize> {
        let count = self.lanes.len();
        (0..count)
            .map(|step| (self.next_lane + step) % count)
            .filter(|lane| self.lanes[*lane].is_taking())
            .filter(|lane| !self.mode.is_one_at_a_time() || self.lanes[*lane].is_idle())
            .filter_map(|lane| Some((lane, self.rank(&self.lanes[lane], purpose)?)))
            .min_by_key(|(lane, rank)| (*rank, self.lanes[*lane].in_flight))
            .map(|(lane, _)| lane)
    }

    /// Whether a telegram may go by that link, and which go first: what asks probes an address as soon as it may; what
    /// undoes goes where it is answered, if it can choose.
    fn rank(&self, lane: &Lane, purpose: Purpose) -> Option<u8> {
        let admits = match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => self.breakers[lane.address].admits(),
            // Where it connects to is decided when it does.
            Mode::PerRequest { .. } => Admits::All,
        };
        match (purpose, admits) {
            (Purpose::Request, Admits::One) | (Purpose::Undo, Admits::All) => Some(0),
            (Purpose::Request, Admits::All) | (Purpose::Undo, Admits::One) => Some(1),
            (Purpose::Undo, Admits::None) => Some(2),
            (Purpose::Request, Admits::None) => None,
        }
    }

    /// Whether a request without a link has one to wait for.
    pub(super) fn may_wait(&self) -> bool {
        self.lanes.iter().any(|lane| self.may_wait_for(lane))
    }

    fn may_wait_for(&self, lane: &Lane) -> bool {
        self.mode.is_one_at_a_time() && lane.is_worth_waiting_for()
    }

    /// Whether no address is to be tried at this moment.
    fn is_backing_off(&self, now: Instant) -> bool {
        match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => false,
            Mode::PerRequest { .. } => !self.addresses.is_any_open(now),
        }
    }

    /// Gives an idle link the next telegram that waits and may go by it.
    pub(super) fn feed(&mut self, lane: usize) {
        if !self.lanes[lane].is_taking() || !self.lanes[lane].is_idle() {
            return;
        }
        let address = self.lanes[lane].address;
        let next = match self.rank(&self.lanes[lane], Purpose::Request) {
            Some(_) => self.waiting.pop(),
            None => self.waiting.pop_undoing(),
        };
        let Some(parcel) = next else {
            if self.breakers[address].wants_echo() {
                self.lanes[lane].wake();
            }
            return;
        };
        let key = parcel.cargo.key().expect("only requests wait for a link");
        let probe = self.probe(lane, parcel.purpose);
        let flight = self.pending.get_mut(key).expect("what waits is under way");
        (flight.lane, flight.probe) = (Some(lane), probe);
        self.lanes[lane].take_on(parcel);
    }

    /// Takes the probe of a lane's address for a request that is to go there, if it is one.
    pub(super) fn probe(&mut self, lane: usize, purpose: Purpose) -> Option<super::Probe> {
        match (self.mode, purpose) {
            (Mode::PerRequest { .. }, _) | (_, Purpose::Undo) => None,
            (Mode::Multiplexed | Mode::OneInFlight, Purpose::Request) => {
                let address = self.lanes[lane].address;
                self.breakers[address].take_probe().map(|id| super::Probe { address, id })
            }
        }
    }
}
