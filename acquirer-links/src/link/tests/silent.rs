//! A link whose task could not run is judged by what came meanwhile, read or not.

use std::io::{Read, Write};
use std::net::TcpStream as Peer;

use tokio::time::advance;

use super::peer::{EVERY, Wired};
use super::*;

/// Serves a link until it has asked for a sign of life, then not for three heartbeats, at the end of which `meanwhile` has happened at its
/// peer, and then for a second; what it was lost by.
async fn stopped_while(meanwhile: impl FnOnce(&mut Peer)) -> Option<LinkLoss> {
    let Wired { link, mut stream, mut peer, told: _told } = Wired::one_among(1);
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
            assert!(stopped.as_mut().poll(cx).is_pending(), "time has passed, and nobody looked at a socket");
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

#[tokio::test(start_paused = true)]
async fn a_sign_of_life_that_came_while_a_links_task_could_not_run_counts() {
    for words in ["\0\x04well", "\0\x05other", "\0"] {
        let lost = stopped_while(|peer| peer.write_all(words.as_bytes()).unwrap()).await;
        assert_eq!(lost, None, "{words:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_of_which_nothing_came_while_its_task_could_not_run_is_silent() {
    assert_eq!(stopped_while(|_| {}).await, Some(LinkLoss::Silent));
}

#[tokio::test(start_paused = true)]
async fn a_link_that_was_closed_while_its_task_could_not_run_is_lost_by_that() {
    let lost = stopped_while(|peer| peer.shutdown(std::net::Shutdown::Both).unwrap()).await;
    assert_eq!(lost, Some(LinkLoss::ClosedByPeer));
}
