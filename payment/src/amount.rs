//! Amounts of money (금액) in won, and the components of a total.

use serde::{Deserialize, Serialize};

use crate::CancelAmounts;

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

    /// A total of which nothing more is known.
    pub(crate) fn unseen(total: Won) -> Self {
        Self { total, vat: Won::ZERO, service_charge: Won::ZERO, tax_free: Won::ZERO }
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

/// What is left of an approval after its cancels (취소가능금액), component by component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    total: Won,
    vat: Won,
    service_charge: Won,
    tax_free: Won,
}

impl Left {
    /// What is left of `approved` after `cancels`.
    pub fn after<'a>(approved: &Amounts, cancels: impl Iterator<Item = &'a Amounts>) -> Self {
        let Amounts { total, vat, service_charge, tax_free } = *approved;
        let minus = |left: Won, taken: Won| Won(left.0.saturating_sub(taken.0));
        cancels.fold(Self { total, vat, service_charge, tax_free }, |left, taken| Self {
            total: minus(left.total, taken.total),
            vat: minus(left.vat, taken.vat),
            service_charge: minus(left.service_charge, taken.service_charge),
            tax_free: minus(left.tax_free, taken.tax_free),
        })
    }

    /// What can still be cancelled.
    pub fn total(&self) -> Won {
        self.total
    }

    /// The components of a cancel. A blank vat is (total − service charge − tax free) / 11, rounded half up, and not more than the vat
    /// left; other blanks are zero. Cancelling the whole rest takes all that is left of each component.
    ///
    /// # Errors
    /// [`AmountError`] when more is asked than is left, of the total or of a component, or the components left would be more than the
    /// total left.
    pub fn take(&self, asked: &CancelAmounts) -> Result<Amounts, AmountError> {
        let CancelAmounts { total, vat, service_charge, tax_free } = *asked;
        if total > self.total {
            return Err(AmountError::ExceedsRest);
        }
        let is_whole_rest = total == self.total;
        let rest = |left: Won| if is_whole_rest { left } else { Won::ZERO };
        let service_charge = service_charge.unwrap_or(rest(self.service_charge));
        let tax_free = tax_free.unwrap_or(rest(self.tax_free));
        let given_vat = vat.or_else(|| is_whole_rest.then_some(self.vat));
        let taken = Amounts::of_approval(total, given_vat, Some(service_charge), Some(tax_free))?;
        let vat = if vat.is_none() { taken.vat.min(self.vat) } else { taken.vat };
        let left =
            |left: Won, taken: Won| left.0.checked_sub(taken.0).ok_or(AmountError::ComponentsExceedRest);
        let components = left(self.vat, vat)?
            + left(self.service_charge, service_charge)?
            + left(self.tax_free, tax_free)?;
        if components > self.total.0 - total.0 {
            return Err(AmountError::ComponentsExceedRest);
        }
        Ok(Amounts { vat, ..taken })
    }
}

/// Amounts as a record tells them, which nothing has checked yet.
#[derive(Clone, Copy, Deserialize)]
struct Recorded {
    total: Won,
    vat: Won,
    service_charge: Won,
    tax_free: Won,
}

/// Amounts of a record, a total of nothing among them: a terminal may withdraw a request of zero won that never came.
pub(crate) fn of_record<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Amounts, D::Error> {
    let recorded = Recorded::deserialize(deserializer)?;
    let Recorded { total, vat, service_charge, tax_free } = recorded;
    if [total, vat, service_charge, tax_free] == [Won::ZERO; 4] {
        return Ok(Amounts::unseen(Won::ZERO));
    }
    Amounts::try_from(recorded).map_err(serde::de::Error::custom)
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
    /// More is to be cancelled than is left.
    #[error("the amount exceeds what is left")]
    ExceedsRest,
    /// More of a component is to be cancelled than is left of it, or less than the total left can hold.
    #[error("the components exceed what is left")]
    ComponentsExceedRest,
}
