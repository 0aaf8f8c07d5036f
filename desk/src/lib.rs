//! The desk: the register of all payments in flight at this switch. Pure: no socket, no clock, no task.
//!
//! What happens comes in as an [`Input`], what is to be done goes out as [`Output`]s. A payment stands at one of three places
//! (`register::Place`): *idle* with its stored state, *saving* while a step of it is on its way to the store, *loading* while it
//! is looked up. What happens to a payment that is not idle waits in its queue, so that each payment takes one step at a time and
//! every step starts from what is durable.
//!
//! Several desks may share a store: a payment of which something is in flight or owed is then stepped by its owner's alone, and the others read it
//! (`sharing`).
//!
//! There is one queue of due instants for all payments; nothing here waits.

mod asking;
mod desk;
mod duplicates;
mod io;
mod operating;
mod originals;
mod owed;
mod pace;
mod pacing;
mod register;
mod saving;
mod serials;
mod sharing;
mod strays;

pub use desk::{Desk, Limits};
pub use io::{Ask, Asker, Duplicate, Gate, Input, NotOperated, Output, Referral, Stray, Way};
pub use owed::Owed;
pub use serials::Serials;
