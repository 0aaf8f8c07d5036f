//! What a configuration says of an acquirer, broken.

use crate::{
    config_errors::check,
    sample::{SAMPLE, problems, with},
};

#[test]
fn a_wait_that_ends_before_the_one_the_acquirer_is_told_of_is_refused() {
    let told = |answer: u32, settle: u32| {
        let kicc = format!(
            "[acquirers.kicc]\ndialect = \"kicc\"\naddresses = [\"127.0.0.1:7104\"]\nanswer_timeout_ms = {answer}\n\
             settle_after_ms = {settle}\n[acquirers.kicc.params]\ntimeout_s = \"9\"\n[routing]"
        );
        problems(&with("[routing]", &kicc))
    };
    let expected = "expected more than the 9000 ms the acquirer is told it has";
    let line = 1 + SAMPLE[..SAMPLE.find("[routing]").unwrap()].matches('\n').count() + 3;
    let answer =
        format!("switch.toml: line {line}: acquirers.kicc.answer_timeout_ms: {expected}, found 9000");
    assert_eq!(told(9_000, 61_000), answer);
    let settle =
        format!("switch.toml: line {}: acquirers.kicc.settle_after_ms: {expected}, found 3000", line + 1);
    assert_eq!(told(9_001, 3_000), settle);
}

#[test]
fn a_default_at_odds_with_a_value_is_told_at_the_value() {
    let kicc = "[acquirers.kicc]\ndialect = \"kicc\"\naddresses = [\"127.0.0.1:7104\"]\nanswer_timeout_ms = 20000\n\
                [acquirers.kicc.params]\ntimeout_s = \"15\"\n[routing]";
    let line = 1 + SAMPLE[..SAMPLE.find("[routing]").unwrap()].matches('\n').count();
    let told = |from: &str, to: &str| problems(&with("[routing]", kicc).replace(from, to));
    let expected =
        "acquirers.kicc.answer_timeout_ms: expected more than the 15000 ms the acquirer is told it has";
    assert_eq!(
        told("answer_timeout_ms = 20000\n", ""),
        format!("switch.toml: line {}: {expected}, found 10000 (the default)", line + 4)
    );
    assert_eq!(
        told("answer_timeout_ms = 20000", "answer_timeout_ms = 10000"),
        format!("switch.toml: line {}: {expected}, found 10000", line + 3)
    );
    let expected =
        "acquirers.kicc.settle_after_ms: expected more than the 75000 ms the acquirer is told it has";
    let text = with("[routing]", kicc).replace("\"15\"", "\"75\"").replace("20000\n[acq", "80000\n[acq");
    assert_eq!(
        problems(&text.replace("terminal_deadline_ms = 27000", "terminal_deadline_ms = 80000")),
        format!("switch.toml: line {}: {expected}, found 60000 (the default)", line + 5)
    );
    let text = with("answer_timeout_ms = 9000", "answer_timeout_ms = 29000");
    let line = 1 + SAMPLE[..SAMPLE.find("answer_timeout_ms = 9000").unwrap()].matches('\n').count();
    assert_eq!(
        problems(&text.replace("terminal_deadline_ms = 27000\n", "")),
        format!(
            "switch.toml: line {line}: routing.terminal_deadline_ms: expected at least the longest answer_timeout_ms, 29000, \
             found 28000 (the default)"
        )
    );
}

#[test]
fn an_acquirer_with_a_wrong_value_is_told_so() {
    check(&[
        (
            "dialect = \"card450\"",
            "dialect = \"ksnet\"",
            "acquirers.card450.dialect: expected kovan | kspay | kicc | card450, found \"ksnet\"",
        ),
        (
            "addresses = [\"127.0.0.1:7201\"]",
            "addresses = []",
            "acquirers.card450.addresses: expected at least one \"host:port\", found []",
        ),
        (
            "127.0.0.1:7201",
            "127.0.0.1",
            "acquirers.card450.addresses: expected \"host:port\", found \"127.0.0.1\"",
        ),
        ("127.0.0.1:7201", "host:0", "acquirers.card450.addresses: expected \"host:port\", found \"host:0\""),
        ("127.0.0.1:7201", ":7201", "acquirers.card450.addresses: expected \"host:port\", found \":7201\""),
        ("links = 3", "links = 0", "acquirers.kovan.links: expected 1 to 10000, found 0"),
        ("links = 3", "links = 10001", "acquirers.kovan.links: expected 1 to 10000, found 10001"),
        (
            "max_in_flight = 900",
            "max_in_flight = 0",
            "acquirers.kovan.max_in_flight: expected 1 to 1000000, found 0",
        ),
        (
            "max_in_flight = 900",
            "max_in_flight = 1000001",
            "acquirers.kovan.max_in_flight: expected 1 to 1000000, found 1000001",
        ),
        (
            "connect_timeout_ms = 2100",
            "connect_timeout_ms = 0",
            "acquirers.kovan.connect_timeout_ms: expected 1 to 86400000 milliseconds, a day, found 0",
        ),
        (
            "answer_timeout_ms = 9000",
            "answer_timeout_ms = 0",
            "acquirers.kovan.answer_timeout_ms: expected 1 to 86400000 milliseconds, a day, found 0",
        ),
        (
            "settle_after_ms = 61000",
            "settle_after_ms = 86400001",
            "acquirers.kovan.settle_after_ms: expected 1 to 86400000 milliseconds, a day, found 86400001",
        ),
        (
            "host = \"HOST\"",
            "host = \"ten digits\"",
            "acquirers.kovan.params.host: expected at most 9 printable ASCII characters",
        ),
        (
            "host = \"HOST\"",
            "hots = \"HOST\"",
            "acquirers.kovan.params.hots: expected only host, institution, partial_cancel",
        ),
    ]);
}
