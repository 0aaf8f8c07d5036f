use std::hash::{BuildHasher, RandomState};

/// Where jitter comes from; nothing secret depends on it.
pub(crate) struct Chance {
    state: RandomState,
    rolled: u64,
}

impl Chance {
    pub(crate) fn new() -> Self {
        Self { state: RandomState::new(), rolled: 0 }
    }

    /// A number uniform over all of `u64`.
    pub(crate) fn roll(&mut self) -> u64 {
        self.rolled += 1;
        self.state.hash_one(self.rolled)
    }
}
