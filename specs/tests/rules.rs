//! Every rule of a layout file, told with file, line, field, what was expected and what was found.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "rules/counted.rs"]
mod counted;
#[path = "rules/groups.rs"]
mod groups;
#[path = "rules/kinds.rs"]
mod kinds;

use std::fs;
use std::path::Path;

use specs::Rule;
use tempfile::TempDir;

/// A folder with a layout `x` of one text field, after `change`, and a well-formed part of 10 bytes.
fn folder(change: impl FnOnce(String) -> String) -> TempDir {
    let folder = TempDir::new().unwrap();
    let text = change(LAYOUT.to_owned());
    fs::write(folder.path().join("x.toml"), text).unwrap();
    fs::write(folder.path().join("part.toml"), PART).unwrap();
    folder
}

/// Line 7 is the first `[[field]]`; `name` to `kind` are lines 8 to 11, and 12 is free.
const LAYOUT: &str = r#"name    = "x"
title   = "전문"
length  = 20
charset = "euc-kr"
source  = "for tests"

[[field]]
name = "first"
at   = 0
len  = 12
kind = "text"

[[field]]
name = "second"
at   = 12
len  = 8
kind = "number"

"#;

const PART: &str = r#"name    = "part"
title   = "공통부"
length  = 12
charset = "ascii"
source  = "for tests"

[[field]]
name = "only"
at   = 0
len  = 12
kind = "filler"
"#;

fn findings(folder: &TempDir) -> Vec<specs::Finding> {
    match specs::read(&folder.path().join("x.toml")) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.0,
    }
}

/// Replaces `old` by `new`; `expected` are the findings, without the folder, one per line.
#[track_caller]
fn check(old: &str, new: &str, rule: Rule, expected: &str) {
    let folder = folder(|text| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    });
    let found = findings(&folder);
    let shown: Vec<String> =
        found.iter().map(|finding| finding.to_string().replace(&prefix(folder.path()), "")).collect();
    assert_eq!(shown.join("\n"), expected);
    assert!(found.iter().any(|finding| finding.rule == rule), "{:?}", found[0].rule);
}

fn prefix(folder: &Path) -> String {
    format!("{}/", folder.display())
}

const FIRST: &str = "kind = \"text\"\n";
const SECOND: &str = "kind = \"number\"\n";

#[test]
fn a_sound_layout_has_no_findings_and_its_defaults() {
    let folder = folder(|text| text);
    let layout = specs::read(&folder.path().join("x.toml")).unwrap();
    let (first, second) = (&layout.fields[0], &layout.fields[1]);
    assert_eq!((first.align, first.pad), (specs::Align::Left, b' '));
    assert_eq!((second.align, second.pad), (specs::Align::Right, b'0'));
    assert_eq!((first.title.as_str(), first.line, layout.length_line), ("first", 8, 3));
}

#[test]
fn fields_have_no_gap_no_overlap_and_fill_the_record() {
    check(
        "at   = 12",
        "at   = 14",
        Rule::Gap,
        "x.toml:3: expected length = 22 (where \"second\" ends), found 20\n\
         x.toml:14: field \"second\": expected at = 12 (where \"first\" ends), found 14: a gap of 2 bytes",
    );
    check(
        "len  = 12",
        "len  = 13",
        Rule::Overlap,
        "x.toml:14: field \"second\": expected at = 13 (where \"first\" ends), found 12: an overlap of 1 byte",
    );
    check(
        "at   = 0\nlen  = 12",
        "at   = 1\nlen  = 11",
        Rule::Gap,
        "x.toml:8: field \"first\": expected at = 0 (where the record begins), found 1: a gap of 1 byte",
    );
    check(
        "length  = 20",
        "length  = 21",
        Rule::Length,
        "x.toml:3: expected length = 20 (where \"second\" ends), found 21",
    );
}

