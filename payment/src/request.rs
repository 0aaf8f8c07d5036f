//! What the terminal asked for: the part of a payment that never changes.

use jiff::{SignedDuration, Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};

use crate::{Amounts, CardFacts, MerchantNo, NetCancelRequest, TelegramKey};

/// Keyed digest over the whole telegram of the terminal: equal digests mean the same telegram, `sent_at` included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContentDigest(#[serde(with = "crate::hex")] pub [u8; 16]);

/// How the card was read (입력구분).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryMode {
    /// I: IC chip.
    Chip,
    /// S: magnetic stripe.
    Swipe,
    /// K: keyed in.
    KeyIn,
    /// F: magnetic stripe after the chip failed.
    Fallback,
    /// N: contactless.
    Contactless,
    /// Q: code on a screen.
    QrCode,
    /// The request never came, only the net-cancel that withdrew it.
    Unseen,
}

impl EntryMode {
    /// The mode of its one-character code.
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "I" => Self::Chip,
            "S" => Self::Swipe,
            "K" => Self::KeyIn,
            "F" => Self::Fallback,
            "N" => Self::Contactless,
            "Q" => Self::QrCode,
            _ => return None,
        })
    }
}

/// An approval request of a terminal (0100), without its card number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What makes it the same telegram.
    pub key: TelegramKey,
    /// The terminal's clock, KST.
    pub sent_at: DateTime,
    /// Digest of the whole telegram.
    pub digest: ContentDigest,
    /// When the switch had read it, by the clock that deadlines are counted on: no step of the wall clock moves it.
    pub received_at: Timestamp,
    /// By how much the wall clock was ahead of that one then, in milliseconds; negative where it was behind, 0 as long as the two agree.
    #[serde(skip_serializing_if = "agree", default)]
    pub wall_ahead_ms: i64,
    /// 사업자등록번호.
    pub merchant: MerchantNo,
    /// 입력구분.
    pub entry_mode: EntryMode,
    /// What is kept of the card.
    pub card: CardFacts,
    /// 할부개월, 0 to 99; 0 is paid at once.
    pub installment: u8,
    /// ISO 4217 number of the currency; 410 is won.
    pub currency: u16,
    /// 거래금액 and its components.
    #[serde(deserialize_with = "crate::amount::of_record")]
    pub amounts: Amounts,
    /// 40 bytes of the merchant's own, given back unchanged.
    #[serde(with = "crate::hex")]
    pub merchant_data: Vec<u8>,
}

impl Request {
    /// The request a terminal withdraws that never came: what the net-cancel says of it.
    pub(crate) fn unseen(withdrawn: &NetCancelRequest) -> Self {
        let reference = &withdrawn.reference;
        Self {
            key: reference.original,
            sent_at: reference.sent_at,
            digest: withdrawn.digest,
            received_at: reference.received_at,
            wall_ahead_ms: 0,
            merchant: reference.merchant,
            entry_mode: EntryMode::Unseen,
            card: CardFacts::Unseen,
            installment: 0,
            currency: 410,
            amounts: Amounts::unseen(withdrawn.total),
            merchant_data: Vec::new(),
        }
    }

    /// When the switch had read it, by the wall clock: the day by which an acquirer is told of it.
    pub fn read_at(&self) -> Timestamp {
        self.by_the_wall(self.received_at)
    }

    /// An instant of the payment by the wall clock, as far apart from the switch's as it was when the request was read.
    pub(crate) fn by_the_wall(&self, instant: Timestamp) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.wall_ahead_ms);
        let end = if self.wall_ahead_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
        instant.checked_add(ahead).unwrap_or(end)
    }

    /// Whether it never came.
    pub fn is_unseen(&self) -> bool {
        self.entry_mode == EntryMode::Unseen
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn agree(wall_ahead_ms: &i64) -> bool {
    *wall_ahead_ms == 0
}
