//! Every rule of a layout file, told with file, line, field, what was expected and what was found.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "rules/counted.rs"]
mod counted;

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
fn a_constant_fits_its_field_and_kind() {
    check(
        SECOND,
        "kind = \"number\"\nvalue = \"123456789\"\n",
        Rule::Constant,
        "x.toml:18: field \"second\": expected a constant of at most 8 bytes, found \"123456789\", 9 bytes",
    );
    check(
        SECOND,
        "kind = \"number\"\nvalue = \"12a\"\n",
        Rule::Constant,
        "x.toml:18: field \"second\": expected a constant of digits, found \"12a\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nvalue = \"승인\"\n",
        Rule::Constant,
        "x.toml:12: field \"first\": expected a constant of printable ASCII, found \"승인\"",
    );
    check(
        SECOND,
        "kind = \"digits\"\nalign = \"right\"\npad = \"0\"\nvalue = \"12\"\n",
        Rule::Constant,
        "x.toml:20: field \"second\": expected a constant of exactly 8 bytes, found \"12\", 2 bytes",
    );
    check(
        SECOND,
        "kind = \"filler\"\nvalue = \"12\"\n",
        Rule::Constant,
        "x.toml:18: field \"second\": expected value only on a field that holds data, found kind = \"filler\"",
    );
}

#[test]
fn a_format_stands_on_a_datetime_of_its_length() {
    check(
        SECOND,
        "kind = \"number\"\nformat = \"yyyyMMdd\"\n",
        Rule::Format,
        "x.toml:18: field \"second\": expected format only on kind = \"datetime\", found kind = \"number\"",
    );
    check(
        SECOND,
        "kind = \"datetime\"\nformat = \"yyMMdd\"\n",
        Rule::Format,
        "x.toml:18: field \"second\": expected len = 6, as \"yyMMdd\" is, found 8",
    );
    check(
        SECOND,
        "kind = \"datetime\"\n",
        Rule::Format,
        "x.toml:14: field \"second\": expected the format of the datetime, found none",
    );
    check(
        SECOND,
        "kind = \"datetime\"\nformat = \"ddMMyyyy\"\n",
        Rule::Value,
        "x.toml:18: field \"second\": expected format = yyyyMMddHHmmss | yyMMddHHmmss | MMddHHmmss | yyyyMMdd | yyMMdd \
         | HHmmss, found \"ddMMyyyy\"",
    );
}

#[test]
fn padding_and_alignment_suit_the_kind() {
    check(
        SECOND,
        "kind = \"number\"\npad = \"00\"\n",
        Rule::Pad,
        "x.toml:18: field \"second\": expected pad to be one printable byte, found \"00\"",
    );
    check(
        SECOND,
        "kind = \"number\"\npad = \"x\"\n",
        Rule::Pad,
        "x.toml:18: field \"second\": expected pad = \"0\" with align = \"right\", or pad = \" \", found pad = \"x\", \
         align = \"right\"",
    );
    check(
        SECOND,
        "kind = \"number\"\nalign = \"left\"\n",
        Rule::Pad,
        "x.toml:14: field \"second\": expected pad = \"0\" with align = \"right\", or pad = \" \", found pad = \"0\", \
         align = \"left\"",
    );
    check(
        FIRST,
        "kind = \"text\"\npad = \"0\"\n",
        Rule::Pad,
        "x.toml:12: field \"first\": expected pad = \" \" on kind = \"text\", found pad = \"0\", align = \"left\"",
    );
    check(
        FIRST,
        "kind = \"binary\"\nalign = \"right\"\n",
        Rule::Align,
        "x.toml:12: field \"first\": expected align only on a number, digits, text, korean or code, found kind = \
         \"binary\"",
    );
}

