//! `telegram-replay dump`

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use codec::frame::{FrameFormat, Framing, LengthPad};
use telegram_replay::dump::{Dumped, frames};
use telegram_replay::layout::Layout;

use super::{Failure, Verdict};

/// Options of `dump`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The telegram's spec file.
    #[arg(long, value_name = "FILE.toml")]
    spec: PathBuf,
    /// FILE is one telegram without frame.
    #[arg(long, conflicts_with_all = ["framing", "length_in_telegram"])]
    raw: bool,
    /// The frame around each telegram: ascii4, ascii4-inclusive, binary2, binary2-inclusive or stx-lrc.
    #[arg(long, value_name = "NAME", default_value = "ascii4")]
    framing: Framing,
    /// The length is the telegram's own first field.
    #[arg(long)]
    length_in_telegram: bool,
    /// One JSON object per telegram.
    #[arg(long)]
    json: bool,
    /// The file, or - for standard input.
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    let layout = Layout::read(&args.spec)?;
    let file = read(&args.file)?;
    let format = FrameFormat {
        // Accepts zeros as well: a dump shows what there is.
        length_pad: LengthPad::Blank,
        length_in_telegram: args.length_in_telegram,
        ..FrameFormat::new(args.framing, 1, 65_535)
    };
    let mut out = std::io::stdout().lock();
    let mut verdict = Verdict::Well;
    let mut show = |telegram: &[u8]| -> std::io::Result<()> {
        let dumped = Dumped::of(&layout.decode(telegram), telegram.len());
        if dumped.has_findings() {
            verdict = Verdict::Fault;
        }
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&dumped)?)
        } else {
            writeln!(out, "{}", dumped.table())
        }
    };
    if args.raw {
        show(&file)?;
        return Ok(verdict);
    }
    let frames = frames(&file, format);
    for (_, telegram) in &frames.telegrams {
        show(telegram)?;
    }
    if let Some(broken) = frames.broken {
        tracing::error!(error = %broken, file = %args.file.display(), "not every byte is a telegram");
        verdict = Verdict::Fault;
    }
    Ok(verdict)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}
