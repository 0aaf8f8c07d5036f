//! Which acquirer, and which one after it.

use std::time::{Duration, Instant};

use telegram_replay::acquirer::{Acquirer, Behaviour, Deed, Event, Script};

use crate::support::{
    Approval, Client, Plan, Switch, acquirer, count, direct_card, events, eventually, script, stays,
};

#[tokio::test]
async fn a_card_company_takes_its_own_cards_and_the_van_takes_over_when_it_is_down() {
    let van = acquirer("kovan", Script::default()).await;
    let company = acquirer("card450", Script::default()).await;
    let plan = Plan { direct: Some(company.local_addr()), ..Plan::van(&van) };
    let (_home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let direct = |trace| Approval::new(trace, 10_000).card(&direct_card(1));
    let answer = client.ask(&direct(1)).await;
    assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "card450".into()));
    let answer = client.ask(&Approval::new(2, 10_000)).await;
    assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "kovan".into()));

    company.refuse_connections().await;
    company.drop_connections();
    let down = || switch.log().matches("link down").count() >= plan.links;
    eventually("the card company's links are down", || down().then_some(())).await;
    let answer = client.ask(&direct(3)).await;
    assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "kovan".into()));
    assert_eq!(company.truth().len(), 1, "nothing is owed to one that was never asked");

    company.accept_connections().await.unwrap();
    let mut trace = 3;
    loop {
        trace += 1;
        let answer = client.ask(&direct(trace)).await;
        assert_eq!(answer.code(), "0000");
        if answer.text("route") == "card450" {
            break;
        }
        assert!(trace < 100_000, "the line to the card company never comes back");
    }
}

#[tokio::test]
async fn what_an_acquirer_did_not_process_goes_to_the_next() {
    let first = acquirer("kovan", script(&[(Deed::Approval, Behaviour::NOT_PROCESSED, None)])).await;
    let second = acquirer("kovan", Script::default()).await;
    let plan = Plan::vans(&[("first", &first, 99), ("second", &second, 1)]);
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let answer = client.ask(&Approval::new(1, 10_000)).await;
    assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "second".into()));
    assert_eq!(events(&first.truth()), [Event::Declined]);
    assert_eq!(home.open_payments(), 0);
}

#[tokio::test]
async fn a_silent_van_is_9022_and_net_cancelled() {
    for behaviour in [Behaviour::ANSWER_NEVER, Behaviour::IGNORE] {
        let van = acquirer("kovan", script(&[(Deed::Approval, behaviour, None)])).await;
        let (home, switch) = Switch::of(&Plan::van(&van).impatient()).await;
        let mut client = Client::connect(switch.terminals).await;
        let began = Instant::now();
        assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "9022");
        assert!(began.elapsed() >= Duration::from_millis(500), "the VAN has its time");
        eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
        assert_eq!(van.live(), []);
        switch.stop().await;
    }
}

#[tokio::test]
async fn nobody_reachable_is_9021_at_once_and_no_contract_is_9020() {
    let van = acquirer("kovan", Script::default()).await;
    van.refuse_connections().await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut client = Client::connect(switch.terminals).await;
    let began = Instant::now();
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "9021");
    assert!(began.elapsed() < Duration::from_secs(5));
    let opaque = Approval::new(2, 10_000).with("card_track", "").with("card_bin", "54123000");
    let opaque = opaque.with("card_block_van", "opaque");
    assert_eq!(client.ask(&opaque).await.code(), "9020");
    assert_eq!(home.open_payments(), 0);
    assert_eq!(van.truth(), []);
    switch.stop().await;
}

