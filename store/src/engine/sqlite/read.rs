//! Lookups.

use std::path::Path;

use payment::{InstanceNo, SealedCard, Sum, TelegramKind, Totals};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row as SqlRow, ToSql};

use super::{claims::TELEGRAM, connect, failed, open_error};
use crate::{
    Lookup, Pile, StoreError, TotalsQuery, WorkQuery,
    engine::{Reader, StoredRow},
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

    fn open_rows(&mut self, of: Option<InstanceNo>) -> Result<Vec<StoredRow>, StoreError> {
        open_rows(&self.connection, of)
    }

    fn work(&mut self, query: WorkQuery) -> Result<Vec<StoredRow>, StoreError> {
        work(&self.connection, query)
    }

    fn count(&mut self, pile: Pile) -> Result<u64, StoreError> {
        count(&self.connection, pile)
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

const BY_ID: &str = "SELECT id, version, state, card, instance FROM payment WHERE id = ?1";

const BY_KEY: &str = "SELECT id, version, state, card, instance FROM payment
     WHERE terminal_id = ?1 AND business_date = ?2 AND trace_no = ?3 ORDER BY phase = 'tombstone', id DESC LIMIT 1";

const BY_CLAIM: &str = "SELECT payment.id, version, state, card, instance FROM claim
     JOIN payment ON payment.id = claim.payment WHERE kind = ?1 AND key = ?2";

/// That of the cancel, else the one with the greatest first serial not above it, if its last one is not below.
const BY_SERIAL: &str = "SELECT id, version, state, card, instance FROM payment WHERE id = coalesce(
     (SELECT payment FROM payment_cancel WHERE serial = ?1),
     (SELECT id FROM (SELECT id, last_serial FROM payment WHERE first_serial <= ?1 ORDER BY first_serial DESC LIMIT 1)
      WHERE last_serial >= ?1))";

/// One statement, and so as of one commit: all payments, those among them that are no approvals, and the cancels.
const TOTALS: &str = "WITH
     every (number, amount) AS
     (SELECT count(*), coalesce(sum(total_amount), 0)
      FROM payment INDEXED BY payment_key WHERE terminal_id = ?1 AND business_date = ?2),
     other (counts_as, amount) AS
     (SELECT counts_as, total_amount FROM payment INDEXED BY payment_not_approved
      WHERE terminal_id = ?1 AND business_date = ?2 AND open = 0 AND counts_as IS NOT 'approval'
      UNION ALL
      SELECT counts_as, total_amount FROM payment INDEXED BY payment_open
      WHERE terminal_id = ?1 AND business_date = ?2 AND open = 1 AND counts_as IS NOT 'approval'),
     others (number, amount, net_cancels, net_cancelled) AS
     (SELECT count(*), coalesce(sum(amount), 0), count(*) FILTER (WHERE counts_as = 'net-cancel'),
             coalesce(sum(amount) FILTER (WHERE counts_as = 'net-cancel'), 0) FROM other),
     cancel (number, amount) AS
     (SELECT count(*), coalesce(sum(total_amount), 0)
      FROM payment_cancel WHERE terminal_id = ?1 AND business_date = ?2 AND done = 1)
     SELECT every.number - others.number, every.amount - others.amount, net_cancels, net_cancelled,
            cancel.number, cancel.amount FROM every, others, cancel";

/// By the index of the open ones and sorted after it: left to itself the planner reads every payment there is in the order of ids.
const OPEN: &str = "SELECT id, version, state, card, instance FROM payment INDEXED BY payment_open
     WHERE open = 1 AND instance = coalesce(?1, instance) ORDER BY id";

const OPEN_PAGE: &str = "SELECT id, version, state, card, instance FROM payment INDEXED BY payment_open
     WHERE open = 1 AND id > ?1 ORDER BY id LIMIT ?2";

const NEEDS_PERSON_PAGE: &str =
    "SELECT id, version, state, card, instance FROM payment INDEXED BY payment_needs_person
     WHERE phase = 'needs-person' AND id > ?1 ORDER BY id LIMIT ?2";

const COUNT_OPEN: &str = "SELECT count(*) FROM payment INDEXED BY payment_open WHERE open = 1";

const COUNT_NEEDS_PERSON: &str =
    "SELECT count(*) FROM payment INDEXED BY payment_needs_person WHERE phase = 'needs-person'";

fn one(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn ToSql],
) -> Result<Option<StoredRow>, rusqlite::Error> {
    connection.prepare_cached(sql)?.query_row(parameters, stored).optional()
}

