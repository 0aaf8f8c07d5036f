//! What a valid configuration means.

use std::{collections::BTreeSet, net::SocketAddr, path::Path, time::Duration};

use codec::frame::Framing;
use miette::Diagnostic as _;
use payment::{Failover, MerchantNo, TerminalId, Terms};
use switch::{
    check,
    config::{BreakerSettings, Config, Confirm, DuplicateField, Duplicates, Fallback, Limits, TlsFiles},
};

use crate::sample::{SAMPLE, acquirer, config, with};

/// As little as can be said.
const LEAST: &str = r#"
[listen.terminals]
address = "127.0.0.1:7001"
[store]
path = "switch.db"
[acquirers.kovan]
dialect = "kovan"
addresses = ["127.0.0.1:7101"]
[routing]
van_weights = { kovan = 1 }
"#;

#[test]
fn everything_that_is_said_is_taken_over() {
    let config = config(SAMPLE);
    let listener = &config.listeners["terminals"];
    assert_eq!(listener.address, SocketAddr::from(([127, 0, 0, 1], 7001)));
    assert_eq!((listener.framing, listener.max_connections), (Framing::Ascii4, 20_000));
    assert_eq!(listener.idle_timeout, Duration::from_mins(5));
    assert_eq!(listener.clock_tolerance, Duration::from_mins(30));
    assert_eq!(listener.confirm, Confirm::Ack { within: Duration::from_secs(8) });
    let fingerprint =
        BTreeSet::from([DuplicateField::Card, DuplicateField::Amount, DuplicateField::Terminal]);
    assert_eq!(config.duplicates, Some(Duplicates { window_ms: 1_500, fingerprint }));
    let times = [listener.frame_timeout, listener.write_timeout];
    assert_eq!(times, [7_000, 6_000].map(Duration::from_millis));
    assert_eq!(listener.telegrams_per_s, 20);
    let queue = Duration::from_millis(150);
    assert_eq!(config.limits, Limits { payments: 15_000, queue, descriptors_reserved: 128 });
    assert_eq!((config.store.instance.get(), config.store.lease), (7, Duration::from_secs(12)));
    assert_eq!(config.control_socket, Path::new("/etc/switch/run/switch.sock"));
    let kovan = &config.acquirers[&acquirer("kovan")];
    assert_eq!(kovan.dialect.name(), "kovan");
    assert_eq!(kovan.addresses, ["127.0.0.1:7101", "van.example:7102"]);
    assert_eq!((kovan.links, kovan.max_in_flight), (3, 900));
    let times = [kovan.connect_timeout, kovan.answer_timeout, kovan.settle_after];
    assert_eq!(times, [2_100, 9_000, 61_000].map(Duration::from_millis));
    assert_eq!((kovan.heartbeat, kovan.sign_on, kovan.net_cancels_in_flight), (None, false, 16));
    let breaker = BreakerSettings {
        failures: 4,
        slow: Some(Duration::from_secs(8)),
        pause: Duration::from_millis(500),
        max_pause: Duration::from_secs(20),
    };
    assert_eq!((kovan.breaker, kovan.tls.is_none()), (breaker, true));
    assert_eq!(config.routing.van_weights, [(acquirer("kovan"), 3), (acquirer("vanb"), 1)]);
    let direct = &config.routing.direct[0];
    assert_eq!(
        (direct.bins.len(), &direct.acquirer, direct.fallback),
        (2, &acquirer("card450"), Fallback::Vans)
    );
    let terms = Terms {
        terminal_deadline_ms: 27_000,
        failover: Failover::AtOnce,
        net_cancel_first_delay_ms: 10,
        net_cancel_max_delay_ms: 50_000,
        net_cancel_alarm_after_ms: 200_000,
        net_cancel_give_up_after_ms: 80_000_000,
        undelivered_grace_ms: 20_000,
        acknowledged_within_ms: None,
    };
    assert_eq!(config.terms, terms);
    let merchant = &config.merchants[&MerchantNo::new("1208800001").unwrap()];
    assert_eq!(merchant.name, "한강상회");
    assert_eq!(merchant.acquirers[&acquirer("kovan")]["cat_id"], "7001234567");
    assert!(merchant.acquirers[&acquirer("card450")].is_empty());
    assert_eq!((&merchant.van_weights, merchant.direct), (&None, true));
    let own = &config.merchants[&MerchantNo::new("1208800003").unwrap()];
    assert_eq!((&own.van_weights, own.direct), (&Some(vec![(acquirer("kovan"), 5)]), false));
    let terminal = TerminalId::new("1000000001").unwrap();
    assert_eq!(config.terminals[&terminal].as_str(), "1208800001");
    assert_eq!(config.admin, Some(SocketAddr::from(([127, 0, 0, 1], 7080))));
}

