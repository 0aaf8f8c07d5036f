//! Until when this switch may act: its lease in the store. A switch that was stopped for a while wakes without knowing it, and another may have
//! taken over what it had open; what it would send then carries a not-after instant that has passed, and what it remembers may not be true any
//! more, so that it answers nobody before the lease is renewed. Held by monotonic time, told to the store by the wall clock, which others
//! compare it with.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::clock::Clock;

/// Renewals fall due this many times as often as the lease lasts, so that a slow commit or two do not end it.
const RENEWALS: u32 = 3;

/// What the switch knows of its lease.
#[derive(Debug)]
pub struct Lease {
    clock: Clock,
    length: Duration,
    /// No byte may be handed to a socket after this instant.
    held_until: Instant,
    /// The renewal on its way to the store: until when it will hold, and the same as the store is told it.
    asked: Option<(Instant, Timestamp)>,
    renew_at: Instant,
    is_lapse_told: bool,
}

/// A change worth telling once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseChange {
    /// It has ended without a renewal: nothing is sent, and nobody answered.
    Lapsed,
    /// It is held again.
    Regained,
}

impl Lease {
    /// A lease that is not held yet and renewed at once.
    pub fn new(clock: Clock, length: Duration, now: Instant) -> Self {
        Self { clock, length, held_until: now, asked: None, renew_at: now, is_lapse_told: false }
    }

    /// Until when to make durable that the lease is held, if a renewal is due: from now on, so that what the store takes to do it makes the
    /// lease shorter here than it is there.
    pub fn renewal(&mut self, now: Instant) -> Option<Timestamp> {
        if self.asked.is_some() || now < self.renew_at {
            return None;
        }
        let until = now + self.length;
        let told = self.clock.wall_at(until);
        self.asked = Some((until, told));
        self.renew_at = now + self.length / RENEWALS;
        Some(told)
    }

    /// The renewal is durable.
    pub fn renewed(&mut self, until: Timestamp) {
        if let Some((held_until, told)) = self.asked
            && told == until
        {
            self.held_until = held_until;
            self.asked = None;
        }
    }

    /// The machine may have been suspended: how long, no monotonic clock tells. It is not held until it is renewed, and that is due now.
    pub fn doubt(&mut self, now: Instant) {
        self.held_until = self.held_until.min(now);
        self.asked = None;
        self.renew_at = now;
    }

    /// Whether it is held.
    pub fn is_held(&self, now: Instant) -> bool {
        now < self.held_until
    }

    /// After this instant nothing may be sent.
    pub fn held_until(&self) -> Instant {
        self.held_until
    }

    /// Whether it has lapsed or was regained since this was last asked.
    pub fn change(&mut self, now: Instant) -> Option<LeaseChange> {
        let has_lapsed = !self.is_held(now);
        let change = match (self.is_lapse_told, has_lapsed) {
            (false, true) => LeaseChange::Lapsed,
            (true, false) => LeaseChange::Regained,
            (false, false) | (true, true) => return None,
        };
        self.is_lapse_told = has_lapsed;
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_secs(9);

    fn lease() -> (Lease, Instant) {
        let now = Instant::now();
        (Lease::new(Clock::start(), LENGTH, now), now)
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn it_is_not_held_before_its_first_renewal_is_durable() {
        let (mut lease, start) = lease();
        let until = lease.renewal(start).expect("due at once");
        assert!(lease.held_until() <= start);
        lease.renewed(until);
        assert_eq!(lease.held_until(), start + LENGTH);
    }

    #[test]
    fn it_lasts_from_before_the_renewal_was_asked_for_however_long_the_store_took() {
        let (mut lease, start) = lease();
        let first = lease.renewal(start).expect("due at once");
        lease.renewed(first);
        let second = lease.renewal(start + seconds(3)).expect("due after a third");
        // Told only 5 s later.
        lease.renewed(second);
        assert_eq!(lease.held_until(), start + seconds(3) + LENGTH);
    }

    #[test]
    fn one_renewal_is_on_its_way_at_a_time_and_the_next_falls_due_after_a_third() {
        let (mut lease, start) = lease();
        let first = lease.renewal(start).expect("due at once");
        assert_eq!(lease.renewal(start + seconds(8)), None);
        lease.renewed(first);
        assert!(lease.renewal(start + seconds(2)).is_none());
        assert!(lease.renewal(start + seconds(3)).is_some());
    }

    #[test]
    fn a_lapse_is_told_once_and_so_is_its_end() {
        let (mut lease, start) = lease();
        let first = lease.renewal(start).expect("due at once");
        lease.renewed(first);
        assert_eq!(lease.change(start + seconds(8)), None);
        let late = lease.renewal(start + seconds(8)).expect("due");
        assert_eq!(lease.change(start + seconds(9)), Some(LeaseChange::Lapsed));
        assert_eq!(lease.change(start + seconds(10)), None);
        lease.renewed(late);
        assert_eq!(lease.change(start + seconds(10)), Some(LeaseChange::Regained));
        assert_eq!(lease.change(start + seconds(10)), None);
    }

    #[test]
    fn after_a_suspension_it_is_held_by_a_new_renewal_alone() {
        let (mut lease, start) = lease();
        let first = lease.renewal(start).expect("due at once");
        lease.renewed(first);
        let before = lease.renewal(start + seconds(3)).expect("due after a third");
        assert!(lease.is_held(start + seconds(4)));
        lease.doubt(start + seconds(4));
        assert!(!lease.is_held(start + seconds(4)));
        let after = lease.renewal(start + seconds(4)).expect("due at once");
        // What was asked for before counts from before.
        lease.renewed(before);
        assert!(!lease.is_held(start + seconds(4)));
        lease.renewed(after);
        assert_eq!(lease.held_until(), start + seconds(4) + LENGTH);
    }

    #[test]
    fn others_are_told_of_it_by_the_clock_on_the_wall() {
        let hour = jiff::SignedDuration::from_hours(1);
        for off in [hour, -hour] {
            let now = Instant::now();
            let mut lease = Lease::new(Clock::started_at(Timestamp::now() + off), LENGTH, now);
            let told = lease.renewal(now).expect("due at once").duration_since(Timestamp::now());
            let length = jiff::SignedDuration::try_from(LENGTH).expect("seconds");
            assert!((told - length).abs() < jiff::SignedDuration::from_secs(5), "{told}");
            lease.doubt(now);
            assert!(!lease.is_held(now));
        }
    }

    #[test]
    fn a_renewal_nobody_asked_for_gives_nothing() {
        let (mut lease, start) = lease();
        lease.renewed(Timestamp::MAX);
        assert_eq!(lease.held_until(), start);
    }
}
