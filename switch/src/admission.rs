//! What is let in. A switch that has more to do than it can do refuses new telegrams at the door, at once and without anything
//! durable, so that those it has let in are answered as quickly as ever. What undoes, asks or confirms is let in for longer than a
//! new payment: it leaves less to do, not more.
//!
//! Sessions ask, the loop tells ([`Load`]); between them are numbers that both can read at any time.

mod load;
mod rate;
mod refusals;

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use desk::Asker;
use jiff::{SignedDuration, Timestamp};
use payment::{ResponseCode, TerminalId};
use store::Note;
use tokio::sync::Notify;

pub use self::{
    load::{Load, Turn},
    rate::CONNECTIONS,
    refusals::{NOTED_A_SECOND, report},
};
use self::{
    rate::{OverAll, Rates},
    refusals::Refusals,
};
use crate::{
    config::{Config, Limits, Listener},
    meters::{self, door::Shed},
};

/// The disk may be behind for so many times as long as it may be behind by: a disk that hesitates is no overload.
const HESITATION: u32 = 5;
/// A new payment is let in while the commit under way and the next one have room for it: so it waits for two commits, and its outcome for two.
pub const ROWS_AHEAD: usize = 2 * store::ROWS_OF_A_COMMIT;
/// What undoes is let in while a new payment's limits are exceeded up to so many times.
const PATIENCE: u32 = 5;
/// What undoes beyond its terminal's rate over all connections is let in up to this part of a new payment's limits only, so that a flood of it
/// leaves room for new payments. A small part: when the oldest has waited for so long, what came since waits behind it, and a flood of
/// ten times what the loop takes has it wait ten times as long.
const PART_OF_UNDOING: u32 = 10;
/// Once it is beyond that part it is let in again so late only: a flood that is let in whenever there is room takes the room each time.
const ROOM_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// What continues or undoes may come so many times as often as a new payment. Each errand is counted apart: a terminal's flood of one starves
/// no other.
const CONTINUING_RATE: u32 = 4;
/// Nobody waits.
const NOBODY: i64 = i64::MAX;

/// What a telegram means for the work there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Errand {
    /// It begins a payment: 0100.
    Begins,
    /// It is about the terminal's day, not about a payment: totals (0500), opening, closing, echo (0800).
    Reports,
    /// It asks about a payment begun before, or cancels it: 0300, 0400.
    Continues,
    /// It undoes or confirms an approval that nobody may have in hand: 0420, 0120.
    Undoes,
}

/// Decides what is let in.
#[derive(Debug)]
pub struct Admission {
    /// Payments without an outcome.
    undecided: AtomicUsize,
    /// Since when the telegram has been waiting that the loop takes next, in microseconds since 1970; [`NOBODY`].
    queue_since: AtomicI64,
    /// Since when rows have been waiting to be durable, or have done so for too long, in microseconds since 1970; [`NOBODY`].
    store_since: AtomicI64,
    /// Rows that wait to be durable, and telegrams let in that may each become one.
    rows_ahead: AtomicUsize,
    /// Until when there is no room for more undoing than a terminal has over all, in microseconds since 1970.
    narrow_until: AtomicI64,
    rates: Mutex<Rates>,
    refusals: Mutex<Refusals>,
    /// Told when a refusal is counted.
    counted: Notify,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            undecided: AtomicUsize::new(0),
            queue_since: AtomicI64::new(NOBODY),
            store_since: AtomicI64::new(NOBODY),
            rows_ahead: AtomicUsize::new(0),
            narrow_until: AtomicI64::new(i64::MIN),
            rates: Mutex::default(),
            refusals: Mutex::default(),
            counted: Notify::new(),
        }
    }
}

