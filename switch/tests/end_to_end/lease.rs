//! The lease: without it nothing is sent, and a switch whose instance was begun anew writes nothing more.

use std::{fs, os::unix::fs::symlink};

use telegram_replay::acquirer::Script;

use crate::support::{
    Approval, Client, Home, LooseEnd, Plan, Switch, Telegram, acquirer, eventually, hold_commits, metric,
    unwrapped,
};

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
    // A switch that is fenced closes without an answer.
    home.leaves(&[LooseEnd::Terminals]);
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

/// Until when others believe that it holds its lease, in microseconds since 1970.
fn held_until(home: &Home) -> i64 {
    let read = "SELECT lease_until FROM switch_instance";
    home.open().query_row(read, [], |row| row.get::<_, Option<i64>>(0)).unwrap().expect("a lease is held")
}

/// Stops it where it is, but not in the middle of a commit, which nobody could take over from.
async fn stopped(switch: &Switch, home: &Home) {
    let is_between_commits = || {
        switch.signal("-STOP");
        let connection = home.open();
        connection.busy_timeout(std::time::Duration::from_millis(50)).unwrap();
        let free = connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok();
        if !free {
            switch.signal("-CONT");
        }
        free.then_some(())
    };
    eventually("it stands still between two commits", is_between_commits).await;
}

/// Until the lease of a switch that stands still is over for everybody.
async fn lapsed(home: &Home) {
    let is_over = || jiff::Timestamp::now().as_microsecond() > held_until(home);
    eventually("its lease is over", || is_over().then_some(())).await;
}

#[tokio::test]
async fn a_switch_stopped_through_its_lease_while_another_takes_over_sends_nothing_answers_nothing_and_ends()
{
    let van = acquirer("kovan", Script::default()).await;
    let home = Home::new(&brief(&Plan::van(&van)));
    // A switch that is fenced closes without an answer.
    home.leaves(&[LooseEnd::Terminals]);
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    let (known, waits) = (Approval::new(1, 10_000), Approval::new(2, 20_000));
    assert_eq!(client.ask(&known).await.code(), "0000");
    van.hold();
    client.send(&[waits]).await;
    eventually("it is at the VAN", || (van.held() == 1).then_some(())).await;
    stopped(&switch, &home).await;
    // What it could answer from memory or send on, once it wakes: an approval that came in its sleep, a repeat, a cancel and a new request.
    van.release(telegram_replay::acquirer::Order::FirstFirst).await;
    client.send(std::slice::from_ref(&known)).await;
    client.send(&[Telegram::cancel(3, &known, 10_000)]).await;
    client.send(&[Approval::new(4, 30_000)]).await;
    lapsed(&home).await;
    let asked = van.truth().len();
    let events = home.events().len();
    let take_over = "UPDATE switch_instance SET epoch = epoch + 1, lease_until = NULL";
    home.open().execute_batch(take_over).unwrap();
    switch.signal("-CONT");
    // At the door it may say that it takes nothing in; that it knows of nobody.
    while let Some(answer) = client.receive().await {
        assert_eq!(answer.code(), "9040");
    }
    let (status, log) = switch.ended().await;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("the lease has ended") && log.contains("was started again or taken over"), "{log}");
    assert_eq!((van.truth().len(), home.events().len()), (asked, events), "it did nothing more");

    // What it left is taken up by the next.
    let switch = Switch::start(&home).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(van.live().len(), 1);
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&known).await.code(), "0000");
    switch.stop().await;
}

#[tokio::test]
async fn a_switch_stopped_through_its_lease_that_nobody_took_over_goes_on_once_it_is_renewed() {
    let van = acquirer("kovan", Script::default()).await;
    let home = Home::new(&brief(&Plan::van(&van)));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    let known = Approval::new(1, 10_000);
    assert_eq!(client.ask(&known).await.code(), "0000");
    stopped(&switch, &home).await;
    client.send(std::slice::from_ref(&known)).await;
    client.send(&[Approval::new(2, 20_000)]).await;
    lapsed(&home).await;
    switch.signal("-CONT");
    for answer in client.receive_all(2).await {
        // At the door nothing new is let in for a moment.
        assert!(["0000", "9040"].contains(&answer.code().as_str()), "{}", answer.code());
    }
    let told = |what: &str| switch.log().matches(what).count();
    eventually("it is held again", || (told("the lease is held again") == 1).then_some(())).await;
    assert_eq!(told("the lease has ended"), 1);
    assert_eq!(client.ask(&known).await.code(), "0000");
    assert_eq!(client.ask(&Approval::new(3, 30_000)).await.code(), "0000");
    switch.stop().await;
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

/// How often its instance was begun.
fn epoch(home: &Home) -> i64 {
    let read = "SELECT epoch FROM switch_instance";
    home.open().query_row(read, [], |row| row.get(0)).unwrap()
}

/// What a start says that must not come about.
async fn refused(home: &Home) -> String {
    let mut command = Switch::command(home);
    let ended = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = unwrapped(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{told}");
    told
}

#[tokio::test]
async fn a_second_switch_on_one_store_is_refused_by_whatever_name_before_it_begins_an_epoch() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan::van(&van);
    let (home, switch) = Switch::of(&plan).await;
    let (link, hard) = (home.data().join("link.db"), home.data().join("hard.db"));
    symlink("switch.db", link).unwrap();
    fs::hard_link(home.database(), &hard).unwrap();
    for lock_file in ["there", "removed"] {
        if lock_file == "removed" {
            fs::remove_file(home.data().join("switch.db.lock")).unwrap();
        }
        for name in ["link.db", "hard.db", "../data/switch.db"] {
            // Its control socket is another one, too.
            home.configure(&plan.toml().replacen("data/switch.db", &format!("data/{name}"), 1));
            let told = refused(&home).await;
            assert!(told.contains(name) && told.contains("in use by another switch"), "{name}: {told}");
        }
        // With the same control socket, too, it is the store that is told of.
        home.configure(&plan.toml());
        let told = refused(&home).await;
        assert!(told.contains("in use by another switch"), "lock file {lock_file}: {told}");
    }
    assert_eq!(epoch(&home), 1);
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    switch.stop().await;

    // Its log may lie beside either name.
    assert!(refused(&home).await.contains("it has 2 names (hard links)"));
    fs::remove_file(hard).unwrap();
    let switch = Switch::start(&home).await;
    assert_eq!(epoch(&home), 2);
    switch.stop().await;
}

#[tokio::test]
async fn a_start_whose_control_socket_is_taken_begins_no_epoch() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan::van(&van);
    let (running, switch) = Switch::of(&plan).await;
    let (home, other) = Switch::of(&plan).await;
    other.stop().await;
    let socket = running.database().with_extension("db.sock");
    home.configure(&plan.toml().replacen("[admin]\n", &format!("[admin]\nsocket = {socket:?}\n"), 1));
    assert!(refused(&home).await.contains("another switch takes commands"));
    assert_eq!(epoch(&home), 1);
    home.configure(&plan.toml());
    let other = Switch::start(&home).await;
    assert_eq!(epoch(&home), 2);
    other.stop().await;
    switch.stop().await;
}
