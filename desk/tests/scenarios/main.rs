//! What the desk does with single payments, told as scenarios of inputs and outputs.

#![allow(clippy::unwrap_used, reason = "a panic is how a scenario fails")]

mod acknowledgements;
mod bench;
mod cancels;
mod delivery;
mod duplicates;
mod durability;
mod limits;
mod operating;
mod originals;
mod pacing;
mod races;
mod repeats;
#[path = "../simulation/sample.rs"]
#[allow(dead_code, reason = "the simulation uses the rest of it")]
mod sample;
mod sharing;
mod strays;
mod withdrawals;
