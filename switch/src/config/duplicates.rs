//! The duplicate window (중복거래): what looks like the same purchase asked for twice.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// What looks like the same purchase again, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicates {
    /// For how long, in milliseconds.
    pub window_ms: u64,
    /// What is equal, besides the merchant; the card always is.
    pub fingerprint: BTreeSet<DuplicateField>,
}

/// What can be equal of two requests that look like the same purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DuplicateField {
    /// The card number, by its fingerprint.
    Card,
    /// 거래금액.
    Amount,
    /// 할부개월.
    Installment,
    /// 단말기번호.
    Terminal,
}

impl DuplicateField {
    /// Every field there is.
    pub const ALL: [Self; 4] = [Self::Card, Self::Amount, Self::Installment, Self::Terminal];

    /// The name used in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Amount => "amount",
            Self::Installment => "installment",
            Self::Terminal => "terminal",
        }
    }
}

impl fmt::Display for DuplicateField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A field of that name does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected card | amount | installment | terminal")]
pub struct UnknownField;

impl FromStr for DuplicateField {
    type Err = UnknownField;

    fn from_str(name: &str) -> Result<Self, UnknownField> {
        Self::ALL.into_iter().find(|field| field.name() == name).ok_or(UnknownField)
    }
}
