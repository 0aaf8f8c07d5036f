//! What is left of an approval, component by component, and what a cancel takes of it.

use payment::{AmountError, Amounts, CancelAmounts, Left, Won};
use proptest::prelude::*;

use crate::fixture::won;

/// Total, vat, service charge and tax free; blank is `None`.
type Asked = (u64, Option<u64>, Option<u64>, Option<u64>);

fn approval((total, vat, service_charge, tax_free): Asked) -> Amounts {
    let component = |amount: Option<u64>| amount.map(won);
    Amounts::of_approval(won(total), component(vat), component(service_charge), component(tax_free)).unwrap()
}

fn cancel((total, vat, service_charge, tax_free): Asked) -> CancelAmounts {
    let component = |amount: Option<u64>| amount.map(won);
    CancelAmounts {
        total: won(total),
        vat: component(vat),
        service_charge: component(service_charge),
        tax_free: component(tax_free),
    }
}

/// Total, vat, service charge and tax free.
fn told(amounts: &Amounts) -> [u64; 4] {
    [amounts.total(), amounts.vat(), amounts.service_charge(), amounts.tax_free()].map(Won::get)
}

/// One cancel after the other of one approval: what each takes, or why it is refused.
fn check(approved: Asked, cancels: &[(Asked, Result<[u64; 4], AmountError>)]) {
    let approved = approval(approved);
    let mut taken = Vec::new();
    for (asked, expected) in cancels {
        let left = Left::after(&approved, taken.iter());
        let result = left.take(&cancel(*asked));
        assert_eq!(result.as_ref().map(told).map_err(|error| *error), *expected, "{asked:?}");
        taken.extend(result);
    }
}

const BLANK: Option<u64> = None;

#[test]
fn a_blank_vat_is_an_eleventh_of_what_is_taxed_rounded_half_up() {
    check(
        (50_000, BLANK, BLANK, BLANK), // 4,545 of vat
        &[
            ((20_000, BLANK, BLANK, BLANK), Ok([20_000, 1_818, 0, 0])), // 1,818.18
            ((16, BLANK, BLANK, BLANK), Ok([16, 1, 0, 0])),             // 1.4545
            ((17, BLANK, BLANK, BLANK), Ok([17, 2, 0, 0])),             // 1.5454
            ((1, BLANK, BLANK, BLANK), Ok([1, 0, 0, 0])),               // 0.09
        ],
    );
}

#[test]
fn a_blank_vat_leaves_out_what_is_not_taxed() {
    check(
        (50_000, BLANK, Some(6_000), Some(11_000)), // 3,000 of vat
        &[
            ((12_000, BLANK, Some(1_000), BLANK), Ok([12_000, 1_000, 1_000, 0])),
            ((12_000, BLANK, BLANK, Some(1_000)), Ok([12_000, 1_000, 0, 1_000])),
            ((7_000, BLANK, Some(3_000), Some(4_000)), Ok([7_000, 0, 3_000, 4_000])),
        ],
    );
}

#[test]
fn a_blank_vat_is_not_more_than_the_vat_left() {
    check(
        (11_000, Some(500), BLANK, BLANK),
        &[
            ((5_500, BLANK, BLANK, BLANK), Ok([5_500, 500, 0, 0])),
            ((2_200, BLANK, BLANK, BLANK), Ok([2_200, 0, 0, 0])),
        ],
    );
    check((11_000, Some(0), BLANK, BLANK), &[((5_500, BLANK, BLANK, BLANK), Ok([5_500, 0, 0, 0]))]);
}

#[test]
fn other_blanks_of_a_part_are_zero() {
    check(
        (50_000, BLANK, Some(6_000), Some(6_000)),
        &[((11_000, BLANK, BLANK, BLANK), Ok([11_000, 1_000, 0, 0]))],
    );
}

#[test]
fn zero_is_not_blank() {
    check(
        (50_000, BLANK, BLANK, BLANK),
        &[
            ((20_000, Some(0), Some(0), Some(0)), Ok([20_000, 0, 0, 0])),
            ((30_000, Some(0), BLANK, BLANK), Err(AmountError::ComponentsExceedRest)),
            ((30_000, BLANK, BLANK, BLANK), Ok([30_000, 4_545, 0, 0])),
        ],
    );
}

