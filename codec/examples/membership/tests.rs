//! What the example tells, and the golden telegrams of 한강멤버십.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::fs;
use std::path::Path;

use specs::{Encoding, Format, Kind, Leniency, SecretKind};

use super::*;

#[test]
fn it_tells_what_is_written_beside_it() {
    let mut told = Vec::new();
    tell(&mut told).unwrap();
    assert_eq!(String::from_utf8(told).unwrap(), include_str!("told.txt"));
}

#[test]
fn what_the_structs_write_is_what_the_layout_files_alone_give() {
    let (earn, golden) = (purchase::earn().unwrap(), bytes(include_str!("golden/earn.hex")));
    assert_eq!(earn.encode_to_bytes().unwrap(), golden);
    assert_eq!(Earn::decode(&golden).unwrap(), earn);

    let (answer, golden) = (purchase::answer().unwrap(), bytes(include_str!("golden/answer.hex")));
    assert_eq!(answer.encode_to_bytes().unwrap(), golden);
    assert_eq!(Answer::decode(&golden).unwrap(), answer);
}

#[test]
fn the_old_host_is_understood_and_never_imitated() {
    let strict = bytes(include_str!("golden/answer.hex"));
    let mut old = strict.clone();
    old[106..115].copy_from_slice(b"      300");
    old[125..131].copy_from_slice(b"     7");
    old[170] = 0xb0;
    old[171 + "THANK YOU".len()..211].fill(0);
    let answer = Answer::decode(&old).unwrap();
    assert_eq!(answer, purchase::answer().unwrap());
    assert_eq!(answer.encode_to_bytes().unwrap(), strict);
}

#[test]
fn its_layouts_have_every_kind_and_every_key_of_a_field() {
    let layouts = layouts();
    let has = |key: &str, word: &str| {
        let mut lines = layouts.lines().filter_map(|line| line.split_once(" = "));
        assert!(lines.any(|(name, value)| name.trim_end() == key && value.contains(word)), "{key} = {word}");
    };
    for key in ["align", "assumed", "blank", "codes", "count", "pad", "repeat", "spec", "value"] {
        has(key, "");
    }
    for key in ["signed", "truncate"] {
        has(key, "true");
    }
    has("charset", Encoding::Uhc.word());
    let words = [
        ("kind", Kind::WORDS),
        ("format", Format::WORDS),
        ("secret", SecretKind::WORDS),
        ("lenient", Leniency::WORDS),
    ];
    for (key, words) in words {
        for word in words {
            has(key, word);
        }
    }
}

#[test]
fn what_the_pages_show_of_it_stands_in_it() {
    let (layouts, page) = (layouts(), include_str!("../../src/derive_telegram.md"));
    let shown: Vec<_> = blocks(page, "toml").collect();
    assert!(!shown.is_empty());
    for block in shown {
        assert!(layouts.contains(block), "no layout has this:\n{block}");
    }

    let structs = include_str!("telegrams.rs").replace("pub(crate) ", "");
    let page = include_str!("../../../docs/new-layout.md").split("\nstruct Points {\n").nth(1).unwrap();
    assert!(structs.contains(page.split("\n}\n").next().unwrap()));
}

/// All layout files, one after the other.
fn layouts() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/membership/layouts");
    let files = folder.read_dir().unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    files.collect::<Vec<_>>().join("\n")
}

/// The fenced blocks of a language.
fn blocks<'a>(page: &'a str, language: &str) -> impl Iterator<Item = &'a str> {
    let rests = page.split(&format!("\n```{language}\n")).skip(1).collect::<Vec<_>>();
    rests.into_iter().map(|rest| rest.split("```").next().unwrap())
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
    hex.trim_end().as_bytes().chunks(2).map(|pair| 16 * digit(pair[0]) + digit(pair[1])).collect()
}
