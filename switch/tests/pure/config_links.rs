//! What a configuration says of an acquirer's links: heartbeat, sign-on, breaker, net-cancels.

use std::time::Duration;

use switch::config::BreakerSettings;

use crate::{
    config_errors::check,
    sample::{SAMPLE, acquirer, config, problems, with},
};

/// What the sample says of kovan's breaker.
const BREAKER: &str = "breaker = { failures = 4, slow_ms = 8000, pause_ms = 500, max_pause_ms = 20000 }";

#[test]
fn a_breaker_or_a_pace_with_a_wrong_value_is_told_so() {
    check(&[
        ("failures = 4", "failures = 0", "acquirers.kovan.breaker.failures: expected 1 to 10000, found 0"),
        (
            "slow_ms = 8000",
            "slow_ms = 9000",
            "acquirers.kovan.breaker.slow_ms: expected 0 (none is too slow) or less than answer_timeout_ms, 9000, found 9000",
        ),
        (
            "pause_ms = 500,",
            "pause_ms = 0,",
            "acquirers.kovan.breaker.pause_ms: expected 1 to 600000, found 0",
        ),
        (
            "max_pause_ms = 20000",
            "max_pause_ms = 600001",
            "acquirers.kovan.breaker.max_pause_ms: expected 1 to 600000, found 600001",
        ),
        (
            "max_pause_ms = 20000",
            "max_pause_ms = 499",
            "acquirers.kovan.breaker.max_pause_ms: expected at least pause_ms, 500, found 499",
        ),
        (
            BREAKER,
            "breaker = { pause_ms = 30001 }",
            "acquirers.kovan.breaker.max_pause_ms: expected at least pause_ms, 30001, found 30000 (the default)",
        ),
        (
            "net_cancels_in_flight = 16",
            "net_cancels_in_flight = 0",
            "acquirers.kovan.net_cancels_in_flight: expected 1 to 900, found 0",
        ),
        (
            "net_cancels_in_flight = 16",
            "net_cancels_in_flight = 901",
            "acquirers.kovan.net_cancels_in_flight: expected 1 to 900, found 901",
        ),
    ]);
}

#[test]
fn a_breaker_has_its_defaults_and_no_more_net_cancels_are_out_than_requests_may_be() {
    let text = with(BREAKER, "[acquirers.kovan.breaker]\nslow_ms = 0\nfailures = 1\n[acquirers.other]");
    let text = text.replace(
        "net_cancels_in_flight = 16\n",
        "dialect = \"kovan\"\naddresses = [\"a:1\"]\nmax_in_flight = 7\n",
    );
    // The params that follow are the other's.
    let config = config(&text.replace("[acquirers.kovan.params]", "[acquirers.other.params]"));
    let kovan = &config.acquirers[&acquirer("kovan")];
    assert_eq!(kovan.breaker, BreakerSettings { failures: 1, ..BreakerSettings::default() });
    assert_eq!(kovan.net_cancels_in_flight, 32);
    assert_eq!(config.acquirers[&acquirer("other")].net_cancels_in_flight, 7);
}

#[test]
fn a_heartbeat_or_sign_on_needs_a_telegram_for_it() {
    let section = "[acquirers.kspay]\ndialect = \"kspay\"\naddresses = [\"127.0.0.1:7103\"]\n";
    let line = SAMPLE[..SAMPLE.find("[acquirers.card450]").unwrap()].matches('\n').count() + 4;
    let told = |said: &str| {
        let text = with("[acquirers.card450]", &format!("{section}{said}\n[acquirers.card450]"));
        problems(&text)
    };
    let why = "since kspay opens a socket for each request";
    assert_eq!(
        told("heartbeat_s = 30"),
        format!("switch.toml: line {line}: acquirers.kspay.heartbeat_s: expected 0, {why}, found 30")
    );
    assert_eq!(
        told("sign_on = true"),
        format!("switch.toml: line {line}: acquirers.kspay.sign_on: expected false, {why}, found true")
    );
    check(&[(
        "heartbeat_s = 0",
        "heartbeat_s = 3601",
        "acquirers.kovan.heartbeat_s: expected 0 to 3600, found 3601",
    )]);
}

#[test]
fn a_persistent_link_may_have_a_heartbeat_and_sign_on() {
    let text = with("heartbeat_s = 0", "heartbeat_s = 30").replace("sign_on = false", "sign_on = true");
    let config = config(&text);
    let kovan = &config.acquirers[&acquirer("kovan")];
    assert_eq!((kovan.heartbeat, kovan.sign_on), (Some(Duration::from_secs(30)), true));
}

#[test]
fn no_acquirer_has_the_name_of_another_key_of_a_merchant() {
    for name in ["no", "name", "van_weights", "direct"] {
        let found = problems(&with("[acquirers.card450]", &format!("[acquirers.{name}]")));
        let expected = "the name of an acquirer: expected none of no, name, van_weights, direct, which are keys of [[merchants]], found";
        assert!(found.contains(&format!("{expected} {name:?}")), "{found}");
    }
}
