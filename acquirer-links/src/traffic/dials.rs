//! How the links that stay come by their sockets.

use std::task::Waker;
use std::time::Instant;

use super::{Homing, Leave, Stage, Traffic, keep};
use crate::dialing::{Prospect, Turn};
use crate::{BreakerState, LinkEvent, LinkId, LinkLoss};

/// What is to be done about links that are away from the address they belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stray {
    /// Connect to that address for that lane.
    Fetch { lane: usize, home: usize },
    /// Nothing before that instant, unless something changes.
    Wait(Option<Instant>),
}

impl<T: Copy> Traffic<T> {
    /// The address a lane belongs to.
    fn home(&self, lane: usize) -> usize {
        lane % self.breakers.len()
    }

    /// Where a lane without a socket connects to.
    pub(crate) fn turn(&mut self, lane: usize, now: Instant) -> Turn {
        if self.needs_no_link() {
            return Turn::Wait(None, Prospect::Turn);
        }
        let (home, Self { dialing, breakers, .. }) = (self.home(lane), &mut *self);
        let turn = dialing.turn(home, now, |address| breakers[address].is_worth_connecting(now));
        match turn {
            Turn::Wait(_, Prospect::Recovery) if self.lanes[lane].is_worth_waiting_for() => {
                self.connect_failed(lane);
            }
            Turn::Wait(_, Prospect::Recovery | Prospect::Turn) | Turn::Dial(_) => {}
        }
        turn
    }

    /// A connection to an address was made.
    pub(crate) fn dialed(&mut self, address: usize, now: Instant) {
        let random = self.chance.roll();
        self.dialing.connected(address, now, random);
        self.wake_dialers();
    }

    /// A connection begun at `since` was not made.
    pub(crate) fn not_dialed(&mut self, address: usize, since: Instant, now: Instant) {
        let random = self.chance.roll();
        self.dialing.missed(address, since, now, random);
        self.went_nowhere(address, since, now);
        self.wake_dialers();
    }

    /// Whether nobody was told yet that an address cannot be reached.
    pub(crate) fn is_first_failure(&self, address: usize) -> bool {
        self.dialing.is_first_failure(address)
    }

    /// A lane did not get a socket.
    pub(crate) fn connect_failed(&mut self, lane: usize) -> LinkId {
        let generation = self.lanes[lane].failed();
        self.refuse_waiting_without_link();
        LinkId { lane, generation }
    }

    /// A lane's socket was connected, and not opened.
    pub(crate) fn not_signed_on(&mut self, lane: usize, why: LinkLoss) {
        let link = self.connect_failed(lane);
        self.events.push(LinkEvent::Down { link, why });
    }

    /// Has those look again who wait for a turn to connect.
    pub(super) fn wake_dialers(&self) {
        self.lanes.iter().filter(|lane| lane.is_dialing()).for_each(super::Lane::wake);
        if let Some(scout) = &self.scout {
            scout.wake_by_ref();
        }
    }

    /// Which link is to be fetched home.
    pub(crate) fn stray(&mut self, waker: &Waker, now: Instant) -> Stray {
        keep(&mut self.scout, waker);
        if self.stage != Stage::Open {
            return Stray::Wait(None);
        }
        let mut next: Option<Instant> = None;
        for lane in 0..self.lanes.len() {
            let (home, away) = (self.home(lane), &self.lanes[lane]);
            if !away.is_up() || away.address == home {
                continue;
            }
            let is_probed = self.breakers[home].state() != BreakerState::Passing && self.links_to(home) > 0;
            if is_probed {
                continue;
            }
            let pause_over =
                if self.breakers[home].is_worth_connecting(now) { None } else { self.breakers[home].due() };
            let not_before = self.dialing.not_before(home).max(away.owes_until).max(pause_over);
            match not_before.filter(|at| *at > now) {
                Some(at) => next = Some(next.map_or(at, |next| next.min(at))),
                None => {
                    if let Some(home) = self.dialing.take(home, now) {
                        return Stray::Fetch { lane, home };
                    }
                }
            }
        }
        Stray::Wait(next)
    }

    /// A socket to its home is there for a lane: has it leave the one it has once that is idle and owes no answer. Whether
    /// it has left; if not, when to look again at the latest.
    pub(crate) fn go_home(
        &mut self,
        waker: &Waker,
        link: LinkId,
        now: Instant,
    ) -> Result<(), Option<Instant>> {
        keep(&mut self.scout, waker);
        let others_take =
            self.lanes.iter().enumerate().any(|(nth, other)| nth != link.lane && other.is_taking());
        let lane = &mut self.lanes[link.lane];
        if !lane.is_up() || lane.generation != link.generation {
            return Ok(());
        }
        if let Some(until) = lane.owes_until.filter(|until| *until > now) {
            lane.homing = Homing::WhenIdle;
            return Err(Some(until));
        }
        if lane.in_flight > 0 {
            lane.homing = if others_take { Homing::Emptying } else { Homing::WhenIdle };
            return Err(None);
        }
        lane.leave(Leave::Home);
        Ok(())
    }

    /// The connection a lane has or had last.
    pub(crate) fn link(&self, lane: usize) -> LinkId {
        LinkId { lane, generation: self.lanes[lane].generation }
    }
}
