//! What can be wrong with a frame.

use thiserror::Error;

/// Why a frame cannot be taken off, or put on, a buffer. It never shows a telegram's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The length field is not a number; the peer speaks another framing, or bytes were lost.
    #[error("frame length is not a number: bytes {}", Hex(found))]
    BadLength {
        /// The four bytes of the length field.
        found: [u8; 4],
    },
    /// The telegram is shorter than any telegram here.
    #[error("telegram of {length} bytes, at least {min} are expected")]
    TooShort {
        /// Length in bytes, 0 if the length field does not even count itself.
        length: usize,
        /// The shortest allowed.
        min: usize,
    },
    /// The telegram is longer than any telegram here, or than its length field can count.
    #[error("telegram of {length} bytes, at most {max} are allowed")]
    TooLong {
        /// Length in bytes.
        length: usize,
        /// The longest allowed.
        max: usize,
    },
    /// The frame does not begin with STX.
    #[error("frame does not begin with STX")]
    NoStx,
    /// There is no ETX where the frame's length puts it. The frame was taken off.
    #[error("no ETX at the end of a frame of {consumed} bytes")]
    NoEtx {
        /// Bytes taken off the buffer.
        consumed: usize,
    },
    /// The check byte is wrong: the line garbled the frame. The frame was taken off; ask for it again.
    #[error("wrong LRC on a frame of {consumed} bytes")]
    BadLrc {
        /// Bytes taken off the buffer.
        consumed: usize,
    },
    /// The telegram to be sent does not begin with its own length, though this format says it does.
    #[error("telegram does not begin with its length, {expected}")]
    LengthMismatch {
        /// The number it must begin with.
        expected: usize,
    },
}

impl FrameError {
    /// The frame was taken off the buffer and the next one can be read, so the peer may be asked (NAK) to repeat.
    pub fn is_recoverable(&self) -> bool {
        match self {
            Self::NoEtx { .. } | Self::BadLrc { .. } => true,
            Self::BadLength { .. }
            | Self::TooShort { .. }
            | Self::TooLong { .. }
            | Self::NoStx
            | Self::LengthMismatch { .. } => false,
        }
    }
}

struct Hex<'a>(&'a [u8; 4]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d] = self.0;
        write!(formatter, "{a:02x} {b:02x} {c:02x} {d:02x}")
    }
}
