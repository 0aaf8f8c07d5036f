//! Three quarters of what the switch can do, twice as much as it can, and how it is afterwards.

use std::time::{Duration, Instant};

use telegram_replay::load::Report;

use crate::{
    Lengths, median,
    table::{Measured, Row},
    work::Work,
    world::{ONE, QUEUE, World},
};

/// Of one look at how it is.
const LOOK: Duration = Duration::from_millis(500);
/// Looks at how it was before.
const LOOKS_BEFORE: usize = 7;
/// Looks before it is given up.
const LOOKS_AFTER: usize = 40;
/// It is as before once p99 is at most so many times what it was.
const AS_BEFORE: f64 = 2.0;
/// By then it is to be as before.
const RECOVERED: Duration = Duration::from_secs(5);
/// Of the capacity: much, and no overload.
const MUCH: f64 = 0.75;
/// Of every hundred telegrams so many may be refused when there is much to do.
const REFUSED: f64 = 1.0;

pub(crate) fn measure(lengths: Lengths) -> Measured {
    let world = World::start(Duration::ZERO, Duration::ZERO);
    let to = world.switch.address;
    let all = Work { connections: 256, pipeline: 1, rate: None, ..Work::steady(to, ONE, lengths.measured) };
    // The first connects and allocates.
    all.done_well();
    let capacity = all.done_well().tx_per_s;
    let half = Work { rate: Some(capacity / 2.0), ..Work::steady(to, ONE, LOOK) };
    let before = median((0..LOOKS_BEFORE).map(|_| half.done_well().p99_ms).collect());
    let open = Work { connections: 256, pipeline: 64, ..all };
    let much = Work { rate: Some(capacity * MUCH), ..open }.done();
    let too_much = Work { rate: Some(capacity * 2.0), time: lengths.overload, ..open };
    let over = Instant::now() + lengths.overload;
    let during = too_much.done();
    let mut after = f64::INFINITY;
    for _ in 0..LOOKS_AFTER {
        after = half.done().p99_ms;
        if after <= AS_BEFORE * before {
            break;
        }
    }
    let recovered = if after <= AS_BEFORE * before { over.elapsed().as_secs_f64() } else { f64::INFINITY };
    let longest = QUEUE.as_secs_f64() * 1000.0 + before;
    let answered = |report: &Report| report.approved + report.declined + report.refused;
    let percent = |count: u64, report: &Report| precise(count) * 100.0 / precise(answered(report));
    let refused_of_much = percent(much.refused, &much);
    let ms = |what, found, beside, baseline: f64, aim| Row {
        what,
        found,
        beside,
        baseline,
        unit: "ms",
        ratio: found / baseline,
        aim,
    };
    Measured {
        rows: vec![
            Row {
                what: "at 3/4 of the capacity: refused",
                found: refused_of_much,
                beside: "as aimed",
                baseline: REFUSED,
                unit: "%",
                ratio: refused_of_much / REFUSED,
                aim: 1.0,
            },
            ms(
                "overload: p99 of those let in",
                during.admitted_p99_ms,
                "queue_ms and p99 before",
                longest,
                1.0,
            ),
            ms("overload: p99 of 9040", during.overloaded_p99_ms, "queue_ms and p99 before", longest, 1.0),
            Row {
                what: "overload: until p99 is as before",
                found: recovered,
                beside: "as aimed",
                baseline: RECOVERED.as_secs_f64(),
                unit: "s",
                ratio: recovered / RECOVERED.as_secs_f64(),
                aim: 1.0,
            },
        ],
        note: format!(
            "overload: {:.1} times the capacity of {capacity:.0}/s for {:.0} s: {:.0} % not let in (p50 {:.1} ms), {:.0} % let in (p50 {:.1} ms), \
             {} refused otherwise, {} lost; p99 at half load {before:.1} ms before, {after:.1} ms after",
            precise(during.sent) / lengths.overload.as_secs_f64() / capacity,
            lengths.overload.as_secs_f64(),
            percent(during.overloaded, &during),
            during.overloaded_p50_ms,
            percent(answered(&during) - during.overloaded, &during),
            during.admitted_p50_ms,
            during.refused - during.overloaded,
            during.errors,
        ),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn precise(count: u64) -> f64 {
    count as f64
}
