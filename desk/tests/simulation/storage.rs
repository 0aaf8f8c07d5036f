//! The store in virtual time: what is durable of all instances, and since when.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use payment::{AttemptState, Cancel, Event, InstanceNo, Payment, PaymentId, Phase, TerminalId, Totals};
use store::{
    Batch, Engine, Lookup, Memory, MemoryEvent, Owner, Saved, StoreError, Stored, TakenOver, TotalsQuery,
};

use crate::{
    checker::Happened,
    flaw::Flaw,
    sample::{self, TODAY, instant},
};

#[derive(Debug)]
pub(crate) struct Storage {
    memory: Memory,
    /// When each version of each payment was stepped to.
    pub(crate) stepped: BTreeMap<(PaymentId, u32), u64>,
    /// When each version of each payment became durable.
    durable: BTreeMap<(PaymentId, u32), u64>,
    /// Payments of which a result never came back because the switch died.
    pub(crate) unheard: BTreeSet<PaymentId>,
}

impl Storage {
    pub(crate) fn new(memory: Memory) -> Self {
        Self { memory, stepped: BTreeMap::new(), durable: BTreeMap::new(), unheard: BTreeSet::new() }
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Every payment there is.
    pub(crate) fn payments(&self) -> BTreeSet<PaymentId> {
        self.stepped.keys().map(|(id, _)| *id).collect()
    }

    /// An instance starts.
    pub(crate) fn begin(&mut self, instance: InstanceNo) -> Owner {
        self.memory.begin(instance)
    }

    /// Commits what was stepped to at `times`, as one of the instances.
    pub(crate) fn save(
        &mut self,
        owner: Owner,
        batch: Batch,
        times: &[u64],
        now_ms: u64,
        flaw: Option<Flaw>,
    ) -> Result<Vec<Saved>, StoreError> {
        self.memory.act_as(owner);
        if flaw == Some(Flaw::ForgetsCommits) {
            let mut forgotten = self.memory.clone();
            return store::save(&mut forgotten, batch);
        }
        let before = (flaw == Some(Flaw::ForgetsTombstones)).then(|| self.memory.clone());
        let results = store::save(&mut self.memory, batch)?;
        if let Some(before) = before
            && results.iter().any(is_new_tombstone)
        {
            self.memory = before;
            return Ok(results);
        }
        for (saved, at_ms) in results.iter().zip(times) {
            if let Saved::Done(stored, _) = saved {
                self.stepped.insert((stored.id(), stored.version()), *at_ms);
                self.durable.insert((stored.id(), stored.version()), now_ms);
            }
        }
        Ok(results)
    }

    pub(crate) fn read(&mut self, lookup: Lookup) -> Option<Stored> {
        store::look_up(&mut self.memory, lookup).unwrap()
    }

    /// The states of a payment that were replaced at `since_ms` or after, oldest first.
    pub(crate) fn replaced_since(&self, id: PaymentId, since_ms: u64) -> Vec<Payment> {
        let mut states = Vec::new();
        let mut state = None;
        for row in self.memory.events().iter().filter(|row| row.payment == Some(id.get())) {
            let is_since = self.durable.get(&(id, row.version)).is_some_and(|at_ms| *at_ms >= since_ms);
            states.extend(state.clone().filter(|_| is_since));
            state = replay(row, state);
        }
        states
    }

    /// Whether something of this version of a payment was in flight or owed.
    pub(crate) fn was_bound(&self, id: PaymentId, version: u32) -> bool {
        let rows = self.memory.events().iter().filter(|row| row.payment == Some(id.get()));
        let state = rows.take_while(|row| row.version <= version).fold(None, |state, row| replay(row, state));
        state.is_some_and(|payment: Payment| {
            let waits = matches!(payment.phase(), Phase::Trying | Phase::AwaitingNetCancel);
            let in_flight = payment.attempts().iter().any(|of| *of.state() == AttemptState::InFlight);
            waits || in_flight || payment.owes() || payment.cancels().iter().any(Cancel::is_open)
        })
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

    pub(crate) fn open_payments_of(&mut self, instance: InstanceNo) -> Vec<Stored> {
        store::open_payments_of(&mut self.memory, instance).unwrap()
    }

    pub(crate) fn reserve(&mut self, owner: Owner, count: u64) -> Result<u64, StoreError> {
        self.memory.act_as(owner);
        self.memory.reserve_serials(count)
    }

    pub(crate) fn renew_lease(&mut self, owner: Owner, until_ms: u64) -> Result<(), StoreError> {
        self.memory.act_as(owner);
        self.memory.renew_lease(instant(until_ms))
    }

    pub(crate) fn take_over(
        &mut self,
        owner: Owner,
        from: InstanceNo,
        now_ms: u64,
    ) -> Result<Option<TakenOver>, StoreError> {
        self.memory.act_as(owner);
        store::take_over(&mut self.memory, from, instant(now_ms))
    }

    /// Some other instance saves a payment with a step that changes nothing but its version.
    pub(crate) fn touch(&mut self, owner: Owner, id: PaymentId, now_ms: u64, now: Timestamp) -> bool {
        let Some(stored) = self.read(Lookup::Id(id)) else { return false };
        let waits = *stored.payment().phase() == Phase::AwaitingNetCancel;
        if waits || stored.payment().due().is_some_and(|due| due <= now) {
            return false;
        }
        let saves = vec![stored.step(Event::Due, now).unwrap()];
        let batch = Batch { saves, notes: Vec::new() };
        for saved in self.save(owner, batch, &[now_ms], now_ms, None).unwrap() {
            let Saved::Done(_, effects) = saved else { panic!("nothing came between") };
            assert_eq!(effects, [], "nothing was due");
        }
        true
    }
}

/// The state after one more of a payment's events; `None` where it cannot happen so.
pub(crate) fn replay(row: &MemoryEvent, before: Option<Payment>) -> Option<Payment> {
    match (serde_json::from_str(&row.event), before) {
        (Ok(Happened::Started { started }), None) if row.version == 1 => {
            let key = &started.request.key;
            let terminal = key.terminal.as_str().parse().unwrap();
            Some(Payment::start(&started, Some(sample::card(terminal, key.trace_no.get())), row.at).0)
        }
        (Ok(Happened::Buried { buried }), None) if row.version == 1 => Some(Payment::bury(&buried)),
        (Ok(Happened::Event(event)), Some(payment)) => {
            payment.step(&event, row.at).ok().map(|(payment, _)| payment)
        }
        (Ok(Happened::Started { .. } | Happened::Buried { .. } | Happened::Event(_)) | Err(_), _) => None,
    }
}

fn is_new_tombstone(saved: &Saved) -> bool {
    matches!(saved, Saved::Done(stored, _) if stored.version() == 1 && stored.payment().is_tombstone())
}
