//! `telegram-replay new`

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use telegram_replay::layout::Layout;
use telegram_replay::{clock, values};

use super::telegrams::{Frames, read};
use super::{EXIT_CODES, Failure, Verdict};

/// How values are written, below the options.
const VALUES: &str = "\
VALUES.toml has a value per field:
  amount = 1000                   a number, with a minus sign where the field is signed
  trace_no = \"42\"                 digits, text, Korean or a code
  sent_at = 2026-07-01T09:08:07   a date, a time or both, or a text in the form of the field
  emv_data = { hex = \"9F 26\" }    bytes, or a text
  header = { trace_no = \"42\" }    a group; header.trace_no = \"42\" says the same
  [[items]]                       an occurrence of a repeated group; what counts them follows

A field left out holds its constant, blanks where blanks mean absent, zero in numbers and digits, the present in a
datetime, and blanks elsewhere.";

/// Options of `new`.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{VALUES}\n\n{EXIT_CODES}"))]
pub(crate) struct Args {
    /// The telegram's spec file.
    #[arg(long, value_name = "FILE.toml")]
    spec: PathBuf,
    #[command(flatten)]
    frames: Frames,
    /// The file of values, or - for standard input.
    #[arg(value_name = "VALUES.toml")]
    values: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    let layout = Layout::read(&args.spec)?;
    let name = args.values.display().to_string();
    let text = read(&args.values, values::MAX_FILE_BYTES as u64)?;
    let text = String::from_utf8(text).map_err(|_| format!("{name}: expected UTF-8"))?;
    let telegram = values::telegram(&layout, &name, &text, clock::kst_now())?;
    let written = args.frames.write(&telegram)?;
    let mut out = std::io::stdout().lock();
    if out.is_terminal() && !args.frames.is_text() {
        return Err("expected standard output to be a file or a pipe, found a terminal: say --hex".into());
    }
    out.write_all(&written)?;
    Ok(Verdict::Well)
}
