//! Terminals' sockets: shared, pipelined, half closed, gone, slow.

use std::time::Duration;

use telegram_replay::acquirer::{Event, Order, Script};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::{sleep, timeout},
};

use crate::support::{
    Answer, Approval, Client, Home, LooseEnd, Plan, Switch, acquirer, count, events, eventually, framed,
    metric, stays,
};

#[tokio::test]
async fn several_terminals_on_one_socket_get_their_own_answers_in_any_order() {
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut hub = Client::connect(switch.terminals).await;
    van.hold();
    // The same trace number at each of them.
    let approvals: Vec<_> =
        (1..=20).map(|number| Approval::new(7, 10_000 + number * 100).terminal(number)).collect();
    hub.send(&approvals).await;
    eventually("all are at the VAN", || (van.held() == 20).then_some(())).await;
    van.release(Order::LastFirst).await;
    let mut order = Vec::new();
    for _ in 0..20 {
        let answer = hub.receive().await.expect("an answer");
        assert_eq!(answer.code(), "0000");
        let terminal: u64 = answer.text("header.terminal_id").parse().unwrap();
        let amount: u64 = answer.text("total_amount").parse().unwrap();
        assert_eq!(amount, 10_000 + (terminal - 1_000_000_000) * 100);
        order.push(terminal);
    }
    assert!(!order.is_sorted(), "answers leave as they come: {order:?}");
}

#[tokio::test]
async fn a_slow_answer_holds_up_no_other_of_its_socket() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    home.leaves(&[LooseEnd::Requests]);
    let mut client = Client::connect(switch.terminals).await;
    // The first amount is never answered.
    client.send(&[Approval::new(1, 10_062), Approval::new(2, 10_000)]).await;
    let answer = client.receive().await.expect("an answer");
    assert_eq!((answer.trace(), answer.code()), (2, "0000".into()));
}

#[tokio::test]
async fn a_request_is_answered_after_its_terminal_stopped_sending() {
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    client.send(&[Approval::new(1, 10_000), Approval::new(2, 20_000)]).await;
    client.finish().await;
    eventually("the requests are at the VAN", || (van.held() == 2).then_some(())).await;
    van.release(Order::FirstFirst).await;
    assert!(client.receive_all(2).await.iter().all(|answer| answer.code() == "0000"));
    assert!(client.receive().await.is_none(), "then the switch closes too");
}

#[tokio::test]
async fn an_approval_nobody_takes_is_net_cancelled_after_its_grace() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan { grace_ms: 300, ..Plan::van(&van) }).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    let approval = Approval::new(1, 10_000);
    client.send(std::slice::from_ref(&approval)).await;
    eventually("the request is at the VAN", || (van.held() == 1).then_some(())).await;
    client.vanish();
    eventually("the switch knows", || (metric(switch.admin, "switch_sessions") == 0.0).then_some(())).await;
    van.release(Order::FirstFirst).await;
    eventually("it is undone", || (count(&van.truth(), Event::NetCancelled) == 1).then_some(())).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    let journal = home.journal();
    assert!(journal.iter().any(|name| name == "Undelivered"), "{journal:?}");
    assert_eq!(van.live(), []);
    assert_eq!(Client::connect(switch.terminals).await.ask(&approval).await.code(), "9013");
}

#[tokio::test]
async fn approvals_that_never_came_out_of_the_switch_are_net_cancelled_and_those_on_their_way_stand() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan { grace_ms: 300, ..Plan::van(&van) }).await;
    let mut client = Client::connect(switch.terminals).await;
    socket2::SockRef::from(&client.stream).set_recv_buffer_size(4096).unwrap();
    // It reads nothing, until the switch reads no more of it either.
    let mut telegrams = (1..).map(|trace| framed(&Approval::new(trace, 10_000).bytes()));
    loop {
        let telegram = telegrams.next().expect("endless");
        if timeout(Duration::from_secs(1), client.try_raw(&telegram)).await.is_err() {
            break;
        }
    }
    client.vanish();
    eventually("the switch knows", || (metric(switch.admin, "switch_sessions") == 0.0).then_some(())).await;
    let undone = || count(&van.truth(), Event::NetCancelled);
    eventually("some are undone", || (undone() > 0).then_some(())).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    let undelivered = home.journal().iter().filter(|name| *name == "Undelivered").count();
    assert_eq!(undone(), undelivered);
    assert!(!van.live().is_empty(), "what was written stands: the terminal decides");
}

#[tokio::test]
async fn a_repeat_within_the_grace_gets_the_approval_and_keeps_it() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan { grace_ms: 20_000, ..Plan::van(&van) }).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    let approval = Approval::new(1, 10_000);
    client.send(std::slice::from_ref(&approval)).await;
    eventually("the request is at the VAN", || (van.held() == 1).then_some(())).await;
    client.vanish();
    eventually("the switch knows", || (metric(switch.admin, "switch_sessions") == 0.0).then_some(())).await;
    van.release(Order::FirstFirst).await;
    let undelivered = || home.journal().iter().any(|name| name == "Undelivered");
    eventually("it is undelivered", || undelivered().then_some(())).await;
    assert_eq!(home.open_payments(), 1);
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&approval).await.code(), "0000");
    eventually("nothing is open", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(events(&van.truth()), [Event::Approved]);
}

