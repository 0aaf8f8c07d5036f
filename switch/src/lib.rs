//! A raw TCP switch for fixed-length card-approval telegrams (오프라인 결제 승인 중계).
//!
//! In the order an approval takes: [`session`] reads a frame, [`front`] makes a request of it, [`exchange`] is the loop around the
//! desk, which [`route`] tells the acquirers to try; the dialects write the telegram, the links carry it, the store makes every step
//! durable, and `session` writes the answer. [`serve`] puts them together and recovers what was open before it listens.

pub mod admin;
pub mod admission;
pub mod chain;
pub mod check;
pub mod clock;
pub mod config;
pub mod control;
pub mod exchange;
mod failpoint;
pub mod front;
pub mod keys;
pub mod lease;
pub mod limits;
pub mod listener;
pub mod log;
pub mod meters;
pub mod panics;
pub mod reload;
pub mod route;
pub mod sandbox;
pub mod serve;
pub mod session;
pub mod vault;
