use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use crate::Key;

/// The keys given up on, so that an answer that comes after all is recognised: each for one late
/// window, and no more than a fixed number of them (the oldest is forgotten first).
pub(crate) struct LateKeys<T> {
    window: Duration,
    limit: usize,
    tags: FxHashMap<Key, Remembered<T>>,
    /// In the order of remembering, which is the order of forgetting as there is only one window.
    order: VecDeque<(Instant, u64, Key)>,
    next_ticket: u64,
}

struct Remembered<T> {
    tag: T,
    ticket: u64,
    until: Instant,
}

impl<T> LateKeys<T> {
    pub(crate) fn new(window: Duration, limit: usize) -> Self {
        Self { window, limit, tags: FxHashMap::default(), order: VecDeque::new(), next_ticket: 0 }
    }

    /// Remembers a key from `now` on. The same key again is remembered with its new tag, afresh.
    pub(crate) fn remember(&mut self, key: Key, tag: T, now: Instant) {
        let (ticket, until) = (self.next_ticket, now + self.window);
        self.next_ticket += 1;
        self.tags.insert(key, Remembered { tag, ticket, until });
        self.order.push_back((until, ticket, key));
        self.forget(now);
    }

    /// Takes a key whose answer came, unless it was never remembered or is already forgotten.
    pub(crate) fn take(&mut self, key: Key, now: Instant) -> Option<T> {
        let remembered = self.tags.remove(&key)?;
        (remembered.until > now).then_some(remembered.tag)
    }

    fn forget(&mut self, now: Instant) {
        while let Some(&(until, ticket, key)) = self.order.front() {
            if until > now && self.order.len() <= self.limit {
                break;
            }
            self.order.pop_front();
            if self.tags.get(&key).is_some_and(|remembered| remembered.ticket == ticket) {
                self.tags.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_mins(1);

    fn key(serial: u64) -> Key {
        Key { kind: 1, serial }
    }

    #[test]
    fn a_key_is_taken_once() {
        let now = Instant::now();
        let mut late = LateKeys::new(WINDOW, 10);
        late.remember(key(1), "a", now);
        assert_eq!(late.take(key(1), now), Some("a"));
        assert_eq!(late.take(key(1), now), None);
    }

    #[test]
    fn a_key_is_forgotten_when_its_window_ends() {
        let now = Instant::now();
        let mut late = LateKeys::new(WINDOW, 10);
        late.remember(key(1), "a", now);
        late.remember(key(2), "b", now);
        assert_eq!(late.take(key(1), now + WINDOW.saturating_sub(Duration::from_nanos(1))), Some("a"));
        assert_eq!(late.take(key(2), now + WINDOW), None);
    }

    #[test]
    fn the_same_key_again_lives_a_window_of_its_own() {
        let now = Instant::now();
        let mut late = LateKeys::new(WINDOW, 10);
        late.remember(key(1), "first", now);
        late.remember(key(1), "second", now + WINDOW / 2);
        late.remember(key(2), "other", now + WINDOW);
        assert_eq!(late.take(key(1), now + WINDOW), Some("second"));
    }

    #[test]
    fn the_oldest_is_forgotten_when_there_are_too_many() {
        let now = Instant::now();
        let mut late = LateKeys::new(WINDOW, 3);
        for serial in 0..100 {
            late.remember(key(serial), serial, now);
            assert!(late.tags.len() <= 3 && late.order.len() <= 3);
        }
        assert_eq!(late.take(key(96), now), None);
        assert_eq!(late.take(key(97), now), Some(97));
    }

    #[test]
    fn none_is_remembered_when_none_may_be() {
        let now = Instant::now();
        let mut late = LateKeys::new(WINDOW, 0);
        late.remember(key(1), "a", now);
        assert_eq!(late.take(key(1), now), None);
    }
}