#[tokio::test]
async fn after_net_cancel_another_van_is_tried_only_once_the_net_cancel_is_accepted() {
    let first = acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::IGNORE, Some(1))])).await;
    let second = acquirer("kovan", Script::default()).await;
    let plan = Plan::vans(&[("first", &first, 99), ("second", &second, 1)]).impatient();
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let answer = client.ask(&Approval::new(1, 10_061).with("total_amount", "10061")).await;
    // The second one is silent too for this amount.
    assert_eq!(answer.code(), "9022");
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(events(&first.truth()), [Event::Approved, Event::Ignored, Event::NetCancelled]);
    assert_eq!(events(&second.truth()), [Event::Approved, Event::NetCancelled]);
    assert!(second.truth()[0].at >= first.truth()[2].at);
    assert_ne!(first.truth()[0].serial, second.truth()[0].serial, "each attempt has a serial of its own");
    switch.stop().await;
}

#[tokio::test]
async fn after_net_cancel_the_second_van_approves() {
    let silent = script(&[(Deed::Approval, Behaviour::ANSWER_NEVER, None)]);
    let first = acquirer("kovan", silent).await;
    let second = acquirer("kovan", Script::default()).await;
    let plan = Plan::vans(&[("first", &first, 99), ("second", &second, 1)]).impatient();
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let approval = Approval::new(1, 10_000);
    let answer = client.ask(&approval).await;
    assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "second".into()));
    assert_eq!(events(&first.truth()), [Event::Approved, Event::NetCancelled]);
    assert_eq!((first.live().len(), second.live().len()), (0, 1));
    // The settled debt is the first attempt's; the payment stands.
    assert_eq!(client.ask(&approval).await.content(), answer.content());
    assert_eq!(home.open_payments(), 0);
    switch.stop().await;
}

#[tokio::test]
async fn after_net_cancel_no_such_original_is_no_licence_to_try_another() {
    let first = acquirer("kovan", script(&[(Deed::Approval, Behaviour::IGNORE, None)])).await;
    let second = acquirer("kovan", Script::default()).await;
    let plan = Plan::vans(&[("first", &first, 99), ("second", &second, 1)]).impatient();
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "9022");
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(second.truth(), []);
    switch.stop().await;
}

#[tokio::test]
async fn never_tries_no_other_after_silence() {
    let silent = script(&[(Deed::Approval, Behaviour::ANSWER_NEVER, None)]);
    let first = acquirer("kovan", silent).await;
    let second = acquirer("kovan", Script::default()).await;
    let vans = Plan::vans(&[("first", &first, 99), ("second", &second, 1)]).impatient();
    let (home, switch) = Switch::of(&Plan { failover: "never", ..vans }).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "9022");
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(first.live(), []);
    assert_eq!(second.truth(), []);
    switch.stop().await;
}

#[tokio::test]
async fn at_once_tries_another_while_the_net_cancel_is_still_owed() {
    let rules =
        [(Deed::Approval, Behaviour::ANSWER_NEVER, None), (Deed::NetCancel, Behaviour::IGNORE, Some(2))];
    let first = acquirer("kovan", script(&rules)).await;
    let second = acquirer("kovan", Script::default()).await;
    let vans = Plan::vans(&[("first", &first, 99), ("second", &second, 1)]).impatient();
    let (home, switch) = Switch::of(&Plan { failover: "at-once", ..vans }).await;
    let mut client = Client::connect(switch.terminals).await;
    let answer = client.ask(&Approval::new(1, 10_000)).await;
    assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "second".into()));
    assert_eq!(count(&first.truth(), Event::NetCancelled), 0);
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!((first.live().len(), second.live().len()), (0, 1));
    switch.stop().await;
}

#[tokio::test]
async fn an_answer_on_the_way_when_the_terminals_time_ends_is_never_awaited_for_ever() {
    let silent = script(&[(Deed::Approval, Behaviour::ANSWER_NEVER, None)]);
    let (first, second) = (acquirer("kovan", silent.clone()).await, acquirer("kovan", silent).await);
    let vans = Plan::vans(&[("first", &first, 1), ("second", &second, 1)]).impatient();
    let plan = Plan { terminal_deadline_ms: 800, failover: "at-once", ..vans };
    let (_home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let began = Instant::now();
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "9022");
    assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
    // 500 ms are gone: another 500 ms do not fit in 800 ms.
    let asked = |van: &Acquirer| count(&van.truth(), Event::Approved);
    stays("only one was asked", || asked(&first) + asked(&second) == 1).await;
    switch.stop().await;
}

