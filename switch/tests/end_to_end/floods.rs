//! Sockets by the hundred that are slow, idle or nobody's, and terminals that take no answers. Whoever works is served.

use std::{fs, net::SocketAddr, time::Duration};

use telegram_replay::acquirer::{Acquirer, Event, Script};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::sleep,
};

use crate::support::{
    ACK, Approval, Client, EOT, Handshake, Home, LooseEnd, Plan, Said, Switch, Telegram, acquirer, count,
    eventually, framed, metric, switch_command,
};

/// A VAN, and a switch whose listener "terminals" has these lines, with these at the end of its configuration.
async fn switch(change: impl FnOnce(Plan) -> Plan, listen: &str, end: &str) -> (Acquirer, Home, Switch) {
    let van = acquirer("kovan", Script::default()).await;
    let home = home(&van, change, listen, end);
    let switch = Switch::start(&home).await;
    (van, home, switch)
}

fn home(van: &Acquirer, change: impl FnOnce(Plan) -> Plan, listen: &str, end: &str) -> Home {
    let toml = change(Plan::van(van)).toml();
    Home::new(&format!(
        "{}\n{end}",
        toml.replacen("[listen.terminals]", &format!("[listen.terminals]\n{listen}"), 1)
    ))
}

/// The value of a metric that is a whole number.
fn whole(switch: &Switch, name: &str) -> u32 {
    metric(switch.admin, name).to_string().parse().expect("a whole number")
}

