//! What waits to be undone and what waits for a person, measured while the switch runs.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use desk::Desk;
use jiff::Timestamp;
use payment::AcquirerName;
use store::{Pile, Sqlite, SqliteReader, StoreError};
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{Interval, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::meters;

/// How often.
const EVERY: Duration = Duration::from_secs(2);
/// How long the end waits for a count that is under way.
const CLOSED_WITHIN: Duration = Duration::from_secs(1);

/// When it is measured.
pub(super) fn measurings() -> Interval {
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    every
}

/// What was measured last, so that nothing is told of for ever.
#[derive(Debug, Default)]
pub(super) struct Queues {
    owing: BTreeSet<AcquirerName>,
}

impl Queues {
    /// Measures the net-cancels that are owed.
    pub(super) fn measure(&mut self, desk: &Desk, now: Timestamp) {
        let owed = desk.owed();
        for acquirer in self.owing.iter().filter(|acquirer| !owed.contains_key(*acquirer)) {
            meters::net_cancels_owed(acquirer, 0, Duration::ZERO);
        }
        for (acquirer, owed) in &owed {
            let age = Duration::try_from(now.duration_since(owed.since)).unwrap_or_default();
            meters::net_cancels_owed(acquirer, owed.count, age);
        }
        self.owing = owed.into_keys().collect();
    }
}

/// The manual queue, measured until this is closed.
pub(super) struct ManualQueue {
    stop: CancellationToken,
    measuring: JoinHandle<()>,
}

impl ManualQueue {
    /// Measures that of this store, by a reader of its own.
    pub(super) fn measure(store: PathBuf) -> Self {
        let stop = CancellationToken::new();
        let measuring = tokio::spawn(measure_manual_queue(store, stop.clone()));
        Self { stop, measuring }
    }

    /// Leaves the store, which its writer leaves last.
    pub(super) async fn close(self) {
        self.stop.cancel();
        // A disk that hangs holds up nobody who ends.
        let _ = timeout(CLOSED_WITHIN, self.measuring).await;
    }
}

async fn measure_manual_queue(store: PathBuf, stop: CancellationToken) {
    let mut every = measurings();
    let mut reader = None;
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = stop.cancelled() => return,
        }
        let path = store.clone();
        let counted = spawn_blocking(move || count(&path, reader)).await;
        // Whoever operates the switch hears of a store that fails from the store itself.
        reader = counted.ok().and_then(Result::ok).map(|(count, reader)| {
            meters::needing_person(count);
            reader
        });
    }
}

fn count(path: &Path, reader: Option<SqliteReader>) -> Result<(u64, SqliteReader), StoreError> {
    let mut reader = reader.map_or_else(|| Sqlite::reader(path), Ok)?;
    Ok((store::count(&mut reader, Pile::NeedsPerson)?, reader))
}
