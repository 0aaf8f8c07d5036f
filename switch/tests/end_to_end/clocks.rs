//! Clocks, dates and trace numbers.
//!
//! What must be true: `sent_at` further off than configured is 9004, for every type but 0800, which is how a terminal gets the time; every
//! reply's `sent_at` is the switch's time. The business date is that of `sent_at`. Trace numbers go on at 000000 after 999999.

use jiff::{SignedDuration, ToSpan as _, civil::date};
use telegram_replay::acquirer::Event;

use crate::support::{Answer, Approval, Plan, Said, Shop, Telegram, events, now};

/// One telegram of every type.
fn one_of_each(trace: u32, original: &Approval) -> Vec<Telegram> {
    vec![
        Telegram::cancel(trace, original, 1),
        Telegram::net_cancel(trace, original),
        Telegram::acknowledgement(trace, original, ""),
        Telegram::inquiry(trace, original),
        Telegram::totals(trace, original.date(), [(0, 0); 3]),
        Telegram::network(trace, "301"),
    ]
}

fn assert_is_now(answer: &Answer) {
    let told = answer.text("header.sent_at");
    let told = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", &told).unwrap();
    let off = now().duration_since(told).abs();
    assert!(off <= SignedDuration::from_secs(5), "{}: {told}", answer.kind());
}

#[tokio::test]
async fn a_clock_too_far_off_is_9004_for_everything_but_0800_and_every_reply_tells_the_time() {
    let mut shop = Shop::open(|plan| plan).await;
    let original = Approval::new(1, 10_000);
    shop.approve(&original).await;
    for minutes in [-31, 31, -24 * 60 * 400] {
        let off = |at: jiff::civil::DateTime| at + minutes.minutes();
        let approval = Approval::new(2, 10_000).sent_at(off);
        let answer = shop.client.ask(&approval).await;
        assert_eq!((answer.kind(), answer.code()), ("0110".into(), "9004".into()));
        assert_is_now(&answer);
        for telegram in one_of_each(3, &original) {
            // Not before its original: that would be another refusal.
            let telegram = telegram.sent_at(off).with("header.trace_no", "000003");
            let dated = telegram.bytes();
            let asked = String::from_utf8_lossy(&dated[..4]).into_owned();
            let about_later = minutes < 0 && asked != "0500" && asked != "0800";
            let telegram = if about_later {
                telegram.with("original_date", &(now() + minutes.minutes()).strftime("%Y%m%d").to_string())
            } else {
                telegram
            };
            let answer = shop.client.ask(&telegram).await;
            assert_eq!(answer.code(), if asked == "0800" { "0000" } else { "9004" }, "{asked} {minutes}");
            assert_eq!(answer.kind()[..2], asked[..2]);
            assert_eq!(answer.trace(), 3);
            assert_is_now(&answer);
        }
    }
    assert_eq!(events(&shop.van.truth()), [Event::Approved]);
    // With the time that it was told the terminal goes on, under the same trace number.
    assert_eq!(shop.code(&Approval::new(2, 10_000)).await, "0000");
}

#[tokio::test]
async fn every_other_answer_tells_the_time_too() {
    let mut shop = Shop::open(|plan| plan).await;
    let behind = |at: jiff::civil::DateTime| at - 20.minutes();
    let original = Approval::new(1, 10_000).sent_at(behind);
    let answer = shop.client.ask(&original).await;
    assert_eq!(answer.code(), "0000");
    assert_is_now(&answer);
    assert_is_now(&shop.client.ask(&original).await);
    for telegram in one_of_each(2, &original) {
        assert_is_now(&shop.client.ask(&telegram.sent_at(behind)).await);
    }
    let unknown = Telegram::network(3, "001").with("header.terminal_id", "9999999999");
    assert_is_now(&shop.client.ask(&unknown).await);
}

#[tokio::test]
async fn the_business_date_is_that_of_sent_at() {
    let mut shop = Shop::open(|plan| Plan { clock_tolerance_s: 86_400, ..plan }).await;
    let (today, yesterday) = (now().date(), now().date().yesterday().unwrap());
    // The last second of yesterday and the present: one trace number, two payments.
    let late = Approval::new(1, 10_000).sent_at(|_| yesterday.at(23, 59, 59, 0));
    let early = Approval::new(1, 20_000);
    shop.approve(&late).await;
    shop.approve(&early).await;
    shop.approve(&late).await;
    assert_eq!(events(&shop.van.truth()), [Event::Approved; 2]);
    for (trace, day, amount) in [(2, yesterday, 10_000), (3, today, 20_000)] {
        let claimed = [(1, amount), (0, 0), (0, 0)];
        let told = shop.client.ask(&Telegram::totals(trace, day, claimed)).await;
        assert_eq!(told.totals(), (claimed, "0".into()), "{day}");
    }
    assert_eq!(shop.code(&Telegram::net_cancel(4, &late)).await, "0000");
    shop.settled().await;
    assert_eq!((shop.code(&late).await, shop.code(&early).await), ("9013".into(), "0000".into()));
    // No original of a day that has not come.
    let tomorrow = early.clone().sent_at(|at| at + 24.hours());
    let inquiry = shop.client.ask(&Telegram::inquiry(5, &tomorrow)).await;
    assert_eq!((inquiry.code(), inquiry.text("state")), ("9001".into(), "00".into()));
    assert!(inquiry.text("message1").contains("원거래일자"), "{:?}", inquiry.text("message1"));
    assert_eq!(shop.state(&early.clone().sent_at(|_| date(1999, 1, 1).at(0, 0, 0, 0))).await, "00");
}

#[tokio::test]
async fn trace_numbers_go_on_at_000000_after_999999() {
    let mut shop = Shop::open(|plan| plan).await;
    let approvals =
        [999_998, 999_999, 0, 1].map(|trace| Approval::new(trace, 10_000 + u64::from(trace % 10)));
    for approval in &approvals {
        shop.approve(approval).await;
    }
    for approval in &approvals {
        assert_eq!(shop.client.ask(approval).await.text("header.trace_no"), approval.trace_no());
        assert_eq!(shop.state(approval).await, "02");
    }
    assert_eq!(shop.code(&Telegram::cancel(2, &approvals[1], approvals[1].total())).await, "0000");
    assert_eq!(shop.code(&Telegram::cancel(3, &approvals[2], approvals[2].total())).await, "0000");
    let states = [shop.state(&approvals[0]).await, shop.state(&approvals[3]).await];
    assert_eq!(states, ["02", "02"]);
    assert_eq!(shop.van.live().len(), 2);
}
