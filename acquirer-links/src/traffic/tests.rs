mod beats;
mod breakers;
mod choice;
mod drain;
mod instants;
mod matching;
mod one_in_flight;
mod per_request;
mod random;
mod unasked;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use codec::frame::{FrameFormat, Framing};

use super::{Leave, Traffic};
use crate::outbox::Outbox;
use crate::source::Source;
use crate::{
    Key, LinkEvent, LinkId, LinkLoss, Mode, NotSent, Outcome, Outgoing, PoolSettings, Purpose, Unanswered,
    UnansweredWhy,
};

const APPROVAL: u32 = 210;
const NET_CANCEL: u32 = 530;
const SECOND: Duration = Duration::from_secs(1);

fn format() -> FrameFormat {
    FrameFormat::new(Framing::Binary2, 1, 100)
}

fn settings(links: usize) -> PoolSettings {
    PoolSettings {
        links,
        max_in_flight: 20,
        queue: 10,
        stall_timeout: 5 * SECOND,
        late_window: 60 * SECOND,
        ..PoolSettings::new("test", vec!["10.0.0.1:1".into(), "10.0.0.2:1".into()])
    }
}

/// A pool's traffic with links that do only what the test says, on a clock that only the test moves.
struct Desk {
    traffic: Traffic<u32>,
    outboxes: Vec<Outbox>,
    now: Instant,
}

impl Desk {
    fn new(mode: Mode, links: usize) -> Self {
        Self::with(mode, &settings(links))
    }

    fn with(mode: Mode, settings: &PoolSettings) -> Self {
        let traffic = Traffic::new(mode, settings);
        let outboxes = (0..settings.links).map(|_| Outbox::new(format())).collect();
        Self { traffic, outboxes, now: Instant::now() }
    }

    /// With every link up.
    fn up(mode: Mode, links: usize) -> Self {
        let mut desk = Self::new(mode, links);
        for lane in 0..links {
            desk.link_up(lane);
        }
        desk
    }

    fn link_up(&mut self, lane: usize) -> LinkId {
        self.outboxes[lane] = Outbox::new(format());
        let link = self.traffic.link_up(lane, 0, self.now);
        self.events();
        link
    }

    /// The tag is the serial; 10 s to answer; the telegram is 8 bytes long, so its frame is 10.
    fn outgoing(&self, kind: u32, serial: u32) -> Outgoing<u32> {
        Outgoing {
            tag: serial,
            key: Key { kind, serial: serial.into() },
            telegram: Bytes::from_static(b"telegram"),
            deadline: self.now + 10 * SECOND,
            not_after: self.now + 20 * SECOND,
            follow: None,
            purpose: Purpose::Request,
        }
    }

    fn send(&mut self, serial: u32) -> Result<(), NotSent> {
        self.traffic.send(self.outgoing(APPROVAL, serial), self.now)
    }

    /// Lets the lane's socket take up to `room` bytes in one write; how many it took.
    fn write(&mut self, lane: usize, room: usize) -> usize {
        let outbox = &mut self.outboxes[lane];
        self.traffic.fill(lane, self.now, outbox);
        let count = room.min(outbox.bytes().len());
        self.traffic.written(lane, count, self.now, outbox);
        count
    }

    fn answer(&mut self, kind: u32, serial: u32, from: Option<usize>) {
        let key = Key { kind, serial: serial.into() };
        self.traffic.answer(Bytes::from_static(b"answer"), Some(key), source(from), self.now);
    }

    /// An answer whose key cannot be read.
    fn answer_unreadably(&mut self, from: Option<usize>) {
        self.traffic.answer(Bytes::from_static(b"answer"), None, source(from), self.now);
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.traffic.expire(self.now);
    }

    fn down(&mut self, lane: usize) {
        self.traffic.link_down(lane, LinkLoss::ClosedByPeer, self.now);
    }

    fn events(&mut self) -> Vec<LinkEvent<u32>> {
        let mut events = Vec::new();
        self.traffic.take_events(&mut events);
        events
    }

    /// The outcomes since the last look.
    fn outcomes(&mut self) -> Vec<(u32, Outcome)> {
        let outcome = |event| match event {
            LinkEvent::Outcome { tag, outcome } => Some((tag, outcome)),
            LinkEvent::Late { .. }
            | LinkEvent::Unknown { .. }
            | LinkEvent::Flooded { .. }
            | LinkEvent::Up { .. }
            | LinkEvent::Down { .. }
            | LinkEvent::Breaker { .. } => None,
        };
        self.events().into_iter().filter_map(outcome).collect()
    }
}

/// The link of that lane, or a socket of another for its late answer.
fn source(lane: Option<usize>) -> Source {
    lane.map_or(Source::Beside(0), Source::Link)
}

/// How often a waker was woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Woken {
    fn times(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn answered() -> Outcome {
    Outcome::Answered(Bytes::from_static(b"answer"))
}

fn unknown(kind: u32, serial: u32) -> LinkEvent<u32> {
    LinkEvent::Unknown {
        telegram: Bytes::from_static(b"answer"),
        key: Some(Key { kind, serial: serial.into() }),
    }
}

fn late(tag: u32) -> LinkEvent<u32> {
    LinkEvent::Late { tag, telegram: Bytes::from_static(b"answer") }
}
