//! How somebody sets the wall clock that a switch sees.

use std::fmt;

use jiff::SignedDuration;

use crate::chance::Chance;

/// How far it is off while a switch runs, in seconds.
const SET_S: [i64; 8] = [-3_600, 3_600, -3_600, 3_600, -90, 90, -2, 2];
/// How far it is off when a switch starts, in seconds: less than a net-cancel is tried for, more than anything is on its way for, as much as is borne of a terminal, and more.
const AT_START_S: [i64; 10] = [-15, -25, -35, 15, 25, 35, -600, 600, -3_600, 3_600];
/// For how long, in milliseconds: now and then for good.
const LASTS_MS: [u64; 4] = [500, 2_000, 5_000, 3_600_000];

/// The wall clock of a switch for a time. Its `Display` is what the switch is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallClock {
    /// By how many seconds it is ahead; behind, where that is less than nothing.
    ahead_s: i64,
    /// From when on, in milliseconds after the start; 0: the switch starts by it.
    from_ms: u64,
    /// Until when.
    until_ms: u64,
}

impl WallClock {
    /// How the clock of one start is set, if it is: while it runs, or before it starts and perhaps right again later.
    pub(super) fn of(chance: &mut Chance) -> Option<Self> {
        if chance.one_in(3) {
            return None;
        }
        let is_at_start = chance.one_in(2);
        let ahead_s = chance.one_of(if is_at_start { &AT_START_S[..] } else { &SET_S[..] });
        let from_ms = if is_at_start { 0 } else { 1_000 + chance.below(8_000) };
        Some(Self { ahead_s, from_ms, until_ms: from_ms + chance.one_of(&LASTS_MS) })
    }

    /// How far ahead the clock is that the switch reads when it starts.
    pub fn ahead_at_start(self) -> SignedDuration {
        if self.from_ms == 0 { SignedDuration::from_secs(self.ahead_s) } else { SignedDuration::ZERO }
    }
}

impl fmt::Display for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ahead_s, from_ms, until_ms } = self;
        write!(f, "{ahead_s}:{from_ms}:{until_ms}")
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::WallClock;
    use crate::chance::Chance;

    #[test]
    fn some_switches_start_by_a_wrong_clock_and_some_see_it_set_later() {
        let mut chance = Chance::new(1, 2);
        let clocks: Vec<_> = (0..200).filter_map(|_| WallClock::of(&mut chance)).collect();
        let wrong = clocks.iter().filter(|clock| !clock.ahead_at_start().is_zero()).count();
        assert!(wrong > 20 && wrong + 20 < clocks.len() && clocks.len() < 200, "{wrong} of {}", clocks.len());
    }

    #[test]
    fn a_clock_is_told_as_the_switch_reads_it() {
        let clock = WallClock { ahead_s: -25, from_ms: 0, until_ms: 500 };
        assert_eq!(clock.to_string(), "-25:0:500");
        assert_eq!(clock.ahead_at_start(), SignedDuration::from_secs(-25));
        assert!(WallClock { from_ms: 1, ..clock }.ahead_at_start().is_zero());
    }
}
