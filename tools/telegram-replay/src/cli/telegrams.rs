//! Telegrams in files: how they are framed, on the command line of every command that reads or writes some.

use std::io::Read;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use codec::frame::{FrameError, FrameFormat, Framing, LengthPad};
use telegram_replay::dump::{Broken, frames};
use telegram_replay::hex;

use super::Failure;

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// How telegrams are told apart.
#[derive(Debug, clap::Args)]
pub(super) struct Frames {
    /// One telegram without frame.
    #[arg(long, conflicts_with_all = ["framing", "length_in_telegram"])]
    raw: bool,
    /// The frame around each telegram: ascii4, ascii4-inclusive, binary2, binary2-inclusive or stx-lrc.
    #[arg(long, value_name = "NAME", default_value = "ascii4")]
    framing: Framing,
    /// The length is the telegram's own first field.
    #[arg(long)]
    length_in_telegram: bool,
    /// Bytes are hexadecimal text; blanks and line ends in it mean nothing.
    #[arg(long)]
    hex: bool,
}

impl Frames {
    /// The telegrams of a file, and what came after the last whole one.
    pub(super) fn read(&self, path: &Path) -> Result<(Vec<Bytes>, Option<Broken>), Failure> {
        let mut file = read(path, MAX_FILE_BYTES)?;
        if self.hex {
            file = hex::bytes(&file).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        if self.raw {
            return Ok((vec![Bytes::from(file)], None));
        }
        // Accepts zeros as well: what is read may be anything.
        let frames = frames(&file, self.format(LengthPad::Blank));
        Ok((frames.telegrams.into_iter().map(|(_, telegram)| telegram).collect(), frames.broken))
    }

    /// The only telegram of a file.
    pub(super) fn read_one(&self, path: &Path) -> Result<Bytes, Failure> {
        let (telegrams, broken) = self.read(path)?;
        let file = path.display();
        match (telegrams.as_slice(), broken) {
            ([], Some(broken)) => {
                let hint = "one without frame is read with --raw";
                Err(format!("{file}: expected one telegram, found {broken}; {hint}").into())
            }
            (_, Some(broken)) => Err(format!("{file}: expected one telegram, found {broken}").into()),
            ([telegram], None) => Ok(telegram.clone()),
            (telegrams, None) => {
                Err(format!("{file}: expected one telegram, found {}", telegrams.len()).into())
            }
        }
    }

    /// A telegram as it is written to standard output.
    pub(super) fn write(&self, telegram: &[u8]) -> Result<Bytes, FrameError> {
        let frame = if self.raw { Bytes::copy_from_slice(telegram) } else { self.framed(telegram)? };
        Ok(if self.hex { Bytes::from(hex::text(&frame)) } else { frame })
    }

    /// Whether what is written can be shown on a terminal.
    pub(super) fn is_text(&self) -> bool {
        self.hex
    }

    fn framed(&self, telegram: &[u8]) -> Result<Bytes, FrameError> {
        let mut out = BytesMut::new();
        let written = match self.format(LengthPad::Zero).encode(telegram, &mut out) {
            // The telegram's own length may be padded with blanks.
            Err(FrameError::LengthMismatch { .. }) => {
                self.format(LengthPad::Blank).encode(telegram, &mut out)
            }
            written => written,
        };
        written?;
        Ok(out.freeze())
    }

    fn format(&self, length_pad: LengthPad) -> FrameFormat {
        FrameFormat {
            length_pad,
            length_in_telegram: self.length_in_telegram,
            ..FrameFormat::new(self.framing, 1, specs::MAX_LENGTH)
        }
    }
}

/// The content of a file of at most that many bytes; `-` is standard input.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let unreadable = |error| format!("cannot read {}: {error}", path.display());
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() as u64 > most {
        return Err(
            format!("cannot read {}: expected at most {most} bytes, found more", path.display()).into()
        );
    }
    Ok(bytes)
}
