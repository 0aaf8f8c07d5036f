//! Lookups.

use std::path::Path;

use payment::{SealedCard, Sum, TelegramKind, Totals};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row as SqlRow, ToSql};

use super::{connect, failed, open_error};
use crate::{
    Lookup, StoreError, TotalsQuery,
    engine::{Reader, StoredRow},
    record::TELEGRAM,
};

/// A connection that only reads, beside the writer. Each read sees every commit that was told before it.
#[derive(Debug)]
pub struct SqliteReader {
    connection: Connection,
}

impl SqliteReader {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection =
            connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|cause| open_error(path, cause))?;
        Ok(Self { connection })
    }
}

impl Reader for SqliteReader {
    fn find(&mut self, lookup: Lookup) -> Result<Option<StoredRow>, StoreError> {
        find(&self.connection, lookup)
    }

    fn open_rows(&mut self) -> Result<Vec<StoredRow>, StoreError> {
        open_rows(&self.connection)
    }

    fn totals(&mut self, query: TotalsQuery) -> Result<Totals, StoreError> {
        totals(&self.connection, query)
    }
}

pub(super) fn find(connection: &Connection, lookup: Lookup) -> Result<Option<StoredRow>, StoreError> {
    let found = match lookup {
        Lookup::Id(id) => one(connection, BY_ID, &[&id.get()]),
        Lookup::Key(key) => match key.kind {
            TelegramKind::Approval => {
                let date = key.business_date.to_string();
                one(connection, BY_KEY, &[&key.terminal.as_str(), &date, &key.trace_no.get()])
            }
            TelegramKind::Cancel => one(connection, BY_CLAIM, &[&TELEGRAM, &key.to_string()]),
        },
        Lookup::Serial(serial) => {
            let serial = i64::try_from(serial.get()).expect("twelve digits");
            one(connection, BY_SERIAL, &[&serial])
        }
    };
    found.map_err(|cause| failed("look up a payment", cause))
}

const BY_ID: &str = "SELECT id, version, state, card FROM payment WHERE id = ?1";

const BY_KEY: &str = "SELECT id, version, state, card FROM payment
     WHERE terminal_id = ?1 AND business_date = ?2 AND trace_no = ?3 ORDER BY phase = 'tombstone', id DESC LIMIT 1";

const BY_CLAIM: &str = "SELECT payment.id, version, state, card FROM claim
     JOIN payment ON payment.id = claim.payment WHERE kind = ?1 AND key = ?2";

/// That of the cancel, else the one with the greatest first serial not above it, if its last one is not below.
const BY_SERIAL: &str = "SELECT id, version, state, card FROM payment WHERE id = coalesce(
     (SELECT payment FROM payment_cancel WHERE serial = ?1),
     (SELECT id FROM (SELECT id, last_serial FROM payment WHERE first_serial <= ?1 ORDER BY first_serial DESC LIMIT 1)
      WHERE last_serial >= ?1))";

/// One statement, and so as of one commit.
const TOTALS: &str = "SELECT * FROM
     (SELECT count(*) FILTER (WHERE counts_as = 'approval'),
             coalesce(sum(total_amount) FILTER (WHERE counts_as = 'approval'), 0),
             count(*) FILTER (WHERE counts_as = 'net-cancel'),
             coalesce(sum(total_amount) FILTER (WHERE counts_as = 'net-cancel'), 0)
      FROM payment WHERE terminal_id = ?1 AND business_date = ?2),
     (SELECT count(*), coalesce(sum(total_amount), 0)
      FROM payment_cancel WHERE terminal_id = ?1 AND business_date = ?2 AND done = 1)";

/// By the index of the open ones and sorted after it: left to itself the planner reads every payment there is in the order of ids.
const OPEN: &str =
    "SELECT id, version, state, card FROM payment INDEXED BY payment_open WHERE open = 1 ORDER BY id";

fn one(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn ToSql],
) -> Result<Option<StoredRow>, rusqlite::Error> {
    connection.prepare_cached(sql)?.query_row(parameters, stored).optional()
}

pub(super) fn open_rows(connection: &Connection) -> Result<Vec<StoredRow>, StoreError> {
    let read = || -> Result<Vec<StoredRow>, rusqlite::Error> {
        connection.prepare_cached(OPEN)?.query_map([], stored)?.collect()
    };
    read().map_err(|cause| failed("read the open payments", cause))
}

pub(super) fn totals(connection: &Connection, query: TotalsQuery) -> Result<Totals, StoreError> {
    let TotalsQuery { terminal, business_date } = query;
    let read = || -> Result<Totals, rusqlite::Error> {
        let parameters = [terminal.as_str(), &business_date.to_string()];
        connection.prepare_cached(TOTALS)?.query_row(parameters, |row| {
            Ok(Totals { approvals: sum(row, 0)?, net_cancels: sum(row, 2)?, cancels: sum(row, 4)? })
        })
    };
    read().map_err(|cause| failed("count totals", cause))
}

/// Count and amount, in two columns from `at` on.
fn sum(row: &SqlRow<'_>, at: usize) -> Result<Sum, rusqlite::Error> {
    let column = |at| {
        let number: i64 = row.get(at)?;
        u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(at, number))
    };
    Ok(Sum { count: column(at)?, amount: column(at + 1)? })
}

fn stored(row: &SqlRow<'_>) -> Result<StoredRow, rusqlite::Error> {
    let card = row.get_ref(3)?.as_blob_or_null()?.map(SealedCard::new);
    Ok(StoredRow { id: row.get(0)?, version: row.get(1)?, state: row.get(2)?, card })
}

#[cfg(test)]
mod tests {
    use payment::InstanceNo;

    use super::{BY_CLAIM, BY_ID, BY_KEY, BY_SERIAL, OPEN, TOTALS};
    use crate::Sqlite;

    /// What a read costs must not grow with what is stored.
    #[test]
    fn every_read_goes_by_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Sqlite::open(folder.path().join("switch.db"), InstanceNo::new(0).unwrap()).unwrap();
        for query in [BY_ID, BY_KEY, BY_CLAIM, BY_SERIAL, OPEN, TOTALS] {
            let mut statement = engine.connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next().unwrap() {
                let detail: String = row.get(3).unwrap();
                let by_index = !detail.starts_with("SCAN payment") && !detail.starts_with("SCAN claim");
                assert!(by_index || detail.contains("USING INDEX payment_open"), "{detail}: {query}");
            }
        }
    }
}