#[test]
fn secret_blank_codes_and_repeat_stand_where_they_mean_something() {
    check(
        FIRST,
        "kind = \"filler\"\nsecret = \"pan\"\n",
        Rule::Secret,
        "x.toml:12: field \"first\": expected secret only on a field that holds data, found kind = \"filler\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nblank = \"none\"\nvalue = \"A\"\n",
        Rule::Blank,
        "x.toml:12: field \"first\": expected blank only where there is no constant, found value and blank",
    );
    check(
        FIRST,
        "kind = \"text\"\ncodes = { A = \"가\" }\n",
        Rule::Codes,
        "x.toml:12: field \"first\": expected codes only on kind = \"code\", found kind = \"text\"",
    );
    check(
        FIRST,
        "kind = \"code\"\ncodes = { ABCDEFGHIJKLM = \"가\" }\n",
        Rule::Codes,
        "x.toml:12: field \"first\": expected codes of at most 12 bytes printable ASCII, found \"ABCDEFGHIJKLM\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nrepeat = 2\n",
        Rule::Repeat,
        "x.toml:12: field \"first\": expected repeat only on kind = \"group\", found kind = \"text\"\n\
         x.toml:15: field \"second\": expected at = 24 (where \"first\" ends), found 12: an overlap of 12 bytes",
    );
    check(
        FIRST,
        "kind = \"group\"\nspec = \"part\"\nrepeat = 0\n",
        Rule::Value,
        "x.toml:13: field \"first\": expected repeat from 1 to 65535, found 0",
    );
}

#[test]
fn korean_needs_the_charset() {
    let folder =
        folder(|text| text.replace("euc-kr", "ascii").replacen("kind = \"text\"", "kind = \"korean\"", 1));
    let found = findings(&folder);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].rule, found[0].line), (Rule::Charset, 8));
}

#[test]
fn a_groups_layout_exists_has_its_length_and_does_not_contain_itself() {
    check(
        FIRST,
        "kind = \"group\"\n",
        Rule::MissingKey,
        "x.toml:7: field \"first\": expected the key \"spec\", found nothing",
    );
    check(
        FIRST,
        "kind = \"text\"\nspec = \"part\"\n",
        Rule::Group,
        "x.toml:12: field \"first\": expected spec only on kind = \"group\", found kind = \"text\"",
    );
    check(
        FIRST,
        "kind = \"group\"\nspec = \"../part\"\n",
        Rule::Group,
        "x.toml:12: field \"first\": expected the name of a layout in the same folder, found spec = \"../part\"",
    );
    check(
        FIRST,
        "kind = \"group\"\nspec = \"apart\"\n",
        Rule::Group,
        "x.toml:12: field \"first\": expected a layout file apart.toml, found No such file or directory (os error 2)",
    );
    check(
        FIRST,
        "kind = \"group\"\nspec = \"x\"\n",
        Rule::Group,
        "x.toml:12: field \"first\": expected a layout that does not contain this one, at most 4 deep, found spec = \
         \"x\" inside x",
    );
    check(
        "len  = 12\nkind = \"text\"",
        "len  = 11\nkind = \"group\"\nspec = \"part\"",
        Rule::Group,
        "x.toml:12: field \"first\": expected len = 12, the length of part.toml, found 11\n\
         x.toml:15: field \"second\": expected at = 11 (where \"first\" ends), found 12: a gap of 1 byte",
    );
}

#[test]
fn a_group_is_inlined() {
    let folder = folder(|text| {
        text.replacen(FIRST, "kind = \"group\"\nspec = \"part\"\nrepeat = 2\n", 1)
            .replace("at   = 12", "at   = 24")
            .replace("length  = 20", "length  = 32")
    });
    let layout = specs::read(&folder.path().join("x.toml")).unwrap();
    let flat: Vec<_> = layout.flat_fields().into_iter().map(|flat| (flat.path, flat.at)).collect();
    let expected = [("first[0].only", 0), ("first[1].only", 12), ("second", 24)];
    assert_eq!(flat, expected.map(|(path, at)| (path.to_owned(), at)));
}

