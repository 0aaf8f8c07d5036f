//! What is read: payments as they are durable, the piles of what is to be done, and totals.

use jiff::civil::Date;
use payment::{InstanceNo, PaymentId, Serial, TelegramKey, TerminalId, Totals};

use crate::{StoreError, Stored, engine::Reader, record};

/// How a payment is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// By its identity.
    Id(PaymentId),
    /// By the key of a telegram. The key of a 0100 finds its payment for ever; where a tombstone stands under the same key, the payment
    /// that is none, and among equals the newest. The key of a 0400 finds the payment that claimed it, as long as the claim is held; after
    /// that it may be found or not.
    Key(TelegramKey),
    /// By the serial of one of its attempts, of their net-cancels, or of one of its cancels that may have been sent.
    Serial(Serial),
}

/// Whose batch totals are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotalsQuery {
    /// 단말기번호.
    pub terminal: TerminalId,
    /// 영업일자.
    pub business_date: Date,
}

/// Payments that wait for something to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pile {
    /// Something is in flight, owed or waited for.
    Open,
    /// A net-cancel or a cancel of it is in the manual queue.
    NeedsPerson,
}

/// A page of a pile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkQuery {
    /// Which pile.
    pub pile: Pile,
    /// Only payments whose id is greater: the last one of the page before.
    pub after: Option<PaymentId>,
    /// How many at most.
    pub limit: u32,
}

/// Reads one payment as it is durable.
///
/// # Errors
/// [`StoreError`] when it cannot be read.
pub fn look_up(reader: &mut impl Reader, lookup: Lookup) -> Result<Option<Stored>, StoreError> {
    reader.find(lookup)?.as_ref().map(record::restore).transpose()
}

/// Reads every payment that is open, oldest first: what a start has to take up again.
///
/// # Errors
/// [`StoreError`] when one cannot be read: a switch that cannot read what it owes must not start.
pub fn open_payments(reader: &mut impl Reader) -> Result<Vec<Stored>, StoreError> {
    reader.open_rows(None)?.iter().map(record::restore).collect()
}

/// Reads those that one instance saved last: what its start takes up where others are at work on the same store.
///
/// # Errors
/// [`StoreError`] when one cannot be read.
pub fn open_payments_of(reader: &mut impl Reader, instance: InstanceNo) -> Result<Vec<Stored>, StoreError> {
    reader.open_rows(Some(instance))?.iter().map(record::restore).collect()
}

/// Reads a page of a pile, oldest first.
///
/// # Errors
/// [`StoreError`] when one cannot be read.
pub fn work(reader: &mut impl Reader, query: WorkQuery) -> Result<Vec<Stored>, StoreError> {
    reader.work(query)?.iter().map(record::restore).collect()
}

/// How many payments lie on a pile.
///
/// # Errors
/// [`StoreError`] when it cannot be read.
pub fn count(reader: &mut impl Reader, pile: Pile) -> Result<u64, StoreError> {
    reader.count(pile)
}

/// Counts what one terminal did on one business date: approvals and net-cancels on the date of their 0100, cancels on that of
/// their 0400.
///
/// # Errors
/// [`StoreError`] when it cannot be read.
pub fn totals(reader: &mut impl Reader, query: TotalsQuery) -> Result<Totals, StoreError> {
    reader.totals(query)
}