pub(super) fn open_rows(
    connection: &Connection,
    of: Option<InstanceNo>,
) -> Result<Vec<StoredRow>, StoreError> {
    open(connection, of).map_err(|cause| failed("read the open payments", cause))
}

pub(super) fn open(
    connection: &Connection,
    of: Option<InstanceNo>,
) -> Result<Vec<StoredRow>, rusqlite::Error> {
    many(connection, OPEN, &[&of.map(InstanceNo::get)])
}

pub(super) fn work(connection: &Connection, query: WorkQuery) -> Result<Vec<StoredRow>, StoreError> {
    let page = match query.pile {
        Pile::Open => OPEN_PAGE,
        Pile::NeedsPerson => NEEDS_PERSON_PAGE,
    };
    let after = query.after.map_or(0, payment::PaymentId::get);
    many(connection, page, &[&after, &query.limit]).map_err(|cause| failed("read what is to be done", cause))
}

pub(super) fn count(connection: &Connection, pile: Pile) -> Result<u64, StoreError> {
    let sql = match pile {
        Pile::Open => COUNT_OPEN,
        Pile::NeedsPerson => COUNT_NEEDS_PERSON,
    };
    let count = || -> Result<i64, rusqlite::Error> {
        connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
    };
    let counted = count().map_err(|cause| failed("count what is to be done", cause))?;
    Ok(u64::try_from(counted).unwrap_or(0))
}

fn many(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn ToSql],
) -> Result<Vec<StoredRow>, rusqlite::Error> {
    connection.prepare_cached(sql)?.query_map(parameters, stored)?.collect()
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
    let owner: u8 = row.get(4)?;
    let owner = InstanceNo::try_from(owner)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(4, i64::from(owner)))?;
    Ok(StoredRow { id: row.get(0)?, version: row.get(1)?, owner, state: row.get(2)?, card })
}

#[cfg(test)]
mod tests {
    use payment::InstanceNo;
    use rusqlite::{Connection, StatementStatus, params};

    use super::{
        BY_CLAIM, BY_ID, BY_KEY, BY_SERIAL, COUNT_NEEDS_PERSON, COUNT_OPEN, NEEDS_PERSON_PAGE, OPEN,
        OPEN_PAGE, TOTALS,
    };
    use crate::{Sqlite, engine::sqlite::claims::KEY_HOLDER};

