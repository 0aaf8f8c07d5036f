//! The in-memory engine: for tests and simulations; nothing survives it, but it keeps the contract.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::{Timestamp, civil::Date};
use payment::{
    CountsAs, InstanceNo, Serial, Sum, TelegramKey, TelegramKind, TerminalId, Totals, TraceNo, Won,
};
use rustc_hash::FxHashMap;

use crate::{
    Lookup, Pile, StoreError, TotalsQuery, WorkQuery,
    engine::{
        CancelRow, ClaimName, ClaimRow, Engine, FIRST_SERIAL, NoteRow, Outcome, Reader, Row, StoredRow,
        TakenRows,
    },
    record::{NEEDS_PERSON, TOMBSTONE},
};

/// One start of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    instance: InstanceNo,
    epoch: u64,
}

#[derive(Clone, Copy, Debug)]
struct MemoryInstance {
    epoch: u64,
    lease_until: Option<Timestamp>,
    next_serial: u64,
}

/// All payments in maps. Clones share nothing. It may serve several instances, one write after the other: each acts in its turn
/// ([`Memory::act_as`]).
#[derive(Clone, Debug)]
pub struct Memory {
    acting: Owner,
    instances: BTreeMap<InstanceNo, MemoryInstance>,
    rows: BTreeMap<i64, MemoryRow>,
    /// Terminal, business date, trace number and payment.
    by_key: BTreeSet<(TerminalId, Date, TraceNo, i64)>,
    by_serial: BTreeMap<u64, (u64, i64)>,
    cancels: BTreeMap<u64, (CancelRow, i64)>,
    claims: FxHashMap<ClaimName, (i64, Timestamp)>,
    events: Vec<MemoryEvent>,
}

#[derive(Clone, Debug)]
struct MemoryRow {
    row: StoredRow,
    open: bool,
    is_tombstone: bool,
    needs_person: bool,
    counts_as: Option<CountsAs>,
    total_amount: u64,
}

/// One row of the event table.
#[derive(Clone, Debug)]
pub struct MemoryEvent {
    /// The payment, `None` of a note.
    pub payment: Option<i64>,
    /// The payment's version after it.
    pub version: u32,
    /// What happened, as JSON.
    pub event: String,
    /// When.
    pub at: Timestamp,
}

impl Memory {
    /// An empty store, which one instance has begun to write.
    pub fn new(instance: InstanceNo) -> Self {
        let mut memory = Self {
            acting: Owner { instance, epoch: 0 },
            instances: BTreeMap::new(),
            rows: BTreeMap::new(),
            by_key: BTreeSet::new(),
            by_serial: BTreeMap::new(),
            cancels: BTreeMap::new(),
            claims: FxHashMap::default(),
            events: Vec::new(),
        };
        memory.begin(instance);
        memory
    }

    /// An instance starts, perhaps again: what writes from now on is this start of it, and its earlier ones may not any more.
    pub fn begin(&mut self, instance: InstanceNo) -> Owner {
        let next_serial = FIRST_SERIAL.unsigned_abs();
        let begun = self.instances.entry(instance).or_insert(MemoryInstance {
            epoch: 0,
            lease_until: None,
            next_serial,
        });
        begun.epoch += 1;
        self.acting = Owner { instance, epoch: begun.epoch };
        self.acting
    }

    /// Whose writes follow.
    pub fn act_as(&mut self, owner: Owner) {
        self.acting = owner;
    }

    fn unfenced(&mut self) -> Result<&mut MemoryInstance, StoreError> {
        let Owner { instance, epoch } = self.acting;
        let fenced = StoreError::Fenced { instance: instance.get() };
        self.instances.get_mut(&instance).filter(|begun| begun.epoch == epoch).ok_or(fenced)
    }

    /// The event table, in order.
    pub fn events(&self) -> &[MemoryEvent] {
        &self.events
    }

