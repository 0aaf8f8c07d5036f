//! What is learnt of each address, and what follows from it.

use std::time::Instant;

use super::Traffic;
use crate::breaker::Fault;
use crate::{BreakerSettings, BreakerState, LinkEvent, LinkLoss, Mode, NotSent};

/// A change of one address's breaker, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// Which address.
    pub(crate) address: usize,
    /// Its state from now on.
    pub(crate) state: BreakerState,
}

impl<T: Copy> Traffic<T> {
    /// Each breaker goes by other settings from now on.
    pub(crate) fn tune(&mut self, settings: BreakerSettings) {
        self.breakers.iter_mut().for_each(|breaker| breaker.tune(settings));
    }

    /// What was asked of an address at `asked` was answered.
    pub(super) fn went_well(&mut self, address: usize, asked: Instant, now: Instant) {
        let random = self.chance.roll();
        self.breakers[address].answered(asked, now, random);
        self.judge_if_changed(address);
    }

    /// An address replied to an echo, or answered what undoes: somebody is there, who may be silent to requests all the same.
    pub(super) fn was_there(&mut self, address: usize, now: Instant) {
        self.breakers[address].echoed(now);
        self.judge_if_changed(address);
    }

    /// What was asked of an address at `asked` failed.
    pub(super) fn went_wrong(&mut self, address: usize, fault: Fault, asked: Instant, now: Instant) {
        let random = self.chance.roll();
        self.breakers[address].failed(fault, asked, now, random);
        self.judge_if_changed(address);
    }

    /// A connection to an address, begun at `since`, was not made or of no use at all. That says nothing against an address
    /// whose other links are up: it may take only so many.
    pub(super) fn went_nowhere(&mut self, address: usize, since: Instant, now: Instant) {
        if !self.stays() || self.links_to(address) == 0 {
            self.went_wrong(address, Fault::NotConnected, since, now);
        }
    }

    /// What the loss of a lane's socket tells of its address; asked once it is lost, and before what it carried is settled.
    pub(super) fn learn_from_loss(&mut self, lane: usize, why: &LinkLoss, now: Instant) {
        match why {
            LinkLoss::Closed | LinkLoss::Served | LinkLoss::WentHome | LinkLoss::TimedOut => return,
            LinkLoss::ClosedByPeer
            | LinkLoss::Io(_)
            | LinkLoss::BadFrame(_)
            | LinkLoss::Stuck
            | LinkLoss::Silent
            | LinkLoss::SignOnRefused
            | LinkLoss::SignOnSilent => {}
        }
        let asked = !self
            .pending
            .keys_where(|flight| flight.lane == Some(lane) && flight.phase.may_have_left())
            .is_empty();
        let left_unanswered = asked || *why == LinkLoss::Silent;
        let lost = &self.lanes[lane];
        let (address, since) = (lost.address, lost.up_at.unwrap_or(now));
        let is_of_use =
            lost.is_spoken_to || now.saturating_duration_since(since) >= self.dialing.shortest_life();
        if !left_unanswered && is_of_use {
            self.dialing.lost(address);
        } else if self.lanes[lane].is_spoken_to {
            self.dialing.lost(address);
            self.went_wrong(address, Fault::NotAnswered, now, now);
        } else {
            // It took a connection and never said a word: no better than if it had taken none.
            let random = self.chance.roll();
            self.dialing.failed(address, since, now, random);
            if left_unanswered {
                self.went_wrong(address, Fault::NotAnswered, since, now);
            } else {
                self.went_nowhere(address, since, now);
            }
        }
        self.wake_dialers();
    }

    /// Ends the pauses that are over.
    pub(super) fn end_pauses(&mut self, now: Instant) {
        for address in 0..self.breakers.len() {
            if self.can_be_probed(address) {
                self.breakers[address].tick(now, self.heartbeat.is_some());
                self.judge_if_changed(address);
            }
        }
    }

    pub(super) fn next_pause_over(&self) -> Option<Instant> {
        let probed = (0..self.breakers.len()).filter(|address| self.can_be_probed(*address));
        probed.filter_map(|address| self.breakers[address].due()).min()
    }

    /// Whether anything can be sent to an address to find out: without a link, its pause has no end.
    fn can_be_probed(&self, address: usize) -> bool {
        !self.stays() || self.links_to(address) > 0
    }

    /// Whether links stay connected without a request.
    fn stays(&self) -> bool {
        match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => true,
            Mode::PerRequest { .. } => false,
        }
    }

    fn judge_if_changed(&mut self, address: usize) {
        if self.told[address] != self.breakers[address].state() {
            self.judge();
        }
    }

    /// Tells what has changed, and acts on it.
    pub(super) fn judge(&mut self) {
        for address in 0..self.breakers.len() {
            let state = self.breakers[address].state();
            if self.told[address] == state {
                continue;
            }
            self.told[address] = state;
            self.judgements.push(Judgement { address, state });
            self.wake_at(address);
            self.wake_dialers();
        }
        let (old, new) = (self.told_of_all, self.breaker());
        if old != new {
            self.told_of_all = new;
            self.events.push(LinkEvent::Breaker { old, new });
        }
        if self.next_pause_over().is_some_and(|due| self.clock_set_to.is_none_or(|set_to| due < set_to)) {
            self.wake_clock();
        }
        match new {
            BreakerState::Passing => {}
            BreakerState::Blocked | BreakerState::Probing => self.refuse_waiting_requests(NotSent::Blocked),
        }
    }

    fn wake_at(&self, address: usize) {
        self.lanes.iter().filter(|lane| lane.is_up() && lane.address == address).for_each(super::Lane::wake);
    }

    /// Whether requests are let through to any address: of persistent links, those that there is a link to count, if there
    /// is any link.
    pub(crate) fn breaker(&self) -> BreakerState {
        if self.breakers.iter().all(|breaker| breaker.state() == BreakerState::Passing) {
            return BreakerState::Passing;
        }
        let any_link = self.lanes.iter().any(super::Lane::is_up);
        let counts = |address: usize| !self.stays() || !any_link || self.links_to(address) > 0;
        let states = || {
            (0..self.breakers.len())
                .filter(|address| counts(*address))
                .map(|address| self.breakers[address].state())
        };
        if states().any(|state| state == BreakerState::Passing) {
            BreakerState::Passing
        } else if states().any(|state| state == BreakerState::Probing) {
            BreakerState::Probing
        } else {
            BreakerState::Blocked
        }
    }

    /// Connections to an address.
    pub(super) fn links_to(&self, address: usize) -> usize {
        self.lanes.iter().filter(|lane| lane.is_up() && lane.address == address).count()
    }

    /// Moves the changes of breakers into `batch`.
    pub(crate) fn take_judgements(&mut self, batch: &mut Vec<Judgement>) {
        batch.append(&mut self.judgements);
    }
}
