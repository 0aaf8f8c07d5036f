//! The places of a listener's connections, and who gives up his when others come. Strangers, who never brought a telegram of a terminal that
//! is known, go first: those of whom no byte came, then those that began a telegram and stopped in it, or take too long for it; then those who
//! speak for a terminal that has its share of connections without them; then terminals. The longest idle of each kind goes first, and nobody before
//! his stay is over. Whoever waits for an answer keeps his. While others than terminals have a sizeable part of the seats no terminal is asked:
//! their stay ends by itself, whatever they send.

use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use payment::TerminalId;
use tokio::{sync::Notify, time::Instant};

use super::shares::Shares;

/// How long a connection of which no byte came may stay before another takes its place: as long as one needs to come.
pub const STAY_OF_STRANGERS: Duration = Duration::from_secs(1);
/// How long a stranger that has begun a telegram may stay after its last byte: a slow line pauses, and its terminal is known only
/// by its whole telegram. So long, too, may one stay that speaks for a terminal beyond its share.
pub const STAY_AFTER_A_BYTE: Duration = Duration::from_secs(3);
/// For so long after its first byte a stranger's further bytes prolong its stay. From then on a telegram byte by byte keeps no seat: who
/// sends one has left it [`STAY_AFTER_A_BYTE`] later, if it is needed. Nor does one telegram after the other beyond a terminal's share.
pub const STAY_WITH_BYTES: Duration = Duration::from_secs(3);
/// How long a terminal may be idle before another takes its place.
pub const STAY_OF_TERMINALS: Duration = Duration::from_secs(10);
/// Others than terminals keep terminals' places for them, for they go within seconds; not when they have less than this part of all: too few would
/// leave soon.
pub const PART_OF_PASSING: usize = 8;

/// Bits of a seat's state beside the instant: it is waited for an answer there.
const BUSY: u64 = 1;
/// A stranger sits there of whom bytes came.
const BEGUN: u64 = 1 << 62;
/// Who sits there speaks for a terminal beyond its share.
const BEYOND: u64 = 1 << 63;
/// A terminal sits there.
const TERMINAL: u64 = BEYOND | BEGUN;
/// The instant in a seat's state, and [`BUSY`].
const INSTANT: u64 = BEGUN - 1;

/// Who sits on a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// No byte came.
    Silent,
    /// Bytes came, and no telegram of a terminal that is known.
    Begun,
    /// It speaks for a terminal that is known, which has its share of connections without it.
    Beyond,
    /// A terminal that is known.
    Terminal,
}

impl Kind {
    fn of(state: u64) -> Self {
        match (state & BEYOND != 0, state & BEGUN != 0) {
            (false, false) => Self::Silent,
            (false, true) => Self::Begun,
            (true, false) => Self::Beyond,
            (true, true) => Self::Terminal,
        }
    }

    /// The least state of one.
    fn first(self) -> u64 {
        match self {
            Self::Silent => 0,
            Self::Begun => BEGUN,
            Self::Beyond => BEYOND,
            Self::Terminal => TERMINAL,
        }
    }

    fn stay(self) -> Duration {
        match self {
            Self::Silent => STAY_OF_STRANGERS,
            Self::Begun | Self::Beyond => STAY_AFTER_A_BYTE,
            Self::Terminal => STAY_OF_TERMINALS,
        }
    }
}

/// The place of one connection.
#[derive(Debug)]
pub struct Seat {
    epoch: Instant,
    /// Ordered like the seats are: [`Kind`], microseconds since the epoch, [`BUSY`]. It only grows.
    state: AtomicU64,
    /// Where the seat stands in the order, which may be behind its state.
    place: AtomicU64,
    /// The state it was asked to leave in.
    asked: AtomicU64,
    /// When its first byte came, as in the state; 0 before.
    began: AtomicU64,
    number: u64,
    leave: Notify,
    /// The terminal whose share it has a part of.
    share: OnceLock<TerminalId>,
    shares: Arc<Shares>,
    /// How many seats are so that [`is_passing`].
    passing: Arc<AtomicUsize>,
}

