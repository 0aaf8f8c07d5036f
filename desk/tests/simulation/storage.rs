//! The store in virtual time: one writer that commits batch after batch, a reader, and the way of the results back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use payment::{Event, PaymentId, Phase, TerminalId, Totals};
use store::{Batch, Engine, Lookup, Memory, Note, Saved, Stored, TotalsQuery, Unsaved};

use crate::{
    flaw::Flaw,
    rng::Rng,
    sample::{TODAY, instant},
};

#[derive(Debug)]
pub(crate) struct Storage {
    memory: Memory,
    waiting: Batch,
    waiting_since: VecDeque<u64>,
    in_hand: Option<(Batch, Vec<u64>)>,
    results: VecDeque<Vec<Saved>>,
    /// How many saves one batch takes.
    batch: usize,
    /// When each version of each payment was stepped to.
    pub(crate) stepped: BTreeMap<(PaymentId, u32), u64>,
    /// Payments of which a result never came back because the switch died.
    pub(crate) unheard: BTreeSet<PaymentId>,
}

impl Storage {
    pub(crate) fn new(memory: Memory, batch: usize) -> Self {
        Self {
            memory,
            waiting: Batch::default(),
            waiting_since: VecDeque::new(),
            in_hand: None,
            results: VecDeque::new(),
            batch,
            stepped: BTreeMap::new(),
            unheard: BTreeSet::new(),
        }
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Every payment there is.
    pub(crate) fn payments(&self) -> BTreeSet<PaymentId> {
        self.stepped.keys().map(|(id, _)| *id).collect()
    }

    pub(crate) fn put(&mut self, unsaved: Unsaved, now_ms: u64) {
        self.waiting.saves.push(unsaved);
        self.waiting_since.push_back(now_ms);
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.waiting.notes.push(note);
    }

    /// Takes the next batch in hand, if the writer is idle and something waits.
    pub(crate) fn takes_batch(&mut self) -> bool {
        if self.in_hand.is_some() || self.waiting.is_empty() {
            return false;
        }
        let count = self.waiting.saves.len().min(self.batch);
        let saves = self.waiting.saves.drain(..count).collect();
        let notes = std::mem::take(&mut self.waiting.notes);
        self.in_hand = Some((Batch { saves, notes }, self.waiting_since.drain(..count).collect()));
        true
    }

    pub(crate) fn commit(&mut self, flaw: Option<Flaw>) {
        let Some((batch, times)) = self.in_hand.take() else { return };
        if flaw == Some(Flaw::ForgetsCommits) {
            let mut forgotten = self.memory.clone();
            self.results.push_back(store::save(&mut forgotten, batch).unwrap());
            return;
        }
        let before = (flaw == Some(Flaw::ForgetsTombstones)).then(|| self.memory.clone());
        let results = store::save(&mut self.memory, batch).unwrap();
        if let Some(before) = before
            && results.iter().any(is_new_tombstone)
        {
            self.memory = before;
            return self.results.push_back(results);
        }
        for (saved, at_ms) in results.iter().zip(times) {
            if let Saved::Done(stored, _) = saved {
                self.stepped.insert((stored.id(), stored.version()), at_ms);
            }
        }
        self.results.push_back(results);
    }

    pub(crate) fn results(&mut self) -> Vec<Saved> {
        self.results.pop_front().unwrap_or_default()
    }

    pub(crate) fn read(&mut self, lookup: Lookup) -> Option<Stored> {
        store::look_up(&mut self.memory, lookup).unwrap()
    }

    /// Everything, as it is durable.
    pub(crate) fn all(&self) -> Vec<Stored> {
        let mut memory = self.memory.clone();
        let read = |id| store::look_up(&mut memory, Lookup::Id(id)).unwrap();
        self.payments().into_iter().filter_map(read).collect()
    }

    /// The totals of one terminal today.
    pub(crate) fn totals(&mut self, terminal: TerminalId) -> Totals {
        let query = TotalsQuery { terminal, business_date: TODAY };
        store::totals(&mut self.memory, query).unwrap()
    }

    pub(crate) fn open_payments(&mut self) -> Vec<Stored> {
        store::open_payments(&mut self.memory).unwrap()
    }

    pub(crate) fn reserve(&mut self, count: u64) -> u64 {
        self.memory.reserve_serials(count).unwrap()
    }

    /// Another instance saves a payment with a step that changes nothing but its version.
    pub(crate) fn touch(&mut self, id: PaymentId, now_ms: u64) -> bool {
        let Some(stored) = self.read(Lookup::Id(id)) else { return false };
        let waits = *stored.payment().phase() == Phase::AwaitingNetCancel;
        if waits || stored.payment().due().is_some_and(|due| due <= instant(now_ms)) {
            return false;
        }
        let saves = vec![stored.step(Event::Due, instant(now_ms)).unwrap()];
        let batch = Batch { saves, notes: Vec::new() };
        for saved in store::save(&mut self.memory, batch).unwrap() {
            let Saved::Done(stored, effects) = saved else { panic!("nothing came between") };
            assert_eq!(effects, [], "nothing was due");
            self.stepped.insert((stored.id(), stored.version()), now_ms);
        }
        true
    }

    /// What waits is gone; what is in hand is committed whole or not at all, and nobody hears of it.
    pub(crate) fn crash(&mut self, rng: &mut Rng) {
        self.waiting = Batch::default();
        self.waiting_since.clear();
        if rng.percent(50) {
            self.commit(None);
        }
        self.in_hand = None;
        for saved in self.results.drain(..).flatten() {
            if let Saved::Done(stored, _) = saved {
                self.unheard.insert(stored.id());
            }
        }
    }
}

fn is_new_tombstone(saved: &Saved) -> bool {
    matches!(saved, Saved::Done(stored, _) if stored.version() == 1 && stored.payment().is_tombstone())
}
