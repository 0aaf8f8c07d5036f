//! Listeners are renamed and moved by a reload, also to addresses that the switch itself gives up by it.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::BytesMut;
use codec::frame::{FrameFormat, Framing};
use telegram_replay::acquirer::{Acquirer, Order, Script};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    reload::{keeps, reloads},
    support::{Answer, Approval, Client, Home, Plan, Switch, acquirer, eventually, switch_command},
};

/// A switch with a listener "terminals", and "second" whose frames are other ones.
async fn with_two() -> (Acquirer, Home, Switch, [SocketAddr; 2]) {
    let van = acquirer("kovan", Script::default()).await;
    let free = ([127, 0, 0, 1], 0).into();
    let home = Home::new(&two(&van, [free, free]));
    let switch = Switch::start(&home).await;
    let addresses = [switch.terminals, switch.listener("second")];
    (van, home, switch, addresses)
}

fn two(van: &Acquirer, [terminals, second]: [SocketAddr; 2]) -> String {
    let second = format!(
        "[listen.second]\naddress = \"{second}\"\nframing = \"ascii4-inclusive\"\ntelegrams_per_s = 0\n"
    );
    listening(&Plan::van(van).toml(), terminals) + &second
}

/// The configuration with its listener "terminals" there.
fn listening(configuration: &str, address: SocketAddr) -> String {
    configuration.replacen("address = \"127.0.0.1:0\"", &format!("address = \"{address}\""), 1)
}

async fn approves(client: &mut Client, trace: u32) {
    assert_eq!(client.ask(&Approval::new(trace, 10_000)).await.code(), "0000");
}

/// Answers by the frames of "second".
async fn is_second(address: SocketAddr) {
    let frame = FrameFormat::new(Framing::Ascii4Inclusive, 1, 9999);
    let (mut stream, mut bytes) = (TcpStream::connect(address).await.unwrap(), BytesMut::new());
    let stranger = Approval::new(1, 10_000).with("header.terminal_id", "9999999999");
    frame.encode(&stranger.bytes(), &mut bytes).unwrap();
    stream.write_all(&bytes).await.unwrap();
    bytes.clear();
    let answer = loop {
        if let Some(answer) = frame.decode(&mut bytes).unwrap() {
            break answer;
        }
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "it is answered");
    };
    assert_eq!(Answer(answer).code(), "9002");
}

fn refuses(address: SocketAddr) -> bool {
    std::net::TcpStream::connect(address).is_err()
}

#[tokio::test]
async fn a_listener_under_another_name_keeps_its_address() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan::van(&van);
    let (home, switch) = Switch::of(&plan).await;
    let mut old = Client::connect(switch.terminals).await;
    approves(&mut old, 1).await;
    let renamed = listening(&plan.toml(), switch.terminals).replacen("[listen.terminals]", "[listen.pos]", 1);
    reloads(&home, &renamed).await;
    approves(&mut Client::connect(switch.terminals).await, 2).await;
    assert!(old.receive().await.is_none(), "who came by the old name leaves with it");
    // And back, by a signal.
    home.configure(&listening(&plan.toml(), switch.terminals));
    switch.signal("-HUP");
    let back = || (switch.log().matches("configuration reloaded").count() == 2).then_some(());
    eventually("it is reloaded", back).await;
    approves(&mut Client::connect(switch.terminals).await, 3).await;
    switch.stop().await;
}

#[tokio::test]
async fn nobody_is_refused_while_listeners_change_their_names_and_swap_their_addresses() {
    let (van, home, switch, [one, other]) = with_two().await;
    let is_over = Arc::new(AtomicBool::new(false));
    let connecting = [one, other].map(|address| {
        let is_over = Arc::clone(&is_over);
        tokio::spawn(async move {
            let mut connected = 0;
            while !is_over.load(Ordering::Relaxed) {
                let mut stream = TcpStream::connect(address).await.expect("somebody listens there");
                // Too short for a telegram by any frame: whoever is there hangs up.
                let _ = stream.write_all(b"0001x").await;
                let _ = stream.read(&mut [0]).await;
                connected += 1;
            }
            connected
        })
    });
    for turn in 0..6 {
        let (name, addresses) =
            if turn % 2 == 0 { ("[listen.pos]", [other, one]) } else { ("[listen.terminals]", [one, other]) };
        reloads(&home, &two(&van, addresses).replacen("[listen.terminals]", name, 1)).await;
    }
    is_over.store(true, Ordering::Relaxed);
    for connecting in connecting {
        assert!(connecting.await.unwrap() > 0);
    }
    approves(&mut Client::connect(one).await, 1).await;
    is_second(other).await;
    switch.stop().await;
}

#[tokio::test]
async fn who_waits_for_a_place_is_served_when_the_listener_moves_or_gets_another_name() {
    for name in ["[listen.terminals]", "[listen.pos]"] {
        let van = acquirer("kovan", Script::default()).await;
        let plan = Plan::van(&van);
        let one_place =
            plan.toml().replacen("[listen.terminals]", "[listen.terminals]\nmax_connections = 1", 1);
        let home = Home::new(&one_place);
        let switch = Switch::start(&home).await;
        van.hold();
        let mut seated = Client::connect(switch.terminals).await;
        seated.send(&[Approval::new(1, 10_000)]).await;
        eventually("who has the place waits for the VAN", || (van.held() == 1).then_some(())).await;
        let mut waiting = Client::connect(switch.terminals).await;
        eventually("the other is accepted", || (accepted(switch.terminals) == 2).then_some(())).await;
        let to = match name {
            "[listen.pos]" => switch.terminals,
            _ => TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap(),
        };
        reloads(&home, &listening(&one_place, to).replacen("[listen.terminals]", name, 1)).await;
        waiting.send(&[Approval::new(2, 10_000)]).await;
        eventually("both wait for the VAN", || (van.held() == 2).then_some(())).await;
        van.release(Order::FirstFirst).await;
        assert_eq!(seated.receive().await.expect("it is answered").code(), "0000");
        assert_eq!(waiting.receive().await.expect("it is answered, too").code(), "0000");
        switch.stop().await;
    }
}

