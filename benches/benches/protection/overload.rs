//! Twice what the switch can do, and how it is afterwards.

use std::time::{Duration, Instant};

use crate::{
    Lengths,
    work::Work,
    world::{ONE, World},
};

/// Of one look at how it is.
const LOOK: Duration = Duration::from_millis(500);
/// Looks before it is given up.
const LOOKS: usize = 40;
/// It is as before once p99 is at most so many times what it was.
const AS_BEFORE: f64 = 2.0;

pub(crate) fn measure(lengths: Lengths) -> String {
    let world = World::start(Duration::ZERO, Duration::ZERO);
    let to = world.switch.address;
    let all = Work { connections: 256, pipeline: 1, rate: None, ..Work::steady(to, ONE, lengths.measured) };
    all.done_well();
    let capacity = all.done_well().tx_per_s;
    let half = Work { rate: Some(capacity / 2.0), ..Work::steady(to, ONE, LOOK) };
    let mut before: Vec<f64> = (0..7).map(|_| half.done_well().p99_ms).collect();
    before.sort_by(f64::total_cmp);
    let before = before[before.len() / 2];
    let too_much =
        Work { connections: 256, pipeline: 64, rate: Some(capacity * 2.0), time: lengths.overload, ..all };
    let during = too_much.done();
    let over = Instant::now();
    let mut after = f64::INFINITY;
    for _ in 0..LOOKS {
        after = half.done().p99_ms;
        if after <= AS_BEFORE * before {
            break;
        }
    }
    let answered = during.approved + during.declined + during.refused;
    format!(
        "overload: {:.1} times the capacity of {capacity:.0}/s for {} s, {:.0} % refused, {} lost, p50 {:.0} ms, p99 {:.0} ms; \
         then p99 at half load {after:.1} ms after {:.1} s, {:.2} of {before:.1} ms before",
        precise(during.sent) / lengths.overload.as_secs_f64() / capacity,
        lengths.overload.as_secs(),
        precise(during.refused) * 100.0 / precise(answered),
        during.errors,
        during.p50_ms,
        during.p99_ms,
        over.elapsed().as_secs_f64(),
        after / before,
    )
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn precise(count: u64) -> f64 {
    count as f64
}
