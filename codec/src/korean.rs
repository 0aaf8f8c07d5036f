//! EUC-KR text: lengths count bytes, and a character is never split.

use std::fmt;

use encoding_rs::{DecoderResult, EUC_KR, EncoderResult};
use zeroize::Zeroize;

use crate::conform::{content, is_printable, trim_end};
use crate::error::Rule;
use crate::inline::{ValueError, padded};
use crate::layout::{Align, Field};
use crate::value::Value;

/// Up to `N` bytes of EUC-KR (KS X 1001), kept as bytes; Display decodes. Trailing blanks are padding and not part
/// of it.
///
/// A pair of bytes that KS X 1001 leaves unassigned is kept and displayed as U+FFFD. The larger set that Windows calls
/// by the same name (code page 949) is refused: its second bytes can be ASCII letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Korean<const N: usize>([u8; N]);

impl<const N: usize> Korean<N> {
    /// Nothing: all blanks on the wire.
    pub const EMPTY: Self = Self([b' '; N]);

    /// Encodes a text whole.
    ///
    /// # Errors
    /// Longer than `N` bytes of EUC-KR, or with a character that EUC-KR does not have.
    pub fn new(text: &str) -> Result<Self, ValueError> {
        let mut array = [b' '; N];
        let mut len = 0;
        for character in text.trim_end_matches(' ').chars() {
            let (pair, width) = encode(character).ok_or(ValueError::NotEucKr)?;
            let slots = array.get_mut(len..len + width).ok_or(ValueError::TooLong { max: N })?;
            slots.copy_from_slice(&pair[..width]);
            len += width;
        }
        Ok(Self(array))
    }

    /// Encodes as much of a text as fits, never part of a character. A character that EUC-KR does not have becomes
    /// `?`: for messages and names, which must be shown somehow.
    pub fn cut(text: &str) -> Self {
        let mut array = [b' '; N];
        let mut len = 0;
        for character in text.chars() {
            let (pair, width) = encode(character).unwrap_or(([b'?', 0], 1));
            let Some(slots) = array.get_mut(len..len + width) else { break };
            slots.copy_from_slice(&pair[..width]);
            len += width;
        }
        Self(array)
    }

    /// The encoded bytes, without padding.
    pub fn as_bytes(&self) -> &[u8] {
        trim_end(&self.0)
    }

    /// All blanks on the wire.
    pub fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }
}

impl<const N: usize> Default for Korean<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> TryFrom<&str> for Korean<N> {
    type Error = ValueError;

    fn try_from(text: &str) -> Result<Self, ValueError> {
        Self::new(text)
    }
}

impl<const N: usize> fmt::Display for Korean<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decoded(f, self.as_bytes())
    }
}

impl<const N: usize> fmt::Debug for Korean<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        write_decoded(f, self.as_bytes())?;
        f.write_str("\"")
    }
}

impl<const N: usize> Zeroize for Korean<N> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> Value for Korean<N> {
    #[inline]
    fn read(bytes: &[u8], field: &Field) -> Self {
        match field.align {
            Align::Left => Self(bytes.try_into().expect("a text is as long as its field")),
            Align::Right => Self(padded(content(bytes, field)).expect("a content is within its field")),
        }
    }

    #[inline]
    fn fits(&self, _field: &Field) -> Result<(), Rule> {
        Ok(())
    }

    #[inline]
    fn write(&self, out: &mut [u8], field: &Field) {
        let content = self.as_bytes();
        out.fill(b' ');
        let start = match field.align {
            Align::Left => 0,
            Align::Right => N - content.len(),
        };
        out[start..start + content.len()].copy_from_slice(content);
    }

    #[inline]
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

/// Printable ASCII and whole pairs of bytes from A1 to FE.
#[inline]
pub(crate) fn is_euc_kr(bytes: &[u8]) -> bool {
    let mut rest = bytes.iter();
    while let Some(first) = rest.next() {
        let whole =
            is_printable(*first) || (is_half(*first) && rest.next().is_some_and(|second| is_half(*second)));
        if !whole {
            return false;
        }
    }
    true
}

#[inline]
fn is_half(byte: u8) -> bool {
    (0xa1..=0xfe).contains(&byte)
}

/// A character's bytes and how many they are, if EUC-KR has it.
fn encode(character: char) -> Option<([u8; 2], usize)> {
    let mut utf8 = [0; 4];
    // The encoder asks for room beyond the two bytes a character can take.
    let mut room = [0; 8];
    let (result, _, written) = EUC_KR.new_encoder().encode_from_utf8_without_replacement(
        character.encode_utf8(&mut utf8),
        &mut room,
        true,
    );
    let bytes = &room[..written];
    let [first, second, ..] = room;
    (result == EncoderResult::InputEmpty && is_euc_kr(bytes)).then_some(([first, second], written))
}

fn write_decoded(f: &mut fmt::Formatter<'_>, mut bytes: &[u8]) -> fmt::Result {
    let mut decoder = EUC_KR.new_decoder_without_bom_handling();
    let mut room = [0; 96];
    loop {
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(bytes, &mut room, true);
        f.write_str(std::str::from_utf8(&room[..written]).expect("the decoder writes UTF-8"))?;
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => return Ok(()),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(_, _) => {
                f.write_str("\u{fffd}")?;
                // The decoder is spent once it was told that this was the last input.
                decoder = EUC_KR.new_decoder_without_bom_handling();
            }
        }
    }
}
