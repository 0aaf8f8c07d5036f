use super::*;

fn now() -> DateTime {
    "2026-07-01T09:08:07".parse().unwrap()
}

fn built(layout: &str, text: &str) -> Result<Vec<u8>, String> {
    telegram(&Layout::embedded(layout).unwrap(), "v.toml", text, now())
        .map_err(|findings| findings.to_string())
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(built("terminal-0100", text).unwrap_err(), expected);
}

/// A layout of every kind, some of it repeated and counted.
fn invented() -> Layout {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("item.toml", include_str!("tests/item.toml"));
    file("note.toml", include_str!("tests/note.toml"));
    file("order.toml", include_str!("tests/order.toml"));
    Layout::read(&folder.path().join("order.toml")).unwrap_or_else(|findings| panic!("{findings}"))
}

fn order(text: &str) -> Result<String, String> {
    match telegram(&invented(), "v.toml", text, now()) {
        Ok(bytes) => {
            assert_eq!(invented().checks(&bytes).len(), 0, "{}", bytes.escape_ascii());
            Ok(bytes.escape_ascii().to_string())
        }
        Err(findings) => Err(findings.to_string()),
    }
}

#[test]
fn values_stand_in_groups_as_tables_or_dotted_keys() {
    let table = built("terminal-0100", "total_amount = 1000\nheader = { trace_no = \"42\" }\n").unwrap();
    let dotted = built("terminal-0100", "header.trace_no = \"42\"\ntotal_amount = 1_000\n").unwrap();
    assert_eq!(table, dotted);
    assert_eq!((&table[26..32], &table[32..46]), (&b"000042"[..], &b"20260701090807"[..]));
    assert_eq!(&table[365..377], b"000000001000");
}

#[test]
fn every_kind_of_value_has_its_toml() {
    let text = r#"
balance = -50
opened  = 2026-07-01
closes  = 23:30:00
name    = "한강상회 광화문점"
state   = "A"
block   = { hex = "00 ff" }
pin     = "1234"
notes   = [{ line = "one" }]

[[items]]
name = "김밥"
qty  = 2

[[items]]
name = "라면"
"#;
    assert_eq!(
        order(text).unwrap(),
        r"OR-00050260701233000\xc7\xd1\xb0\xad\xbb\xf3\xc8\xb8 A\x00\xff  123402\xb1\xe8\xb9\xe4  002\xb6\xf3\xb8\xe9  000         one       "
    );
}

#[test]
fn what_is_left_out_holds_its_default_and_counts_nothing() {
    let blank = |count| " ".repeat(count);
    assert_eq!(order("").unwrap(), format!("OR000000260701090807{}00{}", blank(18), blank(37)));
    assert_eq!(order("items = []").unwrap(), order("").unwrap());
}

#[test]
fn unknown_names_and_wrong_types_are_told_with_their_lines_all_at_once() {
    check(
        "\ntotal_amuont = 1000\ntotal_amount = \"1000\"\nheader = 7\nheader2 = {}\n",
        "v.toml:2: expected a field of terminal-0100, found \"total_amuont\"\n\
         v.toml:3: field \"total_amount\": expected a whole number, found a string\n\
         v.toml:4: field \"header\": expected a table, as a group is, found a whole number\n\
         v.toml:5: expected a field of terminal-0100, found \"header2\"",
    );
    check(
        "header.trace_no = 42\nheader.sent_at = 2026-07-01\nheader.filler = \"x\"\nemv_data = { hex = \"9F2\" }\nentry_mode = true\n",
        "v.toml:1: field \"header.trace_no\": expected digits as a string, which keeps their zeros, found a whole number\n\
         v.toml:2: field \"header.sent_at\": expected what yyyyMMddHHmmss has of a local date and time, found a date or \
         time\n\
         v.toml:3: field \"header.filler\": expected no value: a filler has none\n\
         v.toml:4: field \"emv_data\": expected { hex = \"9F 26\" }, found a table\n\
         v.toml:5: field \"entry_mode\": expected a string, found a boolean",
    );
    check("trace_no = \"42\"", "v.toml:1: expected a field of terminal-0100, found \"trace_no\"");
}

