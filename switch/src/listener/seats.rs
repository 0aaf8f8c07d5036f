//! The places of a listener's connections, and who gives up his when others come: first those who never brought a telegram of a
//! terminal that is known, the longest idle of them first; then the longest idle of the rest. Whoever waits for an answer keeps his.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

/// How long a connection that never brought a telegram may stay before another takes its place: as long as one needs to come.
pub const STAY_OF_STRANGERS: Duration = Duration::from_secs(1);
/// How long a terminal may be idle before another takes its place.
pub const STAY_OF_TERMINALS: Duration = Duration::from_secs(10);

/// Bits of a seat's state beside the instant: it is waited for an answer there.
const BUSY: u64 = 1;
/// A terminal sits there, not a stranger.
const TERMINAL: u64 = 1 << 63;

/// The place of one connection.
#[derive(Debug)]
pub struct Seat {
    epoch: Instant,
    /// Ordered like the seats are: [`TERMINAL`], microseconds since the epoch, [`BUSY`].
    state: AtomicU64,
    /// Where the seat stands in the order, which may be behind its state.
    place: AtomicU64,
    number: u64,
    leave: Notify,
}

impl Seat {
    /// A seat that nobody takes away.
    pub fn of_its_own() -> Arc<Self> {
        Arc::new(Self::new(Instant::now(), 0))
    }

    fn new(epoch: Instant, number: u64) -> Self {
        let seat =
            Self { epoch, state: AtomicU64::new(0), place: AtomicU64::new(0), number, leave: Notify::new() };
        let state = seat.now();
        seat.state.store(state, Ordering::Relaxed);
        seat.place.store(state, Ordering::Relaxed);
        seat
    }

    /// A terminal that is known did something; `waits` while answers are still to come.
    pub fn is_used(&self, waits: bool) {
        self.state.store(TERMINAL | self.now() | u64::from(waits), Ordering::Relaxed);
    }

    /// Resolves once it is asked to leave. Asked once, told once.
    pub async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }

    fn now(&self) -> u64 {
        let micros = u64::try_from(self.epoch.elapsed().as_micros()).unwrap_or(u64::MAX);
        (micros << 1) & !TERMINAL
    }
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
    /// By state as it was when the seat was last looked at. A state only grows, and so the first whose state is as it stands is the least.
    order: Mutex<Order>,
    freed: Notify,
}

type Order = BTreeMap<(u64, u64), Arc<Seat>>;

impl Seats {
    /// Nobody sits.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { epoch: Instant::now(), order: Mutex::default(), freed: Notify::new() })
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.order().len()
    }

    /// Takes a seat; `number` is nobody else's.
    pub fn take(self: &Arc<Self>, number: u64) -> Taken {
        let seat = Arc::new(Seat::new(self.epoch, number));
        self.order().insert((seat.place.load(Ordering::Relaxed), number), seat.clone());
        Taken { seat, seats: self.clone() }
    }

    /// Resolves when a seat has become free since this was last asked.
    pub async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Asks the one to leave whose turn it is; tells whether there is one.
    pub fn make_room(&self) -> bool {
        let now = Seat::new(self.epoch, 0).now();
        let mut order = self.order();
        // Each is put where it belongs at most once: then all stand where they belong.
        for _ in 0..=order.len() {
            let Some((&(place, number), _)) = order.first_key_value() else { return false };
            let Some(seat) = order.remove(&(place, number)) else { return false };
            let state = seat.state.load(Ordering::Relaxed);
            // Whoever is busy is as good as just used.
            let belongs = if state & BUSY == 0 { state } else { TERMINAL | now };
            if belongs > place {
                seat.place.store(belongs, Ordering::Relaxed);
                order.insert((belongs, number), seat);
                continue;
            }
            let stay = if state & TERMINAL == 0 { STAY_OF_STRANGERS } else { STAY_OF_TERMINALS };
            let idle = Duration::from_micros((now - ((place & !TERMINAL).min(now))) >> 1);
            let leaves = idle >= stay;
            if leaves {
                seat.leave.notify_one();
                // Asked once: the next who is asked is another.
                let again = TERMINAL | now;
                seat.place.store(again, Ordering::Relaxed);
                order.insert((again, number), seat);
            } else {
                order.insert((place, number), seat);
            }
            return leaves;
        }
        false
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        // What a panic left behind is an order of seats, and still good.
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