#[test]
fn keys_are_known_present_and_typed() {
    check(
        FIRST,
        "kind = \"text\"\nmax = 3\n",
        Rule::UnknownKey,
        "x.toml:12: field \"first\": expected one of the keys name, title, at, len, kind, align, pad, value, format, \
         secret, blank, assumed, spec, repeat, codes, signed, charset, truncate, lenient, count, found \"max\"",
    );
    check(
        "source  =",
        "sources =",
        Rule::MissingKey,
        "x.toml:1: expected the key \"source\", found nothing\n\
         x.toml:5: expected one of the keys name, title, length, charset, source, field, found \"sources\"",
    );
    check(
        "len  = 12\n",
        "",
        Rule::MissingKey,
        "x.toml:7: field \"first\": expected the key \"len\", found nothing",
    );
    check(
        "len  = 12",
        "len  = \"12\"",
        Rule::Type,
        "x.toml:10: field \"first\": expected len to be a whole number, found a string",
    );
    check("length  = 20", "length  = 0", Rule::Value, "x.toml:3: expected length from 1 to 65535, found 0");
    check(
        "len  = 12",
        "len  = 0",
        Rule::Value,
        "x.toml:10: field \"first\": expected len from 1 to 65535, found 0",
    );
    check(
        "at   = 12",
        "at   = -1",
        Rule::Value,
        "x.toml:15: field \"second\": expected at from 0 to 65535, found -1",
    );
    check(
        FIRST,
        "kind = \"string\"\n",
        Rule::Value,
        "x.toml:11: field \"first\": expected kind = number | digits | text | korean | datetime | code | binary | \
         filler | group, found \"string\"",
    );
    check("euc-kr", "utf-8", Rule::Value, "x.toml:4: expected charset = ascii | euc-kr, found \"utf-8\"");
    check(
        FIRST,
        "kind = \"text\"\nsecret = \"password\"\n",
        Rule::Value,
        "x.toml:12: field \"first\": expected secret = pan | track | cvc | pin | block, found \"password\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nblank = \"zero\"\n",
        Rule::Value,
        "x.toml:12: field \"first\": expected blank = none, found \"zero\"",
    );
}

#[test]
fn names_are_well_formed_and_unique_and_the_layout_is_called_as_its_file() {
    check(
        "name    = \"x\"",
        "name    = \"y\"",
        Rule::Name,
        "x.toml:1: expected name = \"x\", as the file is called, found \"y\"",
    );
    check(
        "\"second\"",
        "\"first\"",
        Rule::Duplicate,
        "x.toml:14: field \"first\": expected each name once, found it again",
    );
    check(
        "\"second\"",
        "\"Second No\"",
        Rule::Name,
        "x.toml:14: field \"Second No\": expected a name of a-z, 0-9 and _ that begins with a letter, found \
         \"Second No\"",
    );
    check(
        "\"second\"",
        "\"type\"",
        Rule::Name,
        "x.toml:14: field \"type\": expected a name that a Rust field can have, found the word \"type\"",
    );
}

#[test]
fn a_file_that_is_not_toml_is_told_with_its_line() {
    let folder = folder(|text| text.replacen("at   = 0", "at   = ", 1));
    let found = findings(&folder);
    assert_eq!((found[0].rule, found[0].line), (Rule::Syntax, 9));
}

#[test]
fn a_file_that_is_not_there_is_one_finding_without_a_line() {
    let folder = TempDir::new().unwrap();
    let found = findings(&folder);
    assert_eq!((found.len(), found[0].rule, found[0].line), (1, Rule::Readable, 0));
}

#[test]
fn all_findings_are_told_at_once() {
    let folder = folder(|text| {
        text.replace("source", "origin").replacen(
            SECOND,
            "kind = \"number\"\npad = \"x\"\nvalue = \"a\"\n",
            1,
        )
    });
    let rules: Vec<Rule> = findings(&folder).iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::MissingKey, Rule::UnknownKey, Rule::Pad, Rule::Constant]);
}
