//! Amounts of money (금액) in won, and the components of a total.

use serde::{Deserialize, Serialize};

/// An amount in Korean won; there are no decimals. At most twelve digits, as every layout carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Won(u64);

impl Won {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The greatest amount a telegram can carry: twelve nines.
    pub const MAX: Self = Self(999_999_999_999);

    /// An amount, or [`AmountError::TooLarge`] above [`Won::MAX`].
    pub fn new(won: u64) -> Result<Self, AmountError> {
        if won > Self::MAX.0 { Err(AmountError::TooLarge) } else { Ok(Self(won)) }
    }

    /// The number of won.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for Won {
    type Error = AmountError;
    fn try_from(won: u64) -> Result<Self, AmountError> {
        Self::new(won)
    }
}

impl From<Won> for u64 {
    fn from(won: Won) -> Self {
        won.0
    }
}

/// A total and its components: total = supply + vat + service charge, tax free being a part of the supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Recorded")]
pub struct Amounts {
    total: Won,
    vat: Won,
    service_charge: Won,
    tax_free: Won,
}

impl Amounts {
    /// The amounts of an approval request (거래금액, 부가세, 봉사료, 면세금액); a blank is `None`, which is not zero:
    /// a blank vat is (total − service charge − tax free) / 11, rounded half up.
    pub fn of_approval(
        total: Won,
        vat: Option<Won>,
        service_charge: Option<Won>,
        tax_free: Option<Won>,
    ) -> Result<Self, AmountError> {
        if total == Won::ZERO {
            return Err(AmountError::Zero);
        }
        let service_charge = service_charge.unwrap_or(Won::ZERO);
        let tax_free = tax_free.unwrap_or(Won::ZERO);
        let taxed = total
            .0
            .checked_sub(service_charge.0)
            .and_then(|rest| rest.checked_sub(tax_free.0))
            .ok_or(AmountError::ComponentsExceedTotal)?;
        let vat = vat.unwrap_or(Won((taxed * 2 + 11) / 22));
        if vat.0 > taxed {
            return Err(AmountError::ComponentsExceedTotal);
        }
        Ok(Self { total, vat, service_charge, tax_free })
    }

    /// 거래금액: what the card holder pays.
    pub fn total(&self) -> Won {
        self.total
    }

    /// 부가세.
    pub fn vat(&self) -> Won {
        self.vat
    }

    /// 봉사료.
    pub fn service_charge(&self) -> Won {
        self.service_charge
    }

    /// 면세금액, a part of the supply.
    pub fn tax_free(&self) -> Won {
        self.tax_free
    }

    /// 공급가액: the total without vat and service charge.
    pub fn supply(&self) -> Won {
        Won(self.total.0 - self.vat.0 - self.service_charge.0)
    }
}

/// Amounts as a record tells them, which nothing has checked yet.
#[derive(Deserialize)]
struct Recorded {
    total: Won,
    vat: Won,
    service_charge: Won,
    tax_free: Won,
}

impl TryFrom<Recorded> for Amounts {
    type Error = AmountError;
    fn try_from(recorded: Recorded) -> Result<Self, AmountError> {
        let Recorded { total, vat, service_charge, tax_free } = recorded;
        Self::of_approval(total, Some(vat), Some(service_charge), Some(tax_free))
    }
}

/// Why amounts cannot be those of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// More than twelve digits.
    #[error("an amount has at most 12 digits")]
    TooLarge,
    /// A payment of nothing.
    #[error("the total is zero")]
    Zero,
    /// Vat, service charge and tax free together are more than the total.
    #[error("the components exceed the total")]
    ComponentsExceedTotal,
}
