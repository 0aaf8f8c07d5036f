//! Opening, closing, echo (개시, 마감, 0800).

use serde_json::Value;

use crate::support::{Approval, Shop, Telegram, eventually};

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
