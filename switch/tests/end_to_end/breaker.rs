//! Acquirers that fail: they are left alone, the others go on as ever, and what is owed there is undone all the same.

use std::{
    fs,
    time::{Duration, Instant},
};

use telegram_replay::acquirer::{Behaviour, Deed, Event, Script};

use crate::support::{
    Approval, Client, Home, LooseEnd, Plan, Switch, acquirer, acquirer_with, count, eventually, metric,
    script, stays,
};

/// The breaker of an acquirer's one address: 0 passing, 1 blocked, 2 probing.
fn breaker(switch: &Switch, name: &str, at: std::net::SocketAddr) -> f64 {
    metric(switch.admin, &format!(r#"switch_acquirer_breaker{{acquirer="{name}",address="{at}"}}"#))
}

/// The breaker opens after few failures and stays so for a while.
fn guarded(plan: &Plan, breaker: &str) -> String {
    plan.toml().replace("links = 2", &format!("links = 2\nbreaker = {{ {breaker} }}"))
}

#[tokio::test]
async fn a_silent_acquirer_is_left_alone_and_its_share_goes_to_the_other() {
    let rules = [(Deed::Approval, Behaviour::ANSWER_NEVER, None), (Deed::NetCancel, Behaviour::IGNORE, None)];
    let silent = acquirer("kovan", script(&rules)).await;
    let well = acquirer("kovan", Script::default()).await;
    let plan = Plan::vans(&[("silent", &silent, 1), ("well", &well, 1)]).impatient();
    let plan = Plan { failover: "at-once", ..plan };
    let home = Home::new(&guarded(&plan, "failures = 3, pause_ms = 60000, max_pause_ms = 60000"));
    // Its net-cancels are ignored to the end.
    home.leaves(&[LooseEnd::Debts]);
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    // Half of them go there, time out together, and are tried at the other at once.
    let mut trace = 12;
    client.send(&(1..=trace).map(|trace| Approval::new(trace, 10_000)).collect::<Vec<_>>()).await;
    for answer in client.receive_all(trace as usize).await {
        assert_eq!(answer.code(), "0000");
    }
    let is_blocked = || (breaker(&switch, "silent", silent.local_addr()) > 0.5).then_some(());
    eventually("it is blocked", is_blocked).await;
    let asked = silent.truth().len();
    let started = Instant::now();
    for _ in 0..50 {
        trace += 1;
        assert_eq!(client.ask(&Approval::new(trace, 10_000)).await.code(), "0000");
    }
    // Each of them would have waited 500 ms for the silent one.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(count(&silent.truth()[asked..], Event::Approved), 0, "nothing was sent there");
    let told = switch.log().matches("\"acquirer\":\"silent\"").count();
    assert!(told < 40, "{told} lines about it");
    assert_eq!(well.live().len(), trace as usize);
    assert_eq!(home.open_payments(), silent.live().len(), "what it may have approved is owed");
    switch.stop().await;
}

#[tokio::test]
async fn an_acquirer_that_is_slow_is_left_alone_before_anybody_waits_for_a_timeout() {
    let slow = acquirer_with("kovan", |settings| settings.delay = Duration::from_millis(1_500)).await;
    let well = acquirer("kovan", Script::default()).await;
    let plan = Plan::vans(&[("slow", &slow, 1), ("well", &well, 1)]);
    let home =
        Home::new(&guarded(&plan, "failures = 3, slow_ms = 300, pause_ms = 60000, max_pause_ms = 60000"));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    client.send(&(1..=10).map(|trace| Approval::new(trace, 10_000)).collect::<Vec<_>>()).await;
    // Nobody waits for the slow one: the others are answered before it.
    for _ in 0..5 {
        let answer = client.receive().await.expect("an answer");
        assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "well".into()));
    }
    for _ in 0..5 {
        assert_eq!(client.receive().await.expect("an answer").code(), "0000");
    }
    let is_blocked = || (breaker(&switch, "slow", slow.local_addr()) > 0.5).then_some(());
    eventually("it is blocked", is_blocked).await;
    let asked = slow.truth().len();
    for trace in 11..=40 {
        let answer = client.ask(&Approval::new(trace, 10_000)).await;
        assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "well".into()));
    }
    assert_eq!(slow.truth().len(), asked);
    assert_eq!(slow.live().len() + well.live().len(), 40, "a slow answer is an answer");
    switch.stop().await;
}

#[tokio::test]
async fn an_acquirer_that_comes_back_gets_its_share_again() {
    let flaky = acquirer("kovan", script(&[(Deed::Approval, Behaviour::ANSWER_NEVER, Some(3))])).await;
    let well = acquirer("kovan", Script::default()).await;
    let plan = Plan::vans(&[("flaky", &flaky, 1), ("well", &well, 1)]).impatient();
    let home = Home::new(&guarded(&plan, "failures = 2, pause_ms = 100, max_pause_ms = 400"));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    let mut trace = 0;
    let mut live_there = 0;
    while live_there < 20 {
        trace += 1;
        assert!(trace < 2_000, "it gets nothing any more");
        assert_eq!(client.ask(&Approval::new(trace, 10_000)).await.code(), "0000");
        live_there = flaky.live().len();
    }
    let passes = || (breaker(&switch, "flaky", flaky.local_addr()) < 0.5).then_some(());
    eventually("requests pass again", passes).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(flaky.live().len() + well.live().len(), trace as usize);
    switch.stop().await;
}

