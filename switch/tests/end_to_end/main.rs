//! The switch as it runs: real processes, real sockets, simulated acquirers that keep the truth.
#![allow(clippy::unwrap_used, reason = "what fails here fails its test")]
#![allow(clippy::print_stdout, reason = "a seed is told so that its failure can be replayed")]

mod support;

mod admin;
mod cards;
mod check;
mod debts;
mod durability;
mod failover;
mod garbage;
mod kill;
mod log;
mod repeats;
mod sockets;
mod stopping;
