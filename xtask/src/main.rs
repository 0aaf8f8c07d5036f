//! `cargo xtask test | bench | tidy`: what is done to this workspace beyond what cargo does itself.

mod tidy;

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::{Parser, ValueEnum};

/// Work on this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", subcommand_required = true, arg_required_else_help = true)]
enum Task {
    /// Format, lints, all tests and the documentation, as a change must pass them.
    Test,
    /// Run benchmarks.
    Bench {
        /// Which one; all when absent.
        bench: Option<Bench>,
    },
    /// Rules of the house that the compiler does not know.
    Tidy,
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
        Task::Bench { bench } => run(&bench_arguments(bench), &[]),
        Task::Tidy => tidy(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(&format!("failed: {why}"));
            ExitCode::FAILURE
        }
    }
}

/// The cheap steps first, so that a mistake shows soon.
fn test() -> Result<(), String> {
    for component in ["rustfmt", "clippy"] {
        require(component)?;
    }
    run(&["fmt", "--all", "--check"], &[])?;
    tidy()?;
    run(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    run(&["test", "--workspace"], &[])?;
    run(&["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")])
}

/// A component that rustup can add: added where rustup is there, named otherwise.
fn require(component: &str) -> Result<(), String> {
    let subcommand = if component == "rustfmt" { "fmt" } else { component };
    let there =
        Command::new(cargo()).args([subcommand, "--version"]).output().is_ok_and(|out| out.status.success());
    if there {
        return Ok(());
    }
    say(&format!("rustup component add {component}"));
    let added = Command::new("rustup").args(["component", "add", component]).status();
    match added {
        Ok(status) if status.success() => Ok(()),
        Ok(_) | Err(_) => {
            Err(format!("`cargo {subcommand}` is missing; install {component}, for instance with rustup"))
        }
    }
}

fn bench_arguments(bench: Option<Bench>) -> Vec<&'static str> {
    let mut arguments = vec!["bench", "-p", "benches"];
    if let Some(bench) = bench {
        arguments.extend([
            "--bench",
            match bench {
                Bench::Codec => "codec",
                Bench::Switch => "switch",
                Bench::Store => "store",
            },
        ]);
    }
    arguments
}

fn tidy() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask stands in no workspace")?;
    let findings = tidy::check(root).map_err(|error| format!("cannot read the workspace: {error}"))?;
    for finding in &findings {
        say(finding);
    }
    if findings.is_empty() { Ok(()) } else { Err(format!("{} findings", findings.len())) }
}

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Result<(), String> {
    let line = format!("cargo {}", arguments.join(" "));
    say(&line);
    let start = Instant::now();
    let status = Command::new(cargo())
        .args(arguments)
        .envs(environment.iter().copied())
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
