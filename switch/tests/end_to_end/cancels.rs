//! Cancels (취소, 0400), whole and in part.
//!
//! What must be true:
//! - A cancel goes to the acquirer that approved, never elsewhere.
//! - One at a time per payment (9033). The sum is never above the original (9032).
//! - A dialect declares whether it can cancel in part; where not: 9034.
//! - A 0400 is repeated, never net-cancelled: a repeat gets the same answer and leads to no second cancel; other content is 9011.
//! - A 0400 for a payment that is owed or net-cancelled is 9013, for one in flight 9010, for one unknown 9030, for one wholly cancelled 9031.
//! - A repeat of an approval that was fully cancelled gets 9031, never again 0000.
//! - Blank components are not zero; cancelling the whole rest takes all that is left of each.
//! - The original of an earlier day is still found.

use jiff::ToSpan as _;
use telegram_replay::acquirer::{Acquirer, Event, Order, Script};

use crate::support::{
    Approval, Client, Plan, Shop, Switch, Telegram, acquirer, card, count, direct, events, eventually, get,
    metric, stays,
};

/// What is left at an acquirer of all its approvals, in won.
pub(crate) fn left(acquirer: &Acquirer) -> u64 {
    acquirer.live().iter().map(|(_, left)| left).sum()
}

#[tokio::test]
async fn a_full_cancel_is_done_once_and_the_approval_never_comes_again() {
    let mut shop = Shop::open(|plan| plan).await;
    for (trace, name, approval) in [(1, "kovan", Approval::new(1, 10_000)), (3, "card450", direct(3, 10_000))]
    {
        let approved = shop.approve(&approval).await;
        assert_eq!(approved.text("route"), name);
        let cancel = Telegram::cancel(trace + 1, &approval, 10_000)
            .with("original_approval_no", &approved.text("approval_no"))
            .with("merchant_data", "table 7");
        let cancelled = shop.client.ask(&cancel).await;
        assert_eq!((cancelled.kind(), cancelled.code()), ("0410".into(), "0000".into()), "{name}");
        assert_eq!(cancelled.text("total_amount").parse::<u64>().unwrap(), 10_000);
        assert_eq!(cancelled.text("masked_card"), approved.text("masked_card"));
        assert_eq!(
            (cancelled.text("route"), cancelled.text("merchant_data")),
            (name.into(), "table 7".into())
        );
        assert_eq!(shop.code(&approval).await, "9031", "never again 0000");
        assert_eq!(shop.code(&Telegram::cancel(trace + 100, &approval, 10_000)).await, "9031");
        assert_eq!(shop.code(&Telegram::cancel(trace + 101, &approval, 1)).await, "9031");
        assert_eq!(shop.client.ask(&cancel).await.content(), cancelled.content(), "its repeat");
    }
    for (acquirer, name) in shop.both() {
        assert_eq!(events(&acquirer.truth()), [Event::Approved, Event::Cancelled], "{name}");
        assert_eq!(acquirer.truth()[1].original.as_ref(), Some(&acquirer.truth()[0].serial), "{name}");
        assert_ne!(
            acquirer.truth()[1].serial,
            acquirer.truth()[0].serial,
            "a cancel has a serial of its own"
        );
    }
    shop.settled().await;
}