#[tokio::test]
async fn when_all_acquirers_are_down_each_is_declined_at_once_and_memory_stays_flat() {
    const ROUND: u32 = 1_000;
    let [one, other] =
        [acquirer("kovan", Script::default()).await, acquirer("kovan", Script::default()).await];
    let plan = Plan::vans(&[("one", &one, 1), ("other", &other, 1)]);
    let (home, switch) = Switch::of(&plan).await;
    for van in [&one, &other] {
        van.refuse_connections().await;
        van.drop_connections();
    }
    let up = |name: &str| metric(switch.admin, &format!(r#"switch_links_up{{acquirer="{name}"}}"#));
    eventually("both are down", || (up("one") + up("other") == 0.0).then_some(())).await;
    let mut client = Client::connect(switch.terminals).await;
    let mut declined = async |round: u32| {
        let approvals: Vec<_> =
            (1..=ROUND).map(|trace| Approval::new(round * ROUND + trace, 10_000)).collect();
        let started = Instant::now();
        for some in approvals.chunks(50) {
            client.send(some).await;
            for answer in client.receive_all(some.len()).await {
                assert_eq!(answer.code(), "9021");
            }
        }
        // An answer that waited for a timeout would have waited 10 s.
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        eventually("the desk is empty", || {
            (metric(switch.admin, "switch_payments_at_desk") == 0.0).then_some(())
        })
        .await;
        resident_kib(switch.pid())
    };
    declined(0).await;
    let (before, written) = (declined(1).await, database_kib(&home));
    declined(2).await;
    let after = declined(3).await;
    let cached = database_kib(&home) - written;
    // What was declined is in the page cache of the database, up to 64 MiB of it; of nothing else there is more than before.
    let most = before + cached + cached / 6 + 2 * 1024;
    assert!(after < most, "{before} KiB, then {after} KiB, with {cached} KiB more in the database");
    assert_eq!(home.open_payments(), 0, "nothing is owed where nothing was sent");
    for van in [&one, &other] {
        van.accept_connections().await.unwrap();
    }
    eventually("they are back", || (up("one") > 0.5 && up("other") > 0.5).then_some(())).await;
    let mut trace = 4 * ROUND;
    let mut carried = 0;
    while carried < 10 {
        trace += 1;
        assert!(trace < 90_000, "nothing is carried any more");
        let code = client.ask(&Approval::new(trace, 10_000)).await.code();
        carried += u32::from(code == "0000");
    }
    switch.stop().await;
}

#[tokio::test]
async fn a_net_cancel_passes_a_blocked_breaker() {
    let van = acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::IGNORE, Some(4))])).await;
    let home = Home::new(&guarded(
        &Plan::van(&van).impatient(),
        "failures = 2, pause_ms = 60000, max_pause_ms = 60000",
    ));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_061)).await.code(), "9022");
    let blocked = || (breaker(&switch, "kovan", van.local_addr()) > 0.5).then_some(());
    eventually("it is blocked", blocked).await;
    let asked = van.truth().len();
    assert_eq!(client.ask(&Approval::new(2, 10_000)).await.code(), "9021", "requests do not pass");
    eventually("it is undone", || van.live().is_empty().then_some(())).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert!(van.truth().len() > asked);
    assert_eq!(count(&van.truth(), Event::NetCancelled), 1);
    switch.stop().await;
}

#[tokio::test]
async fn a_net_cancel_is_owed_through_an_outage_and_then_undone_once() {
    let van = acquirer("kovan", Script::default()).await;
    let home =
        Home::new(&guarded(&Plan::van(&van).impatient(), "failures = 2, pause_ms = 100, max_pause_ms = 500"));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    client.send(&[Approval::new(1, 10_000)]).await;
    eventually("it is at the VAN", || (van.held() == 1).then_some(())).await;
    van.refuse_connections().await;
    van.drop_connections();
    assert_eq!(client.receive().await.expect("an answer").code(), "9022");
    stays("the debt", || home.open_payments() == 1).await;
    van.release(telegram_replay::acquirer::Order::FirstFirst).await;
    van.accept_connections().await.unwrap();
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(van.live(), []);
    assert!(count(&van.truth(), Event::NetCancelled) <= 1);
    switch.stop().await;
}

/// How much the database holds, what is not in its file yet included.
fn database_kib(home: &Home) -> u64 {
    let bytes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let bytes: i64 = home.open().query_row(bytes, [], |row| row.get(0)).unwrap();
    bytes.unsigned_abs() / 1024
}

/// Memory of a process that is in use.
fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
