//! `telegram-replay lint`

use std::io::Write as _;
use std::path::PathBuf;

use telegram_replay::lint::lint;

use super::{Failure, Verdict};

/// Options of `lint`.
#[derive(Debug, clap::Args)]
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
    for linted in lint(&args.files)? {
        let file = linted.file.display();
        match linted.outcome {
            Ok(sound) => {
                writeln!(out, "{file}: {} fields, {} bytes, no findings", sound.fields, sound.length)?;
                for (field, why) in sound.assumed.iter().filter(|_| args.assumed) {
                    writeln!(out, "{file}: field \"{field}\" is assumed: {why}")?;
                }
            }
            Err(findings) => {
                writeln!(out, "{findings}")?;
                verdict = Verdict::Fault;
            }
        }
    }
    Ok(verdict)
}
