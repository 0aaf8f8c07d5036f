//! `telegram-replay lint`

use std::io::Write as _;
use std::path::PathBuf;

use telegram_replay::lint::{Remark, lint};

use super::{EXIT_CODES, Failure, Verdict};

/// Options of `lint`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// Also list what is only assumed, with the reason.
    #[arg(long)]
    assumed: bool,
    /// Spec files, or folders of them.
    #[arg(required = true, value_name = "FILE.toml")]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    let mut out = std::io::stdout().lock();
    let mut verdict = Verdict::Well;
    // A header that several layouts inline is told of once.
    let mut told = Vec::new();
    let mut unreadable = Vec::new();
    for linted in lint(&args.files)? {
        if let Some(finding) = linted.unreadable() {
            unreadable.push(finding.to_string());
            continue;
        }
        let file = linted.file.display();
        match linted.outcome {
            Ok(sound) => {
                writeln!(out, "{file}: {} fields, {} bytes, no findings", sound.fields, sound.length)?;
                for note in sound.notes {
                    let is_wanted = args.assumed || matches!(note.remark, Remark::Lenient(_));
                    if is_wanted && !told.contains(&note) {
                        writeln!(out, "{note}")?;
                        told.push(note);
                    }
                }
            }
            Err(findings) => {
                writeln!(out, "{findings}")?;
                verdict = Verdict::Fault;
            }
        }
    }
    if unreadable.is_empty() { Ok(verdict) } else { Err(unreadable.join("\n").into()) }
}