#[tokio::test]
async fn partial_cancels_go_to_the_last_won_and_never_beyond() {
    let mut shop = Shop::open(|plan| plan).await;
    let mut trace = 0;
    let mut next = || {
        trace += 1;
        trace
    };
    for approval in [Approval::new(next(), 10_000), direct(next(), 10_000)] {
        shop.approve(&approval).await;
        for amount in [3_000, 3_000, 3_999] {
            assert_eq!(shop.code(&Telegram::cancel(next(), &approval, amount)).await, "0000", "{amount}");
            assert_eq!(shop.state(&approval).await, "04");
        }
        let beyond = Telegram::cancel(next(), &approval, 2);
        assert_eq!(shop.code(&beyond).await, "9032", "one won more than is left");
        assert_eq!(shop.code(&approval).await, "0000", "partly cancelled, it still stands");
        assert_eq!(shop.code(&Telegram::cancel(next(), &approval, 1)).await, "0000", "the last won");
        assert_eq!(shop.state(&approval).await, "05");
        assert_eq!(shop.code(&Telegram::cancel(next(), &approval, 1)).await, "9031");
        assert_eq!(shop.code(&beyond).await, "9032", "a refusal stays what it was");
        assert_eq!(shop.code(&approval).await, "9031");
    }
    for (acquirer, name) in shop.both() {
        assert_eq!(left(acquirer), 0, "{name}");
        let sums: Vec<u64> = acquirer.cancelled().into_iter().map(|(_, sum)| sum).collect();
        assert_eq!(sums, [10_000], "{name}");
        assert_eq!(count(&acquirer.truth(), Event::Cancelled), 4);
        assert_eq!(acquirer.truth().len(), 5, "what was refused was never asked");
    }
}

#[tokio::test]
async fn blank_components_are_computed_and_the_last_cancel_takes_what_is_left_of_each() {
    let mut shop = Shop::at("kicc", Script::default(), |plan| plan).await;
    let approval = Approval::new(1, 12_000).with("vat", "1000").with("service_charge", "1000");
    shop.approve(&approval).await;
    let with = |trace, amount, components: &[(&str, &str)]| {
        let cancel = Telegram::cancel(trace, &approval, amount);
        components.iter().fold(cancel, |cancel, (field, value)| cancel.with(field, value))
    };
    for (trace, component) in [(2, "vat"), (3, "service_charge")] {
        let answer = shop.client.ask(&with(trace, 6_000, &[(component, "1001")])).await;
        assert_eq!(answer.code(), "9001", "more {component} than is left");
        assert!(answer.text("message1").contains("전문오류"));
    }
    let without_tax_free = with(4, 6_000, &[("tax_free", "1")]);
    assert_eq!(shop.code(&without_tax_free).await, "9001", "there never was any");
    assert_eq!(shop.code(&with(5, 1_000, &[("vat", "600"), ("service_charge", "600")])).await, "9001");
    assert_eq!(shop.code(&with(6, 5_500, &[("service_charge", "0")])).await, "0000");
    // 500 of vat, 1,000 of service charge are left, of 6,500 in all.
    assert_eq!(shop.code(&with(7, 5_000, &[("vat", "501")])).await, "9001");
    assert_eq!(shop.code(&with(8, 6_500, &[])).await, "0000");
    let state: String =
        shop.home.open().query_row("SELECT state FROM payment", [], |row| row.get(0)).unwrap();
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    let cancels = state["payment"]["cancels"].as_array().unwrap_or_else(|| panic!("no cancels: {state}"));
    let amounts: Vec<_> = cancels.iter().map(|cancel| &cancel["amounts"]).collect();
    let of = |index: usize, name: &str| amounts[index][name].as_u64().unwrap_or_default();
    assert_eq!((of(0, "vat"), of(0, "service_charge")), (500, 0), "{amounts:?}");
    assert_eq!((of(1, "vat"), of(1, "service_charge")), (500, 1_000), "{amounts:?}");
}

#[tokio::test]
async fn a_partial_cancel_whose_vat_the_acquirer_would_not_be_told_of_is_not_sent_and_reserves_nothing() {
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 55_000);
    shop.approve(&approval).await;
    let part = |trace, amount| Telegram::cancel(trace, &approval, amount);
    let untold = part(2, 11_000).with("vat", "0");
    assert_eq!(shop.code(&untold).await, "9021");
    assert_eq!(shop.code(&untold).await, "9021", "its repeat");
    assert_eq!(events(&shop.van.truth()), [Event::Approved]);
    assert_eq!(shop.code(&part(3, 11_000).with("vat", "1000")).await, "0000");
    assert_eq!(shop.code(&part(4, 10_005)).await, "0000");
    // 33,995 won are left, of which 3,090 are vat.
    assert_eq!(shop.code(&part(5, 33_995).with("vat", "3090")).await, "0000");
    assert_eq!(shop.state(&approval).await, "05");
    assert_eq!(shop.van.live(), []);
}