impl Seat {
    fn new(epoch: Instant, number: u64, shares: Arc<Shares>, passing: Arc<AtomicUsize>) -> Self {
        let state = micros_since(epoch);
        count_passing(&passing, None, Some(state));
        Self {
            epoch,
            state: AtomicU64::new(state),
            place: AtomicU64::new(state),
            asked: AtomicU64::new(u64::MAX),
            began: AtomicU64::new(0),
            number,
            leave: Notify::new(),
            share: OnceLock::new(),
            shares,
            passing,
        }
    }

    /// A telegram came in the name of a terminal that is known; `waits` while answers are still to come. It sits there as that terminal if there is
    /// a part of its share left; who has one of any terminal keeps it for as long as he sits.
    pub fn is_used(&self, terminal: TerminalId, waits: bool) {
        if self.share.get().is_none() && self.shares.take(terminal) && self.share.set(terminal).is_err() {
            self.shares.give_back(terminal);
        }
        let kind = if self.share.get().is_some() { Kind::Terminal } else { Kind::Beyond };
        self.is_at_work(kind, waits);
    }

    /// Answers came for who brought a good telegram; `waits` while others are still to come.
    pub fn is_answered(&self, waits: bool) {
        match Kind::of(self.state.load(Ordering::Relaxed)) {
            Kind::Silent | Kind::Begun => {}
            kind @ (Kind::Beyond | Kind::Terminal) => self.is_at_work(kind, waits),
        }
    }

    /// Bytes came that may become a telegram.
    pub fn brought_bytes(&self) {
        let (state, now) = (self.state.load(Ordering::Relaxed), micros_since(self.epoch));
        self.set(match Kind::of(state) {
            Kind::Silent | Kind::Begun => BEGUN | self.prolonged_to(now),
            Kind::Beyond => BEYOND | (state & BUSY) | self.prolonged_to(now),
            Kind::Terminal => TERMINAL | (state & BUSY) | now,
        });
    }

    /// Whether it never brought a telegram of a terminal that is known: nothing it waits for is anybody's money.
    pub fn is_strangers(&self) -> bool {
        Kind::of(self.state.load(Ordering::Relaxed)) < Kind::Beyond
    }

    /// Whether it speaks for a terminal that has its share of connections without it: somebody's money may wait there, and it leaves all the same.
    pub fn is_beyond_its_share(&self) -> bool {
        Kind::of(self.state.load(Ordering::Relaxed)) == Kind::Beyond
    }

