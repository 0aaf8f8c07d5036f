//! Pools over real sockets, against an acquirer that does what the test says.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on must fail, also in the code the tests share"
)]

mod acquirer;
mod breaker;
#[allow(dead_code, reason = "shared with tests that need more of it")]
#[path = "../support/certificates.rs"]
mod certificates;
mod closing;
mod faults;
mod flapping;
mod flooding;
mod heartbeat;
mod multiplexed;
mod one_in_flight;
mod per_request;
mod reconnecting;
mod sign_on;
mod tls;
#[allow(dead_code, reason = "shared with tests that need more of it")]
#[path = "../support/tls_peer.rs"]
mod tls_peer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use acquirer_links::{
    Backoff, BreakerSettings, BreakerState, Echo, Key, LinkEvent, LinkLoss, LinkProfile, Mode, NotSent,
    Outcome, Outgoing, Pool, PoolSettings, Purpose, SignOn, SignedOn, Unanswered, UnansweredWhy,
};
use bytes::Bytes;
use codec::frame::{FrameFormat, Framing};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// What a request asks for; the kind of its reply is one more.
const APPROVAL: u32 = 200;
const NET_CANCEL: u32 = 520;
const ECHO: u32 = 800;
const SIGN_ON: u32 = 900;
const SIGNED_ON: u32 = SIGN_ON + 1;
const ACCEPTED: u64 = 0;

/// Far longer than anything here takes: a test that waits for it has failed.
const TOO_LONG: Duration = Duration::from_secs(20);

/// A deadline that passes within the test.
const SHORT: Duration = Duration::from_millis(100);

const PER_REQUEST: Mode = Mode::PerRequest { send_timeout: Duration::from_secs(2) };

fn format() -> FrameFormat {
    FrameFormat::new(Framing::Ascii4, 12, 9_999)
}

fn profile(mode: Mode) -> LinkProfile {
    let write = |kind| Arc::new(move |number| telegram(kind, number));
    let echo = Echo { write: write(ECHO), is_reply: |telegram| kind_of(telegram) == Some(ECHO + 1) };
    let sign_on = SignOn { write: write(SIGN_ON), reply: signed_on };
    LinkProfile { frame: format(), mode, key_of, echo: Some(echo), sign_on: Some(sign_on) }
}

fn kind_of(telegram: &[u8]) -> Option<u32> {
    key_of(telegram).map(|key| key.kind)
}

/// The reply's serial says whether it was accepted.
fn signed_on(telegram: &[u8]) -> Option<SignedOn> {
    match key_of(telegram)? {
        Key { kind: SIGNED_ON, serial: ACCEPTED } => Some(SignedOn::Accepted),
        Key { kind: SIGNED_ON, .. } => Some(SignedOn::Refused),
        Key { .. } => None,
    }
}

/// A telegram is its kind in 4 digits, its serial in 8, and anything.
fn key_of(telegram: &[u8]) -> Option<Key> {
    let digits = |range| std::str::from_utf8(telegram.get(range)?).ok();
    Some(Key { kind: digits(0..4)?.parse().ok()?, serial: digits(4..12)?.parse().ok()? })
}

fn telegram(kind: u32, serial: u64) -> Bytes {
    format!("{kind:04}{serial:08}").into()
}

fn settings(address: &str) -> PoolSettings {
    PoolSettings {
        links: 1,
        backoff: Backoff { base: Duration::from_millis(5), max: Duration::from_millis(20) },
        ..PoolSettings::new("test", vec![address.into()])
    }
}

/// A pool with its events. The tag of a send is its serial.
struct Line {
    pool: Pool<u64>,
    events: mpsc::Receiver<LinkEvent<u64>>,
}

impl Line {
    fn start(mode: Mode, settings: PoolSettings) -> Self {
        let (sender, events) = mpsc::channel(1_024);
        Self { pool: Pool::start(profile(mode), settings, sender).unwrap(), events }
    }

    async fn event(&mut self) -> LinkEvent<u64> {
        timeout(TOO_LONG, self.events.recv()).await.expect("an event in time").expect("the pool lives")
    }

    /// Waits until so many links came up.
    async fn up(&mut self, links: usize) {
        for _ in 0..links {
            let event = self.event().await;
            assert!(matches!(event, LinkEvent::Up { .. }), "{event:?}");
        }
    }

    /// Waits for a link to be lost, whatever else is told meanwhile.
    async fn lost(&mut self) -> LinkLoss {
        loop {
            if let LinkEvent::Down { why, .. } = self.event().await {
                return why;
            }
        }
    }

    /// Waits for a link to come up, whatever else is told meanwhile.
    async fn back(&mut self) {
        while !matches!(self.event().await, LinkEvent::Up { .. }) {}
    }

    /// The next event, which must be a change of the breaker; what it is now.
    async fn breaker(&mut self) -> BreakerState {
        match self.event().await {
            LinkEvent::Breaker { new, .. } => new,
            other => panic!("expected a change of the breaker, not {other:?}"),
        }
    }

    async fn down(&mut self) {
        let event = self.event().await;
        assert!(matches!(event, LinkEvent::Down { .. }), "{event:?}");
    }

    /// The next event, which must be an outcome.
    async fn outcome(&mut self) -> (u64, Outcome) {
        match self.event().await {
            LinkEvent::Outcome { tag, outcome } => (tag, outcome),
            other => panic!("expected an outcome, not {other:?}"),
        }
    }

    async fn unanswered(&mut self) -> (u64, Unanswered) {
        match self.outcome().await {
            (tag, Outcome::Unanswered(unanswered)) => (tag, unanswered),
            other => panic!("expected an unanswered send, not {other:?}"),
        }
    }

    /// Links up, requests in flight, requests queued.
    fn carried(&self) -> (usize, usize, usize) {
        let state = self.pool.state();
        (state.links_up, state.in_flight, state.queued)
    }

    fn send(&self, outgoing: Outgoing<u64>) -> Result<(), NotSent> {
        self.pool.send(outgoing)
    }

    /// Sends a request that has time enough.
    fn request(&self, serial: u64) -> Result<(), NotSent> {
        self.send(outgoing(APPROVAL, serial, TOO_LONG))
    }
}

fn outgoing(kind: u32, serial: u64, answer_within: Duration) -> Outgoing<u64> {
    let now = tokio::time::Instant::now().into_std();
    Outgoing {
        tag: serial,
        key: Key { kind: kind + 1, serial },
        telegram: telegram(kind, serial),
        deadline: now + answer_within,
        not_after: now + TOO_LONG,
        follow: None,
        purpose: if kind == NET_CANCEL { Purpose::Undo } else { Purpose::Request },
    }
}

fn answered(kind: u32, serial: u64) -> (u64, Outcome) {
    (serial, Outcome::Answered(telegram(kind + 1, serial)))
}
