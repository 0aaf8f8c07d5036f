//! The embedded store: one SQLite file in WAL mode, every commit synced.

mod checkpoint;
mod claims;
mod files;
mod held;
mod instance;
mod migrations;
mod read;
mod wal;
mod write;

use std::{path::Path, time::Duration};

use jiff::Timestamp;
use payment::{InstanceNo, Serial, Totals};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, config::DbConfig, params};

use self::{
    checkpoint::Checkpoints,
    instance::Written,
    write::{Journal, write_batch},
};
pub use self::{held::SqliteFile, read::SqliteReader};
use crate::{
    Lookup, Pile, StoreError, TotalsQuery, WorkQuery,
    engine::{Engine, FIRST_SERIAL, NoteRow, Outcome, Reader, Row, StoredRow, TakenRows},
};

/// How long a statement waits for a lock that somebody else holds: people look into the file with other programs.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// `application_id` of our files.
const APPLICATION: i32 = 0x5457_4348;

/// The writer of a SQLite file. It holds the file for itself as long as it lives.
///
/// After any error of a write it takes no more writes: whether that commit is durable is unknown.
#[derive(Debug)]
pub struct Sqlite {
    // In the order of their end: the last connection to close removes the WAL, the file is let go when all is done.
    checkpoints: Checkpoints,
    connection: Connection,
    instance: InstanceNo,
    journal: Journal,
    failed: bool,
    _file: SqliteFile,
}

impl Sqlite {
    /// Holds the file at `path`, and opens it: [`SqliteFile::hold`], then [`Self::begin`].
    ///
    /// # Errors
    /// Those of both.
    pub fn open(path: impl AsRef<Path>, instance: InstanceNo) -> Result<Self, StoreError> {
        Self::begin(SqliteFile::hold(path)?, instance)
    }

    /// Opens the store in this file as this instance, whose new epoch begins: its earlier ones are refused every write. Makes tables where they are missing.
    /// When it returns, all of that and the file itself is synced.
    ///
    /// # Errors
    /// [`StoreError::MigrationDiffers`] and [`StoreError::TooNew`] when it is another version's, [`StoreError::Damaged`] when synced commits cannot be read any more,
    /// [`StoreError::Open`] when it cannot be read.
    pub fn begin(file: SqliteFile, instance: InstanceNo) -> Result<Self, StoreError> {
        let path = file.path();
        let open = |cause| open_error(path, cause);
        wal::check(path)?;
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(open)?;
        prepare(&mut connection, path)?;
        migrations::run(&mut connection, migrations::ALL)?;
        let journal = instance::begin(&mut connection, instance).map_err(open)?;
        checkpoint::restart(&connection).map_err(open)?;
        let checkpoints =
            Checkpoints::start(connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(open)?)?;
        files::sync_directory(path)?;
        Ok(Self { checkpoints, connection, instance, journal, failed: false, _file: file })
    }

    /// A second connection that reads while the writer writes. The store must have been opened before. It should be gone before the store is opened anew in this
    /// process: SQLite would take its lock on the file, which the end of the writer took from it, for one that is still there.
    ///
    /// # Errors
    /// [`StoreError::Open`] when it cannot be opened.
    pub fn reader(path: impl AsRef<Path>) -> Result<SqliteReader, StoreError> {
        SqliteReader::open(path.as_ref())
    }

    /// How often the store was opened by this instance, this time included.
    pub fn epoch(&self) -> i64 {
        self.journal.epoch
    }

    /// Does what `work` does unless a newer epoch has begun: that is looked for in the same transaction.
    fn writing<T>(
        &mut self,
        what: &'static str,
        work: impl FnOnce(&mut Self) -> Result<Written<T>, rusqlite::Error>,
    ) -> Result<T, StoreError> {
        if self.failed || self.checkpoints.failed() {
            return Err(StoreError::Failed { what, cause: "an earlier write or checkpoint failed".into() });
        }
        match work(self) {
            Ok(Written::Done(done)) => Ok(done),
            Ok(Written::Fenced) => {
                self.failed = true;
                Err(StoreError::Fenced { instance: self.journal.instance })
            }
            Err(cause) => {
                self.failed = true;
                // What was not synced must not be carried into the database file when this connection closes.
                let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
                Err(failed(what, cause))
            }
        }
    }