#[test]
fn the_whole_rest_takes_all_that_is_left_of_each_blank_component() {
    check(
        (50_000, BLANK, Some(5_000), Some(1_000)), // 4,000 of vat
        &[((50_000, BLANK, BLANK, BLANK), Ok([50_000, 4_000, 5_000, 1_000]))],
    );
    check(
        (50_000, BLANK, Some(5_000), Some(1_000)),
        &[
            ((20_000, Some(100), Some(4_000), BLANK), Ok([20_000, 100, 4_000, 0])),
            ((30_000, BLANK, BLANK, BLANK), Ok([30_000, 3_900, 1_000, 1_000])),
        ],
    );
    check(
        (50_000, BLANK, Some(5_000), Some(1_000)),
        &[((50_000, Some(4_000), Some(5_000), Some(1_000)), Ok([50_000, 4_000, 5_000, 1_000]))],
    );
}

#[test]
fn the_whole_rest_leaves_nothing_of_any_component() {
    for short in [
        (50_000, Some(3_999), BLANK, BLANK),
        (50_000, BLANK, Some(4_999), BLANK),
        (50_000, BLANK, BLANK, Some(999)),
    ] {
        check(
            (50_000, BLANK, Some(5_000), Some(1_000)),
            &[
                (short, Err(AmountError::ComponentsExceedRest)),
                ((50_000, BLANK, BLANK, BLANK), Ok([50_000, 4_000, 5_000, 1_000])),
            ],
        );
    }
}

#[test]
fn more_than_is_left_is_refused() {
    check(
        (50_000, BLANK, BLANK, BLANK),
        &[
            ((50_001, BLANK, BLANK, BLANK), Err(AmountError::ExceedsRest)),
            ((20_000, BLANK, BLANK, BLANK), Ok([20_000, 1_818, 0, 0])),
            ((30_001, BLANK, BLANK, BLANK), Err(AmountError::ExceedsRest)),
            ((30_000, BLANK, BLANK, BLANK), Ok([30_000, 2_727, 0, 0])),
            ((1, BLANK, BLANK, BLANK), Err(AmountError::ExceedsRest)),
        ],
    );
}

#[test]
fn more_of_a_component_than_is_left_is_refused() {
    check(
        (50_000, BLANK, Some(5_000), Some(1_000)), // 4,000 of vat
        &[
            ((40_000, Some(4_001), BLANK, BLANK), Err(AmountError::ComponentsExceedRest)),
            ((40_000, BLANK, Some(5_001), BLANK), Err(AmountError::ComponentsExceedRest)),
            ((40_000, BLANK, BLANK, Some(1_001)), Err(AmountError::ComponentsExceedRest)),
            ((40_000, Some(4_000), Some(5_000), Some(1_000)), Ok([40_000, 4_000, 5_000, 1_000])),
            ((1_000, Some(1), BLANK, BLANK), Err(AmountError::ComponentsExceedRest)),
            ((1_000, BLANK, BLANK, BLANK), Ok([1_000, 0, 0, 0])),
        ],
    );
}

#[test]
fn no_more_is_left_of_the_components_than_of_the_total() {
    // 4,000 of vat, 5,000 of service charge and 1,000 tax free cannot be left of 9,999 won.
    check(
        (50_000, BLANK, Some(5_000), Some(1_000)),
        &[
            ((40_001, Some(0), BLANK, BLANK), Err(AmountError::ComponentsExceedRest)),
            ((40_000, Some(0), BLANK, BLANK), Ok([40_000, 0, 0, 0])),
            ((1, Some(0), BLANK, BLANK), Err(AmountError::ComponentsExceedRest)),
            ((1, Some(1), BLANK, BLANK), Ok([1, 1, 0, 0])),
        ],
    );
}

#[test]
fn components_beyond_the_amount_to_cancel_are_refused() {
    check(
        (50_000, Some(20_000), Some(20_000), Some(10_000)),
        &[
            ((10_000, Some(10_001), BLANK, BLANK), Err(AmountError::ComponentsExceedTotal)),
            ((10_000, Some(5_000), Some(5_001), BLANK), Err(AmountError::ComponentsExceedTotal)),
            ((10_000, Some(0), Some(0), Some(10_001)), Err(AmountError::ComponentsExceedTotal)),
        ],
    );
}

