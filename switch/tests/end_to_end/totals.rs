//! Batch totals (마감, 0500).
//!
//! What must be true: approvals are all of that date that stand, also if they were cancelled afterwards; cancels every 0400 *of that date* that
//! was answered 0000, whenever its original was; net-cancels every original of that date that the terminal gave up with an accepted 0420, or that it
//! was told does not stand (9022, 9013), each once. `difference` is 1 where any of them differs. It has no key and tells the present.

use telegram_replay::acquirer::Order;

use crate::support::{Approval, Plan, Shop, Sums, Telegram, direct, eventually, now};

const NOTHING: Sums = [(0, 0); 3];

#[tokio::test]
async fn a_day_with_everything_adds_up() {
    let mut shop = Shop::open(Plan::impatient).await;
    let today = now().date();
    let ask = |trace, claimed| Telegram::totals(trace, today, claimed);
    let empty = shop.client.ask(&ask(900, NOTHING)).await;
    assert_eq!((empty.kind(), empty.code()), ("0510".into(), "0000".into()));
    assert_eq!(empty.totals(), (NOTHING, "0".into()));

    // It stands.
    shop.approve(&Approval::new(1, 10_000)).await;
    shop.approve(&direct(2, 20_000)).await;
    // Its repeat is no second approval.
    let repeated = Approval::new(3, 30_000);
    shop.approve(&repeated).await;
    shop.approve(&repeated).await;
    // Cancelled, wholly and in part: an approval all the same.
    let cancelled = Approval::new(4, 40_000);
    shop.approve(&cancelled).await;
    let cancel = Telegram::cancel(5, &cancelled, 40_000);
    assert_eq!(shop.code(&cancel).await, "0000");
    assert_eq!(shop.code(&cancel).await, "0000");
    let in_part = direct(6, 50_000);
    shop.approve(&in_part).await;
    assert_eq!(shop.code(&Telegram::cancel(7, &in_part, 5_000)).await, "0000");
    assert_eq!(shop.code(&Telegram::cancel(8, &in_part, 6_000)).await, "0000");
    // Cancels that were refused.
    assert_eq!(shop.code(&Telegram::cancel(9, &in_part, 40_000)).await, "9032");
    assert_eq!(shop.code(&Telegram::cancel(10, &in_part, 81)).await, "8432");
    assert_eq!(shop.code(&Telegram::cancel(11, &cancelled, 1)).await, "9031");
    // One that is not confirmed, and a person's.
    let unconfirmed = Approval::new(12, 60_000);
    shop.approve(&unconfirmed).await;
    assert_eq!(shop.code(&Telegram::cancel(13, &unconfirmed, 10_082)).await, "9023");
    // Declined, refused, never come to be.
    assert_eq!(shop.code(&Approval::new(14, 10_051)).await, "8035");
    let malformed = Approval::new(15, 10_000).spoiled("currency", b"840");
    assert_eq!(shop.client.ask_bytes(&malformed).await.code(), "9001");
    // Net-cancelled by the switch, told by 9022 and again by 9013: once.
    let silent = Approval::new(16, 70_061);
    assert_eq!(shop.code(&silent).await, "9022");
    assert_eq!(shop.code(&silent).await, "9013");
    // Given up by the terminal: approved before, and declined before. And what never came.
    let given_up = Approval::new(17, 80_000);
    shop.approve(&given_up).await;
    assert_eq!(shop.code(&Telegram::net_cancel(18, &given_up)).await, "0000");
    assert_eq!(shop.code(&Telegram::net_cancel(18, &given_up)).await, "0000");
    let never = Approval::new(19, 90_000);
    assert_eq!(shop.code(&Telegram::net_cancel(20, &never)).await, "0000");
    assert_eq!(shop.code(&never).await, "9013");
    // Another terminal's.
    shop.approve(&Approval::new(1, 11_000).terminal(2)).await;
    shop.settled().await;

    let expected: Sums = [(6, 210_000), (3, 51_000), (3, 240_061)];
    let told = shop.client.ask(&ask(901, expected)).await;
    assert_eq!(told.totals(), (expected, "0".into()));
    assert_eq!(told.text("business_date"), today.strftime("%Y%m%d").to_string());
    for index in 0..3 {
        let (mut count, mut amount) = (expected, expected);
        count[index].0 += 1;
        amount[index].1 -= 1;
        for claimed in [count, amount] {
            assert_eq!(
                shop.client.ask(&ask(902, claimed)).await.totals(),
                (expected, "1".into()),
                "{claimed:?}"
            );
        }
    }
    let other = shop.client.ask(&ask(1, [(1, 11_000), (0, 0), (0, 0)]).terminal(2)).await;
    assert_eq!(other.totals().1, "0");
    let mut shop = shop.revived().await;
    assert_eq!(shop.client.ask(&ask(901, expected)).await.totals(), (expected, "0".into()));
}

#[tokio::test]
async fn a_declined_approval_that_is_given_up_counts_as_its_terminal_was_told() {
    let mut shop = Shop::open(|plan| plan).await;
    let declined = Approval::new(1, 10_051);
    assert_eq!(shop.code(&declined).await, "8035");
    assert_eq!(shop.code(&Telegram::net_cancel(2, &declined)).await, "0000");
    let claimed = [(0, 0), (0, 0), (1, 10_051)];
    let told = shop.client.ask(&Telegram::totals(3, now().date(), claimed)).await;
    assert_eq!(told.totals(), (claimed, "0".into()));
}

#[tokio::test]
async fn a_cancel_counts_on_its_own_day_and_an_approval_on_its_own() {
    let mut shop = Shop::open(|plan| Plan { clock_tolerance_s: 86_400, ..plan }).await;
    let (today, yesterday) = (now().date(), now().date().yesterday().unwrap());
    let old = Approval::new(1, 10_000).sent_at(|_| yesterday.at(23, 59, 59, 0));
    shop.approve(&old).await;
    assert_eq!(shop.code(&Telegram::cancel(2, &old, 4_000)).await, "0000");
    let cancelled_then = direct(3, 20_000).sent_at(|_| yesterday.at(23, 59, 59, 0));
    shop.approve(&cancelled_then).await;
    let cancel = Telegram::cancel(4, &cancelled_then, 20_000).sent_at(|_| yesterday.at(23, 59, 59, 0));
    assert_eq!(shop.code(&cancel).await, "0000");
    for _restart in 0..2 {
        let of_yesterday = [(2, 30_000), (1, 20_000), (0, 0)];
        let told = shop.client.ask(&Telegram::totals(5, yesterday, of_yesterday)).await;
        assert_eq!(told.totals(), (of_yesterday, "0".into()));
        let of_today = [(0, 0), (1, 4_000), (0, 0)];
        let told = shop.client.ask(&Telegram::totals(6, today, of_today)).await;
        assert_eq!(told.totals(), (of_today, "0".into()));
        shop = shop.reopened().await;
    }
}

#[tokio::test]
async fn what_is_in_flight_does_not_count_yet() {
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 10_000);
    shop.van.hold();
    shop.client.send(std::slice::from_ref(&approval)).await;
    eventually("the request is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    let totals = Telegram::totals(2, now().date(), NOTHING);
    let mut other = shop.another().await;
    assert_eq!(other.ask(&totals).await.totals(), (NOTHING, "0".into()));
    shop.van.release(Order::FirstFirst).await;
    assert_eq!(shop.client.receive().await.expect("an answer").code(), "0000");
    // The same telegram again tells the present.
    assert_eq!(other.ask(&totals).await.totals(), ([(1, 10_000), (0, 0), (0, 0)], "1".into()));
}
