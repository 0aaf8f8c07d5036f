//! What of an amount a layout has no field for: an acquirer that would not be told of it is no route for the payment.

use payment::{Amounts, CancelOrder, Won};

use crate::CannotExpress;

/// A component of an amount that a layout has no field for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Component {
    /// 봉사료.
    #[error("a service charge")]
    ServiceCharge,
    /// 면세금액.
    #[error("a tax-free part")]
    TaxFree,
    /// 부가세 other than the acquirer reckons from the total by itself.
    #[error("a vat that is not the eleventh part of the total")]
    Vat,
}

/// Of a layout with fields for the total and the vat.
pub(crate) fn total_and_vat(amounts: &Amounts) -> Result<(), CannotExpress> {
    if amounts.service_charge() != Won::ZERO {
        return Err(CannotExpress::Component(Component::ServiceCharge));
    }
    if amounts.tax_free() != Won::ZERO {
        return Err(CannotExpress::Component(Component::TaxFree));
    }
    Ok(())
}

/// Of a layout with a field for the total alone: the acquirer reckons the vat.
pub(crate) fn total_alone(amounts: &Amounts) -> Result<(), CannotExpress> {
    total_and_vat(amounts)?;
    is_eleventh_part(amounts, 1)
}

/// Of a cancel in part by a layout with a field for the total alone. A vat that its terminal left blank is reckoned, and so is the
/// acquirer's. What is left of a payment after several cancels may be another won off for each of them, as each was rounded.
///
/// A payment with other components never came here; one that did, from an earlier version of the switch, can still be cancelled.
pub(crate) fn cancelled_total_alone(order: &CancelOrder) -> Result<(), CannotExpress> {
    if order.is_partial() && order.asked.amounts.vat.is_some() {
        return is_eleventh_part(&order.amounts, 1 + u64::from(order.cancel));
    }
    Ok(())
}

/// Whether the vat is the eleventh part of the total: a won of which a tenth is vat. Up or down for each rounding, since no acquirer says
/// how it rounds (assumed).
fn is_eleventh_part(amounts: &Amounts, roundings: u64) -> Result<(), CannotExpress> {
    // Twelve digits of won, eleven times: far below the end of 64 bits.
    let difference = (amounts.vat().get() * 11).abs_diff(amounts.total().get());
    if difference < 11 * roundings { Ok(()) } else { Err(CannotExpress::Component(Component::Vat)) }
}
