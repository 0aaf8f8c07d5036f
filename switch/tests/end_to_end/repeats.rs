//! The same telegram again, and other content under its key.

use jiff::ToSpan as _;
use telegram_replay::acquirer::{Behaviour, Deed, Event, Script};

use crate::support::{Approval, Client, Plan, Switch, acquirer, card, count, eventually, script};

const COPIES: usize = 100;

#[tokio::test]
async fn a_hundred_copies_on_one_socket_are_one_request_and_a_hundred_equal_answers() {
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan::van(&van)).await;
    van.hold();
    let mut client = Client::connect(switch.terminals).await;
    client.send(&vec![Approval::new(1, 10_000); COPIES]).await;
    eventually("the request is at the VAN", || (van.held() == 1).then_some(())).await;
    van.release(telegram_replay::acquirer::Order::FirstFirst).await;
    let answers = client.receive_all(COPIES).await;
    assert_eq!(answers[0].code(), "0000");
    assert!(answers.iter().all(|answer| answer.content() == answers[0].content()));
    assert_eq!(van.truth().len(), 1);
}

#[tokio::test]
async fn a_hundred_copies_on_a_hundred_sockets_are_one_request_and_a_hundred_equal_answers() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut clients = Vec::new();
    for _ in 0..COPIES {
        clients.push(Client::connect(switch.terminals).await);
    }
    let approval = Approval::new(1, 10_000);
    for client in &mut clients {
        client.send(std::slice::from_ref(&approval)).await;
    }
    let mut contents = Vec::new();
    for client in &mut clients {
        contents.push(client.receive().await.expect("an answer").content());
    }
    assert!(contents.iter().all(|content| *content == contents[0]));
    assert_eq!(van.truth().len(), 1);

    // Also long after, also from a switch that never saw the first one.
    assert_eq!(clients[0].ask(&approval).await.content(), contents[0]);
    switch.stop().await;
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    client.send(&vec![approval; COPIES]).await;
    for answer in client.receive_all(COPIES).await {
        assert_eq!(answer.content(), contents[0]);
    }
    assert_eq!(van.truth().len(), 1);
}

#[tokio::test]
async fn the_same_key_with_other_content_is_refused_before_during_and_after() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    let first = Approval::new(1, 10_000);
    let others = [
        ("amount", first.clone().with("total_amount", "10001")),
        ("card", first.clone().card(&card(2))),
        ("sent_at", first.clone().sent_at(|at| at - 1.second())),
        ("installment", first.clone().with("installment", "3")),
        ("vat", first.clone().with("vat", "1")),
    ];
    van.hold();
    let mut client = Client::connect(switch.terminals).await;
    client.send(std::slice::from_ref(&first)).await;
    eventually("the request is at the VAN", || (van.held() == 1).then_some(())).await;
    let mut other = Client::connect(switch.terminals).await;
    for (what, approval) in &others {
        assert_eq!(other.ask(approval).await.code(), "9011", "{what} in flight");
    }
    van.release(telegram_replay::acquirer::Order::FirstFirst).await;
    assert_eq!(client.receive().await.expect("an answer").code(), "0000");
    for (what, approval) in &others {
        assert_eq!(other.ask(approval).await.code(), "9011", "{what} once approved");
    }
    switch.stop().await;
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    for (what, approval) in &others {
        assert_eq!(client.ask(approval).await.code(), "9011", "{what} after a restart");
    }
    assert_eq!(client.ask(&first).await.code(), "0000");
    assert_eq!(van.truth().len(), 1);
}

#[tokio::test]
async fn a_decline_is_repeated_word_for_word() {
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut client = Client::connect(switch.terminals).await;
    let approval = Approval::new(1, 10_051);
    let first = client.ask(&approval).await;
    assert_eq!(first.code(), "8035");
    assert_eq!(client.ask(&approval).await.content(), first.content());
    assert_eq!(van.truth().len(), 1);
}

#[tokio::test]
async fn a_repeat_of_what_is_or_will_be_net_cancelled_gets_9013_and_never_an_approval() {
    let rules = [(Deed::NetCancel, Behaviour::IGNORE, Some(1))];
    let van = acquirer("kovan", script(&rules)).await;
    let (home, switch) = Switch::of(&Plan::van(&van).impatient()).await;
    let mut client = Client::connect(switch.terminals).await;
    let approval = Approval::new(1, 10_061);
    assert_eq!(client.ask(&approval).await.code(), "9022");
    assert_eq!(client.ask(&approval).await.code(), "9013", "owed");
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(client.ask(&approval).await.code(), "9013", "done");
    switch.stop().await;
    let switch = Switch::start(&home).await;
    assert_eq!(Client::connect(switch.terminals).await.ask(&approval).await.code(), "9013", "restarted");
    assert_eq!(count(&van.truth(), Event::Approved), 1);
    assert_eq!(van.live(), []);
}
