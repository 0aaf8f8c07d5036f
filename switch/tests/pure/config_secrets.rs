//! A configuration holds secrets, also where nobody looks for them: what is wrong with it is told without them.

use std::{fmt::Write as _, path::Path};

use miette::{Diagnostic as _, GraphicalReportHandler, GraphicalTheme};
use switch::config::{Config, ConfigError};

use crate::sample::{SAMPLE, config, with};

/// All that people are ever shown of an error.
fn shown(error: &ConfigError) -> String {
    let mut shown = format!("{error} {error:?}");
    let theme = GraphicalTheme::unicode_nocolor();
    GraphicalReportHandler::new_themed(theme).with_width(4_000).render_report(&mut shown, error).unwrap();
    if let Some(labels) = error.labels() {
        for label in labels {
            writeln!(shown, "{label:?}").unwrap();
        }
    }
    shown
}

/// What people are shown of this configuration, which has something wrong.
fn shown_of(text: &str) -> String {
    shown(&Config::parse(text, Path::new("switch.toml")).unwrap_err())
}

/// All of the text that lines may be shown of.
fn source(error: &ConfigError, text: &str) -> String {
    let all = error.source_code().unwrap().read_span(&(0, text.len()).into(), 0, 0).unwrap();
    std::str::from_utf8(all.data()).unwrap().to_owned()
}

/// The sample with these lines behind what stands once in it.
fn behind(line: &str, lines: &str) -> String {
    with(line, &format!("{line}\n{lines}"))
}

#[test]
fn the_value_of_a_misspelled_key_is_never_shown_but_its_name_and_line_are() {
    let card450 = "addresses = [\"127.0.0.1:7201\"]";
    let params = format!("{card450}\n[acquirers.card450.params]");
    let cases = [
        ("[routing]", "cardkey = \"SECRET\"", "cardkey"),
        ("[store]", "password = \"SECRET\"", "password"),
        ("[admin]", "token = [\"SECRET\", { of = \"SECRET\" }]", "token"),
        ("[admin]", "token = '''\nSECRET\nSECRET = 1 \n'''", "token"),
        ("[[terminals]]", "pin = \"\"\"\n  SECRET\n\"\"\"", "pin"),
        ("heartbeat_s = 0", "card_keys = \"SECRET\"", "card_keys"),
        (
            "heartbeat_s = 0",
            "tls = { ca = \"c.pem\", server_name = \"a\", key_password = \"SECRET\" }",
            "key_password",
        ),
        ("heartbeat_s = 0", "\"card key\" = \"SECRET\"", "card key"),
        ("heartbeat_s = 0", "card.key = \"SECRET\"", "card"),
        ("no = \"1208800003\"", "cardkey = \"SECRET\"", "cardkey"),
        ("no = \"1208800003\"", "vanb = { password = \"SECRET\" }", "password"),
    ];
    for (line, lines, name) in cases {
        let text = behind(line, lines);
        let shown = shown_of(&text);
        assert!(!shown.contains("SECRET"), "{lines}: {shown}");
        assert!(shown.contains(name), "{lines}: {name} is not told: {shown}");
        let at = text[..text.find(lines).unwrap()].matches('\n').count() + 1;
        assert!(shown.contains(&format!("line {at}:")), "{lines}: line {at} is not told: {shown}");
    }
    for lines in
        ["cardkey = \"SECRET\"", "CARD_KEY = \"SECRET\"", "card-key = \"SECRET\"", "card_key = \"SECRET\""]
    {
        let text = with(card450, &format!("{params}\n{lines}"));
        let shown = shown_of(&text);
        assert!(!shown.contains("SECRET") && shown.contains("acquirers.card450.params."), "{lines}: {shown}");
    }
}

