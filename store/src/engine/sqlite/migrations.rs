//! Brings the tables to the form this version knows, each step once and for ever the same.

use std::fmt::Write;

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::failed;
use crate::StoreError;

/// The migrations of this version, in order; the first is number 1.
pub(super) const ALL: &[&str] = &[
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/0001_payments.sql")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/0002_cancels_totals.sql")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/0003_manual_queue.sql")),
];

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (
    number     INTEGER PRIMARY KEY,
    checksum   TEXT    NOT NULL, -- SHA-256 of its text
    applied_at INTEGER NOT NULL
) STRICT";

/// Applies those of `migrations` that are missing, all or none.
pub(super) fn run(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let migrate = |cause| failed("migrate", cause);
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(migrate)?;
    transaction.execute_batch(TABLE).map_err(migrate)?;
    let applied = applied(&transaction).map_err(migrate)?;
    check(&applied, migrations)?;
    for (number, sql) in (1..).zip(migrations).skip(applied.len()) {
        apply(&transaction, number, sql).map_err(migrate)?;
    }
    transaction.commit().map_err(migrate)
}

fn applied(transaction: &Transaction<'_>) -> Result<Vec<(u32, String)>, rusqlite::Error> {
    let mut statement = transaction.prepare("SELECT number, checksum FROM migration ORDER BY number")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn check(applied: &[(u32, String)], migrations: &[&str]) -> Result<(), StoreError> {
    let known = u32::try_from(migrations.len()).expect("a handful");
    if let Some((found, _)) = applied.last().filter(|(number, _)| *number > known) {
        return Err(StoreError::TooNew { found: *found, known });
    }
    for (expected, ((number, found), sql)) in (1..).zip(applied.iter().zip(migrations)) {
        if *number != expected || *found != checksum(sql) {
            return Err(StoreError::MigrationDiffers { number: expected });
        }
    }
    Ok(())
}

fn apply(transaction: &Transaction<'_>, number: u32, sql: &str) -> Result<(), rusqlite::Error> {
    transaction.execute_batch(sql)?;
    let applied_at = Timestamp::now().as_microsecond();
    let insert = "INSERT INTO migration (number, checksum, applied_at) VALUES (?1, ?2, ?3)";
    transaction.execute(insert, params![number, checksum(sql), applied_at])?;
    Ok(())
}

fn checksum(sql: &str) -> String {
    digest(&SHA256, sql.as_bytes()).as_ref().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all");
        hex
    })
}
