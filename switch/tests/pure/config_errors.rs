//! Rules of the configuration, broken: the error names the line, the key, what was expected and what was found. Those of acquirers, their links
//! and routes have files of their own.

use std::path::Path;

use switch::config::Config;

use crate::sample::{SAMPLE, problems, with};

/// What is exchanged, by what, and the error after "switch.toml: line N: ", N being the line of the exchange.
pub(crate) type Broken<'a> = (&'a str, &'a str, &'a str);

pub(crate) fn check(table: &[Broken<'_>]) {
    for (from, to, expected) in table {
        let before = &SAMPLE[..SAMPLE.find(from).unwrap_or_default()];
        let line = before.matches('\n').count() + 1;
        assert_eq!(problems(&with(from, to)), format!("switch.toml: line {line}: {expected}"), "{to}");
    }
}

#[test]
fn a_listener_with_a_wrong_value_is_told_so() {
    check(&[
        (
            "127.0.0.1:7001",
            "localhost:7001",
            "listen.terminals.address: expected an IP address and port such as \"127.0.0.1:7001\", found \"localhost:7001\"",
        ),
        (
            "127.0.0.1:7001",
            "127.0.0.1:70010",
            "listen.terminals.address: expected an IP address and port such as \"127.0.0.1:7001\", found \"127.0.0.1:70010\"",
        ),
        (
            "\"ascii4\"",
            "\"ascii5\"",
            "listen.terminals.framing: expected ascii4 | ascii4-inclusive | binary2 | binary2-inclusive | stx-lrc, found \"ascii5\"",
        ),
        (
            "confirm = \"ack\"",
            "confirm = \"acks\"",
            "listen.terminals.confirm: expected none | ack, found \"acks\"",
        ),
        (
            "ack_timeout_ms = 8000",
            "ack_timeout_ms = 0",
            "listen.terminals.ack_timeout_ms: expected 1 to 600000, found 0",
        ),
        (
            "ack_timeout_ms = 8000",
            "ack_timeout_ms = 600001",
            "listen.terminals.ack_timeout_ms: expected 1 to 600000, found 600001",
        ),
        (
            "ack_timeout_ms = 8000",
            "ack_timeout_ms = 9223372036854775807",
            "listen.terminals.ack_timeout_ms: expected 1 to 600000, found *******************",
        ),
        (
            "max_connections = 20000",
            "max_connections = 0",
            "listen.terminals.max_connections: expected 1 to 1000000, found 0",
        ),
        (
            "max_connections = 20000",
            "max_connections = 9223372036854775807",
            "listen.terminals.max_connections: expected 1 to 1000000, found *******************",
        ),
        (
            "idle_timeout_s = 300",
            "idle_timeout_s = 0",
            "listen.terminals.idle_timeout_s: expected 1 to 86400, found 0",
        ),
        (
            "idle_timeout_s = 300",
            "idle_timeout_s = 9223372036854775807",
            "listen.terminals.idle_timeout_s: expected 1 to 86400, found *******************",
        ),
        (
            "clock_tolerance_s = 1800",
            "clock_tolerance_s = 86401",
            "listen.terminals.clock_tolerance_s: expected 1 to 86400, found 86401",
        ),
        (
            "frame_timeout_ms = 7000",
            "frame_timeout_ms = 0",
            "listen.terminals.frame_timeout_ms: expected 1 to 86400000 milliseconds, a day, found 0",
        ),
        (
            "write_timeout_ms = 6000",
            "write_timeout_ms = 86400001",
            "listen.terminals.write_timeout_ms: expected 1 to 86400000 milliseconds, a day, found 86400001",
        ),
        (
            "telegrams_per_s = 20",
            "telegrams_per_s = 1000001",
            "listen.terminals.telegrams_per_s: expected 0 to 1000000, found 1000001",
        ),
        (
            "127.0.0.1:7080",
            "7080",
            "admin.address: expected an IP address and port such as \"127.0.0.1:7001\", found \"7080\"",
        ),
        (
            "127.0.0.1:7080",
            "127.0.0.1:7001",
            "admin.address: expected an address of its own, found \"127.0.0.1:7001\", which is listen.terminals.address too",
        ),
        (
            "127.0.0.1:7080",
            "0.0.0.0:7001",
            "admin.address: expected an address of its own, found \"0.0.0.0:7001\", which overlaps listen.terminals.address, 127.0.0.1:7001",
        ),
    ]);
}

#[test]
fn all_addresses_of_a_port_overlap_those_of_one_family_alone() {
    for (one, other) in
        [("0.0.0.0:7001", "127.0.0.1:7001"), ("[::]:7001", "[::1]:7001"), ("[::]:7001", "[::]:7001")]
    {
        let text = |first, second| with("127.0.0.1:7001", first).replace("127.0.0.1:7080", second);
        for text in [text(one, other), text(other, one)] {
            let found = problems(&text);
            assert!(
                found.contains("admin.address: expected an address of its own") && !found.contains(';'),
                "{found}"
            );
        }
    }
    for other in ["[::]:7001", "0.0.0.0:7002"] {
        crate::sample::config(&with("127.0.0.1:7080", other));
    }
}

#[test]
fn confirmations_that_contradict_each_other_are_told_so() {
    let said = "framing = \"ascii4\"\nconfirm = \"ack\"\nack_timeout_ms = 8000\nhandshake = false\n";
    let framing = "listen.terminals.handshake: expected framing = \"stx-lrc\" beside it, found \"ascii4\"";
    let itself = "listen.terminals.confirm: expected nothing beside handshake = true, which acknowledges itself, found \"ack\"";
    let neither = "listen.terminals.ack_timeout_ms: expected confirm = \"ack\" or handshake = true beside it, found neither";
    let table = [
        ("handshake = true\n", format!("line 3: {framing}")),
        ("handshake = true\nframing = \"ascii4\"\n", format!("line 3: {framing}")),
        ("framing = \"stx-lrc\"\nhandshake = true\nconfirm = \"ack\"\n", format!("line 5: {itself}")),
        ("handshake = true\nconfirm = \"ack\"\n", format!("line 3: {framing}; line 4: {itself}")),
        ("ack_timeout_ms = 8000\n", format!("line 3: {neither}")),
        ("confirm = \"none\"\nack_timeout_ms = 8000\n", format!("line 4: {neither}")),
        (
            "handshake = true\nframing = \"ascii5\"\n",
            "line 4: listen.terminals.framing: expected ascii4 | ascii4-inclusive | binary2 | binary2-inclusive | stx-lrc, found \"ascii5\"".to_owned(),
        ),
    ];
    for (to, expected) in table {
        assert_eq!(problems(&with(said, to)), format!("switch.toml: {expected}"), "{to}");
    }
}

#[test]
fn a_duplicate_window_with_a_wrong_value_is_told_so() {
    let fields = "[\"terminal\", \"amount\", \"card\"]";
    check(&[
        ("window_ms = 1500", "window_ms = 0", "duplicates.window_ms: expected 1 to 600000, found 0"),
        (
            "window_ms = 1500",
            "window_ms = 600001",
            "duplicates.window_ms: expected 1 to 600000, found 600001",
        ),
        (
            "\"terminal\", ",
            "\"track\", ",
            "duplicates.fingerprint: expected card | amount | installment | terminal, found \"track\"",
        ),
        ("\"terminal\", ", "\"card\", ", "duplicates.fingerprint: expected each field once, found \"card\""),
        (fields, "[]", "duplicates.fingerprint: expected \"card\" among its fields, found []"),
        (
            fields,
            "[\"amount\"]",
            "duplicates.fingerprint: expected \"card\" among its fields, found [\"amount\"]",
        ),
    ]);
}

#[test]
fn a_store_with_a_wrong_value_is_told_so() {
    check(&[
        ("instance = 7", "instance = 92", "store.instance: expected 0 to 91, found 92"),
        ("\"data/switch.db\"", "\"\"", "store.path: expected the path of a file, found \"\""),
        ("\"data/switch.db\"", "\"/\"", "store.path: expected the path of a file, found \"/\""),
        ("\"data/switch.db\"", "\"data/\"", "store.path: expected the path of a file, found a folder"),
        ("\"data/switch.db\"", "\"/usr\"", "store.path: expected the path of a file, found a folder"),
        (
            "\"data/switch.db\"",
            "\":memory:\"",
            "store.path: expected the path of a file, found \":memory:\", which no restart survives",
        ),
        (
            "\"data/switch.db\"",
            "\"postgres://switch:SECRET@db/switch\"",
            "store.path: expected the path of a file, found a URL: there is no other store than the embedded one",
        ),
        (
            "\"data/switch.db\"",
            "\"file:switch.db?mode=memory\"",
            "store.path: expected the path of a file, found a URL: there is no other store than the embedded one",
        ),
        ("\"data/switch.db\"", "\"data/..\"", "store.path: expected the path of a file, found \"data/..\""),
        ("\"secret/keys.toml\"", "\"\"", "keys.file: expected the path of a file, found \"\""),
        ("lease_s = 12", "lease_s = 0", "store.lease_s: expected 1 to 600, found 0"),
        ("lease_s = 12", "lease_s = 601", "store.lease_s: expected 1 to 600, found 601"),
    ]);
}

#[test]
fn a_limit_or_a_control_socket_with_a_wrong_value_is_told_so() {
    let long = format!("\"{}\"", "x".repeat(108));
    let neither = "admin.socket: expected a path of its own, neither store.path nor keys.file, found";
    check(&[
        ("payments = 15000", "payments = 0", "limits.payments: expected 1 to 1000000, found 0"),
        ("queue_ms = 150", "queue_ms = 0", "limits.queue_ms: expected 1 to 60000, found 0"),
        ("queue_ms = 150", "queue_ms = 60001", "limits.queue_ms: expected 1 to 60000, found 60001"),
        (
            "descriptors_reserved = 128",
            "descriptors_reserved = 0",
            "limits.descriptors_reserved: expected 1 to 1000000, found 0",
        ),
        ("\"run/switch.sock\"", "\"run/..\"", "admin.socket: expected the path of a file, found \"run/..\""),
        (
            "\"run/switch.sock\"",
            &long,
            &format!("admin.socket: expected a path of at most 107 bytes, found {long}"),
        ),
        ("\"run/switch.sock\"", "\"data/switch.db\"", &format!("{neither} \"data/switch.db\"")),
        ("\"run/switch.sock\"", "\"secret/keys.toml\"", &format!("{neither} \"secret/keys.toml\"")),
    ]);
    let deep = with("socket = \"run/switch.sock\"\n", "").replace("data/switch.db", &"y".repeat(103));
    let expected = "store.path: expected room for \".sock\" behind it: admin.socket, by default beside it, has at most 107 bytes";
    assert!(problems(&deep).ends_with(expected), "{}", problems(&deep));
}

/// Keys nobody reads, those of features this version lacks among them. The error begins with the line and names the key.
#[test]
fn an_unknown_key_is_an_error_wherever_it_stands() {
    let table = [
        ("confirm = \"ack\"", "tls = true", "tls"),
        ("window_ms = 1500", "window_s = 2", "window_s"),
        ("instance = 7", "url = \"postgres://localhost/switch\"", "url"),
        ("links = 3", "heart_s = 30", "heart_s"),
        ("links = 3", "link = 3", "link"),
        ("terminal_deadline_ms = 27000", "deadline_ms = 1", "deadline_ms"),
        ("first_delay_ms = 10", "retries = 3", "retries"),
        ("id = \"1000000001\"", "tid = \"1\"", "tid"),
        ("file = \"secret/keys.toml\"", "path = \"keys.toml\"", "path"),
        ("fallback = \"vans\"", "backup = \"vans\"", "backup"),
    ];
    for (from, to, key) in table {
        let line = SAMPLE[..SAMPLE.find(from).unwrap()].matches('\n').count() + 1;
        let found = problems(&with(from, to));
        let expected = format!("switch.toml: line {line}: unknown field `{key}`, expected ");
        assert!(found.starts_with(&expected), "{found}");
    }
    for section in ["[console]\n", "[listen.terminals.tls]\n"] {
        let found = problems(&format!("{SAMPLE}{section}"));
        assert!(found.contains("unknown field `"), "{found}");
    }
    let only_url = problems(&with(
        "path = \"data/switch.db\"\ninstance = 7\nlease_s = 12",
        "url = \"postgres://localhost\"",
    ));
    assert!(only_url.starts_with("switch.toml: line 18: unknown field `url`, expected "), "{only_url}");
}

#[test]
fn a_value_of_another_type_or_of_no_toml_is_told_with_its_line() {
    let table = [
        ("links = 3", "links = \"3\"", "invalid type: string \"3\", expected a whole number from 0"),
        ("links = 3", "links = -3", "invalid value: integer `-3`, expected a whole number from 0"),
        (
            "kovan = 3, vanb = 1",
            "kovan = 4294967296, vanb = 1",
            "invalid value: integer `4294967296`, expected a whole number from 0 to 4294967295",
        ),
        (
            "instance = 7",
            "instance = 300",
            "invalid value: integer `300`, expected a whole number from 0 to 255",
        ),
        (
            "\"at-once\"",
            "\"maybe\"",
            "unknown variant `maybe`, expected one of `never`, `after-net-cancel`, `at-once`",
        ),
        ("fallback = \"vans\"", "fallback = \"van\"", "unknown variant `van`, expected `vans` or `none`"),
        ("links = 3", "links = 3\nlinks = 4", "duplicate key"),
        ("[acquirers.vanb]", "[acquirers.kovan]", "duplicate key"),
        ("[store]", "[store", ""),
    ];
    for (from, to, expected) in table {
        let line = SAMPLE[..SAMPLE.find(from).unwrap()].matches('\n').count() + 1 + to.matches('\n').count();
        let found = problems(&with(from, to));
        assert!(found.starts_with(&format!("switch.toml: line {line}: {expected}")), "{to}: {found}");
    }
}

#[test]
fn a_section_that_must_be_there_is_missed() {
    let without = |from: &str, to: &str| {
        let start = SAMPLE.find(from).unwrap();
        let end = SAMPLE.find(to).unwrap();
        problems(&format!("{}{}", &SAMPLE[..start], &SAMPLE[end..]))
    };
    assert!(without("[listen", "[store]").contains("missing field `listen`"));
    assert!(without("[store]", "[keys]").contains("missing field `store`"));
    assert!(without("[routing]", "[net_cancel]").contains("no payment would have a route"));
    let empty = "[listen]\n[store]\npath = \"x.db\"\n[acquirers]\n";
    let found = problems(empty);
    for expected in [
        "expected at least one [listen.<name>] section, found none",
        "expected at least one [acquirers.<name>] section, found none",
        "routing: expected van_weights or direct, found neither: no payment would have a route",
    ] {
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn everything_wrong_is_told_at_once_and_nothing_twice() {
    let text = with("dialect = \"card450\"", "dialect = \"ksnet\"").replace("links = 3", "links = 0");
    let found = problems(&text);
    assert_eq!(found.matches("; line ").count(), 1, "{found}");
    for expected in ["acquirers.kovan.links", "acquirers.card450.dialect"] {
        assert_eq!(found.matches(expected).count(), 1, "{found}");
    }
}

#[test]
fn any_text_is_read_or_refused_with_a_line() {
    for cut in 0..SAMPLE.len() {
        if let (true, Err(error)) = (
            SAMPLE.is_char_boundary(cut),
            Config::parse(SAMPLE.get(..cut).unwrap_or_default(), Path::new("switch.toml")),
        ) {
            assert!(error.to_string().starts_with("switch.toml: line "), "{error}");
        }
    }
}
