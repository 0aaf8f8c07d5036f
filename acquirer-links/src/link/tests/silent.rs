//! A link whose task could not run is judged by what came meanwhile, read or not.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream as Peer};

use tokio::net::TcpStream;
use tokio::time::advance;

use super::*;
use crate::Echo;

const EVERY: Duration = Duration::from_secs(10);

/// A link over a socket, and its peer's end of it.
struct Asked {
    link: Link<u32>,
    stream: TcpStream,
    peer: Peer,
    /// Somebody to be told.
    _told: mpsc::Receiver<LinkEvent<u32>>,
}

impl Asked {
    fn connected() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = Peer::connect(listener.local_addr().unwrap()).unwrap();
        let (peer, _) = listener.accept().unwrap();
        ours.set_nonblocking(true).unwrap();
        peer.set_nodelay(true).unwrap();
        peer.set_read_timeout(Some(20 * SECOND)).unwrap();

        let echo =
            Echo { write: Arc::new(|_| Bytes::from_static(b"echo")), is_reply: |reply| reply == b"well" };
        let profile = LinkProfile {
            frame: FrameFormat::new(Framing::Binary2, 1, 100),
            mode: Mode::Multiplexed,
            key_of: |_| None,
            echo: Some(echo),
            sign_on: None,
        };
        let (events, told) = mpsc::channel(16);
        let settings =
            PoolSettings { heartbeat: Some(EVERY), ..PoolSettings::new("test", vec!["10.0.0.1:1".into()]) };
        let shared = Arc::new(Shared::new(profile, settings, events));
        shared.traffic().link_up(0, 0, now());
        Self { link: Link { shared, lane: 0 }, stream: TcpStream::from_std(ours).unwrap(), peer, _told: told }
    }

    /// Serves it until it has asked for a sign of life, then not for three heartbeats, at the end of which `meanwhile` has happened at its
    /// peer, and then for a second; what it was lost by.
    async fn stopped_while(self, meanwhile: impl FnOnce(&mut Peer)) -> Option<LinkLoss> {
        let Self { link, mut stream, mut peer, _told } = self;
        let mut inbox = BytesMut::new();
        let mut served = pin!(link.serve(&mut stream, &mut inbox));
        assert!(timeout(EVERY + SECOND, &mut served).await.is_err());
        let mut asked = [0; 6];
        peer.read_exact(&mut asked).unwrap();
        assert_eq!(&asked, b"\0\x04echo");

        let mut stopped = pin!(advance(3 * EVERY));
        let mut meanwhile = Some(meanwhile);
        let first = poll_fn(|cx| {
            if let Some(meanwhile) = meanwhile.take() {
                meanwhile(&mut peer);
                assert!(
                    stopped.as_mut().poll(cx).is_pending(),
                    "time has passed, and nobody looked at a socket"
                );
            }
            Poll::Ready(served.as_mut().poll(cx))
        })
        .await;
        let end = match first {
            Poll::Ready(end) => end,
            Poll::Pending => timeout(SECOND, served).await.ok()?,
        };
        let End::Lost(why) = end else { panic!("nothing else ends it") };
        Some(why)
    }
}

#[tokio::test(start_paused = true)]
async fn a_sign_of_life_that_came_while_a_links_task_could_not_run_counts() {
    for words in ["\0\x04well", "\0\x05other", "\0"] {
        let lost = Asked::connected().stopped_while(|peer| peer.write_all(words.as_bytes()).unwrap()).await;
        assert_eq!(lost, None, "{words:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_of_which_nothing_came_while_its_task_could_not_run_is_silent() {
    assert_eq!(Asked::connected().stopped_while(|_| {}).await, Some(LinkLoss::Silent));
}

#[tokio::test(start_paused = true)]
async fn a_link_that_was_closed_while_its_task_could_not_run_is_lost_by_that() {
    let lost =
        Asked::connected().stopped_while(|peer| peer.shutdown(std::net::Shutdown::Both).unwrap()).await;
    assert_eq!(lost, Some(LinkLoss::ClosedByPeer));
}