#[tokio::test]
async fn what_cannot_be_cancelled_is_refused_and_nothing_is_sent() {
    let mut shop = Shop::open(Plan::impatient).await;
    let approval = Approval::new(1, 10_000);
    shop.approve(&approval).await;
    let (declined, lost, never) =
        (Approval::new(2, 10_051), Approval::new(3, 10_061), Approval::new(4, 10_000));
    assert_eq!(shop.code(&declined).await, "8035");
    assert_eq!(shop.code(&lost).await, "9022");
    shop.settled().await;
    let before = shop.van.truth();
    let cancel = |trace, original: &Approval| Telegram::cancel(trace, original, 10_000);
    let cases = [
        ("unknown", cancel(10, &never), "9030"),
        ("another day", cancel(11, &approval.clone().sent_at(|at| at - 24.hours())), "9030"),
        ("another terminal's", cancel(12, &approval).terminal(2), "9030"),
        ("another approval number", cancel(13, &approval).with("original_approval_no", "99999999"), "9030"),
        ("another card", cancel(14, &approval).with("card_track", &format!("{}=3012", card(2))), "9030"),
        ("declined", Telegram::cancel(15, &declined, 10_051), "9030"),
        ("net-cancelled", Telegram::cancel(16, &lost, 10_061), "9013"),
        ("more than there is", Telegram::cancel(17, &approval, 10_001), "9032"),
        ("nothing", Telegram::cancel(18, &approval, 0), "9001"),
        ("a day to come", cancel(19, &approval.clone().sent_at(|at| at + 24.hours())), "9001"),
    ];
    for (what, cancel, expected) in &cases {
        let answer = shop.client.ask(cancel).await;
        assert_eq!((answer.kind(), answer.code()), ("0410".into(), (*expected).into()), "{what}");
        assert_eq!(shop.code(cancel).await, *expected, "{what}, repeated");
    }
    assert_eq!(shop.van.truth(), before);
    let right = cancel(20, &approval).with("card_track", &format!("{}=3012", card(1)));
    assert_eq!(shop.code(&right).await, "0000", "the right card");
}

#[tokio::test]
async fn an_approval_in_flight_is_not_cancelled_yet() {
    let mut shop = Shop::open(|plan| plan).await;
    shop.van.hold();
    let approval = Approval::new(1, 10_000);
    shop.client.send(std::slice::from_ref(&approval)).await;
    eventually("the request is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    let cancel = Telegram::cancel(2, &approval, 10_000);
    assert_eq!(shop.another().await.ask(&cancel).await.code(), "9010");
    shop.van.release(Order::FirstFirst).await;
    assert_eq!(shop.client.receive().await.expect("an answer").code(), "0000");
    assert_eq!(shop.code(&cancel).await, "0000", "the same 0400, once it can be done");
}

#[tokio::test]
async fn one_cancel_at_a_time() {
    let mut shop = Shop::open(|plan| plan).await;
    for (trace, approval) in [(1, Approval::new(1, 10_000)), (11, direct(11, 10_000))] {
        shop.approve(&approval).await;
        let asked = if trace == 1 { &shop.van } else { &shop.company };
        asked.hold();
        let first = Telegram::cancel(trace + 1, &approval, 4_000);
        shop.client.send(std::slice::from_ref(&first)).await;
        eventually("the cancel is at the acquirer", || (asked.held() == 1).then_some(())).await;
        let mut other = Client::connect(shop.switch.terminals).await;
        let second = Telegram::cancel(trace + 2, &approval, 4_000);
        assert_eq!(other.ask(&second).await.code(), "9033");
        assert_eq!(
            other.ask(&Telegram::inquiry(trace + 3, &approval)).await.state(),
            ("0000".into(), "01".into())
        );
        asked.release(Order::FirstFirst).await;
        assert_eq!(shop.client.receive().await.expect("an answer").code(), "0000");
        assert_eq!(shop.code(&second).await, "9033", "it was refused, and stays so");
        assert_eq!(shop.code(&Telegram::cancel(trace + 4, &approval, 6_000)).await, "0000");
    }
    assert_eq!((left(&shop.van), left(&shop.company)), (0, 0));
}

#[tokio::test]
async fn a_line_without_partial_cancels_takes_whole_ones_only() {
    let mut shop = Shop::open(|plan| Plan { partial_cancel: "no", ..plan }).await;
    let approval = Approval::new(1, 10_000);
    shop.approve(&approval).await;
    assert_eq!(shop.code(&Telegram::cancel(2, &approval, 9_999)).await, "9034");
    assert_eq!(shop.code(&Telegram::cancel(3, &approval, 10_001)).await, "9032");
    assert_eq!(shop.code(&Telegram::cancel(4, &approval, 10_000)).await, "0000");
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::Cancelled]);
}

