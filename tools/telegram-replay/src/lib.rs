//! Terminals, simulated acquirers, captures, dump, lint and load for fixed-width telegrams.

pub mod acquirer;
pub mod capture;
mod clock;
mod hidden;
pub mod layout;
pub mod terminal;