#[test]
fn what_is_not_said_has_its_default() {
    let config = config(LEAST);
    let listener = &config.listeners["terminals"];
    assert_eq!((listener.framing, listener.max_connections), (Framing::Ascii4, 20_000));
    assert_eq!(listener.idle_timeout, Duration::from_mins(5));
    assert_eq!(listener.clock_tolerance, Duration::from_mins(30));
    assert_eq!((listener.confirm, config.duplicates), (Confirm::None, None));
    let times = [listener.frame_timeout, listener.write_timeout];
    assert_eq!((times, listener.telegrams_per_s), ([Duration::from_secs(10); 2], 50));
    let queue = Duration::from_millis(200);
    assert_eq!(config.limits, Limits { payments: 20_000, queue, descriptors_reserved: 256 });
    assert_eq!((config.store.instance.get(), config.store.lease), (0, Duration::from_secs(10)));
    assert_eq!(config.control_socket, Path::new("/etc/switch/switch.db.sock"));
    let kovan = &config.acquirers[&acquirer("kovan")];
    assert_eq!((kovan.links, kovan.max_in_flight), (4, 1_000));
    let times = [kovan.connect_timeout, kovan.answer_timeout, kovan.settle_after];
    assert_eq!(times, [2, 10, 60].map(Duration::from_secs));
    assert_eq!((kovan.heartbeat, kovan.sign_on, kovan.net_cancels_in_flight), (None, false, 32));
    assert_eq!((kovan.breaker, kovan.tls.is_none()), (BreakerSettings::default(), true));
    let terms = Terms {
        terminal_deadline_ms: 28_000,
        failover: Failover::AfterNetCancel,
        net_cancel_first_delay_ms: 0,
        net_cancel_max_delay_ms: 60_000,
        net_cancel_alarm_after_ms: 300_000,
        net_cancel_give_up_after_ms: 86_400_000,
        undelivered_grace_ms: 30_000,
        acknowledged_within_ms: None,
    };
    assert_eq!(config.terms, terms);
    assert!(config.routing.direct.is_empty() && config.merchants.is_empty() && config.terminals.is_empty());
    assert_eq!(config.admin, None);
}

#[test]
fn relative_paths_are_relative_to_the_file() {
    let said = config(SAMPLE);
    assert_eq!(said.store.path, Path::new("/etc/switch/data/switch.db"));
    assert_eq!(said.keys_file, Path::new("/etc/switch/secret/keys.toml"));
    let absolute = config(&with("data/switch.db", "/var/lib/switch/switch.db"));
    assert_eq!(absolute.store.path, Path::new("/var/lib/switch/switch.db"));
}

#[test]
fn keys_lie_beside_the_store_unless_said_otherwise() {
    let unsaid = config(&with("[keys]\nfile = \"secret/keys.toml\"\n", ""));
    assert_eq!(unsaid.keys_file, Path::new("/etc/switch/data/keys.toml"));
}

