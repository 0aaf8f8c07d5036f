//! The parts of the switch that need no other: configuration, routes, keys, the vault, the front desk, the handshake and the clock.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod admission;
mod bins;
mod check_payment;
mod clock;
mod config_acquirers;
mod config_errors;
mod config_findings;
mod config_links;
mod config_routes;
mod config_secrets;
mod config_values;
mod front;
mod handshake;
mod keys;
mod limits;
mod log;
mod one_exchange;
mod ordinary_socket;
mod patience;
mod readme;
mod route;
mod sample;
mod seats;
mod shares;
mod sockets;
mod turns;
mod vault;
