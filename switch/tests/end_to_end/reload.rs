//! The configuration is swapped whole on the running switch, or not at all.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use telegram_replay::acquirer::{Acquirer, Behaviour, Deed, Event, Script};
use tokio::task::JoinSet;

use crate::support::{
    Approval, Client, Home, Plan, Switch, acquirer, count, eventually, script, switch_command, unwrapped,
};

pub(crate) async fn reloads(home: &Home, configuration: &str) {
    home.configure(configuration);
    let ran = switch_command(home, &["reload"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

/// The reload is refused, its reason told to who asked and in the log, and the switch goes on as before.
pub(crate) async fn keeps(home: &Home, switch: &Switch, configuration: &str, why: &str) {
    home.configure(configuration);
    let ran = switch_command(home, &["reload"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains(why), "expected {why:?}: {ran:?}");
    let told = || {
        let log = switch.log();
        log.contains("configuration not reloaded: the old one stays")
            && log.contains(&why.replace('"', "\\\""))
    };
    eventually("the log says why", || told().then_some(())).await;
}

#[tokio::test]
async fn an_invalid_file_keeps_the_old_configuration_and_says_why() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan::van(&van);
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let good = plan.toml();
    let wrong = [
        (good.replacen("links = 2", "links = 0", 1), "acquirers.kovan.links"),
        (format!("{good}[nothing]\n"), "nothing"),
    ];
    for (trace, (configuration, why)) in (1..).zip(&wrong) {
        keeps(&home, &switch, configuration, why).await;
        assert_eq!(client.ask(&Approval::new(trace, 10_000)).await.code(), "0000");
    }
    // Where it is no TOML at all, nobody has to be asked; a signal asks.
    home.configure(&good.replacen("[routing]", "[routing", 1));
    let ran = switch_command(&home, &["reload"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("unclosed table"), "{ran:?}");
    switch.signal("-HUP");
    eventually("the signal is refused too", || switch.log().contains("unclosed table").then_some(())).await;
    assert_eq!(client.ask(&Approval::new(9, 10_000)).await.code(), "0000");
    // Where there is none, the system's reason is told.
    std::fs::remove_file(home.config()).unwrap();
    switch.signal("-HUP");
    let told = || switch.log().contains("switch.toml: No such file or directory (os error 2)").then_some(());
    eventually("the log says why", told).await;
    assert_eq!(client.ask(&Approval::new(11, 10_000)).await.code(), "0000");
    home.configure(&good);
    switch.signal("-HUP");
    eventually("the old file is good", || switch.log().contains("configuration reloaded").then_some(()))
        .await;
    assert_eq!(client.ask(&Approval::new(10, 10_000)).await.code(), "0000");
    switch.stop().await;
}

#[tokio::test]
async fn store_keys_and_admin_need_a_restart_and_so_do_another_language_and_identity() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan::van(&van);
    let (home, switch) = Switch::of(&plan).await;
    let good = plan.toml();
    // A command would look for the socket of another switch, and says by what and what to do.
    let elsewhere = [
        (good.replacen("[admin]", "[admin]\nsocket = \"data/other.sock\"", 1), "admin.socket"),
        (good.replacen("data/switch.db", "data/other.db", 1), "store.path"),
    ];
    for (configuration, key) in &elsewhere {
        home.configure(configuration);
        let ran = switch_command(&home, &["reload"]).await;
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let told = unwrapped(ran.err.as_bytes());
        let by = format!("finds the running switch by {key} of {}", home.config().display());
        assert!(told.contains(&by), "{told}");
        let to_do = format!(
            "before {key} was changed, it takes them at the old path and no reload moves it: stop it and start it anew"
        );
        assert!(told.contains(&to_do), "{told}");
    }
    switch.signal("-HUP");
    let told = || switch.log().contains("store.path, admin.socket cannot be other than").then_some(());
    eventually("the log names them", told).await;
    let wrong = [
        (format!("{good}[keys]\nfile = \"other.toml\"\n"), "keys.file"),
        (
            good.replacen("[admin]\naddress = \"127.0.0.1:0\"", "[admin]\naddress = \"127.0.0.1:1\"", 1),
            "admin.address",
        ),
        (
            good.replacen("dialect = \"kovan\"", "dialect = \"card450\"", 1)
                .replace("[acquirers.kovan.params]\npartial_cancel = \"once\"\n", "")
                .replace("kovan = { cat_id = \"7001234567\", merchant_no = \"1\" }", "kovan = {}"),
            "acquirers.kovan.dialect",
        ),
        (
            good.replacen(
                "partial_cancel = \"once\"",
                "partial_cancel = \"once\"\ninstitution = \"12345\"",
                1,
            ),
            "acquirers.kovan.params",
        ),
    ];
    for (configuration, why) in &wrong {
        keeps(&home, &switch, configuration, why).await;
    }
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    switch.stop().await;
}

#[tokio::test]
async fn terminals_and_routing_change_for_the_next_telegram_of_an_open_socket() {
    let [one, other] =
        [acquirer("kovan", Script::default()).await, acquirer("kovan", Script::default()).await];
    let plan = Plan::vans(&[("one", &one, 1), ("other", &other, 1)]);
    let only = |name: &str| {
        let weights = plan.toml().replacen(
            "van_weights = { one = 1, other = 1 }",
            &format!("van_weights = {{ {name} = 1 }}"),
            1,
        );
        weights.replacen("id = \"1000000001\"", "id = \"2000000001\"", 1)
    };
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    reloads(&home, &only("other")).await;
    // The terminal is not configured any more; another one is.
    assert_eq!(client.ask(&Approval::new(2, 10_000)).await.code(), "9002");
    let before = (one.truth().len(), other.truth().len());
    for trace in 3..13 {
        let approval = Approval::new(trace, 10_000).with("header.terminal_id", "2000000001");
        assert_eq!(client.ask(&approval).await.code(), "0000");
    }
    assert_eq!((one.truth().len(), other.truth().len()), (before.0, before.1 + 10));
    switch.stop().await;
}

#[tokio::test]
async fn reloads_under_load_lose_no_telegram() {
    const RELOADS: usize = 8;
    let [one, other] =
        [acquirer("kovan", Script::default()).await, acquirer("kovan", Script::default()).await];
    let plan = Plan::van(&one);
    let (home, switch) = Switch::of(&plan).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut running = JoinSet::new();
    for number in 1..=10 {
        let (mut client, is_over) = (Client::connect(switch.terminals).await, Arc::clone(&is_over));
        running.spawn(async move {
            let mut approved = 0;
            for trace in 1.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let answer = client.ask(&Approval::new(trace, 10_000).terminal(number)).await;
                assert_eq!(answer.code(), "0000", "telegram {trace} of terminal {number}");
                approved += 1;
            }
            approved
        });
    }
    for reload in 0..RELOADS {
        // The acquirer moves to another address.
        let to = if reload % 2 == 0 { &other } else { &one };
        let before = to.truth().len();
        reloads(&home, &Plan::van(to).toml()).await;
        eventually("telegrams go there", || (to.truth().len() > before + 20).then_some(())).await;
    }
    is_over.store(true, Ordering::Relaxed);
    let mut approved = 0;
    while let Some(ended) = running.join_next().await {
        approved += ended.unwrap();
    }
    let happened: Vec<_> = [&one, &other].into_iter().flat_map(Acquirer::truth).collect();
    assert_eq!(count(&happened, Event::Approved), approved, "each approved once");
    assert_eq!(happened.len(), approved, "and nothing had to be undone");
    // Only the lines of the last configuration are left.
    let left = || (one.connections(), other.connections()) == (2, 0);
    eventually("the lines before are closed", || left().then_some(())).await;
    eventually("nothing is open", || (home.open_payments() == 0).then_some(())).await;
    switch.stop().await;
}

#[tokio::test]
async fn what_is_owed_at_a_removed_acquirer_is_still_undone_and_its_line_stays() {
    let old = acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::IGNORE, Some(3))])).await;
    let new = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::vans(&[("old", &old, 1)]).impatient()).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_061)).await.code(), "9022");
    reloads(&home, &Plan::vans(&[("new", &new, 1)]).impatient().toml()).await;
    assert_eq!(client.ask(&Approval::new(2, 10_000)).await.code(), "0000");
    assert_eq!(new.live().len(), 1);
    eventually("it is undone at the old one", || old.live().is_empty().then_some(())).await;
    assert_eq!(count(&old.truth(), Event::NetCancelled), 1);
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(old.connections(), 2, "what it approved may have to be undone at any time");
    switch.stop().await;
    assert!(!switch_log_names_missing(&home).await);
    let rule = format!("UPDATE payment SET open = 1 WHERE acquirer = '{}'", "old");
    home.open().execute_batch(&rule).unwrap();
    assert!(switch_log_names_missing(&home).await, "a start says what nobody can undo any more");
}

