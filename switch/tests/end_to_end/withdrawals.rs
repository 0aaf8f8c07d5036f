//! Net-cancels by the terminal (단말 망취소, 0420).
//!
//! What must be true: it names a 0100 by `original_trace_no` and `original_date`. Another amount is 9011. 0430 0000 leaves when the debt (or the
//! tombstone) is durable.
//!
//! | the original is | then |
//! |---|---|
//! | unknown | tombstone under its key; 0000 |
//! | saved, not yet sent | withdrawn; the waiting 0110 gets 9013; 0000 |
//! | in flight | marked; its net-cancel is owed at the answer or the timeout; the 0110 gets 9013; 0000 |
//! | approved (also acknowledged) | owed; 0000 |
//! | declined, or already net-cancelled or owed | 0000 |
//! | being cancelled | wait for that cancel; then as below |
//! | partly or fully cancelled | 9032 / 9031 |
//!
//! A 0400 is never net-cancelled. Never again 0000 for an approval that was withdrawn.

use jiff::ToSpan as _;
use telegram_replay::acquirer::{Behaviour, Deed, Event, Order, Script};

use crate::support::{
    Approval, Client, LooseEnd, Plan, Shop, Switch, Telegram, acquirer, card, count, direct, events,
    eventually, hold_commits, metric, script, stays,
};

/// Waits until an acquirer holds so many answers.
macro_rules! held {
    ($acquirer:expr, $count:expr) => {
        eventually("the acquirer has been asked", || ($acquirer.held() == $count).then_some(())).await
    };
}

#[tokio::test]
async fn unknown_buries_it_whatever_comes_under_its_key() {
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 10_000);
    let withdrawal = Telegram::net_cancel(2, &approval);
    let done = shop.client.ask(&withdrawal).await;
    assert_eq!((done.kind(), done.code()), ("0430".into(), "0000".into()));
    assert_eq!(done.text("total_amount").parse::<u64>().unwrap(), 10_000);
    assert_eq!(shop.code(&withdrawal).await, "0000", "repeated");
    for restarted in [false, true] {
        if restarted {
            shop = shop.revived().await;
        }
        let copies = [
            approval.clone(),
            approval.clone().with("total_amount", "20000"),
            approval.clone().card(&card(9)),
            approval.clone().sent_at(|at| at - 1.second()),
        ];
        for copy in &copies {
            assert_eq!(shop.code(copy).await, "9013", "restarted: {restarted}");
        }
        assert_eq!(
            shop.code(&Telegram::net_cancel(3, &approval)).await,
            "0000",
            "again, as another telegram"
        );
        assert_eq!(shop.code(&Telegram::cancel(4, &approval, 10_000)).await, "9013");
        assert_eq!(shop.state(&approval).await, "07");
        let other_amount = Telegram::net_cancel(5, &approval).with("total_amount", "10001");
        assert_eq!(shop.code(&other_amount).await, "9011");
    }
    assert_eq!(shop.van.truth(), [], "nothing reached an acquirer");
    let phases: Vec<String> = shop.home.payments().into_iter().map(|row| row.phase).collect();
    assert_eq!(phases, ["tombstone"]);
    assert_eq!(shop.code(&Approval::new(6, 10_000)).await, "0000", "another key");
}

#[tokio::test]
async fn saved_and_not_yet_sent_never_leaves() {
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 10_000);
    let commits = hold_commits(&shop.home);
    shop.client.send(std::slice::from_ref(&approval)).await;
    let at_desk = || metric(shop.switch.admin, "switch_payments_at_desk") >= 1.0;
    eventually("the request is at the desk", || at_desk().then_some(())).await;
    let mut other = shop.another().await;
    other.send(&[Telegram::net_cancel(2, &approval)]).await;
    stays("0430 waits for its record", || !other.arrived()).await;
    commits.execute_batch("COMMIT").unwrap();
    assert_eq!(other.receive().await.expect("an answer").code(), "0000");
    assert_eq!(shop.client.receive().await.expect("an answer").code(), "9013");
    shop.settled().await;
    assert_eq!(shop.van.live(), []);
    assert_eq!(shop.code(&approval).await, "9013");
    assert_eq!(events(&shop.van.truth()), [], "it never left");
}

