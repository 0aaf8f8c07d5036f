//! Which link carries what, and what became of it. No socket and no clock: time is an argument.

mod calls;
mod lane;
mod links;
mod state;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use bytes::Bytes;

use self::lane::Lane;
pub(crate) use self::lane::Leave;
pub use self::state::{AddressState, PoolState};
use crate::addresses::Addresses;
use crate::late::LateKeys;
use crate::outbox::Parcel;
use crate::pending::Pending;
use crate::{
    Key, LinkEvent, LinkId, Mode, NotSent, Outcome, Outgoing, PoolSettings, Unanswered, UnansweredWhy,
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
    stall_timeout: Duration,
    lanes: Vec<Lane>,
    /// Which of them can be reached (per-request only).
    addresses: Addresses,
    /// Requests no idle link could take (not on multiplexed pools).
    waiting: VecDeque<Parcel>,
    pending: Pending<Flight<T>>,
    late: LateKeys<T>,
    /// Requests of which no byte was taken yet, on all lanes and in `waiting`.
    unsent: usize,
    events: Vec<LinkEvent<T>>,
    stage: Stage,
    next_lane: usize,
    clock: Option<Waker>,
    /// What the clock's timer is set to.
    clock_set_to: Option<Instant>,
}

/// One accepted request without an outcome yet.
struct Flight<T> {
    tag: T,
    lane: Option<usize>,
    phase: Phase,
    deadline: Instant,
    not_after: Instant,
    /// When the socket connected for it must have taken all of it (per-request only).
    send_by: Option<Instant>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    /// No new requests; those under way are waited for.
    Draining,
    /// The links give up what they carry.
    Stopped,
}

impl<T: Copy> Traffic<T> {
    pub(crate) fn new(mode: Mode, settings: &PoolSettings) -> Self {
        Self {
            mode,
            names: settings.addresses.iter().map(|address| address.as_str().into()).collect(),
            max_in_flight: settings.max_in_flight,
            queue_limit: settings.queue,
            stall_timeout: settings.stall_timeout,
            lanes: (0..settings.links)
                .map(|_| match mode {
                    Mode::Multiplexed | Mode::OneInFlight => Lane::persistent(),
                    Mode::PerRequest { .. } => Lane::per_request(),
                })
                .collect(),
            addresses: Addresses::new(settings.addresses.len()),
            waiting: VecDeque::new(),
            pending: Pending::new(),
            late: LateKeys::new(settings.late_window, settings.late_keys),
            unsent: 0,
            events: Vec::new(),
            stage: Stage::Open,
            next_lane: 0,
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
        let lane = self.choose(send.follow);
        if (lane.is_none() && !self.may_wait()) || self.is_backing_off(now) {
            return Err(NotSent::NoLink);
        }
        if self.pending.len() >= self.max_in_flight {
            return Err(NotSent::TooManyInFlight);
        }
        let queued = match self.mode {
            Mode::Multiplexed => self.unsent,
            Mode::OneInFlight | Mode::PerRequest { .. } if lane.is_some() => 0,
            Mode::OneInFlight | Mode::PerRequest { .. } => self.waiting.len(),
        };
        if queued >= self.queue_limit {
            return Err(NotSent::QueueFull);
        }
        let Outgoing { tag, key, telegram, deadline, not_after, follow: _, purpose: _ } = send;
        let due = deadline.min(not_after);
        let flight = Flight { tag, lane, phase: Phase::Waiting, deadline, not_after, send_by: None };
        self.pending.insert(key, flight, due).map_err(|_| NotSent::DuplicateKey)?;
        self.unsent += 1;
        let parcel = Parcel { key, telegram };
        match lane {
            Some(lane) => {
                self.next_lane = lane + 1;
                self.lanes[lane].take_on(parcel);
            }
            None => self.waiting.push_back(parcel),
        }
        if self.clock_set_to.is_none_or(|set_to| due < set_to) {
            self.wake_clock();
        }
        Ok(())
    }

    /// The link to carry the next request: the one to follow, or the one with the least to do.
    fn choose(&self, follow: Option<LinkId>) -> Option<usize> {
        match self.mode {
            Mode::Multiplexed => {
                let followed =
                    follow.filter(|link| self.lanes.get(link.lane).is_some_and(|lane| lane.is_link(*link)));
                followed.map(|link| link.lane).or_else(|| self.least_busy())
            }
            Mode::OneInFlight | Mode::PerRequest { .. } => {
                self.least_busy().filter(|lane| self.lanes[*lane].in_flight == 0)
            }
        }
    }

    /// Starts looking behind the last choice, so that idle links take turns.
    fn least_busy(&self) -> Option<usize> {
        let count = self.lanes.len();
        (0..count)
            .map(|step| (self.next_lane + step) % count)
            .filter(|lane| self.lanes[*lane].is_taking())
            .min_by_key(|lane| self.lanes[*lane].in_flight)
    }

    /// Whether a request without a link has one to wait for.
    fn may_wait(&self) -> bool {
        self.mode.is_one_at_a_time() && self.lanes.iter().any(Lane::is_worth_waiting_for)
    }

    /// Whether no address is to be tried at this moment.
    fn is_backing_off(&self, now: Instant) -> bool {
        match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => false,
            Mode::PerRequest { .. } => !self.addresses.is_any_open(now),
        }
    }