    /// How each step of a query finds its rows.
    fn plan(connection: &Connection, query: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let mut rows = statement.raw_query();
        let mut details = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            details.push(row.get(3).unwrap());
        }
        details
    }

    fn check_plans(connection: &Connection) {
        let piles = [OPEN, OPEN_PAGE, NEEDS_PERSON_PAGE, COUNT_OPEN, COUNT_NEEDS_PERSON];
        for query in [BY_ID, BY_KEY, BY_CLAIM, BY_SERIAL, TOTALS, KEY_HOLDER].into_iter().chain(piles) {
            for detail in plan(connection, query) {
                let by_index = !detail.starts_with("SCAN payment") && !detail.starts_with("SCAN claim");
                let by_pile = ["payment_open", "payment_needs_person"]
                    .iter()
                    .any(|pile| detail.contains(&format!("INDEX {pile}")));
                assert!(by_index || by_pile, "{detail}: {query}");
            }
        }
        let covering =
            plan(connection, TOTALS).iter().filter(|detail| detail.contains("COVERING INDEX")).count();
        assert_eq!(covering, 4, "{:?}", plan(connection, TOTALS));
    }

    /// What a read costs must not grow with what is stored.
    #[test]
    fn every_read_goes_by_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Sqlite::open(folder.path().join("switch.db"), InstanceNo::new(0).unwrap()).unwrap();
        check_plans(&engine.connection);
    }

    /// Two hundred terminals on five days, two hundred payments each; every tenth is cancelled the day after.
    const MANY: &str = "
        WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number LIMIT 200000)
        INSERT INTO payment (id, version, instance, epoch, open, phase, acquirer, terminal_id, business_date,
            trace_no, merchant_no, total_amount, first_serial, last_serial, saved_at, state, counts_as)
        SELECT n + 1, 2, 0, 1, 0, 'approved', 'kovan', 1000000001 + n % 200, '2026-10-0' || (1 + n / 40000),
            n / 200 % 200, '1208800001', 1000, n * 4 + 1, n * 4 + 4, 0, '{}', iif(n / 200 % 4 = 0, 'net-cancel', 'approval')
        FROM number;
        INSERT INTO payment_cancel (serial, payment, terminal_id, business_date, trace_no, total_amount, done)
        SELECT last_serial + 1000000, id, terminal_id, date(business_date, '+1 day'), trace_no, total_amount, trace_no % 20 = 0
        FROM payment WHERE trace_no % 10 = 0;";

    /// First a store that nobody analyzed, as it is at work, then one that somebody did.
    #[test]
    fn no_read_among_two_hundred_thousand_payments_looks_at_more_than_it_needs() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Sqlite::open(folder.path().join("switch.db"), InstanceNo::new(0).unwrap()).unwrap();
        let connection = &engine.connection;
        connection.execute_batch(&format!("BEGIN; {MANY} COMMIT;")).unwrap();
        for prepare in ["", "ANALYZE"] {
            connection.execute_batch(prepare).unwrap();
            check_plans(connection);
            let (terminal, day) = ("1000000077", "2026-10-03");
            let number = 2 * 40_000 + 13 * 200 + 76;
            let by_key = cost(connection, BY_KEY, params![terminal, day, 13]);
            assert_eq!(by_key.0, number + 1);
            let by_serial = cost(connection, BY_SERIAL, params![number * 4 + 3]);
            assert_eq!(by_serial.0, number + 1);
            let by_cancel = cost(connection, BY_SERIAL, params![(number - 600) * 4 + 4 + 1_000_000]);
            assert_eq!(by_cancel.0, number - 600 + 1);
            let nothing = cost(connection, BY_KEY, params![terminal, day, 999]);
            assert_eq!(nothing.0, 0);
            let free = cost(connection, KEY_HOLDER, params![terminal, day, 13, number + 1, 0]);
            assert_eq!(free.0, 0);
            for (_, scanned, steps) in [by_key, by_serial, by_cancel, nothing, free] {
                assert!(scanned == 0 && steps < 100, "{scanned} rows scanned in {steps} steps");
            }
            // The two hundred of that terminal and day, and no other.
            let (approvals, scanned, steps) = cost(connection, TOTALS, params![terminal, day]);
            assert!(approvals == 150 && scanned < 5 && steps < 200 * 20, "{approvals} {scanned} {steps}");
        }
    }

    /// The first column of the row it finds, or 0, the rows it scanned and the steps it took.
    fn cost(connection: &Connection, query: &str, parameters: &[&dyn rusqlite::ToSql]) -> (i64, i32, i32) {
        let mut statement = connection.prepare(query).unwrap();
        let found = statement.query_row(parameters, |row| row.get(0)).unwrap_or(0);
        let status = |status| statement.get_status(status);
        (found, status(StatementStatus::FullscanStep), status(StatementStatus::VmStep))
    }
}