#[test]
fn a_secret_in_another_form_or_at_another_place_is_not_shown_either() {
    let cases = [
        ("addresses = [\"127.0.0.1:7201\"]", "[acquirers.card450.params]\ncard_key = 70707070", "card_key"),
        ("addresses = [\"127.0.0.1:7201\"]", "[acquirers.card450.params]\ncard_key = [70707070]", "card_key"),
        ("addresses = [\"127.0.0.1:7201\"]", "params = \"70707070\"", "params"),
        ("[keys]", "[acquirers]\ncard_key = \"70707070\"", "acquirers"),
        ("[keys]", "[listen]\ncard_key = 70707070", "listen"),
        ("van_weights = { kovan = 5 }", "kicc = { id = 70707070 }", "kicc"),
    ];
    for (line, lines, name) in cases {
        let shown = shown_of(&behind(line, lines));
        assert!(!shown.contains("70707070") && shown.contains(name), "{lines}: {shown}");
    }
    let weight = with("van_weights = { kovan = 5 }", "van_weights = { card_key = \"70707070\" }");
    let shown = shown_of(&weight);
    assert!(!shown.contains("70707070") && shown.contains("card_key"), "{shown}");
    let weight = with("van_weights = { kovan = 3, vanb = 1 }", "van_weights = { card_key = \"70707070\" }");
    let shown = shown_of(&weight);
    assert!(!shown.contains("70707070") && shown.contains("expected a whole number"), "{shown}");
}

#[test]
fn what_is_commented_out_beside_something_wrong_is_not_shown() {
    let text = with("links = 3", "links = 0 # SECRET\n# card_key = \"SECRET\"");
    let shown = shown_of(&text);
    assert!(!shown.contains("SECRET") && shown.contains("links = 0"), "{shown}");
    let quoted = with("links = 3", "links = 0").replace("\"127.0.0.1:7103\"", "\"no#port\"");
    assert!(shown_of(&quoted).contains("addresses = [\"no#port\"]"), "a # in a text begins no comment");
}

#[test]
fn where_a_quote_is_missing_nothing_but_known_names_is_shown() {
    let params = "[acquirers.card450.params]\ncard_key = ";
    for value in [
        "\"SECRET",
        "SECRET",
        "\"SECRET\" = 5",
        "\"\"\"\nSECRET\nSECRET=\n[SECRET]\n",
        "'''\nSECRET = SECRET\n",
        "SECRET\"",
        "{ \"SECRET\" = ",
    ] {
        let text = with("[routing]\n", &format!("{params}{value}\n[routing]\n"));
        let error = Config::parse(&text, Path::new("switch.toml")).unwrap_err();
        let (shown, source) = (shown(&error), source(&error, &text));
        assert!(!source.contains("SECRET") && source.contains("card_key"), "{value}: {source}");
        assert!(!shown.contains("SECRET"), "{value}: {shown}");
        assert!(shown.contains("line "), "{value}: {shown}");
    }
}

#[test]
fn every_value_of_a_known_key_is_shown_but_for_parameters() {
    // All of it is shown: everything else is wrong, from its first line to its last.
    let text = with("lease_s = 12", "lease_s = 0").replace("\"HOST\"", "\"SECRET\"");
    let text = format!("first = 1\n{text}last = 1\n");
    let error = Config::parse(&text, Path::new("switch.toml")).unwrap_err();
    let shown = source(&error, &text);
    for (line, shown) in text.lines().zip(shown.lines()) {
        match line {
            "first = 1" | "last = 1" => assert!(shown.ends_with(" = *"), "{shown}"),
            "host = \"SECRET\"" => assert_eq!(shown, "host = ********"),
            _ => assert_eq!(shown, line),
        }
    }
}

#[test]
fn where_a_file_is_no_toml_every_name_of_the_sample_is_still_shown() {
    let text = format!("{SAMPLE}[SECRET\n");
    let error = Config::parse(&text, Path::new("switch.toml")).unwrap_err();
    let shown = source(&error, &text);
    assert_eq!(shown.len(), text.len(), "byte for byte, so that problems are shown where they are");
    for (line, shown) in SAMPLE.lines().zip(shown.lines()) {
        let name = |line: &str| line.split_once(" = ").map(|(name, _)| name.to_owned());
        let is_acquirer = |name: &String| ["kovan", "vanb", "card450"].contains(&name.as_str());
        if let Some(name) = name(line).filter(|name| !is_acquirer(name)) {
            assert!(shown.starts_with(&name), "{shown:?} of {line:?}");
        }
    }
}

