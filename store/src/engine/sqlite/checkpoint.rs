//! Keeps the WAL short: passive checkpoints beside the writer, and a restart of the WAL by the writer itself.
//!
//! A passive checkpoint alone never lets the WAL begin anew while commits go on: it would only grow, and every commit would
//! append to a file instead of overwriting one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{Builder, JoinHandle},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode};

use super::BUSY_TIMEOUT;
use crate::StoreError;

/// How much is written from one passive checkpoint to the next.
const PASSIVE_AFTER: Written = Written { commits: 125, rows: 2_000 };

/// How much is written from one restart of the WAL to the next.
const RESTART_AFTER: Written = Written { commits: 500, rows: 8_000 };

/// A WAL that grew beyond this, because a reader held it, is cut back at its next restart.
pub(super) const WAL_LIMIT_BYTES: i64 = 64 * 1024 * 1024;

/// Counts commits and does what is due. Dropped, it ends the second connection's thread.
#[derive(Debug)]
pub(super) struct Checkpoints {
    since_restart: Written,
    since_passive: Written,
    go: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    running: AtomicBool,
    failed: AtomicBool,
}

impl Checkpoints {
    /// Starts the thread of passive checkpoints on a connection of its own.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared::default());
        // One waiting order is enough: it covers every commit before it.
        let (go, orders) = sync_channel(1);
        let theirs = shared.clone();
        let thread = Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || run(&connection, &orders, &theirs))
            .map_err(|cause| StoreError::Failed { what: "start a thread", cause: cause.into() })?;
        Ok(Self {
            since_restart: Written::default(),
            since_passive: Written::default(),
            go: Some(go),
            thread: Some(thread),
            shared,
        })
    }

    /// Whether a checkpoint failed: what it could not sync may look synced to the next one.
    pub(super) fn failed(&self) -> bool {
        self.shared.failed.load(Ordering::Acquire)
    }

    /// Does what is due, on the writer's connection, before it commits so many rows.
    pub(super) fn before_commit(&mut self, writer: &Connection, rows: usize) -> Result<(), rusqlite::Error> {
        let running = self.shared.running.load(Ordering::Acquire);
        if self.since_restart.reached(RESTART_AFTER) && !running && restart(writer)? {
            (self.since_restart, self.since_passive) = (Written::default(), Written::default());
        } else if self.since_passive.reached(PASSIVE_AFTER)
            && let Some(go) = &self.go
        {
            self.since_passive = Written::default();
            // Full: one is waiting already.
            let _ = go.try_send(());
        }
        self.since_restart.add(rows);
        self.since_passive.add(rows);
        Ok(())
    }
}

/// How much was written.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    commits: u32,
    rows: usize,
}

impl Written {
    fn add(&mut self, rows: usize) {
        self.commits = self.commits.saturating_add(1);
        self.rows = self.rows.saturating_add(rows);
    }

    fn reached(self, limit: Self) -> bool {
        self.commits >= limit.commits || self.rows >= limit.rows
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.go = None;
        if let Some(thread) = self.thread.take() {
            // It ends with its queue; a panic there has nothing to tell here.
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, orders: &Receiver<()>, shared: &Shared) {
    for () in orders {
        shared.running.store(true, Ordering::Release);
        if let Err(error) = checkpoint(connection, "PASSIVE") {
            tracing::error!(%error, "a checkpoint of the store failed");
            shared.failed.store(true, Ordering::Release);
            return;
        }
        shared.running.store(false, Ordering::Release);
    }
}

/// Carries the whole WAL into the database file so that the next commit begins it anew; `false` when a reader or another
/// writer is in the way, for which the commits must not wait.
pub(super) fn restart(writer: &Connection) -> Result<bool, rusqlite::Error> {
    writer.busy_timeout(Duration::ZERO)?;
    let restarted = checkpoint(writer, "RESTART");
    writer.busy_timeout(BUSY_TIMEOUT)?;
    restarted
}

fn checkpoint(connection: &Connection, mode: &str) -> Result<bool, rusqlite::Error> {
    let busy =
        connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get::<_, i64>(0));
    match busy {
        Ok(busy) => Ok(busy == 0),
        Err(error) if is_busy(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
