//! The same layout compiled into a struct and read at run time: two readings that agree on every telegram.

use codec::{Code, Digits, Items, Korean, Telegram, Text, Truncated, Uhc};
use jiff::civil::Date;

use super::*;
use crate::diff::{Diff, Difference, Listing};

#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "row", dir = "compiled", length = 6)]
struct Row {
    #[field(at = 1, len = 2, kind = "number")]
    qty: u8,
    #[field(at = 3, len = 3, kind = "korean")]
    memo: Korean<3>,
}

#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "page", dir = "compiled", length = 20)]
struct Page {
    #[field(at = 2, len = 6, kind = "group")]
    rows: Items<Row, 3>,
}

#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "every", dir = "compiled", length = 123)]
struct Every {
    #[field(at = 0, len = 4, kind = "number")]
    signed: i16,
    #[field(at = 4, len = 4, kind = "number", pad = " ")]
    signed_blank: i16,
    #[field(at = 8, len = 4, kind = "number", pad = " ", align = "left")]
    signed_left: i16,
    #[field(at = 12, len = 4, kind = "number")]
    padded: u16,
    #[field(at = 16, len = 4, kind = "number")]
    signed_padded: i16,
    #[field(at = 20, len = 4, kind = "number", pad = " ")]
    aligned: u16,
    #[field(at = 24, len = 4, kind = "number", pad = " ")]
    signed_aligned: Option<i16>,
    #[field(at = 28, len = 4, kind = "text")]
    text_left: Text<4>,
    #[field(at = 32, len = 4, kind = "text", align = "right")]
    text_right: Option<Text<4>>,
    #[field(at = 36, len = 4, kind = "text")]
    text_aligned: Text<4>,
    #[field(at = 40, len = 4, kind = "text")]
    text_nul: Truncated<Text<4>>,
    #[field(at = 44, len = 4, kind = "text", align = "right")]
    text_right_nul: Text<4>,
    #[field(at = 48, len = 4, kind = "code")]
    code_any: Option<Code<4>>,
    #[field(at = 52, len = 5, kind = "korean")]
    korean_ksx: Korean<5>,
    #[field(at = 57, len = 5, kind = "korean")]
    korean_uhc: Korean<5, Uhc>,
    #[field(at = 62, len = 5, kind = "korean")]
    korean_nul: Option<Truncated<Korean<5>>>,
    #[field(at = 67, len = 4, kind = "digits")]
    digits_left: Digits<4>,
    #[field(at = 71, len = 4, kind = "digits", align = "right")]
    digits_blank: Option<Digits<4>>,
    #[field(at = 75, len = 6, kind = "datetime")]
    day: Option<Date>,
    #[field(at = 83, len = 20, kind = "group")]
    pages: [Page; 2],
}

fn runtime() -> Layout {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/layout/tests/compiled/every.toml");
    Layout::read(Path::new(file)).unwrap_or_else(|findings| panic!("{findings}"))
}

/// Pseudo-random numbers: the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// Bytes that decide: padding, digits, signs, halves of characters and their neighbours.
const EDGES: &[u8] =
    b"      \0\0 000123499--+/:AZaz@[`{~\x7f\x1f\t\x80\x81\xa0\xa1\xc7\xd1\xb0\xfe\xff\x41\x5a\x5b\x61\x7a\x7b";

/// What fields hold, rightly or nearly.
const PIECES: &[&[u8]] = &[
    b"-123",
    b"  -1",
    b"-1  ",
    b" -1 ",
    b"0012",
    b"  12",
    b"12  ",
    b"-000",
    b"  -0",
    b"    ",
    b"0000",
    b"AB  ",
    b"  AB",
    b" AB ",
    b"AB\0\0",
    b"A  \0",
    b" A\0\0",
    b"\0\0\0\0",
    b"\xc7\xd1  A",
    b"\x81\x41 \xc7\xd1",
    b"\xc7\xd1\0\0\0",
    b"\xc9\xa1   ",
    b"240229",
    b"230229",
    b"991231",
    b"      ",
    b"03#01   #99AB ",
    b" 2#01\xc7\xd1 #02   #xx???",
    b"00",
    b"01",
    b" 3",
    b"04",
    b"99",
    b"#",
];

/// Compares both readings of one telegram; true when both accept it.
#[track_caller]
fn agree(layout: &Layout, telegram: &[u8]) -> bool {
    let shown = telegram.escape_ascii();
    let at_run_time =
        |(field, _): (Option<&Field>, Fault)| field.map_or_else(String::new, |field| field.path.clone());
    let compiled = |error: codec::Error| error.field().unwrap_or_default().to_owned();
    let found: Vec<_> = layout.checks(telegram).into_iter().map(at_run_time).collect();
    let expected: Vec<_> = Every::validate_all(telegram).map(compiled).collect();
    assert_eq!(found, expected, "{shown}");
    assert_eq!(Every::view(telegram).err().map(compiled), found.first().cloned(), "{shown}");
    assert_eq!(layout.check(telegram).err().map(at_run_time), found.first().cloned(), "{shown}");
    if !found.is_empty() {
        return false;
    }
    // What the struct writes has the same values, by the other reading.
    let written = Every::decode(telegram).unwrap().encode_to_bytes().unwrap();
    assert!(layout.check(&written).is_ok(), "{shown}");
    for field in Diff::of(telegram, &written, layout, Listing::Remarkable).fields {
        assert_eq!(field.difference, Some(Difference::Bytes), "{shown}: {field:?}");
    }
    true
}

fn sound(layout: &Layout) -> Vec<u8> {
    let pairs = [
        ("signed", "-12"),
        ("signed_blank", "-1"),
        ("signed_left", "12"),
        ("text_left", "A B"),
        ("text_right", "AB"),
        ("korean_ksx", "한강"),
        ("korean_uhc", "똠A"),
        ("digits_left", "012"),
        ("pages[0].rows[1].qty", "7"),
        ("pages[1].rows[0].memo", "김"),
    ];
    layout.build(&values(&pairs), now()).unwrap()
}

#[test]
fn both_agree_on_every_byte_in_every_place() {
    let layout = runtime();
    let telegram = sound(&layout);
    assert!(agree(&layout, &telegram));
    for at in 0..telegram.len() {
        let mut changed = telegram.clone();
        for byte in 0..=u8::MAX {
            changed[at] = byte;
            agree(&layout, &changed);
        }
    }
}

#[test]
fn both_agree_on_what_is_nearly_right() {
    let layout = runtime();
    let starts: Vec<_> = layout.fields().iter().map(|field| field.at).collect();
    let mut chance = Chance(20_261_121);
    let mut right = sound(&layout);
    let mut telegram = right.clone();
    let mut accepted = 0;
    for _ in 0..10_000 {
        for _ in 0..=chance.below(2) {
            if chance.below(2) == 0 {
                let at = chance.below(telegram.len());
                telegram[at] = chance.of(EDGES);
            } else {
                let (at, piece) = (chance.of(&starts), chance.of(PIECES));
                let end = telegram.len().min(at + piece.len());
                telegram[at..end].copy_from_slice(&piece[..end - at]);
            }
        }
        if agree(&layout, &telegram) {
            accepted += 1;
            right.clone_from(&telegram);
        } else if chance.below(4) > 0 {
            // Most go on from what is right: otherwise the first fault would hide what is behind it.
            telegram.clone_from(&right);
        }
    }
    assert!(accepted > 500, "only {accepted} telegrams were right");
}