    fn write_one(&mut self, row: &Row) -> Outcome {
        if self.rows.get(&row.id).map_or(0, |stored| stored.row.version) != row.base {
            return Outcome::LostRace;
        }
        if let Some(refused) = self.refused_claim(row) {
            return refused;
        }
        for ClaimRow { name, until, over: _ } in &row.claims {
            self.claims.insert(*name, (row.id, *until));
        }
        let of = &row.columns;
        if row.base == 0 {
            self.by_key.insert((of.key.terminal, of.key.business_date, of.key.trace_no, row.id));
            self.by_serial.extend(of.serials.map(|(first, last)| (first, (last, row.id))));
        }
        for cancel in &row.cancels {
            self.cancels.insert(cancel.serial, (cancel.clone(), row.id));
        }
        let acting = self.acting.instance;
        let version = row.base + 1;
        let before = self.rows.get(&row.id).filter(|_| row.keeps_owner);
        let owner = before.map_or(acting, |before| before.row.owner);
        let (state, card) = (row.state.clone(), row.card.clone());
        let stored = MemoryRow {
            row: StoredRow { id: row.id, version, owner, state, card },
            open: row.open,
            is_tombstone: row.phase == TOMBSTONE,
            needs_person: row.phase == NEEDS_PERSON,
            counts_as: row.counts_as,
            total_amount: of.total_amount,
        };
        self.rows.insert(row.id, stored);
        let event = MemoryEvent { payment: Some(row.id), version, event: row.event.clone(), at: row.at };
        self.events.push(event);
        Outcome::Written
    }

    fn refused_claim(&self, row: &Row) -> Option<Outcome> {
        row.claims.iter().enumerate().find_map(|(index, claim)| {
            let (holder, until) = self.claims.get(&claim.name)?;
            let may_take = *holder == row.id || claim.over == Some(*holder) || *until <= row.at;
            (!may_take).then_some(Outcome::Claimed { index, holder: *holder })
        })
    }

    fn id_of_key(&self, key: &TelegramKey) -> Option<i64> {
        let TelegramKey { terminal, business_date, trace_no, kind } = *key;
        match kind {
            TelegramKind::Approval => self
                .ids(terminal, business_date, [trace_no, trace_no])
                .min_by_key(|id| (self.rows[id].is_tombstone, Reverse(*id))),
            TelegramKind::Cancel => self.claims.get(&ClaimName::Telegram(*key)).map(|(holder, _)| *holder),
        }
    }

    fn id_of_serial(&self, serial: u64) -> Option<i64> {
        let below = self.by_serial.range(..=serial).next_back();
        let attempts = below.filter(|(_, (last, _))| serial <= *last).map(|(_, (_, id))| *id);
        self.cancels.get(&serial).map(|(_, id)| *id).or(attempts)
    }

    /// From the first to the last of these trace numbers.
    fn ids(
        &self,
        terminal: TerminalId,
        date: Date,
        [first, last]: [TraceNo; 2],
    ) -> impl Iterator<Item = i64> {
        let range = (terminal, date, first, i64::MIN)..=(terminal, date, last, i64::MAX);
        self.by_key.range(range).map(|(_, _, _, id)| *id)
    }
}

impl Engine for Memory {
    fn write(&mut self, rows: &[Row], notes: &[NoteRow]) -> Result<Vec<Outcome>, StoreError> {
        self.unfenced()?;
        let outcomes = rows.iter().map(|row| self.write_one(row)).collect();
        let event =
            |note: &NoteRow| MemoryEvent { payment: None, version: 0, event: note.note.clone(), at: note.at };
        self.events.extend(notes.iter().map(event));
        Ok(outcomes)
    }

    fn instance(&self) -> InstanceNo {
        self.acting.instance
    }

