//! What is written is what was read, and what is read is what was written.

use codec::{Digits, Items, Korean, MonthDayTime, Owned, Rule, Telegram, Text, Truncated, Uhc};
use proptest::prelude::*;

use super::golden::{full, full_bytes};
use super::layout::{Full, FullView, Line, Numbers, Order, State};
use crate::second_reading::generate::{Form, telegram};
use crate::second_reading::random::Random;
use crate::second_reading::{cases, first_seed, layout};

fn for_each_telegram<T: Telegram>(form: Form, usually: u64, check: impl Fn(&[u8])) {
    let layout = layout(T::LAYOUT.name);
    for seed in first_seed()..first_seed() + cases(usually) {
        check(&telegram(&layout, form, &mut Random::new(seed)));
    }
}

#[test]
fn the_golden_telegram_is_written_and_read_byte_for_byte() {
    assert_eq!(
        full().encode_to_bytes().unwrap().escape_ascii().to_string(),
        full_bytes().escape_ascii().to_string()
    );
    assert_eq!(Full::decode(&full_bytes()), Ok(full()));
}

#[test]
fn a_telegram_in_the_form_that_is_written_is_written_again_byte_for_byte() {
    fn check<T: Telegram + PartialEq + std::fmt::Debug>() {
        for_each_telegram::<T>(Form::Written, 150, |telegram| {
            let written = T::decode(telegram).unwrap().encode_to_bytes().unwrap();
            assert_eq!(written.escape_ascii().to_string(), telegram.escape_ascii().to_string());
        });
    }
    check::<Full>();
    check::<Order>();
    check::<Line>();
    check::<Numbers>();
    check::<crate::everything::Everything>();
}

#[test]
fn a_telegram_in_any_accepted_form_keeps_its_values_when_it_is_written_again() {
    for_each_telegram::<Full>(Form::Accepted, 150, |telegram| {
        let value = Full::decode(telegram).unwrap();
        let written = value.encode_to_bytes().unwrap();
        assert_eq!(Full::decode(&written).as_ref(), Ok(&value));
        assert_eq!(Full::view(telegram).unwrap().to_owned(), value);
        let mut appended = vec![7];
        value.encode(&mut appended).unwrap();
        assert_eq!(appended[1..], written);
    });
}

#[test]
fn no_accessor_of_an_accepted_telegram_panics() {
    for_each_telegram::<Full>(Form::Accepted, 150, |telegram| {
        let owned = Owned::<Full>::new(telegram.to_vec().into()).unwrap();
        let view: FullView<'_> = owned.view();
        assert_eq!(view.as_bytes(), telegram);
        assert!(format!("{view:?} {owned:?}").len() > 1_000);
        // The parsers may refuse what stands there.
        if let (Ok(track), Ok(emv)) = (view.parse_track2(), view.parse_emv()) {
            assert!(!format!("{track:?} {emv:?} {:?}", emv.get(0x9f26)).is_empty());
        }
        assert_eq!(view.lines().len(), view.lines().into_iter().count());
        assert!(view.lines().get(3).is_none() && view.orders().get(2).is_none());
        assert!(view.orders().into_iter().all(|order| order.lines().len() <= 2));
    });
}

proptest! {
    #[test]
    fn a_number_is_written_where_it_has_no_more_digits_than_its_field(
        short: (u8, u8, u16, u16, u32, u32, u32, u32, u32),
        long: (u64, u64, u64, u64, u64, u64, u64, u64, u64, u64),
        n20: u128,
        place in 0..20_usize,
        digits in 1..=20_u32,
    ) {
        let (n1, n2, n3, n4, n5, n6, n7, n8, n9) = short;
        let (n10, n11, n12, n13, n14, n15, n16, n17, n18, n19) = long;
        let any = Numbers { n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13, n14, n15, n16, n17, n18, n19, n20 };
        let first_too_wide = widths(&any).position(|(width, number)| number.to_string().len() > width);
        let written = any.encode_to_bytes();
        prop_assert_eq!(written.as_ref().err().map(|error| (error.rule(), error.len())), first_too_wide.map(|index| (Rule::TooLarge, index + 1)));

        // The same, each number cut to its field but one, which is about as wide as its own.
        let mut fitting = fitted(&any);
        let number = n20 % 10_u128.pow(digits);
        let is_held = set(&mut fitting, place, number);
        let written = fitting.encode_to_bytes();
        prop_assert_eq!(written.is_ok(), !is_held || number.to_string().len() <= place + 1);
        if let Ok(written) = written {
            let expected: Vec<_> = widths(&fitting).map(|(width, number)| format!("{number:0>width$}")).collect();
            let expected = expected.concat();
            prop_assert_eq!(std::str::from_utf8(&written), Ok(expected.as_str()));
            prop_assert_eq!(Numbers::decode(&written), Ok(fitting));
        }
    }

    #[test]
    fn signed_numbers_round_trip_or_are_too_large(
        zeros: i32, blanks: i64, left: i32, maybe: i64, one: i8, wide: i128, shift in 0..100_u32,
    ) {
        let wide = wide >> shift;
        let mut value = full();
        (value.signed_zeros, value.signed_blanks, value.signed_left) = (zeros, blanks >> (shift / 2), left >> (shift / 4));
        (value.signed_maybe, value.signed_one, value.signed_wide) = (Some(maybe >> (shift / 2)), one, wide);
        let texts = [
            (9, value.signed_zeros.to_string()),
            (9, value.signed_blanks.to_string()),
            (9, value.signed_left.to_string()),
            (18, (maybe >> (shift / 2)).to_string()),
            (2, one.to_string()),
            (20, wide.to_string()),
        ];
        let fits = texts.iter().all(|(len, text)| text.len() <= *len);
        match value.encode_to_bytes() {
            Ok(written) => {
                prop_assert!(fits);
                prop_assert_eq!(Full::decode(&written), Ok(value));
            }
            Err(error) => prop_assert!(!fits && error.rule() == Rule::TooLarge, "{:?}", error),
        }
    }

    #[test]
    fn texts_of_people_round_trip(
        text in "\\PC{0,12}", ascii in "[!-~]([ -~]{0,9}[!-~])?", korean in "[가-힣 a-z]{0,12}",
    ) {
        let mut value = full();
        value.text_left = Text::new(&ascii).unwrap();
        value.text_right = Text::new(&ascii).unwrap();
        value.text_cut = Truncated::cut(&text);
        value.text_odd = Text::new(ascii.get(..8).unwrap_or(&ascii).trim_end()).unwrap();
        value.korean_cut = Truncated::cut(&korean);
        value.korean63 = Korean::new(&korean).unwrap_or_default();
        value.korean64 = Korean::new(&korean).unwrap_or_default();
        value.korean65 = Korean::new(&korean).unwrap_or_default();
        let cut = Truncated::<Korean<7, Uhc>>::cut(&korean);
        value.korean_uhc_cut = (!cut.get().is_empty()).then_some(cut);
        let written = value.encode_to_bytes().unwrap();
        prop_assert_eq!(Full::decode(&written), Ok(value));
    }
}

