//! The codec against a copy of the bytes and against its peers: one table of ratios.
//!
//! Every round runs every case for a moment, each round beginning with another one, so that whatever else the machine does meets
//! all of them alike; what counts is each case's median over the rounds. Cases in the cache run half a millisecond; those from memory
//! go once through all telegrams, more than the cache holds.
//!
//! With `--check` the aims are judged, and a missed one is named. `--allocations` reads what `codec_allocations` counted from stdin;
//! `cargo xtask bench codec` does both.

mod aims;
mod rounds;
mod table;

use std::collections::HashMap;
use std::io;
use std::process::ExitCode;

use benches::cases;
use clap::Parser;

use rounds::Rounds;

/// The codec's ratios.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Arguments {
    /// Fail when an aim is missed.
    #[arg(long, requires = "allocations")]
    check: bool,
    /// Read allocations from stdin: `layout/operation/who`, a tab, allocations a telegram.
    #[arg(long)]
    allocations: bool,
    /// Only show that everything runs.
    #[arg(long)]
    test: bool,
    /// How long to measure.
    #[arg(long, default_value_t = 45)]
    seconds: u64,
    /// What cargo says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Allocations a telegram by the case's name.
type Allocations = HashMap<String, f64>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let allocations = if arguments.allocations { allocations(io::stdin()) } else { Ok(Allocations::new()) };
    let (in_cache, from_memory) = (cases::in_cache(), cases::from_memory());
    let proven = cases::check(&in_cache).and_then(|()| cases::check(&from_memory));
    let allocations = match proven.and(allocations) {
        Ok(allocations) => allocations,
        Err(why) => {
            say(&mut io::stderr(), &why);
            return ExitCode::from(2);
        }
    };
    let mut cases = in_cache;
    cases.extend(from_memory);
    let rounds = if arguments.test { Rounds::ONCE } else { Rounds::lasting(arguments.seconds) };
    let figures = rounds.measure(&mut cases);
    if arguments.test {
        return ExitCode::SUCCESS;
    }
    say(&mut io::stdout(), &table::render(&figures, &allocations));
    let missed = aims::missed(&figures, &allocations);
    for aim in &missed {
        say(&mut io::stdout(), &format!("missed: {aim}"));
    }
    if missed.is_empty() {
        say(&mut io::stdout(), "every aim is met");
    }
    if arguments.check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn allocations(from: io::Stdin) -> Result<Allocations, String> {
    let line = |line: io::Result<String>| {
        let line = line.map_err(|error| format!("allocations cannot be read: {error}"))?;
        let (name, count) = line
            .split_once('\t')
            .ok_or_else(|| format!("expected a name, a tab and a count, found {line}"))?;
        let count = count.parse().map_err(|_| format!("expected a count of allocations, found {count}"))?;
        Ok((name.to_owned(), count))
    };
    from.lines().map(line).collect()
}

fn say(to: &mut impl io::Write, text: &str) {
    // Nobody is left to hear of a broken pipe.
    let _ = writeln!(to, "{text}");
}
