//! Won and the components of a total: total = supply + vat + service charge, tax free being a part of the supply.

use payment::{AmountError, Amounts, Won};
use proptest::prelude::*;

use super::{check_record, check_refused};
use crate::fixture::won;

#[test]
fn an_amount_has_at_most_twelve_digits() {
    assert_eq!(Won::new(0), Ok(Won::ZERO));
    assert_eq!(Won::new(999_999_999_999), Ok(Won::MAX));
    assert_eq!(Won::new(1_000_000_000_000), Err(AmountError::TooLarge));
    assert_eq!(Won::new(u64::MAX), Err(AmountError::TooLarge));
    check_record(&won(50_000), "50000");
    check_refused::<Won>(&["1000000000000", "-1", "1.5", "\"1\""]);
}

/// Total, vat, service charge and tax free as the telegram has them; blank is `None`.
type Asked = (u64, Option<u64>, Option<u64>, Option<u64>);

/// What is asked, and supply, vat, service charge and tax free as they are.
#[test]
fn a_blank_vat_is_an_eleventh_of_what_is_taxed_rounded_half_up() {
    let table: &[(Asked, [u64; 4])] = &[
        ((50_000, None, None, None), [45_455, 4_545, 0, 0]), // 4,545.45
        ((1, None, None, None), [1, 0, 0, 0]),               // 0.09
        ((5, None, None, None), [5, 0, 0, 0]),               // 0.4545
        ((6, None, None, None), [5, 1, 0, 0]),               // 0.5454
        ((11, None, None, None), [10, 1, 0, 0]),
        ((16, None, None, None), [15, 1, 0, 0]), // 1.4545
        ((17, None, None, None), [15, 2, 0, 0]), // 1.5454
        ((110_000, None, None, None), [100_000, 10_000, 0, 0]),
        ((999_999_999_999, None, None, None), [909_090_909_090, 90_909_090_909, 0, 0]),
        // Neither service charge nor what is tax free is taxed.
        ((50_000, None, Some(6_000), None), [40_000, 4_000, 6_000, 0]),
        ((50_000, None, None, Some(6_000)), [46_000, 4_000, 0, 6_000]),
        ((50_000, None, Some(3_000), Some(3_000)), [43_000, 4_000, 3_000, 3_000]),
        ((50_000, None, None, Some(50_000)), [50_000, 0, 0, 50_000]),
        ((50_000, None, Some(50_000), None), [0, 0, 50_000, 0]),
        // Zero is not blank.
        ((50_000, Some(0), None, None), [50_000, 0, 0, 0]),
        ((50_000, Some(0), Some(0), Some(0)), [50_000, 0, 0, 0]),
        // What the terminal says stands, as long as it fits.
        ((50_000, Some(1), None, None), [49_999, 1, 0, 0]),
        ((50_000, Some(50_000), None, None), [0, 50_000, 0, 0]),
        ((50_000, Some(10_000), Some(20_000), Some(20_000)), [20_000, 10_000, 20_000, 20_000]),
    ];
    for ((total, vat, service_charge, tax_free), expected) in table {
        let amounts = amounts(*total, *vat, *service_charge, *tax_free).unwrap();
        let told =
            [amounts.supply(), amounts.vat(), amounts.service_charge(), amounts.tax_free()].map(Won::get);
        assert_eq!(told, *expected, "{total} {vat:?} {service_charge:?} {tax_free:?}");
        assert_eq!(amounts.total(), won(*total));
    }
}

#[test]
fn a_total_of_nothing_is_refused() {
    assert_eq!(amounts(0, None, None, None), Err(AmountError::Zero));
    assert_eq!(amounts(0, Some(0), Some(0), Some(0)), Err(AmountError::Zero));
}

#[test]
fn components_beyond_the_total_are_refused() {
    for (vat, service_charge, tax_free) in [
        (Some(50_001), None, None),
        (None, Some(50_001), None),
        (None, None, Some(50_001)),
        (None, Some(25_000), Some(25_001)),
        (Some(1), Some(50_000), None),
        (Some(1), None, Some(50_000)),
        (Some(20_001), Some(20_000), Some(10_000)),
        (Some(999_999_999_999), Some(999_999_999_999), Some(999_999_999_999)),
    ] {
        let refused = amounts(50_000, vat, service_charge, tax_free);
        assert_eq!(
            refused,
            Err(AmountError::ComponentsExceedTotal),
            "{vat:?} {service_charge:?} {tax_free:?}"
        );
    }
}

#[test]
fn a_record_of_amounts_that_do_not_add_up_is_refused() {
    check_record(
        &amounts(50_000, None, None, None).unwrap(),
        r#"{"total":50000,"vat":4545,"service_charge":0,"tax_free":0}"#,
    );
    check_refused::<Amounts>(&[
        r#"{"total":50000,"vat":50001,"service_charge":0,"tax_free":0}"#,
        r#"{"total":50000,"vat":0,"service_charge":25001,"tax_free":25000}"#,
        r#"{"total":0,"vat":0,"service_charge":0,"tax_free":0}"#,
        r#"{"total":50000,"vat":4545}"#,
    ]);
}

fn amounts(
    total: u64,
    vat: Option<u64>,
    service_charge: Option<u64>,
    tax_free: Option<u64>,
) -> Result<Amounts, AmountError> {
    let component = |amount: Option<u64>| amount.map(won);
    Amounts::of_approval(won(total), component(vat), component(service_charge), component(tax_free))
}

fn any_won() -> impl Strategy<Value = u64> {
    prop_oneof![0..=100_u64, 0..=1_000_000_u64, 0..=Won::MAX.get()]
}

proptest! {
    #[test]
    fn components_always_add_up_to_the_total(
        total in any_won(),
        vat in proptest::option::of(any_won()),
        service_charge in proptest::option::of(any_won()),
        tax_free in proptest::option::of(any_won()),
    ) {
        let blank_is_none = service_charge.unwrap_or(0) + tax_free.unwrap_or(0);
        match amounts(total, vat, service_charge, tax_free) {
            Ok(amounts) => {
                let parts = amounts.supply().get() + amounts.vat().get() + amounts.service_charge().get();
                prop_assert_eq!(parts, total);
                prop_assert!(amounts.tax_free() <= amounts.supply());
                prop_assert_eq!(amounts.service_charge().get(), service_charge.unwrap_or(0));
                prop_assert_eq!(amounts.tax_free().get(), tax_free.unwrap_or(0));
                if let Some(vat) = vat {
                    prop_assert_eq!(amounts.vat().get(), vat);
                } else {
                    // vat is the nearest whole number to taxed / 11; a tie cannot be, for 11 is odd.
                    let (taxed, vat) = (total - blank_is_none, amounts.vat().get());
                    prop_assert!((11 * vat).abs_diff(taxed) <= 5, "{} of {}", vat, taxed);
                }
            }
            Err(AmountError::Zero) => prop_assert_eq!(total, 0),
            Err(AmountError::ComponentsExceedTotal) => prop_assert!(blank_is_none + vat.unwrap_or(0) > total),
            Err(
                error @ (AmountError::TooLarge | AmountError::ExceedsRest | AmountError::ComponentsExceedRest),
            ) => prop_assert!(false, "{}", error),
        }
    }
}
