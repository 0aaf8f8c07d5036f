//! The store in virtual time: what is durable of all instances, and since when.

use std::collections::{BTreeMap, BTreeSet};

use payment::{Event, InstanceNo, PaymentId, Phase, TerminalId, Totals};
use store::{Batch, Engine, Lookup, Memory, Owner, Saved, StoreError, Stored, TakenOver, TotalsQuery};

use crate::{
    flaw::Flaw,
    sample::{TODAY, instant},
};

#[derive(Debug)]
pub(crate) struct Storage {
    memory: Memory,
    /// When each version of each payment was stepped to.
    pub(crate) stepped: BTreeMap<(PaymentId, u32), u64>,
    /// Payments of which a result never came back because the switch died.
    pub(crate) unheard: BTreeSet<PaymentId>,
}

impl Storage {
    pub(crate) fn new(memory: Memory) -> Self {
        Self { memory, stepped: BTreeMap::new(), unheard: BTreeSet::new() }
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
            }
        }
        Ok(results)
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
    pub(crate) fn touch(&mut self, owner: Owner, id: PaymentId, now_ms: u64) -> bool {
        let Some(stored) = self.read(Lookup::Id(id)) else { return false };
        let waits = *stored.payment().phase() == Phase::AwaitingNetCancel;
        if waits || stored.payment().due().is_some_and(|due| due <= instant(now_ms)) {
            return false;
        }
        let saves = vec![stored.step(Event::Due, instant(now_ms)).unwrap()];
        let batch = Batch { saves, notes: Vec::new() };
        for saved in self.save(owner, batch, &[now_ms], None).unwrap() {
            let Saved::Done(_, effects) = saved else { panic!("nothing came between") };
            assert_eq!(effects, [], "nothing was due");
        }
        true
    }
}

fn is_new_tombstone(saved: &Saved) -> bool {
    matches!(saved, Saved::Done(stored, _) if stored.version() == 1 && stored.payment().is_tombstone())
}