#[tokio::test]
async fn a_hundred_copies_of_a_cancel_are_one_cancel_and_a_hundred_equal_answers() {
    const COPIES: usize = 100;
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 10_000);
    shop.approve(&approval).await;
    shop.van.hold();
    let cancel = Telegram::cancel(2, &approval, 4_000);
    shop.client.send(&vec![cancel.clone(); COPIES]).await;
    eventually("the cancel is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    shop.van.release(Order::FirstFirst).await;
    let answers = shop.client.receive_all(COPIES).await;
    assert_eq!(answers[0].code(), "0000");
    assert!(answers.iter().all(|answer| answer.content() == answers[0].content()));
    let others = [
        ("amount", cancel.clone().with("cancel_amount", "4001")),
        ("sent_at", cancel.clone().sent_at(|at| at - 1.second())),
        ("reason", cancel.clone().with("reason", "99")),
        ("original", Telegram::cancel(2, &Approval::new(7, 10_000), 4_000)),
    ];
    let original = Approval::new(7, 10_000);
    shop.approve(&original).await;
    for restarted in [false, true] {
        if restarted {
            shop = shop.reopened().await;
        }
        for (what, other) in &others {
            assert_eq!(shop.code(other).await, "9011", "another {what}, restarted: {restarted}");
        }
        assert_eq!(shop.client.ask(&cancel).await.content(), answers[0].content());
    }
    assert_eq!(count(&shop.van.truth(), Event::Cancelled), 1);
    assert_eq!(count(&shop.van.truth(), Event::AlreadyCancelled), 0);
}

#[tokio::test]
async fn a_cancel_that_the_acquirer_refuses_leaves_the_approval_as_it_was() {
    let mut shop = Shop::open(|plan| plan).await;
    for (trace, approval) in [(1, Approval::new(1, 10_081)), (11, direct(11, 10_081))] {
        shop.approve(&approval).await;
        let cancel = Telegram::cancel(trace + 1, &approval, 10_081);
        let refused = shop.client.ask(&cancel).await;
        assert_eq!((refused.kind(), refused.code()), ("0410".into(), "8432".into()));
        assert_eq!(shop.client.ask(&cancel).await.content(), refused.content(), "not asked again");
        assert_eq!(shop.state(&approval).await, "02");
        assert_eq!(shop.code(&Telegram::cancel(trace + 2, &approval, 81)).await, "8432");
        assert_eq!(
            shop.code(&Telegram::cancel(trace + 3, &approval, 80)).await,
            "0000",
            "its amount is free"
        );
        assert_eq!(shop.state(&approval).await, "04");
    }
    for (acquirer, name) in shop.both() {
        let expected = [Event::Approved, Event::CancelRefused, Event::CancelRefused, Event::Cancelled];
        assert_eq!(events(&acquirer.truth()), expected, "{name}");
    }
}