#[test]
fn every_framing_and_every_failover_has_its_name() {
    for framing in ["ascii4", "ascii4-inclusive", "binary2", "binary2-inclusive", "stx-lrc"] {
        let config = config(&with("\"ascii4\"", &format!("{framing:?}")));
        assert_eq!(config.listeners["terminals"].framing.to_string(), framing);
    }
    let failovers = [
        ("never", Failover::Never),
        ("after-net-cancel", Failover::AfterNetCancel),
        ("at-once", Failover::AtOnce),
    ];
    for (name, failover) in failovers {
        assert_eq!(config(&with("at-once", name)).terms.failover, failover);
    }
    for (name, fallback) in [("vans", Fallback::Vans), ("none", Fallback::None)] {
        let config = config(&with("fallback = \"vans\"", &format!("fallback = {name:?}")));
        assert_eq!(config.routing.direct[0].fallback, fallback);
    }
}

#[test]
fn a_file_is_read_and_one_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switch.toml");
    let error = Config::read(&path).unwrap_err().to_string();
    assert_eq!(error, format!("cannot read the configuration {}", path.display()));
    std::fs::write(&path, SAMPLE).unwrap();
    let config = Config::read(&path).unwrap();
    assert_eq!(config.store.path, folder.path().join("data/switch.db"));
}

/// The sample with this for what its listener says of confirmation.
fn confirming(framing: &str, said: &str) -> String {
    let framed = with("framing = \"ascii4\"", &format!("framing = {framing:?}"));
    framed.replace("confirm = \"ack\"\nack_timeout_ms = 8000\nhandshake = false\n", said)
}

#[test]
fn terminals_confirm_as_their_listener_says() {
    let ack = |within_ms| Confirm::Ack { within: Duration::from_millis(within_ms) };
    let handshake = |within_ms| Confirm::Handshake { within: Duration::from_millis(within_ms) };
    let table = [
        ("", Confirm::None, None, "approvals are not acknowledged"),
        ("confirm = \"none\"\n", Confirm::None, None, "approvals are not acknowledged"),
        (
            "confirm = \"ack\"\n",
            ack(10_000),
            Some(10_000),
            "approvals acknowledged (0120) within 10000 ms or net-cancelled",
        ),
        (
            "confirm = \"ack\"\nack_timeout_ms = 600000\n",
            ack(600_000),
            Some(600_000),
            "approvals acknowledged (0120) within 600000 ms or net-cancelled",
        ),
        (
            "handshake = true\n",
            handshake(10_000),
            Some(10_000),
            "handshake (ENQ, ACK, EOT), approvals acknowledged within 10000 ms or net-cancelled",
        ),
        (
            "confirm = \"none\"\nhandshake = true\nack_timeout_ms = 1\n",
            handshake(1),
            Some(1),
            "handshake (ENQ, ACK, EOT), approvals acknowledged within 1 ms or net-cancelled",
        ),
    ];
    for (said, expected, within_ms, told) in table {
        let config = config(&confirming("stx-lrc", said));
        let confirm = config.listeners["terminals"].confirm;
        assert_eq!((confirm, confirm.within_ms()), (expected, within_ms), "{said}");
        let told = format!("listener terminals: 127.0.0.1:7001 framing stx-lrc, {told}\n");
        assert!(check::explain(&config).contains(&told), "{said}");
    }
}

#[test]
fn the_duplicate_window_is_of_what_its_section_says() {
    let section = "[duplicates]\nwindow_ms = 1500\nfingerprint = [\"terminal\", \"amount\", \"card\"]\n";
    let all = "fingerprint = [\"installment\", \"card\", \"terminal\", \"amount\"]\nwindow_ms = 600000\n";
    let table = [
        ("", None, "no duplicate window"),
        (
            "[duplicates]\n",
            Some((2_000, vec![DuplicateField::Card, DuplicateField::Amount])),
            "duplicate window 2000 ms: same merchant, card, amount",
        ),
        (
            "[duplicates]\nfingerprint = [\"card\"]\nwindow_ms = 1\n",
            Some((1, vec![DuplicateField::Card])),
            "duplicate window 1 ms: same merchant, card",
        ),
        (
            &format!("[duplicates]\n{all}"),
            Some((600_000, DuplicateField::ALL.to_vec())),
            "duplicate window 600000 ms: same merchant, card, amount, installment, terminal",
        ),
    ];
    for (said, expected, told) in table {
        let config = config(&with(section, said));
        let expected = expected
            .map(|(window_ms, fields)| Duplicates { window_ms, fingerprint: fields.into_iter().collect() });
        assert_eq!(config.duplicates, expected, "{said}");
        assert!(check::explain(&config).contains(&format!("\n{told}\n")), "{said}");
    }
}

