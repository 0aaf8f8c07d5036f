//! EUC-KR text: lengths count bytes, and a character is never split.

use std::fmt;
use std::marker::PhantomData;

use encoding_rs::{DecoderResult, EUC_KR, EncoderResult};
use zeroize::Zeroize;

use crate::conform::{is_printable, trim_end};
use crate::error::Rule;
use crate::inline::{ValueError, realigned, wipe};
use crate::layout::{Align, Encoding, Field, Leniency};
use crate::truncated::Cut;
use crate::value::Value;
use crate::word;

/// Up to `N` bytes of EUC-KR, kept as bytes; Display decodes. Trailing blanks are padding and not part of it.
///
/// `C` is [`Ksx1001`], or [`Uhc`] where the layout says `charset = "uhc"`. A pair of bytes that the set leaves unassigned is
/// kept and displayed as U+FFFD.
///
/// ```
/// use codec::{Korean, Uhc};
/// let tofu = Korean::<6>::new("두부")?;
/// assert_eq!((tofu.as_bytes().len(), tofu.to_string().as_str()), (4, "두부"));
/// assert!(Korean::<6>::new("두부조림").is_err()); // never cut
/// assert!(Korean::<6>::new("똠").is_err() && Korean::<6, Uhc>::new("똠").is_ok());
/// # Ok::<(), codec::ValueError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Korean<const N: usize, C: Charset = Ksx1001> {
    bytes: [u8; N],
    charset: PhantomData<C>,
}

/// Which characters a [`Korean`] text has: [`Ksx1001`] or [`Uhc`].
pub trait Charset: Copy + Eq + std::hash::Hash + sealed::Sealed {
    /// The encoding as layouts say it.
    #[doc(hidden)]
    const ENCODING: Encoding;
}

/// KS X 1001, what terminals and printers of the trade have: both bytes of a character are from A1 to FE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ksx1001 {}

/// Code page 949 (UHC), the larger set that Windows calls EUC-KR: all 11,172 syllables. A second byte can be an ASCII letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Uhc {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Ksx1001 {}
    impl Sealed for super::Uhc {}
}

impl Charset for Ksx1001 {
    const ENCODING: Encoding = Encoding::Ksx1001;
}

impl Charset for Uhc {
    const ENCODING: Encoding = Encoding::Uhc;
}

impl<const N: usize, C: Charset> Korean<N, C> {
    /// Nothing: all blanks on the wire.
    pub const EMPTY: Self = Self::of([b' '; N]);

    const fn of(bytes: [u8; N]) -> Self {
        Self { bytes, charset: PhantomData }
    }

    /// Encodes a text whole.
    ///
    /// # Errors
    /// Longer than `N` bytes of EUC-KR, or with a character that the set does not have.
    pub fn new(text: &str) -> Result<Self, ValueError> {
        let mut bytes = [b' '; N];
        let mut len = 0;
        for character in text.trim_end_matches(' ').chars() {
            let (pair, width) = encode(character, C::ENCODING).ok_or(ValueError::NotEucKr)?;
            let slots = bytes.get_mut(len..len + width).ok_or(ValueError::TooLong { max: N })?;
            slots.copy_from_slice(&pair[..width]);
            len += width;
        }
        Ok(Self::of(bytes))
    }

    /// The encoded bytes, without padding.
    pub fn as_bytes(&self) -> &[u8] {
        trim_end(&self.bytes)
    }

    /// All blanks on the wire.
    pub fn is_empty(&self) -> bool {
        word::is_blank(&self.bytes)
    }
}

impl<const N: usize, C: Charset> Cut for Korean<N, C> {
    fn cut(text: &str) -> Self {
        let mut bytes = [b' '; N];
        let mut len = 0;
        for character in text.chars() {
            let (pair, width) = encode(character, C::ENCODING).unwrap_or(([b'?', 0], 1));
            let Some(slots) = bytes.get_mut(len..len + width) else { break };
            slots.copy_from_slice(&pair[..width]);
            len += width;
        }
        Self::of(bytes)
    }
}

impl<const N: usize, C: Charset> Default for Korean<N, C> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize, C: Charset> TryFrom<&str> for Korean<N, C> {
    type Error = ValueError;

    fn try_from(text: &str) -> Result<Self, ValueError> {
        Self::new(text)
    }
}

impl<const N: usize, C: Charset> fmt::Display for Korean<N, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decoded(f, self.as_bytes())
    }
}

impl<const N: usize, C: Charset> fmt::Debug for Korean<N, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        write_decoded(f, self.as_bytes())?;
        f.write_str("\"")
    }
}

impl<const N: usize, C: Charset> Zeroize for Korean<N, C> {
    #[inline]
    fn zeroize(&mut self) {
        wipe(&mut self.bytes);
    }
}

