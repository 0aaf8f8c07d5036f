//! The codec's laws.

mod everything;
mod reading;
