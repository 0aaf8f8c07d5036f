//! Listeners with `confirm = "ack"`.
//!
//! What must be true: an approval is final only with its acknowledgement. 0130 leaves only after its ack (0120) is durable. Without an ack within the time
//! its net-cancel is owed; a late 0120 gets 9013. Approvals only: a cancel is never net-cancelled for want of an ack. A repeat of the 0100 extends
//! nothing, nor does a restart. The socket does not matter.

use telegram_replay::acquirer::Event;

use crate::support::{
    Approval, Client, Plan, Shop, Telegram, count, direct, events, eventually, hold_commits, stays,
};

/// Longer than any test here lasts.
const LONG: u64 = 60_000;
const SHORT: u64 = 700;

async fn shop(within_ms: u64) -> Shop {
    Shop::open(|plan| Plan { acknowledged: Some(within_ms), ..plan }).await
}

/// An approval that is given, and its 0120.
async fn approved(terminal: &mut Client, approval: &Approval) -> Telegram {
    let answer = terminal.ask(approval).await;
    assert_eq!(answer.code(), "0000");
    Telegram::acknowledgement(800_000, approval, &answer.text("approval_no"))
}

#[tokio::test]
async fn an_acknowledged_approval_stands() {
    let mut shop = shop(LONG).await;
    let mut terminal = shop.acknowledging().await;
    for approval in [Approval::new(1, 10_000), direct(2, 10_000)] {
        let acknowledgement = approved(&mut terminal, &approval).await;
        assert_eq!(shop.state(&approval).await, "01", "not final yet");
        let answer = terminal.ask(&acknowledgement).await;
        assert_eq!((answer.kind(), answer.code()), ("0130".into(), "0000".into()));
        for field in ["original_trace_no", "original_date", "approval_no"] {
            assert!(!answer.text(field).is_empty(), "{field} is given back");
        }
        assert_eq!(answer.text("original_trace_no"), approval.trace_no());
        assert_eq!(terminal.ask(&acknowledgement).await.code(), "0000", "repeated");
        shop.settled().await;
        assert_eq!(shop.state(&approval).await, "02");
        assert_eq!(terminal.ask(&approval).await.code(), "0000", "the recorded answer");
    }
    let shop = shop.reopened().await;
    let mut terminal = shop.acknowledging().await;
    // Long after: what is acknowledged needs nothing more.
    for approval in [Approval::new(1, 10_000), direct(2, 10_000)] {
        let inquiry = Telegram::inquiry(10, &approval);
        assert_eq!(terminal.ask(&inquiry).await.state(), ("0000".into(), "02".into()));
    }
    assert_eq!(events(&shop.van.truth()), [Event::Approved]);
    assert_eq!(events(&shop.company.truth()), [Event::Approved]);
}

#[tokio::test]
async fn its_answer_leaves_only_when_it_is_durable() {
    let shop = shop(LONG).await;
    let mut terminal = shop.acknowledging().await;
    let approval = Approval::new(1, 10_000);
    let acknowledgement = approved(&mut terminal, &approval).await;
    let commits = hold_commits(&shop.home);
    terminal.send(&[acknowledgement]).await;
    stays("0130 waits for its record", || !terminal.arrived()).await;
    commits.execute_batch("COMMIT").unwrap();
    assert_eq!(terminal.receive().await.expect("an answer").code(), "0000");
    // What was answered survives whatever comes.
    let mut shop = shop.revived().await;
    assert_eq!(shop.state(&approval).await, "02");
    assert_eq!(shop.home.open_payments(), 0);
}

#[tokio::test]
async fn an_acknowledgement_that_was_lost_with_the_switch_was_not_answered() {
    let shop = shop(1_500).await;
    let mut terminal = shop.acknowledging().await;
    let approval = Approval::new(1, 10_000);
    let acknowledgement = approved(&mut terminal, &approval).await;
    let commits = hold_commits(&shop.home);
    terminal.send(std::slice::from_ref(&acknowledgement)).await;
    stays("0130 waits for its record", || !terminal.arrived()).await;
    let Shop { van, company, home, switch, client } = shop;
    drop((company, client));
    switch.kill();
    commits.execute_batch("ROLLBACK").unwrap();
    drop(commits);
    assert!(terminal.receive().await.is_none());
    let switch = crate::support::Switch::start(&home).await;
    eventually("it is undone", || (count(&van.truth(), Event::NetCancelled) == 1).then_some(())).await;
    let mut terminal = Client::connect(switch.listener("acknowledged")).await;
    assert_eq!(terminal.ask(&acknowledgement).await.code(), "9013");
}

#[tokio::test]
async fn without_an_acknowledgement_in_time_it_is_net_cancelled_and_a_late_one_is_9013() {
    let mut shop = shop(SHORT).await;
    let mut terminal = shop.acknowledging().await;
    for approval in [Approval::new(1, 10_000), direct(2, 10_000)] {
        let late = approved(&mut terminal, &approval).await;
        shop.settled().await;
        assert_eq!((shop.van.live(), shop.company.live()), (vec![], vec![]));
        assert_eq!(terminal.ask(&late).await.code(), "9013");
        assert_eq!(terminal.ask(&late).await.code(), "9013");
        assert_eq!(terminal.ask(&approval).await.code(), "9013");
        assert_eq!(shop.state(&approval).await, "07");
        assert_eq!(shop.code(&Telegram::cancel(10, &approval, 10_000)).await, "9013");
    }
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::NetCancelled]);
    let mut shop = shop.reopened().await;
    assert_eq!(shop.code(&Approval::new(1, 10_000)).await, "9011", "another telegram under its key");
    assert_eq!(shop.state(&Approval::new(1, 10_000)).await, "07");
}

