//! What a link hands to its socket after the instant a telegram carries: nothing, whatever it handed before.

mod flooded;
mod peer;
mod silent;

use bytes::Bytes;
use codec::frame::{FrameFormat, Framing};
use tokio::io::ReadBuf;
use tokio::sync::mpsc;

use super::*;
use crate::{
    LinkEvent, LinkProfile, Mode, Outcome, Outgoing, PoolSettings, Purpose, Unanswered, UnansweredWhy,
};

const SECOND: Duration = Duration::from_secs(1);

/// A socket that takes some bytes at once, and any more only after a pause.
struct Slow {
    at_once: usize,
    /// As a TLS session does: takes all at once, and hands on the rest when it is flushed.
    holds: bool,
    held: usize,
    pause: Pin<Box<Sleep>>,
    /// Each time bytes left it, and how many.
    left: Vec<(Instant, usize)>,
}

impl Slow {
    fn new(at_once: usize, holds: bool, pause: Duration) -> Self {
        let pause = Box::pin(sleep_until(Instant::now() + pause));
        Self { at_once, holds, held: 0, pause, left: Vec::new() }
    }

    /// How many of so many bytes leave now.
    fn take(&mut self, cx: &mut Context<'_>, count: usize) -> usize {
        let mut taken = count.min(self.at_once);
        self.at_once -= taken;
        if taken < count && self.pause.as_mut().poll(cx).is_ready() {
            taken = count;
        }
        if taken > 0 {
            self.left.push((Instant::now(), taken));
        }
        taken
    }
}

impl AsyncRead for Slow {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Slow {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let slow = self.get_mut();
        let taken = slow.take(cx, bytes.len());
        if slow.holds {
            slow.held = bytes.len() - taken;
            return Poll::Ready(Ok(bytes.len()));
        }
        if taken == 0 { Poll::Pending } else { Poll::Ready(Ok(taken)) }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let slow = self.get_mut();
        slow.held -= slow.take(cx, slow.held);
        if slow.held == 0 { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Serves the socket with one request of 10 bytes that may leave for two seconds, and no clock beside the link: what becomes of the
/// link within three seconds, and of the request.
async fn served(stream: &mut Slow) -> (Option<LinkLoss>, Vec<Outcome>) {
    let answer_within = 10 * SECOND;
    served_as(Mode::Multiplexed, answer_within, stream).await
}

async fn served_as(
    mode: Mode,
    answer_within: Duration,
    stream: &mut Slow,
) -> (Option<LinkLoss>, Vec<Outcome>) {
    let frame = FrameFormat::new(Framing::Binary2, 1, 100);
    let profile = LinkProfile { frame, mode, key_of: |_| None, echo: None, sign_on: None };
    let (events, mut told) = mpsc::channel(16);
    let settings = PoolSettings::new("test", vec!["10.0.0.1:1".into()]);
    let shared = Arc::new(Shared::new(profile, settings, events));
    let link = Link { shared: Arc::clone(&shared), lane: 0 };
    shared.traffic().link_up(0, 0, now());
    let outgoing = Outgoing {
        tag: 1,
        key: Key { kind: 1, serial: 1 },
        telegram: Bytes::from_static(b"telegram"),
        deadline: now() + answer_within,
        not_after: now() + 2 * SECOND,
        follow: None,
        purpose: Purpose::Request,
    };
    shared.traffic().send(outgoing, now()).unwrap();
    let mut inbox = BytesMut::new();
    let until_answered = async {
        tokio::time::sleep(answer_within).await;
        shared.traffic().expire(now());
        std::future::pending::<End>().await
    };
    let served = async {
        tokio::select! {
            end = link.serve(stream, &mut inbox) => end,
            end = until_answered => end,
        }
    };
    let served = timeout(3 * SECOND, served).await;
    let lost = match served {
        Ok(End::Lost(why)) => Some(why),
        Ok(End::ForLateAnswer(_) | End::Served | End::GoingHome | End::Closing) => panic!("nothing ended it"),
        Err(_) => None,
    };
    if let Some(why) = &lost {
        shared.traffic().link_down(0, why.clone(), now());
    }
    shared.deliver().await;
    let mut outcomes = Vec::new();
    while let Ok(event) = told.try_recv() {
        if let LinkEvent::Outcome { outcome, .. } = event {
            outcomes.push(outcome);
        }
    }
    (lost, outcomes)
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_telegram_does_not_leave_after_its_not_after_instant() {
    for holds in [false, true] {
        let start = Instant::now();
        let mut slow = Slow::new(5, holds, 2 * SECOND);
        let (lost, outcomes) = served(&mut slow).await;
        assert_eq!(slow.left, [(start, 5)], "no byte of the rest");
        assert_eq!(lost, Some(LinkLoss::Stuck));
        let [Outcome::Unanswered(Unanswered { why, last_byte_by, .. })] = &outcomes[..] else {
            panic!("a byte of it left: {outcomes:?}")
        };
        assert_eq!((*why, *last_byte_by), (UnansweredWhy::ConnectionLost, now()));
    }
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_telegram_leaves_before_its_not_after_instant() {
    for holds in [false, true] {
        let start = Instant::now();
        let mut slow = Slow::new(5, holds, SECOND);
        assert_eq!(served(&mut slow).await, (None, vec![]), "it waits for its answer");
        assert_eq!(slow.left, [(start, 5), (start + SECOND, 5)]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stream_still_holds_of_a_request_that_timed_out_is_not_left_to_who_only_reads() {
    let start = Instant::now();
    let mut slow = Slow::new(5, true, 2 * SECOND);
    let (lost, outcomes) = served_as(Mode::OneInFlight, SECOND, &mut slow).await;
    assert_eq!(slow.left, [(start, 5)]);
    assert_eq!(lost, Some(LinkLoss::Stuck));
    assert_eq!(now(), (start + SECOND).into_std());
    let [Outcome::Unanswered(Unanswered { why: UnansweredWhy::TimedOut, .. })] = &outcomes[..] else {
        panic!("a byte of it left: {outcomes:?}")
    };
}
