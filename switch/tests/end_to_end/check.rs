//! `switch check`, and the keys file.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use telegram_replay::acquirer::{Behaviour, Deed, Script};

use crate::support::{Approval, Client, Home, Plan, Switch, acquirer, eventually, script, unwrapped};

async fn good() -> String {
    let van = acquirer("kovan", Script::default()).await;
    let company = acquirer("card450", Script::default()).await;
    Plan { direct: Some(company.local_addr()), ..Plan::van(&van) }.toml()
}

/// Exit code, and everything told.
fn check(home: &Home) -> (Option<i32>, String) {
    check_payment(home, "")
}

/// As [`check`], of the payment that these options ask for.
fn check_payment(home: &Home, options: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_switch"))
        .args(["check", "--config"])
        .arg(home.config())
        .args(options.split_whitespace())
        .output()
        .unwrap();
    (output.status.code(), format!("{} {}", unwrapped(&output.stdout), unwrapped(&output.stderr)))
}

#[tokio::test]
async fn a_good_configuration_is_explained() {
    let home = Home::new(&good().await);
    let (code, told) = check(&home);
    assert_eq!(code, Some(0), "{told}");
    for part in
        ["listener terminals", "acquirer kovan", "route VAN kovan: 100.0 %", "1 merchants, 100 terminals"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!home.data().exists(), "checking makes nothing");
}

#[tokio::test]
async fn the_route_of_a_payment_is_explained_and_one_that_has_none_ends_with_1() {
    let home = Home::new(&good().await);
    let (code, told) = check_payment(&home, "--card 457973 --merchant 1208800001 --amount 50000");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("route: card450, then kovan"), "{told}");
    let (code, told) = check_payment(&home, "--card 411111 --merchant 1208800009 --amount 50000");
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("1208800009: in no [[merchants]] row; its terminals get 9002"), "{told}");
    let number = "4579731234567892";
    let (code, told) = check_payment(&home, &format!("--card {number} --merchant 1208800001 --amount 50000"));
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("--card: expected the first 6 to 8 digits") && !told.contains(number), "{told}");
}

