//! A deterministic simulation of the desk: the desk itself and the in-memory engine, and around them terminals, links and acquirers
//! of chance, in virtual time, with crashes between any two inputs.
//!
//! Each seed is one run. A failure prints its seed; `SIM_SEED=… cargo test -p desk --test simulation` runs that one alone and prints
//! every input and output. `SIM_SEEDS=…` sets how many seeds are run, `SIM_FIRST=…` the first of them. `SIM_SEEK=…` names invariants, with
//! commas between: only a seed that breaks one of them ends the search.

#![allow(clippy::unwrap_used, reason = "a panic is how a simulation fails")]

mod acquirer;
mod agenda;
mod agreeing;
mod book;
mod cancelling;
mod checker;
mod clock;
mod corners;
mod flaw;
mod links;
mod person;
mod rng;
mod sample;
mod session;
mod settings;
mod storage;
mod switch;
mod tampering;
mod telling;
mod terminals;
mod watch;
mod wire;
mod world;

use std::{
    panic,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
};

use checker::Violation;
use flaw::Flaw;
use world::World;

/// Seeds of one run of the tests.
const SEEDS: u64 = 10_000;
/// Seeds within which each planted fault must be seen.
const SEEDS_PER_FLAW: u64 = 3_000;
/// Seeds within which every corner must be reached.
const SEEDS_FOR_CORNERS: u64 = 1_000;

#[allow(clippy::disallowed_methods, reason = "the seed to replay comes from the environment")]
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is not a number")))
}

#[allow(clippy::disallowed_methods, reason = "what is sought comes from the environment")]
fn sought() -> Vec<String> {
    std::env::var("SIM_SEEK")
        .map_or_else(|_| Vec::new(), |names| names.split(',').map(str::to_owned).collect())
}

fn run(seed: u64, flaw: Option<Flaw>, traced: bool) -> World {
    let mut world = World::new(seed, flaw, traced);
    world.run_until_rest();
    checker::check(&mut world);
    world
}

#[test]
fn no_seed_breaks_an_invariant() {
    if let Some(seed) = number("SIM_SEED") {
        let world = run(seed, None, true);
        println!("{:#?}", world.settings);
        world.trace.iter().flatten().for_each(|line| println!("{line}"));
        world.violations.iter().for_each(|violation| println!("{violation}"));
        assert!(world.violations.is_empty(), "seed {seed} breaks an invariant");
        return;
    }
    let first = number("SIM_FIRST").unwrap_or(0);
    let end = first + number("SIM_SEEDS").unwrap_or(SEEDS);
    let sought = sought();
    let is_sought = |violation: &Violation| {
        sought.is_empty() || sought.iter().any(|name| *name == format!("{:?}", violation.invariant))
    };
    let (next, inputs) = (AtomicU64::new(first), AtomicU64::new(0));
    let search = || {
        let mut failures = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end || failures.len() >= if sought.is_empty() { 3 } else { 1 } {
                return failures;
            }
            let ran = panic::catch_unwind(|| run(seed, None, false));
            inputs.fetch_add(ran.as_ref().map_or(0, |world| world.inputs), Ordering::Relaxed);
            match ran {
                Ok(world) if !world.violations.iter().any(is_sought) => {}
                Ok(world) => {
                    if !sought.is_empty() {
                        next.store(end, Ordering::Relaxed);
                    }
                    let violations: Vec<_> = world.violations.iter().map(ToString::to_string).collect();
                    failures.push(format!("\n  seed {seed}\n    {}", violations.join("\n    ")));
                }
                Err(_) if !sought.is_empty() => {}
                Err(_) => failures.push(format!("\n  seed {seed} panics")),
            }
        }
    };
    let failures: Vec<String> = on_all_cores(search);
    println!("{} inputs of {} seeds", inputs.load(Ordering::Relaxed), end - first);
    assert!(failures.is_empty(), "replay one with SIM_SEED=…{}", failures.concat());
}

#[test]
fn every_planted_fault_is_seen() {
    let next = AtomicUsize::new(0);
    let search = || {
        let mut unseen = Vec::new();
        while let Some(flaw) = Flaw::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
            let seen = |seed| {
                let world = run(seed, Some(*flaw), false);
                world.violations.iter().any(|violation| violation.invariant == flaw.breaks())
            };
            if !(0..SEEDS_PER_FLAW).any(seen) {
                unseen.push(*flaw);
            }
        }
        unseen
    };
    let unseen: Vec<_> = on_all_cores(search);
    assert!(unseen.is_empty(), "the checker does not see {unseen:?}");
}

fn on_all_cores<T: Send>(search: impl Fn() -> Vec<T> + Sync) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let searches: Vec<_> = (0..threads).map(|_| scope.spawn(&search)).collect();
        searches.into_iter().flat_map(|search| search.join().unwrap()).collect()
    })
}

#[test]
fn every_corner_is_reached() {
    let mut missing = corners::all();
    for seed in 0..SEEDS_FOR_CORNERS {
        let reached = corners::reached(&run(seed, None, false));
        missing.retain(|corner| !reached.contains(corner));
        if missing.is_empty() {
            return;
        }
    }
    panic!("no run reaches {missing:?}");
}

#[test]
fn a_seed_replays_the_same_run() {
    for seed in [1, 7, 42] {
        assert!(run(seed, None, true).trace == run(seed, None, true).trace, "seed {seed}");
    }
}