#[test]
fn nothing_cannot_be_cancelled() {
    check((50_000, BLANK, BLANK, BLANK), &[((0, BLANK, BLANK, BLANK), Err(AmountError::Zero))]);
}

#[test]
fn the_greatest_amount_can_be_cancelled() {
    check(
        (999_999_999_999, BLANK, BLANK, BLANK),
        &[
            ((1, BLANK, BLANK, BLANK), Ok([1, 0, 0, 0])),
            ((999_999_999_998, BLANK, BLANK, BLANK), Ok([999_999_999_998, 90_909_090_909, 0, 0])),
        ],
    );
}

fn any_approval() -> impl Strategy<Value = Amounts> {
    let shares = (0..=1_000_u64, 0..=1_000_u64, 0..=1_000_u64, prop::option::of(0..=1_000_u64));
    let total = prop_oneof![1..=30_u64, 1..=1_000_000_u64, 1..=Won::MAX.get()];
    (total, shares).prop_map(|(total, (share, service_charge, tax_free, vat))| {
        // Of what is not taxed, and of that the service charge; the rest is split again.
        let part = |of: u64, share: u64| u64::try_from(u128::from(of) * u128::from(share) / 1_000).unwrap();
        let untaxed = part(total, share);
        let service_charge = part(untaxed, service_charge);
        let tax_free = part(untaxed - service_charge, tax_free);
        let vat = vat.map(|vat| part(total - service_charge - tax_free, vat));
        approval((total, vat, Some(service_charge), Some(tax_free)))
    })
}

/// A cancel by its shares of what is left, in thousandths; or of the whole rest.
#[derive(Clone, Debug)]
struct Share {
    total: Option<u64>,
    vat: Option<u64>,
    service_charge: Option<u64>,
    tax_free: Option<u64>,
}

fn any_share() -> impl Strategy<Value = Share> {
    // A little more than all, now and then.
    let component = || prop::option::weighted(0.4, 0..=1_020_u64);
    (prop::option::weighted(0.8, 0..=1_005_u64), component(), component(), component())
        .prop_map(|(total, vat, service_charge, tax_free)| Share { total, vat, service_charge, tax_free })
}

/// What is left of an approval: total, vat, service charge, tax free.
fn rest(approved: &Amounts, taken: &[Amounts]) -> [u64; 4] {
    taken.iter().fold(told(approved), |left, taken| {
        let taken = told(taken);
        std::array::from_fn(|which| {
            left[which].checked_sub(taken[which]).expect("no more was taken than was left")
        })
    })
}

proptest! {
    #[test]
    fn components_left_never_go_below_zero_nor_beyond_the_total_left(
        approved in any_approval(),
        shares in prop::collection::vec(any_share(), 0..12),
    ) {
        let mut taken: Vec<Amounts> = Vec::new();
        for share in shares {
            let left = rest(&approved, &taken);
            let of = |which: usize, share: u64| {
                u64::try_from(u128::from(left[which]) * u128::from(share) / 1_000).unwrap().min(Won::MAX.get())
            };
            let asked = (
                share.total.map_or(left[0], |share| of(0, share)),
                share.vat.map(|share| of(1, share)),
                share.service_charge.map(|share| of(2, share)),
                share.tax_free.map(|share| of(3, share)),
            );
            let was_left = Left::after(&approved, taken.iter());
            prop_assert_eq!(was_left.total().get(), left[0]);
            let Ok(takes) = was_left.take(&cancel(asked)) else { continue };
            prop_assert_eq!(takes.total().get(), asked.0);
            for (given, taken) in [asked.1, asked.2, asked.3].into_iter().zip(&told(&takes)[1..]) {
                prop_assert!(given.is_none_or(|given| given == *taken), "what the terminal says stands");
            }
            taken.push(takes);
            let [total, vat, service_charge, tax_free] = rest(&approved, &taken);
            prop_assert!(vat + service_charge + tax_free <= total);
        }
        let last = Left::after(&approved, taken.iter());
        if last.total() > Won::ZERO {
            let all = cancel((last.total().get(), None, None, None));
            taken.push(last.take(&all).expect("the whole rest can always be cancelled"));
        }
        prop_assert_eq!(rest(&approved, &taken), [0; 4]);
    }
}
