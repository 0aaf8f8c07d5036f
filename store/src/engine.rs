//! What an engine has to do: rows of bytes and columns, no payments.

pub(crate) mod memory;
pub(crate) mod shared;
pub(crate) mod sqlite;

use jiff::Timestamp;
use payment::{CountsAs, InstanceNo, SealedCard, TelegramKey, Totals};

use crate::{DuplicateKey, Lookup, Pile, StoreError, TotalsQuery, WorkQuery};

/// Reads payments as they are durable.
pub trait Reader: Send + 'static {
    /// Reads one row as it is durable.
    #[doc(hidden)]
    fn find(&mut self, lookup: Lookup) -> Result<Option<StoredRow>, StoreError>;

    /// Reads all open rows, by id: those of one instance, or of all.
    #[doc(hidden)]
    fn open_rows(&mut self, of: Option<InstanceNo>) -> Result<Vec<StoredRow>, StoreError>;

    /// Reads a page of a pile, by id.
    #[doc(hidden)]
    fn work(&mut self, query: WorkQuery) -> Result<Vec<StoredRow>, StoreError>;

    /// How many payments lie on a pile.
    #[doc(hidden)]
    fn count(&mut self, pile: Pile) -> Result<u64, StoreError>;

    /// Counts over columns, all of them as of one commit.
    #[doc(hidden)]
    fn totals(&mut self, query: TotalsQuery) -> Result<Totals, StoreError>;
}

/// The first serial of an instance: an acquirer may read one of zeros as none.
pub(crate) const FIRST_SERIAL: i64 = 1;

/// A place where payments are durable. An engine writes for one instance since one of its starts (its epoch): once another start has
/// begun a newer epoch, or another instance has taken over, everything below is refused with [`StoreError::Fenced`].
pub trait Engine: Reader {
    /// Commits rows and notes in one transaction, each row on its own terms, in order: a row is written when its version follows the stored
    /// one and all its claims are free, expired, its own or held by the one it may take them from. One [`Outcome`] a row.
    ///
    /// What an instance has in flight stays its own until it is taken over, whoever else saves what it learnt of the payment.
    #[doc(hidden)]
    fn write(&mut self, rows: &[Row], notes: &[NoteRow]) -> Result<Vec<Outcome>, StoreError>;

    /// For whom it writes.
    #[doc(hidden)]
    fn instance(&self) -> InstanceNo;

    /// Durably reserves `count` serials of this instance and gives the first; none of them is ever given again.
    #[doc(hidden)]
    fn reserve_serials(&mut self, count: u64) -> Result<u64, StoreError>;

    /// Makes durable that this instance may send until `until`: before that nobody takes it over. An instant that has passed gives the
    /// lease back.
    #[doc(hidden)]
    fn renew_lease(&mut self, until: Timestamp) -> Result<(), StoreError>;

    /// Fences another instance whose lease has ended by `now`, and makes its open payments this one's. `None` where the lease holds, or
    /// there was none to end.
    #[doc(hidden)]
    fn take_over(&mut self, from: InstanceNo, now: Timestamp) -> Result<Option<TakenRows>, StoreError>;
}

/// What was taken over.
#[doc(hidden)]
#[derive(Debug)]
pub struct TakenRows {
    /// The end of the old owner's lease.
    pub lease_ended: Timestamp,
    /// What it had open, by id.
    pub open: Vec<StoredRow>,
}

/// One save.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Row {
    pub id: i64,
    /// The version before this save; 0 of a new payment.
    pub base: u32,
    /// Whether it stays its owner's; else it becomes that of who writes it.
    pub keeps_owner: bool,
    /// The state as JSON, without the card.
    pub state: String,
    /// The sealed card; `None` removes it.
    pub card: Option<SealedCard>,
    /// Whether a start has to take it up again.
    pub open: bool,
    pub due: Option<Timestamp>,
    /// In a word, for people who read the table.
    pub phase: &'static str,
    /// How it counts in the totals of its terminal and business date.
    pub counts_as: Option<CountsAs>,
    /// Name of the last acquirer tried; empty where there was none.
    pub acquirer: String,
    pub columns: Columns,
    /// Its cancels that may have been sent.
    pub cancels: Vec<CancelRow>,
    pub claims: Vec<ClaimRow>,
    /// What happened, as JSON.
    pub event: String,
    pub at: Timestamp,
}

/// What never changes of a payment and is searched by.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Columns {
    /// Of its 0100.
    pub key: TelegramKey,
    pub merchant_no: String,
    pub total_amount: u64,
    /// First and last of the serials reserved for its attempts and their net-cancels; `None` of a payment without route.
    pub serials: Option<(u64, u64)>,
}

/// What is searched by and counted of a cancel that may have been sent. Once it is done it stays so.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct CancelRow {
    pub serial: u64,
    /// Of its 0400.
    pub key: TelegramKey,
    pub total_amount: u64,
    pub done: bool,
}

/// One claim of a save.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRow {
    pub name: ClaimName,
    pub until: Timestamp,
    /// A holder it may be taken from.
    pub over: Option<i64>,
}

/// What is claimed.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimName {
    Telegram(TelegramKey),
    Duplicate(DuplicateKey),
}

/// One note.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct NoteRow {
    pub note: String,
    pub at: Timestamp,
}

/// A row as it was read.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct StoredRow {
    pub id: i64,
    pub version: u32,
    /// Whose it is as long as it is open.
    pub owner: InstanceNo,
    pub state: String,
    pub card: Option<SealedCard>,
}

/// What became of one row.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Written,
    LostRace,
    /// The claim at `index` is held by another payment.
    Claimed {
        index: usize,
        holder: i64,
    },
}