#[tokio::test]
async fn what_is_wrong_is_told_with_line_key_expected_and_found() {
    let good = good().await;
    // What is replaced, by what, and what must be told besides the line.
    let cases: &[(&str, &str, &[&str])] = &[
        ("[store]", "[store]\nspeed = 9", &["unknown field `speed`", "expected"]),
        (
            "idle_timeout_s = 300",
            "idle_timeout_s = 300\nhandshake = true",
            &["listen.terminals.handshake", "expected", "framing = \"stx-lrc\"", "\"ascii4\""],
        ),
        ("idle_timeout_s = 300", "confirm = \"no\"", &["confirm", "expected", "none", "ack", "\"no\""]),
        ("idle_timeout_s = 300", "ack_timeout_ms = 500", &["ack_timeout_ms", "expected", "confirm"]),
        ("links = 2", "heart_s = 30", &["unknown field `heart_s`"]),
        ("dialect = \"kovan\"", "dialect = \"ksnet\"", &["acquirers.kovan.dialect", "expected", "\"ksnet\""]),
        ("bins = [\"457973\"]", "bins = [\"45x973\"]", &["routing.direct.bins", "expected", "\"45x973\""]),
        ("bins = [\"457973\"]", "bins = [\"4579\"]", &["routing.direct.bins", "expected", "\"4579\""]),
        (
            "bins = [\"457973\"]",
            "bins = [\"94599999-94500000\"]",
            &["routing.direct.bins", "expected", "\"94599999-94500000\""],
        ),
        ("card450 = {}", "kicc = {}", &["kicc", "expected", "merchant"]),
        ("cat_id = \"7001234567\", ", "", &["kovan of merchant", "expected", "cat_id"]),
        (
            "van_weights = { kovan = 1 }",
            "van_weights = { kovan = 0 }",
            &["van_weights.kovan", "at least 1", "0"],
        ),
        ("van_weights = { kovan = 1 }", "van_weights = { kicc = 1 }", &["van_weights", "expected", "kicc"]),
        (
            "failover_when_unanswered = \"after-net-cancel\"",
            "failover_when_unanswered = \"maybe\"",
            &["maybe", "expected"],
        ),
        (
            "terminal_deadline_ms = 28000",
            "terminal_deadline_ms = 50",
            &["terminal_deadline_ms", "at least", "50"],
        ),
        ("id = \"1000000002\"", "id = \"1000000001\"", &["terminals.id", "once", "1000000001"]),
        ("no = \"1208800001\"", "no = \"12088\"", &["merchants.no", "10 digits"]),
    ];
    for (from, to, parts) in cases {
        let at = good.find(from).unwrap_or_else(|| panic!("{from} is in the configuration"));
        let home = Home::new(&good.replacen(from, to, 1));
        let (code, told) = check(&home);
        assert_eq!(code, Some(1), "{to}: {told}");
        for part in *parts {
            assert!(told.contains(part), "{to}: {part:?} is not told: {told}");
        }
        let added = to.matches('\n').count();
        let line = good[..at].matches('\n').count() + 1 + added;
        assert!(told.contains(&format!("line {line}:")), "{to}: line {line} is not told: {told}");
        // And such a switch does not start.
        let served = Switch::command(&home).output().unwrap();
        assert_eq!(served.status.code(), Some(2), "{to}");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_told() {
    let good = good().await;
    let line = good.lines().position(|line| line.starts_with("address = ")).unwrap() + 1;
    for address in ["localhost", "127.0.0.1", "127.0.0.1:70000", ""] {
        let home = Home::new(&good.replacen("\"127.0.0.1:0\"", &format!("{address:?}"), 1));
        let (code, told) = check(&home);
        assert_eq!(code, Some(1), "{address}: {told}");
        for part in
            [&format!("line {line}:"), "listen.terminals.address", "expected", &format!("found {address:?}")]
        {
            assert!(told.contains(part), "{address}: {part}: {told}");
        }
    }
}

#[tokio::test]
async fn everything_wrong_is_told_at_once() {
    let wrong = good().await.replacen("dialect = \"kovan\"", "dialect = \"ksnet\"", 1);
    let wrong = wrong.replacen("bins = [\"457973\"]", "bins = [\"4\"]", 1);
    let wrong = wrong.replacen("links = 2", "links = \"2\"", 1);
    let wrong = wrong.replacen("idle_timeout_s = 300", "idle_timeout = 300", 1);
    let (code, told) = check(&Home::new(&wrong));
    assert_eq!(code, Some(1));
    for part in ["ksnet", "routing.direct.bins", "string \"2\"", "unknown field `idle_timeout`"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_or_no_toml_is_told() {
    let home = Home::new("");
    fs::remove_file(home.config()).unwrap();
    let (code, told) = check(&home);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("switch.toml"), "{told}");
    let (code, told) = check(&Home::new("[listen\n"));
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("line 1"), "{told}");
    let usage = Command::new(env!("CARGO_BIN_EXE_switch")).arg("chec").output().unwrap();
    assert_eq!(usage.status.code(), Some(2));
}

#[tokio::test]
async fn keys_are_made_for_their_owner_alone_and_refused_when_others_can_read_them() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.keys()), 0o600);
    assert_eq!(mode(&home.database()), 0o600);
    assert_eq!(mode(&home.data()), 0o700);
    for entry in fs::read_dir(home.data()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    switch.stop().await;
    for open in [0o644, 0o640, 0o604] {
        fs::set_permissions(home.keys(), fs::Permissions::from_mode(open)).unwrap();
        let served = Switch::command(&home).output().unwrap();
        let told = unwrapped(&served.stderr);
        assert_eq!(served.status.code(), Some(2), "{told}");
        assert!(told.contains("may be read by others") && told.contains("chmod 600"), "{told}");
        let secret = fs::read_to_string(home.keys()).unwrap();
        let secret = secret.lines().find_map(|line| line.strip_prefix("fingerprint = ")).unwrap();
        assert!(!told.contains(secret.trim_matches('"')));
    }
}

#[tokio::test]
async fn without_the_keys_of_its_store_a_switch_does_not_start_and_with_others_it_still_owes() {
    let rules =
        [(Deed::Approval, Behaviour::ANSWER_NEVER, None), (Deed::NetCancel, Behaviour::IGNORE, Some(1))];
    let van = acquirer("kovan", script(&rules)).await;
    let (home, switch) = Switch::of(&Plan::van(&van).impatient()).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "9022");
    switch.kill();
    let keys = fs::read(home.keys()).unwrap();
    fs::remove_file(home.keys()).unwrap();
    let served = Switch::command(&home).output().unwrap();
    let told = unwrapped(&served.stderr);
    assert_eq!(served.status.code(), Some(2), "{told}");
    let says_what_to_do = told.contains("keys.toml") && told.contains("put it back from its backup");
    assert!(says_what_to_do && !home.keys().exists(), "{told}");

    let elsewhere = acquirer("kovan", Script::default()).await;
    let (other, stranger) = Switch::of(&Plan::van(&elsewhere)).await;
    stranger.stop().await;
    fs::copy(other.keys(), home.keys()).unwrap();
    let switch = Switch::start(&home).await;
    let told = || switch.log().contains("cannot open the card of a payment");
    eventually("it says so", || told().then_some(())).await;
    assert_eq!(home.open_payments(), 1);
    switch.stop().await;

    fs::write(home.keys(), keys).unwrap();
    let switch = Switch::start(&home).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(van.live(), []);
    switch.stop().await;
}
