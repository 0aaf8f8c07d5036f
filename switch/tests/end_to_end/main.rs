//! The switch as it runs: real processes, real sockets, simulated acquirers that keep the truth.
#![allow(clippy::unwrap_used, reason = "what fails here fails its test")]
#![allow(clippy::print_stdout, reason = "a seed is told so that its failure can be replayed")]

mod support;

mod acknowledged;
mod admin;
mod breaker;
mod cancels;
mod cancels_in_doubt;
mod cards;
mod check;
mod clocks;
mod debts;
mod duplicates;
mod durability;
mod failover;
mod flawed;
mod floods;
mod garbage;
mod handshake;
mod heartbeat;
mod inquiries;
mod kept_lines;
mod kill;
mod kill_conversation;
mod kspay;
mod lease;
mod log;
mod network;
mod operating;
mod overload;
mod pace;
mod panicking;
mod past;
mod refusals;
mod reload;
mod reload_listeners;
mod repeats;
mod routing;
mod sandbox_day;
mod sandbox_ends;
mod signals;
mod sockets;
mod stopping;
mod tls;
mod totals;
mod unasked;
mod vans;
mod wall_clock;
mod withdrawals;
