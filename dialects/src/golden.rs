//! The golden telegrams: every layout of this crate as it stands on the wire, and every reading of it.
//!
//! `tests/golden/<name>.txt` has one field per line: offset, length, content as quoted ASCII or as hex, and what it is. Its first
//! line names the layout. Beside it stand the same bytes as a hex dump, `<name>.hex`, to be laid beside a capture; `xxd -r` makes
//! the telegram of it. The text is written by hand; the dump is written by `GOLDEN=overwrite cargo test -p dialects golden`.

mod file;
mod fuzzed;
mod spoilt;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use telegram_replay::dump::Dumped;
use telegram_replay::layout::Layout;

use self::file::{Golden, all};
use crate::compiled::{self, Compiled};

#[test]
fn every_layout_has_a_golden_telegram() {
    let golden: BTreeSet<_> = all().into_iter().map(|golden| golden.layout).collect();
    let without: Vec<_> = specs::embedded_names().filter(|name| !golden.contains(*name)).collect();
    assert!(without.is_empty(), "there is no file in dialects/tests/golden of {without:?}");
}

#[test]
fn every_file_beside_a_golden_telegram_belongs_to_one() {
    let golden: BTreeSet<_> = all().into_iter().map(|golden| golden.name).collect();
    for folder in [file::folder(), file::folder().join("listed")] {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(path.is_dir() || golden.contains(name), "{} has no telegram", path.display());
        }
    }
}

#[test]
fn every_golden_telegram_decodes_and_encodes_to_the_same_bytes() {
    for golden in all() {
        let compiled = compiled_of(&golden);
        assert_eq!((compiled.faults)(&golden.telegram), [], "{}", golden.name);
        assert!((compiled.conforms)(&golden.telegram), "{}", golden.name);
        let rewritten = (compiled.rewritten)(&golden.telegram);
        assert_eq!(rewritten.as_ref(), Ok(&golden.telegram), "{}", golden.name);
    }
}

#[test]
fn every_golden_telegram_reads_by_its_layout_file_alone() {
    for golden in all() {
        let layout = Layout::embedded(&golden.layout).unwrap();
        let faults = layout.checks(&golden.telegram);
        assert!(faults.is_empty(), "{}: {faults:?}", golden.name);
    }
}

#[test]
fn every_golden_telegrams_lines_are_the_fields_of_its_layout() {
    for golden in all() {
        let layout = Layout::embedded(&golden.layout).unwrap();
        let fields: Vec<_> = layout.fields().iter().map(|field| (field.at, field.len)).collect();
        assert_eq!(golden.lines, fields, "{}", golden.name);
    }
}

#[test]
fn every_golden_telegram_has_a_hex_dump_beside_it() {
    for golden in all() {
        let dump = hex_dump(&golden.telegram);
        if std::env::var_os("GOLDEN").is_some_and(|value| value == "overwrite") {
            std::fs::write(golden.beside("hex"), &dump).unwrap();
        }
        let stored = std::fs::read_to_string(golden.beside("hex")).unwrap_or_default();
        assert_eq!(stored, dump, "{}.hex: GOLDEN=overwrite writes it", golden.name);
    }
}

#[test]
fn every_golden_telegram_is_listed_field_by_field() {
    for golden in all() {
        let layout = Layout::embedded(&golden.layout).unwrap();
        let dumped = Dumped::of(&layout.decode(&golden.telegram), golden.telegram.len());
        assert!(!dumped.has_findings(), "{}", golden.name);
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_path("../tests/golden/listed");
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(golden.name.as_str(), listed(&dumped)));
    }
}

#[test]
fn no_golden_telegrams_secret_is_listed() {
    let mut secrets = 0;
    for golden in all() {
        let layout = Layout::embedded(&golden.layout).unwrap();
        let text = listed(&Dumped::of(&layout.decode(&golden.telegram), golden.telegram.len()));
        for field in layout.fields().iter().filter(|field| field.secret) {
            let content = String::from_utf8_lossy(&golden.telegram[field.at..field.at + field.len]);
            if content.trim().len() > 3 {
                secrets += 1;
                assert!(!text.contains(content.trim()), "{}: {}", golden.name, field.path);
            }
        }
    }
    assert!(secrets > 10, "only {secrets} golden telegrams have card data, and so this proves little");
}

fn compiled_of(golden: &Golden) -> Compiled {
    let compiled = compiled::all().into_iter().find(|compiled| compiled.layout.name == golden.layout);
    compiled.unwrap_or_else(|| panic!("{}: there is no layout {}", golden.name, golden.layout))
}

/// The table, without the blanks that only fill its last column.
fn listed(dumped: &Dumped) -> String {
    let table = dumped.table();
    table.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Sixteen bytes per line, as `xxd -g 1` has it: offset, hex, ASCII.
fn hex_dump(telegram: &[u8]) -> String {
    let mut dump = String::new();
    for (row, bytes) in telegram.chunks(16).enumerate() {
        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String = bytes.iter().map(|&byte| shown(byte)).collect();
        writeln!(dump, "{:08x}: {:<47}  {text}", row * 16, hex.join(" ")).unwrap();
    }
    dump
}

fn shown(byte: u8) -> char {
    if byte == b' ' || byte.is_ascii_graphic() { char::from(byte) } else { '.' }
}
