//! Interleaved rounds over all cases.

use std::hint::black_box;
use std::time::{Duration, Instant};

use benches::cases::{Case, Operation, Source};

/// How long a case in the cache runs in one round.
const SLICE: Duration = Duration::from_micros(500);

/// How many bytes of telegrams from memory a case reads in one round. A small part of all there are: the next case goes on behind them.
const MEMORY_SLICE: usize = 8 << 20;

/// At how many depths of the stack cases run, one after the other; together they are about a page.
const DEPTHS: usize = 9;
/// Bytes of the stack from one depth to the next.
const STEP: usize = 400;

/// How long to go round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounds {
    slice: Duration,
    total: Duration,
}

/// A case's median over all rounds.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) layout: &'static str,
    pub(crate) source: Source,
    pub(crate) operation: Operation,
    pub(crate) who: &'static str,
    /// The case's name.
    pub(crate) name: String,
    /// For one telegram.
    pub(crate) nanoseconds: f64,
}

impl Rounds {
    /// One round of single telegrams: it shows that everything runs.
    pub(crate) const ONCE: Self = Self { slice: Duration::ZERO, total: Duration::ZERO };

    /// As many rounds as that many seconds hold, one at least.
    pub(crate) const fn lasting(seconds: u64) -> Self {
        Self { slice: SLICE, total: Duration::from_secs(seconds) }
    }

    /// Runs all cases round by round.
    pub(crate) fn measure(self, cases: &mut [Case]) -> Vec<Figure> {
        let counts: Vec<_> = cases.iter_mut().map(|case| self.telegrams(case)).collect();
        let mut samples = vec![Vec::new(); cases.len()];
        let start = Instant::now();
        for round in 0.. {
            for turn in 0..cases.len() {
                let index = (round + turn) % cases.len();
                let case = &mut cases[index];
                deeper(round % DEPTHS, &mut || samples[index].push(sample(case, counts[index])));
            }
            if start.elapsed() >= self.total {
                break;
            }
        }
        cases.iter().zip(samples).map(|(case, samples)| figure(case, samples)).collect()
    }

    /// How many telegrams of a case one round runs.
    fn telegrams(self, case: &mut Case) -> usize {
        match case.source {
            Source::Memory if self.slice.is_zero() => 1,
            Source::Memory => MEMORY_SLICE / case.length,
            Source::Cache => {
                let mut telegrams = 1;
                while time(case, telegrams) < self.slice {
                    telegrams *= 2;
                }
                telegrams
            }
        }
    }
}

/// Does it so many steps further down the stack. Where a record on the stack meets the end of a page, every access across it takes several times as long; a case would
/// have that in all rounds or in none, as the process happened to be laid out.
#[inline(never)]
fn deeper(steps: usize, what: &mut dyn FnMut()) {
    let step = black_box([0_u8; STEP]);
    if steps == 0 {
        what();
    } else {
        deeper(steps - 1, what);
    }
    black_box(step);
}

/// Nanoseconds a telegram.
fn sample(case: &mut Case, telegrams: usize) -> f64 {
    if case.source == Source::Cache {
        // Whoever ran before left its own telegrams in the cache.
        case.run(telegrams / 8);
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of a moment")]
    let telegrams_as_float = telegrams as f64;
    time(case, telegrams).as_secs_f64() * 1e9 / telegrams_as_float
}

fn time(case: &mut Case, telegrams: usize) -> Duration {
    let start = Instant::now();
    case.run(telegrams);
    start.elapsed()
}

fn figure(case: &Case, mut samples: Vec<f64>) -> Figure {
    samples.sort_by(f64::total_cmp);
    Figure {
        layout: case.layout,
        source: case.source,
        operation: case.operation,
        who: case.who,
        name: case.name(),
        nanoseconds: samples[samples.len() / 2],
    }
}
