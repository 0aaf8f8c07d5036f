//! `telegram-replay diff`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use telegram_replay::diff::{Diff, Listing};
use telegram_replay::layout::Layout;

use super::telegrams::Frames;
use super::{EXIT_CODES, Failure, Verdict};

/// Options of `diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// The spec file of both telegrams.
    #[arg(long, value_name = "FILE.toml")]
    spec: PathBuf,
    #[command(flatten)]
    frames: Frames,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Every field, not only those that differ or have a finding.
    #[arg(long)]
    all: bool,
    /// A file of one telegram, or - for standard input.
    a: PathBuf,
    /// Another one.
    b: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    if [&args.a, &args.b].iter().all(|path| path.as_path() == Path::new("-")) {
        return Err("expected one file at most to be -, found both".into());
    }
    let layout = Layout::read(&args.spec)?;
    let (a, b) = (args.frames.read_one(&args.a)?, args.frames.read_one(&args.b)?);
    let listing = if args.all { Listing::Every } else { Listing::Remarkable };
    let diff = Diff::of(&a, &b, &layout, listing);
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&diff)?)?;
    } else {
        write!(out, "{}", diff.table())?;
    }
    Ok(if diff.equal && !diff.has_findings() { Verdict::Well } else { Verdict::Fault })
}