/// Each number with the digits its field has.
fn widths(numbers: &Numbers) -> impl Iterator<Item = (usize, u128)> {
    let Numbers { n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13, n14, n15, n16, n17, n18, n19, n20 } =
        *numbers;
    let short =
        [n1.into(), n2.into(), n3.into(), n4.into(), n5.into(), n6.into(), n7.into(), n8.into(), n9.into()];
    let long = [n10, n11, n12, n13, n14, n15, n16, n17, n18, n19].map(u128::from);
    (1..).zip(short.into_iter().chain(long).chain([n20]))
}

fn fitted(numbers: &Numbers) -> Numbers {
    let mut fitted = numbers.clone();
    for (index, (width, number)) in widths(numbers).enumerate() {
        assert!(set(&mut fitted, index, number % 10_u128.pow(u32::try_from(width).unwrap())));
    }
    fitted
}

/// Sets the number at that place, if its type holds it.
fn set(numbers: &mut Numbers, place: usize, number: u128) -> bool {
    macro_rules! set {
        ($($place:literal $field:ident),*) => {
            match place {
                $($place => number.try_into().map(|number| numbers.$field = number).is_ok(),)*
                _ => unreachable!("there are twenty"),
            }
        };
    }
    set!(
        0 n1, 1 n2, 2 n3, 3 n4, 4 n5, 5 n6, 6 n7, 7 n8, 8 n9, 9 n10, 10 n11, 11 n12, 12 n13, 13 n14, 14 n15, 15 n16, 16 n17,
        17 n18, 18 n19, 19 n20
    )
}

#[test]
fn what_is_not_in_use_is_written_as_blanks_and_not_read() {
    let mut value = full();
    value.lines = Items::new();
    value.orders[1].lines = Items::new();
    let written = value.encode_to_bytes().unwrap();
    let lines = Full::LAYOUT.field("lines[0].part.kind").unwrap().at;
    assert_eq!(written[lines..lines + 3 * Line::LENGTH], [b' '; 3 * Line::LENGTH]);
    let view = Full::view(&written).unwrap();
    assert!(view.lines().is_empty());
    let counts = view.orders().into_iter().map(|order| order.lines().len()).collect::<Vec<_>>();
    assert_eq!(counts, [1, 0], "each order counts its own lines");
}

#[test]
fn codes_are_variants_and_unknown_ones_are_kept() {
    let mut bytes = full_bytes();
    let at = Full::LAYOUT.field("code_enum").unwrap().at;
    for (code, state) in
        [(b'O', State::Approved), (b'X', State::Declined), (b'?', State::Other("?".parse().unwrap()))]
    {
        bytes[at] = code;
        let view = Full::view(&bytes).unwrap();
        assert_eq!(view.code_enum(), state);
        assert_eq!(view.to_owned().encode_to_bytes().unwrap()[at], code);
    }
}

#[test]
fn parsers_read_what_stands_in_the_field_and_secrets_stay_masked() {
    let bytes = full_bytes();
    let view = Full::view(&bytes).unwrap();
    assert_eq!(view.parse_track2().unwrap().expiry(), "2812");
    assert_eq!(view.parse_emv().unwrap().get(0x9f26), Some(&b"\xab\xcd"[..]));
    let shown = format!("{view:?} {:?}", full());
    for secret in ["457973", "4242", "CVC"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

#[test]
fn the_year_of_a_moment_without_one_is_found_later() {
    let bytes = full_bytes();
    let at10: MonthDayTime = Full::view(&bytes).unwrap().at10();
    assert_eq!(at10.in_year(2028).map(|at| at.to_string()).as_deref(), Some("2028-02-29T23:59:59"));
    assert_eq!(
        Full::view(&bytes).unwrap().digits_maybe().map(|card| *card.expose()),
        Some(Digits::new("4579730000000008").unwrap())
    );
}
