//! Terminals, simulated acquirers, captures, dump, diff, new, lint and load for fixed-width telegrams.
//!
//! Everything here reads the spec files at run time ([`layout`]) and knows nothing of the structs the switch is built
//! from: it is the second, independent reading that finds a mistake the switch makes the same way in both directions.
//!
//! - [`capture`]: a day of telegrams as a text; [`terminal`] plays it over TCP and compares the answers; [`send`]
//!   prints what happened.
//! - [`acquirer`]: a VAN or a card company that behaves and misbehaves on demand, and keeps the truth of what it did.
//! - [`load`]: many terminals, throughput and latency. [`dump`], [`diff`] and [`lint`]: telegrams and spec files for people;
//!   [`values`]: a telegram from a TOML of values.
//!
//! ```
//! use telegram_replay::capture::Capture;
//!
//! let day = specs::sample("day").expect("the shipped samples are there");
//! let capture = Capture::parse("day.capture", day.as_bytes())?;
//! assert!(capture.steps.len() > 10);
//! # Ok::<(), telegram_replay::capture::CaptureError>(())
//! ```

pub mod acquirer;
pub mod capture;
pub mod clock;
pub mod diff;
pub mod dump;
#[cfg(test)]
mod fake_switch;
pub mod hex;
mod hidden;
pub mod layout;
pub mod lint;
pub mod load;
pub mod send;
pub mod terminal;
pub mod values;
