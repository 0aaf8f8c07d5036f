//! What people do on the running switch: net-cancels and cancels listed, tried again and settled by hand, each step with who and why.

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use serde_json::Value;
use telegram_replay::acquirer::{Acquirer, Behaviour, Deed, Event, Script};

use crate::support::{
    Approval, Client, Home, Plan, Ran, Switch, Telegram, acquirer, count, eventually, metric, script,
    switch_command, unwrapped,
};

const BY: [&str; 4] = ["--by", "kim", "--reason", "called the VAN, ticket 42"];

/// A VAN that takes no net-cancel so many times, and a switch that soon leaves one to a person.
async fn giving_up(refusals: Option<u64>) -> (Acquirer, Home, Switch) {
    let van = acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::REFUSE, refusals)])).await;
    let plan = Plan { alarm_after_s: 1, give_up_after_s: 1, ..Plan::van(&van).impatient() };
    let (home, switch) = Switch::of(&plan).await;
    (van, home, switch)
}

/// An approval that goes unanswered and whose net-cancel is given up.
async fn stuck(home: &Home, switch: &Switch, trace: u32) -> Approval {
    let mut client = Client::connect(switch.terminals).await;
    let approval = Approval::new(trace, 10_061);
    assert_eq!(client.ask(&approval).await.code(), "9022");
    let stuck = || home.payments().iter().any(|row| row.trace == trace && row.phase == "needs-person");
    eventually("it needs a person", || stuck().then_some(())).await;
    approval
}

/// The rows of a list.
async fn listed(home: &Home, words: &[&str]) -> Vec<Value> {
    let ran = switch_command(home, &[words, &["--json"]].concat()).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.out.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect()
}

/// The payment's id: text, which no reader of JSON rounds.
fn id(row: &Value) -> &str {
    row["payment"].as_str().expect("text")
}

async fn net_cancels(home: &Home, words: &[&str]) -> Ran {
    switch_command(home, &[&["net-cancels"], words].concat()).await
}

#[tokio::test]
async fn a_stuck_net_cancel_is_listed_and_resolved_and_the_journal_says_by_whom_and_why() {
    let (van, home, switch) = giving_up(None).await;
    let approval = stuck(&home, &switch, 1).await;
    let rows = listed(&home, &["net-cancels", "list", "--stuck"]).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let row = &rows[0];
    assert_eq!((&row["state"], &row["why"]), (&"stuck".into(), &"not settled in time".into()));
    assert_eq!((&row["acquirer"], &row["amount"]), (&"kovan".into(), &10_061.into()));
    assert_eq!((&row["terminal"], &row["trace_no"]), (&"1000000001".into(), &"000001".into()));
    let table = net_cancels(&home, &["list"]).await;
    assert!(
        table.out.contains("not settled in time") && table.out.contains("1 net-cancel waits"),
        "{table:?}"
    );

    let id = id(row);
    let resolved = net_cancels(&home, &[&["resolve", id, "--as", "undone"][..], &BY].concat()).await;
    assert_eq!(resolved.code, Some(0), "{resolved:?}");
    let events = home.events();
    let step =
        events.iter().find_map(|event| event.get("NetCancelResolved")).expect("durable before it is told");
    assert_eq!(step["by"]["name"], "kim");
    assert_eq!(step["by"]["reason"], "called the VAN, ticket 42");
    assert_eq!(listed(&home, &["net-cancels", "list"]).await, Vec::<Value>::new());
    let again =
        net_cancels(&home, &[&["resolve", id, "--as", "undone", "--number", "0"][..], &BY].concat()).await;
    assert_eq!((again.code, again.err.trim()), (Some(1), "it is settled already"));
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&approval).await.code(), "9013");
    assert_eq!(count(&van.truth(), Event::Approved), 1);
    switch.stop().await;
}

