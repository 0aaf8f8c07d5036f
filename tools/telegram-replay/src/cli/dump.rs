//! `telegram-replay dump`

use std::io::Write as _;
use std::path::PathBuf;

use telegram_replay::dump::Dumped;
use telegram_replay::layout::Layout;

use super::telegrams::Frames;
use super::{EXIT_CODES, Failure, Verdict};

/// Options of `dump`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// The telegram's spec file.
    #[arg(long, value_name = "FILE.toml")]
    spec: PathBuf,
    #[command(flatten)]
    frames: Frames,
    /// One JSON object per telegram.
    #[arg(long)]
    json: bool,
    /// The file, or - for standard input.
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    let layout = Layout::read(&args.spec)?;
    let (telegrams, broken) = args.frames.read(&args.file)?;
    let mut out = std::io::stdout().lock();
    let mut verdict = Verdict::Well;
    for telegram in &telegrams {
        let dumped = Dumped::of(&layout.decode(telegram), telegram.len());
        if dumped.has_findings() {
            verdict = Verdict::Fault;
        }
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&dumped)?)?;
        } else {
            writeln!(out, "{}", dumped.table())?;
        }
    }
    if let Some(broken) = broken {
        let hint = if telegrams.is_empty() { "; one telegram without frame is read with --raw" } else { "" };
        let file = args.file.display();
        writeln!(std::io::stderr(), "telegram-replay: {file}: expected frames only, found {broken}{hint}")?;
        verdict = Verdict::Fault;
    }
    Ok(verdict)
}
