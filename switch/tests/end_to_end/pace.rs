//! What undoes goes to an acquirer at a pace: more with each that is settled, also where no new payments go; and what never had its turn is counted.

use std::time::{Duration, Instant};

use telegram_replay::acquirer::{Behaviour, Deed, Event};

use crate::{
    reload::reloads,
    support::{
        Approval, Client, Home, LooseEnd, Plan, Switch, Telegram, acquirer, acquirer_with, count, eventually,
        metric, script, switch_command,
    },
};

#[tokio::test]
async fn debts_at_an_acquirer_that_was_removed_while_silent_do_not_go_one_by_one_when_it_is_back() {
    const DEBTS: u32 = 60;
    const ANSWERS_WITHIN: Duration = Duration::from_millis(150);
    let rules =
        [(Deed::Approval, Behaviour::ANSWER_NEVER, None), (Deed::NetCancel, Behaviour::IGNORE, Some(1))];
    let old = acquirer_with("kovan", |settings| {
        settings.script = script(&rules);
        settings.delay = ANSWERS_WITHIN;
    })
    .await;
    let new = acquirer("kovan", script(&[])).await;
    let breaker = "failures = 3, pause_ms = 100, max_pause_ms = 200";
    let before = Plan { breaker, ..Plan::vans(&[("old", &old, 1)]).impatient() };
    let (home, switch) = Switch::of(&before).await;
    let mut client = Client::connect(switch.terminals).await;
    client.send(&(1..=DEBTS).map(|trace| Approval::new(trace, 10_000)).collect::<Vec<_>>()).await;
    for answer in client.receive_all(DEBTS as usize).await {
        assert_eq!(answer.code(), "9022");
    }
    reloads(&home, &Plan { breaker, ..Plan::vans(&[("new", &new, 1)]).impatient() }.toml()).await;
    let undone = || count(&old.truth(), Event::NetCancelled);
    eventually("the first is undone", || (undone() > 0).then_some(())).await;
    let since = Instant::now();
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    let took = since.elapsed();
    assert!(took < ANSWERS_WITHIN * (DEBTS / 2), "{took:?} for {DEBTS}");
    assert_eq!(undone(), DEBTS as usize);
    let state = format!(r#"switch_acquirer_breaker{{acquirer="old",address="{}"}}"#, old.local_addr());
    assert!((metric(switch.admin, &state) - 2.0).abs() < 0.5, "no request came that could end the probing");
    switch.stop().await;
}

#[tokio::test]
async fn a_net_cancel_that_waits_until_its_time_is_over_is_counted_as_not_sent() {
    const DEBTS: u32 = 6;
    let van = acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::IGNORE, None)])).await;
    let plan = Plan { alarm_after_s: 1, give_up_after_s: 3, ..Plan::van(&van).impatient().unguarded() };
    let home = Home::new(&plan.toml().replacen("links = 2", "links = 2\nnet_cancels_in_flight = 1", 1));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    client.send(&(1..=DEBTS).map(|trace| Approval::new(trace, 10_061)).collect::<Vec<_>>()).await;
    for answer in client.receive_all(DEBTS as usize).await {
        assert_eq!(answer.code(), "9022");
    }
    eventually("all need a person", || (home.open_payments() == 0).then_some(())).await;
    let rows = home.journal().iter().filter(|event| *event == "NetCancelNotSent").count();
    assert!(rows > 0, "the silent ones took all the time there was");
    let counted = metric(switch.admin, r#"switch_net_cancels_total{acquirer="kovan",outcome="not-sent"}"#);
    #[allow(clippy::cast_precision_loss, reason = "a counter is a float, and these are few")]
    let rows = rows as f64;
    assert!((counted - rows).abs() < 0.5, "{counted} counted, {rows} in the journal");
    switch.stop().await;
}

#[tokio::test]
async fn a_net_cancel_that_waits_its_turn_is_listed_as_waiting_and_not_as_tried() {
    let van = acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::IGNORE, None)])).await;
    let plan = Plan::van(&van).unguarded();
    let home = Home::new(&plan.toml().replacen("links = 2", "links = 2\nnet_cancels_in_flight = 1", 1));
    let switch = Switch::start(&home).await;
    home.leaves(&[LooseEnd::Debts]);
    let mut client = Client::connect(switch.terminals).await;
    for trace in 1..=3 {
        let approval = Approval::new(trace, 10_000);
        assert_eq!(client.ask(&approval).await.code(), "0000");
        assert_eq!(client.ask(&Telegram::net_cancel(10 + trace, &approval)).await.code(), "0000");
    }
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let listed = switch_command(&home, &["net-cancels", "list", "--json"]).await.out;
        let states = |state: &str| listed.matches(&format!(r#""state":"{state}""#)).count();
        if (states("trying"), states("waiting")) == (1, 2) {
            break;
        }
        assert!(Instant::now() < until, "{listed}");
    }
    switch.stop().await;
}
