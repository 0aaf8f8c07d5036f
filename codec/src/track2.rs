//! Track 2 of a card, as terminals and VANs write it: card number, `=` (or `D`), expiry, and what may follow.
//!
//! ```
//! let track = codec::track2::parse(b"4579730000000008=28122011234567890")?;
//! assert_eq!((track.card_no(), track.expiry()), ("4579730000000008", "2812"));
//! assert_eq!(track.service_code(), Some("201"));
//! assert_eq!(format!("{track:?}"), "Track2(***)"); // a secret, whole
//! # Ok::<(), codec::track2::Malformed>(())
//! ```

use std::fmt;

use nom::bytes::complete::take_while_m_n;
use nom::character::complete::one_of;
use nom::combinator::{all_consuming, opt};
use nom::{IResult, Parser as _};

/// A card's track, in place. It shows itself to who asks for a part of it, never when debugged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Track2<'a> {
    card_no: &'a str,
    expiry: &'a str,
    service_code: Option<&'a str>,
    discretionary: &'a str,
}

/// What [`parse`] gives: the name that `with = codec::track2` looks for.
pub type Parsed<'a> = Track2<'a>;

/// It is no track 2. What it is instead is not told: it may be a card number all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 12 to 19 digits, '=' and an expiry of 4 digits, then digits only")]
pub struct Malformed;

/// Reads a track. Blanks behind it are padding.
///
/// # Errors
/// It has another form.
pub fn parse(bytes: &[u8]) -> Result<Track2<'_>, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed)?.trim_end_matches(' ');
    all_consuming(track).parse(text).map(|(_, track)| track).map_err(|_| Malformed)
}

fn track(text: &str) -> IResult<&str, Track2<'_>> {
    let (rest, card_no) = digits(text, 12, 19)?;
    let (rest, _) = one_of("=D").parse(rest)?;
    let (rest, expiry) = digits(rest, 4, 4)?;
    let (rest, service_code) = opt(|rest| digits(rest, 3, 3)).parse(rest)?;
    let (rest, discretionary) = digits(rest, 0, 37)?;
    Ok((rest, Track2 { card_no, expiry, service_code, discretionary }))
}

fn digits(text: &str, least: usize, most: usize) -> IResult<&str, &str> {
    take_while_m_n(least, most, |c: char| c.is_ascii_digit()).parse(text)
}

impl<'a> Track2<'a> {
    /// Card number, 12 to 19 digits.
    pub fn card_no(&self) -> &'a str {
        self.card_no
    }

    /// Expiry `yyMM`.
    pub fn expiry(&self) -> &'a str {
        self.expiry
    }

    /// Service code, 3 digits, where the track has one.
    pub fn service_code(&self) -> Option<&'a str> {
        self.service_code
    }

    /// What the issuer wrote behind that; digits.
    pub fn discretionary(&self) -> &'a str {
        self.discretionary
    }
}

impl fmt::Debug for Track2<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Track2(***)")
    }
}
