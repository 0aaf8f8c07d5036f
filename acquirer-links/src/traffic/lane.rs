use std::collections::VecDeque;
use std::task::Waker;

use crate::outbox::Parcel;
use crate::{Key, LinkId};

/// The place of one link task in its pool, whichever socket it has at the moment.
#[derive(Default)]
pub(super) struct Lane {
    state: LaneState,
    /// Which connection of this lane is or was the last.
    pub(super) generation: u64,
    /// Accepted requests given to this link, queued ones included.
    pub(super) in_flight: usize,
    /// Those of which no byte was taken yet.
    pub(super) queue: VecDeque<Parcel>,
    pub(super) waker: Option<Waker>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum LaneState {
    /// Not connected.
    #[default]
    Down,
    /// Its last socket waits for a late answer, and the first attempt at another is under way.
    Replacing,
    /// Connected and taking requests.
    Up,
    /// Connected, but its task must leave the socket.
    Leaving(Leave),
}

/// How a link task must leave its socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// A half-written request reached its deadline: reset it.
    Stuck,
    /// It still owes the answer with this key: only read from it, and take another.
    ForLateAnswer(Key),
    /// The pool is stopped.
    Closing,
}

impl Lane {
    pub(super) fn is_up(&self) -> bool {
        self.state == LaneState::Up
    }

    pub(super) fn is_link(&self, link: LinkId) -> bool {
        self.is_up() && self.generation == link.generation
    }

    /// Whether it takes requests again without first having to succeed where it failed.
    pub(super) fn is_worth_waiting_for(&self) -> bool {
        match self.state {
            LaneState::Up | LaneState::Replacing | LaneState::Leaving(Leave::ForLateAnswer(_)) => true,
            LaneState::Down | LaneState::Leaving(Leave::Stuck | Leave::Closing) => false,
        }
    }

    pub(super) fn leaving(&self) -> Option<Leave> {
        match self.state {
            LaneState::Leaving(leave) => Some(leave),
            LaneState::Down | LaneState::Replacing | LaneState::Up => None,
        }
    }

    pub(super) fn connected(&mut self) -> u64 {
        self.state = LaneState::Up;
        self.generation += 1;
        self.generation
    }

    pub(super) fn failed(&mut self) {
        self.state = LaneState::Down;
    }

    pub(super) fn replaced(&mut self) -> u64 {
        self.state = LaneState::Replacing;
        self.generation
    }

    pub(super) fn lost(&mut self) -> u64 {
        self.state = LaneState::Down;
        self.generation
    }

    pub(super) fn leave(&mut self, leave: Leave) {
        self.state = LaneState::Leaving(leave);
        self.wake();
    }

    pub(super) fn take_on(&mut self, parcel: Parcel) {
        self.in_flight += 1;
        self.queue.push_back(parcel);
        self.wake();
    }

    pub(super) fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}
