//! One engine for two threads: the writer and the reader take turns.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use payment::{InstanceNo, Totals};

use crate::{
    Engine, Lookup, Pile, Reader, StoreError, TotalsQuery, WorkQuery,
    engine::{NoteRow, Outcome, Row, StoredRow, TakenRows},
};

impl<E: Engine> Reader for Arc<Mutex<E>> {
    fn find(&mut self, lookup: Lookup) -> Result<Option<StoredRow>, StoreError> {
        take(self)?.find(lookup)
    }

    fn open_rows(&mut self, of: Option<InstanceNo>) -> Result<Vec<StoredRow>, StoreError> {
        take(self)?.open_rows(of)
    }

    fn work(&mut self, query: WorkQuery) -> Result<Vec<StoredRow>, StoreError> {
        take(self)?.work(query)
    }

    fn count(&mut self, pile: Pile) -> Result<u64, StoreError> {
        take(self)?.count(pile)
    }

    fn totals(&mut self, query: TotalsQuery) -> Result<Totals, StoreError> {
        take(self)?.totals(query)
    }
}

impl<E: Engine> Engine for Arc<Mutex<E>> {
    fn write(&mut self, rows: &[Row], notes: &[NoteRow]) -> Result<Vec<Outcome>, StoreError> {
        take(self)?.write(rows, notes)
    }

    fn instance(&self) -> InstanceNo {
        self.lock().unwrap_or_else(PoisonError::into_inner).instance()
    }

    fn reserve_serials(&mut self, count: u64) -> Result<u64, StoreError> {
        take(self)?.reserve_serials(count)
    }

    fn renew_lease(&mut self, until: Timestamp) -> Result<(), StoreError> {
        take(self)?.renew_lease(until)
    }

    fn take_over(&mut self, from: InstanceNo, now: Timestamp) -> Result<Option<TakenRows>, StoreError> {
        take(self)?.take_over(from, now)
    }
}

fn take<E: Engine>(engine: &Mutex<E>) -> Result<MutexGuard<'_, E>, StoreError> {
    let panicked =
        |_| StoreError::Failed { what: "share an engine", cause: "a thread panicked with it".into() };
    engine.lock().map_err(panicked)
}
