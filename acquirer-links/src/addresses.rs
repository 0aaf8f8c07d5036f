use std::time::{Duration, Instant};

/// Which addresses of a per-request pool may be connected to.
///
/// One that could not be reached is left alone for a pause; then one request tries it, and only when
/// that one reaches it do others follow. So a dead address costs one attempt a pause, however many requests
/// there are.
pub(crate) struct Addresses {
    standings: Vec<Standing>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Reached by the last attempt, or never tried.
    Good,
    /// Not reached by so many attempts in a row.
    Paused { failures: u32, until: Instant },
    /// Its pause is over and one attempt is under way.
    Probed { failures: u32 },
}

/// Leave to connect to one address, once. What came of it must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Its place among the addresses.
    pub(crate) address: usize,
    /// How many attempts in a row have failed there; from 1 on this attempt is the only one.
    pub(crate) failures: u32,
    /// How many other addresses could still be tried after it.
    pub(crate) others: u32,
    /// How many places of the round are behind once this one was tried.
    pub(crate) behind: usize,
}

impl Addresses {
    pub(crate) fn new(count: usize) -> Self {
        Self { standings: vec![Standing::Good; count] }
    }

    /// Whether a request could try an address now.
    pub(crate) fn is_any_open(&self, now: Instant) -> bool {
        self.standings.iter().any(|standing| standing.is_open(now))
    }

    /// Whether any address counts as reachable.
    pub(crate) fn is_any_good(&self) -> bool {
        self.standings.contains(&Standing::Good)
    }

    /// Takes the next address of a round that begins at `first` and has `behind` places behind it, if it `takes` what
    /// is to go there.
    pub(crate) fn take(
        &mut self,
        first: usize,
        behind: usize,
        now: Instant,
        takes: impl Fn(usize) -> bool,
    ) -> Option<Attempt> {
        let count = self.standings.len();
        let mut open = (behind..count).filter(|place| {
            let address = (first + place) % count;
            self.standings[address].is_open(now) && takes(address)
        });
        let place = open.next()?;
        let others = u32::try_from(open.count()).unwrap_or(u32::MAX);
        let address = (first + place) % count;
        let failures = match self.standings[address] {
            Standing::Good => 0,
            Standing::Paused { failures, .. } | Standing::Probed { failures } => {
                self.standings[address] = Standing::Probed { failures };
                failures
            }
        };
        Some(Attempt { address, failures, others, behind: place + 1 })
    }

    /// The address was reached.
    pub(crate) fn reached(&mut self, attempt: Attempt) {
        self.standings[attempt.address] = Standing::Good;
    }

    /// The address was not reached: it is left alone for `pause`. What others found out about it meanwhile stands.
    pub(crate) fn missed(&mut self, attempt: Attempt, pause: Duration, now: Instant) {
        if self.is_as_found(attempt) {
            let failures = attempt.failures.saturating_add(1);
            self.standings[attempt.address] = Standing::Paused { failures, until: now + pause };
        }
    }

    /// The attempt was given up before it told anything.
    pub(crate) fn given_up(&mut self, attempt: Attempt, now: Instant) {
        if attempt.failures > 0 && self.is_as_found(attempt) {
            self.standings[attempt.address] = Standing::Paused { failures: attempt.failures, until: now };
        }
    }

    fn is_as_found(&self, attempt: Attempt) -> bool {
        match self.standings[attempt.address] {
            Standing::Good => attempt.failures == 0,
            Standing::Paused { .. } => false,
            Standing::Probed { failures } => attempt.failures == failures,
        }
    }
}

impl Standing {
    fn is_open(self, now: Instant) -> bool {
        match self {
            Self::Good => true,
            Self::Paused { until, .. } => until <= now,
            Self::Probed { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(1);

    fn places(attempts: &[Option<Attempt>]) -> Vec<Option<(usize, u32)>> {
        attempts.iter().map(|attempt| attempt.map(|attempt| (attempt.address, attempt.others))).collect()
    }

    #[test]
    fn a_round_takes_every_open_address_once_from_the_first_on() {
        let now = Instant::now();
        let mut addresses = Addresses::new(3);
        let mut behind = 0;
        let round: Vec<_> = std::iter::from_fn(|| {
            let attempt = addresses.take(1, behind, now, |_| true)?;
            behind = attempt.behind;
            Some(Some(attempt))
        })
        .collect();
        assert_eq!(places(&round), [Some((1, 2)), Some((2, 1)), Some((0, 0))]);
    }

    #[test]
    fn one_that_failed_is_passed_over_and_then_probed_by_one_request_alone() {
        let now = Instant::now();
        let mut addresses = Addresses::new(2);
        let attempt = addresses.take(0, 0, now, |_| true).unwrap();
        addresses.missed(attempt, PAUSE, now);
        assert_eq!(places(&[addresses.take(0, 0, now, |_| true)]), [Some((1, 0))]);
        let later = now + PAUSE;
        let probe = addresses.take(0, 0, later, |_| true).unwrap();
        assert_eq!((probe.address, probe.failures), (0, 1));
        assert_eq!(places(&[addresses.take(0, 0, later, |_| true)]), [Some((1, 0))]);
        addresses.reached(probe);
        assert_eq!(places(&[addresses.take(0, 0, later, |_| true)]), [Some((0, 1))]);
    }

    #[test]
    fn attempts_that_fail_together_count_once() {
        let now = Instant::now();
        let mut addresses = Addresses::new(1);
        let [first, second, third] = [(); 3].map(|()| addresses.take(0, 0, now, |_| true).unwrap());
        addresses.missed(first, PAUSE, now);
        addresses.missed(second, 10 * PAUSE, now);
        let probe = addresses.take(0, 0, now + PAUSE, |_| true).unwrap();
        addresses.missed(third, 10 * PAUSE, now + PAUSE);
        assert!(!addresses.is_any_open(now + PAUSE), "the probe is under way");
        addresses.missed(probe, PAUSE, now + PAUSE);
        assert_eq!(addresses.take(0, 0, now + 2 * PAUSE, |_| true).unwrap().failures, 2);
    }

    #[test]
    fn a_probe_that_was_given_up_leaves_its_turn_to_the_next_request() {
        let now = Instant::now();
        let mut addresses = Addresses::new(1);
        let attempt = addresses.take(0, 0, now, |_| true).unwrap();
        addresses.missed(attempt, PAUSE, now);
        assert!(!addresses.is_any_open(now) && !addresses.is_any_good());
        let later = now + PAUSE;
        let probe = addresses.take(0, 0, later, |_| true).unwrap();
        assert_eq!(addresses.take(0, 0, later, |_| true), None);
        addresses.given_up(probe, later);
        assert_eq!(addresses.take(0, 0, later, |_| true), Some(probe));
        assert!(!addresses.is_any_good());
    }

    #[test]
    fn giving_up_says_nothing_of_a_good_address() {
        let now = Instant::now();
        let mut addresses = Addresses::new(1);
        let attempt = addresses.take(0, 0, now, |_| true).unwrap();
        addresses.given_up(attempt, now);
        assert!(addresses.is_any_good());
    }
}
