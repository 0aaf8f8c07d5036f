//! A link over a real socket, whose other end the test holds without the runtime.

use std::net::{TcpListener, TcpStream as Peer};

use tokio::net::TcpStream;

use super::*;
use crate::Echo;

/// How long a link may have heard nothing.
pub(super) const EVERY: Duration = Duration::from_secs(5);

/// A link over a socket, and its peer's end of it.
pub(super) struct Wired {
    pub(super) link: Link<u32>,
    pub(super) stream: TcpStream,
    pub(super) peer: Peer,
    pub(super) told: mpsc::Receiver<LinkEvent<u32>>,
}

impl Wired {
    /// The first of so many links of a pool; the others never come up.
    pub(super) fn one_among(links: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = Peer::connect(listener.local_addr().unwrap()).unwrap();
        let (peer, _) = listener.accept().unwrap();
        ours.set_nonblocking(true).unwrap();
        peer.set_nodelay(true).unwrap();
        peer.set_read_timeout(Some(20 * SECOND)).unwrap();
        peer.set_write_timeout(Some(20 * SECOND)).unwrap();

        let echo =
            Echo { write: Arc::new(|_| Bytes::from_static(b"echo")), is_reply: |reply| reply == b"well" };
        let profile = LinkProfile {
            frame: FrameFormat::new(Framing::Binary2, 1, 100),
            mode: Mode::Multiplexed,
            key_of: |_| None,
            echo: Some(echo),
            sign_on: None,
        };
        let (events, told) = mpsc::channel(10_000);
        let settings = PoolSettings {
            links,
            heartbeat: Some(EVERY),
            ..PoolSettings::new("test", vec!["10.0.0.1:1".into()])
        };
        let shared = Arc::new(Shared::new(profile, settings, events));
        shared.traffic().link_up(0, 0, now());
        Self { link: Link { shared, lane: 0 }, stream: TcpStream::from_std(ours).unwrap(), peer, told }
    }
}
