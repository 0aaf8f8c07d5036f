//! A patch sets its fields and nothing else, or nothing at all.

use std::ops::Range;

use codec::{Digits, Error, Rule, Telegram, Text, Truncated};

use super::golden::{full, full_bytes};
use super::layout::{Full, Line, Numbers, Order};
use super::shown::Settable;
use crate::everything::Part;
use crate::second_reading::generate::{Form, telegram};
use crate::second_reading::random::Random;
use crate::second_reading::{cases, first_seed, layout};

fn place<T: Telegram>(field: &str) -> Range<usize> {
    let field = T::LAYOUT.field(field).unwrap();
    field.at..field.at + field.len
}

/// Sets every field of telegrams in any accepted form to what another one has, one by one and one after the other.
fn check<T: Settable>() {
    let layout = layout(T::LAYOUT.name);
    for seed in first_seed()..first_seed() + cases(25) {
        let random = &mut Random::new(seed);
        let before = telegram(&layout, Form::Accepted, random);
        let other_bytes = telegram(&layout, Form::Written, random);
        let other = T::decode(&other_bytes).unwrap();
        let mut all = before.clone();
        let mut expected_all = before.clone();
        for setter in T::SETTERS {
            let place = place::<T>(setter.field);
            let mut patched = before.clone();
            let mut expected = before.clone();
            (setter.set)(&mut patched, &other).unwrap();
            expected[place.clone()].copy_from_slice(&other_bytes[place.clone()]);
            assert_eq!(
                patched.escape_ascii().to_string(),
                expected.escape_ascii().to_string(),
                "{}",
                setter.field
            );
            assert!(T::conforms(&patched), "{}", setter.field);

            (setter.set)(&mut all, &other).unwrap();
            expected_all[place.clone()].copy_from_slice(&other_bytes[place]);
        }
        assert_eq!(all, expected_all);
    }
}

#[test]
fn each_field_set_is_as_if_it_had_been_encoded_and_all_other_bytes_stay() {
    check::<Full>();
    check::<Order>();
    check::<Line>();
    check::<Numbers>();
    check::<Part>();
}

#[test]
fn a_patched_telegram_is_the_changed_struct_encoded() {
    let mut bytes = full_bytes();
    let mut patch = Full::patch(&mut bytes).unwrap();
    patch.set_text_cut(Truncated::cut("another text")).unwrap().set_maybe_number(None).unwrap();
    patch.set_signed_zeros(-1).unwrap();
    patch.part().set_trace(Text::new("B-8").unwrap()).unwrap();
    patch.numbers().set_n19(7).unwrap();
    patch.lines(1).unwrap().set_price(-1).unwrap();
    patch.lines(1).unwrap().part().set_kind(Digits::new("7777").unwrap()).unwrap();
    patch.orders(0).unwrap().lines(0).unwrap().set_sold_on(None).unwrap();
    assert!(patch.lines(2).is_none(), "only two are in use");
    assert!(patch.orders(2).is_none() && patch.orders(1).unwrap().lines(0).is_none());
    assert_eq!(patch.view().lines().get(1).unwrap().price(), -1);

    let mut changed = full();
    changed.text_cut = Truncated::cut("another text");
    changed.maybe_number = None;
    changed.signed_zeros = -1;
    changed.part.trace = Text::new("B-8").unwrap();
    changed.numbers.n19 = 7;
    let mut second = changed.lines.get(1).unwrap().clone();
    second.price = -1;
    second.part.kind = Digits::new("7777").unwrap();
    let first = changed.lines.get(0).unwrap().clone();
    changed.lines = codec::Items::new();
    changed.lines.push(first).unwrap();
    changed.lines.push(second).unwrap();
    let mut only = changed.orders[0].lines.get(0).unwrap().clone();
    only.sold_on = None;
    changed.orders[0].lines = codec::Items::new();
    changed.orders[0].lines.push(only).unwrap();
    assert_eq!(
        bytes.escape_ascii().to_string(),
        changed.encode_to_bytes().unwrap().escape_ascii().to_string()
    );
}

#[test]
fn a_value_that_does_not_fit_changes_no_byte() {
    type Set = fn(&mut [u8]) -> Result<(), Error>;
    let cases: &[(&str, Rule, Set)] = &[
        ("blank_padded", Rule::TooLarge, |bytes| {
            Full::patch(bytes)?.set_blank_padded(1_000_000_000).map(drop)
        }),
        ("signed_blanks", Rule::TooLarge, |bytes| {
            Full::patch(bytes)?.set_signed_blanks(-100_000_000).map(drop)
        }),
        ("signed_one", Rule::TooLarge, |bytes| Full::patch(bytes)?.set_signed_one(i8::MIN).map(drop)),
        ("signed_wide", Rule::TooLarge, |bytes| Full::patch(bytes)?.set_signed_wide(i128::MIN).map(drop)),
        ("filled", Rule::Short, |bytes| Full::patch(bytes)?.set_filled(Digits::new("1").unwrap()).map(drop)),
        ("text_maybe", Rule::Blank, |bytes| Full::patch(bytes)?.set_text_maybe(Some(Text::EMPTY)).map(drop)),
        ("day6", Rule::Year, |bytes| Full::patch(bytes)?.set_day6(jiff::civil::date(2100, 1, 1)).map(drop)),
        ("day8", Rule::Year, |bytes| Full::patch(bytes)?.set_day8(jiff::civil::date(-1, 1, 1)).map(drop)),
        ("at12", Rule::Year, |bytes| {
            Full::patch(bytes)?.set_at12(jiff::civil::datetime(1999, 12, 31, 0, 0, 0, 0)).map(drop)
        }),
    ];
    for (field, rule, set) in cases {
        let mut bytes = full_bytes();
        let error = set(&mut bytes).unwrap_err();
        assert_eq!((error.field(), error.rule(), error.found()), (Some(*field), *rule, None));
        assert_eq!(bytes, full_bytes(), "{field}");
    }
}

#[test]
fn what_was_set_before_an_error_stays_and_the_telegram_is_still_valid() {
    let mut bytes = full_bytes();
    let mut patch = Full::patch(&mut bytes).unwrap();
    let error = patch.set_odd_padding(1).unwrap().set_filled(Digits::new("1").unwrap()).unwrap_err();
    assert_eq!(error.rule(), Rule::Short);
    assert_eq!(patch.view().odd_padding(), 1);
    assert!(Full::view(&bytes).is_ok());
}

#[test]
fn a_faulty_telegram_is_not_patched() {
    let mut bytes = full_bytes();
    bytes[0] = b'x';
    assert_eq!(Full::patch(&mut bytes).unwrap_err().field(), Some("part.kind"));
}
