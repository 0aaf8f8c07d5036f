//! How a switch ends: in order, or because nothing may be answered any more.

use std::collections::BTreeSet;

use telegram_replay::acquirer::{Event, Order, Script};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{
    Approval, Client, Home, LooseEnd, Plan, Switch, acquirer, acquirer_with, count, eventually, framed, get,
    metric, unwrapped,
};

#[tokio::test]
async fn sigterm_answers_what_is_in_flight_takes_nothing_new_and_exits_0() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    van.hold();
    let mut clients = Vec::new();
    for number in 1..=20 {
        let mut client = Client::connect(switch.terminals).await;
        let approvals: Vec<_> = (1..=10).map(|trace| Approval::new(trace, 10_000).terminal(number)).collect();
        client.send(&approvals).await;
        clients.push(client);
    }
    eventually("all are at the VAN", || (van.held() == 200).then_some(())).await;
    switch.terminate();
    let unready = || get(switch.admin, "/healthz").0 == 503;
    eventually("it says that it closes", || unready().then_some(())).await;
    let refused = || std::net::TcpStream::connect(switch.terminals).is_err();
    eventually("nobody is accepted any more", || refused().then_some(())).await;
    van.release(Order::LastFirst).await;
    for client in &mut clients {
        assert!(client.receive_all(10).await.iter().all(|answer| answer.code() == "0000"));
        assert!(client.receive().await.is_none(), "the switch closes the socket");
    }
    let (status, log) = switch.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert_eq!((van.live().len(), home.open_payments()), (200, 0));
}

#[tokio::test]
async fn sigterm_loses_no_answer_of_a_terminal_that_still_sends_and_reads_slowly() {
    const REQUESTS: u32 = 200;
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut client = Client::connect(switch.terminals).await;
    socket2::SockRef::from(&client.stream).set_recv_buffer_size(4096).unwrap();
    van.hold();
    let approvals: Vec<_> = (1..=REQUESTS).map(|trace| Approval::new(trace, 10_000)).collect();
    client.send(&approvals).await;
    eventually("all are at the VAN", || (van.held() == 200).then_some(())).await;
    switch.terminate();
    eventually("it closes", || (get(switch.admin, "/healthz").0 == 503).then_some(())).await;
    // Nobody reads this any more.
    client.send(&[Approval::new(999, 10_000)]).await;
    van.release(Order::FirstFirst).await;
    let (status, log) = switch.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    // What the switch has written is still on its way.
    let answers = client.receive_all(REQUESTS as usize).await;
    assert!(answers.iter().all(|answer| answer.code() == "0000"));
}

#[tokio::test]
async fn sigterm_under_load_leaves_no_terminal_without_the_truth() {
    let van = acquirer_with("kovan", |settings| settings.delay = std::time::Duration::from_millis(20)).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    // A switch that closes answers what it has read, or nothing and closes; under load no count is the last one.
    home.leaves(&[LooseEnd::Terminals, LooseEnd::Counters]);
    let mut running = tokio::task::JoinSet::new();
    for number in 1..=20 {
        let mut client = Client::connect(switch.terminals).await;
        running.spawn(async move {
            let mut approved = BTreeSet::new();
            for trace in 1..10_000 {
                let telegram = framed(&Approval::new(trace, 10_000).terminal(number).bytes());
                if client.try_raw(&telegram).await.is_err() {
                    break;
                }
                // A switch that closes answers what it has read, or nothing and closes.
                match client.receive().await {
                    Some(answer) => {
                        assert_eq!(answer.code(), "0000");
                        approved.insert((number, trace));
                    }
                    None => break,
                }
            }
            approved
        });
    }
    eventually("the load runs", || (van.truth().len() > 300).then_some(())).await;
    switch.terminate();
    let (status, log) = switch.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    let mut told = 0;
    while let Some(approved) = running.join_next().await {
        told += approved.unwrap().len();
    }
    assert_eq!(told, van.live().len(), "every approval was told");
    assert_eq!(home.open_payments(), 0);
}