#[tokio::test]
async fn an_undelivered_approval_keeps_its_grace_over_a_restart() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan { grace_ms: 1_500, ..Plan::van(&van) }).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    client.send(&[Approval::new(1, 10_000)]).await;
    eventually("the request is at the VAN", || (van.held() == 1).then_some(())).await;
    client.vanish();
    eventually("the switch knows", || (metric(switch.admin, "switch_sessions") == 0.0).then_some(())).await;
    van.release(Order::FirstFirst).await;
    let undelivered = || home.journal().iter().any(|name| name == "Undelivered");
    eventually("it is undelivered", || undelivered().then_some(())).await;
    switch.kill();
    let switch = Switch::start(&home).await;
    eventually("it is undone", || (count(&van.truth(), Event::NetCancelled) == 1).then_some(())).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    switch.stop().await;
}

#[tokio::test]
async fn a_request_may_come_byte_by_byte_and_many_in_one_piece() {
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut client = Client::connect(switch.terminals).await;
    for byte in framed(&Approval::new(1, 10_000).bytes()) {
        client.raw(&[byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.receive().await.expect("an answer").code(), "0000");
    // One piece and a half, and then the rest.
    let two = [framed(&Approval::new(2, 10_000).bytes()), framed(&Approval::new(3, 10_000).bytes())].concat();
    let (most, rest) = two.split_at(two.len() - 300);
    client.raw(most).await;
    assert_eq!(client.receive().await.expect("an answer").trace(), 2);
    client.raw(rest).await;
    assert_eq!(client.receive().await.expect("an answer").trace(), 3);
}

#[tokio::test]
async fn a_terminal_that_waits_for_its_answer_is_not_idle_and_one_that_waits_for_nothing_is() {
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan { idle_timeout_s: 1, ..Plan::van(&van) }).await;
    let mut idle = Client::connect(switch.terminals).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    client.send(&[Approval::new(1, 10_000)]).await;
    eventually("the request is at the VAN", || (van.held() == 1).then_some(())).await;
    assert!(idle.receive().await.is_none());
    stays("its socket stays open", || !client.arrived()).await;
    van.release(Order::FirstFirst).await;
    assert_eq!(client.receive().await.expect("an answer").code(), "0000");
}

#[tokio::test]
async fn nonsense_on_a_socket_ends_its_reading_and_takes_no_answer_from_those_who_share_it() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan { grace_ms: 300, ..Plan::van(&van) }).await;
    // What stands behind the nonsense is not read.
    home.leaves(&[LooseEnd::Terminals]);
    let nonsense: [&[u8]; 2] = [b"GET / HTTP/1.1\r\n\r\n", &framed(&[b'x'; 60])];
    for (number, nonsense) in (1..).zip(nonsense) {
        let mut hub = Client::connect(switch.terminals).await;
        van.hold();
        let approvals = [Approval::new(number, 10_000), Approval::new(number, 20_000).terminal(2)];
        hub.send(&approvals).await;
        hub.raw(nonsense).await;
        hub.send(&[Approval::new(number, 30_000).terminal(3)]).await;
        eventually("both are at the VAN", || (van.held() == 2).then_some(())).await;
        stays("nothing behind the nonsense is", || van.held() == 2).await;
        van.release(Order::FirstFirst).await;
        assert!(hub.receive_all(2).await.iter().all(|answer| answer.code() == "0000"));
        assert!(hub.receive().await.is_none(), "then the switch closes");
    }
    assert_eq!(events(&van.truth()), [Event::Approved; 4]);
    assert!(!home.journal().iter().any(|name| name == "Undelivered"));
}

