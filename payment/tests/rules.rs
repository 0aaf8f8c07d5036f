//! What is right about one payment: scenarios that read like the rules, every state against every event, and laws over
//! random lives. One binary, since linking costs more than the tests.

#![allow(clippy::unwrap_used, reason = "a test whose preparation fails has failed")]

mod asking;
mod describe;
mod fixture;
mod happening;
mod laws;
mod matrix;
mod operators;
mod record;
mod records;
mod scenarios;
mod values;
mod world;
