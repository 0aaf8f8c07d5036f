//! Chance that a seed replays (`SplitMix64`).

pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Any of 0 to `greatest`.
    pub(super) fn up_to(&mut self, greatest: usize) -> usize {
        usize::try_from(self.next() % (greatest as u64 + 1)).unwrap()
    }

    pub(super) fn one_in(&mut self, times: usize) -> bool {
        self.up_to(times - 1) == 0
    }

    /// An instant within the next `ms` milliseconds.
    pub(super) fn instant(&mut self, ms: i64) -> i64 {
        i64::try_from(self.up_to(usize::try_from(ms).unwrap())).unwrap()
    }
}