#[tokio::test]
async fn a_cancel_never_goes_to_another_acquirer_than_the_one_that_approved() {
    let van = acquirer("kovan", Script::default()).await;
    let company = acquirer("card450", Script::default()).await;
    let plan = Plan::van(&van).with_direct(&company);
    let (_home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let approval = direct(1, 10_000);
    assert_eq!(client.ask(&approval).await.text("route"), "card450");
    company.refuse_connections().await;
    company.drop_connections();
    let down = || switch.log().matches("link down").count() >= plan.links;
    eventually("the card company's links are down", || down().then_some(())).await;
    let cancel = Telegram::cancel(2, &approval, 10_000);
    assert_eq!(client.ask(&cancel).await.code(), "9021");
    assert_eq!(client.ask(&direct(3, 10_000)).await.text("route"), "kovan", "an approval may go elsewhere");
    assert_eq!(count(&van.truth(), Event::Cancelled) + count(&van.truth(), Event::NoSuchOriginal), 0);
    company.accept_connections().await.unwrap();
    let mut trace = 3;
    loop {
        trace += 1;
        let code = client.ask(&Telegram::cancel(trace, &approval, 10_000)).await.code();
        if code == "0000" {
            break;
        }
        assert_eq!(code, "9021");
        assert!(trace < 100_000, "the line to the card company never comes back");
    }
    assert_eq!(client.ask(&cancel).await.code(), "9021", "a refused cancel stays refused");
    assert_eq!(company.live(), []);
}

#[tokio::test]
async fn yesterdays_approval_is_cancelled_today() {
    let mut shop = Shop::open(|plan| Plan { clock_tolerance_s: 86_400, ..plan }).await;
    let last_second = |at: jiff::civil::DateTime| at.date().yesterday().unwrap().at(23, 59, 59, 0);
    for (trace, approval) in [(1, Approval::new(1, 10_000)), (2, direct(2, 10_000))] {
        let approval = approval.sent_at(last_second);
        shop.approve(&approval).await;
        assert_eq!(shop.code(&Telegram::cancel(trace + 10, &approval, 4_000)).await, "0000");
        shop = shop.reopened().await;
        assert_eq!(shop.code(&Telegram::cancel(trace + 20, &approval, 6_000)).await, "0000");
    }
    assert_eq!((left(&shop.van), left(&shop.company)), (0, 0));
}

#[tokio::test]
async fn who_cancels_an_approval_has_it() {
    let mut shop = Shop::open(|plan| Plan { grace_ms: 20_000, ..plan }).await;
    let approval = Approval::new(1, 10_000);
    let mut vanishing = shop.another().await;
    shop.van.hold();
    vanishing.send(std::slice::from_ref(&approval)).await;
    eventually("the request is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    vanishing.vanish();
    let alone = || metric(shop.switch.admin, "switch_sessions") < 1.5;
    eventually("the switch knows", || alone().then_some(())).await;
    shop.van.release(Order::FirstFirst).await;
    let undelivered = || shop.home.journal().iter().any(|name| name == "Undelivered");
    eventually("it is undelivered", || undelivered().then_some(())).await;
    assert_eq!(shop.code(&Telegram::cancel(2, &approval, 4_000)).await, "0000");
    shop.settled().await;
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::Cancelled]);
    assert_eq!(shop.code(&approval).await, "0000");
    assert_eq!(shop.home.open_payments(), 0, "nothing is due any more");
}

#[tokio::test]
async fn sigterm_answers_the_cancel_in_flight_and_who_waits_for_it() {
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 10_000);
    shop.approve(&approval).await;
    shop.van.hold();
    let cancel = Telegram::cancel(2, &approval, 4_000);
    shop.client.send(std::slice::from_ref(&cancel)).await;
    eventually("the cancel is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    let mut other = shop.another().await;
    other.send(&[Telegram::net_cancel(3, &approval)]).await;
    stays("it waits", || !other.arrived()).await;
    shop.switch.terminate();
    eventually("it closes", || (get(shop.switch.admin, "/healthz").0 == 503).then_some(())).await;
    shop.van.release(Order::FirstFirst).await;
    assert_eq!(shop.client.receive().await.expect("an answer").code(), "0000");
    assert_eq!(other.receive().await.expect("an answer").code(), "9032");
    let Shop { van, home, switch, .. } = shop;
    let (status, log) = switch.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert_eq!((events(&van.truth()), home.open_payments()), (vec![Event::Approved, Event::Cancelled], 0));
}