/// How many connections that came to that address a process has accepted and holds, by what the kernel says.
fn accepted(address: SocketAddr) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let port = |address: &str| u16::from_str_radix(address.rsplit_once(':')?.1, 16).ok();
    let is_accepted = |line: &&str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [_, local, _, state, _, _, _, _, _, inode, ..] = fields[..] else { return false };
        // One that still waits in the backlog has no inode.
        port(local) == Some(address.port()) && state == "01" && inode != "0"
    };
    table.lines().filter(is_accepted).count()
}

#[tokio::test]
async fn two_listeners_swap_their_addresses_and_who_is_connected_stays() {
    let (van, home, switch, [one, other]) = with_two().await;
    let mut client = Client::connect(one).await;
    approves(&mut client, 1).await;
    is_second(other).await;
    reloads(&home, &two(&van, [other, one])).await;
    approves(&mut client, 2).await;
    approves(&mut Client::connect(other).await, 3).await;
    is_second(one).await;
    reloads(&home, &two(&van, [one, other])).await;
    approves(&mut client, 4).await;
    approves(&mut Client::connect(one).await, 5).await;
    is_second(other).await;
    switch.stop().await;
}

#[tokio::test]
async fn a_listener_goes_over_to_every_address_of_its_port_and_back() {
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan::van(&van);
    let (home, switch) = Switch::of(&plan).await;
    let narrow = switch.terminals;
    let wide = SocketAddr::from(([0, 0, 0, 0], narrow.port()));
    let elsewhere = SocketAddr::from(([127, 0, 0, 2], narrow.port()));
    assert!(refuses(elsewhere));
    let mut client = Client::connect(narrow).await;
    for (trace, to) in (1..).step_by(10).zip([wide, narrow, wide]) {
        reloads(&home, &listening(&plan.toml(), to)).await;
        approves(&mut client, trace).await;
        approves(&mut Client::connect(narrow).await, trace + 1).await;
        let is_open = || (refuses(elsewhere) == (to == narrow)).then_some(());
        eventually("it listens there alone", is_open).await;
    }
    // Nobody else got in while both were open.
    assert!(TcpListener::bind(narrow).is_err() && TcpListener::bind(wide).is_err());
    switch.stop().await;
}

#[tokio::test]
async fn who_came_by_an_address_a_listener_had_before_leaves_with_the_listener() {
    let (van, home, switch, [one, _]) = with_two().await;
    let mut client = Client::connect(one).await;
    approves(&mut client, 1).await;
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    reloads(&home, &listening(&Plan::van(&van).toml(), free)).await;
    approves(&mut client, 2).await;
    let renamed = Plan::van(&van).toml().replacen("[listen.terminals]", "[listen.pos]", 1);
    reloads(&home, &listening(&renamed, free)).await;
    assert!(client.receive().await.is_none(), "it is closed");
    switch.stop().await;
}

#[tokio::test]
async fn a_reload_that_fails_in_its_last_step_leaves_every_listener_as_it_was() {
    let (van, home, switch, [one, other]) = with_two().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    // Swapped, and a third whose address somebody else has.
    let third = format!("[listen.third]\naddress = \"{}\"\n", taken.local_addr().unwrap());
    keeps(&home, &switch, &(two(&van, [other, one]) + &third), "(listen.third): Address already in use")
        .await;
    approves(&mut Client::connect(one).await, 1).await;
    is_second(other).await;
    // A wide one that is open already when the third cannot be opened.
    let wide = SocketAddr::from(([0, 0, 0, 0], one.port()));
    keeps(&home, &switch, &(two(&van, [wide, other]) + &third), "(listen.third): Address already in use")
        .await;
    assert!(refuses(SocketAddr::from(([127, 0, 0, 2], one.port()))));
    approves(&mut Client::connect(one).await, 2).await;
    is_second(other).await;
    drop(taken);
    reloads(&home, &(two(&van, [other, one]) + &third)).await;
    approves(&mut Client::connect(other).await, 3).await;
    is_second(one).await;
    switch.stop().await;
}

#[tokio::test]
async fn an_address_that_this_switch_itself_holds_on_to_is_told_so() {
    let (van, home, switch, [one, other]) = with_two().await;
    let free = "127.0.0.1:0".parse().unwrap();
    let wide = SocketAddr::from(([0, 0, 0, 0], other.port()));
    let held = format!(
        "cannot listen on {wide} (listen.terminals): this switch itself listens on {other} (listen.second) and goes on to"
    );
    keeps(&home, &switch, &two(&van, [wide, free]), &held).await;
    let admin = switch.admin;
    let held = format!(
        "cannot listen on {admin} (listen.terminals): this switch itself listens on {admin} (admin.address)"
    );
    keeps(&home, &switch, &two(&van, [admin, free]), &held).await;
    approves(&mut Client::connect(one).await, 1).await;
    switch.stop().await;
}

#[tokio::test]
async fn two_listeners_with_one_address_are_found_before_anything_is_tried() {
    let (van, home, switch, [one, _]) = with_two().await;
    home.configure(&two(&van, [one, one]));
    let ran = switch_command(&home, &["check"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told = format!("expected an address of its own, found \"{one}\", which is listen.second.address too");
    keeps(&home, &switch, &two(&van, [one, one]), &told).await;
    approves(&mut Client::connect(one).await, 1).await;
    switch.stop().await;
}
