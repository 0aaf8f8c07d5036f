//! How well the switch protects those who work: p99 of their answers while others attack it, stand still, or ask for too much.
//!
//! `cargo bench -p benches --bench protection`, or with `-- --test` a short run that only shows that it works. One process, a thread
//! with a runtime of its own for each party: the switch, simulated acquirers, the terminals at work and the intruders. All of them share the
//! machine, so that what an attack costs the attacker is measured as if the switch had paid it.
//!
//! Only ratios count, each of two measurements of one run, one after the other.

#[path = "../switch/party.rs"]
#[allow(dead_code, reason = "here nobody listens by himself")]
mod party;

mod attack;
mod overload;
mod slow_acquirer;
mod work;
mod world;

use std::{env, time::Duration};

/// How long things are measured.
#[derive(Clone, Copy)]
struct Lengths {
    /// Measurements of each kind, of which the median counts.
    pairs: usize,
    /// Of one measurement.
    measured: Duration,
    /// Of an overload.
    overload: Duration,
    /// Sockets of the intruders that stay, one in five of them slow and the others idle.
    intruders: usize,
}

fn main() {
    let is_test = env::args().any(|argument| argument == "--test");
    let lengths = if is_test {
        let (measured, overload) = (Duration::from_millis(500), Duration::from_secs(1));
        Lengths { pairs: 1, measured, overload, intruders: 200 }
    } else {
        let (measured, overload) = (Duration::from_secs(5), Duration::from_secs(30));
        Lengths { pairs: 3, measured, overload, intruders: 5_000 }
    };
    for line in [attack::measure(lengths), slow_acquirer::measure(lengths), overload::measure(lengths)] {
        print(&line);
    }
}

#[expect(clippy::print_stdout, reason = "the result of a benchmark")]
fn print(line: &str) {
    println!("{line}");
}

/// The median; of an even number the higher of the two in the middle.
fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
