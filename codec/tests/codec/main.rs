//! The codec's laws.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod blame;
mod card450;
mod compile;
mod everything;
mod frames;
mod kovan;
mod laws;
mod reading;
mod terminal;
mod values;
