//! The switch as it runs: real processes, real sockets, simulated acquirers that keep the truth.

mod support;

mod admin;
mod cards;
mod check;
mod debts;
mod durability;
mod failover;
mod garbage;
mod kill;
mod repeats;
mod sockets;
mod stopping;
