//! The configuration that the README shows.

use std::path::Path;

use switch::{check, config::Config};

use crate::sample::{SAMPLE, with};

const README: &str = include_str!("../../../README.md");

fn example() -> &'static str {
    let (_, from) = README.split_once("## Configuration by example").expect("the README has this section");
    let (_, from) = from.split_once("```toml\n").expect("and an example in it");
    from.split_once("```").expect("that ends").0
}

#[test]
fn the_readmes_configuration_is_valid_and_has_every_dialect() {
    let config = Config::parse(example(), Path::new("/etc/switch/switch.toml")).unwrap();
    let dialects: Vec<_> = config.acquirers.values().map(|acquirer| acquirer.dialect.name()).collect();
    assert_eq!(dialects, ["card450", "kicc", "kovan", "kspay"]);
    assert_eq!(config.control_socket, Path::new("/etc/switch/data/switch.db.sock"));
    let merchant = config.merchants.values().next().unwrap();
    assert_eq!(merchant.acquirers.len(), 4, "with a row for each");
}

#[test]
fn a_check_warns_of_a_wait_that_ends_before_the_acquirers_own_and_of_the_sandboxs_identity() {
    let warned = |from: &str, to: &str| {
        assert_eq!(example().matches(from).count(), 1, "{from}");
        let text = example().replace(from, to);
        check::explain(&Config::parse(&text, Path::new("/etc/switch/switch.toml")).unwrap())
    };
    let told = warned("answer_timeout_ms = 20000", "answer_timeout_ms = 19999");
    let slow = "acquirer kspay: it may take 20000 ms for an answer, with answer_timeout_ms = 19999 it is given up before";
    assert!(told.contains(slow) && !told.contains("institution is not set"), "{told}");
    let told = warned("[acquirers.kicc.params]\ninstitution = \"00000\"", "[acquirers.kicc.params]");
    assert!(
        told.contains("acquirer kicc: params.institution is not set") && !told.contains("given up"),
        "{told}"
    );
}

#[test]
fn a_check_warns_of_net_cancels_believed_done_or_given_up_before_the_acquirers_time_is_over() {
    let warned = |from: &str, to: &str| {
        let text = with(from, to);
        let told = check::explain(&Config::parse(&text, Path::new("/etc/switch/switch.toml")).unwrap());
        let lines = told.lines().filter_map(|line| line.strip_prefix("warning: "));
        lines.filter(|line| line.contains("is less than")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(warned("settle_after_ms = 61000", "settle_after_ms = 9000"), Vec::<String>::new());
    assert_eq!(
        warned("settle_after_ms = 61000", "settle_after_ms = 8999"),
        [
            "acquirer kovan: settle_after_ms = 8999 is less than answer_timeout_ms = 9000: a net-cancel of which it knows no original would be \
             taken for done while it may still approve"
        ]
    );
    assert_eq!(warned("give_up_after_s = 80000", "give_up_after_s = 200"), Vec::<String>::new());
    assert_eq!(
        warned("give_up_after_s = 80000", "give_up_after_s = 60"),
        [
            "net_cancel.give_up_after_s = 60 is less than settle_after_ms = 61000 of acquirer kovan: each net-cancel of which it knows no original \
             becomes a person's",
            "net_cancel.give_up_after_s = 60 is less than net_cancel.alarm_after_s = 200: nobody is told of a net-cancel that takes long before \
             it is a person's"
        ]
    );
}

#[test]
fn a_check_warns_of_an_address_that_two_acquirers_have() {
    let told =
        |text: &str| check::explain(&Config::parse(text, Path::new("/etc/switch/switch.toml")).unwrap());
    let warning = "warning: acquirers kovan and vanb are both at VAN.example:7102\n";
    assert!(told(&with("\"127.0.0.1:7103\"", "\"VAN.example:7102\"")).contains(warning));
    assert!(!told(SAMPLE).contains(" are both at "));
}

#[test]
fn a_check_tells_how_each_dialect_uses_its_links_and_what_it_cancels() {
    let told = check::explain(&Config::parse(example(), Path::new("/etc/switch/switch.toml")).unwrap());
    for line in [
        "acquirer card450: card450 at 127.0.0.1:7102, 16 links, each with one request at a time, 1000 in flight, \
         answers within 10000 ms, partial cancels",
        "acquirer kicc: kicc at 127.0.0.1:7104, 4 links that share its requests, 1000 in flight, answers within \
         10000 ms, partial cancels that need a person when they go unanswered",
        "acquirer kspay: kspay at 127.0.0.1:7103, a link for each request, 32 at a time, 1000 in flight, answers \
         within 20000 ms, partial cancels that need a person when they go unanswered",
        "route VAN kovan: 50.0 %",
        "route VAN kspay: 30.0 %",
        "route VAN kicc: 20.0 %",
    ] {
        assert!(told.lines().any(|found| found == line), "{line}: {told}");
    }
}

#[test]
fn the_readme_names_every_key_there_is() {
    let keys = [
        "frame_timeout_ms",
        "write_timeout_ms",
        "telegrams_per_s",
        "payments",
        "queue_ms",
        "descriptors_reserved",
        "lease_s",
        "heartbeat_s",
        "sign_on",
        "breaker",
        "failures",
        "slow_ms",
        "pause_ms",
        "max_pause_ms",
        "tls",
        "ca",
        "server_name",
        "certificate",
        "key",
        "net_cancels_in_flight",
        "van_weights",
        "direct",
        "socket",
    ];
    for key in keys {
        assert!(example().contains(&format!("{key} = ")), "{key}");
    }
}
