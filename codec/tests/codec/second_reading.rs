//! Layout files read a second time, by code that shares nothing with the codec.

pub(crate) mod generate;
pub(crate) mod mutate;
pub(crate) mod naive;
pub(crate) mod random;

use std::ops::Range;
use std::path::Path;

/// A layout of these tests.
pub(crate) fn layout(name: &str) -> specs::Layout {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts");
    specs::read(&folder.join(format!("{name}.toml"))).unwrap_or_else(|findings| panic!("{findings}"))
}

/// Where the fields stand that hold bytes.
pub(crate) fn places(layout: &specs::Layout) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    for field in &layout.fields {
        for index in 0..field.repeat {
            let at = field.at + index * field.len;
            match &field.group {
                Some(group) => {
                    places.extend(self::places(group).iter().map(|part| at + part.start..at + part.end));
                }
                None => places.push(at..at + field.len),
            }
        }
    }
    places
}

/// How many random cases a test runs: as many as it says, or `DIFFERENTIAL_CASES` where that is set.
pub(crate) fn cases(usually: u64) -> u64 {
    std::env::var("DIFFERENTIAL_CASES")
        .ok()
        .map_or(usually, |cases| cases.parse().expect("DIFFERENTIAL_CASES is a number"))
}

/// Whether more than the usual is asked for.
pub(crate) fn is_long_run() -> bool {
    std::env::var_os("DIFFERENTIAL_CASES").is_some()
}

/// The first seed: `DIFFERENTIAL_SEED`, or always the same.
pub(crate) fn first_seed() -> u64 {
    std::env::var("DIFFERENTIAL_SEED")
        .ok()
        .map_or(1, |seed| seed.parse().expect("DIFFERENTIAL_SEED is a number"))
}
