//! Which link carries what, and what became of it. No socket and no clock: time is an argument.

mod answers;
mod beats;
mod breakers;
mod calls;
mod choice;
mod dials;
mod drain;
mod lane;
mod links;
mod state;
#[cfg(test)]
mod tests;
mod unasked;

use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

pub(crate) use self::breakers::Judgement;
use self::choice::Place;
pub(crate) use self::dials::Stray;
pub(crate) use self::lane::Leave;
use self::lane::{Homing, Lane};
pub use self::state::{AddressState, PoolState};
use crate::addresses::Addresses;
use crate::allowance::Allowance;
use crate::breaker::{Breaker, Fault, ProbeId};
use crate::chance::Chance;
use crate::dialing::Dialing;
use crate::late::LateKeys;
use crate::outbox::{Cargo, Parcel};
use crate::pending::Pending;
use crate::queue::Queue;
use crate::{
    BreakerState, Key, LinkEvent, LinkId, Mode, NotSent, Outcome, Outgoing, PoolSettings, Purpose,
    Unanswered, UnansweredWhy,
};

/// A deadline that falls into a write is looked at again after this.
const WRITE_IN_PROGRESS: Duration = Duration::from_millis(1);

/// The traffic of one pool.
///
/// A request is *accepted* once it stands in `pending`, and leaves it with exactly one outcome. A link is
/// known by its lane, the index of its task. What happens is told in `events`, in order.
pub(crate) struct Traffic<T> {
    mode: Mode,
    names: Vec<Arc<str>>,
    max_in_flight: usize,
    queue_limit: usize,
    lingers: Duration,
    lanes: Vec<Lane>,
    /// Which of them can be reached (per-request only).
    addresses: Addresses,
    /// When links may connect to which of them (not per-request).
    dialing: Dialing,
    /// What is thought of each.
    breakers: Vec<Breaker>,
    /// What was told of each, and of all together.
    told: Vec<BreakerState>,
    told_of_all: BreakerState,
    judgements: Vec<Judgement>,
    heartbeat: Option<Duration>,
    late_window: Duration,
    /// Telegrams no idle link could take (not on multiplexed pools).
    waiting: Queue,
    pending: Pending<Flight<T>>,
    late: LateKeys<T>,
    /// Requests of which no byte was taken yet, on all lanes and in `waiting`.
    unsent: usize,
    /// Sockets that only read, for a late answer.
    late_readers: usize,
    events: Vec<LinkEvent<T>>,
    stage: Stage,
    next_lane: usize,
    next_number: u64,
    chance: Chance,
    /// Wakes the task that fetches links home.
    scout: Option<Waker>,
    clock: Option<Waker>,
    /// What the clock's timer is set to.
    clock_set_to: Option<Instant>,
}

/// One accepted request without an outcome yet.
struct Flight<T> {
    tag: T,
    purpose: Purpose,
    lane: Option<usize>,
    phase: Phase,
    deadline: Instant,
    not_after: Instant,
    /// When the socket connected for it must have taken all of it (per-request only).
    send_by: Option<Instant>,
    probe: Option<Probe>,
}

/// A request that finds out whether an address is back.
#[derive(Clone, Copy, Debug)]
struct Probe {
    address: usize,
    id: ProbeId,
}

/// How far a request is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// In a queue; provably unsent.
    Waiting,
    /// Offered to a socket in a write that has not returned.
    Writing,
    /// Some of its bytes were taken, the rest was not.
    Begun,
    /// Its last byte was handed to the kernel then.
    Handed(Instant),
}

impl Phase {
    /// Whether a byte may have left.
    fn may_have_left(self) -> bool {
        match self {
            Self::Waiting => false,
            Self::Writing | Self::Begun | Self::Handed(_) => true,
        }
    }