impl<const N: usize, C: Charset> Value for Korean<N, C> {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn read(bytes: &[u8], field: &Field) -> Self {
        match field.align {
            Align::Left if field.lenient == Leniency::default() => {
                Self::of(bytes.try_into().expect("a text is as long as its field"))
            }
            Align::Left | Align::Right => Self::of(realigned(bytes, field)),
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn fits(&self, field: &Field) -> Result<(), Rule> {
        // A blank before a text at the right would be read as padding.
        let is_lost = field.align == Align::Right && self.bytes.starts_with(b" ") && !self.is_empty();
        if is_lost { Err(Rule::Korean) } else { Ok(()) }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "the field is a constant only where this is inlined")]
    fn write(&self, out: &mut [u8], field: &Field) {
        match field.align {
            Align::Left => out.copy_from_slice(&self.bytes),
            Align::Right => {
                let content = self.as_bytes();
                out.fill(b' ');
                out[N - content.len()..].copy_from_slice(content);
            }
        }
    }

    #[inline]
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

/// Whether the bytes are printable ASCII and whole characters.
pub(crate) fn is_whole(bytes: &[u8], encoding: Encoding) -> bool {
    let mut rest = bytes.iter();
    while let Some(first) = rest.next() {
        let whole =
            is_printable(*first) || rest.next().is_some_and(|second| is_pair(*first, *second, encoding));
        if !whole {
            return false;
        }
    }
    true
}

/// The whole characters before half a one, where the last byte is that.
pub(crate) fn before_half(bytes: &[u8], encoding: Encoding) -> Option<&[u8]> {
    let (last, rest) = bytes.split_last()?;
    let leads = match encoding {
        Encoding::Ksx1001 => is_half(*last),
        Encoding::Uhc => matches!(last, 0x81..=0xfe),
    };
    (leads && is_whole(rest, encoding)).then_some(rest)
}

#[inline]
fn is_pair(first: u8, second: u8, encoding: Encoding) -> bool {
    match encoding {
        Encoding::Ksx1001 => is_half(first) && is_half(second),
        Encoding::Uhc => {
            matches!(first, 0x81..=0xfe) && matches!(second, 0x41..=0x5a | 0x61..=0x7a | 0x81..=0xfe)
        }
    }
}

#[inline]
fn is_half(byte: u8) -> bool {
    (0xa1..=0xfe).contains(&byte)
}

/// As [`is_whole`] for KS X 1001, of bytes from 20 to FE: no byte is from 7F to A0, and every run of halves is even.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
pub(crate) fn is_ksx1001(bytes: &[u8]) -> bool {
    let mut between = false;
    for byte in bytes {
        between |= byte.wrapping_sub(0x7f) < 0xa1 - 0x7f;
    }
    let mut odd_runs = 0;
    // One when the chunk before ended within a character.
    let mut open = 0;
    for chunk in bytes.chunks(CHUNK) {
        let all = halves(chunk);
        odd_runs |= open & !all;
        let halves = all & !open;
        // Adding one at a run's first place carries to the place behind its last.
        let starts = halves & !(halves << 1);
        let behind_even = (halves + (starts & EVEN)) & !halves;
        let behind_odd = (halves + (starts & !EVEN)) & !halves;
        let odd = (behind_even & !EVEN) | (behind_odd & EVEN);
        open = (odd >> chunk.len()) & 1;
        odd_runs |= odd ^ (open << chunk.len());
    }
    !between && (odd_runs | open) == 0
}

/// A mask has a place for each byte of a chunk, and one behind the last.
const CHUNK: usize = 56;

/// Which bytes of a chunk are halves, if they are not ASCII.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the length is a constant only where it is inlined")]
fn halves(chunk: &[u8]) -> u64 {
    let (words, rest) = chunk.as_chunks::<8>();
    let mut halves = 0;
    for (index, word) in words.iter().enumerate() {
        halves |= high_bits(u64::from_le_bytes(*word)) << (8 * index);
    }
    if rest.is_empty() {
        return halves;
    }
    halves | (high_bits(word::word(rest)) >> (8 - rest.len())) << (8 * words.len())
}

/// The even places of a mask.
const EVEN: u64 = 0x5555_5555_5555_5555;

/// The highest bit of each byte, side by side.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between two others")]
const fn high_bits(word: u64) -> u64 {
    (word & 0x8080_8080_8080_8080).wrapping_mul(0x0002_0408_1020_4081) >> 56
}

/// A character's bytes and how many they are, if the set has it.
fn encode(character: char, encoding: Encoding) -> Option<([u8; 2], usize)> {
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
    (result == EncoderResult::InputEmpty && is_whole(bytes, encoding)).then_some(([first, second], written))
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
