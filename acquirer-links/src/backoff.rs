use std::time::Duration;

/// Exponential backoff with full jitter: before attempt `n` a link waits a random time between nothing
/// and `base × 2ⁿ⁻¹`, never more than `max`. It never gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The upper bound before the first repeated attempt.
    pub base: Duration,
    /// The upper bound before any attempt.
    pub max: Duration,
}

impl Default for Backoff {
    /// From 100 ms up to 5 s.
    fn default() -> Self {
        Self { base: Duration::from_millis(100), max: Duration::from_secs(5) }
    }
}

impl Backoff {
    /// How long to wait before the given attempt (0 is the first and waits not at all), spread by
    /// `random`, which must be uniform over all of `u64`.
    pub fn delay(self, attempt: u32, random: u64) -> Duration {
        let Some(doublings) = attempt.checked_sub(1) else {
            return Duration::ZERO;
        };
        let factor = 1u32.checked_shl(doublings).unwrap_or(u32::MAX);
        let bound = self.base.saturating_mul(factor).min(self.max);
        let bound_ns = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
        // The high half of the product is `random` scaled to 0..bound, without division or bias to speak of.
        let scaled = (u128::from(random) * u128::from(bound_ns)) >> 64;
        Duration::from_nanos(u64::try_from(scaled).expect("less than the 64-bit bound it was scaled to"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_attempt_does_not_wait() {
        assert_eq!(Backoff::default().delay(0, u64::MAX), Duration::ZERO);
    }

    #[test]
    fn the_bound_doubles_up_to_the_maximum() {
        let bounds: Vec<u128> = (1..=8)
            .map(|attempt| {
                (Backoff::default().delay(attempt, u64::MAX) + Duration::from_nanos(1)).as_millis()
            })
            .collect();
        assert_eq!(bounds, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    }

    proptest! {
        #[test]
        fn a_delay_is_never_above_the_maximum(attempt: u32, random: u64) {
            prop_assert!(Backoff::default().delay(attempt, random) <= Duration::from_secs(5));
        }

        #[test]
        fn more_randomness_never_waits_less(attempt in 1u32..100, a: u64, b: u64) {
            let delay = |random| Backoff::default().delay(attempt, random);
            prop_assert!(delay(a.min(b)) <= delay(a.max(b)));
        }
    }
}
