//! What holds for every telegram.

use codec::{Binary, Code, Digits, Korean, MonthDayTime, Secret, Telegram as _, Text, Truncated};
use jiff::civil::{Date, DateTime, Time};
use proptest::prelude::*;

use crate::everything::{Everything, Part, example_bytes};

fn date(years: std::ops::RangeInclusive<i16>) -> impl Strategy<Value = Date> {
    (years, 1..=12i8, 1..=31i8).prop_map(|(year, month, day)| {
        let last = jiff::civil::date(year, month, 1).days_in_month();
        jiff::civil::date(year, month, day.min(last))
    })
}

fn time() -> impl Strategy<Value = Time> {
    (0..24i8, 0..60i8, 0..60i8).prop_map(|(hour, minute, second)| jiff::civil::time(hour, minute, second, 0))
}

fn datetime(years: std::ops::RangeInclusive<i16>) -> impl Strategy<Value = DateTime> {
    (date(years), time()).prop_map(|(date, time)| date.to_datetime(time))
}

fn everything() -> impl Strategy<Value = Everything> {
    let numbers = (
        0..1_000_000_000_000_u64,
        0..10_000_000_000_u64,
        proptest::option::of(0..1_000_000_000_000_u64),
        0..100_000_000_000_000_000_000_u128,
    );
    let strings = (
        "[0-9]{4}",
        "([!-~][ -~]{0,4}[!-~])?",
        proptest::option::of("[0-9]{1,20}"),
        "[0-9]{6}",
        "[가나다하 -~]{0,10}",
        "[!-~]?",
        proptest::option::of("[!-~]{1,9}"),
        any::<[u8; 16]>(),
    );
    let moments = (
        datetime(0..=9999),
        proptest::option::of(datetime(2000..=2099)),
        datetime(2000..=2099),
        date(0..=9999),
        date(2000..=2099),
        time(),
    );
    (numbers, strings, moments).prop_map(|(numbers, strings, moments)| {
        let (amount, blank_padded, vat, large) = numbers;
        let (kind, trace, card_no, serial, message, entry, note, block) = strings;
        let (at14, at12, at10, day8, day6, time6) = moments;
        Everything {
            part: Part { kind: Digits::new(&kind).unwrap(), trace: Text::new(&trace).unwrap() },
            amount,
            blank_padded,
            vat,
            large,
            card_no: card_no.map(|digits| Secret::new(Digits::new(&digits).unwrap())),
            serial: Digits::new(&serial).unwrap(),
            message: Korean::new(&message).unwrap(),
            entry: Code::new(&entry).unwrap(),
            note: note.map(|note| Text::new(&note).unwrap()),
            at14,
            at12,
            at10: MonthDayTime::from(at10),
            day8,
            day6,
            time6,
            block: Secret::new(Binary::from(block)),
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(telegram in everything()) {
        let bytes = telegram.encode_to_bytes().unwrap();
        prop_assert_eq!(bytes.len(), Everything::LENGTH);
        prop_assert_eq!(Everything::decode(&bytes).unwrap(), telegram.clone());
        let view = Everything::view(&bytes).unwrap();
        prop_assert_eq!(view.to_owned(), telegram.clone());
        prop_assert_eq!(view.amount(), telegram.amount);
        prop_assert_eq!(view.part().trace(), telegram.part.trace);
        let mut appended = Vec::new();
        telegram.encode(&mut appended).unwrap();
        prop_assert_eq!(appended, bytes);
    }

    #[test]
    fn no_mutation_panics_and_views_accept_what_decoding_accepts(
        changes in proptest::collection::vec((0..200_usize, any::<u8>()), 1..4),
    ) {
        let mut bytes = example_bytes();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        match (Everything::view(&bytes), Everything::decode(&bytes)) {
            (Ok(view), Ok(decoded)) => {
                prop_assert_eq!(view.to_owned(), decoded.clone());
                let shown = format!("{view:?}");
                prop_assert!(!shown.is_empty());
                // Read again what was written again: only fillers and leading zeros may differ in between.
                let again = decoded.encode_to_bytes();
                if let Ok(again) = again {
                    prop_assert_eq!(Everything::decode(&again).unwrap(), decoded);
                }
            }
            (Err(view), Err(decoded)) => {
                prop_assert_eq!(view, decoded);
                prop_assert!(!view.to_string().is_empty());
            }
            (view, decoded) => prop_assert!(false, "{view:?} but {decoded:?}"),
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        let _ = Everything::view(&bytes).map(|view| format!("{view:?}"));
    }

    #[test]
    fn a_cut_is_valid_and_a_beginning(text in "\\PC{0,30}") {
        let cut = Truncated::<Korean<17>>::cut(&text);
        prop_assert_eq!(Korean::<17>::new(&cut.to_string()), Ok(*cut.get()));
    }
}