impl Admission {
    /// Whether a telegram is let in that a connection brought in the name of a configured terminal. One that is not is answered 9040 and counted;
    /// it leaves nothing else.
    pub fn lets_in(
        &self,
        errand: Errand,
        terminal: TerminalId,
        connection: Asker,
        listener: &Listener,
        config: &Config,
        now: Timestamp,
    ) -> Result<(), &'static str> {
        let Err(shed) = self
            .is_at_its_rate(errand, (terminal, connection), listener, &config.limits, now)
            .and_then(|()| self.is_not_overloaded(errand, &config.limits, now))
        else {
            return Ok(());
        };
        meters::door::shed(shed);
        meters::refused(ResponseCode::OVERLOADED);
        locked(&self.refusals).count(ResponseCode::OVERLOADED, shed.why(), terminal.as_str(), now);
        self.counted.notify_one();
        Err(shed.why())
    }

    /// Whether a refusal is to be noted by itself. Beyond [`NOTED_A_SECOND`] of them they are counted instead, and one note tells of
    /// them: nobody fills the journal with telegrams that are wrong.
    pub fn notes(&self, note: Note) -> Option<Note> {
        let code = match &note {
            Note::Refused { code, .. } => Some(*code),
            Note::RefusedMany { .. }
            | Note::UnknownAnswer { .. }
            | Note::Alarm { .. }
            | Note::SwitchAlarm { .. }
            | Note::Network { .. } => None,
        };
        let taken = locked(&self.refusals).note(note);
        if let (None, Some(code)) = (&taken, code) {
            meters::refused(code);
            self.counted.notify_one();
        }
        taken
    }

    /// Whether one more line about a terminal's socket may go to the log this second.
    pub(crate) fn has_room_for_a_line(&self, now: Timestamp) -> bool {
        locked(&self.refusals).has_room_for_a_line(now)
    }

    fn is_at_its_rate(
        &self,
        errand: Errand,
        from: (TerminalId, Asker),
        listener: &Listener,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<(), Shed> {
        let begins = listener.telegrams_per_s;
        let continues = begins.saturating_mul(CONTINUING_RATE);
        let all = |a_second: u32| a_second.saturating_mul(CONNECTIONS);
        let (a_second, over_all) = match errand {
            Errand::Begins | Errand::Reports => (begins, OverAll::Bounded(all(begins))),
            Errand::Continues => (continues, OverAll::Bounded(all(continues))),
            Errand::Undoes if self.has_room(limits, now) => (continues, OverAll::Counted(all(begins))),
            // As much as it may begin.
            Errand::Undoes => (continues, OverAll::Bounded(all(begins))),
        };
        let is_within = a_second == 0 || locked(&self.rates).take(errand, from, a_second, over_all, now);
        if is_within { Ok(()) } else { Err(Shed::Rate) }
    }

    /// Whether the limits of a new payment are far away, and have been for a while.
    fn has_room(&self, limits: &Limits, now: Timestamp) -> bool {
        let is_wide = self.rows_ahead.load(Ordering::Relaxed) <= ROWS_AHEAD / PART_OF_UNDOING as usize
            && since(&self.queue_since, now) <= limits.queue / PART_OF_UNDOING
            && since(&self.store_since, now) <= limits.queue.saturating_mul(HESITATION) / PART_OF_UNDOING;
        if !is_wide {
            let until = now.saturating_add(ROOM_AFTER).unwrap_or(now).as_microsecond();
            self.narrow_until.fetch_max(until, Ordering::Relaxed);
        }
        is_wide && now.as_microsecond() >= self.narrow_until.load(Ordering::Relaxed)
    }

    fn is_not_overloaded(&self, errand: Errand, limits: &Limits, now: Timestamp) -> Result<(), Shed> {
        let patience = match errand {
            Errand::Begins | Errand::Reports => {
                if self.undecided.load(Ordering::Relaxed) >= limits.payments {
                    return Err(Shed::Payments);
                }
                if self.rows_ahead.load(Ordering::Relaxed) >= ROWS_AHEAD {
                    return Err(Shed::Store);
                }
                1
            }
            Errand::Continues | Errand::Undoes => PATIENCE,
        };
        if since(&self.queue_since, now) > limits.queue.saturating_mul(patience) {
            return Err(Shed::Queue);
        }
        if since(&self.store_since, now) > limits.queue.saturating_mul(patience * HESITATION) {
            return Err(Shed::Store);
        }
        // The loop counts anew each turn, which under an overload is a long time. Of an echo it never hears.
        match errand {
            Errand::Begins | Errand::Continues | Errand::Undoes => {
                self.rows_ahead.fetch_add(1, Ordering::Relaxed);
            }
            Errand::Reports => {}
        }
        Ok(())
    }
}

fn since(at: &AtomicI64, now: Timestamp) -> Duration {
    let micros = now.as_microsecond().saturating_sub(at.load(Ordering::Relaxed));
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// What a panic left behind is numbers, and still good.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