#[tokio::test]
async fn in_flight_is_undone_at_its_late_approval() {
    let mut shop = Shop::open(|plan| plan).await;
    for (trace, approval) in [(1, Approval::new(1, 10_000)), (11, direct(11, 10_000))] {
        let asked = if trace == 1 { &shop.van } else { &shop.company };
        asked.hold();
        shop.client.send(std::slice::from_ref(&approval)).await;
        held!(asked, 1);
        let mut other = shop.another().await;
        assert_eq!(other.ask(&Telegram::net_cancel(trace + 1, &approval)).await.code(), "0000");
        assert_eq!(shop.client.receive().await.expect("an answer").code(), "9013", "at once");
        assert_eq!(other.ask(&Telegram::net_cancel(trace + 2, &approval)).await.code(), "0000", "repeated");
        assert_eq!(
            other.ask(&Telegram::inquiry(trace + 3, &approval)).await.state(),
            ("0000".into(), "06".into())
        );
        assert_eq!(asked.live().len(), 1, "the acquirer has approved it meanwhile");
        asked.release(Order::FirstFirst).await;
        shop.settled().await;
        assert_eq!(shop.code(&approval).await, "9013");
        assert_eq!(shop.state(&approval).await, "07");
        assert_eq!(shop.code(&Telegram::cancel(trace + 4, &approval, 10_000)).await, "9013");
    }
    for (acquirer, name) in shop.both() {
        assert_eq!(acquirer.live(), [], "{name}");
    }
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::NetCancelled]);
}

#[tokio::test]
async fn in_flight_and_never_answered_is_undone_at_its_timeout_also_after_a_restart() {
    for killed in [false, true] {
        let mut shop = Shop::open(Plan::impatient).await;
        for approval in [Approval::new(1, 10_061), direct(2, 10_061)] {
            shop.client.send(std::slice::from_ref(&approval)).await;
            let asked = || shop.van.truth().len() + shop.company.truth().len() > 0;
            eventually("an acquirer has it", || asked().then_some(())).await;
            assert_eq!(shop.another().await.ask(&Telegram::net_cancel(11, &approval)).await.code(), "0000");
            assert_eq!(shop.client.receive().await.expect("an answer").code(), "9013");
            if killed {
                shop = shop.revived().await;
            }
            shop.settled().await;
            assert_eq!(shop.code(&approval).await, "9013");
            assert_eq!((shop.van.live(), shop.company.live()), (vec![], vec![]));
        }
    }
}

#[tokio::test]
async fn in_flight_and_declined_after_all_owes_nothing() {
    let mut shop = Shop::open(|plan| plan).await;
    shop.van.hold();
    let approval = Approval::new(1, 10_051);
    shop.client.send(std::slice::from_ref(&approval)).await;
    held!(shop.van, 1);
    assert_eq!(shop.another().await.ask(&Telegram::net_cancel(2, &approval)).await.code(), "0000");
    assert_eq!(shop.client.receive().await.expect("an answer").code(), "9013");
    shop.van.release(Order::FirstFirst).await;
    shop.settled().await;
    assert_eq!(events(&shop.van.truth()), [Event::Declined]);
    assert_eq!(shop.code(&approval).await, "9013");
}

