//! The samples against the sandbox's own configuration, and their totals against a ledger kept here.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod ledger;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::Path,
    time::Duration,
};

use codec::frame::Framing;
use payment::{MerchantNo, TerminalId};
use telegram_replay::capture::Capture;

use self::ledger::Ledger;
use super::{
    day::{SAMPLES, Sample, rest_of_the_date},
    settings::{self, Addresses},
};
use crate::config::{Config, Confirm};

fn config() -> Config {
    let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let addresses =
        Addresses { kovan: at(1), kovan2: at(2), kspay: at(3), kicc: at(4), card450: at(5), card451: at(6) };
    Config::parse(&settings::configuration(at(7001), &addresses), Path::new("/data/sandbox.toml")).unwrap()
}

fn captures() -> impl Iterator<Item = (&'static str, &'static str, Capture)> {
    SAMPLES.into_iter().map(|Sample { name, listener, .. }| {
        (name, listener, Capture::parse(name, specs::sample(name).unwrap().as_bytes()).unwrap())
    })
}

#[test]
fn the_samples_are_all_there_are_and_speak_as_their_listeners_do() {
    let config = config();
    assert_eq!(
        SAMPLES.map(|sample| sample.name).into_iter().collect::<BTreeSet<_>>(),
        specs::sample_names().collect(),
    );
    for (name, listener, capture) in captures() {
        let listener = &config.listeners[listener];
        assert_eq!(capture.framing, listener.framing, "{name}");
        let handshake = matches!(listener.confirm, Confirm::Handshake { .. });
        assert_eq!(capture.handshake, handshake, "{name}");
        assert_eq!(handshake, capture.framing == Framing::StxLrc, "{name}");
        let has_acknowledgements = capture_has(&capture, "terminal-0120");
        assert_eq!(has_acknowledgements, matches!(listener.confirm, Confirm::Ack { .. }), "{name}");
    }
}

fn capture_has(capture: &Capture, layout: &str) -> bool {
    Ledger::of(capture).sent().any(|sent| sent.layout == layout)
}

#[test]
fn a_day_has_some_hundred_telegrams_of_every_type() {
    let mut types = BTreeMap::<_, usize>::new();
    for (_, _, capture) in captures() {
        let ledger = Ledger::of(&capture);
        ledger.sent().for_each(|sent| *types.entry(sent.layout.clone()).or_default() += sent.times);
    }
    let names: Vec<_> = types.keys().map(|name| name.trim_start_matches("terminal-")).collect();
    assert_eq!(names, ["0100", "0120", "0300", "0400", "0420", "0500", "0800"]);
    let count: usize = types.values().sum();
    assert!((300..=420).contains(&count), "{count} telegrams: {types:?}");
}

#[test]
fn every_terminal_is_configured_unless_the_day_says_that_it_is_unknown() {
    let config = config();
    for (name, _, capture) in captures() {
        for sent in Ledger::of(&capture).sent() {
            let terminal = TerminalId::new(sent.field("terminal_id")).unwrap();
            let owner = config.terminals.get(&terminal);
            let known = owner == Some(&MerchantNo::new(sent.field("merchant_no")).unwrap());
            assert_eq!(known, !sent.was_told("9002"), "{name}: {}", sent.label);
        }
    }
}

#[test]
fn a_trace_number_is_used_once_unless_the_day_says_that_it_is_reused() {
    for (name, _, capture) in captures() {
        let ledger = Ledger::of(&capture);
        let mut used = BTreeSet::new();
        for sent in ledger.sent().filter(|sent| !sent.was_told("9011")) {
            let key = (sent.field("terminal_id"), sent.field("trace_no"));
            assert!(used.insert(key), "{name}: {} reuses {key:?}", sent.label);
        }
    }
}

#[test]
fn the_samples_hold_the_answers_a_terminal_must_know() {
    let mut codes = BTreeSet::new();
    let mut states = BTreeSet::new();
    for (_, _, capture) in captures() {
        for sent in Ledger::of(&capture).sent() {
            codes.extend(sent.told("response_code").map(str::to_owned));
            states.extend(sent.told("state").map(str::to_owned));
        }
    }
    let own = |code: &str| codes.contains(code);
    for code in payment::RESPONSES.iter().map(|response| response.code.as_str()) {
        // Keys of terminals do not exist yet; nothing is overloaded or breaks.
        let shown = !["9003", "9040", "9099"].contains(&code);
        assert_eq!(own(code), shown, "{code}");
    }
    assert_eq!(
        states.iter().map(String::as_str).collect::<Vec<_>>(),
        ["00", "01", "02", "03", "04", "05", "06", "07", "08"]
    );
}

#[test]
fn the_totals_of_a_day_are_what_its_own_answers_come_to() {
    for (name, _, capture) in captures() {
        let ledger = Ledger::of(&capture);
        let mut agreed = BTreeSet::new();
        for sent in ledger.sent().filter(|sent| sent.layout == "terminal-0500") {
            let terminal = sent.field("terminal_id");
            let counted = ledger.totals(terminal);
            let is_right = ledger::TOTALS.map(|name| sent.number(name)) == counted;
            let difference = if is_right { "0" } else { "1" };
            assert!(sent.was_told_as("difference", difference), "{name}: {}", sent.label);
            if is_right {
                agreed.insert(terminal);
            } else {
                assert_eq!(sent.answered_totals(), counted, "{name}: {}", sent.label);
            }
        }
        let traded: BTreeSet<_> = ledger
            .sent()
            .filter(|sent| sent.layout == "terminal-0800" && sent.field("function") == "001")
            .map(|sent| sent.field("terminal_id"))
            .collect();
        assert_eq!(agreed, traded, "{name}: every terminal that opened has its totals agreed");
    }
}

#[test]
fn a_play_waits_for_midnight_rather_than_have_two_dates() {
    let at = |hour, minute, second| jiff::civil::date(2026, 11, 21).at(hour, minute, second, 0);
    assert_eq!(rest_of_the_date(at(23, 59, 30)), Some(Duration::from_secs(31)));
    assert_eq!(rest_of_the_date(at(23, 57, 59)), None);
    assert_eq!(rest_of_the_date(at(0, 0, 1)), None);
}
