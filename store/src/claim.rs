//! Names that only one payment can hold at a time.

use jiff::Timestamp;
use payment::TelegramKey;

/// A name only one payment can hold at a time. The claims of one save are won together or not at all; they are refused in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The key of a terminal's telegram.
    Telegram {
        /// The key.
        key: TelegramKey,
        /// Until when it is held.
        until: Timestamp,
    },
    /// The duplicate window (중복거래) of what looks like the same purchase.
    Duplicate {
        /// What looks the same.
        key: DuplicateKey,
        /// Until when it is held.
        until: Timestamp,
    },
}

/// Keyed digest of what makes two payments look like the same purchase, the merchant included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DuplicateKey(pub [u8; 16]);