#[tokio::test]
async fn a_stuck_net_cancel_that_is_tried_again_comes_to_its_end() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan { alarm_after_s: 1, give_up_after_s: 1, ..Plan::van(&van).impatient() };
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "9022");
    let stuck = || home.payments().iter().any(|row| row.phase == "needs-person");
    eventually("it needs a person", || stuck().then_some(())).await;
    van.release(telegram_replay::acquirer::Order::FirstFirst).await;
    let rows = listed(&home, &["net-cancels", "list", "--stuck"]).await;
    // A late answer may have settled it by itself; where not, a person has it tried again.
    if let [row] = rows.as_slice() {
        let retried = net_cancels(&home, &[&["retry", id(row)][..], &BY].concat()).await;
        assert_eq!(retried.code, Some(0), "{retried:?}");
        assert!(home.journal().contains(&"NetCancelRetried".to_owned()));
    }
    eventually("nothing is left at the VAN", || van.live().is_empty().then_some(())).await;
    let settled = || home.payments().iter().all(|row| !row.open && row.phase != "needs-person");
    eventually("nobody is needed any more", || settled().then_some(())).await;
    switch.stop().await;
}

#[tokio::test]
async fn an_approval_that_a_person_lets_stand_stays_withdrawn_for_its_terminal_and_nobody_is_asked_again() {
    let (van, home, switch) = giving_up(None).await;
    let approval = stuck(&home, &switch, 1).await;
    let rows = listed(&home, &["net-cancels", "list", "--stuck"]).await;
    let tries = count(&van.truth(), Event::CancelRefused);
    let resolved =
        net_cancels(&home, &[&["resolve", id(&rows[0]), "--as", "stands"][..], &BY].concat()).await;
    assert_eq!(resolved.code, Some(0), "{resolved:?}");
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Telegram::net_cancel(2, &approval)).await.code(), "0000");
    assert_eq!(client.ask(&Telegram::cancel(3, &approval, 10_061)).await.code(), "9013");
    assert_eq!(client.ask(&approval).await.code(), "9013");
    assert_eq!(client.ask(&Telegram::inquiry(4, &approval)).await.state(), ("0000".into(), "08".into()));
    let retried = net_cancels(&home, &[&["retry", id(&rows[0])][..], &BY].concat()).await;
    assert_eq!((retried.code, retried.err.trim()), (Some(1), "no net-cancel of such a payment waits"));
    assert_eq!((van.live().len(), count(&van.truth(), Event::CancelRefused)), (1, tries));
    let help = switch_command(&home, &["net-cancels", "resolve", "--help"]).await.out;
    assert!(help.contains("payment stays withdrawn"), "{help}");
    switch.stop().await;
}

#[tokio::test]
async fn errors_say_what_is_wrong_and_change_nothing() {
    let (_van, home, switch) = giving_up(None).await;
    stuck(&home, &switch, 1).await;
    // Its alarm may follow it into the journal.
    let steps = || home.journal().into_iter().filter(|name| name != "Alarm").collect::<Vec<_>>();
    let before = steps();
    let unknown =
        net_cancels(&home, &[&["retry", "2026010100000000001", "--number", "0"][..], &BY].concat()).await;
    assert_eq!((unknown.code, unknown.err.trim()), (Some(1), "there is no such payment"));
    let unknown = net_cancels(&home, &[&["retry", "2026010100000000001"][..], &BY].concat()).await;
    assert_eq!((unknown.code, unknown.err.trim()), (Some(1), "no net-cancel of such a payment waits"));
    let rows = listed(&home, &["net-cancels", "list"]).await;
    let id = id(&rows[0]);
    let with_card = ["retry", id, "--by", "kim", "--reason", "card 4579-7300-0000-0001"];
    let refused = net_cancels(&home, &with_card).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("card number") && !refused.err.contains("4579"), "{refused:?}");
    let other = net_cancels(&home, &[&["retry", id, "--number", "7"][..], &BY].concat()).await;
    assert_eq!((other.code, other.err.trim()), (Some(1), "the payment has no such attempt"));
    let cancel = switch_command(&home, &[&["cancels", "retry", id][..], &BY].concat()).await;
    assert_eq!((cancel.code, cancel.err.trim()), (Some(1), "no cancel of such a payment waits"));
    assert_eq!(listed(&home, &["cancels", "list"]).await, Vec::<Value>::new());
    assert_eq!(steps(), before);
    switch.stop().await;
    let nobody = net_cancels(&home, &["list"]).await;
    assert_eq!(nobody.code, Some(2), "{nobody:?}");
    assert!(nobody.err.contains("no switch takes commands at"), "{nobody:?}");
}

