//! Frames: where one telegram on a socket ends and the next begins.
//!
//! A [`FrameFormat`] takes whole telegrams off a receive buffer and puts them on a send buffer. It
//! judges a length before any buffer grows, and never shows more of what it read than the length.
//!
//! ```
//! use bytes::BytesMut;
//! use codec::frame::{FrameFormat, Framing};
//!
//! let format = FrameFormat::new(Framing::Ascii4, 2, 1000);
//! let mut socket = BytesMut::from(&b"0005hello00"[..]);
//! assert_eq!(format.decode(&mut socket), Ok(Some("hello".into())));
//! assert_eq!(format.decode(&mut socket), Ok(None)); // the next one is not whole yet
//!
//! let mut out = BytesMut::new();
//! format.encode(b"hi", &mut out)?;
//! assert_eq!(&out[..], b"0002hi");
//! # Ok::<(), codec::frame::FrameError>(())
//! ```

mod error;
mod framing;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

pub use error::FrameError;
pub use framing::{Framing, LengthPad, UnknownFraming};

/// First byte of a frame with an LRC.
const STX: u8 = 0x02;
/// Last byte before the LRC.
const ETX: u8 = 0x03;
/// ETX and LRC.
const TRAILER: usize = 2;

/// How telegrams are framed on one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameFormat {
    /// What stands around a telegram.
    pub framing: Framing,
    /// What fills the unused places of a length in digits. No meaning for binary lengths.
    pub length_pad: LengthPad,
    /// The length is the telegram's own first field, not an addition of the frame: it is handed out with the
    /// telegram, and expected in one that is sent. It still excludes itself unless the framing is inclusive.
    pub length_in_telegram: bool,
    /// The shortest telegram, in bytes as it is handed out.
    pub min: usize,
    /// The longest telegram, in bytes as it is handed out.
    pub max: usize,
}

impl FrameFormat {
    /// Telegrams of `min` to `max` bytes, the length zero-padded and outside the telegram.
    pub const fn new(framing: Framing, min: usize, max: usize) -> Self {
        Self { framing, length_pad: LengthPad::Zero, length_in_telegram: false, min, max }
    }

    /// The bytes of the longest frame: what a receive buffer must be able to hold.
    pub const fn max_frame(&self) -> usize {
        let around = self.start() + if self.length_in_telegram { 0 } else { self.width() } + self.trailer();
        self.max.saturating_add(around)
    }

    /// Takes the next whole telegram off `buffer`, or `None` when more bytes are needed.
    ///
    /// # Errors
    /// The frame is broken. After an error that [`FrameError::is_recoverable`], the frame was taken off
    /// and the next one can be read; after any other, nothing that follows can be trusted.
    pub fn decode(&self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        let Some(telegram) = self.telegram_len(buffer)? else { return Ok(None) };
        let head = self.start() + if self.length_in_telegram { 0 } else { self.width() };
        let frame_len = head + telegram + self.trailer();
        if buffer.len() < frame_len {
            buffer.reserve(frame_len - buffer.len());
            return Ok(None);
        }
        let mut frame = buffer.split_to(frame_len).freeze();
        if self.framing == Framing::StxLrc {
            check_trailer(&frame)?;
        }
        frame.advance(head);
        frame.truncate(telegram);
        Ok(Some(frame))
    }

    /// Appends `telegram` with its frame to `out`; nothing is appended on an error.
    ///
    /// # Errors
    /// The telegram is shorter or longer than the format allows, longer than its length field can count,
    /// or begins with a length that is not its own.
    pub fn encode(&self, telegram: &[u8], out: &mut BytesMut) -> Result<(), FrameError> {
        self.check_bounds(telegram.len())?;
        let counted = self.counted(telegram.len());
        let mut digits = [0; 4];
        let length = self.write_length(counted, &mut digits)?;
        if self.length_in_telegram && telegram.get(..length.len()) != Some(length) {
            return Err(FrameError::LengthMismatch { expected: counted });
        }
        let before = out.len();
        out.reserve(telegram.len() + self.start() + length.len() + self.trailer());
        if self.framing == Framing::StxLrc {
            out.put_u8(STX);
        }
        if !self.length_in_telegram {
            out.put_slice(length);
        }
        out.put_slice(telegram);
        if self.framing == Framing::StxLrc {
            out.put_u8(ETX);
            let lrc = lrc(&out[before + 1..]);
            out.put_u8(lrc);
        }
        Ok(())
    }

