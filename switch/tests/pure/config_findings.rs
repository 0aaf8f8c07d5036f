//! Everything wrong with a file is told at once, and nothing that only follows from it.

use proptest::prelude::*;

use crate::sample::{SAMPLE, config, problems, with};

/// The sample with these exchanges, each of a text that stands once in it; and what is told of it, one line each.
fn told(exchanges: &[(&str, &str)]) -> Vec<String> {
    let text = exchanges.iter().fold(SAMPLE.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from:?} stands once");
        text.replace(from, to)
    });
    let found = problems(&text);
    let found = found.strip_prefix("switch.toml: ").unwrap();
    found.split("; line ").map(|line| line.trim_start_matches("line ").to_owned()).collect()
}

/// The line of the sample a text stands on.
fn line(text: &str) -> usize {
    SAMPLE[..SAMPLE.find(text).unwrap()].matches('\n').count() + 1
}

#[test]
fn form_and_meaning_are_told_together_in_the_order_of_lines() {
    let found = told(&[
        ("max_connections = 20000", "max_connection = 20000"),
        ("idle_timeout_s = 300", "idle_timeout_s = \"300\""),
        ("instance = 7", "instance = 92"),
        ("links = 3", "links = 0"),
        ("max_in_flight = 900", "max_in_flight = true"),
        ("fallback = \"vans\"", "fallback = \"van\""),
        ("give_up_after_s = 80000", "give_up_after_s = 0"),
        ("card450 = {}", "kicc = {}"),
        ("merchant_no = \"1208800001\"", "merchant = \"1208800001\""),
    ]);
    let expected = [
        (line("max_connections"), "unknown field `max_connection`, expected one of"),
        (line("idle_timeout_s"), "invalid type: string \"300\", expected a whole number from 0"),
        (line("instance"), "store.instance: expected 0 to 91, found 92"),
        (line("links = 3"), "acquirers.kovan.links: expected 1 to 10000, found 0"),
        (line("max_in_flight"), "invalid type: boolean `true`, expected a whole number from 0"),
        (line("fallback"), "unknown variant `van`, expected `vans` or `none`"),
        (line("give_up_after_s"), "net_cancel.give_up_after_s: expected 1 to 2592000, found 0"),
        (line("card450 = {}"), "a row of merchant 1208800001: expected the name of an [acquirers.<name>]"),
        (line("[[terminals]]") + 2, "unknown field `merchant`, expected `id` or `merchant_no`"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, (line, expected)) in found.iter().zip(expected) {
        assert!(found.starts_with(&format!("{line}: {expected}")), "{found}, not {line}: {expected}");
    }
}

#[test]
fn what_follows_from_something_wrong_is_not_told() {
    // A required key of another type: nothing more is said of its section, nor of who names it.
    let found = told(&[("addresses = [\"127.0.0.1:7201\"]", "addresses = 5")]);
    assert_eq!(
        found,
        [format!("{}: invalid type: integer `5`, expected a sequence", line("127.0.0.1:7201"))]
    );
    let found = told(&[("dialect = \"card450\"\n", "")]);
    assert_eq!(found, [format!("{}: missing field `dialect`", line("[acquirers.card450]"))]);
    // What it names is not told either: the first of its kind, whose header begins the table of all of them.
    let kovan = "[acquirers.kovan]\ndialect = \"kovan\"\n";
    let found = told(&[(kovan, "[acquirers.kovan]\n"), ("instance = 7", "instance = 92")]);
    let expected = [
        format!("{}: store.instance: expected 0 to 91, found 92", line("instance = 7")),
        format!("{}: missing field `dialect`", line("[acquirers.kovan]")),
    ];
    assert_eq!(found, expected);
    let found = told(&[("address = \"127.0.0.1:7001\"\n", ""), ("links = 3", "links = 0")]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0], "1: missing field `address`");
    let found = told(&[("path = \"data/switch.db\"", "path = 5")]);
    assert_eq!(found.len(), 1, "{found:?}");
    let found =
        told(&[("van_weights = { kovan = 3, vanb = 1 }", "van_weights = [1]"), (DIRECT, "direct = []")]);
    assert_eq!(found.len(), 1, "{found:?}");
    let found = told(&[("terminal_deadline_ms = 27000", "terminal_deadline_ms = -1"), ("9000", "29000")]);
    assert_eq!(found.len(), 1, "{found:?}");
    // An acquirer that is told how long it has, by a parameter that cannot be read.
    for params in ["[acquirers.kicc.params]\ntimeout_s = 1\n", "params = { timeout_s = 1 }\n"] {
        let kicc = format!(
            "[acquirers.kicc]\ndialect = \"kicc\"\naddresses = [\"127.0.0.1:7104\"]\nanswer_timeout_ms = 2000\nsettle_after_ms = 2000\n{params}"
        );
        let found = told(&[("[routing]\n", &format!("{kicc}[routing]\n"))]);
        assert!(found.len() == 1 && found[0].contains("invalid type: integer"), "{found:?}");
    }
    let found = told(&[("[\"457973\", \"94500000-94599999\"]", "[457973]")]);
    assert_eq!(found.len(), 1, "{found:?}");
}

