//! The duplicate window (중복거래, 9012).
//!
//! What must be true: it is per merchant and fingerprint, counts payments in flight or approved only, is claimed in the store, and is skipped where
//! the card is an opaque block. 9012 claims no key: the terminal may try again. A repeat is never a duplicate. What is kept of a card for it is keyed.

use std::time::{Duration, Instant};

use ring::digest::{SHA256, digest};
use telegram_replay::acquirer::{Behaviour, Deed, Event, Order, Script};

use crate::{
    cards::{everything_kept, kept_in},
    support::{
        Approval, Client, Home, Plan, Shop, Switch, Telegram, acquirer, card, count, eventually, script,
    },
};

/// Longer than any test here lasts.
const LONG: &str = "window_ms = 600000";

async fn shop(script: Script) -> Shop {
    Shop::with(script, |plan| Plan { duplicates: Some(LONG), ..plan.impatient() }).await
}

#[tokio::test]
async fn the_same_card_and_amount_again_is_9012_and_never_sent() {
    let mut shop = shop(Script::default()).await;
    let first = Approval::new(1, 10_000);
    shop.approve(&first).await;
    let second = Approval::new(2, 10_000);
    let answer = shop.client.ask(&second).await;
    assert_eq!((answer.kind(), answer.code(), answer.trace()), ("0110".into(), "9012".into(), 2));
    assert_eq!(answer.text("message1"), "중복거래 의심");
    assert_eq!(
        shop.code(&Approval::new(3, 10_000).terminal(2)).await,
        "9012",
        "at another till of the merchant"
    );
    assert_eq!(shop.code(&Approval::new(4, 10_000).with("installment", "03")).await, "9012");
    assert_eq!(shop.code(&Approval::new(5, 10_001)).await, "0000", "another amount");
    assert_eq!(shop.code(&Approval::new(6, 10_000).card(&card(2))).await, "0000", "another card");
    assert_eq!(shop.code(&first).await, "0000", "its repeat");
    assert_eq!(
        shop.code(&first.clone().with("total_amount", "10001")).await,
        "9011",
        "no repeat and no duplicate"
    );
    assert_eq!(shop.state(&second).await, "00", "what was refused is no payment");
    let mut shop = shop.revived().await;
    assert_eq!(shop.code(&second).await, "9012", "after a restart");
    assert_eq!(count(&shop.van.truth(), Event::Approved), 3);
    assert_eq!(shop.van.truth().len(), 3);
}

