//! Nothing is in the world before it is in the database.

use telegram_replay::acquirer::{Event, Order, Script};

use crate::support::{
    Approval, Client, LooseEnd, Plan, Switch, acquirer, events, eventually, hold_commits, metric, stays,
};

#[tokio::test]
async fn a_request_leaves_only_after_its_intent_and_an_approval_only_after_its_record() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut client = Client::connect(switch.terminals).await;

    let held = hold_commits(&home);
    client.send(&[Approval::new(1, 10_000), Approval::new(2, 20_000)]).await;
    let at_desk = || metric(switch.admin, "switch_payments_at_desk") >= 2.0;
    eventually("the requests are at the desk", || at_desk().then_some(())).await;
    stays("no request leaves before its intent is durable", || van.truth().is_empty()).await;
    assert_eq!(home.payments().len(), 0);
    van.hold();
    held.execute_batch("COMMIT").unwrap();
    eventually("the requests are at the VAN", || (van.held() == 2).then_some(())).await;
    assert_eq!(events(&van.truth()), [Event::Approved; 2]);
    assert!(home.payments().iter().all(|row| row.phase == "trying" && row.open));

    let held = hold_commits(&home);
    van.release(Order::FirstFirst).await;
    let answered = r#"switch_acquirer_requests_total{acquirer="kovan",outcome="answered"}"#;
    eventually("the answers are at the desk", || (metric(switch.admin, answered) >= 2.0).then_some(())).await;
    stays("no approval leaves before it is durable", || !client.arrived()).await;
    held.execute_batch("COMMIT").unwrap();
    let answers = client.receive_all(2).await;
    assert!(answers.iter().all(|answer| answer.code() == "0000"));
    assert!(home.payments().iter().all(|row| row.phase == "approved" && !row.open));
}

#[tokio::test]
async fn an_approval_that_was_never_made_durable_is_net_cancelled_after_a_kill() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    // The switch is killed before it answers, and nobody asks again.
    home.leaves(&[LooseEnd::Terminals]);
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    client.send(&[Approval::new(1, 10_000)]).await;
    eventually("the request is at the VAN", || (van.held() == 1).then_some(())).await;
    let held = hold_commits(&home);
    van.release(Order::FirstFirst).await;
    let answered = r#"switch_acquirer_requests_total{acquirer="kovan",outcome="answered"}"#;
    eventually("the answer is at the desk", || (metric(switch.admin, answered) >= 1.0).then_some(())).await;
    switch.kill();
    held.execute_batch("ROLLBACK").unwrap();
    drop(held);
    assert!(client.receive().await.is_none(), "nothing was answered");

    let switch = Switch::start(&home).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(events(&van.truth()), [Event::Approved, Event::NetCancelled]);
    let truth = van.truth();
    assert_eq!(truth[1].original.as_ref(), Some(&truth[0].serial));
    switch.stop().await;
}