/// Whether a start finds open payments at an acquirer it does not know.
async fn switch_log_names_missing(home: &Home) -> bool {
    let switch = Switch::start(home).await;
    let log = switch.log();
    switch.stop().await;
    log.contains("went to an acquirer that is not configured any more")
}

#[tokio::test]
async fn what_is_in_flight_while_its_line_is_replaced_is_answered() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan::van(&van);
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    client.send(&[Approval::new(1, 10_000), Approval::new(2, 20_000)]).await;
    eventually("both are at the VAN", || (van.held() == 2).then_some(())).await;
    reloads(&home, &plan.toml().replacen("links = 2", "links = 3", 1)).await;
    van.release(telegram_replay::acquirer::Order::FirstFirst).await;
    assert!(client.receive_all(2).await.iter().all(|answer| answer.code() == "0000"));
    eventually("the old line closes", || (van.connections() == 3).then_some(())).await;
    assert_eq!(client.ask(&Approval::new(3, 30_000)).await.code(), "0000");
    switch.stop().await;
}

#[tokio::test]
async fn listeners_come_and_go_and_nobody_loses_an_answer() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan::van(&van);
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let second = format!("{}[listen.second]\naddress = \"{free}\"\ntelegrams_per_s = 0\n", plan.toml());
    reloads(&home, &second).await;
    let mut there = Client::connect(free).await;
    assert_eq!(there.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    van.hold();
    there.send(&[Approval::new(2, 10_000)]).await;
    eventually("it is at the VAN", || (van.held() == 1).then_some(())).await;
    reloads(&home, &plan.toml()).await;
    let refused = || std::net::TcpStream::connect(free).is_err();
    eventually("nobody is accepted there any more", || refused().then_some(())).await;
    van.release(telegram_replay::acquirer::Order::FirstFirst).await;
    assert_eq!(there.receive().await.expect("what was asked is answered").code(), "0000");
    assert!(there.receive().await.is_none(), "and then the socket closes");
    assert_eq!(client.ask(&Approval::new(3, 10_000)).await.code(), "0000");
    // An address that is taken is refused, and nothing changes.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let elsewhere = plan.toml().replacen("address = \"127.0.0.1:0\"", &format!("address = \"{address}\""), 1);
    keeps(&home, &switch, &elsewhere, "cannot listen on").await;
    assert_eq!(client.ask(&Approval::new(4, 10_000)).await.code(), "0000");
    Client::connect(switch.terminals).await;
    switch.stop().await;
}
