//! What holds of any bytes on a socket.

use bytes::{Bytes, BytesMut};
use codec::frame::{FrameError, FrameFormat, Framing, LengthPad};

/// Reads a stream of frames whole and in pieces.
///
/// The first byte chooses the format, the second the size of the pieces; the rest is the stream.
///
/// # Errors
/// What does not hold.
pub(super) fn check(input: &[u8]) -> Result<(), String> {
    let [format, piece, stream @ ..] = input else { return Ok(()) };
    let format = chosen(*format);
    let whole = read(format, stream, stream.len().max(1))?;
    let pieces = read(format, stream, 1 + usize::from(*piece % 64))?;
    if whole != pieces {
        return Err(format!("{format:?}: in pieces the stream reads otherwise"));
    }
    whole.iter().flatten().try_for_each(|telegram| again(format, telegram))
}

/// Every framing with either padding, the length inside or outside of the telegram.
pub(super) fn chosen(byte: u8) -> FrameFormat {
    let choice = usize::from(byte);
    FrameFormat {
        length_pad: if choice / 5 % 2 == 0 { LengthPad::Zero } else { LengthPad::Blank },
        length_in_telegram: choice / 10 % 2 == 1,
        ..FrameFormat::new(Framing::ALL[choice % 5], 8, 1000)
    }
}

/// All that is read until the stream ends or nothing that follows can be trusted.
fn read(format: FrameFormat, stream: &[u8], piece: usize) -> Result<Vec<Result<Bytes, FrameError>>, String> {
    let mut buffer = BytesMut::new();
    let mut results = Vec::new();
    for piece in stream.chunks(piece) {
        buffer.extend_from_slice(piece);
        loop {
            let before = buffer.len();
            match format.decode(&mut buffer) {
                Ok(None) => break,
                Ok(Some(telegram)) => {
                    if !(format.min..=format.max).contains(&telegram.len()) {
                        return Err(format!("{format:?}: a telegram of {} bytes", telegram.len()));
                    }
                    results.push(Ok(telegram));
                }
                Err(error) => {
                    let is_last = !error.is_recoverable();
                    results.push(Err(error));
                    if is_last {
                        return Ok(results);
                    }
                }
            }
            if buffer.len() >= before {
                return Err(format!("{format:?}: no byte was taken off, and reading goes on"));
            }
        }
        if buffer.len() >= format.max_frame() {
            return Err(format!("{format:?}: {} bytes are no frame yet", buffer.len()));
        }
    }
    Ok(results)
}

/// A telegram that was read is written to a frame that reads as that telegram.
fn again(format: FrameFormat, telegram: &[u8]) -> Result<(), String> {
    let mut frame = BytesMut::new();
    match format.encode(telegram, &mut frame) {
        Ok(()) => {}
        // Its own first field may be a length padded as we do not write it.
        Err(FrameError::LengthMismatch { .. }) if format.length_in_telegram => return Ok(()),
        Err(error) => return Err(format!("{format:?}: it cannot be written again: {error}")),
    }
    match format.decode(&mut frame) {
        Ok(Some(read)) if read == telegram && frame.is_empty() => Ok(()),
        other => Err(format!("{format:?}: written again it reads as {other:?}")),
    }
}