#[tokio::test]
async fn whatever_acquirers_do_what_stands_is_what_terminals_know() {
    // They mostly wait, and so they wait together.
    let [never, after, at_once] =
        ["never", "after-net-cancel", "at-once"].map(what_stands_is_what_terminals_know);
    tokio::join!(never, after, at_once);
}

async fn what_stands_is_what_terminals_know(failover: &'static str) {
    let endings = [0, 51, 52, 53, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74];
    let van = acquirer("kovan", Script::default()).await;
    let (kspay, kicc) =
        (acquirer("kspay", Script::default()).await, acquirer("kicc", Script::default()).await);
    let steady = acquirer("kovan", script(&[(Deed::Approval, Behaviour::ANSWER, None)])).await;
    let company = acquirer("card450", Script::default()).await;
    let vans = [("van", &van, 33), ("kspay", &kspay, 33), ("kicc", &kicc, 33), ("steady", &steady, 1)];
    let vans = Plan::vans(&vans).impatient();
    let plan = Plan { direct: Some(company.local_addr()), failover, links: 20, ..vans };
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let asked: Vec<_> = (1..)
        .zip(endings)
        .flat_map(|(trace, ending)| {
            let amount = u64::from(trace) * 10_000 + ending;
            let direct = Approval::new(100 + trace, amount + 1_000_000).card(&direct_card(trace));
            // Of each three, every VAN has one.
            let [first, second, third] =
                [0, 1, 2].map(|set| Approval::new(200 * set + trace, amount + u64::from(set) * 2_000_000));
            [first, second, third, direct]
        })
        .collect();
    client.send(&asked).await;
    let answers = client.receive_all(asked.len()).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    let mut told: Vec<u64> = answers
        .iter()
        .filter(|answer| answer.code() == "0000")
        .map(|answer| answer.text("total_amount").parse().unwrap())
        .collect();
    told.sort_unstable();
    // What an approval given after its net-cancel leads to is settled too, once its late answer has come.
    eventually(&format!("{failover}: what stands is what terminals know, and nothing is owed"), || {
        let acquirers = [&van, &kspay, &kicc, &steady, &company].into_iter();
        let mut live: Vec<u64> = acquirers.flat_map(Acquirer::live).map(|(_, left)| left).collect();
        live.sort_unstable();
        (told == live && home.open_payments() == 0).then_some(())
    })
    .await;
    for acquirer in [&van, &kspay, &kicc, &steady, &company] {
        assert_eq!(count(&acquirer.truth(), Event::Repeated), 0, "{failover}");
        assert_eq!(count(&acquirer.truth(), Event::Unreadable), 0, "{failover}");
    }
    // And they are told the same when they ask again.
    client.send(&asked).await;
    for (first, again) in answers.iter().zip(client.receive_all(asked.len()).await) {
        let expected = if first.code() == "9022" { "9013".into() } else { first.code() };
        assert_eq!(again.code(), expected, "{failover}: trace {}", first.trace());
    }
    switch.stop().await;
}

#[tokio::test]
async fn weights_are_honoured_exactly_over_a_hundred_payments() {
    let (six, four) =
        (acquirer("kovan", Script::default()).await, acquirer("kovan", Script::default()).await);
    let (home, switch) = Switch::of(&Plan::vans(&[("six", &six, 60), ("four", &four, 40)])).await;
    let mut client = Client::connect(switch.terminals).await;
    let approvals: Vec<_> = (1..=100).map(|trace| Approval::new(trace, 10_000)).collect();
    client.send(&approvals).await;
    let answers = client.receive_all(100).await;
    assert!(answers.iter().all(|answer| answer.code() == "0000"));
    assert_eq!((six.live().len(), four.live().len()), (60, 40));
    let routed = answers.iter().filter(|answer| answer.text("route") == "six").count();
    assert_eq!(routed, 60);
    assert_eq!(home.payments().len(), 100);
}