#[test]
fn values_that_do_not_fit_are_told_and_those_of_secrets_are_not() {
    check(
        "header.trace_no = \"1234567\"\nheader.terminal_id = \"한강\"\ntotal_amount = -1\n",
        "v.toml:1: field \"header.trace_no\": expected at most 6 bytes, found 7 bytes\n\
         v.toml:2: field \"header.terminal_id\": expected printable ASCII, found \"한강\"\n\
         v.toml:3: field \"total_amount\": expected digits only, found \"-1\"",
    );
    check("card_track = \"한941\"\n", "v.toml:1: field \"card_track\": expected printable ASCII");
    check(
        "card_track = \"9410123412341237=29129410123412341237=2912\"\n",
        "v.toml:1: field \"card_track\": expected at most 37 bytes, found 42 bytes",
    );
    check(
        "header.terminal_id = \" 9410123412341237\"\n\"9410123412341237\" = 1\n",
        "v.toml:1: field \"header.terminal_id\": expected at most 10 bytes, found 17 bytes\n\
         v.toml:2: expected a field of terminal-0100, found \"*** (16 bytes)\"",
    );
    check(
        "header.sent_at = \"9410123412341237\"\ntotal_amount = 12345678901234567890123456789012345678901\n",
        "v.toml:1: field \"header.sent_at\": expected at most 14 bytes, found 16 bytes\n\
         v.toml:2: field \"total_amount\": expected a whole number of at most 38 digits, found a whole number",
    );
}

#[test]
fn groups_have_no_more_occurrences_than_the_layout_and_are_counted_by_nobody_else() {
    let wrong = |text: &str| order(text).unwrap_err();
    assert_eq!(
        wrong("item_count = 1\nitems = [{}, {}, {}, {}]\nnotes = [{}, {}, 3]\n"),
        "v.toml:1: field \"item_count\": expected no value: it follows from the group it counts\n\
         v.toml:2: field \"items\": expected at most 3 occurrences, found 4\n\
         v.toml:3: field \"notes\": expected at most 2 occurrences, found 3"
    );
    assert_eq!(
        wrong("items = [{ nam = \"x\" }, 3]\nnotes = { line = \"x\" }\n"),
        "v.toml:1: expected a field of order, found \"items[0].nam\"\n\
         v.toml:1: field \"items[1]\": expected a table, as a group is, found a whole number\n\
         v.toml:2: field \"notes\": expected a list of tables, as a repeated group is, found a table"
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_line_and_without_its_values() {
    let told = built("terminal-0100", "total_amount = 1\ncard_track = 9410123412341237=2912\n").unwrap_err();
    assert!(told.starts_with("v.toml:2: expected TOML, found "), "{told}");
    assert!(!told.contains("9410"), "{told}");
    let twice = built("terminal-0100", "total_amount = 1\ntotal_amount = 2\n").unwrap_err();
    assert!(twice.starts_with("v.toml:2: expected TOML, found "), "{twice}");
    let long = "#".repeat(MAX_FILE_BYTES + 1);
    assert_eq!(
        built("terminal-0100", &long).unwrap_err(),
        format!("v.toml: expected at most {MAX_FILE_BYTES} bytes, found {} bytes", MAX_FILE_BYTES + 1)
    );
}

#[test]
fn a_datetime_has_the_parts_of_its_field() {
    for (text, fits) in [
        ("opened = 2026-07-01", true),
        ("opened = \"260701\"", true),
        ("opened = 2026-07-01T09:00:00", false),
        ("opened = 1999-07-01", false),
        ("opened = \"260732\"", false),
        ("closes = 09:00:00", true),
        ("closes = 2026-07-01", false),
        ("closes = 2026-07-01T09:00:00+09:00", false),
    ] {
        assert_eq!(order(text).is_ok(), fits, "{text}");
    }
}
