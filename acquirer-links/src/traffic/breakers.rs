//! What is learnt of each address, and what follows from it.

use std::time::Instant;

use super::Traffic;
use crate::breaker::{Breaker, Fault};
use crate::{BreakerState, LinkEvent, LinkLoss, Mode, NotSent};

/// A change of one address's breaker, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// Which address.
    pub(crate) address: usize,
    /// Its state from now on.
    pub(crate) state: BreakerState,
}

impl<T: Copy> Traffic<T> {
    /// What was asked of an address at `asked` was answered.
    pub(super) fn went_well(&mut self, address: usize, asked: Instant, now: Instant) {
        let random = self.chance.roll();
        self.breakers[address].answered(asked, now, random);
        self.judge();
    }

    /// What was asked of an address at `asked` failed.
    pub(super) fn went_wrong(&mut self, address: usize, fault: Fault, asked: Instant, now: Instant) {
        let random = self.chance.roll();
        self.breakers[address].failed(fault, asked, now, random);
        self.judge();
    }

    /// What the loss of a lane's socket tells of its address; asked before what it carried is settled.
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
            let fault = if left_unanswered { Fault::NotAnswered } else { Fault::NotConnected };
            self.went_wrong(address, fault, since, now);
        }
        self.wake_dialers();
    }

    /// Ends the pauses that are over.
    pub(super) fn end_pauses(&mut self, now: Instant) {
        for breaker in &mut self.breakers {
            breaker.tick(now, self.heartbeat.is_some());
        }
        self.judge();
    }

    pub(super) fn next_pause_over(&self) -> Option<Instant> {
        self.breakers.iter().filter_map(Breaker::due).min()
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
        let any_link = self.lanes.iter().any(super::Lane::is_up);
        let counts = |address: usize| match self.mode {
            Mode::PerRequest { .. } => true,
            Mode::Multiplexed | Mode::OneInFlight => !any_link || self.links_to(address) > 0,
        };
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
