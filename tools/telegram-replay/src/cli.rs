//! What can be asked for on the command line.

mod acquirer;
mod diff;
mod dump;
mod lint;
mod load;
mod new;
mod send;
mod telegrams;

use std::error::Error;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::Parser;
use telegram_replay::layout::Layouts;

/// Terminals, simulated acquirers, captures, dump, diff, new, lint and load for fixed-width telegrams.
#[derive(Debug, Parser)]
#[command(name = "telegram-replay", version, subcommand_required = true, arg_required_else_help = true)]
pub(crate) enum Command {
    /// Replay a capture against a switch and print the decoded replies.
    Send(send::Args),
    /// Put load on a switch and report throughput and latency.
    Load(load::Args),
    /// Run a simulated acquirer.
    Acquirer(acquirer::Args),
    /// Show telegrams field by field, by their spec file; secrets masked.
    Dump(dump::Args),
    /// Compare two telegrams field by field, by their spec file; secrets masked.
    Diff(diff::Args),
    /// Write a telegram from a TOML of values, by its spec file.
    New(new::Args),
    /// Check spec files.
    Lint(lint::Args),
}

/// What the exit code says, below the options of the commands that look at telegrams and spec files.
const EXIT_CODES: &str = "\
Exit codes: 0 success, 1 it found fault, 2 bad usage, or a file cannot be read.";

/// Whether the work found fault.
pub(crate) enum Verdict {
    /// No.
    Well,
    /// Yes: findings, mismatches, errors.
    Fault,
}

/// Any error of any command, for `main` to print.
pub(crate) type Failure = Box<dyn Error>;

/// Where the layouts are.
#[derive(Debug, clap::Args)]
pub(crate) struct SpecFolder {
    /// Folder with the spec files; the shipped ones otherwise.
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
}

impl SpecFolder {
    fn layouts(&self) -> Layouts {
        self.spec.as_ref().map_or_else(Layouts::embedded, Layouts::in_folder)
    }
}

/// Does what the command says.
pub(crate) fn run(command: Command) -> Result<Verdict, Failure> {
    match command {
        Command::Send(args) => send::run(&args),
        Command::Load(args) => load::run(&args),
        Command::Acquirer(args) => acquirer::run(args),
        Command::Dump(args) => dump::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::New(args) => new::run(&args),
        Command::Lint(args) => lint::run(&args),
    }
}

/// Everything here runs on one thread: the tool must not take more of the machine than it measures.
fn on_one_thread<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().map_err(|error| format!("expected HOST:PORT ({error})"))?;
    found.into_iter().next().ok_or_else(|| "expected HOST:PORT, found a host without address".to_owned())
}
