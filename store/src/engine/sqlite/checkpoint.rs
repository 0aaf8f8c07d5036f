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

/// Commits from one passive checkpoint to the next.
const PASSIVE_EVERY: u32 = 125;

/// Commits from one restart of the WAL to the next.
const RESTART_EVERY: u32 = 500;

/// A WAL that grew beyond this, because a reader held it, is cut back at its next restart.
pub(super) const WAL_LIMIT_BYTES: i64 = 64 * 1024 * 1024;

/// Counts commits and does what is due. Dropped, it ends the second connection's thread.
#[derive(Debug)]
pub(super) struct Checkpoints {
    since_restart: u32,
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
        Ok(Self { since_restart: 0, go: Some(go), thread: Some(thread), shared })
    }

    /// Whether a checkpoint failed: what it could not sync may look synced to the next one.
    pub(super) fn failed(&self) -> bool {
        self.shared.failed.load(Ordering::Acquire)
    }

    /// Does what is due, on the writer's connection.
    pub(super) fn before_commit(&mut self, writer: &Connection) -> Result<(), rusqlite::Error> {
        self.since_restart += 1;
        if self.since_restart > RESTART_EVERY && !self.shared.running.load(Ordering::Acquire) {
            if restart(writer)? {
                self.since_restart = 0;
            }
        } else if self.since_restart.is_multiple_of(PASSIVE_EVERY)
            && let Some(go) = &self.go
        {
            // Full: one is waiting already.
            let _ = go.try_send(());
        }
        Ok(())
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
