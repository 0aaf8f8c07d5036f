//! Which components of an amount each language can tell: an acquirer that would not be told of one is no route.

use dialects::{CannotExpress, Component};
use payment::{AmountError, Amounts, CancelAmounts, CancelOrder, Left, Won};
use proptest::{prelude::*, sample::select};

use crate::order::{
    amounts, cancel_order, card, dialect, net_cancel_order, next_day, now, request, request_order, route,
};

const ALL: [&str; 4] = ["kovan", "kspay", "kicc", "card450"];
/// Whose layouts have a field for the total alone.
const TOTAL_ALONE: [&str; 2] = ["kovan", "kspay"];

fn won(won: u64) -> Won {
    Won::new(won).unwrap()
}

fn parts(total: u64, vat: Option<u64>, service_charge: u64, tax_free: u64) -> Amounts {
    Amounts::of_approval(won(total), vat.map(won), Some(won(service_charge)), Some(won(tax_free))).unwrap()
}

#[test]
fn a_component_without_a_field_is_no_route_and_is_never_written() {
    use Component::{ServiceCharge, TaxFree, Vat};
    // kovan and kspay, card450; kicc has a field for everything.
    let table = [
        (parts(55_000, None, 0, 0), None, None),
        (parts(55_000, Some(5_000), 0, 0), None, None),
        (parts(55_000, Some(0), 0, 0), Some(Vat), None),
        (parts(55_000, Some(5_500), 0, 0), Some(Vat), None),
        (parts(55_000, None, 1, 0), Some(ServiceCharge), Some(ServiceCharge)),
        (parts(55_000, Some(5_000), 5_000, 0), Some(ServiceCharge), Some(ServiceCharge)),
        (parts(55_000, None, 0, 1), Some(TaxFree), Some(TaxFree)),
        (parts(55_000, Some(0), 0, 55_000), Some(TaxFree), Some(TaxFree)),
        (parts(55_000, Some(5_000), 1, 1), Some(ServiceCharge), Some(ServiceCharge)),
        (parts(1, None, 0, 0), None, None),
        (parts(1, Some(1), 0, 0), None, None),
    ];
    for (amounts, of_total, of_card450) in table {
        for name in ALL {
            let missing = match name {
                "kicc" => None,
                "card450" => of_card450,
                _ => of_total,
            };
            let expected = missing.map_or(Ok(()), |component| Err(CannotExpress::Component(component)));
            let mut request = request();
            request.amounts = amounts;
            assert_eq!(dialect(name).can_carry(&request), expected, "{name} {amounts:?}");
            let written = dialect(name).request(&request_order(request.clone(), route()), &card(), now());
            assert_eq!(written.map(drop), expected, "{name} {amounts:?}");
            let net_cancel = net_cancel_order(request, route(), None);
            let undone = dialect(name).net_cancel(&net_cancel, Some(&card()), now());
            assert!(undone.is_ok(), "{name} {amounts:?}: a debt is never refused for it");
        }
    }
}

#[test]
fn the_vat_an_acquirer_reckons_is_the_eleventh_part_rounded_either_way() {
    // 10,000 / 11 = 909.09, 10,005 / 11 = 909.55, 11,000 / 11 = 1,000.
    for (total, reckoned) in [(10_000, 909..=910), (10_005, 909..=910), (11_000, 1_000..=1_000), (5, 0..=1)] {
        let (first, last): (u64, u64) = (*reckoned.start(), *reckoned.end());
        let around = first.saturating_sub(2)..=last + 2;
        for vat in around {
            let mut request = request();
            request.amounts = parts(total, Some(vat), 0, 0);
            for name in TOTAL_ALONE {
                let is_carried = dialect(name).can_carry(&request).is_ok();
                assert_eq!(is_carried, reckoned.contains(&vat), "{name} {total} {vat}");
            }
        }
    }
}

/// A cancel after so many others, whose terminal said its vat or left it blank.
fn cancel(of: Amounts, after: u8, asked: CancelAmounts, amounts: Amounts) -> CancelOrder {
    let mut request = request();
    request.amounts = of;
    let mut order = cancel_order(request, route(), "30000001", amounts);
    let mut telegram = (*order.asked).clone();
    telegram.amounts = asked;
    order.asked = telegram.into();
    order.cancel = after;
    order
}

#[test]
fn a_vat_that_a_partial_cancel_cannot_tell_is_not_written() {
    let written = |name: &str, total: u64, vat: Option<u64>| {
        let asked =
            CancelAmounts { total: won(total), vat: vat.map(won), service_charge: None, tax_free: None };
        let order = cancel(amounts(55_000), 0, asked, parts(total, vat, 0, 0));
        dialect(name).cancel(&order, Some(&card()), next_day()).map(drop)
    };
    for name in ALL {
        assert_eq!(written(name, 11_000, None), Ok(()), "{name}");
        assert_eq!(written(name, 11_000, Some(1_000)), Ok(()), "{name}");
        assert_eq!(written(name, 55_000, Some(0)), Ok(()), "{name}: the whole needs no parts");
        let is_untold = TOTAL_ALONE.contains(&name);
        let expected = if is_untold { Err(CannotExpress::Component(Component::Vat)) } else { Ok(()) };
        for vat in [0, 998, 1_002, 5_000] {
            assert_eq!(written(name, 11_000, Some(vat)), expected, "{name} {vat}");
        }
    }
}

proptest! {
    /// What is left at last is whatever the roundings before it left, and its terminal may say so.
    #[test]
    fn what_is_left_can_be_cancelled_after_any_parts_by_a_terminal_that_says_its_vat(
        name in select(&ALL[..]),
        total in 1..100_000_u64,
        takes in prop::collection::vec((1..10_000_u64, any::<bool>()), 0..20),
    ) {
        let approved = amounts(total);
        let mut done: Vec<Amounts> = Vec::new();
        for (take, is_said) in takes {
            let left = Left::after(&approved, done.iter());
            if take >= left.total().get() {
                break;
            }
            let blank = CancelAmounts { total: won(take), vat: None, service_charge: None, tax_free: None };
            let amounts = match left.take(&blank) {
                Ok(amounts) => amounts,
                Err(AmountError::ComponentsExceedRest) => continue,
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            let asked = CancelAmounts { vat: is_said.then_some(amounts.vat()), ..blank };
            let order = cancel(approved, u8::try_from(done.len()).unwrap(), asked, amounts);
            prop_assert!(dialect(name).cancel(&order, Some(&card()), next_day()).is_ok());
            done.push(amounts);
        }
        let left = Left::after(&approved, done.iter());
        let rest = CancelAmounts { total: left.total(), vat: None, service_charge: None, tax_free: None };
        let amounts = left.take(&rest).unwrap();
        let asked = CancelAmounts { vat: Some(amounts.vat()), ..rest };
        let order = cancel(approved, u8::try_from(done.len()).unwrap(), asked, amounts);
        prop_assert!(dialect(name).cancel(&order, Some(&card()), next_day()).is_ok());
    }
}
