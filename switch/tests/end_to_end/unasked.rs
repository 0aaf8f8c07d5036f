//! An acquirer that brings answers by the thousand that nobody waits for.

use std::net::SocketAddr;

use telegram_replay::acquirer::Script;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::support::{Approval, Client, LooseEnd, Plan, Switch, acquirer, direct, get};

/// A telegram of KOVAN with its length before it, and where in it the serial stands that it answers.
const REPLY: usize = 4 + 225;
const SERIAL: std::ops::Range<usize> = 4 + 125..4 + 125 + 12;

/// What each of two links may bring at once.
const AT_ONCE: usize = 5_000;

/// Where a VAN can be reached that adds to its first answer as many to other serials as are taken.
async fn flooding(van: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut links = JoinSet::new();
        while let Ok((link, _)) = listener.accept().await {
            links.spawn(flood(link, van));
        }
    });
    address
}

async fn flood(mut link: TcpStream, van: SocketAddr) {
    let mut van = TcpStream::connect(van).await.unwrap();
    let (mut requests, mut replies) = link.split();
    let (mut answers, mut asked) = van.split();
    let answering = async {
        let mut reply = [0; REPLY];
        answers.read_exact(&mut reply).await?;
        replies.write_all(&reply).await?;
        for nth in 0_u64.. {
            // None the switch has come to.
            let serial = 500_000 + nth % 500_000;
            let serial = serial.to_string();
            reply[SERIAL.end - 6..SERIAL.end].copy_from_slice(serial.as_bytes());
            replies.write_all(&reply).await?;
        }
        Ok::<_, std::io::Error>(())
    };
    tokio::select! {
        _ = tokio::io::copy(&mut requests, &mut asked) => {}
        _ = answering => {}
    }
}

#[tokio::test]
async fn an_acquirer_that_floods_harms_no_payment_of_another_and_nothing_it_brought_is_dropped() {
    let (van, company) =
        (acquirer("kovan", Script::default()).await, acquirer("card450", Script::default()).await);
    let vans = vec![("kovan", flooding(van.local_addr()).await, 1)];
    let (home, switch) = Switch::of(&Plan { vans, ..Plan::van(&van) }.with_direct(&company)).await;
    // Its answers come by another address.
    home.leaves(&[LooseEnd::Acquirers]);
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_000)).await.code(), "0000");

    let is_slowed = || {
        let (_, metrics) = get(switch.admin, "/metrics");
        metrics.contains(r#"switch_acquirer_floods_total{acquirer="kovan"} 1"#)
    };
    let mut trace = 1;
    while !is_slowed() {
        trace += 1;
        assert!(trace < 10_000, "the flood is never slowed down");
        assert_eq!(client.ask(&direct(trace, 10_000)).await.code(), "0000");
    }
    for trace in trace + 1..trace + 20 {
        assert_eq!(client.ask(&direct(trace, 10_000)).await.code(), "0000");
    }
    let unknown = home.journal().iter().filter(|name| *name == "UnknownAnswer").count();
    assert!((AT_ONCE / 2..3 * AT_ONCE).contains(&unknown), "{unknown} are noted, and no more than are taken");
    assert!(switch.log().contains("the link is read slowly"));
    switch.stop().await;
}
