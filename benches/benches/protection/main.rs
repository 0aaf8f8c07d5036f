//! How well the switch protects those who work: p99 of their answers while others attack it, stand still, or ask for too much.
//!
//! `cargo bench -p benches --bench protection` prints one table; with `-- --check` it fails when an aim is missed, and `-- --test` is a short
//! run that only shows that it works. One process, a thread with a runtime of its own for each party: the switch, simulated acquirers, the
//! terminals at work, those that come, and the intruders. All of them share the machine, so that what an attack costs the attacker is
//! measured as if the switch had paid it.
//!
//! Only ratios count, each of two measurements of one run, one after the other.

#[path = "../switch/party.rs"]
#[allow(dead_code, reason = "here nobody listens by himself")]
mod party;

#[path = "../switch/layouts.rs"]
mod layouts;

#[path = "../switch/approval.rs"]
mod approval;

mod attack;
mod newcomers;
mod overload;
mod slow_acquirer;
mod table;
mod work;
mod world;

use std::{process::ExitCode, time::Duration};

use clap::Parser;

/// How well the switch protects those who work.
#[derive(Debug, Parser)]
struct Arguments {
    /// Fail when an aim is missed.
    #[arg(long)]
    check: bool,
    /// Only show that everything runs.
    #[arg(long, conflicts_with = "check")]
    test: bool,
    /// What cargo says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

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

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let lengths = if arguments.test {
        let (measured, overload) = (Duration::from_millis(500), Duration::from_secs(1));
        Lengths { pairs: 1, measured, overload, intruders: 200 }
    } else {
        let (measured, overload) = (Duration::from_secs(5), Duration::from_secs(30));
        Lengths { pairs: 9, measured, overload, intruders: 5_000 }
    };
    let all = [attack::measure(lengths), slow_acquirer::measure(lengths), overload::measure(lengths)];
    print(&table::render(&all));
    let is_missed = all.iter().flat_map(|measured| &measured.rows).any(|row| !row.is_met());
    if arguments.check && is_missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

#[expect(clippy::print_stdout, reason = "the result of a benchmark")]
fn print(table: &str) {
    println!("{table}");
}

/// The median; of an even number the higher of the two in the middle.
fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
