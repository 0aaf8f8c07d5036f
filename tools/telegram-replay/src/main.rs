//! The command line: send | load | acquirer | dump | diff | new | lint.
//!
//! Results go to stdout, JSON logs to stderr. Exit codes: 0 success, 1 the work found fault, 2 bad usage or it cannot
//! start.

mod cli;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let command = cli::Command::parse();
    tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()),
        )
        .init();
    match cli::run(command) {
        Ok(cli::Verdict::Well) => ExitCode::SUCCESS,
        Ok(cli::Verdict::Fault) => ExitCode::from(1),
        Err(error) => {
            // Nobody is left to hear of a broken stderr.
            let _ = writeln!(std::io::stderr(), "telegram-replay: {}", with_sources(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