    fn reserve_serials(&mut self, count: u64) -> Result<u64, StoreError> {
        let instance = self.acting.instance.get();
        let next = &mut self.unfenced()?.next_serial;
        let first = *next;
        if first.saturating_add(count) > Serial::PER_INSTANCE {
            return Err(StoreError::SerialsUsedUp { instance });
        }
        *next += count;
        Ok(first)
    }

    fn renew_lease(&mut self, until: Timestamp) -> Result<(), StoreError> {
        self.unfenced()?.lease_until = Some(until);
        Ok(())
    }

    fn take_over(&mut self, from: InstanceNo, now: Timestamp) -> Result<Option<TakenRows>, StoreError> {
        self.unfenced()?;
        let taker = self.acting.instance;
        let Some(old) = self.instances.get_mut(&from).filter(|_| from != taker) else { return Ok(None) };
        let Some(lease_ended) = old.lease_until.filter(|until| *until <= now) else { return Ok(None) };
        old.epoch += 1;
        old.lease_until = None;
        let theirs = self.rows.values_mut().filter(|stored| stored.open && stored.row.owner == from);
        let take = |stored: &mut MemoryRow| {
            stored.row.owner = taker;
            stored.row.clone()
        };
        Ok(Some(TakenRows { lease_ended, open: theirs.map(take).collect() }))
    }
}

impl MemoryRow {
    fn lies_on(&self, pile: Pile) -> bool {
        match pile {
            Pile::Open => self.open,
            Pile::NeedsPerson => self.needs_person,
        }
    }
}

impl Reader for Memory {
    fn find(&mut self, lookup: Lookup) -> Result<Option<StoredRow>, StoreError> {
        let id = match lookup {
            Lookup::Id(id) => Some(id.get()),
            Lookup::Key(key) => self.id_of_key(&key),
            Lookup::Serial(serial) => self.id_of_serial(serial.get()),
        };
        Ok(id.and_then(|id| self.rows.get(&id)).map(|stored| stored.row.clone()))
    }

    fn open_rows(&mut self, of: Option<InstanceNo>) -> Result<Vec<StoredRow>, StoreError> {
        let is_meant = |stored: &&MemoryRow| stored.open && of.is_none_or(|of| of == stored.row.owner);
        Ok(self.rows.values().filter(is_meant).map(|stored| stored.row.clone()).collect())
    }

    fn work(&mut self, query: WorkQuery) -> Result<Vec<StoredRow>, StoreError> {
        let from = query.after.map_or(0, |after| after.get() + 1);
        let lying = self.rows.range(from..).filter(|(_, stored)| stored.lies_on(query.pile));
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        Ok(lying.take(limit).map(|(_, stored)| stored.row.clone()).collect())
    }

    fn count(&mut self, pile: Pile) -> Result<u64, StoreError> {
        let lying = self.rows.values().filter(|stored| stored.lies_on(pile)).count();
        Ok(u64::try_from(lying).unwrap_or(u64::MAX))
    }

    fn totals(&mut self, query: TotalsQuery) -> Result<Totals, StoreError> {
        let TotalsQuery { terminal, business_date } = query;
        let mut totals = Totals::default();
        let all = [0, 999_999].map(|number| TraceNo::new(number).expect("six digits"));
        for id in self.ids(terminal, business_date, all) {
            let MemoryRow { counts_as, total_amount, .. } = self.rows[&id];
            match counts_as {
                Some(CountsAs::Approval) => count(&mut totals.approvals, total_amount),
                Some(CountsAs::NetCancel) => count(&mut totals.net_cancels, total_amount),
                None => {}
            }
        }
        let of_day = |cancel: &&CancelRow| {
            cancel.done && cancel.key.terminal == terminal && cancel.key.business_date == business_date
        };
        for cancel in self.cancels.values().map(|(cancel, _)| cancel).filter(of_day) {
            count(&mut totals.cancels, cancel.total_amount);
        }
        Ok(totals)
    }
}

fn count(sum: &mut Sum, amount: u64) {
    sum.add(Won::new(amount).expect("it was written from won"));
}
