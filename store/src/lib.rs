//! The save contract of payments, and the engines behind it.
//!
//! **The seal.** What a payment's step says must be done may be done only once the new state is durable. Here that order is a
//! type: [`Stored::step`] gives an [`Unsaved`], whose effects nobody can read; the only thing one can do with it is
//! to save it, and only [`Saved::Done`] gives the effects.
//!
//! Saving is compare-and-set on the version of the row. With a save go its [`Claim`]s, committed together; a refused
//! claim is a value that says who holds it. Every save leaves one row in the append-only `payment_event` table.
//!
//! A [`Store`] owns a writer thread, which takes all that is queued, commits it once and hands all results back in one [`Completion`],
//! and a reader for lookups. After any failed commit the writer takes nothing more ([`Completion::Failed`]).

mod contract;
mod engine;
mod error;
mod record;
mod store;

pub use contract::{
    Batch, Claim, Lookup, Note, Saved, StepError, Stored, Unsaved, look_up, open_payments, save,
};
pub use engine::{
    Engine, Reader,
    memory::{Memory, MemoryEvent},
    sqlite::{Sqlite, SqliteReader},
};
pub use error::StoreError;
pub use store::{Completion, Store};
