//! One acquirer fifty times slower than the other.

use std::{thread, time::Duration};

use crate::{
    Lengths, median,
    work::Work,
    world::{ONE, OTHER, World},
};

/// How long an answer takes at an acquirer that is well.
const WELL: Duration = Duration::from_millis(4);
const TIMES: u32 = 50;

pub(crate) fn measure(lengths: Lengths) -> String {
    let worlds = [World::start(WELL, WELL), World::start(WELL, WELL * TIMES)];
    let (mut all, mut ratios) = ([Vec::new(), Vec::new()], Vec::new());
    for pair in 0..=lengths.pairs {
        let both = [&worlds[0], &worlds[1]].map(|world| {
            let of = |merchant| Work::steady(world.switch.address, merchant, lengths.measured);
            let (one, other) = (of(ONE), of(OTHER));
            let other = thread::spawn(move || other.done_well());
            let one = one.done_well();
            let other = other.join().expect("its work is done well");
            (one.p99_ms, other.p50_ms)
        });
        // The first connects and allocates.
        if pair > 0 {
            ratios.push(both[1].0 / both[0].0);
            all[0].push(both[0].0);
            all[1].push(both[1].0);
            assert!(both[1].1 >= 2.0 * both[0].1, "the other acquirer is slow: {both:?}");
        }
    }
    let [well, slow] = all.map(median);
    format!(
        "slow acquirer: p99 at another {slow:.1} ms, {:.2} of {well:.1} ms while both are well ({TIMES} times slower; {} pairs)",
        median(ratios),
        lengths.pairs
    )
}