#[tokio::test]
async fn bytes_now_and_then_that_become_no_telegram_do_not_keep_a_socket() {
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan { idle_timeout_s: 1, ..Plan::van(&van) }).await;
    let client = Client::connect(switch.terminals).await;
    let (mut reading, mut writing) = client.stream.into_split();
    let mut answers = Vec::new();
    let ended = reading.read_to_end(&mut answers);
    let dripping = async {
        for byte in framed(&Approval::new(1, 10_000).bytes()) {
            // Refused once the switch has closed.
            if writing.write_all(&[byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        _ = ended => {}
        () = dripping => panic!("the telegram was taken whole"),
    }
    assert_eq!(van.truth(), []);
}

#[tokio::test]
async fn idle_sockets_do_not_keep_their_places_for_ever() {
    let van = acquirer("kovan", Script::default()).await;
    let toml = Plan { idle_timeout_s: 1, ..Plan::van(&van) }.toml();
    let home = Home::new(&toml.replacen("idle_timeout_s = 1", "idle_timeout_s = 1\nmax_connections = 2", 1));
    let switch = Switch::start(&home).await;
    let mut idle = vec![Client::connect(switch.terminals).await, Client::connect(switch.terminals).await];
    let both = || metric(switch.admin, "switch_sessions") >= 2.0;
    eventually("both places are taken", || both().then_some(())).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    for client in &mut idle {
        assert!(client.receive().await.is_none());
    }
}

#[tokio::test]
async fn without_descriptors_left_those_who_are_connected_are_served() {
    let van = acquirer("kovan", Script::default()).await;
    // Next to nothing is reserved: the listener takes them all.
    let home = Home::new(&format!("{}\n[limits]\ndescriptors_reserved = 1\n", Plan::van(&van).toml()));
    let switch = Switch::limited(&home, "ulimit -n 64").await;
    let mut first = Client::connect(switch.terminals).await;
    assert_eq!(first.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    let mut many = Vec::new();
    for _ in 0..100 {
        many.push(Client::connect(switch.terminals).await);
    }
    let told = || switch.log().contains("cannot accept a terminal");
    eventually("there are none left", || told().then_some(())).await;
    for trace in 2..100 {
        assert_eq!(first.ask(&Approval::new(trace, 10_000)).await.code(), "0000");
    }
    drop(many);
    let mut later = Client::connect(switch.terminals).await;
    assert_eq!(later.ask(&Approval::new(100, 10_000)).await.code(), "0000");
    assert_eq!(switch.log().matches("cannot accept a terminal").count(), 1, "told once a spell");
    eventually("the spell is over", || {
        // The next who comes after a while tells.
        drop(std::net::TcpStream::connect(switch.terminals));
        switch.log().contains("accepting terminals again").then_some(())
    })
    .await;
    switch.stop().await;
}

#[tokio::test]
async fn every_framing_carries_an_approval() {
    use codec::frame::{FrameFormat, Framing};
    for name in ["ascii4", "ascii4-inclusive", "binary2", "binary2-inclusive", "stx-lrc"] {
        let van = acquirer("kovan", Script::default()).await;
        let framing: Framing = name.parse().unwrap();
        let frame = FrameFormat::new(framing, 1, 9_000);
        let text = format!("[listen.terminals]\nframing = {name:?}");
        let home = Home::new(&Plan::van(&van).toml().replacen("[listen.terminals]", &text, 1));
        // Frames that our terminals do not write are read by the test itself.
        home.leaves(&[LooseEnd::Unheard]);
        let switch = Switch::start(&home).await;
        let mut client = Client::connect(switch.terminals).await;
        let mut bytes = bytes::BytesMut::new();
        for trace in 1..=3 {
            frame.encode(&Approval::new(trace, 10_000).bytes(), &mut bytes).unwrap();
        }
        client.raw(&bytes).await;
        let (mut input, mut answers) = (bytes::BytesMut::new(), 0);
        while answers < 3 {
            assert!(client.stream.read_buf(&mut input).await.unwrap() > 0, "{name}");
            while let Some(answer) = frame.decode(&mut input).unwrap() {
                assert_eq!(Answer(answer).code(), "0000", "{name}");
                answers += 1;
            }
        }
        switch.stop().await;
    }
}

#[tokio::test]
async fn a_terminal_that_does_not_read_loses_nothing_and_holds_up_nobody() {
    const REQUESTS: u32 = 6_000;
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan { links: 4, ..Plan::van(&van) }).await;
    // It writes and reads by itself.
    home.leaves(&[LooseEnd::Unheard]);
    let slow = Client::connect(switch.terminals).await;
    socket2::SockRef::from(&slow.stream).set_recv_buffer_size(65_536).unwrap();
    let (mut reading, mut writing) = slow.stream.into_split();
    let sending = tokio::spawn(async move {
        for trace in 1..=REQUESTS {
            let telegram = framed(&Approval::new(trace, 10_000).bytes());
            writing.write_all(&telegram).await.unwrap();
        }
        writing
    });
    // While it reads nothing, another is served.
    let mut other = Client::connect(switch.terminals).await;
    for trace in 1..=50 {
        assert_eq!(other.ask(&Approval::new(trace, 10_000).terminal(2)).await.code(), "0000");
    }
    let mut bytes = Vec::new();
    let answers = REQUESTS as usize * framed_answer_length();
    while bytes.len() < answers {
        assert!(reading.read_buf(&mut bytes).await.unwrap() > 0, "closed after {} bytes", bytes.len());
    }
    assert_eq!(bytes.len(), answers);
    drop(sending.await.unwrap());
    let approved = bytes.chunks(framed_answer_length()).filter(|answer| &answer[53..57] == b"0000").count();
    let live = van.live().len();
    assert_eq!(approved + 50, live, "what was approved was told");
    switch.stop().await;
}

fn framed_answer_length() -> usize {
    4 + telegram_replay::layout::Layout::embedded("terminal-0110").unwrap().length()
}