    /// When its last byte left, at the latest.
    fn handed_by(self, now: Instant) -> Instant {
        match self {
            Self::Waiting | Self::Writing | Self::Begun => now,
            Self::Handed(at) => at,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    /// No new requests; those under way are waited for, and the late answers to those given up on. A link without either closes.
    Draining,
    /// The links give up what they carry.
    Stopped,
}

impl<T: Copy> Traffic<T> {
    pub(crate) fn new(mode: Mode, settings: &PoolSettings) -> Self {
        let allowance = Allowance::of_one_among(settings.links);
        Self {
            mode,
            names: settings.addresses.iter().map(|address| address.as_str().into()).collect(),
            max_in_flight: settings.max_in_flight,
            queue_limit: settings.queue,
            lingers: lingers(settings),
            lanes: (0..settings.links)
                .map(|_| match mode {
                    Mode::Multiplexed | Mode::OneInFlight => Lane::persistent(allowance),
                    Mode::PerRequest { .. } => Lane::per_request(allowance),
                })
                .collect(),
            addresses: Addresses::new(settings.addresses.len()),
            dialing: Dialing::new(settings.addresses.len(), settings.backoff),
            breakers: settings.addresses.iter().map(|_| Breaker::new(settings.breaker)).collect(),
            told: vec![BreakerState::Passing; settings.addresses.len()],
            told_of_all: BreakerState::Passing,
            judgements: Vec::new(),
            heartbeat: settings.heartbeat,
            late_window: settings.late_window,
            waiting: Queue::default(),
            pending: Pending::new(),
            late: LateKeys::new(settings.late_window, settings.late_keys),
            unsent: 0,
            late_readers: 0,
            events: Vec::new(),
            stage: Stage::Open,
            next_lane: 0,
            next_number: 0,
            chance: Chance::new(),
            scout: None,
            clock: None,
            clock_set_to: None,
        }
    }

    /// Accepts a request, or refuses it with nothing changed.
    pub(crate) fn send(&mut self, send: Outgoing<T>, now: Instant) -> Result<(), NotSent> {
        match self.stage {
            Stage::Open => {}
            Stage::Draining | Stage::Stopped => return Err(NotSent::Closing),
        }
        if send.deadline <= now {
            return Err(NotSent::DeadlinePassed);
        }
        if send.not_after <= now {
            return Err(NotSent::NotAfterPassed);
        }
        let place = self.choose(send.purpose, send.follow, now)?;
        if self.pending.len() >= self.max_in_flight {
            return Err(NotSent::TooManyInFlight);
        }
        let queued = match (self.mode, &place) {
            (Mode::Multiplexed, _) => self.unsent,
            (Mode::OneInFlight | Mode::PerRequest { .. }, Place::Lane(_)) => 0,
            (Mode::OneInFlight | Mode::PerRequest { .. }, Place::Wait) => self.waiting.len(),
        };
        // What asks leaves room for what undoes.
        let limit = match send.purpose {
            Purpose::Request => self.queue_limit,
            Purpose::Undo => self.queue_limit.saturating_mul(2),
        };
        if queued >= limit {
            return Err(NotSent::QueueFull);
        }
        let Outgoing { tag, key, telegram, deadline, not_after, follow: _, purpose } = send;
        let due = deadline.min(not_after);
        let lane = match place {
            Place::Lane(lane) => Some(lane),
            Place::Wait => None,
        };
        let flight = Flight {
            tag,
            purpose,
            lane,
            phase: Phase::Waiting,
            deadline,
            not_after,
            send_by: None,
            probe: None,
        };
        self.pending.insert(key, flight, due).map_err(|_| NotSent::DuplicateKey)?;
        self.unsent += 1;
        let parcel = Parcel { cargo: Cargo::Request(key), telegram, purpose, not_after: Some(not_after) };
        match lane {
            Some(lane) => {
                self.next_lane = lane + 1;
                let probe = self.probe(lane, purpose);
                self.pending.get_mut(key).expect("it was just taken up").probe = probe;
                self.lanes[lane].take_on(parcel);
            }
            None => self.waiting.push(parcel),
        }
        if self.clock_set_to.is_none_or(|set_to| due < set_to) {
            self.wake_clock();
        }
        Ok(())
    }

    /// Ends what is due by `now`.
    pub(crate) fn expire(&mut self, now: Instant) {
        self.end_pauses(now);
        self.end_owing(now);
        while let Some(key) = self.pending.pop_due(now) {
            let flight = self.pending.get(key).expect("whatever is due is under way");
            let (phase, deadline, lane) = (flight.phase, flight.deadline, flight.lane);
            let not_after = flight.not_after;
            let handed_by = flight.send_by.map_or(deadline, |send_by| send_by.min(deadline)).min(not_after);
            match phase {
                Phase::Waiting if deadline.min(not_after) <= now => {
                    let queue = lane.map_or(&mut self.waiting, |lane| &mut self.lanes[lane].queue);
                    let was_queued = queue.remove(key);
                    debug_assert!(was_queued, "what waits is queued");
                    let why = if deadline <= now { NotSent::DeadlinePassed } else { NotSent::NotAfterPassed };
                    let tag = self.settle(key).tag;
                    self.not_sent(tag, why);
                }
                Phase::Writing => self.pending.rearm(key, now + WRITE_IN_PROGRESS),
                Phase::Begun if handed_by > now => self.pending.rearm(key, handed_by),
                Phase::Handed(_) if deadline > now => self.pending.rearm(key, deadline),
                Phase::Waiting | Phase::Begun => {
                    // Its outcome comes once the socket is closed: until then the rest could still leave.
                    let lane = lane.expect("what has a socket that is too slow is on a link");
                    self.lanes[lane].leave(Leave::Stuck);
                }
                Phase::Handed(at) => {
                    let lane = lane.expect("what was handed to a socket is on a link");
                    if self.mode.is_one_at_a_time() {
                        self.lanes[lane].leave(Leave::ForLateAnswer(key));
                    }
                    self.went_wrong(self.lanes[lane].address, Fault::NotAnswered, at, now);
                    self.lanes[lane].owes_until = Some(now + self.late_window);
                    let tag = self.settle(key).tag;
                    let unanswered = Unanswered {
                        why: UnansweredWhy::TimedOut,
                        last_byte_by: at + self.lingers,
                        link: LinkId { lane, generation: self.lanes[lane].generation },
                    };
                    self.unanswered(key, tag, unanswered, now);
                }
            }
        }
    }

    /// Takes an accepted request off the books; the caller tells its outcome.
    fn settle(&mut self, key: Key) -> Flight<T> {
        let flight = self.pending.remove(key).expect("only what is under way is settled");
        match flight.phase {
            Phase::Waiting | Phase::Writing => self.unsent -= 1,
            Phase::Begun | Phase::Handed(_) => {}
        }
        if let Some(Probe { address, id }) = flight.probe {
            self.breakers[address].probe_over(id);
        }
        if let Some(lane) = flight.lane {
            self.lanes[lane].in_flight -= 1;
            match self.mode {
                Mode::Multiplexed | Mode::OneInFlight => {}
                Mode::PerRequest { .. } => self.lanes[lane].served(),
            }
            self.feed(lane);
            if self.stage == Stage::Draining {
                self.lanes[lane].wake();
            }
            if self.lanes[lane].homing != Homing::No
                && let Some(scout) = &self.scout
            {
                scout.wake_by_ref();
            }
        }
        flight
    }

    fn not_sent(&mut self, tag: T, why: NotSent) {
        self.events.push(LinkEvent::Outcome { tag, outcome: Outcome::NotSent(why) });
    }

    fn unanswered(&mut self, key: Key, tag: T, unanswered: Unanswered, now: Instant) {
        self.late.remember(key, tag, now);
        self.events.push(LinkEvent::Outcome { tag, outcome: Outcome::Unanswered(unanswered) });
    }

    /// Swaps what happened since the last call into `batch`, which must be empty.
    pub(crate) fn take_events(&mut self, batch: &mut Vec<LinkEvent<T>>) {
        std::mem::swap(&mut self.events, batch);
    }

    pub(crate) fn has_events(&self) -> bool {
        !self.events.is_empty() || !self.judgements.is_empty()
    }

    /// Whether nothing is under way on that lane.
    pub(crate) fn is_idle(&self, lane: usize) -> bool {
        self.lanes[lane].in_flight == 0
    }

    /// Has the lane's task woken when there is something for it to do.
    pub(crate) fn register(&mut self, lane: usize, waker: &Waker) {
        keep(&mut self.lanes[lane].waker, waker);
    }

    /// Has the lane's task look again.
    pub(crate) fn wake(&self, lane: usize) {
        self.lanes[lane].wake();
    }

    /// Whether the lane's task must leave its socket, and how.
    pub(crate) fn leave(&self, lane: usize) -> Option<Leave> {
        match self.stage {
            Stage::Open => self.lanes[lane].leaving(),
            Stage::Draining => self.lanes[lane].leaving().or_else(|| self.leave_drained(lane)),
            Stage::Stopped => Some(Leave::Closing),
        }
    }

    /// When the next request falls due, or the next pause is over; of a draining pool also when the next link may close. Remembers it, to have the clock woken when an earlier one comes.
    pub(crate) fn set_clock(&mut self, waker: &Waker) -> Option<Instant> {
        keep(&mut self.clock, waker);
        let dues = [self.pending.next_due(), self.next_pause_over(), self.next_owing_over()];
        self.clock_set_to = dues.into_iter().flatten().min();
        self.clock_set_to
    }

    pub(super) fn wake_clock(&self) {
        if let Some(clock) = &self.clock {
            clock.wake_by_ref();
        }
    }
}

fn keep(place: &mut Option<Waker>, waker: &Waker) {
    match place {
        Some(kept) => kept.clone_from(waker),
        None => *place = Some(waker.clone()),
    }
}

/// How long what was handed to a socket may still be on its way out of this machine: in the kernel, and in a TLS session before it.
fn lingers(settings: &PoolSettings) -> Duration {
    let places = if settings.tls.is_some() { 2 } else { 1 };
    settings.stall_timeout * places
}
