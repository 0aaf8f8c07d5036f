//! The save contract of payments, and the engines behind it.
//!
//! **The seal.** What a payment's step says must be done may be done only once the new state is durable. Here that order is a
//! type: [`Stored::step`] gives an [`Unsaved`], whose effects nobody can read; the only thing one can do with it is
//! to save it, and only [`Saved::Done`] gives the effects.
//!
//! ```
//! # use payment::Effect;
//! fn act(unsaved: store::Unsaved, engine: &mut store::Memory) -> Result<Vec<Effect>, store::StoreError> {
//!     let batch = store::Batch { saves: vec![unsaved], notes: Vec::new() };
//!     match store::save(engine, batch)?.pop() {
//!         Some(store::Saved::Done(_stored, effects)) => Ok(effects),
//!         Some(store::Saved::LostRace(_) | store::Saved::Claimed { .. }) | None => Ok(Vec::new()),
//!     }
//! }
//! ```
//!
//! There is no other way to them:
//!
//! ```compile_fail
//! # use payment::Effect;
//! fn act(unsaved: store::Unsaved) -> Vec<Effect> {
//!     unsaved.effects
//! }
//! ```
//!
//! Nor can a state that nobody saved be made to look like one that somebody did:
//!
//! ```compile_fail
//! fn forge(id: payment::PaymentId, payment: payment::Payment) -> store::Stored {
//!     store::Stored { id, version: 1, payment }
//! }
//! ```
//!
//! Saving is compare-and-set on the version of the row. With a save go its [`Claim`]s, committed together; a refused
//! claim is a value that says who holds it, and gives the refused save back. Every save leaves one row in the append-only `payment_event` table.
//!
//! **The fence.** An engine writes for one start of one instance. That instance holds a lease, which it renews; once the lease has ended another
//! may take over what it had open ([`take_over`]), and from then on every write of the old one is refused ([`StoreError::Fenced`]).
//! Each payment has an owner ([`Stored::owner`]); what is in flight or owed of it ([`Stored::is_bound`]) stays that owner's, whoever saves it.
//!
//! A [`Store`] owns a writer thread, which takes all that is queued, commits it once and hands all results back in one [`Completion`],
//! and a reader for lookups. After any failed commit the writer takes nothing more ([`Completion::Failed`]).

mod claim;
mod contract;
mod engine;
mod error;
#[cfg(failpoints)]
pub mod failpoint;
mod reading;
mod record;
mod store;
mod takeover;

pub use claim::{Claim, DuplicateKey};
pub use contract::{Batch, Note, Saved, StepError, Stored, Unsaved, save};
pub use engine::{
    Engine, Reader,
    memory::{Memory, MemoryEvent, Owner},
    sqlite::{Sqlite, SqliteFile, SqliteReader},
};
pub use error::StoreError;
pub use reading::{
    Lookup, Pile, TotalsQuery, WorkQuery, count, look_up, open_payments, open_payments_of, totals, work,
};
pub use store::{Completion, ROWS_OF_A_COMMIT, Store};
pub use takeover::{TakenOver, take_over};
