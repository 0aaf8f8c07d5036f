//! Opening, closing, echo (개시, 마감, 0800).

use serde_json::Value;
use telegram_replay::acquirer::Order;

use crate::support::{Approval, Shop, Telegram, direct, eventually};

#[tokio::test]
async fn opening_closing_and_echo_are_answered_and_the_day_is_in_the_journal() {
    let mut shop = Shop::open(|plan| plan).await;
    for (trace, function) in [(1, "001"), (2, "301"), (3, "003"), (3, "003")] {
        let data = format!("till {trace}, morning");
        let answer = shop.client.ask(&Telegram::network(trace, function).with("data", &data)).await;
        assert_eq!((answer.kind(), answer.code()), ("0810".into(), "0000".into()));
        assert_eq!((answer.text("function"), answer.text("data")), (function.into(), data));
        assert_eq!(answer.trace(), trace);
    }
    let functions = || -> Vec<String> {
        let events = shop.home.events();
        let of = |event: &Value| event["Network"]["function"].as_str().map(str::to_owned);
        events.iter().filter_map(of).collect()
    };
    eventually("opening and closing are kept", || (functions() == ["001", "003", "003"]).then_some(())).await;
    assert_eq!(shop.home.payments().len(), 0);
    assert_eq!(shop.van.truth(), []);
}

#[tokio::test]
async fn what_there_is_not_is_refused_and_claims_nothing() {
    let mut shop = Shop::open(|plan| plan).await;
    for function in ["002", "999", "000"] {
        let answer = shop.client.ask(&Telegram::network(1, function)).await;
        assert_eq!((answer.kind(), answer.code()), ("0810".into(), "9001".into()), "{function}");
    }
    let unknown = Telegram::network(2, "001").with("header.terminal_id", "9999999999");
    assert_eq!(shop.code(&unknown).await, "9002");
    let refused = || shop.home.journal().iter().filter(|name| *name == "Refused").count() == 4;
    eventually("each refusal leaves an event", || refused().then_some(())).await;
    shop.approve(&Approval::new(1, 10_000)).await;
}

#[tokio::test]
async fn a_hub_asks_everything_at_once_and_nobody_waits_for_another() {
    let mut shop = Shop::open(|plan| plan).await;
    let (standing, slow) = (Approval::new(1, 10_000), Approval::new(2, 20_000));
    let of_another = direct(1, 30_000).terminal(2);
    shop.approve(&standing).await;
    shop.van.hold();
    shop.client.send(std::slice::from_ref(&slow)).await;
    let questions = [
        Telegram::inquiry(3, &standing),
        Telegram::inquiry(4, &slow),
        Telegram::totals(5, standing.date(), [(1, 10_000), (0, 0), (0, 0)]),
        Telegram::network(6, "301").terminal(3),
        Telegram::net_cancel(7, &Approval::new(8, 10_000)),
        Telegram::cancel(9, &Approval::new(10, 10_000), 1),
    ];
    shop.client.send(&questions).await;
    shop.client.send(std::slice::from_ref(&of_another)).await;
    let mut told = Vec::new();
    for _answer in 0..=questions.len() {
        let answer = shop.client.receive().await.expect("an answer");
        told.push((answer.text("header.terminal_id"), answer.kind(), answer.trace(), answer.code()));
    }
    told.sort();
    let expected = [
        ("1000000001", "0310", 3, "0000"),
        ("1000000001", "0310", 4, "0000"),
        ("1000000001", "0410", 9, "9030"),
        ("1000000001", "0430", 7, "0000"),
        ("1000000001", "0510", 5, "0000"),
        ("1000000002", "0110", 1, "0000"),
        ("1000000003", "0810", 6, "0000"),
    ];
    let expected = expected
        .map(|(terminal, kind, trace, code)| (terminal.to_owned(), kind.to_owned(), trace, code.to_owned()));
    assert_eq!(told, expected);
    shop.van.release(Order::FirstFirst).await;
    let last = shop.client.receive().await.expect("an answer");
    assert_eq!((last.trace(), last.code()), (2, "0000".into()));
}
