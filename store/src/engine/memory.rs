//! The in-memory engine: for tests and simulations; nothing survives it, but it keeps the contract.

use std::collections::BTreeMap;

use jiff::Timestamp;
use payment::{InstanceNo, Serial};
use rustc_hash::FxHashMap;

use crate::{
    Lookup, StoreError,
    engine::{ClaimRow, Engine, FIRST_SERIAL, NoteRow, Outcome, Reader, Row, StoredRow},
    record::TELEGRAM,
};

/// All payments in maps. Clones share nothing.
#[derive(Clone, Debug)]
pub struct Memory {
    instance: InstanceNo,
    rows: BTreeMap<i64, MemoryRow>,
    by_serial: BTreeMap<u64, (u64, i64)>,
    claims: FxHashMap<(&'static str, String), (i64, Timestamp)>,
    events: Vec<MemoryEvent>,
    next_serial: u64,
}

#[derive(Clone, Debug)]
struct MemoryRow {
    row: StoredRow,
    open: bool,
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
    /// An empty store of one instance.
    pub fn new(instance: InstanceNo) -> Self {
        Self {
            instance,
            rows: BTreeMap::new(),
            by_serial: BTreeMap::new(),
            claims: FxHashMap::default(),
            events: Vec::new(),
            next_serial: FIRST_SERIAL.unsigned_abs(),
        }
    }

    /// The event table, in order.
    pub fn events(&self) -> &[MemoryEvent] {
        &self.events
    }

    fn refused_claim(&self, row: &Row) -> Option<Outcome> {
        row.claims.iter().enumerate().find_map(|(index, claim)| {
            let (holder, until) = self.claims.get(&(claim.kind, claim.key.clone()))?;
            (*holder != row.id && *until > row.at).then_some(Outcome::Claimed { index, holder: *holder })
        })
    }

    fn write_one(&mut self, row: &Row) -> Outcome {
        if self.rows.get(&row.id).map_or(0, |stored| stored.row.version) != row.base {
            return Outcome::LostRace;
        }
        if let Some(refused) = self.refused_claim(row) {
            return refused;
        }
        for ClaimRow { kind, key, until } in &row.claims {
            self.claims.insert((kind, key.clone()), (row.id, *until));
        }
        if let (0, Some((first, last))) = (row.base, row.columns.serials) {
            self.by_serial.insert(first, (last, row.id));
        }
        let version = row.base + 1;
        let stored = StoredRow { id: row.id, version, state: row.state.clone(), card: row.card.clone() };
        self.rows.insert(row.id, MemoryRow { row: stored, open: row.open });
        let event = MemoryEvent { payment: Some(row.id), version, event: row.event.clone(), at: row.at };
        self.events.push(event);
        Outcome::Written
    }
}

impl Engine for Memory {
    fn write(&mut self, rows: &[Row], notes: &[NoteRow]) -> Result<Vec<Outcome>, StoreError> {
        let outcomes = rows.iter().map(|row| self.write_one(row)).collect();
        let event =
            |note: &NoteRow| MemoryEvent { payment: None, version: 0, event: note.note.clone(), at: note.at };
        self.events.extend(notes.iter().map(event));
        Ok(outcomes)
    }

    fn reserve_serials(&mut self, count: u64) -> Result<u64, StoreError> {
        let first = self.next_serial;
        if first.saturating_add(count) > Serial::PER_INSTANCE {
            return Err(StoreError::SerialsUsedUp { instance: self.instance.get() });
        }
        self.next_serial += count;
        Ok(first)
    }
}

impl Reader for Memory {
    fn find(&mut self, lookup: Lookup) -> Result<Option<StoredRow>, StoreError> {
        let id = match lookup {
            Lookup::Id(id) => Some(id.get()),
            Lookup::Key(key) => self.claims.get(&(TELEGRAM, key.to_string())).map(|(holder, _)| *holder),
            Lookup::Serial(serial) => {
                let below = self.by_serial.range(..=serial.get()).next_back();
                below.filter(|(_, (last, _))| serial.get() <= *last).map(|(_, (_, id))| *id)
            }
        };
        Ok(id.and_then(|id| self.rows.get(&id)).map(|stored| stored.row.clone()))
    }

    fn open_rows(&mut self) -> Result<Vec<StoredRow>, StoreError> {
        Ok(self.rows.values().filter(|stored| stored.open).map(|stored| stored.row.clone()).collect())
    }
}
