//! What reloads leave behind: lines of acquirers that were removed, and lines that were replaced while answers could still come by them.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use telegram_replay::acquirer::{Behaviour, Deed, Event, Order, Script};

use crate::{
    reload::{keeps, reloads},
    support::{
        Approval, Client, Plan, Switch, Telegram, acquirer, count, eventually, metric, reachable, script,
    },
};

#[tokio::test]
async fn approvals_of_a_removed_acquirer_can_be_cancelled_and_net_cancelled_until_the_next_start() {
    let [old, new] = [acquirer("kovan", Script::default()).await, acquirer("kovan", Script::default()).await];
    let (home, switch) = Switch::of(&Plan::vans(&[("old", &old, 1)])).await;
    let mut client = Client::connect(switch.terminals).await;
    let [cancelled, undone] = [Approval::new(1, 10_000), Approval::new(2, 20_000)];
    for approval in [&cancelled, &undone] {
        assert_eq!(client.ask(approval).await.code(), "0000");
    }
    reloads(&home, &Plan::vans(&[("new", &new, 1)]).toml()).await;
    assert_eq!(client.ask(&Approval::new(3, 30_000)).await.code(), "0000");
    assert_eq!((old.live().len(), new.live().len()), (2, 1), "new payments go to the new one");
    // Nothing is open there; what fails is connected again all the same.
    eventually("nothing is open", || (home.open_payments() == 0).then_some(())).await;
    old.drop_connections();
    reachable(&switch, "old").await;
    assert_eq!(client.ask(&Telegram::cancel(4, &cancelled, 10_000)).await.code(), "0000");
    assert_eq!(client.ask(&Telegram::net_cancel(5, &undone)).await.code(), "0000");
    eventually("both are undone there", || old.live().is_empty().then_some(())).await;
    let measured = || metric(switch.admin, r#"switch_links_up{acquirer="old"}"#) > 1.5;
    eventually("it is measured like any other", || measured().then_some(())).await;
    switch.stop().await;
    eventually("its sockets close with the switch", || (old.connections() == 0).then_some(())).await;
}

#[tokio::test]
async fn a_removed_acquirer_that_is_named_again_takes_payments_by_the_line_it_had() {
    let [one, other] =
        [acquirer("kovan", Script::default()).await, acquirer("kovan", Script::default()).await];
    let [both, without] =
        [Plan::vans(&[("one", &one, 1), ("other", &other, 1)]), Plan::vans(&[("one", &one, 1)])];
    let (home, switch) = Switch::of(&both).await;
    let mut client = Client::connect(switch.terminals).await;
    reloads(&home, &without.toml()).await;
    for trace in 1..=4 {
        assert_eq!(client.ask(&Approval::new(trace, 10_000)).await.code(), "0000");
    }
    assert_eq!((one.live().len(), other.live().len()), (4, 0));
    reloads(&home, &both.toml()).await;
    for trace in 5..=8 {
        assert_eq!(client.ask(&Approval::new(trace, 10_000)).await.code(), "0000");
    }
    assert_eq!(other.live().len(), 2);
    assert!(!switch.log().contains("a new line"), "there is nothing to connect anew");
    assert_eq!((one.connections(), other.connections()), (2, 2));
    // Removed again, and named with other settings: the line it had closes.
    reloads(&home, &without.toml()).await;
    reloads(&home, &Plan { links: 3, ..both }.toml()).await;
    let left = || (one.connections(), other.connections()) == (3, 3);
    eventually("the lines before are closed", || left().then_some(())).await;
    switch.stop().await;
}

#[tokio::test]
async fn a_late_approval_is_heard_on_a_line_that_was_replaced_and_a_stop_does_not_wait_for_it() {
    let van = acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::IGNORE, Some(2))])).await;
    let plan = Plan { settle_after_ms: 60_000, ..Plan::van(&van).impatient() };
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    client.send(&[Approval::new(1, 10_000)]).await;
    assert_eq!(client.receive().await.expect("an answer").code(), "9022");
    reloads(&home, &plan.toml().replacen("links = 2", "links = 3", 1)).await;
    // The socket that had nothing to wait for is closed, the other is not.
    eventually("one of the old ones is left", || (van.connections() == 4).then_some(())).await;
    van.release(Order::FirstFirst).await;
    let late = || home.journal().iter().any(|event| event == "Late");
    eventually("the late approval is in the journal", || late().then_some(())).await;
    eventually("it is undone", || van.live().is_empty().then_some(())).await;
    assert_eq!(count(&van.truth(), Event::NetCancelled), 1);
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(van.connections(), 4, "another late answer could still come");
    let begun = Instant::now();
    switch.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(10), "it took {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_breaker_gets_other_settings_while_its_line_stays_as_it_is() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = |breaker| Plan { breaker, ..Plan::van(&van).impatient() };
    let (home, switch) = Switch::of(&plan("failures = 10000")).await;
    let mut client = Client::connect(switch.terminals).await;
    // Approved, and not answered.
    assert_eq!(client.ask(&Approval::new(1, 10_061)).await.code(), "9022");
    assert_eq!(client.ask(&Approval::new(2, 10_000)).await.code(), "0000");
    reloads(&home, &plan("failures = 1, pause_ms = 60000, max_pause_ms = 60000").toml()).await;
    assert!(!switch.log().contains("a new line"));
    assert_eq!(van.connections(), 2);
    assert_eq!(client.ask(&Approval::new(3, 10_061)).await.code(), "9022");
    assert_eq!(client.ask(&Approval::new(4, 10_000)).await.code(), "9021", "one failure is enough now");
    eventually("both are undone", || (home.open_payments() == 0).then_some(())).await;
    switch.stop().await;
}

