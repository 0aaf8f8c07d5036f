//! BIN prefixes and ranges.

use payment::Bin;
use proptest::prelude::*;
use switch::config::BinRange;

#[test]
fn a_prefix_or_a_range_of_eight_digits_is_read() {
    // What is written, how wide it is, what belongs to it, what does not.
    let table: &[(&str, u32, &[&str], &[&str])] = &[
        ("457973", 100, &["45797300", "45797399", "457973"], &["45797200", "45797400", "457974"]),
        ("4579731", 10, &["45797310", "45797319", "4579731"], &["45797309", "45797320", "457973"]),
        ("45797312", 1, &["45797312"], &["45797311", "45797313", "4579731"]),
        ("94500000-94599999", 100_000, &["94500000", "94599999", "945000"], &["94499999", "94600000"]),
        ("00000000-99999999", 100_000_000, &["00000000", "99999999"], &[]),
        ("12345678-12345678", 1, &["12345678"], &["12345679"]),
        ("000000", 100, &["00000099"], &["00000100"]),
    ];
    for (text, width, inside, outside) in table {
        let range = BinRange::parse(text).unwrap();
        assert_eq!(range.width(), *width, "{text}");
        for bin in *inside {
            assert!(range.contains(&Bin::new(bin).unwrap()), "{bin} belongs to {text}");
        }
        for bin in *outside {
            assert!(!range.contains(&Bin::new(bin).unwrap()), "{bin} does not belong to {text}");
        }
    }
}

#[test]
fn digits_that_belong_to_a_range_only_in_part_are_split_by_it() {
    // A range, digits it splits, digits it does not.
    let table: &[(&str, &[&str], &[&str])] = &[
        ("45797312", &["457973", "4579731"], &["45797312", "45797311", "457972", "457974"]),
        ("457973", &[], &["457973", "4579731", "45797312", "457972"]),
        (
            "94500050-94599949",
            &["945000", "945999"],
            &["945001", "944999", "946000", "9450005", "9459994", "9450004", "9459995"],
        ),
        ("00000000-99999999", &[], &["000000", "99999999"]),
    ];
    for (text, split, whole) in table {
        let range = BinRange::parse(text).unwrap();
        for bin in *split {
            assert!(range.splits(&Bin::new(bin).unwrap()), "{text} {bin}");
        }
        for bin in *whole {
            assert!(!range.splits(&Bin::new(bin).unwrap()), "{text} {bin}");
        }
    }
}

#[test]
fn a_range_is_told_by_its_ends() {
    for (text, told) in [("457973", "45797300-45797399"), ("00000001-00000002", "00000001-00000002")] {
        assert_eq!(BinRange::parse(text).unwrap().to_string(), told);
    }
}

#[test]
fn anything_else_is_no_range() {
    let wrong = [
        "",
        "4",
        "45797",
        "457973123",
        "45797a",
        "+45797",
        "４５",
        "457973-457974",
        "94599999-94500000",
        "94500000-",
        "-94500000",
        "94500000-9450000",
        "94500000-94500000-94500000",
        " 457973",
        "457973 ",
        "9450000a-94599999",
    ];
    for text in wrong {
        assert_eq!(BinRange::parse(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,20}") {
        let _ = BinRange::parse(&text);
    }

    #[test]
    fn a_range_contains_what_lies_between_its_ends(first in 0..=99_999_999_u32, last in 0..=99_999_999_u32, bin in 0..=99_999_999_u32) {
        let range = BinRange::parse(&format!("{first:08}-{last:08}"));
        prop_assert_eq!(range.is_some(), first <= last);
        if let Some(range) = range {
            let bin_text = Bin::new(&format!("{bin:08}")).unwrap();
            prop_assert_eq!(range.contains(&bin_text), (first..=last).contains(&bin));
            prop_assert_eq!(range.width(), last - first + 1);
        }
    }

    #[test]
    fn a_prefix_contains_exactly_what_begins_with_it(prefix in "[0-9]{6,8}", bin in "[0-9]{8}") {
        let range = BinRange::parse(&prefix).unwrap();
        prop_assert_eq!(range.contains(&Bin::new(&bin).unwrap()), bin.starts_with(&prefix));
        let own = format!("{prefix:0<8}");
        prop_assert!(range.contains(&Bin::new(&own).unwrap()));
    }
}