#[tokio::test]
async fn the_control_socket_is_its_users_alone_and_a_stale_one_is_replaced() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    let socket = home.config().with_file_name("data").join("switch.db.sock");
    let mode = || fs::symlink_metadata(&socket).unwrap().permissions().mode() & 0o777;
    eventually("it is there", || socket.exists().then_some(())).await;
    assert_eq!(mode(), 0o600);
    // Another switch, with a store of its own, does not take it.
    let text = fs::read_to_string(home.config()).unwrap();
    let other = text.replacen("data/switch.db", "data/other.db", 1).replacen(
        "[admin]",
        &format!("[keys]\nfile = \"data/other.toml\"\n[admin]\nsocket = \"{}\"", socket.display()),
        1,
    );
    let other = Home::new(&other);
    let mut second = Switch::command(&other);
    let ended = tokio::task::spawn_blocking(move || second.output().unwrap()).await.unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(told.contains("another switch takes commands"), "{told}");
    assert_eq!(net_cancels(&home, &["list"]).await.code, Some(0), "it is still the first one's");
    switch.kill();
    assert!(socket.exists(), "a killed switch leaves it behind");
    let switch = Switch::start(&home).await;
    let ran = net_cancels(&home, &["list"]).await;
    assert_eq!((ran.code, ran.out.trim()), (Some(0), "no net-cancel waits"));
    switch.stop().await;
    assert!(!socket.exists(), "a switch that ends removes it");
}

#[tokio::test]
async fn a_wrong_control_socket_is_found_before_anything_is_sent() {
    let van = acquirer("kovan", Script::default()).await;
    let (running, switch) = Switch::of(&Plan::van(&van)).await;
    let acquirer = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    acquirer.set_nonblocking(true).unwrap();
    let plan = Plan { vans: vec![("kovan", acquirer.local_addr().unwrap(), 1)], ..Plan::van(&van) };
    let home = Home::new(&plan.toml());
    fs::write(home.config().with_file_name("file"), "no socket").unwrap();
    let taken = running.database().with_extension("db.sock");
    let wrong = [
        ("file", "is no socket"),
        ("no/folder/switch.sock", "No such file or directory"),
        ("", "expected the path of a file"),
        (taken.to_str().unwrap(), "another switch takes commands"),
    ];
    for (socket, why) in wrong {
        let admin = format!("[admin]\nsocket = {socket:?}\n");
        home.configure(&plan.toml().replacen("[admin]\n", &admin, 1));
        let mut command = Switch::command(&home);
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let told = unwrapped(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{told}");
        assert!(told.contains(why), "{why}: {told}");
        let connected = acquirer.accept().map_err(|error| error.kind());
        assert!(matches!(connected, Err(std::io::ErrorKind::WouldBlock)), "{socket}: {connected:?}");
    }
    assert_eq!(net_cancels(&running, &["list"]).await.code, Some(0), "the running one still takes commands");
    switch.stop().await;
}

#[tokio::test]
async fn what_is_owed_and_what_waits_for_a_person_is_measured_while_the_switch_runs() {
    let van = acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::REFUSE, None)])).await;
    let plan = Plan { alarm_after_s: 1, give_up_after_s: 5, ..Plan::van(&van).impatient() };
    let (home, switch) = Switch::of(&plan).await;
    let measured = |name: &str| metric(switch.admin, name);
    let owed = r#"switch_net_cancels_owed{acquirer="kovan"}"#;
    let oldest = r#"switch_net_cancels_oldest_seconds{acquirer="kovan"}"#;
    let needing = "switch_payments_needing_a_person";
    let mut client = Client::connect(switch.terminals).await;
    for trace in 1..=2 {
        assert_eq!(client.ask(&Approval::new(trace, 10_061)).await.code(), "9022");
    }
    let both = || ((measured(owed) - 2.0).abs() < 0.5 && measured(oldest) > 0.4).then_some(());
    eventually("both are owed, and for how long", both).await;
    let stuck =
        || ((measured(needing) - 2.0).abs() < 0.5 && measured(owed) + measured(oldest) < 0.1).then_some(());
    eventually("both wait for a person", stuck).await;
    for row in listed(&home, &["net-cancels", "list", "--stuck"]).await {
        let resolved =
            net_cancels(&home, &[&["resolve", id(&row), "--as", "undone"][..], &BY].concat()).await;
        assert_eq!(resolved.code, Some(0), "{resolved:?}");
    }
    eventually("nobody is needed any more", || (measured(needing) < 0.5).then_some(())).await;
    switch.stop().await;
}

