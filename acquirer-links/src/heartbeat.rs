use std::time::{Duration, Instant};

/// When a link is asked for a sign of life, and when it counts as dead. Pure: time is an argument.
///
/// A link that heard nothing for one heartbeat is asked; one that then hears nothing for another is dead. So a half-open
/// socket is found within two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heartbeat {
    every: Duration,
    heard_at: Instant,
    asked_at: Option<Instant>,
}

/// What is to be done for a link's life now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Nothing before that instant.
    Later(Instant),
    /// An echo must be sent.
    Ask,
    /// It was asked, and nothing at all came: it is dead.
    Silent,
}

impl Heartbeat {
    /// That of a link connected at `now`.
    pub(crate) fn new(every: Duration, now: Instant) -> Self {
        Self { every, heard_at: now, asked_at: None }
    }

    /// Bytes came in.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.heard_at = now;
    }

    /// The reply to an echo came; when that was asked, unless it was not.
    pub(crate) fn replied(&mut self) -> Option<Instant> {
        self.asked_at.take()
    }

    /// Whether an echo is out.
    pub(crate) fn is_asking(&self) -> bool {
        self.asked_at.is_some()
    }

    /// What to do at `now`. `urgent` asks at once; a `busy` link is not asked, because the deadline of what it carries
    /// finds out as well.
    pub(crate) fn beat(&mut self, now: Instant, urgent: bool, busy: bool) -> Beat {
        if let Some(asked_at) = self.asked_at {
            let due = asked_at + self.every;
            if now < due {
                return Beat::Later(due);
            }
            if self.heard_at <= asked_at {
                return Beat::Silent;
            }
            // Something else came, which is a sign of life as well.
            self.asked_at = None;
        }
        let due = self.heard_at + self.every;
        if busy {
            Beat::Later(due.max(now + self.every))
        } else if urgent || due <= now {
            self.asked_at = Some(now);
            Beat::Ask
        } else {
            Beat::Later(due)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVERY: Duration = Duration::from_secs(10);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_link_that_says_nothing_is_dead_after_two_heartbeats() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(EVERY, start);
        assert_eq!(heartbeat.beat(start + 9 * SECOND, false, false), Beat::Later(start + EVERY));
        assert_eq!(heartbeat.beat(start + EVERY, false, false), Beat::Ask);
        assert_eq!(heartbeat.beat(start + 11 * SECOND, false, false), Beat::Later(start + 2 * EVERY));
        assert_eq!(heartbeat.beat(start + 2 * EVERY, false, false), Beat::Silent);
    }

    #[test]
    fn whatever_is_heard_puts_the_next_echo_off() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(EVERY, start);
        heartbeat.heard(start + 9 * SECOND);
        assert_eq!(heartbeat.beat(start + EVERY, false, false), Beat::Later(start + 19 * SECOND));
    }

    #[test]
    fn anything_heard_after_the_echo_is_a_sign_of_life_if_not_its_reply() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(EVERY, start);
        assert_eq!(heartbeat.beat(start + EVERY, false, false), Beat::Ask);
        heartbeat.heard(start + EVERY + SECOND);
        assert_eq!(heartbeat.beat(start + 2 * EVERY, false, false), Beat::Later(start + 2 * EVERY + SECOND));
        assert!(!heartbeat.is_asking());
    }

    #[test]
    fn a_busy_link_is_not_asked() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(EVERY, start);
        let now = start + 3 * EVERY;
        assert_eq!(heartbeat.beat(now, true, true), Beat::Later(now + EVERY));
        assert_eq!(heartbeat.beat(now, false, false), Beat::Ask);
        assert_eq!(heartbeat.replied(), Some(now));
        assert_eq!(heartbeat.replied(), None);
    }

    proptest! {
        /// Looked at whenever it asks to be, and with words at any time.
        #[test]
        fn a_link_is_dead_exactly_when_it_was_asked_and_stayed_silent(words_ms in prop::collection::vec(1u64..25_000, 0..20)) {
            let start = Instant::now();
            let mut heartbeat = Heartbeat::new(EVERY, start);
            let (mut now, mut last_word) = (start, start);
            let mut words = words_ms.into_iter().map(Duration::from_millis);
            let mut word = words.next().map(|after| now + after);
            for _ in 0..200 {
                match heartbeat.beat(now, false, false) {
                    Beat::Ask => prop_assert!(now - last_word >= EVERY),
                    Beat::Silent => {
                        prop_assert_eq!(now, last_word + 2 * EVERY);
                        return Ok(());
                    }
                    Beat::Later(at) => {
                        prop_assert!(at > now);
                        prop_assert!(at <= last_word + 2 * EVERY);
                        match word.filter(|word| *word < at) {
                            Some(spoken) => {
                                (now, last_word) = (spoken, spoken);
                                heartbeat.heard(now);
                                word = words.next().map(|after| now + after);
                            }
                            None => now = at,
                        }
                    }
                }
            }
            prop_assert!(false, "it never ended");
        }
    }
}
