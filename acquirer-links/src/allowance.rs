use std::time::{Duration, Instant};

/// How many telegrams that nobody waits for the links of a pool may bring in a second, all together. Each costs a row of the journal and often
/// a lookup; this many are a few in a hundred of what a disk takes, and cost nobody else a payment.
const A_SECOND: u32 = 500;

/// For how many seconds of that each may be ahead, which makes 10,000 telegrams at once: an acquirer that hung for half a minute, so long that
/// its answers are not even late any more, is to be heard without a pause. It is also the longest pause.
const ROOM: Duration = Duration::from_secs(20);

/// So many at once may come on any link, however many a pool has.
const AT_ONCE_AT_LEAST: u32 = 100;

/// What a link may bring that nobody waits for. Pure: time is an argument.
///
/// Nothing of it is refused, for it may be the approval that reopens a debt: once a link has brought more it is not read from for a while,
/// so that its peer has to wait, and nobody else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// The time that makes up for one telegram.
    each: Duration,
    /// When everything that came is made up for.
    even_at: Option<Instant>,
    /// Whether it was told that the link brings too much, which ends when half of its room is free again.
    is_told: bool,
}

impl Allowance {
    /// That of one link of so many.
    pub(crate) fn of_one_among(links: usize) -> Self {
        let links = u32::try_from(links).unwrap_or(u32::MAX);
        let each = (Duration::from_secs(1) / A_SECOND).saturating_mul(links).min(ROOM / AT_ONCE_AT_LEAST);
        Self { each, even_at: None, is_told: false }
    }

    /// A telegram came that nobody waits for. Whether the link brings too much from now on.
    pub(crate) fn spend(&mut self, now: Instant) -> bool {
        let before = self.even_at.map_or(now, |even_at| even_at.max(now));
        if before <= now + ROOM / 2 {
            self.is_told = false;
        }
        self.even_at = Some((before + self.each).min(now + 2 * ROOM));
        let is_news = self.reads_at(now).is_some() && !self.is_told;
        self.is_told |= is_news;
        is_news
    }

    /// A telegram came that was waited for: it makes up for another. So who answers everything twice is heard at any rate.
    pub(crate) fn earn(&mut self) {
        self.even_at = self.even_at.and_then(|even_at| even_at.checked_sub(self.each));
    }

    /// When the link may be read from again, if not now.
    pub(crate) fn reads_at(&self, now: Instant) -> Option<Instant> {
        let reads_at = self.even_at?.checked_sub(ROOM)?;
        (reads_at > now).then_some(reads_at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// How many come before there is a pause.
    fn at_once(allowance: &mut Allowance, now: Instant) -> usize {
        (0..1_000_000).take_while(|_| !allowance.spend(now)).count()
    }

    #[test]
    fn the_links_of_a_pool_may_bring_ten_thousand_at_once_together_and_each_a_hundred() {
        let cases = [(1, 10_000), (4, 2_500), (100, 100), (1_000, 100), (usize::MAX, 100)];
        for (links, expected) in cases {
            assert_eq!(at_once(&mut Allowance::of_one_among(links), Instant::now()), expected, "{links}");
        }
    }

    #[test]
    fn a_link_that_brought_too_much_is_read_from_again_as_fast_as_it_may_bring_more() {
        let start = Instant::now();
        let mut allowance = Allowance::of_one_among(1);
        let count = at_once(&mut allowance, start);
        let reads_at = allowance.reads_at(start).unwrap();
        assert_eq!(reads_at, start + SECOND / 500);
        assert_eq!(allowance.reads_at(reads_at), None);

        let (mut now, mut more) = (reads_at, 0);
        while now < start + 60 * SECOND {
            allowance.spend(now);
            more += 1;
            now = allowance.reads_at(now).unwrap_or(now);
        }
        assert_eq!((count, more), (10_000, 60 * 500 - 1));
    }

    #[test]
    fn too_much_is_told_once_until_the_link_was_quiet_for_a_while() {
        let start = Instant::now();
        let mut allowance = Allowance::of_one_among(1);
        at_once(&mut allowance, start);
        assert!((0..100).all(|_| !allowance.spend(start)));
        let soon = start + 5 * SECOND;
        assert!((0..9_999).all(|_| !allowance.spend(soon)), "less than half of its room was free");
        let later = start + 40 * SECOND;
        assert!(at_once(&mut allowance, later) < 10_000, "told again");
    }

    #[test]
    fn what_was_waited_for_makes_up_for_as_much_that_was_not() {
        let now = Instant::now();
        let mut allowance = Allowance::of_one_among(4);
        for _ in 0..100_000 {
            allowance.earn();
            assert!(!allowance.spend(now));
        }
        assert_eq!(at_once(&mut allowance, now), 2_500 - 1, "nothing is saved up for later");
    }

    proptest! {
        #[test]
        fn no_pause_is_longer_than_the_room_whatever_came(steps in prop::collection::vec((0u32..3_000, 0u64..30_000), 1..40)) {
            let mut now = Instant::now();
            let mut allowance = Allowance::of_one_among(50);
            for (count, after_ms) in steps {
                for _ in 0..count {
                    allowance.spend(now);
                }
                prop_assert!(allowance.reads_at(now).is_none_or(|at| at <= now + ROOM));
                now += Duration::from_millis(after_ms);
            }
            prop_assert_eq!(allowance.reads_at(now + ROOM), None);
        }
    }
}