#[tokio::test]
async fn more_removed_acquirers_than_lines_are_kept_for_are_refused_whole() {
    const NAMES: [&str; 18] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r"];
    let mut vans = Vec::new();
    for name in NAMES {
        vans.push((name, acquirer("kovan", Script::default()).await));
    }
    let plan = |which: Range<usize>| {
        let vans: Vec<_> = vans[which].iter().map(|(name, van)| (*name, van, 1)).collect();
        Plan { links: 1, ..Plan::vans(&vans) }
    };
    let (home, switch) = Switch::of(&plan(0..18)).await;
    let mut client = Client::connect(switch.terminals).await;
    keeps(&home, &switch, &plan(0..1).toml(), "more than 16 acquirers removed since the start").await;
    reloads(&home, &plan(0..2).toml()).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    // One of the removed may come back, and then another may go.
    keeps(&home, &switch, &plan(1..2).toml(), "more than 16 acquirers removed since the start").await;
    reloads(&home, &plan(1..3).toml()).await;
    assert_eq!(client.ask(&Approval::new(2, 10_000)).await.code(), "0000");
    assert!(vans.iter().all(|(_, van)| van.connections() == 1));
    switch.stop().await;
}

#[tokio::test]
async fn more_lines_replaced_than_may_wait_for_late_answers_are_refused_whole() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan { settle_after_ms: 60_000, ..Plan::van(&van).impatient().unguarded() };
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let with_links = |links: usize| Plan { links, ..Plan { vans: plan.vans.clone(), ..plan } }.toml();
    let mut replaced = 0;
    loop {
        // Approved and never answered: its line has something to wait for.
        let trace = replaced + 1;
        assert_eq!(client.ask(&Approval::new(trace, 10_061)).await.code(), "9022");
        let configuration = with_links(if replaced % 2 == 0 { 3 } else { 2 });
        if replaced == 16 {
            keeps(&home, &switch, &configuration, "more than 16 lines replaced of late").await;
            break;
        }
        reloads(&home, &configuration).await;
        replaced += 1;
    }
    assert_eq!(client.ask(&Approval::new(100, 10_000)).await.code(), "0000");
    switch.stop().await;
}