#[test]
fn a_sign_stands_on_a_number_that_varies() {
    check(
        FIRST,
        "kind = \"text\"\nsigned = true\n",
        Rule::Signed,
        "x.toml:12: field \"first\": expected signed only on kind = \"number\", found kind = \"text\"",
    );
    check(
        SECOND,
        "kind = \"number\"\nvalue = \"1\"\nsigned = true\n",
        Rule::Signed,
        "x.toml:19: field \"second\": expected signed only where there is no constant, found value and signed",
    );
    check(
        SECOND,
        "kind = \"number\"\nsigned = \"yes\"\n",
        Rule::Type,
        "x.toml:18: field \"second\": expected signed to be true or false, found a string",
    );
}

#[test]
fn a_fields_own_charset_stands_on_korean() {
    check(
        FIRST,
        "kind = \"text\"\ncharset = \"uhc\"\n",
        Rule::Charset,
        "x.toml:12: field \"first\": expected charset only on kind = \"korean\", found kind = \"text\"",
    );
    check(
        FIRST,
        "kind = \"korean\"\ncharset = \"cp949\"\n",
        Rule::Value,
        "x.toml:12: field \"first\": expected charset = ksx1001 | uhc, found \"cp949\"",
    );
}

#[test]
fn text_that_varies_can_be_cut() {
    check(
        SECOND,
        "kind = \"number\"\ntruncate = true\n",
        Rule::Truncate,
        "x.toml:18: field \"second\": expected truncate only on text or korean, found kind = \"number\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nvalue = \"A\"\ntruncate = true\n",
        Rule::Truncate,
        "x.toml:13: field \"first\": expected truncate only where there is no constant, found value and truncate",
    );
}

#[test]
fn a_leniency_suits_what_it_loosens() {
    check(
        SECOND,
        "kind = \"number\"\npad = \" \"\nlenient = [\"padding\"]\n",
        Rule::Lenient,
        "x.toml:19: field \"second\": expected \"padding\" only on a number with pad = \"0\", found kind = \"number\", \
         pad = \" \"",
    );
    check(
        SECOND,
        "kind = \"number\"\nlenient = [\"alignment\"]\n",
        Rule::Lenient,
        "x.toml:18: field \"second\": expected \"alignment\" only on a number, text or code with pad = \" \", found kind \
         = \"number\", pad = \"0\"",
    );
    check(
        SECOND,
        "kind = \"digits\"\nlenient = [\"nul\"]\n",
        Rule::Lenient,
        "x.toml:18: field \"second\": expected \"nul\" only on text, korean or a code, found kind = \"digits\", pad = \" \"",
    );
    check(
        FIRST,
        "kind = \"text\"\nlenient = [\"cut\"]\n",
        Rule::Lenient,
        "x.toml:12: field \"first\": expected \"cut\" only on korean, found kind = \"text\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nlenient = [\"nul\", \"nul\"]\n",
        Rule::Lenient,
        "x.toml:12: field \"first\": expected each word once, found \"nul\" again",
    );
    check(
        FIRST,
        "kind = \"text\"\nvalue = \"A\"\nlenient = [\"nul\"]\n",
        Rule::Lenient,
        "x.toml:13: field \"first\": expected lenient only where there is no constant, found value and lenient",
    );
    check(
        FIRST,
        "kind = \"text\"\nlenient = [\"case\"]\n",
        Rule::Value,
        "x.toml:12: field \"first\": expected lenient to be a list of padding | alignment | nul | cut, found \"case\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nlenient = \"nul\"\n",
        Rule::Type,
        "x.toml:12: field \"first\": expected lenient to be a list of padding | alignment | nul | cut, found a string",
    );
    check(
        FIRST,
        "kind = \"text\"\nlenient = [1]\n",
        Rule::Type,
        "x.toml:12: field \"first\": expected lenient to be a list of padding | alignment | nul | cut, found a whole number",
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
