//! The seats of all listeners, by name. A listener that moves to another address keeps its seats: who came by the old one and who comes by
//! the new one share its limit, and make room for one another.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::seats::Seats;
use crate::config::Listener;

/// The seats of all listeners.
#[derive(Clone, Debug, Default)]
pub struct Rooms {
    by_name: Arc<Mutex<BTreeMap<String, Arc<Seats>>>>,
}

impl Rooms {
    /// The seats of the listener of that name.
    pub fn seats(&self, listener: &str) -> Arc<Seats> {
        let mut by_name = self.by_name();
        // Who sits, and who accepts, holds on to them.
        by_name.retain(|_, seats| Arc::strong_count(seats) > 1);
        by_name.entry(listener.to_owned()).or_insert_with(Seats::new).clone()
    }

    /// Connections that came by listeners which are none of these any more, and are not at their end yet.
    pub fn taken_elsewhere(&self, listeners: &BTreeMap<String, Listener>) -> usize {
        let by_name = self.by_name();
        let elsewhere = by_name.iter().filter(|(name, _)| !listeners.contains_key(*name));
        elsewhere.map(|(_, seats)| seats.taken()).sum()
    }

    fn by_name(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Seats>>> {
        // What a panic left behind is a list of seats, and still good.
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