/// A certificate of an authority made for this test; nobody has its key.
const CA: &str = "-----BEGIN CERTIFICATE-----
MIIBOjCB7aADAgECAhRPY/n/9jJObqPcI/o/qBYb+13JMzAFBgMrZXAwEjEQMA4G
A1UEAwwHdGVzdCBDQTAgFw0yNjExMjExMzQ1MDBaGA8yMTI2MTAyODEzNDUwMFow
EjEQMA4GA1UEAwwHdGVzdCBDQTAqMAUGAytlcAMhAFNyska77IDxKeREBlpGNjDM
dwPguMH58NZ/5v8ku1jio1MwUTAdBgNVHQ4EFgQUP77CWhvl6eNsNZ7I4LBiYpqS
k60wHwYDVR0jBBgwFoAUP77CWhvl6eNsNZ7I4LBiYpqSk60wDwYDVR0TAQH/BAUw
AwEB/zAFBgMrZXADQQAGWzlOnY9e83s93xdgZywRv5IG3km1BlScuvi4oQj0H4i5
eaDPfpyGRZ8It+lVY56pvfkqFQd7Asjt91aBqh8I
-----END CERTIFICATE-----";

#[test]
fn the_files_of_tls_are_relative_to_the_configuration_and_must_be_of_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switch.toml");
    let [ca, no] = ["ca.pem", "no.pem"].map(|file| folder.path().join(file));
    std::fs::write(&ca, CA).unwrap();
    let parse = |tls: &str| {
        let parsed = Config::parse(&with("links = 3", &format!("tls = {{ {tls} }}")), &path);
        parsed
            .map(|config| config.acquirers[&acquirer("kovan")].tls.clone().map(|tls| tls.files))
            .map_err(|error| error.to_string())
    };
    let least = "ca = \"ca.pem\", server_name = \"van.example\"";
    let server_name = "van.example".to_owned();
    let files = TlsFiles { ca: ca.clone(), server_name, certificate: None, key: None };
    assert_eq!(parse(least).unwrap(), Some(files));
    let line = SAMPLE[..SAMPLE.find("links = 3").unwrap()].matches('\n').count() + 1;
    let (ca, no) = (ca.display(), no.display());
    let table = [
        (
            "ca = \"no.pem\", server_name = \"van.example\"".to_owned(),
            format!("tls: {no} cannot be read: No such file or directory (os error 2)"),
        ),
        (
            "ca = \"\", server_name = \"a\"".to_owned(),
            "tls.ca: expected the path of a file, found \"\"".to_owned(),
        ),
        (
            least.replace("van.example", "van example"),
            "tls: \"van example\" is neither a host name nor an IP address".to_owned(),
        ),
        (format!("{least}, key = \"ca.pem\""), format!("tls: {ca} is of no use without its certificate")),
        (
            format!("{least}, certificate = \"ca.pem\""),
            format!("tls: {ca} is of no use without its private key"),
        ),
    ];
    for (tls, expected) in table {
        let expected = format!("{}: line {line}: acquirers.kovan.{expected}", path.display());
        assert_eq!(parse(&tls).unwrap_err(), expected, "{tls}");
    }
}

