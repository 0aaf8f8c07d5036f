//! The card of a payment: what may be kept of it, and the clear number that may not.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Why a text is not card data. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// A card number is 13 to 19 digits.
    #[error("a card number is 13 to 19 digits")]
    Number,
    /// An expiry is four digits, year then month (YYMM).
    #[error("an expiry is four digits YYMM with a month of 01 to 12")]
    Expiry,
    /// A BIN is 6 to 8 digits.
    #[error("a BIN is 6 to 8 digits")]
    Bin,
    /// A masked number is six digits, three to nine asterisks and four digits.
    #[error("a masked card number shows its first six and last four digits only")]
    Masked,
}

/// A clear card number (카드번호): 13 to 19 digits. It lives in memory between the terminal's telegram and the
/// acquirer's, is wiped when dropped, and has neither `Display` nor `Serialize`.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct CardNumber {
    digits: [u8; 19],
    length: u8,
}

impl CardNumber {
    /// Reads a card number.
    pub fn new(text: &str) -> Result<Self, CardError> {
        let bytes = text.as_bytes();
        if !(13..=19).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_digit) {
            return Err(CardError::Number);
        }
        let mut digits = [0; 19];
        digits[..bytes.len()].copy_from_slice(bytes);
        Ok(Self { digits, length: u8::try_from(bytes.len()).map_err(|_| CardError::Number)? })
    }

    /// The digits, in the clear. For the acquirer's telegram and the vault alone.
    pub fn expose(&self) -> &str {
        str::from_utf8(&self.digits[..usize::from(self.length)]).expect("checked to be digits when made")
    }

    /// The masked form: first six and last four digits.
    pub fn masked(&self) -> MaskedCard {
        let digits = self.expose();
        let hidden = digits.len() - 10;
        MaskedCard(format!("{}{}{}", &digits[..6], "*".repeat(hidden), &digits[digits.len() - 4..]))
    }

    /// The first eight digits; six of a number shorter than sixteen, which eight and the last four would all but tell.
    pub fn bin(&self) -> Bin {
        let shown = if self.length < 16 { 6 } else { 8 };
        Bin(self.expose()[..shown].to_owned())
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardNumber(***)")
    }
}

/// Expiry of a card (유효기간), YYMM. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Expiry([u8; 4]);

impl Expiry {
    /// Reads an expiry written YYMM.
    pub fn new(text: &str) -> Result<Self, CardError> {
        let digits: [u8; 4] = text.as_bytes().try_into().map_err(|_| CardError::Expiry)?;
        let month =
            (digits[2].wrapping_sub(b'0')).wrapping_mul(10).wrapping_add(digits[3].wrapping_sub(b'0'));
        if !digits.iter().all(u8::is_ascii_digit) || !(1..=12).contains(&month) {
            return Err(CardError::Expiry);
        }
        Ok(Self(digits))
    }

    /// YYMM, in the clear.
    pub fn expose(&self) -> &str {
        str::from_utf8(&self.0).expect("checked to be digits when made")
    }
}

impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Expiry(***)")
    }
}

/// Card number and expiry in the clear, for as long as it takes to write one telegram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClearCard {
    /// 카드번호.
    pub number: CardNumber,
    /// 유효기간.
    pub expiry: Expiry,
}

/// Card number and expiry as AES-256-GCM ciphertext, bound to its payment; opaque here. Kept beside the state, not
/// within it, so that it can be dropped once no telegram can need it any more.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedCard(Arc<[u8]>);

impl SealedCard {
    /// Wraps what the vault sealed.
    pub fn new(ciphertext: &[u8]) -> Self {
        Self(ciphertext.into())
    }

    /// The ciphertext.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SealedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedCard({} bytes)", self.0.len())
    }
}

/// Keyed fingerprint (HMAC-SHA256, cut to 16 bytes) of a card number: the same card gives the same fingerprint, and without the key
/// it tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(#[serde(with = "crate::hex")] pub [u8; 16]);

/// A card number as people may see it: first six and last four digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MaskedCard(String);

impl MaskedCard {
    /// Reads a masked number.
    pub fn new(text: &str) -> Result<Self, CardError> {
        let (first, rest) = text.split_at_checked(6).ok_or(CardError::Masked)?;
        let (hidden, last) = rest
            .len()
            .checked_sub(4)
            .and_then(|length| rest.split_at_checked(length))
            .ok_or(CardError::Masked)?;
        let shown = first.bytes().chain(last.bytes()).all(|byte| byte.is_ascii_digit());
        if !shown || !(3..=9).contains(&hidden.len()) || hidden.bytes().any(|byte| byte != b'*') {
            return Err(CardError::Masked);
        }
        Ok(Self(text.to_owned()))
    }

    /// The masked number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The leading digits of a card number that name its issuer: 6 to 8.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bin(String);

impl Bin {
    /// Reads a BIN.
    pub fn new(text: &str) -> Result<Self, CardError> {
        if !(6..=8).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CardError::Bin);
        }
        Ok(Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! card_text {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = CardError;
            fn try_from(text: String) -> Result<Self, CardError> {
                Self::new(&text)
            }
        }
        impl From<$name> for String {
            fn from(shown: $name) -> Self {
                shown.0
            }
        }
    )*};
}
card_text!(MaskedCard, Bin);

/// What is known and kept of a payment's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CardFacts {
    /// The terminal sent the card number.
    Number {
        /// Its leading digits.
        bin: Bin,
        /// First six and last four digits.
        masked: MaskedCard,
        /// Keyed fingerprint.
        fingerprint: Fingerprint,
    },
    /// The terminal sent a block only a VAN or card company can read.
    Opaque {
        /// The leading digits the terminal sent in the clear beside the block.
        bin: Bin,
    },
    /// The request never came, only the net-cancel that withdrew it.
    Unseen,
}

impl CardFacts {
    /// The leading digits, where any are known.
    pub fn bin(&self) -> Option<&Bin> {
        match self {
            Self::Number { bin, .. } | Self::Opaque { bin } => Some(bin),
            Self::Unseen => None,
        }
    }

    /// The keyed fingerprint of the number, where the terminal sent one.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::Number { fingerprint, .. } => Some(*fingerprint),
            Self::Opaque { .. } | Self::Unseen => None,
        }
    }

    /// The masked number; empty for an opaque block.
    pub fn masked(&self) -> &str {
        match self {
            Self::Number { masked, .. } => masked.as_str(),
            Self::Opaque { .. } | Self::Unseen => "",
        }
    }
}
