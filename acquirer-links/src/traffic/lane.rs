use std::task::Waker;
use std::time::Instant;

use crate::allowance::Allowance;
use crate::heartbeat::Heartbeat;
use crate::outbox::Parcel;
use crate::queue::Queue;
use crate::{Key, LinkId};

/// The place of one link task in its pool, whichever socket it has at the moment.
pub(super) struct Lane {
    state: LaneState,
    /// Which connection of this lane is or was the last.
    pub(super) generation: u64,
    /// Accepted requests given to this link, queued ones included.
    pub(super) in_flight: usize,
    /// Those of which no byte was taken yet.
    pub(super) queue: Queue,
    /// Where its last socket goes or went to, among the addresses.
    pub(super) address: usize,
    /// When that came up.
    pub(super) up_at: Option<Instant>,
    /// Whether a telegram came in on it.
    pub(super) is_spoken_to: bool,
    /// Of a link whose life is proven by heartbeats.
    pub(super) heartbeat: Option<Heartbeat>,
    /// Until when the answer to something given up on it may still come.
    pub(super) owes_until: Option<Instant>,
    /// Whether a socket to the address it belongs to waits for it.
    pub(super) homing: Homing,
    /// What may still come in, on any socket it has, that nobody waits for.
    pub(super) allowance: Allowance,
    pub(super) waker: Option<Waker>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LaneState {
    /// Not connected.
    Down,
    /// Its last socket waits for a late answer, and the first attempt at another is under way. Of a
    /// per-request link: its last socket is gone, and its task is about to take another request.
    Replacing,
    /// Without a socket, and taking a request to connect for (per-request only).
    Free,
    /// It has its request and is to connect for it (per-request only).
    Called,
    /// Connected and taking requests; a per-request link: connected for the one it has.
    Up,
    /// Connected, but its task must leave the socket.
    Leaving(Leave),
}

/// Whether a link is to go home: to the address it belongs to, where a socket waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Homing {
    No,
    /// Once it happens to be idle.
    WhenIdle,
    /// It takes nothing more, so that it will be.
    Emptying,
}

/// How a link task must leave its socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// A half-written request reached its deadline, or the instant after which nothing more of it may leave: reset it.
    Stuck,
    /// It still owes the answer with this key: only read from it, and take another.
    ForLateAnswer(Key),
    /// The one request it was for has had its outcome: close it.
    Served,
    /// It is idle, and another to the address it belongs to is there to take its place: close it.
    Home,
    /// The pool is stopped, or draining with nothing to wait for on this link.
    Closing,
}

impl Lane {
    /// The lane of a persistent link, which is yet to connect.
    pub(super) fn persistent(allowance: Allowance) -> Self {
        Self {
            state: LaneState::Down,
            generation: 0,
            in_flight: 0,
            queue: Queue::default(),
            address: 0,
            up_at: None,
            is_spoken_to: false,
            heartbeat: None,
            owes_until: None,
            homing: Homing::No,
            allowance,
            waker: None,
        }
    }

    /// The lane of a per-request link.
    pub(super) fn per_request(allowance: Allowance) -> Self {
        Self { state: LaneState::Free, ..Self::persistent(allowance) }
    }

    pub(super) fn is_up(&self) -> bool {
        self.state == LaneState::Up
    }

    /// Whether a request may be given to it.
    pub(super) fn is_taking(&self) -> bool {
        matches!(self.state, LaneState::Up | LaneState::Free) && self.homing != Homing::Emptying
    }

    /// Whether nothing is under way on it, an echo included.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight == 0 && !self.is_asking()
    }

    /// Whether an echo is out.
    pub(super) fn is_asking(&self) -> bool {
        self.is_up() && self.heartbeat.is_some_and(|heartbeat| heartbeat.is_asking())
    }

    /// Whether it wants a socket, and does not have one yet.
    pub(super) fn is_dialing(&self) -> bool {
        matches!(self.state, LaneState::Down | LaneState::Replacing)
    }

    /// Whether the answer to something given up on may still come on the socket it has.
    pub(super) fn is_owing(&self) -> bool {
        match self.state {
            LaneState::Up => self.owes_until.is_some(),
            LaneState::Leaving(Leave::ForLateAnswer(_)) => true,
            LaneState::Down
            | LaneState::Replacing
            | LaneState::Free
            | LaneState::Called
            | LaneState::Leaving(Leave::Stuck | Leave::Served | Leave::Home | Leave::Closing) => false,
        }
    }

    pub(super) fn is_called(&self) -> bool {
        self.state == LaneState::Called
    }

    pub(super) fn is_link(&self, link: LinkId) -> bool {
        self.is_up() && self.homing != Homing::Emptying && self.generation == link.generation
    }

    /// Whether it takes requests again without first having to succeed where it failed.
    pub(super) fn is_worth_waiting_for(&self) -> bool {
        match self.state {
            LaneState::Up
            | LaneState::Replacing
            | LaneState::Free
            | LaneState::Called
            | LaneState::Leaving(Leave::ForLateAnswer(_) | Leave::Served | Leave::Home) => true,
            LaneState::Down | LaneState::Leaving(Leave::Stuck | Leave::Closing) => false,
        }
    }

    pub(super) fn leaving(&self) -> Option<Leave> {
        match self.state {
            LaneState::Leaving(leave) => Some(leave),
            LaneState::Down | LaneState::Replacing | LaneState::Free | LaneState::Called | LaneState::Up => {
                None
            }
        }
    }

    pub(super) fn connected(&mut self, address: usize, heartbeat: Option<Heartbeat>, now: Instant) -> u64 {
        // What a per-request link connected for may be gone by now: then the socket is left at once.
        if self.state != LaneState::Leaving(Leave::Served) {
            self.state = LaneState::Up;
        }
        (self.address, self.up_at, self.heartbeat) = (address, Some(now), heartbeat);
        (self.is_spoken_to, self.owes_until, self.homing) = (false, None, Homing::No);
        self.generation += 1;
        self.generation
    }

    /// It cannot have a socket now; the number of the connection that was none.
    pub(super) fn failed(&mut self) -> u64 {
        self.state = LaneState::Down;
        self.generation += 1;
        self.generation
    }

    pub(super) fn replaced(&mut self) -> u64 {
        self.state = LaneState::Replacing;
        self.generation
    }

    pub(super) fn lost(&mut self) -> u64 {
        self.state = LaneState::Down;
        self.generation
    }

    /// Has a per-request link without a socket take another request; whether it does from now on.
    pub(super) fn free(&mut self) -> bool {
        match self.state {
            LaneState::Free | LaneState::Called | LaneState::Up => false,
            LaneState::Down | LaneState::Replacing | LaneState::Leaving(_) => {
                self.state = LaneState::Free;
                true
            }
        }
    }

    /// The one request of a per-request link has had its outcome.
    pub(super) fn served(&mut self) {
        if matches!(self.state, LaneState::Called | LaneState::Up) {
            self.leave(Leave::Served);
        }
    }

    pub(super) fn leave(&mut self, leave: Leave) {
        self.state = LaneState::Leaving(leave);
        self.wake();
    }

    pub(super) fn take_on(&mut self, parcel: Parcel) {
        if self.state == LaneState::Free {
            self.state = LaneState::Called;
        }
        self.in_flight += 1;
        self.queue.push(parcel);
        self.wake();
    }

    pub(super) fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}
