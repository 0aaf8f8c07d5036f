//! The codec's laws.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod basket;
mod blame;
mod compile;
mod everything;
mod frames;
mod laws;
mod reading;
mod terminal;
mod values;
