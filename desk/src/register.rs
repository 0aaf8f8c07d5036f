//! The payments at the desk and where each stands.

use std::collections::{BTreeSet, VecDeque};

use jiff::Timestamp;
use payment::{CancelRequest, Delivery, Event, PaymentId, Phase, Question, TelegramKey, Terms};
use rustc_hash::FxHashMap;
use store::{Stored, Unsaved};

use crate::{Asker, operating::Ordered};

/// One payment at the desk.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Key of its 0100; unknown until a payment that was looked up is found.
    pub(crate) key: Option<TelegramKey>,
    pub(crate) place: Place,
    /// What happened and waits its turn.
    pub(crate) queue: VecDeque<Event>,
    /// Who waits for an answer.
    pub(crate) waiting: Vec<Waiting>,
    /// What persons ordered and is not durable yet.
    pub(crate) orders: VecDeque<Ordered>,
    /// New payments that look like the same purchase as this one and wait to know whether it stands.
    pub(crate) rivals: Vec<Unsaved>,
    /// Replies whose end will be reported.
    pub(crate) replies_out: u32,
    /// Whether it was started here and has no outcome yet.
    pub(crate) undecided: bool,
    /// Whether a byte of some reply was written.
    pub(crate) written: bool,
    /// Whether its state was read or saved since something was last done with it.
    pub(crate) is_fresh: bool,
    /// How often it was read again because what happened to it was told of a younger state.
    pub(crate) outrun: u32,
    /// How often in a row it was read and found to be in another instance's hands.
    pub(crate) elsewhere: u32,
}

/// Where a payment stands.
#[derive(Debug)]
pub(crate) enum Place {
    /// Its state is durable and nothing of it is on its way to the store.
    Idle(Stored),
    /// A step of it is on its way to the store; `stepping` is what it stepped with, `None` of its start.
    Saving { stepping: Option<Event> },
    /// It is being looked up.
    Loading,
}

impl Place {
    /// Whether this cancel is recorded, or about to be: it goes on even if nobody waits for it.
    pub(crate) fn knows(&self, cancel: &CancelRequest) -> bool {
        match self {
            Self::Idle(stored) => {
                stored.payment().cancels().iter().any(|known| known.request().key == cancel.key)
            }
            Self::Saving { stepping: Some(Event::CancelAsked { request, .. }) } => request.key == cancel.key,
            Self::Saving { .. } | Self::Loading => false,
        }
    }
}

/// Somebody who waits for an answer.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) asker: Asker,
    pub(crate) question: Question,
    /// Whether somebody asked before: a repeat stops waiting at `until`, the first waits for the outcome.
    pub(crate) is_repeat: bool,
    /// Whether it is a cancel that is durable: it goes on even if nobody waits for it.
    pub(crate) is_taken_on: bool,
    /// Whether it came after what is being read or saved was asked for: beside other desks that may be older than the question.
    pub(crate) is_late: bool,
    pub(crate) until: Timestamp,
    /// The rules a tombstone lives by, should it ask for one.
    pub(crate) terms: Terms,
}

impl Entry {
    pub(crate) fn new(key: Option<TelegramKey>, place: Place) -> Self {
        Self {
            key,
            place,
            queue: VecDeque::new(),
            waiting: Vec::new(),
            orders: VecDeque::new(),
            rivals: Vec::new(),
            replies_out: 0,
            undecided: false,
            written: false,
            is_fresh: true,
            outrun: 0,
            elsewhere: 0,
        }
    }

    /// It is about to be read or saved: what comes of that is younger than what those who wait asked.
    pub(crate) fn precede(&mut self) {
        for waiting in &mut self.waiting {
            waiting.is_late = false;
        }
    }

    /// Whether somebody or something waits for it.
    pub(crate) fn is_awaited(&self) -> bool {
        let is_asked = !(self.waiting.is_empty() && self.orders.is_empty() && self.rivals.is_empty());
        is_asked || !self.queue.is_empty() || self.is_undelivered()
    }