    /// Resolves once it is asked to leave. Asked once, told once, and not if something came meanwhile.
    pub async fn asked_to_leave(&self) {
        loop {
            self.leave.notified().await;
            if self.asked.load(Ordering::Relaxed) == self.state.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    fn is_at_work(&self, kind: Kind, waits: bool) {
        let now = micros_since(self.epoch);
        let since = if kind == Kind::Terminal { now } else { self.prolonged_to(now) };
        self.set(kind.first() | since | u64::from(waits));
    }

    /// Until when it counts as at work that is no terminal's and brings something now.
    fn prolonged_to(&self, now: u64) -> u64 {
        let began = match self.began.load(Ordering::Relaxed) {
            0 => {
                self.began.store(now, Ordering::Relaxed);
                now
            }
            began => began,
        };
        now.min(began + as_instant(STAY_WITH_BYTES))
    }

    fn set(&self, state: u64) {
        let before = self.state.swap(state, Ordering::Relaxed);
        count_passing(&self.passing, Some(before), Some(state));
    }

    fn is_asked(&self, state: u64) {
        self.asked.store(state, Ordering::Relaxed);
        self.leave.notify_one();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        count_passing(&self.passing, Some(*self.state.get_mut()), None);
        if let Some(terminal) = self.share.get() {
            self.shares.give_back(*terminal);
        }
    }
}

/// Whether who sits there in that state goes by himself before long, whatever he sends.
fn is_passing(state: u64) -> bool {
    Kind::of(state) < Kind::Terminal && state & BUSY == 0
}

/// One more or one less is passing, or neither, after a seat had one state and has the other.
fn count_passing(passing: &AtomicUsize, before: Option<u64>, after: Option<u64>) {
    match (before.is_some_and(is_passing), after.is_some_and(is_passing)) {
        (false, true) => _ = passing.fetch_add(1, Ordering::Relaxed),
        (true, false) => _ = passing.fetch_sub(1, Ordering::Relaxed),
        (false, false) | (true, true) => {}
    }
}

fn micros_since(epoch: Instant) -> u64 {
    as_instant(epoch.elapsed())
}

/// A time since the epoch as it stands in a seat's state.
fn as_instant(since: Duration) -> u64 {
    (u64::try_from(since.as_micros()).unwrap_or(u64::MAX) << 1) & INSTANT
}

/// Who sits there is gone when this is dropped.
#[derive(Debug)]
pub struct Taken {
    /// The seat.
    pub seat: Arc<Seat>,
    seats: Arc<Seats>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut order = self.seats.order();
        order.remove(&(self.seat.place.load(Ordering::Relaxed), self.seat.number));
        drop(order);
        self.seats.freed.notify_one();
    }
}

/// All seats that are taken.
#[derive(Debug)]
pub struct Seats {
    epoch: Instant,
    /// By state as it was when the seat was last looked at. A state only grows, and so the first of a kind whose state is as it stands is the
    /// least of that kind.
    order: Mutex<Order>,
    shares: Arc<Shares>,
    passing: Arc<AtomicUsize>,
    freed: Notify,
}

type Order = BTreeMap<(u64, u64), Arc<Seat>>;

impl Seats {
    /// Nobody sits.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            epoch: Instant::now(),
            order: Mutex::default(),
            shares: Arc::default(),
            passing: Arc::default(),
            freed: Notify::new(),
        })
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.order().len()
    }

    /// How many are taken by connections that go by themselves before long: those that never brought a telegram of a terminal that is known, or
    /// only beyond its share, and wait for no answer.
    pub fn passing(&self) -> usize {
        self.passing.load(Ordering::Relaxed)
    }

    /// How many are taken by connections of which no byte came. Looks at each.
    pub fn silent(&self) -> usize {
        let is_silent = |seat: &Seat| Kind::of(seat.state.load(Ordering::Relaxed)) == Kind::Silent;
        self.order().values().filter(|seat| is_silent(seat)).count()
    }

    /// Takes a seat; `number` is nobody else's.
    pub fn take(self: &Arc<Self>, number: u64) -> Taken {
        let seat = Arc::new(Seat::new(self.epoch, number, self.shares.clone(), self.passing.clone()));
        self.order().insert((seat.place.load(Ordering::Relaxed), number), seat.clone());
        Taken { seat, seats: self.clone() }
    }

    /// Resolves when a seat has become free since this was last asked.
    pub async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Asks the one to leave whose turn it is; tells whether there is one.
    pub fn make_room(&self) -> bool {
        let now = micros_since(self.epoch);
        let mut order = self.order();
        if [Kind::Silent, Kind::Begun, Kind::Beyond].into_iter().any(|kind| ask_first(&mut order, kind, now))
        {
            return true;
        }
        let passing = self.passing();
        let keep_terminals = passing > 0 && passing * PART_OF_PASSING >= order.len();
        !keep_terminals && ask_first(&mut order, Kind::Terminal, now)
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        // What a panic left behind is an order of seats, and still good.
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the longest idle of a kind to leave, if its stay is over.
fn ask_first(order: &mut Order, kind: Kind, now: u64) -> bool {
    // Each is put where it belongs at most once: then all stand where they belong.
    for _ in 0..=order.len() {
        let Some((&(place, number), seat)) = order.range(all(kind)).next() else { return false };
        let state = seat.state.load(Ordering::Relaxed);
        // Whoever is busy is as good as just used.
        let belongs = if state & BUSY == 0 { state } else { Kind::of(state).first() | now };
        if belongs > place {
            put(order, (place, number), belongs);
            continue;
        }
        let idle = Duration::from_micros((now - (place & INSTANT).min(now)) >> 1);
        let leaves = idle >= kind.stay();
        if leaves {
            seat.is_asked(state);
            // Asked once: the next who is asked is another.
            put(order, (place, number), kind.first() | now);
        }
        return leaves;
    }
    false
}

/// The places of a kind.
fn all(kind: Kind) -> RangeInclusive<(u64, u64)> {
    (kind.first(), 0)..=(kind.first() | INSTANT, u64::MAX)
}

fn put(order: &mut Order, from: (u64, u64), place: u64) {
    if let Some(seat) = order.remove(&from) {
        seat.place.store(place, Ordering::Relaxed);
        order.insert((place, from.1), seat);
    }
}