#[tokio::test]
async fn approved_is_undone_and_never_comes_again() {
    let mut shop = Shop::open(|plan| plan).await;
    for (trace, approval) in [(1, Approval::new(1, 10_000)), (11, direct(11, 10_000))] {
        let approved = shop.approve(&approval).await;
        let wrong_number =
            Telegram::net_cancel(trace + 1, &approval).with("original_approval_no", "99999999");
        assert_eq!(shop.code(&wrong_number).await, "9030");
        let other_amount = Telegram::net_cancel(trace + 2, &approval).with("total_amount", "9999");
        assert_eq!(shop.code(&other_amount).await, "9011");
        assert_eq!(shop.code(&approval).await, "0000", "those undid nothing");
        let withdrawal = Telegram::net_cancel(trace + 3, &approval)
            .with("original_approval_no", &approved.text("approval_no"));
        assert_eq!(shop.code(&withdrawal).await, "0000");
        assert_eq!(shop.code(&approval).await, "9013", "at once");
        shop.settled().await;
        assert_eq!(shop.code(&withdrawal).await, "0000", "repeated");
        assert_eq!(shop.code(&Telegram::cancel(trace + 4, &approval, 10_000)).await, "9013");
        shop = shop.reopened().await;
        assert_eq!(shop.code(&approval).await, "9013");
        assert_eq!(shop.code(&withdrawal).await, "0000", "repeated after a restart");
        assert_eq!(shop.state(&approval).await, "07");
    }
    assert_eq!((shop.van.live(), shop.company.live()), (vec![], vec![]));
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::NetCancelled]);
}

#[tokio::test]
async fn its_answer_leaves_only_when_the_debt_is_durable() {
    let mut shop = Shop::open(|plan| plan).await;
    let (approved, unknown) = (Approval::new(1, 10_000), Approval::new(2, 10_000));
    shop.approve(&approved).await;
    let commits = hold_commits(&shop.home);
    shop.client.send(&[Telegram::net_cancel(3, &approved), Telegram::net_cancel(4, &unknown)]).await;
    stays("nothing is answered or sent", || !shop.client.arrived() && shop.van.truth().len() == 1).await;
    commits.execute_batch("COMMIT").unwrap();
    for answer in shop.client.receive_all(2).await {
        assert_eq!(answer.code(), "0000");
    }
    let shop = shop.revived().await;
    shop.settled().await;
    assert_eq!(shop.van.live(), []);
}

#[tokio::test]
async fn acknowledged_is_undone_like_any_approval() {
    let mut shop = Shop::open(|plan| Plan { acknowledged: Some(10_000), ..plan }).await;
    let mut terminal = shop.acknowledging().await;
    let approval = Approval::new(1, 10_000);
    let approval_no = terminal.ask(&approval).await.text("approval_no");
    let acknowledgement = Telegram::acknowledgement(2, &approval, &approval_no);
    assert_eq!(terminal.ask(&acknowledgement).await.code(), "0000");
    assert_eq!(shop.code(&Telegram::net_cancel(3, &approval)).await, "0000");
    assert_eq!(terminal.ask(&acknowledgement).await.code(), "9013");
    // One whose acknowledgement is still awaited, too.
    let approval = Approval::new(4, 10_000);
    assert_eq!(terminal.ask(&approval).await.code(), "0000");
    assert_eq!(shop.code(&Telegram::net_cancel(5, &approval)).await, "0000");
    shop.settled().await;
    assert_eq!(shop.van.live(), []);
    assert_eq!(count(&shop.van.truth(), Event::NetCancelled), 2);
}

