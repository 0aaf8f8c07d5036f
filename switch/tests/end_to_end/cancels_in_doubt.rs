//! Cancels whose answer does not come, or settles nothing.
//!
//! What must be true: an unanswered or in-doubt cancel reserves its amount and is answered 9023 (취소 확인 중). A full one is repeated under the same
//! serial, and "already cancelled" then is ours; a partial one is repeated only where the dialect proves it idempotent, else it needs a person.
//! After a crash every intent is in doubt.

use telegram_replay::acquirer::{Acquirer, Behaviour, Deed, Event, Order, Rule, Script, Truth};

use crate::{
    cancels::left,
    support::{Approval, Plan, Shop, Telegram, count, direct, events, eventually, metric, script, stays},
};

/// Serials of the cancels that were asked of an acquirer, in order.
fn cancel_serials(acquirer: &Acquirer) -> Vec<String> {
    let about_cancel = |truth: &Truth| truth.event != Event::Approved;
    acquirer.truth().into_iter().filter(about_cancel).map(|truth| truth.serial).collect()
}

#[tokio::test]
async fn a_full_cancel_without_an_answer_is_9023_and_repeated_under_its_serial_until_it_is_known() {
    // Done but never answered, answered late, neither, the socket closed; a closing socket and a silence alike.
    for ending in [82, 83, 84, 85] {
        let mut shop = Shop::open(Plan::impatient).await;
        for (trace, approval) in [(1, Approval::new(1, 10_000 + ending)), (11, direct(11, 10_000 + ending))] {
            shop.approve(&approval).await;
            let cancel = Telegram::cancel(trace + 1, &approval, approval.total());
            assert_eq!(shop.code(&cancel).await, "9023", "{ending}");
            shop.settled().await;
            assert_eq!(shop.code(&cancel).await, "0000", "{ending}: the same 0400, later");
            assert_eq!(shop.state(&approval).await, "05");
        }
        for (acquirer, name) in shop.both() {
            let serials = cancel_serials(acquirer);
            assert!(serials.len() >= 2, "{name} {ending}: it was repeated");
            assert!(serials.iter().all(|serial| *serial == serials[0]), "{name} {ending}: {serials:?}");
            assert_eq!(count(&acquirer.truth(), Event::Cancelled), 1, "{name} {ending}");
            assert_eq!(left(acquirer), 0);
        }
        assert!(shop.alarms("cancel-stuck") < 0.5);
        shop.switch.stop().await;
    }
}

#[tokio::test]
async fn an_unconfirmed_cancel_reserves_its_amount() {
    let mut shop = Shop::with(script(&[(Deed::Cancel, Behaviour::IGNORE, Some(3))]), |plan| Plan {
        max_delay_ms: 2_000,
        ..plan.impatient()
    })
    .await;
    let approval = direct(1, 10_000);
    shop.approve(&approval).await;
    let cancel = Telegram::cancel(2, &approval, 6_000);
    assert_eq!(shop.code(&cancel).await, "9023");
    assert_eq!(shop.code(&cancel).await, "9023", "its repeat, as long as it is unconfirmed");
    assert_eq!(shop.state(&approval).await, "01");
    assert_eq!(shop.code(&Telegram::cancel(3, &approval, 1_000)).await, "9033");
    // A restart forgets none of it.
    let mut shop = shop.revived().await;
    shop.settled().await;
    assert_eq!(shop.code(&cancel).await, "0000");
    assert_eq!(shop.code(&Telegram::cancel(4, &approval, 4_001)).await, "9032");
    assert_eq!(shop.code(&Telegram::cancel(5, &approval, 4_000)).await, "0000");
    let serials = cancel_serials(&shop.company);
    assert!(serials[..serials.len() - 1].iter().all(|serial| *serial == serials[0]), "{serials:?}");
    assert_eq!(left(&shop.company), 0);
}

#[tokio::test]
async fn a_partial_cancel_without_an_answer_is_repeated_where_that_is_safe() {
    for ending in [82, 84, 85] {
        let mut shop = Shop::open(Plan::impatient).await;
        let approval = direct(1, 50_000);
        shop.approve(&approval).await;
        let cancel = Telegram::cancel(2, &approval, 10_000 + ending);
        assert_eq!(shop.code(&cancel).await, "9023", "{ending}");
        shop.settled().await;
        assert_eq!(shop.code(&cancel).await, "0000", "{ending}");
        assert_eq!(shop.state(&approval).await, "04");
        assert_eq!(left(&shop.company), 40_000 - ending);
        let serials = cancel_serials(&shop.company);
        assert!(serials.iter().all(|serial| *serial == serials[0]), "{ending}: {serials:?}");
    }
}

