//! A layout of every kind with every key, and what holds of it.

mod edges;
mod golden;
pub(crate) mod layout;
mod patches;
mod round_trip;
mod rules;
pub(crate) mod shown;
