//! A TCP proxy that does to a line what networks do: it delays, slices, swallows, cuts, refuses, doubles and spoils.
//!
//! What it does can be changed at any time, for connections that are open too. Nothing it swallowed is ever sent after all: a connection that lost
//! bytes is reset when the line heals, as a firewall does that forgot it.

mod pump;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use codec::frame::FrameFormat;
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::pump::{Broken, Direction, pump};
use crate::chance::Chance;

/// What a line suffers from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Everything takes up to so long more, each piece a different time; nothing overtakes anything.
    Latency {
        /// At most.
        up_to: Duration,
    },
    /// Bytes leave a few at a time, often one.
    Slicing,
    /// What the client says is swallowed.
    BlackHoleForth,
    /// What the server says is swallowed.
    BlackHoleBack,
    /// Both sockets stay open and nothing is read any more.
    HalfOpen,
    /// Connections are reset: those there are at once, new ones after a moment.
    Reset,
    /// Connections are refused: a new one is closed at once. Those there are live on.
    Refuse,
    /// Connections are reset every so often, and can be made again at once.
    Flapping {
        /// How often.
        every: Duration,
    },
    /// At most so many bytes a second in each direction.
    Bandwidth {
        /// How many.
        bytes_per_s: u32,
    },
    /// Every so many answers, one comes twice. Only on a line whose frames are known.
    Duplicates {
        /// How many.
        one_in: u64,
    },
    /// Every so many answers, the highest bit of one of its bytes is set: what is corrupted so can be told from any telegram, as it can behind TLS or TCP's
    /// checksum. Where frames are not known, of one of its pieces, as they come.
    Corruption {
        /// How many.
        one_in: u64,
    },
}

/// A proxy in front of one server. Dropped, it closes everything.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    fault: watch::Sender<Fault>,
    target: watch::Sender<Option<SocketAddr>>,
    counts: Arc<Counts>,
    stopping: CancellationToken,
}

/// What a proxy did, for the report.
#[derive(Debug, Default)]
pub struct Counts {
    /// Connections that were made.
    pub connections: AtomicU64,
    /// Connections that were reset.
    pub resets: AtomicU64,
    /// Connections that were refused.
    pub refused: AtomicU64,
    /// Answers sent twice.
    pub duplicates: AtomicU64,
    /// Answers spoilt.
    pub corrupted: AtomicU64,
    /// Bytes swallowed.
    pub swallowed: AtomicU64,
    /// Times a direction of a connection stood still.
    pub stalled: AtomicU64,
}

/// What every connection of a proxy needs.
#[derive(Clone)]
struct Shared {
    fault: watch::Receiver<Fault>,
    target: watch::Receiver<Option<SocketAddr>>,
    frame: Option<FrameFormat>,
    counts: Arc<Counts>,
    stopping: CancellationToken,
}

impl Proxy {
    /// A proxy at a free port, in front of nobody yet. Where the frames of the answers are known, they can be doubled and spoilt.
    ///
    /// # Errors
    /// No port is free.
    pub fn start(seed: u64, number: u64, frame: Option<FrameFormat>) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let listener = socket.listen(1024)?;
        let address = listener.local_addr()?;
        let (fault, faults) = watch::channel(Fault::None);
        let (target, targets) = watch::channel(None);
        let (counts, stopping) = (Arc::new(Counts::default()), CancellationToken::new());
        let shared = Shared {
            fault: faults,
            target: targets,
            frame,
            counts: Arc::clone(&counts),
            stopping: stopping.clone(),
        };
        tokio::spawn(accept(listener, shared, Chance::new(seed, 0x5052_4F58 + number)));
        Ok(Self { address, fault, target, counts, stopping })
    }

    /// Where it listens, for as long as it lives.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads new connections to this server from now on, or to nobody: then they are refused.
    pub fn lead_to(&self, server: Option<SocketAddr>) {
        self.target.send_replace(server);
    }

    /// From now on the line suffers from this.
    pub fn suffer(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// What it did so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

async fn accept(listener: TcpListener, shared: Shared, mut chance: Chance) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = shared.stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((client, _)) = accepted else {
            // No descriptors left, most likely: accepting at once again would only spin.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let seed = chance.below(u64::MAX);
        connections.spawn(connection(client, shared.clone(), Chance::new(seed, 0)));
    }
}

async fn connection(client: TcpStream, shared: Shared, chance: Chance) {
    let target = *shared.target.borrow();
    let (Some(target), false) = (target, *shared.fault.borrow() == Fault::Refuse) else {
        shared.counts.refused.fetch_add(1, Ordering::Relaxed);
        return reset(&client);
    };
    let stopping = shared.stopping.clone();
    let server = tokio::select! {
        () = stopping.cancelled() => return,
        server = TcpStream::connect(target) => server,
    };
    let Ok(server) = server else {
        shared.counts.refused.fetch_add(1, Ordering::Relaxed);
        return reset(&client);
    };
    shared.counts.connections.fetch_add(1, Ordering::Relaxed);
    // Without it small pieces wait for one another.
    let (_, _) = (client.set_nodelay(true), server.set_nodelay(true));
    tokio::select! {
        () = stopping.cancelled() => {}
        ended = carry(&client, &server, &shared, chance) => if let Err(Broken) = ended {
            shared.counts.resets.fetch_add(1, Ordering::Relaxed);
            reset(&client);
            reset(&server);
        },
    }
}

/// Carries both directions until both have ended, or the line is cut.
async fn carry(
    client: &TcpStream,
    server: &TcpStream,
    shared: &Shared,
    mut chance: Chance,
) -> Result<(), Broken> {
    let seed = chance.below(u64::MAX);
    let both = async {
        tokio::try_join!(
            pump(client, server, Direction::Forth, shared, Chance::new(seed, 1)),
            pump(server, client, Direction::Back, shared, Chance::new(seed, 2)),
        )
    };
    tokio::select! {
        both = both => both.map(|_| ()),
        () = cut(shared.fault.clone(), chance) => Err(Broken),
    }
}

/// Waits until the line cuts its connections.
async fn cut(mut fault: watch::Receiver<Fault>, mut chance: Chance) {
    loop {
        let now = *fault.borrow_and_update();
        let after = match now {
            Fault::Reset => Some(chance.millis(0, 300)),
            Fault::Flapping { every } => {
                Some(every / 2 + chance.millis(0, u64::try_from(every.as_millis()).unwrap_or(1000)))
            }
            Fault::None
            | Fault::Latency { .. }
            | Fault::Slicing
            | Fault::BlackHoleForth
            | Fault::BlackHoleBack
            | Fault::HalfOpen
            | Fault::Refuse
            | Fault::Bandwidth { .. }
            | Fault::Duplicates { .. }
            | Fault::Corruption { .. } => None,
        };
        let changed = fault.changed();
        match after {
            Some(after) => tokio::select! {
                () = tokio::time::sleep(after) => return,
                changed = changed => if changed.is_err() { return },
            },
            None => {
                if changed.await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Makes the peer see a reset once the socket is dropped.
fn reset(socket: &TcpStream) {
    // A socket that is gone has been reset already.
    let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
}

#[cfg(test)]
mod tests;