#[test]
fn a_card_key_is_never_shown_whatever_is_wrong_around_it() {
    let section = "[acquirers.card450.params]\ncard_key = \"SECRETSECRETSECRET\"\n";
    let inline = "params = { card_key = \"SECRETSECRETSECRET\" }\nlinks = 0\n";
    let quoted = "[acquirers.card450.params]\n\"card_key\" = \"SECRETSECRETSECRET\" = 5\n";
    for text in [section, inline, quoted] {
        let text = with("[routing]\n", &format!("{text}[routing]\n"));
        let error = Config::parse(&text, Path::new("switch.toml")).unwrap_err();
        let mut shown = format!("{error} {error:?}");
        let theme = GraphicalTheme::unicode_nocolor();
        GraphicalReportHandler::new_themed(theme).render_report(&mut shown, &error).unwrap();
        assert!(error.labels().is_some_and(|labels| labels.count() > 0));
        assert!(shown.contains("card_key") && !shown.contains("SECRET"), "{shown}");
    }
}

#[test]
fn a_card_key_is_not_shown_by_a_valid_configuration_either() {
    let key = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    let section = format!("[acquirers.card450.params]\ncard_key = \"{key}\"\n[routing]\n");
    let config = config(&with("[routing]\n", &section));
    let shown = format!("{config:?} {config:#?}");
    assert!(shown.contains("card_key") && !shown.contains(key), "{shown}");
}

#[test]
fn the_password_of_a_url_is_not_shown() {
    let shown = shown_of(&with("\"data/switch.db\"", "\"postgres://switch:SECRET@db/switch\""));
    assert!(!shown.contains("SECRET") && shown.contains("found a URL"), "{shown}");
}

#[test]
fn what_may_be_a_card_number_is_shown_of_no_key() {
    let numbers = [
        "4579731253206133",
        "4579-7312-5320-6133",
        "4579 7312 5320 6133",
        "4579/7312/5320/6133",
        "4579.7312:5320_6133",
        "4579\u{a0}7312\u{a0}5320\u{a0}6133",
        "\\u0034579-7312-5320-6133",
        "４５７９７３１２５３２０６１３３",
    ];
    let places = [
        ("\"457973\", ", "\"NUMBER\", "),
        ("\"ascii4\"", "\"NUMBER\""),
        ("\"127.0.0.1:7103\"", "\"NUMBER\""),
        ("dialect = \"card450\"", "dialect = \"NUMBER\""),
        ("name = \"남산상회\"", "name = \"NUMBER\"\nextra = 1"),
        ("no = \"1208800002\"", "no = \"NUMBER\""),
        ("id = \"1000000001\"", "id = \"NUMBER\""),
        ("id = \"1000000001\"", "\"NUMBER\" = \"1\""),
        ("instance = 7", "instance = \"NUMBER\""),
        ("instance = 7", "instance = 7 \"NUMBER\""),
        ("[acquirers.vanb]", "[acquirers.\"NUMBER\"]"),
        ("van_weights = { kovan = 5 }", "van_weights = { \"NUMBER\" = 5 }"),
        ("\"at-once\"", "\"NUMBER\""),
        ("\"data/switch.db\"", "\"NUMBER/..\""),
    ];
    for number in numbers {
        for (from, to) in places {
            let shown = shown_of(&with(from, &to.replace("NUMBER", number)));
            let seen = ["5320", "５３２０", "7312", "6133"].iter().any(|part| shown.contains(part));
            assert!(!seen, "{number} in {to}: {shown}");
        }
    }
    for number in ["4579731253206133", "4579_7312_5320_6133", "4579731253206133.5"] {
        for (from, to) in
            [("links = 3", "links = "), ("instance = 7", "instance = "), ("direct = false", "direct = ")]
        {
            let shown = shown_of(&with(from, &format!("{to}{number}")));
            assert!(!shown.contains("5320") && shown.contains("expected "), "{number} in {to}: {shown}");
        }
    }
}

#[test]
fn what_may_be_a_card_number_is_shown_by_no_check_of_a_valid_configuration() {
    let text = with("남산상회", "4579731253206133").replace("kovan = { cat_id = \"9\"", "card450 = {}\n#");
    let text = text.replace("data/switch.db", "data/4579-7312-5320-6133.db");
    let told = switch::check::explain(&config(&text));
    assert!(!told.contains("5320") && told.contains("merchant 1208800002 (****************)"), "{told}");
    for shown in ["at 127.0.0.1:7101, van.example:7102,", "store /etc/switch/data/****-****-****-****.db"] {
        assert!(told.contains(shown), "{told}");
    }
}
