//! One engine for two threads: the writer and the reader take turns.

use std::sync::{Arc, Mutex, MutexGuard};

use payment::Totals;

use crate::{
    Engine, Lookup, Reader, StoreError, TotalsQuery,
    engine::{NoteRow, Outcome, Row, StoredRow},
};

impl<E: Engine> Reader for Arc<Mutex<E>> {
    fn find(&mut self, lookup: Lookup) -> Result<Option<StoredRow>, StoreError> {
        take(self)?.find(lookup)
    }

    fn open_rows(&mut self) -> Result<Vec<StoredRow>, StoreError> {
        take(self)?.open_rows()
    }

    fn totals(&mut self, query: TotalsQuery) -> Result<Totals, StoreError> {
        take(self)?.totals(query)
    }
}

impl<E: Engine> Engine for Arc<Mutex<E>> {
    fn write(&mut self, rows: &[Row], notes: &[NoteRow]) -> Result<Vec<Outcome>, StoreError> {
        take(self)?.write(rows, notes)
    }

    fn reserve_serials(&mut self, count: u64) -> Result<u64, StoreError> {
        take(self)?.reserve_serials(count)
    }
}

fn take<E: Engine>(engine: &Mutex<E>) -> Result<MutexGuard<'_, E>, StoreError> {
    let panicked =
        |_| StoreError::Failed { what: "share an engine", cause: "a thread panicked with it".into() };
    engine.lock().map_err(panicked)
}