#[tokio::test]
async fn in_flight_counts_and_a_repeat_in_flight_is_none() {
    let mut shop = shop(Script::default()).await;
    shop.van.hold();
    let first = Approval::new(1, 10_000);
    shop.client.send(&vec![first.clone(); 50]).await;
    eventually("the request is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    let mut other = shop.another().await;
    assert_eq!(other.ask(&Approval::new(2, 10_000)).await.code(), "9012");
    shop.van.release(Order::FirstFirst).await;
    for answer in shop.client.receive_all(50).await {
        assert_eq!(answer.code(), "0000");
    }
    // At once, before the first is even durable: one of them.
    let both = [Approval::new(3, 20_000), Approval::new(4, 20_000).terminal(2)];
    shop.client.send(&both).await;
    let mut codes: Vec<_> =
        shop.client.receive_all(2).await.iter().map(crate::support::Answer::code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["0000", "9012"]);
    assert_eq!(shop.van.truth().len(), 2);
}

#[tokio::test]
async fn what_does_not_stand_stands_in_nobodys_way() {
    let rules =
        [(Deed::Approval, Behaviour::REFUSE, Some(1)), (Deed::Approval, Behaviour::ANSWER_NEVER, Some(1))];
    let mut shop = shop(script(&rules)).await;
    assert_eq!(shop.code(&Approval::new(1, 10_000)).await, "8035");
    assert_eq!(shop.code(&Approval::new(2, 10_000)).await, "9022", "after a decline");
    let mut standing = Approval::new(3, 10_000);
    shop.approve(&standing).await;
    // 9012 claims no key: the same telegram is asked again once it can be.
    let next = |trace| Approval::new(trace, 10_000);
    assert_eq!(shop.code(&next(4)).await, "9012");
    assert_eq!(shop.code(&Telegram::net_cancel(5, &standing)).await, "0000");
    standing = next(4);
    assert_eq!(shop.code(&standing).await, "0000", "after a net-cancel");
    assert_eq!(shop.code(&Telegram::cancel(6, &standing, 4_000)).await, "0000");
    assert_eq!(shop.code(&next(7)).await, "9012", "cancelled in part it stands");
    assert_eq!(shop.code(&Telegram::cancel(8, &standing, 6_000)).await, "0000");
    assert_eq!(shop.code(&next(7)).await, "0000", "after a cancel");
    assert_eq!(shop.code(&standing).await, "9031");
    shop.settled().await;
    assert_eq!(shop.van.live().len(), 1);
}

#[tokio::test]
async fn after_the_window_it_is_a_purchase() {
    const WINDOW: Duration = Duration::from_millis(1_500);
    let mut shop = Shop::open(|plan| Plan { duplicates: Some("window_ms = 1500"), ..plan }).await;
    let began = Instant::now();
    shop.approve(&Approval::new(1, 10_000)).await;
    let second = Approval::new(2, 10_000);
    assert_eq!(shop.code(&second).await, "9012");
    while shop.code(&second).await == "9012" {}
    assert!(began.elapsed() >= WINDOW, "{:?}", began.elapsed());
    assert_eq!(shop.van.live().len(), 2);
}

#[tokio::test]
async fn the_configuration_says_what_is_the_same() {
    let lines = "window_ms = 600000\nfingerprint = [\"card\", \"installment\", \"terminal\"]";
    let mut shop = Shop::open(|plan| Plan { duplicates: Some(lines), ..plan }).await;
    shop.approve(&Approval::new(1, 10_000)).await;
    let cases = [
        ("another amount", Approval::new(2, 20_000), "9012"),
        ("another terminal", Approval::new(3, 10_000).terminal(2), "0000"),
        ("another installment", Approval::new(4, 10_000).with("installment", "03"), "0000"),
        ("another card", Approval::new(5, 10_000).card(&card(2)), "0000"),
    ];
    for (what, approval, expected) in &cases {
        assert_eq!(shop.code(approval).await, *expected, "{what}");
    }
    // Without the section nobody looks.
    let mut shop = Shop::open(|plan| plan).await;
    for trace in 1..=3 {
        shop.approve(&Approval::new(trace, 10_000)).await;
    }
}

#[tokio::test]
async fn a_purchase_at_another_merchant_is_another_one() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan { duplicates: Some(LONG), ..Plan::van(&van) };
    let neighbour = "[[merchants]]\nno = \"2148800002\"\nname = \"옆집\"\n\
        kovan = { cat_id = \"7001234568\", merchant_no = \"2\" }\n\
        [[terminals]]\nid = \"2000000001\"\nmerchant_no = \"2148800002\"\n";
    let home = Home::new(&(plan.toml() + neighbour));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    let elsewhere = |trace| {
        Approval::new(trace, 10_000)
            .with("header.terminal_id", "2000000001")
            .with("header.merchant_no", "2148800002")
    };
    assert_eq!(client.ask(&elsewhere(1)).await.code(), "0000");
    assert_eq!(client.ask(&elsewhere(2)).await.code(), "9012");
}

#[tokio::test]
async fn an_opaque_card_is_no_duplicate_of_another() {
    let mut shop = shop(Script::default()).await;
    for trace in 1..=2 {
        let opaque = Approval::new(trace, 10_000).with("card_track", "").with("card_bin", "54123000");
        assert_eq!(shop.code(&opaque.with("card_block_van", "opaque")).await, "9020");
    }
}

#[tokio::test]
async fn what_is_kept_of_the_card_is_keyed() {
    let mut shop = shop(Script::default()).await;
    let number = card(7);
    let approval = Approval::new(1, 10_000).card(&number);
    shop.approve(&approval).await;
    assert_eq!(shop.code(&Approval::new(2, 10_000).card(&number)).await, "9012");
    let with_card = |cancel: Telegram| cancel.with("card_track", &format!("{number}=3012"));
    assert_eq!(shop.code(&with_card(Telegram::cancel(3, &approval, 4_000))).await, "0000");
    let told = with_card(Telegram::cancel(4, &approval, 1)).with("merchant_data", &number);
    assert_eq!(shop.code(&told).await, "9001");
    // What somebody who has the store could try every card number with.
    let texts = [
        number.clone(),
        format!("{number}=3012"),
        format!("{number}10000"),
        format!("1208800001{number}"),
        format!("1208800001{number}10000"),
        format!("1208800001{number}000000010000"),
    ];
    let mut needles = vec![number.clone().into_bytes()];
    for text in texts {
        let plain = digest(&SHA256, text.as_bytes());
        let plain = plain.as_ref();
        let hex = format!("{:032x}", u128::from_be_bytes(plain[..16].try_into().unwrap()));
        needles.extend([plain[..16].to_vec(), hex.clone().into_bytes(), hex.to_uppercase().into_bytes()]);
    }
    let kept = everything_kept(&shop.home, &shop.switch);
    for needle in needles {
        assert_eq!(kept_in(&kept, &needle), None);
    }
}
