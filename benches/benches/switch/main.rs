//! Approvals a second through the whole switch with its durable store, beside a relay that only copies bytes.
//!
//! `cargo bench -p benches --bench switch`. One process, a thread with a runtime of its own for each party:
//!
//! ```text
//! terminals ── relay ──── responder      0100 in, 0110 out
//! terminals ── switch ─── responder      0100 in, 0200 of kovan out and its 0210 back, 0110 out
//! ```
//!
//! Every socket to a terminal is a closed loop: the next telegram leaves when the last is answered. Both responders are the same code,
//! a prepared reply with a few fields of the request copied in. A simulated acquirer would read whole layouts and keep books, and on
//! few cores its work would be measured as the switch's.
//!
//! Every sample of the switch follows one of the relay of the same telegrams. The ratios at the end are of those pairs, the only
//! figures that count: of two measurements one after the other, each has the machine for itself in its own way.

mod approval;
mod both;
mod comparison;
mod cpu;
mod disk;
mod layouts;
mod party;
mod relay;
mod responder;
mod serving;
mod terminal;

use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput};
use switch::admin;

use crate::{both::Both, comparison::compare};

/// Terminals' sockets, each with one approval in flight.
const CONNECTIONS: [u32; 2] = [32, 256];
/// A pair with a shorter sample of the switch is of the warm-up.
const SHORTEST_SAMPLE: Duration = Duration::from_millis(100);

fn main() {
    // The binary counts, and so does this.
    let _metrics = admin::install_metrics().expect("the only recorder of this process");
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(5))
        .sample_size(10)
        .configure_from_args();
    let comparisons: Vec<String> =
        CONNECTIONS.iter().filter_map(|connections| measure(&mut criterion, *connections)).collect();
    criterion.final_summary();
    print(&comparisons);
}

#[expect(clippy::print_stdout, reason = "the result of a benchmark")]
fn print(comparisons: &[String]) {
    for comparison in comparisons {
        println!("{comparison}");
    }
}

/// Measures relay and switch; tells how they compare unless a filter left the switch out or it only ran as a test.
fn measure(criterion: &mut Criterion, connections: u32) -> Option<String> {
    let (mut both, mut pairs) = (None, Vec::new());
    let mut group = criterion.benchmark_group(format!("connections/{connections}"));
    group.sampling_mode(SamplingMode::Flat);
    // A round is one approval for every socket, so that the shortest sample uses all of them.
    group.throughput(Throughput::Elements(u64::from(connections)));
    group.bench_function("relay", |bencher| {
        let both = both.get_or_insert_with(|| Both::start(connections));
        bencher.iter_custom(|rounds| both.relay(rounds).took);
    });
    group.bench_function("switch", |bencher| {
        let both = both.get_or_insert_with(|| Both::start(connections));
        bencher.iter_custom(|rounds| {
            let pair = both.pair(rounds);
            let took = pair.switch.took;
            if took >= SHORTEST_SAMPLE {
                pairs.push(pair);
            }
            took
        });
    });
    group.finish();
    (!pairs.is_empty()).then(|| compare(connections, &pairs))
}
