//! One acquirer fifty times slower than the other.

use std::{thread, time::Duration};

use crate::{
    Lengths,
    table::{Measured, Row},
    work::Work,
    world::{ONE, OTHER, World},
};

/// How long an answer takes at an acquirer that is well.
const WELL: Duration = Duration::from_millis(4);
const TIMES: u32 = 50;

pub(crate) fn measure(lengths: Lengths) -> Measured {
    let worlds = [World::start(WELL, WELL), World::start(WELL, WELL * TIMES)];
    let mut pairs = Vec::new();
    for pair in 0..=lengths.pairs {
        let both = [&worlds[0], &worlds[1]].map(|world| {
            let of = |merchant| Work::steady(world.switch.address, merchant, lengths.measured);
            let (one, other) = (of(ONE), of(OTHER));
            let other = thread::spawn(move || other.done_well());
            let one = one.done_well();
            let other = other.join().expect("its work is done well");
            (one.p99_ms, other.p50_ms)
        });
        assert!(both[1].1 >= 2.0 * both[0].1, "the other acquirer is slow: {both:?}");
        // The first connects and allocates.
        if pair > 0 {
            pairs.push((both[1].0, both[0].0));
        }
    }
    Measured {
        rows: vec![Row::of_pairs("slow acquirer: p99 at another", "both well", &pairs, 1.5)],
        note: format!(
            "slow acquirer: {TIMES} times slower than {} ms; {} pairs of {:.1} s",
            WELL.as_millis(),
            lengths.pairs,
            lengths.measured.as_secs_f64()
        ),
    }
}
