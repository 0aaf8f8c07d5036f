//! Counts the allocations of every case: `layout/operation/who`, a tab, allocations a telegram. It is a program of its own, because counting would slow
//! those who allocate. Fails when the codec itself allocates where it must not; with `--test` it says nothing else.

use std::alloc::System;
use std::io::{self, Write as _};
use std::process::ExitCode;

use benches::cases::{self, Case, OURS, Operation};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Telegrams that are counted; a multiple of how many different ones there are.
const TELEGRAMS: u32 = 1024;

fn main() -> ExitCode {
    let quiet = std::env::args().any(|argument| argument == "--test");
    let mut sound = true;
    for mut case in cases::in_cache() {
        let allocations = count(&mut case);
        if !quiet {
            // Nobody is left to read a broken pipe.
            let _ =
                writeln!(io::stdout(), "{}\t{}", case.name(), f64::from(allocations) / f64::from(TELEGRAMS));
        }
        if allocations > 0 && must_not_allocate(&case) {
            let _ = writeln!(io::stderr(), "{}: expected no allocation, found {allocations}", case.name());
            sound = false;
        }
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn count(case: &mut Case) -> u32 {
    let telegrams = TELEGRAMS as usize;
    // Buffers that are kept grow once.
    case.run(telegrams);
    let region = Region::new(COUNTING);
    case.run(telegrams);
    let change = region.change();
    u32::try_from(change.allocations + change.reallocations).expect("a few for each telegram")
}

fn must_not_allocate(case: &Case) -> bool {
    case.who == OURS
        && match case.operation {
            Operation::View | Operation::Eager | Operation::Encode => true,
            Operation::Copy | Operation::Frame | Operation::Unframe => false,
        }
}
