//! What is KSPAY's alone: a socket per request, none while idle, and amounts of nine digits.

use telegram_replay::acquirer::{Event, Order, Script};

use crate::support::{
    Approval, Client, LooseEnd, Plan, Shop, Switch, Telegram, acquirer, count, events, eventually, metric,
    stays,
};

/// What a field of nine digits holds.
const GREATEST: u64 = 999_999_999;

#[tokio::test]
async fn an_amount_of_ten_digits_goes_to_another_van_and_without_one_is_9020() {
    let (kspay, kovan) =
        (acquirer("kspay", Script::default()).await, acquirer("kovan", Script::default()).await);
    let (home, switch) = Switch::of(&Plan::vans(&[("kspay", &kspay, 99), ("kovan", &kovan, 1)])).await;
    // The second switch asks the same acquirer.
    home.leaves(&[LooseEnd::Acquirers]);
    let mut client = Client::connect(switch.terminals).await;
    for (trace, amount, route) in [(1, GREATEST, "kspay"), (2, GREATEST + 1, "kovan")] {
        let answer = client.ask(&Approval::new(trace, amount)).await;
        assert_eq!((answer.code(), answer.text("route")), ("0000".into(), route.into()), "{amount}");
    }
    let (home, switch) = Switch::of(&Plan::vans(&[("kspay", &kspay, 1)])).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(3, GREATEST + 1)).await.code(), "9020");
    assert_eq!(events(&kspay.truth()), [Event::Approved], "it was asked for the first alone");
    assert_eq!(home.open_payments(), 0);
}

#[tokio::test]
async fn a_refused_connection_is_no_doubt_the_next_van_is_asked_and_kspay_again_once_it_is_back() {
    let (kspay, kovan) =
        (acquirer("kspay", Script::default()).await, acquirer("kovan", Script::default()).await);
    kspay.refuse_connections().await;
    let (home, switch) = Switch::of(&Plan::vans(&[("kspay", &kspay, 99), ("kovan", &kovan, 1)])).await;
    let mut client = Client::connect(switch.terminals).await;
    for trace in 1..=3 {
        let answer = client.ask(&Approval::new(trace, 10_000)).await;
        assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "kovan".into()));
    }
    assert_eq!((kspay.truth(), home.open_payments()), (vec![], 0), "nothing is owed to one never asked");
    kspay.accept_connections().await.unwrap();
    let mut trace = 3;
    loop {
        trace += 1;
        let answer = client.ask(&Approval::new(trace, 10_000)).await;
        assert_eq!(answer.code(), "0000");
        if answer.text("route") == "kspay" {
            break;
        }
        assert!(trace < 100_000, "kspay never comes back");
    }
}

#[tokio::test]
async fn every_request_has_a_socket_of_its_own_and_none_is_left_or_used_twice() {
    let mut shop = Shop::at("kspay", Script::default(), |plan| plan).await;
    assert_eq!(shop.van.connections(), 0, "none before the first request");
    let mut approvals = Vec::new();
    for trace in 1..=5 {
        let approval = Approval::new(trace, 10_000);
        shop.approve(&approval).await;
        approvals.push(approval);
        eventually("its socket is closed", || (shop.van.connections() == 0).then_some(())).await;
    }
    for (trace, approval) in (11..).zip(&approvals) {
        assert_eq!(shop.code(&Telegram::cancel(trace, approval, 10_000)).await, "0000");
        eventually("its socket is closed", || (shop.van.connections() == 0).then_some(())).await;
    }
    stays("nothing is sent by itself", || shop.van.truth().len() == 10).await;
    let truth = shop.van.truth();
    assert_eq!((count(&truth, Event::Approved), count(&truth, Event::Cancelled)), (5, 5));
    let up = metric(shop.switch.admin, r#"switch_links_up{acquirer="kspay"}"#);
    assert!(up > 1.5, "idle, but not down: {up}");
}

#[tokio::test]
async fn no_more_sockets_than_links_and_the_rest_wait_their_turn() {
    let mut shop = Shop::at("kspay", Script::default(), |plan| Plan { links: 3, ..plan }).await;
    shop.van.hold();
    let approvals: Vec<_> = (1..=12).map(|trace| Approval::new(trace, 10_000)).collect();
    shop.client.send(&approvals).await;
    eventually("three are at KSPAY", || (shop.van.held() == 3).then_some(())).await;
    stays("and no more", || shop.van.held() == 3 && shop.van.connections() == 3).await;
    shop.van.release(Order::LastFirst).await;
    assert!(shop.client.receive_all(12).await.iter().all(|answer| answer.code() == "0000"));
    let truth = shop.van.truth();
    assert_eq!((truth.len(), count(&truth, Event::Approved)), (12, 12), "each was sent once");
}

#[tokio::test]
async fn a_request_that_met_a_closed_socket_is_in_doubt_and_is_not_sent_again() {
    // Closed without doing it, done and closed, half an answer.
    let mut shop = Shop::at("kspay", Script::default(), |plan| plan).await;
    for (trace, ending) in [(1, 64), (2, 65), (3, 73)] {
        assert_eq!(shop.code(&Approval::new(trace, 10_000 + ending)).await, "9022", "{ending}");
    }
    shop.settled().await;
    let truth = shop.van.truth();
    for ending in [64, 65, 73] {
        let asked = truth.iter().filter(|entry| {
            matches!(entry.event, Event::Approved | Event::Repeated)
                || (entry.event == Event::Ignored && entry.original.is_none())
        });
        let times = asked.filter(|entry| entry.amount % 100 == ending).count();
        assert_eq!(times, 1, "{ending}: {truth:#?}");
    }
    assert_eq!(shop.van.live(), []);
    eventually("no socket is left", || (shop.van.connections() == 0).then_some(())).await;
    shop.switch.stop().await;
}