fn ended(switch: &Switch, reason: &str) -> u32 {
    whole(switch, &format!(r#"switch_sessions_ended_total{{reason="{reason}"}}"#))
}

async fn connect(switch: &Switch, count: usize) -> Vec<Client> {
    let mut clients = Vec::with_capacity(count);
    for _ in 0..count {
        clients.push(Client::connect(switch.terminals).await);
    }
    clients
}

#[tokio::test]
async fn hundreds_of_slow_and_idle_sockets_hold_up_no_terminal_and_are_closed() {
    let lines = "frame_timeout_ms = 700";
    let (_van, _home, switch) = switch(|plan| Plan { idle_timeout_s: 2, ..plan }, lines, "").await;
    let idle = connect(&switch, 300).await;
    let telegram = framed(&Approval::new(1, 10_000).bytes());
    let mut slow = Vec::new();
    for _ in 0..300 {
        let mut client = Client::connect(switch.terminals).await;
        // At once, or on a busy machine it would be closed as idle.
        client.raw(&telegram[..1]).await;
        slow.push(client);
    }
    let mut client = Client::connect(switch.terminals).await;
    let mut drops = telegram[1..].chunks(1);
    let mut trace = 0;
    let closed = || ended(&switch, "idle") == 300 && ended(&switch, "unfinished") == 300;
    while !closed() {
        trace += 1;
        assert_eq!(client.ask(&Approval::new(trace, 10_000)).await.code(), "0000");
        let byte = drops.next().expect("more bytes than it takes drops to be closed");
        for client in &mut slow {
            // Refused once the switch has closed.
            let _ = client.stream.try_write(byte);
        }
    }
    drop((idle, slow));
    assert_eq!(client.ask(&Approval::new(trace + 1, 10_000)).await.code(), "0000");
    eventually("only it is left", || (whole(&switch, "switch_sessions") <= 1).then_some(())).await;
    switch.stop().await;
}

#[tokio::test]
async fn at_the_limit_strangers_make_room_and_terminals_at_work_keep_their_places() {
    let (_van, _home, switch) = switch(|plan| plan, "max_connections = 20", "").await;
    let mut working = connect(&switch, 3).await;
    for (number, client) in (1..).zip(&mut working) {
        assert_eq!(client.ask(&Approval::new(1, 10_000).terminal(number)).await.code(), "0000");
    }
    let strangers = connect(&switch, 40).await;
    // One that comes after all of them is served, too.
    let mut late = Client::connect(switch.terminals).await;
    assert_eq!(late.ask(&Approval::new(1, 10_000).terminal(4)).await.code(), "0000");
    assert!(ended(&switch, "made-room") >= 24, "{}", ended(&switch, "made-room"));
    assert!(whole(&switch, "switch_sessions") <= 20);
    assert_eq!(whole(&switch, r#"switch_connections_limit{listener="terminals"}"#), 20);
    for (number, client) in (1..).zip(&mut working) {
        assert_eq!(client.ask(&Approval::new(2, 10_000).terminal(number)).await.code(), "0000");
    }
    drop(strangers);
    switch.stop().await;
}

#[tokio::test]
async fn terminals_leave_links_and_store_their_descriptors() {
    let van = acquirer("kovan", Script::default()).await;
    let home = home(&van, |plan| plan, "", "[limits]\ndescriptors_reserved = 40");
    let switch = Switch::limited(&home, "ulimit -n 100").await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");
    assert!(switch.log().contains("too few descriptors"), "said at once");
    let many = connect(&switch, 150).await;
    let full = || whole(&switch, "switch_sessions") >= 60;
    eventually("all places are taken", || full().then_some(())).await;
    // New links need descriptors, and so does the metrics' page.
    van.drop_connections();
    let up = || switch.log().matches("link up").count() >= 4;
    eventually("the links are up again", || up().then_some(())).await;
    assert_eq!(client.ask(&Approval::new(2, 10_000)).await.code(), "0000");
    assert!(!switch.log().contains("cannot accept a terminal"));
    drop(many);
    switch.stop().await;
}

#[tokio::test]
async fn an_idle_terminal_costs_the_switch_at_most_eight_kib() {
    const MANY: u32 = 1_500;
    let (_van, _home, switch) = switch(|plan| plan, "", "").await;
    let mut all = Vec::new();
    let mut resident = Vec::new();
    for count in [300, MANY] {
        for mut client in connect(&switch, count as usize).await {
            let echo = Telegram::network(1, "301");
            assert_eq!(client.ask(&echo).await.code(), "0000");
            all.push(client);
        }
        resident.push(resident_kib(&switch));
    }
    let each = f64::from(resident[1] - resident[0]) / f64::from(MANY);
    assert!(each <= 8.0, "{each} KiB each: {resident:?}");
    assert_eq!(whole(&switch, "switch_sessions"), 300 + MANY);
}

fn resident_kib(switch: &Switch) -> u32 {
    let status = fs::read_to_string(format!("/proc/{}/status", switch.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of Linux");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn a_terminal_that_never_reads_is_closed_and_what_never_left_for_it_is_net_cancelled() {
    let lines = "write_timeout_ms = 500";
    let (van, home, switch) = switch(|plan| Plan { grace_ms: 300, ..plan }, lines, "").await;
    // It writes by itself, and reads nothing.
    home.leaves(&[LooseEnd::Unheard]);
    let client = Client::connect(switch.terminals).await;
    socket2::SockRef::from(&client.stream).set_recv_buffer_size(4096).unwrap();
    let mut other = Client::connect(switch.terminals).await;
    let (_reading, mut writing) = client.stream.into_split();
    let sending = tokio::spawn(async move {
        for trace in 1.. {
            let telegram = framed(&Approval::new(trace, 10_000).bytes());
            if tokio::io::AsyncWriteExt::write_all(&mut writing, &telegram).await.is_err() {
                return trace;
            }
        }
        0
    });
    let closed = || ended(&switch, "not-taken") == 1;
    eventually("it is closed", || closed().then_some(())).await;
    assert!(sending.await.unwrap() > 1);
    assert_eq!(other.ask(&Approval::new(1, 10_000).terminal(2)).await.code(), "0000");
    let undone = || count(&van.truth(), Event::NetCancelled);
    eventually("some are undone", || (undone() > 0).then_some(())).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    let undelivered = home.journal().iter().filter(|name| *name == "Undelivered").count();
    assert_eq!(undone(), undelivered);
    assert!(van.live().len() > 1, "what was written stands: the terminal decides");
    switch.stop().await;
}

/// Who comes again and again: sends these bytes, reads nothing but the end, and comes back at once. Ends with the set.
fn flood(to: SocketAddr, sockets: usize, bytes: &[u8]) -> JoinSet<()> {
    let mut flood = JoinSet::new();
    for _ in 0..sockets {
        let bytes = bytes.to_vec();
        flood.spawn(async move {
            loop {
                let Ok(mut stream) = TcpStream::connect(to).await else { return };
                if stream.write_all(&bytes).await.is_ok() {
                    let mut heard = [0; 256];
                    while matches!(stream.read(&mut heard).await, Ok(1..)) {}
                }
            }
        });
    }
    flood
}

#[tokio::test]
async fn a_terminal_that_connects_during_a_flood_gets_in() {
    let (_van, _home, switch) = switch(|plan| plan, "max_connections = 20", "").await;
    let mut stranger =
        framed(&Approval::new(1, 10_000).with("header.terminal_id", "9999999999").bytes()).to_vec();
    stranger.truncate(100);
    // Those of whom nothing comes, and those that stop in the middle.
    for bytes in [&b""[..], &stranger] {
        let flood = flood(switch.terminals, 40, bytes);
        eventually("the places are taken", || (whole(&switch, "switch_sessions") >= 20).then_some(())).await;
        for trace in 1..=3 {
            let mut client = Client::connect(switch.terminals).await;
            let number = trace + 10 * u32::from(bytes.is_empty());
            assert_eq!(client.ask(&Approval::new(number, 10_000)).await.code(), "0000");
        }
        drop(flood);
    }
    switch.stop().await;
}

#[tokio::test]
async fn who_speaks_for_one_terminal_on_every_socket_keeps_no_other_out() {
    let (_van, _home, switch) = switch(|plan| plan, "max_connections = 20", "").await;
    let good = framed(&Telegram::network(1, "301").bytes());
    let mut flood = JoinSet::new();
    for _ in 0..24 {
        let (to, good) = (switch.terminals, good.clone());
        flood.spawn(async move {
            loop {
                let mut stream = TcpStream::connect(to).await.expect("the switch listens");
                let mut heard = [0; 1024];
                while stream.write_all(&good).await.is_ok()
                    && matches!(stream.read(&mut heard).await, Ok(1..))
                {
                    // No terminal is idle that says so much.
                    sleep(Duration::from_millis(500)).await;
                }
            }
        });
    }
    eventually("the places are taken", || (whole(&switch, "switch_sessions") >= 20).then_some(())).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000).terminal(2)).await.code(), "0000");
    assert!(
        ended(&switch, "made-room") >= 5,
        "those who were there before, and wait: {}",
        ended(&switch, "made-room")
    );
    drop(flood);
    switch.stop().await;
}

#[tokio::test]
async fn a_slow_terminal_with_handshake_is_served_among_silent_connections() {
    let (_van, home, switch) = switch(|plan| Plan { handshake: Some(10_000), ..plan }, "", "").await;
    let text = fs::read_to_string(home.config()).unwrap();
    home.configure(&text.replacen("[listen.handshake]", "[listen.handshake]\nmax_connections = 10", 1));
    assert_eq!(switch_command(&home, &["reload"]).await.code, Some(0));
    let to = switch.listener("handshake");
    let flood = flood(to, 20, b"");
    // A listener of ten may have nine where another wants more than there are descriptors.
    let limit = || whole(&switch, "switch_sessions") >= 9;
    eventually("the places are taken", || limit().then_some(())).await;
    let approval = Approval::new(1, 10_000);
    let mut line = Handshake::connect(to).await;
    // Some seconds for a telegram: longer than anybody may say nothing.
    for part in in_parts(&approval, 20) {
        line.raw(&part).await;
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(line.answer().await.code(), "0000");
    line.say(ACK).await;
    line.expect(EOT).await;
    drop(flood);
    assert!(ended(&switch, "made-room") >= 10, "others made room: {}", ended(&switch, "made-room"));
    switch.stop().await;
}

/// A telegram as a handshake frames it, in so many parts.
fn in_parts(telegram: &impl Said, parts: usize) -> Vec<Vec<u8>> {
    let frame = codec::frame::FrameFormat::new(codec::frame::Framing::StxLrc, 1, 9_999);
    let mut bytes = bytes::BytesMut::new();
    frame.encode(&telegram.bytes(), &mut bytes).unwrap();
    bytes.chunks(bytes.len().div_ceil(parts)).map(<[u8]>::to_vec).collect()
}

#[tokio::test]
async fn strangers_that_were_refused_on_a_listener_with_handshake_keep_no_terminal_out() {
    let (_van, home, switch) = switch(|plan| Plan { handshake: Some(60_000), ..plan }, "", "").await;
    let text = fs::read_to_string(home.config()).unwrap();
    home.configure(&text.replacen("[listen.handshake]", "[listen.handshake]\nmax_connections = 10", 1));
    assert_eq!(switch_command(&home, &["reload"]).await.code, Some(0));
    let to = switch.listener("handshake");
    let stranger = Approval::new(1, 10_000).with("header.terminal_id", "9999999999");
    let flood = flood(to, 20, &in_parts(&stranger, 1)[0]);
    // A listener of ten may have nine where another wants more than there are descriptors.
    let limit = || whole(&switch, "switch_sessions") >= 9;
    eventually("the places are taken", || limit().then_some(())).await;
    for trace in 1..=3 {
        let answer = Handshake::exchange(to, &Approval::new(trace, 10_000)).await;
        assert_eq!(answer.code(), "0000");
    }
    drop(flood);
    switch.stop().await;
}

#[tokio::test]
async fn a_listener_that_moves_has_no_more_places_than_before() {
    let (_van, home, switch) = switch(|plan| plan, "max_connections = 10", "").await;
    let mut before = connect(&switch, 10).await;
    for (number, client) in (1..).zip(&mut before) {
        assert_eq!(client.ask(&Approval::new(1, 10_000).terminal(number)).await.code(), "0000");
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = fs::read_to_string(home.config()).unwrap();
    home.configure(&text.replacen("address = \"127.0.0.1:0\"", &format!("address = \"{free}\""), 1));
    let ran = switch_command(&home, &["reload"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // Terminals at work keep their places; who comes by the new address waits until one of them has been idle for long.
    let mut client = Client::connect(free).await;
    client.send(&[Approval::new(2, 10_000).terminal(11)]).await;
    assert_eq!(client.receive().await.expect("an answer").code(), "0000");
    assert_eq!(ended(&switch, "made-room"), 1, "one of those who came by the old address");
    assert!(whole(&switch, "switch_sessions") <= 10);
    switch.stop().await;
}