    /// A telegram came in on that lane, or on a socket that waits for its late answer.
    pub(crate) fn answer(&mut self, telegram: Bytes, key: Option<Key>, from: Option<usize>, now: Instant) {
        let Some(known) = key.or_else(|| self.only_asked(from)) else {
            self.events.push(LinkEvent::Unknown { telegram, key });
            return;
        };
        let flight = self.pending.get(known).filter(|flight| match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => true,
            // A socket that was for one request answers no other.
            Mode::PerRequest { .. } => flight.lane == from,
        });
        match flight.map(|flight| flight.phase) {
            Some(Phase::Writing | Phase::Handed(_)) => self.answered(known, telegram, from, now),
            // What was not sent cannot be answered: it answers an earlier try, or nothing.
            Some(Phase::Waiting | Phase::Begun) | None => match self.late.take(known, now) {
                Some(tag) => self.events.push(LinkEvent::Late { tag, telegram }),
                None => self.events.push(LinkEvent::Unknown { telegram, key }),
            },
        }
    }

    /// What an answer without a readable key answers: a per-request socket was asked for one thing only.
    fn only_asked(&self, from: Option<usize>) -> Option<Key> {
        match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => None,
            Mode::PerRequest { .. } => {
                let asked = self.pending.keys_where(|flight| {
                    let is_whole = matches!(flight.phase, Phase::Writing | Phase::Handed(_));
                    is_whole && from.is_some() && flight.lane == from
                });
                asked.first().copied()
            }
        }
    }

    fn answered(&mut self, key: Key, telegram: Bytes, from: Option<usize>, now: Instant) {
        let carrier = self.pending.get(key).and_then(|flight| flight.lane);
        if self.mode.is_one_at_a_time()
            && let Some(lane) = carrier
            && carrier != from
        {
            // Answered on another socket; its own still owes an answer and may carry nothing before that.
            self.lanes[lane].leave(Leave::ForLateAnswer(key));
        }
        let flight = self.settle(key);
        self.late.take(key, now);
        self.events.push(LinkEvent::Outcome { tag: flight.tag, outcome: Outcome::Answered(telegram) });
    }

    /// Ends what is due by `now`.
    pub(crate) fn expire(&mut self, now: Instant) {
        while let Some(key) = self.pending.pop_due(now) {
            let flight = self.pending.get(key).expect("whatever is due is under way");
            let (phase, deadline, lane) = (flight.phase, flight.deadline, flight.lane);
            let handed_by = flight.send_by.map_or(deadline, |send_by| send_by.min(deadline));
            match phase {
                Phase::Waiting if deadline.min(flight.not_after) <= now => {
                    let queue = lane.map_or(&mut self.waiting, |lane| &mut self.lanes[lane].queue);
                    let place = queue.iter().position(|parcel| parcel.key == key);
                    queue.remove(place.expect("what waits is queued"));
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
                    let tag = self.settle(key).tag;
                    let unanswered = Unanswered {
                        why: UnansweredWhy::TimedOut,
                        last_byte_by: at + self.stall_timeout,
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
        if let Some(lane) = flight.lane {
            self.lanes[lane].in_flight -= 1;
            match self.mode {
                Mode::Multiplexed | Mode::OneInFlight => {}
                Mode::PerRequest { .. } => self.lanes[lane].served(),
            }
            self.feed(lane);
        }
        flight
    }

    /// Gives an idle link the next request that waits.
    fn feed(&mut self, lane: usize) {
        let idle = self.lanes[lane].is_taking() && self.lanes[lane].in_flight == 0;
        if idle && let Some(parcel) = self.waiting.pop_front() {
            self.pending.get_mut(parcel.key).expect("what waits is under way").lane = Some(lane);
            self.lanes[lane].take_on(parcel);
        }
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
        !self.events.is_empty()
    }

    /// Whether nothing is under way on that lane.
    pub(crate) fn is_idle(&self, lane: usize) -> bool {
        self.lanes[lane].in_flight == 0
    }

    /// Has the lane's task woken when there is something for it to do.
    pub(crate) fn register(&mut self, lane: usize, waker: &Waker) {
        keep(&mut self.lanes[lane].waker, waker);
    }

    /// Whether the lane's task must leave its socket, and how.
    pub(crate) fn leave(&self, lane: usize) -> Option<Leave> {
        match self.stage {
            Stage::Open | Stage::Draining => self.lanes[lane].leaving(),
            Stage::Stopped => Some(Leave::Closing),
        }
    }

    /// When the next request falls due. Remembers it, to have the clock woken when an earlier one comes.
    pub(crate) fn set_clock(&mut self, waker: &Waker) -> Option<Instant> {
        keep(&mut self.clock, waker);
        self.clock_set_to = self.pending.next_due();
        self.clock_set_to
    }

    fn wake_clock(&self) {
        if let Some(clock) = &self.clock {
            clock.wake_by_ref();
        }
    }

    /// Accepts no more requests.
    pub(crate) fn drain(&mut self) {
        if self.stage == Stage::Open {
            self.stage = Stage::Draining;
        }
    }

    /// Whether the pool is draining and has nothing under way any more.
    pub(crate) fn is_drained(&self) -> bool {
        self.stage != Stage::Open && self.pending.is_empty()
    }

    /// Refuses what waits, and has every link give up what it carries.
    pub(crate) fn stop(&mut self) {
        self.stage = Stage::Stopped;
        self.refuse_waiting(NotSent::Closing);
        for lane in &self.lanes {
            lane.wake();
        }
        self.wake_clock();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stage == Stage::Stopped
    }
}

fn keep(place: &mut Option<Waker>, waker: &Waker) {
    match place {
        Some(kept) => kept.clone_from(waker),
        None => *place = Some(waker.clone()),
    }
}
