//! Thousands of sockets that are idle or slow, and a flood of connections.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    task::JoinSet,
    time::{interval, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Lengths, median,
    party::Party,
    work::Work,
    world::{ONE, World},
};

/// What terminals at work need to connect, at most.
const CONNECTED: Duration = Duration::from_millis(200);
/// Between two bytes of a slow socket.
const DROP_EVERY: Duration = Duration::from_secs(5);
/// Connections of the flood: so many every [`WAVE_EVERY`], each open for about as long.
const WAVE: usize = 20;
const WAVE_EVERY: Duration = Duration::from_millis(10);

pub(crate) fn measure(lengths: Lengths) -> String {
    let world = World::start(Duration::ZERO, Duration::ZERO);
    let to = world.switch.address;
    let work = Work::steady(to, ONE, lengths.measured);
    // The first connects and allocates.
    work.done_well();
    let (mut calm, mut attacked, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..lengths.pairs {
        calm.push(work.done_well().p99_ms);
        let intruders = Party::start("intruders", async move |tell, stop| {
            tell.send(to).expect("its starter waits for it");
            // The terminals are there before: what is measured is their work, and no connection of theirs.
            sleep(CONNECTED).await;
            let sockets = intrude(to, lengths.intruders).await;
            flood(to, stop).await;
            drop(sockets);
        });
        attacked.push(work.done_well().p99_ms);
        drop(intruders);
        ratios.push(attacked[attacked.len() - 1] / calm[calm.len() - 1]);
    }
    format!(
        "attack: p99 of terminals at work {:.1} ms, {:.2} of {:.1} ms without it ({} idle or slow sockets, {} connects/s; {} pairs)",
        median(attacked),
        median(ratios),
        median(calm),
        lengths.intruders,
        WAVE * 1000 / usize::try_from(WAVE_EVERY.as_millis()).expect("a few"),
        lengths.pairs
    )
}

/// Sockets that stay; one in five of them sends a byte now and then.
async fn intrude(to: SocketAddr, count: usize) -> JoinSet<()> {
    let mut sockets = JoinSet::new();
    for number in 0..count {
        let Ok(mut stream) = TcpStream::connect(to).await else { continue };
        sockets.spawn(async move {
            if number % 5 > 0 {
                sleep(Duration::MAX).await;
            }
            for byte in b"0728".iter().chain([b'0'; 728].iter()) {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                sleep(DROP_EVERY).await;
            }
        });
    }
    sockets
}

async fn flood(to: SocketAddr, stop: CancellationToken) {
    let mut waves = interval(WAVE_EVERY);
    let mut open = Vec::new();
    while !stop.is_cancelled() {
        waves.tick().await;
        open.clear();
        for _ in 0..WAVE {
            open.extend(TcpStream::connect(to).await);
        }
    }
}
