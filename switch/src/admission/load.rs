//! How much the loop has to do, told to those who let in.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::Timestamp;

use super::{Admission, NOBODY};
use crate::exchange::Message;

/// The loop's measure of its own load. The loop tells it what it takes, what it gives to the store, and how a turn ended.
#[derive(Debug, Default)]
pub struct Load {
    admission: Arc<Admission>,
    /// When the youngest telegram taken so far had been read.
    taken: Option<Timestamp>,
    /// Rows given to the store so far.
    submitted: u64,
    /// The row whose way to the disk is being measured, and since when.
    mark: Option<(u64, Timestamp)>,
    /// Since when rows have been on their way for longer than telegrams may wait, one after the other.
    behind_since: Option<Timestamp>,
}

/// How a turn of the loop ended.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// When.
    pub now: Timestamp,
    /// Payments without an outcome.
    pub undecided: usize,
    /// Messages that wait for the next turn.
    pub waiting: usize,
    /// Rows that wait to be durable.
    pub backlog: usize,
    /// How long telegrams and rows may wait.
    pub limit: Duration,
}

impl Load {
    /// Who lets in by it.
    pub fn admission(&self) -> Arc<Admission> {
        self.admission.clone()
    }

    /// A message is taken.
    pub fn took(&mut self, message: &Message) {
        let read_at = match message {
            Message::Ask { question, .. } => question.received_at(),
            Message::Totals { request, .. } => request.received_at,
            Message::Opened { .. }
            | Message::Closed { .. }
            | Message::Note(_)
            | Message::Delivery { .. }
            | Message::Line { .. }
            | Message::LineClosed { .. }
            | Message::Order(_) => return,
        };
        self.taken = self.taken.max(Some(read_at));
    }

    /// So many rows are given to the store.
    pub fn submitted(&mut self, rows: usize) {
        self.submitted += rows as u64;
    }

    /// A turn ended: what waits now is told.
    pub fn turn(&mut self, turn: Turn) {
        let Turn { now, undecided, waiting, backlog, limit } = turn;
        self.admission.undecided.store(undecided, Ordering::Relaxed);
        // What waits was read after what was taken last, and so waits no longer than it would.
        let since = self.taken.filter(|_| waiting > 0).map_or(NOBODY, Timestamp::as_microsecond);
        self.admission.queue_since.store(since, Ordering::Relaxed);
        self.admission.rows_ahead.store(backlog + waiting, Ordering::Relaxed);
        self.measure_store(backlog as u64, limit, now);
    }

    /// One row at a time is followed to the disk.
    fn measure_store(&mut self, backlog: u64, limit: Duration, now: Timestamp) {
        let durable = self.submitted.saturating_sub(backlog);
        if let Some((row, since)) = self.mark
            && durable >= row
        {
            let waited = Duration::try_from(now.duration_since(since)).unwrap_or_default();
            self.behind_since = (waited > limit).then(|| self.behind_since.unwrap_or(since));
            self.mark = None;
        }
        if backlog == 0 {
            (self.mark, self.behind_since) = (None, None);
        } else if self.mark.is_none() {
            self.mark = Some((self.submitted, now));
        }
        let since = self.behind_since.or(self.mark.map(|(_, since)| since));
        let since = since.map_or(NOBODY, Timestamp::as_microsecond);
        self.admission.store_since.store(since, Ordering::Relaxed);
    }
}
