//! The codec's laws.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod basket;
mod blame;
mod compile;
mod differential;
mod digit_widths;
mod everything;
mod frames;
mod full;
mod laws;
mod parsers;
mod reading;
mod second_reading;
mod terminal;
mod values;
mod widths;
