use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::time::Instant;

use rustc_hash::FxHashMap;

use crate::Key;

/// The requests under way, by the key of their answer, each with the instant at which something is due.
///
/// A key under way is refused a second time, never overwritten.
pub(crate) struct Pending<F> {
    flights: FxHashMap<Key, Held<F>>,
    due: BTreeMap<(Instant, u64), Key>,
    next_ticket: u64,
}

struct Held<F> {
    flight: F,
    /// Counts the accepted requests, so that equal instants fall due in the order of acceptance.
    ticket: u64,
    due: Option<Instant>,
}

/// The key is already under way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Duplicate;

impl<F> Pending<F> {
    pub(crate) fn new() -> Self {
        Self { flights: FxHashMap::default(), due: BTreeMap::new(), next_ticket: 0 }
    }

    /// Takes up a request that falls due at `due`.
    pub(crate) fn insert(&mut self, key: Key, flight: F, due: Instant) -> Result<(), Duplicate> {
        match self.flights.entry(key) {
            Entry::Occupied(_) => Err(Duplicate),
            Entry::Vacant(place) => {
                let ticket = self.next_ticket;
                self.next_ticket += 1;
                place.insert(Held { flight, ticket, due: Some(due) });
                self.due.insert((due, ticket), key);
                Ok(())
            }
        }
    }

    /// The request under way with this key.
    pub(crate) fn get(&self, key: Key) -> Option<&F> {
        Some(&self.flights.get(&key)?.flight)
    }

    /// The request under way with this key, to note how far it is.
    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut F> {
        Some(&mut self.flights.get_mut(&key)?.flight)
    }

    /// Takes the request off the table.
    pub(crate) fn remove(&mut self, key: Key) -> Option<F> {
        let held = self.flights.remove(&key)?;
        if let Some(due) = held.due {
            self.due.remove(&(due, held.ticket));
        }
        Some(held.flight)
    }

    /// The next key due by `now`, earliest first. It stays under way, but is due no more until rearmed.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Key> {
        let first = self.due.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let key = first.remove();
        self.flights.get_mut(&key).expect("whatever is due is under way").due = None;
        Some(key)
    }

    /// Makes a key under way fall due (again) at `due`.
    pub(crate) fn rearm(&mut self, key: Key, due: Instant) {
        if let Some(held) = self.flights.get_mut(&key) {
            if let Some(old) = held.due.replace(due) {
                self.due.remove(&(old, held.ticket));
            }
            self.due.insert((due, held.ticket), key);
        }
    }

    /// When the next one falls due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.due.first_key_value().map(|((due, _), _)| *due)
    }

    /// The keys for which `chosen` holds, in the order of acceptance. Walks the whole table.
    pub(crate) fn keys_where(&self, chosen: impl Fn(&F) -> bool) -> Vec<Key> {
        let mut found: Vec<(u64, Key)> = self
            .flights
            .iter()
            .filter(|(_, held)| chosen(&held.flight))
            .map(|(key, held)| (held.ticket, *key))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, key)| key).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.flights.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Insert { serial: u64, due_ms: u64 },
        Remove { serial: u64 },
        Expire { until_ms: u64 },
        Rearm { serial: u64, due_ms: u64 },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0u64..12, 0u64..50).prop_map(|(serial, due_ms)| Step::Insert { serial, due_ms }),
            (0u64..12).prop_map(|serial| Step::Remove { serial }),
            (0u64..50).prop_map(|until_ms| Step::Expire { until_ms }),
            (0u64..12, 0u64..50).prop_map(|(serial, due_ms)| Step::Rearm { serial, due_ms }),
        ]
    }

    proptest! {
        /// The model is a plain list of (serial, what was put in, due).
        #[test]
        fn behaves_as_a_list_searched_in_full(steps in prop::collection::vec(step(), 0..80)) {
            let start = Instant::now();
            let at = |ms: u64| start + Duration::from_millis(ms);
            let key = |serial| Key { kind: 1, serial };
            let mut table = Pending::new();
            let mut model: Vec<(u64, usize, Option<u64>)> = Vec::new();
            for (nth, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Insert { serial, due_ms } => {
                        let fresh = model.iter().all(|held| held.0 != serial);
                        prop_assert_eq!(table.insert(key(serial), nth, at(due_ms)).is_ok(), fresh);
                        if fresh {
                            model.push((serial, nth, Some(due_ms)));
                        }
                    }
                    Step::Remove { serial } => {
                        let place = model.iter().position(|held| held.0 == serial);
                        let expected = place.map(|place| model.remove(place).1);
                        prop_assert_eq!(table.remove(key(serial)), expected);
                    }
                    Step::Expire { until_ms } => {
                        let mut expected: Vec<(u64, usize, u64)> = Vec::new();
                        for held in &mut model {
                            if let Some(due) = held.2.filter(|due| *due <= until_ms) {
                                expected.push((due, held.1, held.0));
                                held.2 = None;
                            }
                        }
                        expected.sort_unstable();
                        let popped: Vec<u64> =
                            std::iter::from_fn(|| table.pop_due(at(until_ms))).map(|key| key.serial).collect();
                        prop_assert_eq!(popped, expected.iter().map(|held| held.2).collect::<Vec<_>>());
                    }
                    Step::Rearm { serial, due_ms } => {
                        table.rearm(key(serial), at(due_ms));
                        if let Some(held) = model.iter_mut().find(|held| held.0 == serial) {
                            held.2 = Some(due_ms);
                        }
                    }
                }
                prop_assert_eq!(table.len(), model.len());
                prop_assert_eq!(table.is_empty(), model.is_empty());
                prop_assert_eq!(table.next_due(), model.iter().filter_map(|held| held.2).min().map(at));
                let in_order: Vec<u64> = table.keys_where(|_| true).iter().map(|key| key.serial).collect();
                prop_assert_eq!(in_order, model.iter().map(|held| held.0).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_key_is_its_kind_and_its_serial() {
        let now = Instant::now();
        let mut table = Pending::new();
        let approval = Key { kind: 210, serial: 7 };
        let net_cancel = Key { kind: 530, serial: 7 };
        assert_eq!(table.insert(approval, "approval", now), Ok(()));
        assert_eq!(table.insert(net_cancel, "net-cancel", now), Ok(()));
        assert_eq!(table.insert(approval, "again", now), Err(Duplicate));
        assert_eq!(table.get(approval), Some(&"approval"));
        assert_eq!(table.remove(net_cancel), Some("net-cancel"));
    }
}
