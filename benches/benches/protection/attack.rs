//! Thousands of sockets that are idle or slow, and a flood of connections.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    task::JoinSet,
    time::{interval, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Lengths, median,
    newcomers::{Newcomers, visit},
    party::Party,
    table::{Measured, Row},
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
/// What each intruder that is there takes of this process: its socket and the switch's.
const DESCRIPTORS: usize = 2;

pub(crate) fn measure(lengths: Lengths) -> Measured {
    let world = World::start(Duration::ZERO, Duration::ZERO);
    let to = world.switch.address;
    let mut came = 0;
    let look = |came: &mut u32| {
        let newcomers = Newcomers::come(to, *came);
        let at_work = Work::steady(to, ONE, lengths.measured).done_well().p99_ms;
        let waits = newcomers.gone();
        *came += u32::try_from(waits.len()).expect("some hundred");
        (at_work, p99_ms(waits))
    };
    // The first connects and allocates.
    look(&mut came);
    let (mut at_work, mut newcomers, mut floods) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..lengths.pairs {
        let calm = look(&mut came);
        let intruders = Intruders::intrude(to, lengths.intruders, came);
        came += 1;
        let attacked = look(&mut came);
        floods.push(intruders.connected_a_second(lengths.measured));
        at_work.push((attacked.0, calm.0));
        newcomers.push((attacked.1, calm.1));
    }
    Measured {
        rows: vec![
            Row::of_pairs("attack: p99 of terminals at work", "without it", &at_work, 2.0),
            Row::of_pairs("attack: p99 of a newcomer's first answer", "without it", &newcomers, 4.0),
        ],
        note: format!(
            "attack: {} sockets, one in five slow and the others idle, and {:.0} connects/s; 100 newcomers/s; {} pairs of {:.1} s",
            lengths.intruders,
            median(floods),
            lengths.pairs,
            lengths.measured.as_secs_f64()
        ),
    }
}

fn p99_ms(mut waits: Vec<Duration>) -> f64 {
    waits.sort_unstable();
    let last = waits.len() - 1;
    waits[last - last / 100].as_secs_f64() * 1000.0
}

/// They stay until this is dropped.
struct Intruders {
    _party: Party,
    /// Of the flood, so far.
    connects: Arc<AtomicUsize>,
}

impl Intruders {
    /// Comes back when so many sockets are there and accepted, as the answer to a newcomer of this number shows; the flood begins a
    /// moment later.
    fn intrude(to: SocketAddr, count: usize, newcomer: u32) -> Self {
        let connects = Arc::new(AtomicUsize::new(0));
        let counted = connects.clone();
        let party = Party::start("intruders", async move |tell, stop| {
            let sockets = occupy(to, count).await;
            visit(to, newcomer).await;
            tell.send(to).expect("its starter waits for it");
            // The terminals at work are there before: what is measured is their work, and no connection of theirs.
            sleep(CONNECTED).await;
            flood(to, &counted, stop).await;
            drop(sockets);
        });
        Self { _party: party, connects }
    }

    #[expect(clippy::cast_precision_loss, reason = "some ten thousand")]
    fn connected_a_second(&self, time: Duration) -> f64 {
        self.connects.load(Ordering::Relaxed) as f64 / time.saturating_sub(CONNECTED).as_secs_f64()
    }
}

/// Sockets that stay; one in five of them sends a byte now and then.
async fn occupy(to: SocketAddr, count: usize) -> JoinSet<()> {
    let mut sockets = JoinSet::new();
    for number in 0..count {
        let connected = TcpStream::connect(to).await;
        let mut stream = connected.unwrap_or_else(|error| {
            panic!("intruder {number} of {count} needs {DESCRIPTORS} descriptors of this process: {error}")
        });
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

async fn flood(to: SocketAddr, connects: &AtomicUsize, stop: CancellationToken) {
    let mut waves = interval(WAVE_EVERY);
    let mut open = Vec::new();
    while !stop.is_cancelled() {
        waves.tick().await;
        open.clear();
        for _ in 0..WAVE {
            open.extend(TcpStream::connect(to).await);
        }
        connects.fetch_add(open.len(), Ordering::Relaxed);
    }
}
