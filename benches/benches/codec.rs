//! The codec beside its peers, in criterion's words; `codec_ratios` measures the same cases against each other.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::time::{Duration, Instant};

use benches::cases::{self, Case};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn in_cache(criterion: &mut Criterion) {
    measure(criterion, cases::in_cache());
}

fn from_memory(criterion: &mut Criterion) {
    measure(criterion, cases::from_memory());
}

fn measure(criterion: &mut Criterion, cases: Vec<Case>) {
    cases::check(&cases).unwrap_or_else(|findings| panic!("cases that do not do the same:\n{findings}"));
    let mut group = criterion.benchmark_group("codec");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(50);
    for mut case in cases {
        group.throughput(Throughput::Bytes(case.length as u64));
        group.bench_function(case.name(), |bencher| {
            bencher.iter_custom(|telegrams| {
                let start = Instant::now();
                case.run(usize::try_from(telegrams).expect("a count of telegrams"));
                start.elapsed()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, in_cache, from_memory);
criterion_main!(benches);
