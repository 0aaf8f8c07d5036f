//! Threads.
/// x
#[derive(Debug)]
pub enum Completion {}
/// x
#[derive(Debug)]
pub struct Store;
