//! The codec against a copy of the bytes and against its peers: one table of ratios.
//!
//! Every round runs every case for a moment, each round beginning with another one, so that whatever else the machine does meets
//! all of them alike; what counts is each case's median over the rounds. A case runs half a millisecond or so, less than the time for
//! which a busy machine lets a process run.
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
    /// Measure only cases whose name has this in it, and judge nothing: for looking at one of them with a profiler.
    #[arg(long, value_name = "NAME", conflicts_with = "check")]
    only: Option<String>,
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
    let (mut cases, from_memory) = (cases::in_cache(), cases::from_memory());
    let proven = cases::check(&cases).and_then(|()| cases::check(&from_memory));
    let counted = arguments.allocations.then(|| allocations(io::stdin())).transpose();
    let allocations = match proven.and(counted) {
        Ok(allocations) => allocations,
        Err(why) => {
            say(&mut io::stderr(), &why);
            return ExitCode::from(2);
        }
    };
    cases.extend(from_memory);
    if let Some(name) = &arguments.only {
        cases.retain(|case| case.name().contains(name));
    }
    let rounds = if arguments.test { Rounds::ONCE } else { Rounds::lasting(arguments.seconds) };
    let figures = rounds.measure(&mut cases);
    if arguments.test {
        return ExitCode::SUCCESS;
    }
    if arguments.only.is_some() {
        for figure in &figures {
            say(&mut io::stdout(), &format!("{} {:.1} ns", figure.name, figure.nanoseconds));
        }
        return ExitCode::SUCCESS;
    }
    say(&mut io::stdout(), &table::render(&figures, allocations.as_ref()));
    let missed = aims::missed(&figures, allocations.as_ref());
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