const DIRECT: &str =
    "direct = [{ bins = [\"457973\", \"94500000-94599999\"], acquirer = \"card450\", fallback = \"vans\" }]";

#[test]
fn every_line_that_is_no_toml_is_told() {
    let found = told(&[("links = 3", "links = = 3"), ("instance = 7", "instance"), ("[admin]", "[admin")]);
    let expected = [line("instance"), line("links = 3"), line("[admin]")];
    let found: Vec<usize> =
        found.iter().map(|found| found.split_once(':').unwrap().0.parse().unwrap()).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_file_with_very_much_wrong_is_not_read_for_ever() {
    let many = (0..500).map(|key| format!("unknown{key} = 1\n")).collect::<Vec<_>>().concat();
    let found = problems(&with("[net_cancel]\n", &format!("[net_cancel]\n{many}")));
    assert_eq!(found.matches("unknown field").count(), 20);
}

#[test]
fn of_very_many_problems_the_first_are_told_and_how_many_more() {
    let terminals = |merchant: &str, count: usize| {
        let row = |id| {
            format!("[[terminals]]\nid = \"{:010}\"\nmerchant_no = \"{merchant}\"\n", 2_000_000_000_u64 + id)
        };
        (0..count as u64).map(row).collect::<Vec<_>>().concat()
    };
    let one = problems(&with("[admin]\n", &format!("{}[admin]\n", terminals("1208800009", 1))));
    assert!(!one.contains("more"), "{one}");
    let started = std::time::Instant::now();
    let text = with("[admin]\n", &format!("{}[admin]\n", terminals("1208800009", 20_000)));
    let found = problems(&text.replace("links = 3", "links = 0"));
    let links = format!("line {}: acquirers.kovan.links: expected", line("links = 3"));
    assert!(found.contains(&links), "{found}");
    assert_eq!(found.matches("terminals.merchant_no: expected").count(), 19);
    assert!(found.ends_with("found \"1208800009\"; and 19981 more"), "{found}");
    let error = switch::config::Config::parse(&text, std::path::Path::new("switch.toml")).unwrap_err();
    let told = format!("{:?}", miette::Report::new(error));
    assert!(told.contains("and 19980 more") && told.len() < 100_000, "{} bytes", told.len());
    // Seconds in a debug build; quadratic it was minutes.
    assert!(started.elapsed() < std::time::Duration::from_secs(45), "{:?}", started.elapsed());
}

#[test]
fn the_terminals_of_a_merchant_whose_number_is_wrong_are_no_problems_of_their_own() {
    for wrong in ["no = 1208800001", "no = \"120880000l\"", "nr = \"1208800001\"", "no = \"12088000011\""] {
        let found = told(&[("no = \"1208800001\"\nname", &format!("{wrong}\nname"))]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(": merchants.no: expected a string of 10 digits"), "{found:?}");
    }
}

/// What might stand for a value.
fn value() -> impl Strategy<Value = &'static str> {
    let values = [
        "0",
        "1",
        "-1",
        "9223372036854775807",
        "99999999999999999999",
        "1.5",
        "inf",
        "true",
        "\"\"",
        "\"none\"",
        "\"가\"",
        "[]",
        "[[1]]",
        "[\"a\", 1]",
        "{}",
        "{ a = 1 }",
        "{ kovan = 1 }",
        "{ failures = \"x\", slow = 1 }",
        "2026-11-05",
        "",
        "= 1",
        "\"",
        "[",
        "}",
    ];
    prop::sample::select(values.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_file_with_anything_in_the_place_of_its_values_is_valid_or_told_at_some_line(
        changes in prop::collection::vec((0..SAMPLE.lines().count(), value()), 1..6),
    ) {
        let mut lines: Vec<String> = SAMPLE.lines().map(str::to_owned).collect();
        for (at, value) in changes {
            if let Some((key, _)) = lines[at].clone().split_once(" = ") {
                lines[at] = format!("{key} = {value}");
            }
        }
        if let Err(error) = switch::config::Config::parse(&lines.join("\n"), std::path::Path::new("switch.toml")) {
            prop_assert!(error.to_string().starts_with("switch.toml: line "), "{}", error);
        }
    }

    #[test]
    fn a_file_with_any_of_its_lines_taken_out_is_valid_or_told_at_some_line(
        out in prop::collection::btree_set(0..SAMPLE.lines().count(), 0..4),
    ) {
        let left = SAMPLE.lines().enumerate().filter(|(at, _)| !out.contains(at)).map(|(_, line)| line);
        let left = left.collect::<Vec<_>>().join("\n");
        if let Err(error) = switch::config::Config::parse(&left, std::path::Path::new("switch.toml")) {
            prop_assert!(error.to_string().starts_with("switch.toml: line "), "{}", error);
        }
    }
}

#[test]
fn the_sample_is_valid() {
    config(SAMPLE);
}
