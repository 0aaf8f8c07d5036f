//! Terminals, simulated acquirers, captures, dump, lint and load for fixed-width telegrams.

pub mod acquirer;
pub mod capture;
mod clock;
pub mod dump;
#[cfg(test)]
mod fake_switch;
mod hidden;
pub mod layout;
pub mod lint;
pub mod load;
pub mod send;
pub mod terminal;