#[tokio::test]
async fn declined_refused_owed_and_net_cancelled_are_0000_and_cost_the_acquirer_nothing() {
    // Its net-cancel is not accepted until the test says so.
    let rules = [(Deed::NetCancel, Behaviour::IGNORE, Some(2))];
    let mut shop = Shop::with(script(&rules), Plan::impatient).await;
    let declined = Approval::new(1, 10_051);
    assert_eq!(shop.code(&declined).await, "8035");
    assert_eq!(shop.code(&Telegram::net_cancel(2, &declined)).await, "0000");
    assert_eq!(shop.code(&declined).await, "8035", "no net-cancel is owed: it is what it was");
    let opaque = Approval::new(3, 10_000).with("card_track", "").with("card_bin", "54123000");
    let opaque = opaque.with("card_block_van", "opaque");
    assert_eq!(shop.code(&opaque).await, "9020");
    assert_eq!(shop.code(&Telegram::net_cancel(4, &opaque)).await, "0000");
    assert_eq!(events(&shop.van.truth()), [Event::Declined]);
    let owed = Approval::new(5, 10_061);
    assert_eq!(shop.code(&owed).await, "9022");
    let withdrawal = Telegram::net_cancel(6, &owed);
    assert_eq!(shop.code(&withdrawal).await, "0000", "owed");
    shop.settled().await;
    assert_eq!(shop.code(&withdrawal).await, "0000", "net-cancelled");
    assert_eq!(shop.code(&Telegram::net_cancel(7, &owed).with("total_amount", "1")).await, "9011");
    assert_eq!(count(&shop.van.truth(), Event::NetCancelled), 1);
}

#[tokio::test]
async fn being_cancelled_waits_for_that_cancel() {
    // Whole: 9031. In part: 9032. Refused by the acquirer: it can be undone, 0000.
    for (amount, expected, left) in [(10_081, "0000", 0), (10_000, "9031", 0), (4_000, "9032", 6_000)] {
        let total = if amount == 4_000 { 10_000 } else { amount };
        let mut shop = Shop::open(|plan| plan).await;
        let approval = Approval::new(1, total);
        shop.approve(&approval).await;
        shop.van.hold();
        shop.client.send(&[Telegram::cancel(2, &approval, amount)]).await;
        held!(shop.van, 1);
        let mut other = shop.another().await;
        other.send(&[Telegram::net_cancel(3, &approval)]).await;
        stays("it waits", || !other.arrived()).await;
        shop.van.release(Order::FirstFirst).await;
        let cancelled = shop.client.receive().await.expect("an answer").code();
        assert_eq!(cancelled, if amount == 10_081 { "8432" } else { "0000" });
        assert_eq!(other.receive().await.expect("an answer").code(), expected, "a cancel of {amount}");
        shop.settled().await;
        assert_eq!(shop.van.live().iter().map(|(_, left)| left).sum::<u64>(), left);
    }
}

#[tokio::test]
async fn being_cancelled_for_longer_than_the_terminal_waits_is_9033() {
    let rules = [(Deed::Cancel, Behaviour::IGNORE, None)];
    let mut shop =
        Shop::with(script(&rules), |plan| Plan { terminal_deadline_ms: 800, ..plan.impatient() }).await;
    // The company ignores the cancel to the end.
    shop.home.leaves(&[LooseEnd::Cancels]);
    let approval = Approval::new(1, 10_000);
    shop.approve(&approval).await;
    assert_eq!(shop.code(&Telegram::cancel(2, &approval, 10_000)).await, "9023");
    assert_eq!(shop.code(&Telegram::net_cancel(3, &approval)).await, "9033");
    assert_eq!(count(&shop.van.truth(), Event::NetCancelled), 0, "a cancel is never net-cancelled");
    assert_eq!(shop.code(&approval).await, "0000", "as far as anybody knows it stands");
}

#[tokio::test]
async fn cancelled_in_part_is_9032_and_wholly_9031() {
    let mut shop = Shop::open(|plan| plan).await;
    for (trace, approval) in [(1, Approval::new(1, 10_000)), (11, direct(11, 10_000))] {
        shop.approve(&approval).await;
        assert_eq!(shop.code(&Telegram::cancel(trace + 1, &approval, 4_000)).await, "0000");
        assert_eq!(shop.code(&Telegram::net_cancel(trace + 2, &approval)).await, "9032");
        let other_amount = Telegram::net_cancel(trace + 3, &approval).with("total_amount", "6000");
        assert_eq!(shop.code(&other_amount).await, "9011", "what is left is another amount");
        assert_eq!(shop.code(&Telegram::cancel(trace + 4, &approval, 6_000)).await, "0000");
        assert_eq!(shop.code(&Telegram::net_cancel(trace + 5, &approval)).await, "9031");
    }
    for (acquirer, name) in shop.both() {
        assert_eq!(
            events(&acquirer.truth()),
            [Event::Approved, Event::Cancelled, Event::Cancelled],
            "{name}"
        );
    }
}

