//! Signals that end nothing, and headers nobody could answer.

use std::process::Command;

use crate::support::{Approval, LooseEnd, Shop, eventually, framed};

#[tokio::test]
async fn sighup_ends_neither_the_switch_nor_what_is_in_flight() {
    let mut shop = Shop::open(|plan| plan).await;
    shop.van.hold();
    shop.client.send(&[Approval::new(1, 10_000)]).await;
    eventually("the request is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    for _hangup in 0..3 {
        let told = Command::new("kill").args(["-HUP", &shop.switch.pid().to_string()]).status().unwrap();
        assert!(told.success());
    }
    eventually("it says so", || shop.switch.log().contains("SIGHUP").then_some(())).await;
    shop.van.release(telegram_replay::acquirer::Order::FirstFirst).await;
    assert_eq!(shop.client.receive().await.expect("an answer").code(), "0000");
    assert!(shop.switch.is_alive());
    shop.approve(&Approval::new(2, 20_000)).await;
    shop.switch.stop().await;
}

#[tokio::test]
async fn a_header_nobody_could_answer_is_in_the_journal_with_its_reason_and_no_value() {
    let shop = Shop::open(|plan| plan).await;
    // What nobody could answer is not answered.
    shop.home.leaves(&[LooseEnd::Terminals]);
    let good = Approval::new(1, 10_000);
    let unreadable = [
        good.spoiled("header.telegram_type", b"01x0"),
        good.spoiled("header.trace_no", b"54x301"),
        good.spoiled("header.terminal_id", &[0xFF; 10]),
    ];
    for telegram in &unreadable {
        let mut client = shop.another().await;
        client.raw(&framed(telegram)).await;
        assert!(client.receive().await.is_none());
    }
    let noted = || shop.home.journal().iter().filter(|name| *name == "Refused").count() == unreadable.len();
    eventually("each leaves an event", || noted().then_some(())).await;
    for event in shop.home.events() {
        let refused = &event["Refused"];
        assert_eq!((&refused["code"], &refused["terminal_id"]), (&"9001".into(), &"".into()));
        let why = refused["why"].as_str().expect("why");
        assert!(!why.is_empty() && !why.contains("54x301"), "{why}");
    }
}
