//! `cargo xtask test | mutants | bench | tidy | torture`: what is done to this workspace beyond what cargo does itself.

mod codec;
mod mutants;
mod tidy;
mod torture;

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::{Parser, ValueEnum};

use crate::mutants::Choice;

/// Work on this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", subcommand_required = true, arg_required_else_help = true)]
enum Task {
    /// All tests, and the mutants that are marked `short`.
    Test,
    /// Switches rules off, one at a time, in a copy of the sources: each must be caught.
    Mutants {
        /// The name of the one to try; all when absent.
        #[arg(long)]
        only: Option<String>,
    },
    /// Run benchmarks.
    Bench {
        /// Which one; all when absent.
        bench: Option<Bench>,
        /// Fail when an aim is missed. Only the codec's are judged.
        #[arg(long)]
        check: bool,
    },
    /// Rules of the house that the compiler does not know.
    Tidy,
    /// Real switches under random faults: `cargo xtask torture --seed 7 --minutes 5`; `--help` tells the rest.
    #[command(disable_help_flag = true)]
    Torture {
        /// Handed over as they are.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Bench {
    Codec,
    Switch,
    Store,
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Test => test(),
        Task::Mutants { only } => mutants(only.as_deref().map_or(Choice::All, Choice::Only)),
        Task::Bench { bench, check } => bench_all(bench, check),
        Task::Tidy => tidy(),
        Task::Torture { arguments } => torture::torture(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(&format!("failed: {why}"));
            ExitCode::FAILURE
        }
    }
}

fn test() -> Result<(), String> {
    run(&["test", "--workspace", "--locked"])?;
    mutants(Choice::Short)
}

fn mutants(choice: Choice<'_>) -> Result<(), String> {
    mutants::run(root()?, choice)
}

fn bench_all(bench: Option<Bench>, check: bool) -> Result<(), String> {
    match bench {
        Some(Bench::Codec) => codec::bench(check),
        Some(Bench::Switch | Bench::Store) if check => Err("only the codec's aims are judged".to_owned()),
        Some(Bench::Switch) => run(&["bench", "-p", "benches", "--bench", "switch"]),
        Some(Bench::Store) => run(&["bench", "-p", "benches", "--bench", "store"]),
        None => {
            codec::bench(check)?;
            run(&["bench", "-p", "benches", "--bench", "store", "--bench", "switch"])
        }
    }
}

fn tidy() -> Result<(), String> {
    let findings = tidy::check(root()?).map_err(|error| format!("cannot read the workspace: {error}"))?;
    for finding in &findings {
        say(finding);
    }
    if findings.is_empty() { Ok(()) } else { Err(format!("{} findings", findings.len())) }
}

fn root() -> Result<&'static Path, String> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or_else(|| "xtask stands in no workspace".to_owned())
}

fn run(arguments: &[&str]) -> Result<(), String> {
    let line = format!("cargo {}", arguments.join(" "));
    say(&line);
    let start = Instant::now();
    let status = Command::new(cargo())
        .args(arguments)
        .status()
        .map_err(|error| format!("cannot run `{line}`: {error}"))?;
    if !status.success() {
        return Err(format!("`{line}`"));
    }
    say(&format!("done in {} s", start.elapsed().as_secs()));
    Ok(())
}

/// The cargo that runs this task, so that both are of one toolchain.
fn cargo() -> impl AsRef<OsStr> {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn say(text: &str) {
    // Nobody is left to hear of a broken stderr.
    let _ = writeln!(io::stderr(), "xtask: {text}");
}
