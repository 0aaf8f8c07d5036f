//! The threads of a store: one writes, one reads, both tell what became of it.

mod teller;
mod writer;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{Builder, JoinHandle},
};

use jiff::Timestamp;
use payment::Totals;

pub use self::writer::ROWS_OF_A_COMMIT;
use self::{teller::Teller, writer::Order};
use crate::{
    Batch, Engine, Lookup, Reader, Saved, StoreError, Stored, TotalsQuery, WorkQuery, look_up, totals, work,
};

/// How many orders may wait for the writer. Beyond it the submitter waits: the disk stands still. A caller that takes no new work while
/// [`Store::backlog`] is at its limit never gets there.
const ORDERS: usize = 60_000;
/// How many queries may wait.
const QUERIES: usize = 4_096;

/// What a store tells about something it was given.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "moved once, from the store's thread to the loop; a box would cost an allocation a lookup"
)]
pub enum Completion {
    /// Everything queued by then was committed at once: one [`Saved`] for each save, in the order of their submission.
    Saved(Vec<Saved>),
    /// What a lookup found. It reflects at least every save told before the lookup was made.
    Found(Lookup, Option<Stored>),
    /// What [`Store::totals`] counted, with the token it was asked under. It reflects at least every save told before it was asked.
    Totals(u64, Totals),
    /// Serials that are this instance's alone.
    Serials {
        /// The first count, for [`payment::Serial::new`].
        first: u64,
        /// How many.
        count: u64,
    },
    /// A page of a pile, with the token it was asked under.
    Work(u64, Vec<Stored>),
    /// It is durable that this instance holds its lease until this instant.
    LeaseRenewed(Timestamp),
    /// The store cannot be used any more. It is told once. Whether what was submitted and not yet told is durable is unknown: none
    /// of it may be acted upon or answered, nor anything after it.
    Failed(StoreError),
}

/// What the reader can be asked.
enum Query {
    LookUp(Lookup),
    Totals { query: TotalsQuery, token: u64 },
    Work { query: WorkQuery, token: u64 },
}

/// A store at work: a writer thread that commits all that is queued at once, and a reader thread.
///
/// Every answer goes to the function given at the start, called on either thread. It must never block: it would hold the commits back.
#[derive(Debug)]
pub struct Store {
    orders: SyncSender<Order>,
    queries: SyncSender<Query>,
    backlog: Arc<AtomicUsize>,
    writer: JoinHandle<()>,
    reader: JoinHandle<()>,
}

impl Store {
    /// Starts the threads. For [`crate::Memory`] writer and reader are two clones of one `Arc<Mutex<Memory>>`.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when a thread cannot be started.
    pub fn start(
        writer: impl Engine,
        reader: impl Reader,
        complete: impl Fn(Completion) + Send + Clone + 'static,
    ) -> Result<Self, StoreError> {
        let (orders, queued_orders) = sync_channel(ORDERS);
        let (queries, queued_queries) = sync_channel(QUERIES);
        let backlog = Arc::new(AtomicUsize::new(0));
        let teller = Teller::new(complete);
        let (writing, reading, rows) = (teller.clone(), teller, backlog.clone());
        let writer = spawn("store-writer", move || {
            writing.guard("write", || writer::run(writer, &queued_orders, &rows, &writing));
        })?;
        let reader = spawn("store-reader", move || {
            reading.guard("read", || read(reader, &queued_queries, &reading));
        })?;
        Ok(Self { orders, queries, backlog, writer, reader })
    }

    /// Queues a batch for the next commit. After [`Completion::Failed`] it is dropped.
    pub fn submit(&self, batch: Batch) {
        self.backlog.fetch_add(writer::rows(&batch), Ordering::Relaxed);
        // Refused only by a writer that has failed and told so.
        let _ = self.orders.send(Order::Commit(batch));
    }

    /// Reads a payment as it is durable.
    pub fn look_up(&self, lookup: Lookup) {
        // Refused only by a reader that has failed and told so.
        let _ = self.queries.send(Query::LookUp(lookup));
    }

    /// Counts the batch totals of a terminal and business date; `token` comes back with them.
    pub fn totals(&self, query: TotalsQuery, token: u64) {
        // Refused only by a reader that has failed and told so.
        let _ = self.queries.send(Query::Totals { query, token });
    }

    /// Durably reserves the next `count` serials.
    pub fn reserve_serials(&self, count: u64) {
        // Refused only by a writer that has failed and told so.
        let _ = self.orders.send(Order::Reserve(count));
    }

    /// Reads a page of a pile; `token` comes back with it.
    pub fn work(&self, query: WorkQuery, token: u64) {
        // Refused only by a reader that has failed and told so.
        let _ = self.queries.send(Query::Work { query, token });
    }

    /// Makes durable that this instance holds its lease until `until`.
    pub fn renew_lease(&self, until: Timestamp) {
        // Refused only by a writer that has failed and told so.
        let _ = self.orders.send(Order::Renew(until));
    }

    /// How many saves and notes were submitted and not yet committed. It grows while the disk stands still: the caller takes no new
    /// work above its own limit.
    pub fn backlog(&self) -> usize {
        self.backlog.load(Ordering::Relaxed)
    }

    /// Commits what is queued, tells it, and ends the threads.
    pub fn close(self) {
        let Self { orders, queries, backlog: _, writer, reader } = self;
        drop((orders, queries));
        for thread in [reader, writer] {
            // A panic on it was told as `Failed`.
            let _ = thread.join();
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let failed = |cause: io::Error| StoreError::Failed { what: "start a thread", cause: cause.into() };
    Builder::new().name(name.to_owned()).spawn(run).map_err(failed)
}

fn read<F: Fn(Completion)>(mut reader: impl Reader, queries: &Receiver<Query>, teller: &Teller<F>) {
    for query in queries {
        let answer = match query {
            Query::LookUp(lookup) => {
                look_up(&mut reader, lookup).map(|found| Completion::Found(lookup, found))
            }
            Query::Totals { query, token } => {
                totals(&mut reader, query).map(|totals| Completion::Totals(token, totals))
            }
            Query::Work { query, token } => {
                work(&mut reader, query).map(|page| Completion::Work(token, page))
            }
        };
        match answer {
            Ok(completion) => teller.tell(completion),
            Err(error) => return teller.failed(error),
        }
    }
}