    /// The length of the telegram that `buffer` begins with, once its length field is there.
    fn telegram_len(&self, buffer: &[u8]) -> Result<Option<usize>, FrameError> {
        let mut rest = buffer;
        if self.framing == Framing::StxLrc {
            match buffer.split_first() {
                None => return Ok(None),
                Some((&STX, after)) => rest = after,
                Some(_) => return Err(FrameError::NoStx),
            }
        }
        let Some(field) = rest.get(..self.width()) else { return Ok(None) };
        let counted = match field {
            [high, low] => usize::from(u16::from_be_bytes([*high, *low])),
            [a, b, c, d] => self.parse_digits([*a, *b, *c, *d])?,
            _ => unreachable!("a length field has 2 or 4 bytes"),
        };
        let beside = if self.framing.is_inclusive() { self.width() } else { 0 };
        let inside = if self.length_in_telegram { self.width() } else { 0 };
        let Some(telegram) = (counted + inside).checked_sub(beside) else {
            return Err(FrameError::TooShort { length: 0, min: self.min.max(1) });
        };
        self.check_bounds(telegram)?;
        Ok(Some(telegram))
    }

    fn parse_digits(&self, field: [u8; 4]) -> Result<usize, FrameError> {
        let blanks = match self.length_pad {
            LengthPad::Zero => 0,
            LengthPad::Blank => field.iter().take_while(|byte| **byte == b' ').count(),
        };
        let digits = &field[blanks..];
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(FrameError::BadLength { found: field });
        }
        Ok(digits.iter().fold(0, |number, digit| number * 10 + usize::from(digit - b'0')))
    }

    /// What the length field says for a telegram of that many bytes.
    fn counted(&self, telegram: usize) -> usize {
        let inside = if self.length_in_telegram { self.width() } else { 0 };
        let beside = if self.framing.is_inclusive() { self.width() } else { 0 };
        (telegram + beside).saturating_sub(inside)
    }

    fn write_length<'a>(&self, counted: usize, field: &'a mut [u8; 4]) -> Result<&'a [u8], FrameError> {
        let most = if self.framing.is_binary() { 65_535 } else { 9_999 };
        if counted > most {
            return Err(FrameError::TooLong { length: counted, max: most });
        }
        if self.framing.is_binary() {
            let [.., high, low] = counted.to_be_bytes();
            field[..2].copy_from_slice(&[high, low]);
            return Ok(&field[..2]);
        }
        let pad = match self.length_pad {
            LengthPad::Zero => b'0',
            LengthPad::Blank => b' ',
        };
        let mut rest = counted;
        for (index, slot) in field.iter_mut().rev().enumerate() {
            let digit = u8::try_from(rest % 10).expect("a remainder of ten is one digit");
            *slot = if rest == 0 && index > 0 { pad } else { b'0' + digit };
            rest /= 10;
        }
        Ok(field)
    }

    fn check_bounds(&self, telegram: usize) -> Result<(), FrameError> {
        // An empty telegram is never one, and would let a peer make us spin on four bytes.
        if telegram < self.min.max(1) {
            return Err(FrameError::TooShort { length: telegram, min: self.min.max(1) });
        }
        if telegram > self.max {
            return Err(FrameError::TooLong { length: telegram, max: self.max });
        }
        Ok(())
    }

    /// Bytes of the length field.
    const fn width(&self) -> usize {
        if self.framing.is_binary() { 2 } else { 4 }
    }

    /// Bytes before the length field.
    const fn start(&self) -> usize {
        if matches!(self.framing, Framing::StxLrc) { 1 } else { 0 }
    }

    /// Bytes after the telegram.
    const fn trailer(&self) -> usize {
        if matches!(self.framing, Framing::StxLrc) { TRAILER } else { 0 }
    }
}

/// The frame ends in ETX and the XOR of everything after STX through ETX.
fn check_trailer(frame: &[u8]) -> Result<(), FrameError> {
    let consumed = frame.len();
    match frame {
        [_stx, body @ .., last] if body.last() == Some(&ETX) => {
            if lrc(body) == *last {
                Ok(())
            } else {
                Err(FrameError::BadLrc { consumed })
            }
        }
        _ => Err(FrameError::NoEtx { consumed }),
    }
}

fn lrc(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}
