//! What every language writes and reads, byte for byte and by a second reading.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod answers;
mod asked;
mod cancels;
mod card450;
mod codes;
mod components;
mod golden;
mod kicc;
mod kovan;
mod kspay;
mod laws;
mod line;
mod order;
mod parameters;
mod questions;
mod refusals;
mod replies;
mod second_reading;
mod secrecy;