#[tokio::test]
async fn sigterm_leaves_debts_to_the_next_start() {
    use telegram_replay::acquirer::{Behaviour, Deed};
    let rules = [
        (Deed::Approval, Behaviour::ANSWER_NEVER, None),
        (Deed::NetCancel, Behaviour::ANSWER_NEVER, Some(1)),
    ];
    let van = acquirer("kovan", crate::support::script(&rules)).await;
    let (home, switch) = Switch::of(&Plan::van(&van).impatient()).await;
    let mut client = Client::connect(switch.terminals).await;
    client.send(&[Approval::new(1, 10_000)]).await;
    eventually("the net-cancel is out", || (count(&van.truth(), Event::NetCancelled) == 1).then_some(()))
        .await;
    switch.terminate();
    let (status, log) = switch.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert_eq!(client.receive().await.expect("an answer").code(), "9022");
    let switch = Switch::start(&home).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(count(&van.truth(), Event::AlreadyCancelled), 1);
    switch.stop().await;
}

#[tokio::test]
async fn a_second_switch_on_one_store_is_refused_and_harms_nothing() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    let second = Switch::command(&home).output().unwrap();
    let told = unwrapped(&second.stderr);
    assert_eq!(second.status.code(), Some(2), "{told}");
    assert!(told.contains("in use by another switch"), "{told}");
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    switch.stop().await;
}

#[tokio::test]
async fn sigterm_is_heard_under_a_load_that_never_pauses() {
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (mut reading, mut writing) = Client::connect(switch.terminals).await.stream.into_split();
        // Refused at once, so that nothing but the switch itself sets the pace.
        let telegram = Approval::new(1, 10_000).with("header.terminal_id", "7000000000").bytes();
        let many = framed(&telegram).repeat(50);
        running.spawn(async move { while writing.write_all(&many).await.is_ok() {} });
        running.spawn(async move {
            let mut sink = vec![0; 65_536];
            while matches!(reading.read(&mut sink).await, Ok(1..)) {}
        });
    }
    let refused = || metric(switch.admin, r#"switch_answers_total{code="9002"}"#);
    eventually("the load runs", || (refused() > 1_000.0).then_some(())).await;
    let began = std::time::Instant::now();
    switch.terminate();
    let (status, log) = switch.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(began.elapsed() < std::time::Duration::from_secs(15), "{:?}: {log}", began.elapsed());
    running.join_all().await;
}

/// A disk that is full: no file of the switch may grow beyond so many KiB.
async fn on_a_full_disk(home: &Home, kib: u32) -> Switch {
    Switch::limited(home, &format!("trap '' XFSZ; ulimit -f {kib}")).await
}

#[tokio::test]
async fn a_full_disk_stops_the_switch_and_no_approval_is_told_that_is_not_durable() {
    let van = acquirer("kovan", Script::default()).await;
    let home = Home::new(&Plan::van(&van).toml());
    // It closes without an answer where it cannot make one durable, and the terminal does not come back.
    home.leaves(&[LooseEnd::Terminals]);
    // Made with room enough, so that it is the traffic that finds the disk full.
    Switch::start(&home).await.stop().await;
    let switch = on_a_full_disk(&home, 600).await;
    let mut client = Client::connect(switch.terminals).await;
    let mut told = BTreeSet::new();
    'told: for batch in 0..1_000 {
        let traces = batch * 20 + 1..=batch * 20 + 20;
        let approvals: Vec<_> = traces.map(|trace| Approval::new(trace, 10_000)).collect();
        for telegram in approvals.iter().map(|approval| framed(&approval.bytes())) {
            if client.try_raw(&telegram).await.is_err() {
                break 'told;
            }
        }
        for _ in &approvals {
            let Some(answer) = client.receive().await else { break 'told };
            assert_eq!(answer.code(), "0000");
            told.insert(answer.trace());
        }
    }
    let (status, log) = switch.ended().await;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("nothing may be answered any more"), "{log}");
    let durable: BTreeSet<u32> =
        home.payments().into_iter().filter(|row| row.phase == "approved").map(|row| row.trace).collect();
    assert!(!told.is_empty() && told.is_subset(&durable));

    // With room again it undoes what it had asked for and could not record.
    let switch = Switch::start(&home).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    let approved = home.payments().iter().filter(|row| row.phase == "approved").count();
    assert_eq!(van.live().len(), approved);
    switch.stop().await;
}