#[tokio::test]
async fn another_terminals_or_another_days_key_is_another_original() {
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 10_000);
    shop.approve(&approval).await;
    assert_eq!(
        shop.code(&Telegram::net_cancel(2, &approval).terminal(2)).await,
        "0000",
        "a tombstone of its own"
    );
    let yesterday = approval.clone().sent_at(|at| at - 24.hours());
    assert_eq!(shop.code(&Telegram::net_cancel(3, &yesterday)).await, "0000");
    assert_eq!(shop.code(&approval).await, "0000");
    assert_eq!(shop.code(&Approval::new(1, 10_000).terminal(2)).await, "9013");
    assert_eq!(events(&shop.van.truth()), [Event::Approved]);
}

#[tokio::test]
async fn a_net_cancel_that_races_its_approval_leaves_nothing_standing() {
    const PAYMENTS: u32 = 40;
    let shop = Shop::open(|plan| plan).await;
    let (mut asking, mut withdrawing) = (shop.another().await, Client::connect(shop.switch.terminals).await);
    for trace in 1..=PAYMENTS {
        let approval = Approval::new(trace, 10_000);
        let withdrawal = Telegram::net_cancel(500 + trace, &approval);
        // Either may be first.
        if trace % 2 == 0 {
            asking.send(std::slice::from_ref(&approval)).await;
            withdrawing.send(std::slice::from_ref(&withdrawal)).await;
        } else {
            withdrawing.send(std::slice::from_ref(&withdrawal)).await;
            asking.send(std::slice::from_ref(&approval)).await;
        }
    }
    for answer in withdrawing.receive_all(PAYMENTS as usize).await {
        assert_eq!(answer.code(), "0000");
    }
    for answer in asking.receive_all(PAYMENTS as usize).await {
        assert!(["0000", "9013"].contains(&answer.code().as_str()), "{}", answer.code());
    }
    shop.settled().await;
    assert_eq!(shop.van.live(), []);
    for trace in 1..=PAYMENTS {
        let inquiry = Telegram::inquiry(900 + trace, &Approval::new(trace, 10_000));
        assert_eq!(asking.ask(&inquiry).await.state(), ("0000".into(), "07".into()));
    }
}

#[tokio::test]
async fn what_was_withdrawn_goes_to_no_further_acquirer() {
    // Silent, and its net-cancel unheard for a while; or it did nothing with the request.
    let silent =
        [(Deed::Approval, Behaviour::ANSWER_NEVER, None), (Deed::NetCancel, Behaviour::IGNORE, Some(2))];
    let unwilling = [(Deed::Approval, Behaviour::NOT_PROCESSED, None)];
    for rules in [&silent[..], &unwilling[..]] {
        let first = acquirer("kovan", script(rules)).await;
        let second = acquirer("kovan", Script::default()).await;
        let plan = Plan::vans(&[("first", &first, 99), ("second", &second, 1)]).impatient();
        let (home, switch) = Switch::of(&plan).await;
        let (mut client, mut other) =
            (Client::connect(switch.terminals).await, Client::connect(switch.terminals).await);
        first.hold();
        let approval = Approval::new(1, 10_000);
        client.send(std::slice::from_ref(&approval)).await;
        eventually("the first has it", || (!first.truth().is_empty()).then_some(())).await;
        assert_eq!(other.ask(&Telegram::net_cancel(2, &approval)).await.code(), "0000");
        assert_eq!(client.receive().await.expect("an answer").code(), "9013");
        first.release(Order::FirstFirst).await;
        eventually("nothing is open", || (home.open_payments() == 0).then_some(())).await;
        assert_eq!(first.live(), []);
        assert_eq!(second.truth(), []);
    }
}