#[tokio::test]
async fn a_partial_cancel_without_an_answer_needs_a_person_where_it_could_be_done_twice() {
    let mut shop = Shop::open(Plan::impatient).await;
    let approval = Approval::new(1, 50_000);
    shop.approve(&approval).await;
    let cancel = Telegram::cancel(2, &approval, 10_082);
    assert_eq!(shop.code(&cancel).await, "9023");
    eventually("a person is called", || (shop.alarms("cancel-stuck") > 0.5).then_some(())).await;
    let told = || shop.switch.log().contains("ALARM a cancel needs a person");
    eventually("the log says so", || told().then_some(())).await;
    assert_eq!(shop.code(&cancel).await, "9023", "and so is its repeat");
    assert_eq!(shop.state(&approval).await, "08");
    assert_eq!(shop.code(&Telegram::cancel(3, &approval, 39_919)).await, "9032", "its amount is reserved");
    assert_eq!(shop.home.open_payments(), 0, "nothing is tried again");
    let mut shop = shop.reopened().await;
    stays("nothing is tried again after a restart", || shop.van.truth().len() == 2).await;
    assert_eq!(shop.code(&cancel).await, "9023");
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::Cancelled]);
}

#[tokio::test]
async fn an_answer_that_settles_nothing_is_no_answer() {
    for behaviour in
        [Behaviour::IN_DOUBT, Behaviour::GARBAGE, Behaviour::WRONG_AMOUNT, Behaviour::WRONG_SERIAL]
    {
        let mut shop = Shop::with(script(&[(Deed::Cancel, behaviour, Some(1))]), Plan::impatient).await;
        for (trace, approval) in [(1, Approval::new(1, 10_000)), (11, direct(11, 10_000))] {
            shop.approve(&approval).await;
            let cancel = Telegram::cancel(trace + 1, &approval, 10_000);
            assert_eq!(shop.code(&cancel).await, "9023", "{}", behaviour.name);
            shop.settled().await;
            assert_eq!(shop.code(&cancel).await, "0000", "{}", behaviour.name);
        }
        for (acquirer, name) in shop.both() {
            assert_eq!(count(&acquirer.truth(), Event::Cancelled), 1, "{name} {}", behaviour.name);
        }
    }
}

#[tokio::test]
async fn already_cancelled_on_a_first_try_was_somebody_else() {
    let refuse = Rule { on: Deed::Cancel, code: Some("6999".into()), ..Rule::of(Behaviour::REFUSE) };
    let script = Script { rules: vec![refuse], ..Script::default() };
    let mut shop = Shop::with(script, |plan| plan).await;
    let approval = Approval::new(1, 10_000);
    shop.approve(&approval).await;
    let cancel = Telegram::cancel(2, &approval, 10_000);
    assert_eq!(shop.code(&cancel).await, "9031");
    assert_eq!(shop.code(&cancel).await, "9031");
}

#[tokio::test]
async fn a_cancel_in_flight_at_a_kill_is_taken_up_and_done_once() {
    let mut shop = Shop::open(|plan| plan).await;
    let approvals = [Approval::new(1, 10_000), direct(2, 10_000)];
    for (trace, approval) in (11..).zip(&approvals) {
        shop.approve(approval).await;
        shop.van.hold();
        shop.company.hold();
        let cancel = Telegram::cancel(trace, approval, 10_000);
        shop.client.send(std::slice::from_ref(&cancel)).await;
        let asked = || shop.van.held() + shop.company.held() == 1;
        eventually("the cancel is at the acquirer", || asked().then_some(())).await;
        shop = shop.revived().await;
        shop.van.release(Order::FirstFirst).await;
        shop.company.release(Order::FirstFirst).await;
        shop.settled().await;
        assert_eq!(shop.code(&cancel).await, "0000");
        assert_eq!(shop.state(approval).await, "05");
    }
    for (acquirer, name) in shop.both() {
        let expected = [Event::Approved, Event::Cancelled, Event::AlreadyCancelled];
        assert_eq!(events(&acquirer.truth()), expected, "{name}");
        let serials = cancel_serials(acquirer);
        assert_eq!(serials[0], serials[1], "{name}");
    }
}

#[tokio::test]
async fn a_partial_cancel_in_flight_at_a_kill_needs_a_person_where_it_could_be_done_twice() {
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 10_000);
    shop.approve(&approval).await;
    shop.van.hold();
    let cancel = Telegram::cancel(2, &approval, 4_000);
    shop.client.send(std::slice::from_ref(&cancel)).await;
    eventually("the cancel is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    let mut shop = shop.revived().await;
    shop.van.release(Order::FirstFirst).await;
    assert_eq!(shop.code(&cancel).await, "9023");
    assert!(shop.alarms("cancel-stuck") > 0.5);
    assert_eq!(shop.code(&Telegram::cancel(3, &approval, 6_001)).await, "9032", "its amount is reserved");
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::Cancelled]);
}

#[tokio::test]
async fn cancels_are_counted_by_acquirer_and_outcome() {
    let mut shop = Shop::open(Plan::impatient).await;
    let approval = direct(1, 50_000);
    shop.approve(&approval).await;
    for (trace, amount) in [(2, 1_000), (3, 2_000), (4, 2_081)] {
        shop.client.ask(&Telegram::cancel(trace, &approval, amount)).await;
    }
    assert_eq!(shop.code(&Telegram::cancel(5, &approval, 1_082)).await, "9023");
    shop.settled().await;
    for (outcome, count) in [("answered", 4.0), ("unanswered", 1.0)] {
        let name = format!(r#"switch_cancels_total{{acquirer="card450",outcome="{outcome}"}}"#);
        let counted = metric(shop.switch.admin, &name);
        assert!((counted - count).abs() < 0.5, "{outcome}: {counted}");
    }
}
