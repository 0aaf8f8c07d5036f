//! Who writes here: an instance, in one of its epochs, as long as its lease lasts.

use jiff::Timestamp;
use payment::InstanceNo;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{read, write::Journal};
use crate::engine::TakenRows;

/// What became of a write.
pub(super) enum Written<T> {
    Done(T),
    /// A newer epoch of this instance has begun: nothing was written.
    Fenced,
}

/// A start of this instance: from now on its earlier ones are refused every write.
pub(super) fn begin(connection: &mut Connection, instance: InstanceNo) -> Result<Journal, rusqlite::Error> {
    let instance = instance.get();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let begin = "INSERT INTO switch_instance (instance, epoch, started_at) VALUES (?1, 1, ?2)
         ON CONFLICT (instance) DO UPDATE SET epoch = epoch + 1, started_at = excluded.started_at
         RETURNING epoch";
    let started_at = Timestamp::now().as_microsecond();
    let epoch = transaction.query_row(begin, params![instance, started_at], |row| row.get(0))?;
    let journal = Journal::continued(&transaction, instance, epoch)?;
    transaction.commit()?;
    Ok(journal)
}

/// Whether a newer epoch of this instance has begun.
pub(super) fn is_fenced(transaction: &Transaction<'_>, journal: &Journal) -> Result<bool, rusqlite::Error> {
    let mut newest =
        transaction.prepare_cached("SELECT 1 FROM switch_instance WHERE instance = ?1 AND epoch = ?2")?;
    Ok(!newest.exists(params![journal.instance, journal.epoch])?)
}

/// Renews the lease, or gives it back with an instant that has passed.
pub(super) fn renew(
    connection: &mut Connection,
    journal: &Journal,
    until: Timestamp,
) -> Result<Written<()>, rusqlite::Error> {
    let renew =
        "UPDATE switch_instance SET lease_until = ?3, lease_holder = NULL WHERE instance = ?1 AND epoch = ?2";
    let renewed =
        connection.execute(renew, params![journal.instance, journal.epoch, until.as_microsecond()])?;
    Ok(if renewed == 1 { Written::Done(()) } else { Written::Fenced })
}

/// No rows where the other one holds its lease, or has none that could end.
pub(super) fn take_over(
    connection: &mut Connection,
    journal: &Journal,
    from: InstanceNo,
    now: Timestamp,
) -> Result<Written<Option<TakenRows>>, rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if is_fenced(&transaction, journal)? {
        return Ok(Written::Fenced);
    }
    if from.get() == journal.instance {
        return Ok(Written::Done(None));
    }
    let ended = "SELECT lease_until FROM switch_instance WHERE instance = ?1 AND lease_until <= ?2";
    let ended: Option<i64> = transaction
        .query_row(ended, params![from.get(), now.as_microsecond()], |row| row.get(0))
        .optional()?;
    let Some(lease_ended) = ended.and_then(|ended| Timestamp::from_microsecond(ended).ok()) else {
        return Ok(Written::Done(None));
    };
    let fence = "UPDATE switch_instance SET epoch = epoch + 1, lease_until = NULL, lease_holder = ?2
         WHERE instance = ?1";
    let taker = format!("taken over by instance {}", journal.instance);
    transaction.execute(fence, params![from.get(), taker])?;
    let open = read::open(&transaction, Some(from))?;
    let take = "UPDATE payment INDEXED BY payment_open SET instance = ?2, epoch = ?3 WHERE open = 1 AND instance = ?1";
    transaction.execute(take, params![from.get(), journal.instance, journal.epoch])?;
    transaction.commit()?;
    Ok(Written::Done(Some(TakenRows { lease_ended, open })))
}