    /// The first of them, or none where so many are not left.
    fn reserve(&mut self, count: i64) -> Result<Written<Option<i64>>, rusqlite::Error> {
        let limit = i64::try_from(Serial::PER_INSTANCE).expect("ten digits");
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if instance::is_fenced(&transaction, &self.journal)? {
            return Ok(Written::Fenced);
        }
        let instance = self.journal.instance;
        let next = "SELECT next FROM serial_block WHERE instance = ?1";
        let first: i64 =
            transaction.query_row(next, [instance], |row| row.get(0)).optional()?.unwrap_or(FIRST_SERIAL);
        if first.saturating_add(count) > limit {
            return Ok(Written::Done(None));
        }
        let reserve = "INSERT INTO serial_block (instance, next) VALUES (?1, ?2)
             ON CONFLICT (instance) DO UPDATE SET next = excluded.next";
        transaction.execute(reserve, params![instance, first + count])?;
        transaction.commit()?;
        Ok(Written::Done(Some(first)))
    }
}

impl Engine for Sqlite {
    fn write(&mut self, rows: &[Row], notes: &[NoteRow]) -> Result<Vec<Outcome>, StoreError> {
        self.writing("commit", |store| {
            store.checkpoints.before_commit(&store.connection, rows.len() + notes.len())?;
            write_batch(&mut store.connection, &mut store.journal, rows, notes)
        })
    }

    fn instance(&self) -> InstanceNo {
        self.instance
    }

    fn reserve_serials(&mut self, count: u64) -> Result<u64, StoreError> {
        let used_up = StoreError::SerialsUsedUp { instance: self.journal.instance };
        let Ok(count) = i64::try_from(count) else { return Err(used_up) };
        let first = self.writing("reserve serials", |store| store.reserve(count))?;
        first.map(|first| u64::try_from(first).expect("counted up from 0")).ok_or(used_up)
    }

    fn renew_lease(&mut self, until: Timestamp) -> Result<(), StoreError> {
        self.writing("renew the lease", |store| instance::renew(&mut store.connection, &store.journal, until))
    }

    fn take_over(&mut self, from: InstanceNo, now: Timestamp) -> Result<Option<TakenRows>, StoreError> {
        self.writing("take over an instance", |store| {
            instance::take_over(&mut store.connection, &store.journal, from, now)
        })
    }
}

impl Reader for Sqlite {
    fn find(&mut self, lookup: Lookup) -> Result<Option<StoredRow>, StoreError> {
        read::find(&self.connection, lookup)
    }

    fn open_rows(&mut self, of: Option<InstanceNo>) -> Result<Vec<StoredRow>, StoreError> {
        read::open_rows(&self.connection, of)
    }

    fn work(&mut self, query: WorkQuery) -> Result<Vec<StoredRow>, StoreError> {
        read::work(&self.connection, query)
    }

    fn count(&mut self, pile: Pile) -> Result<u64, StoreError> {
        read::count(&self.connection, pile)
    }

    fn totals(&mut self, query: TotalsQuery) -> Result<Totals, StoreError> {
        read::totals(&self.connection, query)
    }
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// Refuses a file of another program, then sets what our writer relies on.
fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let application: Result<i32, _> = connection.pragma_query_value(None, "application_id", |row| row.get(0));
    let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
    let open = |cause| open_error(path, cause);
    let (application, tables) = (application.map_err(open)?, tables.map_err(open)?);
    let refuse = |cause: &str| Err(StoreError::Open { path: path.to_owned(), cause: cause.into() });
    match (application, tables) {
        (APPLICATION, _) => {}
        (0, 0) => connection.pragma_update(None, "application_id", APPLICATION).map_err(open)?,
        _ => return refuse("it is the database of another program"),
    }
    let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
    if mode.map_err(open)? != "wal" {
        return refuse("its file system cannot carry a write-ahead log");
    }
    settle(connection).map_err(open)
}

fn settle(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |row| row.get::<_, i64>(0))?;
    connection.pragma_update_and_check(None, "journal_size_limit", checkpoint::WAL_LIMIT_BYTES, |row| {
        row.get::<_, i64>(0)
    })?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)
}

/// Page cache of the writer.
const CACHE_KIB: i64 = 64 * 1024;

fn open_error(path: &Path, cause: rusqlite::Error) -> StoreError {
    StoreError::Open { path: path.to_owned(), cause: cause.into() }
}

fn failed(what: &'static str, cause: rusqlite::Error) -> StoreError {
    StoreError::Failed { what, cause: cause.into() }
}
