//! One commit: rows, claims and events.

use jiff::Timestamp;
use payment::{CountsAs, SealedCard};
use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior, params};

use super::{
    claims::{self, Claims},
    instance::{Written, is_fenced},
};
use crate::engine::{CancelRow, NoteRow, Outcome, Row};

/// Events of one instance that fit below its number in the key of the event table.
const EVENTS_PER_INSTANCE: i64 = 10_000_000_000_000_000;

/// Whose events are written, and which number comes next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Journal {
    pub(super) instance: u8,
    pub(super) epoch: i64,
    next: i64,
}

impl Journal {
    /// The journal after what this instance has written.
    pub(super) fn continued(
        transaction: &Transaction<'_>,
        instance: u8,
        epoch: i64,
    ) -> Result<Self, rusqlite::Error> {
        let from = i64::from(instance) * EVENTS_PER_INSTANCE;
        let last = "SELECT coalesce(max(id), ?1) FROM payment_event WHERE id BETWEEN ?1 AND ?2";
        let end = from + (EVENTS_PER_INSTANCE - 1);
        let last: i64 = transaction.query_row(last, [from, end], |row| row.get(0))?;
        Ok(Self { instance, epoch, next: last + 1 })
    }

    fn take(&mut self) -> i64 {
        let id = self.next;
        self.next += 1;
        id
    }
}

/// Commits rows and notes; `journal` moves on only when that succeeded.
pub(super) fn write_batch(
    connection: &mut Connection,
    journal: &mut Journal,
    rows: &[Row],
    notes: &[NoteRow],
) -> Result<Written<Vec<Outcome>>, rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if is_fenced(&transaction, journal)? {
        return Ok(Written::Fenced);
    }
    let mut batch = BatchWriter::prepare(&transaction, *journal)?;
    let outcomes = rows.iter().map(|row| batch.row(row)).collect::<Result<_, _>>()?;
    for note in notes {
        batch.event(None, 0, note.at.as_microsecond(), &note.note)?;
    }
    let added = rows.iter().map(|row| row.claims.len()).sum();
    if let Some(now) = rows.iter().map(|row| row.at).max() {
        batch.claims.purge(now, added)?;
    }
    let moved_on = batch.journal;
    drop(batch);
    transaction.commit()?;
    *journal = moved_on;
    Ok(Written::Done(outcomes))
}

struct BatchWriter<'c> {
    claims: Claims<'c>,
    version: CachedStatement<'c>,
    insert: CachedStatement<'c>,
    update: CachedStatement<'c>,
    drop_card: CachedStatement<'c>,
    cancel: CachedStatement<'c>,
    event: CachedStatement<'c>,
    journal: Journal,
}

impl<'c> BatchWriter<'c> {
    fn prepare(connection: &'c Connection, journal: Journal) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            claims: Claims::prepare(connection)?,
            version: connection.prepare_cached("SELECT 1 FROM payment WHERE id = ?1 AND version = ?2
                UNION ALL SELECT 1 WHERE ?2 = 0 AND NOT EXISTS (SELECT 1 FROM payment WHERE id = ?1)")?,
            insert: connection.prepare_cached(
                "INSERT INTO payment (id, version, instance, epoch, open, due, phase, acquirer, saved_at, state,
                 card, terminal_id, business_date, trace_no, merchant_no, total_amount, first_serial, last_serial,
                 counts_as, key_until)
                 VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
                 ON CONFLICT (id) DO NOTHING",
            )?,
            update: connection.prepare_cached(
                "UPDATE payment SET version = version + 1, instance = iif(?12, instance, ?3),
                 epoch = iif(?12, epoch, ?4), open = ?5, due = ?6,
                 phase = ?7, acquirer = ?8, saved_at = ?9, state = ?10, counts_as = ?11 WHERE id = ?1 AND version = ?2",
            )?,
            drop_card: connection
                .prepare_cached("UPDATE payment SET card = NULL WHERE id = ?1 AND card IS NOT NULL")?,
            cancel: connection.prepare_cached(
                "INSERT INTO payment_cancel (serial, payment, terminal_id, business_date, trace_no, total_amount, done)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (serial) DO UPDATE SET done = excluded.done WHERE done <> excluded.done",
            )?,
            event: connection.prepare_cached(
                "INSERT INTO payment_event (id, payment, version, at, event) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?,
            journal,
        })
    }

    /// Writes a row, or leaves no trace of it.
    fn row(&mut self, row: &Row) -> Result<Outcome, rusqlite::Error> {
        if let Some(refused) = self.claims.refused(row)? {
            let lost = !self.version.exists(params![row.id, row.base])?;
            return Ok(if lost { Outcome::LostRace } else { refused });
        }
        let written = if row.base == 0 { self.insert(row)? } else { self.update(row)? };
        if !written {
            return Ok(Outcome::LostRace);
        }
        self.claims.take(row)?;
        for cancel in &row.cancels {
            self.cancel(row.id, cancel)?;
        }
        self.event(Some(row.id), row.base + 1, row.at.as_microsecond(), &row.event)?;
        Ok(Outcome::Written)
    }

    fn insert(&mut self, row: &Row) -> Result<bool, rusqlite::Error> {
        let of = &row.columns;
        let inserted = self.insert.execute(params![
            row.id,
            self.journal.instance,
            self.journal.epoch,
            row.open,
            row.due.map(Timestamp::as_microsecond),
            row.phase,
            row.acquirer,
            row.at.as_microsecond(),
            row.state,
            row.card.as_ref().map(SealedCard::as_bytes),
            of.key.terminal.as_str(),
            of.key.business_date.to_string(),
            of.key.trace_no.get(),
            of.merchant_no,
            column(of.total_amount),
            of.serials.map(|(first, _)| column(first)),
            of.serials.map(|(_, last)| column(last)),
            row.counts_as.map(counts_as),
            claims::own_key_until(row).map(Timestamp::as_microsecond),
        ])?;
        Ok(inserted == 1)
    }

    fn update(&mut self, row: &Row) -> Result<bool, rusqlite::Error> {
        let updated = self.update.execute(params![
            row.id,
            row.base,
            self.journal.instance,
            self.journal.epoch,
            row.open,
            row.due.map(Timestamp::as_microsecond),
            row.phase,
            row.acquirer,
            row.at.as_microsecond(),
            row.state,
            row.counts_as.map(counts_as),
            row.keeps_owner,
        ])?;
        if updated == 1 && row.card.is_none() {
            self.drop_card.execute([row.id])?;
        }
        Ok(updated == 1)
    }

    fn cancel(&mut self, payment: i64, cancel: &CancelRow) -> Result<(), rusqlite::Error> {
        self.cancel.execute(params![
            column(cancel.serial),
            payment,
            cancel.key.terminal.as_str(),
            cancel.key.business_date.to_string(),
            cancel.key.trace_no.get(),
            column(cancel.total_amount),
            cancel.done,
        ])?;
        Ok(())
    }

    fn event(
        &mut self,
        payment: Option<i64>,
        version: u32,
        at: i64,
        event: &str,
    ) -> Result<(), rusqlite::Error> {
        self.event.execute(params![self.journal.take(), payment, version, at, event])?;
        Ok(())
    }
}

/// Serials and amounts as SQL's integers.
fn column(number: u64) -> i64 {
    i64::try_from(number).expect("twelve digits")
}

fn counts_as(counts_as: CountsAs) -> &'static str {
    match counts_as {
        CountsAs::Approval => "approval",
        CountsAs::NetCancel => "net-cancel",
    }
}