#[test]
fn what_is_wrong_with_tls_is_told_at_its_own_key() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), CA).unwrap();
    std::fs::write(folder.path().join("junk.pem"), "junk").unwrap();
    let own = |certificate: &str, key: &str| {
        format!("ca = \"ca.pem\", server_name = \"a\", certificate = \"{certificate}\", key = \"{key}\"")
    };
    let table = [
        ("ca = \"no.pem\", server_name = \"a\"".to_owned(), "no.pem"),
        ("ca = \"junk.pem\", server_name = \"a\"".to_owned(), "junk.pem"),
        ("ca = \"ca.pem\", server_name = \"van example\"".to_owned(), "van example"),
        ("ca = \"ca.pem\", server_name = \"a\", key = \"x.key\"".to_owned(), "x.key"),
        ("ca = \"ca.pem\", server_name = \"a\", certificate = \"x.pem\"".to_owned(), "x.pem"),
        (own("junk.pem", "x.key"), "junk.pem"),
        (own("./ca.pem", "no.key"), "no.key"),
        (own("./ca.pem", "junk.pem"), "junk.pem"),
        (own("no.pem", "no.pem"), "no.pem"),
        // The same file, with a certificate in it and no key: the second of them, and not the authority's.
        (own("ca.pem", "./ca.pem"), "./ca.pem"),
    ];
    for (tls, underlined) in table {
        let text = with("links = 3", &format!("tls = {{ {tls} }}"));
        let error = Config::parse(&text, &folder.path().join("switch.toml")).unwrap_err();
        let labels: Vec<_> = error.labels().unwrap().collect();
        let at = labels[0].offset();
        assert_eq!(&text[at..at + labels[0].len()], format!("\"{underlined}\""), "{tls}: {error}");
    }
}

#[test]
fn what_is_worth_a_second_look_on_the_routes_is_told() {
    let warned = |text: &str| -> Vec<String> {
        let told = check::explain(&config(text));
        told.lines().filter_map(|line| line.strip_prefix("warning: ")).map(str::to_owned).collect()
    };
    let quiet = warned(SAMPLE);
    let also = |text: &str| -> Vec<String> {
        let also = warned(text);
        also.into_iter().filter(|warning| !quiet.contains(warning)).collect()
    };
    let again = with("direct = [", "direct = [{ bins = [\"45797300-45797399\"], acquirer = \"kovan\" }, ");
    let two_lines =
        "BIN range 45797300-45797399 is on two lines of routing.direct: the first of them decides";
    assert_eq!(also(&again), [two_lines]);
    let alone = with("van_weights = { kovan = 3, vanb = 1 }", "van_weights = { kovan = 3 }");
    assert_eq!(also(&alone), ["acquirer vanb is on no route"]);
    let name = "name = \"한강상회\"\n";
    let own = alone.replace(name, &format!("{name}van_weights = {{ vanb = 1 }}\n"));
    assert_eq!(also(&own), [""; 0]);
    let nowhere = with("van_weights = { kovan = 3, vanb = 1 }", "van_weights = { vanb = 3 }");
    assert_eq!(
        also(&nowhere),
        [
            "merchant 1208800002 (남산상회) has a contract with no VAN: cards without a direct line are refused with 9020"
        ]
    );
}

#[test]
fn a_check_tells_how_links_and_listeners_are_cared_for() {
    let told = check::explain(&config(SAMPLE));
    for line in [
        "  at most 20000 connections, 20 telegrams a second of a terminal; closed after 300 s of nothing, 7000 ms within a telegram, \
         6000 ms without taking its answer",
        "limits: 15000 payments without an outcome, a wait of 150 ms, 128 descriptors kept from terminals",
        "  a lease of 12 s, without which nothing is sent",
        "control socket /etc/switch/run/switch.sock",
        "  plain TCP, no heartbeat, left alone after 4 failures or answers after 8000 ms in a row, for up to 500 to 20000 ms, \
         16 net-cancels at a time",
        "  1 with VAN weights of their own, 1 whose cards never go directly",
    ] {
        assert!(told.lines().any(|found| found == line), "{line}: {told}");
    }
}
