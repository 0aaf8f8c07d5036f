//! More than the switch can do: refused at the door with 9040, and nobody inside hears of it.

use telegram_replay::acquirer::{Acquirer, Order, Script};

use crate::support::{
    Approval, Client, Home, Plan, Switch, Telegram, acquirer, eventually, hold_commits, metric,
};

async fn switch(change: impl FnOnce(Plan) -> Plan, limits: &str) -> (Acquirer, Home, Switch) {
    let van = acquirer("kovan", Script::default()).await;
    let home = Home::new(&format!("{}\n[limits]\n{limits}\n", change(Plan::van(&van)).toml()));
    let switch = Switch::start(&home).await;
    (van, home, switch)
}

fn shed(switch: &Switch, reason: &str) -> usize {
    let shed = metric(switch.admin, &format!(r#"switch_shed_total{{reason="{reason}"}}"#));
    shed.to_string().parse().expect("a whole number")
}

/// Telegrams whose refusal the journal has, and notes that tell of them.
fn counted(home: &Home) -> (u64, usize) {
    let events = home.events();
    let counts: Vec<u64> =
        events.iter().filter_map(|event| event.get("RefusedMany")?.get("count")?.as_u64()).collect();
    (counts.iter().sum(), counts.len())
}

#[tokio::test]
async fn a_terminal_beyond_its_rate_gets_9040_and_its_net_cancels_pass() {
    let (van, home, switch) = switch(|plan| Plan { telegrams_per_s: 5, ..plan }, "").await;
    let mut client = Client::connect(switch.terminals).await;
    let approvals: Vec<_> = (1..=40).map(|trace| Approval::new(trace, 10_000)).collect();
    client.send(&approvals).await;
    let answers = client.receive_all(40).await;
    let codes: Vec<String> = answers.iter().map(super::support::Answer::code).collect();
    let refused = codes.iter().filter(|code| *code == "9040").count();
    assert!(
        refused >= 30 && codes.iter().filter(|code| *code == "0000").count() == 40 - refused,
        "{codes:?}"
    );
    assert_eq!(shed(&switch, "rate"), refused);
    // What is undone is let in, and another terminal on the same socket has a rate of its own.
    assert_eq!(client.ask(&Telegram::net_cancel(50, &approvals[0])).await.code(), "0000");
    assert_eq!(client.ask(&Approval::new(1, 10_000).terminal(2)).await.code(), "0000");
    // Refused is not claimed: the same telegram is an approval later.
    let again = codes.iter().position(|code| code == "9040").expect("one that was refused");
    let mut code = "9040".to_owned();
    while code == "9040" {
        code = client.ask(&approvals[again]).await.code();
    }
    assert_eq!(code, "0000");
    assert_eq!(van.truth().iter().filter(|truth| truth.amount == 10_000).count(), van.truth().len());
    switch.stop().await;
    let total = counted(&home);
    assert!(total.0 >= refused as u64 && total.1 <= 5, "one note tells of many: {total:?}");
    assert!(!home.journal().iter().any(|name| name == "Refused"));
}

#[tokio::test]
async fn beyond_the_limit_of_payments_new_ones_get_9040_and_those_inside_are_answered() {
    let (van, _home, switch) = switch(|plan| plan, "payments = 3").await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    let inside: Vec<_> = (1..=3).map(|trace| Approval::new(trace, 10_000)).collect();
    client.send(&inside).await;
    eventually("they are at the VAN", || (van.held() == 3).then_some(())).await;
    for trace in 4..=20 {
        let answer = client.ask(&Approval::new(trace, 10_000)).await;
        assert_eq!((answer.code(), answer.trace()), ("9040".into(), trace));
    }
    assert_eq!(shed(&switch, "payments"), 17);
    // What undoes and what asks is let in.
    assert_eq!(client.ask(&Telegram::inquiry(30, &inside[0])).await.code(), "0000");
    let mut undoing = Client::connect(switch.terminals).await;
    assert_eq!(undoing.ask(&Telegram::net_cancel(31, &inside[0])).await.code(), "0000");
    assert_eq!(client.receive().await.expect("the withdrawn one's answer").code(), "9013");
    van.release(Order::FirstFirst).await;
    for answer in client.receive_all(2).await {
        assert_eq!(answer.code(), "0000");
    }
    assert_eq!(client.ask(&Approval::new(4, 10_000)).await.code(), "0000");
    switch.stop().await;
}

#[tokio::test]
async fn a_disk_that_stands_still_refuses_new_payments_at_once_and_loses_none_inside() {
    let (van, home, switch) = switch(|plan| plan, "queue_ms = 20").await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    let held = hold_commits(&home);
    client.send(&[Approval::new(2, 10_000)]).await;
    // Those that come before the disk has stood still for long wait for it; then one is refused at once.
    let mut other = Client::connect(switch.terminals).await;
    let mut trace = 99;
    let first_refused = loop {
        trace += 1;
        other.send(&[Approval::new(trace, 10_000).terminal(2)]).await;
        tokio::select! {
            answer = other.receive() => break answer.expect("an answer"),
            () = tokio::time::sleep(std::time::Duration::from_millis(20)) => {}
        }
    };
    assert_eq!(first_refused.code(), "9040");
    assert!(shed(&switch, "store") >= 1);
    drop(held);
    assert_eq!(client.receive().await.expect("an answer").code(), "0000");
    for answer in other.receive_all(trace as usize - 100).await {
        let expected = if answer.trace() < first_refused.trace() { "0000" } else { "9040" };
        assert_eq!(answer.code(), expected);
    }
    let mut code = String::new();
    while code != "0000" {
        trace += 1;
        code = other.ask(&Approval::new(trace, 10_000).terminal(2)).await.code();
        assert!(["0000", "9040"].contains(&code.as_str()), "{code}");
    }
    assert_eq!(van.live().len(), first_refused.trace() as usize - 100 + 3);
    switch.stop().await;
}
