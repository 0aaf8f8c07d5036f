//! The parts of the switch that need no socket: configuration, routes, keys, the vault, the front desk and the clock.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod bins;
mod clock;
mod config_errors;
mod config_values;
mod front;
mod keys;
mod log;
mod route;
mod sample;
mod vault;