#[tokio::test]
async fn a_repeat_of_the_approval_does_not_extend_its_time() {
    let shop = shop(SHORT).await;
    let mut terminal = shop.acknowledging().await;
    let approval = Approval::new(1, 10_000);
    approved(&mut terminal, &approval).await;
    // Asked again and again, without a pause: for as long as the approval stands the answer is 0000.
    let mut told = 1;
    loop {
        match terminal.ask(&approval).await.code().as_str() {
            "0000" => told += 1,
            code => break assert_eq!(code, "9013"),
        }
    }
    assert!(told > 1);
    shop.settled().await;
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::NetCancelled]);
}

#[tokio::test]
async fn it_may_be_acknowledged_on_another_socket_and_another_listener() {
    let mut shop = shop(LONG).await;
    let mut terminal = shop.acknowledging().await;
    let (first, second) = (Approval::new(1, 10_000), Approval::new(2, 10_000));
    let acknowledgements = [approved(&mut terminal, &first).await, approved(&mut terminal, &second).await];
    terminal.vanish();
    let mut terminal = shop.acknowledging().await;
    assert_eq!(terminal.ask(&acknowledgements[0]).await.code(), "0000");
    assert_eq!(shop.code(&acknowledgements[1]).await, "0000", "a listener that does not ask for it");
    assert_eq!((shop.state(&first).await, shop.state(&second).await), ("02".into(), "02".into()));
}

#[tokio::test]
async fn what_was_not_approved_cannot_be_acknowledged() {
    let shop = shop(LONG).await;
    let mut terminal = shop.acknowledging().await;
    let declined = Approval::new(1, 10_051);
    assert_eq!(terminal.ask(&declined).await.code(), "8035");
    let approval = Approval::new(2, 10_000);
    let acknowledgement = approved(&mut terminal, &approval).await;
    let cases = [
        ("declined", Telegram::acknowledgement(10, &declined, "30000001")),
        ("unknown", Telegram::acknowledgement(11, &Approval::new(9, 10_000), "30000001")),
        ("another number", Telegram::acknowledgement(12, &approval, "99999999")),
        ("another terminal", acknowledgement.clone().terminal(2)),
    ];
    for (what, acknowledgement) in &cases {
        let answer = terminal.ask(acknowledgement).await;
        assert_eq!((answer.kind(), answer.code()), ("0130".into(), "9030".into()), "{what}");
    }
    assert_eq!(shop.home.open_payments(), 1, "still unacknowledged");
    assert_eq!(terminal.ask(&acknowledgement).await.code(), "0000");
}

#[tokio::test]
async fn a_cancel_needs_an_acknowledged_approval_and_is_never_net_cancelled_for_want_of_an_ack() {
    let mut shop = shop(2_000).await;
    let mut terminal = shop.acknowledging().await;
    let approval = Approval::new(1, 10_000);
    let acknowledgement = approved(&mut terminal, &approval).await;
    assert_eq!(terminal.ask(&Telegram::cancel(2, &approval, 4_000)).await.code(), "9010");
    assert_eq!(terminal.ask(&acknowledgement).await.code(), "0000");
    let cancel = Telegram::cancel(3, &approval, 4_000);
    assert_eq!(terminal.ask(&cancel).await.code(), "0000");
    // A second approval shows when its time, and so the cancel's, is over.
    approved(&mut terminal, &Approval::new(4, 20_000)).await;
    eventually("time has passed", || (count(&shop.van.truth(), Event::NetCancelled) == 1).then_some(()))
        .await;
    shop.settled().await;
    assert_eq!(shop.code(&cancel).await, "0000");
    assert_eq!(shop.state(&approval).await, "04");
    assert_eq!(shop.van.live().iter().map(|(_, left)| *left).collect::<Vec<_>>(), [6_000]);
}

#[tokio::test]
async fn a_restart_neither_extends_the_time_nor_shortens_it() {
    for killed in [true, false] {
        let shop = shop(4_000).await;
        let mut terminal = shop.acknowledging().await;
        let (kept, lost) = (Approval::new(1, 10_000), Approval::new(2, 20_000));
        let acknowledgement = approved(&mut terminal, &kept).await;
        let late = approved(&mut terminal, &lost).await;
        drop(terminal);
        let mut shop = if killed { shop.revived().await } else { shop.reopened().await };
        assert_eq!(shop.van.live().len(), 2, "a start undoes nothing by guesswork");
        let mut terminal = shop.acknowledging().await;
        assert_eq!(terminal.ask(&acknowledgement).await.code(), "0000");
        let undone = || count(&shop.van.truth(), Event::NetCancelled) == 1;
        eventually("the other is undone", || undone().then_some(())).await;
        assert_eq!(terminal.ask(&late).await.code(), "9013");
        assert_eq!(shop.state(&kept).await, "02");
        let truth = shop.van.truth();
        let after = truth[2].at.duration_since(truth[1].at);
        assert!(after.as_millis() >= 3_900, "killed: {killed}, {after:?}");
    }
}

#[tokio::test]
async fn on_a_listener_without_acknowledgement_one_changes_nothing() {
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 10_000);
    let answer = shop.approve(&approval).await;
    shop.settled().await;
    let acknowledgement = Telegram::acknowledgement(2, &approval, &answer.text("approval_no"));
    assert_eq!(shop.code(&acknowledgement).await, "0000");
    assert_eq!(shop.code(&acknowledgement).await, "0000");
    assert_eq!(shop.state(&approval).await, "02");
}
