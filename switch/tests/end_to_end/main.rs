//! The switch as it runs: real processes, real sockets, simulated acquirers that keep the truth.
#![allow(clippy::unwrap_used, reason = "what fails here fails its test")]
#![allow(clippy::print_stdout, reason = "a seed is told so that its failure can be replayed")]

mod support;

mod acknowledged;
mod admin;
mod cancels;
mod cancels_in_doubt;
mod cards;
mod check;
mod clocks;
mod debts;
mod duplicates;
mod durability;
mod failover;
mod garbage;
mod handshake;
mod inquiries;
mod kill;
mod kill_conversation;
mod kspay;
mod log;
mod network;
mod past;
mod refusals;
mod repeats;
mod sandbox_day;
mod sandbox_ends;
mod signals;
mod sockets;
mod stopping;
mod totals;
mod vans;
mod withdrawals;