#[tokio::test]
async fn commands_that_are_nonsense_endless_or_silent_hold_up_nobody() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    let socket = home.config().with_file_name("data").join("switch.db.sock");
    let endless = vec![b'['; 100_000];
    for nonsense in [&b"{}\n"[..], b"\xff\xfe\n", b"{\"command\":\"stop\"}\n", &endless] {
        let mut stream = tokio::net::UnixStream::connect(&socket).await.unwrap();
        // It may be closed before all of it is written.
        let _ = stream.write_all(nonsense).await;
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        assert!(answer.is_empty() || answer.contains("refused"), "{answer}");
    }
    // More than may be answered at a time say nothing at all.
    let mut silent = Vec::new();
    for _ in 0..24 {
        silent.push(tokio::net::UnixStream::connect(&socket).await.unwrap());
    }
    let listed = tokio::time::timeout(Duration::from_secs(8), net_cancels(&home, &["list"])).await;
    assert_eq!(listed.expect("nobody waits for them").code, Some(0));
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    switch.stop().await;
}

#[tokio::test]
async fn what_a_start_finds_is_counted_and_alarmed_once() {
    let (_van, home, switch) = giving_up(None).await;
    for trace in 1..=3 {
        stuck(&home, &switch, trace).await;
    }
    assert_eq!(listed(&home, &["net-cancels", "list", "--stuck"]).await.len(), 3);
    switch.stop().await;
    // As if a crash had come before what the alarms led to was durable.
    home.open().execute_batch("DELETE FROM payment_event WHERE event LIKE '%\"Alarm\"%'").unwrap();
    assert!(!home.journal().contains(&"Alarm".to_owned()));
    let switch = Switch::start(&home).await;
    let noted = || home.journal().iter().filter(|name| *name == "Alarm").count() == 3;
    eventually("each is an event again", || noted().then_some(())).await;
    let log = switch.log();
    let alarms: Vec<_> = log.lines().filter(|line| line.contains("ALARM")).collect();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert!(
        alarms[0].contains("payments wait for a person") && alarms[0].contains("\"payments\":3"),
        "{alarms:?}"
    );
    let measured = metric(switch.admin, "switch_payments_needing_a_person_at_start");
    assert!((measured - 3.0).abs() < 0.5, "{measured}");
    switch.stop().await;
}

#[tokio::test]
async fn every_alarm_is_an_event_and_many_of_them_are_few_lines() {
    const PAYMENTS: u32 = 200;
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van).impatient()).await;
    van.refuse_connections().await;
    van.drop_connections();
    let is_down = || (metric(switch.admin, r#"switch_links_up{acquirer="kovan"}"#) == 0.0).then_some(());
    eventually("the VAN is down", is_down).await;
    let mut client = Client::connect(switch.terminals).await;
    let approvals: Vec<_> = (1..=PAYMENTS).map(|trace| Approval::new(trace, 10_000)).collect();
    client.send(&approvals).await;
    for answer in client.receive_all(approvals.len()).await {
        assert_eq!(answer.code(), "9021");
    }
    let noted = || home.journal().iter().filter(|name| *name == "Alarm").count() == PAYMENTS as usize;
    eventually("each alarm is an event", || noted().then_some(())).await;
    let alarms = metric(switch.admin, r#"switch_alarms_total{kind="every-route-failed"}"#);
    assert!((alarms - f64::from(PAYMENTS)).abs() < 0.5, "{alarms}");
    let together = || switch.log().contains("so many payments").then_some(());
    eventually("the others are told together", together).await;
    let lines = switch.log().matches("ALARM every route").count();
    assert!(lines < PAYMENTS as usize / 4, "{lines} lines");
    switch.stop().await;
}
