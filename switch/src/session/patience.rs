//! How long a connection is waited for. Pure: instants in, the next deadline out.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::Listener;

/// What a connection is given up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impatience {
    /// It brought no telegram, and waits for no answer.
    Idle,
    /// A telegram was begun and is not whole.
    Unfinished,
    /// Answers wait for it, and there is no room for a byte more on their way: it reads nothing, or too slowly.
    NotTaken,
}

/// The deadlines of one connection.
#[derive(Debug)]
pub struct Patience {
    idle: Duration,
    frame: Duration,
    write: Duration,
    /// When it last did something that keeps it.
    moved_at: Instant,
    /// When the telegram was begun that is not whole yet.
    begun_at: Option<Instant>,
    /// Since when an answer waits without room for a byte of it.
    untaken_since: Option<Instant>,
    /// Another needs its place.
    is_to_leave: bool,
}

impl Patience {
    /// Of a connection that was just opened.
    pub fn new(listener: &Listener, now: Instant) -> Self {
        let Listener { idle_timeout, frame_timeout, write_timeout, .. } = listener;
        Self {
            idle: *idle_timeout,
            frame: *frame_timeout,
            write: *write_timeout,
            moved_at: now,
            begun_at: None,
            untaken_since: None,
            is_to_leave: false,
        }
    }

    /// The settings of its listener may have changed: what is waited for from now on is waited for by these.
    pub fn follow(&mut self, listener: &Listener) {
        let Listener { idle_timeout, frame_timeout, write_timeout, .. } = listener;
        (self.idle, self.frame, self.write) = (*idle_timeout, *frame_timeout, *write_timeout);
    }

    /// Bytes came. Only whole telegrams keep a connection: a byte now and then would keep it for ever.
    pub fn read(&mut self, telegrams: usize, is_one_begun: bool, now: Instant) {
        if telegrams > 0 {
            self.moved_at = now;
        }
        self.begun_at = match self.begun_at {
            _ if !is_one_begun => None,
            Some(begun_at) if telegrams == 0 => Some(begun_at),
            Some(_) | None => Some(now),
        };
    }

    /// The connection is not read for now, which is not its fault: a telegram that was begun has its whole time again.
    pub fn unread(&mut self, now: Instant) {
        if let Some(begun_at) = &mut self.begun_at {
            *begun_at = now;
        }
    }

    /// An answer waits to be written.
    pub fn answered(&mut self, now: Instant) {
        self.moved_at = now;
        self.untaken_since.get_or_insert(now);
    }

    /// There was room for bytes of what waits, or for all of it.
    pub fn took(&mut self, is_all: bool, now: Instant) {
        self.moved_at = now;
        self.untaken_since = match self.untaken_since {
            _ if is_all => None,
            Some(since) if self.is_to_leave => Some(since),
            Some(_) | None => Some(now),
        };
    }

    /// Another needs its place. Nothing more is read of it, and what waits to be written has its time as a whole, however its bytes are taken: from
    /// when this is said first.
    pub fn leaves(&mut self, now: Instant) {
        self.ended();
        if !self.is_to_leave {
            self.is_to_leave = true;
            self.untaken_since = self.untaken_since.map(|_| now);
        }
    }

    /// Nothing more is read of it.
    pub fn ended(&mut self) {
        self.begun_at = None;
    }

    /// When it is given up, and for what; `waits` while answers are still to come.
    pub fn until(&self, waits: bool) -> Option<(Instant, Impatience)> {
        let untaken = self.untaken_since.map(|since| (since + self.write, Impatience::NotTaken));
        let unfinished = self.begun_at.map(|begun_at| (begun_at + self.frame, Impatience::Unfinished));
        // Who waits for an answer is not idle.
        let is_idle = !waits && self.untaken_since.is_none();
        let idle = is_idle.then(|| (self.moved_at + self.idle, Impatience::Idle));
        [untaken, unfinished, idle].into_iter().flatten().min_by_key(|(until, _)| *until)
    }
}
