//! The lease: without it nothing is sent, and a switch whose instance was begun anew writes nothing more.

use telegram_replay::acquirer::Script;

use crate::support::{Approval, Client, Home, Plan, Switch, acquirer, eventually, hold_commits, metric};

fn brief(plan: &Plan) -> String {
    plan.toml().replacen("path = \"data/switch.db\"", "path = \"data/switch.db\"\nlease_s = 1", 1)
}

#[tokio::test]
async fn a_lease_that_cannot_be_renewed_ends_and_is_told_once_and_one_that_is_renewed_again_goes_on() {
    let van = acquirer("kovan", Script::default()).await;
    let home = Home::new(&brief(&Plan::van(&van)));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    let commits = hold_commits(&home);
    client.send(&[Approval::new(2, 10_000)]).await;
    let told = |what: &str| switch.log().matches(what).count();
    eventually("it ends", || (told("the lease has ended") == 1).then_some(())).await;
    assert_eq!(van.truth().len(), 1, "nothing left meanwhile");
    drop(commits);
    eventually("it is held again", || (told("the lease is held again") == 1).then_some(())).await;
    // Its intent was durable only after the lease had ended; whatever it was told, the next one is sent.
    let code = client.receive().await.expect("an answer").code();
    assert!(["0000", "9021"].contains(&code.as_str()), "{code}");
    assert_eq!(client.ask(&Approval::new(3, 10_000)).await.code(), "0000");
    assert_eq!(told("the lease has ended"), 1);
    let alarms = metric(switch.admin, r#"switch_alarms_total{kind="lease-lapsed"}"#);
    assert!((alarms - 1.0).abs() < 0.5, "{alarms}");
    switch.stop().await;
}

#[tokio::test]
async fn a_switch_that_was_fenced_ends_with_a_clear_message_and_answers_nothing_more() {
    let van = acquirer("kovan", Script::default()).await;
    let home = Home::new(&brief(&Plan::van(&van)));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    // As another start of the instance, or one that takes over, would.
    hold_commits(&home).execute_batch("UPDATE switch_instance SET epoch = epoch + 1; COMMIT").unwrap();
    client.send(&[Approval::new(2, 10_000)]).await;
    assert!(client.receive().await.is_none(), "it is not answered");
    let (status, log) = switch.ended().await;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("was started again or taken over"), "{log}");
    assert_eq!(van.truth().len(), 1, "nothing left");
}

#[tokio::test]
async fn the_lease_is_given_back_at_the_end() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    let until = || {
        let read = "SELECT lease_until FROM switch_instance";
        home.open().query_row(read, [], |row| row.get::<_, Option<i64>>(0)).unwrap()
    };
    let held = until().expect("a lease is held while it serves");
    let now = || jiff::Timestamp::now().as_microsecond();
    assert!(held > now(), "{held}");
    switch.stop().await;
    assert!(until().is_none_or(|until| until <= now()), "{:?}", until());
}
