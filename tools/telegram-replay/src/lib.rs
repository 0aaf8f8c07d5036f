//! Terminals, simulated acquirers, captures, dump, lint and load for fixed-width telegrams.

pub mod capture;
mod hidden;
pub mod layout;