    fn has_outcome(&self) -> bool {
        matches!(&self.place, Place::Idle(stored) if stored.payment().answer().is_some())
    }

    /// Whether every reply of an approval has met its end without one byte written, which its state does not tell yet.
    pub(crate) fn is_undelivered(&self) -> bool {
        let Place::Idle(stored) = &self.place else { return false };
        let released =
            matches!(stored.payment().phase(), Phase::Approved { delivery: Delivery::Released, .. });
        released && !self.written && self.replies_out == 0
    }
}

/// All payments at the desk, by id and by the key of their telegram, and the one queue of due instants.
#[derive(Debug, Default)]
pub(crate) struct Register {
    entries: FxHashMap<PaymentId, Entry>,
    by_key: FxHashMap<TelegramKey, PaymentId>,
    undecided: usize,
    /// May name payments that have left or are due later by now; what is due is asked of the payment itself.
    due: BTreeSet<(Timestamp, PaymentId)>,
}

impl Register {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Where each payment stands.
    pub(crate) fn places(&self) -> impl Iterator<Item = (PaymentId, &Place)> {
        self.entries.iter().map(|(id, entry)| (*id, &entry.place))
    }

    /// Whether nothing of this payment is on its way to or from the store.
    pub(crate) fn is_saved(&self, id: PaymentId) -> bool {
        self.entries.get(&id).is_none_or(|entry| matches!(entry.place, Place::Idle(_)))
    }

    pub(crate) fn is_quiet(&self) -> bool {
        let quiet = |entry: &Entry| {
            let nobody_waits = entry.waiting.is_empty() && entry.orders.is_empty();
            matches!(entry.place, Place::Idle(_)) && nobody_waits && entry.replies_out == 0
        };
        self.entries.values().all(quiet)
    }

    pub(crate) fn insert(&mut self, id: PaymentId, entry: Entry) {
        if let Some(key) = entry.key {
            self.by_key.insert(key, id);
        }
        self.undecided += usize::from(entry.undecided);
        self.entries.insert(id, entry);
    }

    /// How many payments that were started here have no outcome yet.
    pub(crate) fn undecided(&self) -> usize {
        self.undecided
    }

    /// A payment that has an outcome takes no place from new ones any more.
    pub(crate) fn decide(&mut self, id: PaymentId) {
        if let Some(entry) = self.entries.get_mut(&id)
            && entry.has_outcome()
        {
            self.undecided -= usize::from(std::mem::take(&mut entry.undecided));
        }
    }

    /// Tells what a payment that was looked up asked for.
    pub(crate) fn found(&mut self, id: PaymentId, stored: Stored) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let key = stored.payment().request().key;
        self.by_key.insert(key, id);
        entry.key = Some(key);
        entry.place = Place::Idle(stored);
        entry.is_fresh = true;
    }

    /// Tells the key of a payment that is being looked up.
    pub(crate) fn name(&mut self, key: TelegramKey, id: PaymentId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.key = Some(key);
            self.by_key.insert(key, id);
        }
    }

    pub(crate) fn remove(&mut self, id: PaymentId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        self.undecided -= usize::from(entry.undecided);
        if let Some(key) = &entry.key
            && self.by_key.get(key) == Some(&id)
        {
            self.by_key.remove(key);
        }
        Some(entry)
    }

    pub(crate) fn get_mut(&mut self, id: PaymentId) -> Option<&mut Entry> {
        self.entries.get_mut(&id)
    }

    pub(crate) fn by_key(&self, key: &TelegramKey) -> Option<PaymentId> {
        self.by_key.get(key).copied()
    }

    pub(crate) fn schedule(&mut self, at: Timestamp, id: PaymentId) {
        self.due.insert((at, id));
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<PaymentId> {
        let (at, _) = self.due.first()?;
        if *at > now {
            return None;
        }
        self.due.pop_first().map(|(_, id)| id)
    }
}
