mod beats;
mod breakers;
mod drain;
mod per_request;
mod random;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use codec::frame::{FrameFormat, Framing};

use super::{Leave, Traffic};
use crate::outbox::Outbox;
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
        self.traffic.answer(Bytes::from_static(b"answer"), Some(key), from, self.now);
    }

    /// An answer whose key cannot be read.
    fn answer_unreadably(&mut self, from: Option<usize>) {
        self.traffic.answer(Bytes::from_static(b"answer"), None, from, self.now);
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
            | LinkEvent::Up { .. }
            | LinkEvent::Down { .. }
            | LinkEvent::Breaker { .. } => None,
        };
        self.events().into_iter().filter_map(outcome).collect()
    }
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

#[test]
fn what_cannot_be_read_answers_nothing_on_a_socket_for_many_requests() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight] {
        let mut desk = Desk::up(mode, 1);
        desk.send(1).unwrap();
        desk.write(0, 1_000);
        desk.answer_unreadably(Some(0));
        assert_eq!(
            desk.events(),
            [LinkEvent::Unknown { telegram: Bytes::from_static(b"answer"), key: None }]
        );
        desk.answer(APPROVAL, 1, Some(0));
        assert_eq!(desk.outcomes(), [(1, answered())]);
    }
}

#[test]
fn answers_are_matched_by_key_in_any_order_and_on_any_link() {
    let mut desk = Desk::up(Mode::Multiplexed, 2);
    for serial in 1..=4 {
        desk.send(serial).unwrap();
    }
    assert_eq!((desk.write(0, 1_000), desk.write(1, 1_000)), (20, 20));
    for serial in [4, 1, 3, 2] {
        desk.answer(APPROVAL, serial, Some(0));
    }
    assert_eq!(desk.outcomes(), [(4, answered()), (1, answered()), (3, answered()), (2, answered())]);
}

#[test]
fn the_link_with_the_least_in_flight_is_taken() {
    let mut desk = Desk::up(Mode::Multiplexed, 3);
    for serial in 1..=3 {
        desk.send(serial).unwrap();
    }
    assert_eq!([0, 1, 2].map(|lane| desk.write(lane, 1_000)), [10, 10, 10]);
    desk.answer(APPROVAL, 2, Some(1));
    desk.send(4).unwrap();
    assert_eq!([0, 1, 2].map(|lane| desk.write(lane, 1_000)), [0, 10, 0]);
}

#[test]
fn the_link_with_the_least_in_flight_is_taken_whichever_its_address() {
    let mut desk = Desk::new(Mode::Multiplexed, 3);
    for (lane, address) in [(0, 0), (1, 0), (2, 1)] {
        desk.traffic.link_up(lane, address, desk.now);
    }
    for serial in 1..=9 {
        desk.send(serial).unwrap();
    }
    assert_eq!([0, 1, 2].map(|lane| desk.write(lane, 1_000)), [30, 30, 30]);
    for serial in [3, 6, 9] {
        desk.answer(APPROVAL, serial, Some(2));
    }
    for serial in 11..=13 {
        desk.send(serial).unwrap();
    }
    assert_eq!([0, 1, 2].map(|lane| desk.write(lane, 1_000)), [0, 0, 30], "the other address is slow");
}

#[test]
fn without_a_link_nothing_is_accepted() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight] {
        let mut desk = Desk::new(mode, 2);
        assert_eq!(desk.send(1), Err(NotSent::NoLink));
        desk.link_up(1);
        assert_eq!(desk.send(1), Ok(()));
    }
}

#[test]
fn a_key_under_way_is_refused_and_the_first_is_not_harmed() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    desk.send(1).unwrap();
    assert_eq!(desk.send(1), Err(NotSent::DuplicateKey));
    desk.write(0, 1_000);
    assert_eq!(desk.send(1), Err(NotSent::DuplicateKey));
    desk.answer(APPROVAL, 1, Some(0));
    assert_eq!(desk.outcomes(), [(1, answered())]);
}

#[test]
fn a_full_queue_and_a_full_line_refuse() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    for serial in 0..10 {
        desk.send(serial).unwrap();
    }
    assert_eq!(desk.send(10), Err(NotSent::QueueFull));
    desk.write(0, 1_000);
    for serial in 10..20 {
        desk.send(serial).unwrap();
    }
    desk.write(0, 1_000);
    assert_eq!(desk.send(20), Err(NotSent::TooManyInFlight));
    desk.answer(APPROVAL, 5, Some(0));
    assert_eq!(desk.send(20), Ok(()));
}

#[test]
fn a_late_approval_cannot_answer_the_net_cancel_of_its_serial() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    desk.send(7).unwrap();
    desk.write(0, 1_000);
    desk.pass(10 * SECOND);
    desk.events();
    desk.traffic.send(desk.outgoing(NET_CANCEL, 7), desk.now).unwrap();
    desk.write(0, 1_000);
    desk.answer(APPROVAL, 7, Some(0));
    assert_eq!(desk.events(), [late(7)]);
    desk.answer(NET_CANCEL, 7, Some(0));
    assert_eq!(desk.outcomes(), [(7, answered())]);
}

#[test]
fn an_answer_after_the_timeout_is_late_once_and_then_unknown() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    desk.send(1).unwrap();
    let handed = desk.now;
    let link = LinkId { lane: 0, generation: 1 };
    desk.write(0, 1_000);
    desk.pass(9 * SECOND);
    assert_eq!(desk.events(), []);
    desk.pass(SECOND);
    let given_up = Unanswered { why: UnansweredWhy::TimedOut, last_byte_by: handed + 5 * SECOND, link };
    assert_eq!(desk.outcomes(), [(1, Outcome::Unanswered(given_up))]);
    desk.answer(APPROVAL, 1, Some(0));
    desk.answer(APPROVAL, 1, Some(0));
    assert_eq!(desk.events(), [late(1), unknown(APPROVAL, 1)]);
}

#[test]
fn a_second_answer_and_one_after_the_late_window_are_unknown() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    desk.send(1).unwrap();
    desk.send(2).unwrap();
    desk.write(0, 1_000);
    desk.answer(APPROVAL, 1, Some(0));
    desk.pass(10 * SECOND);
    desk.events();
    desk.answer(APPROVAL, 1, Some(0));
    desk.pass(60 * SECOND);
    desk.answer(APPROVAL, 2, Some(0));
    assert_eq!(desk.events(), [unknown(APPROVAL, 1), unknown(APPROVAL, 2)]);
}

#[test]
fn what_was_not_sent_cannot_be_answered() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    desk.send(1).unwrap();
    desk.send(2).unwrap();
    desk.write(0, 5);
    desk.answer(APPROVAL, 1, Some(0));
    desk.answer(APPROVAL, 2, Some(0));
    assert_eq!(desk.events(), [unknown(APPROVAL, 1), unknown(APPROVAL, 2)]);
}

#[test]
fn a_deadline_in_the_queue_is_not_sent() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    desk.send(1).unwrap();
    desk.pass(10 * SECOND);
    assert_eq!(desk.outcomes(), [(1, Outcome::NotSent(NotSent::DeadlinePassed))]);
    assert_eq!(desk.write(0, 1_000), 0);
}

#[test]
fn the_not_after_instant_is_checked_right_before_the_write() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    let send = |desk: &mut Desk, serial, not_after| {
        let outgoing = Outgoing { not_after, ..desk.outgoing(APPROVAL, serial) };
        desk.traffic.send(outgoing, desk.now)
    };
    let (now, soon) = (desk.now, desk.now + SECOND);
    assert_eq!(send(&mut desk, 1, now), Err(NotSent::NotAfterPassed));
    send(&mut desk, 1, soon).unwrap();
    desk.now = soon;
    assert_eq!(desk.write(0, 1_000), 0);
    assert_eq!(desk.outcomes(), [(1, Outcome::NotSent(NotSent::NotAfterPassed))]);
}

#[test]
fn a_not_after_instant_in_the_queue_is_told_at_once_and_means_nothing_after_the_write() {
    let mut desk = Desk::up(Mode::Multiplexed, 2);
    for serial in [1, 2] {
        let outgoing = Outgoing { not_after: desk.now + SECOND, ..desk.outgoing(APPROVAL, serial) };
        desk.traffic.send(outgoing, desk.now).unwrap();
    }
    desk.write(0, 1_000);
    desk.pass(SECOND);
    assert_eq!(desk.outcomes(), [(2, Outcome::NotSent(NotSent::NotAfterPassed))]);
    desk.pass(8 * SECOND);
    assert_eq!(desk.events(), []);
    desk.answer(APPROVAL, 1, Some(0));
    assert_eq!(desk.outcomes(), [(1, answered())]);
}

#[test]
fn a_half_written_frame_at_its_deadline_takes_the_socket_with_it() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    for serial in 1..=3 {
        desk.send(serial).unwrap();
    }
    let handed = desk.now;
    desk.write(0, 15);
    desk.pass(10 * SECOND);
    assert_eq!(desk.traffic.leave(0), Some(Leave::Stuck));
    let link = LinkId { lane: 0, generation: 1 };
    let (why, expected) = (UnansweredWhy::TimedOut, handed + 5 * SECOND);
    assert_eq!(
        desk.outcomes(),
        [
            (1, Outcome::Unanswered(Unanswered { why, last_byte_by: expected, link })),
            (3, Outcome::NotSent(NotSent::DeadlinePassed))
        ]
    );
    desk.now += SECOND;
    let closed = desk.now;
    desk.down(0);
    assert_eq!(desk.outcomes(), [(2, Outcome::Unanswered(Unanswered { why, last_byte_by: closed, link }))]);
}

#[test]
fn a_half_written_frame_at_its_not_after_instant_takes_the_socket_with_it_and_is_unanswered() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight, Mode::PerRequest { send_timeout: 8 * SECOND }] {
        let is_called = matches!(mode, Mode::PerRequest { .. });
        let mut desk = if is_called { Desk::new(mode, 1) } else { Desk::up(mode, 1) };
        let not_after = desk.now + 5 * SECOND;
        desk.traffic.send(Outgoing { not_after, ..desk.outgoing(APPROVAL, 1) }, desk.now).unwrap();
        if is_called {
            desk.link_up(0);
        }
        assert_eq!(desk.write(0, 5), 5);
        desk.pass(4 * SECOND);
        assert_eq!((desk.traffic.leave(0), desk.outcomes()), (None, vec![]));
        assert!(!desk.outboxes[0].is_too_late(desk.now));
        desk.now = not_after;
        assert!(desk.outboxes[0].is_too_late(desk.now), "also before the clock of the pool has seen it");
        desk.pass(Duration::ZERO);
        assert_eq!((desk.traffic.leave(0), desk.outcomes()), (Some(Leave::Stuck), vec![]));
        desk.traffic.link_down(0, LinkLoss::Stuck, desk.now);
        let link = LinkId { lane: 0, generation: 1 };
        let unanswered = Unanswered { why: UnansweredWhy::ConnectionLost, last_byte_by: not_after, link };
        assert_eq!(desk.outcomes(), [(1, Outcome::Unanswered(unanswered))]);
    }
}

#[test]
fn a_lost_link_ends_all_it_carries_and_remembers_it() {
    let mut desk = Desk::up(Mode::Multiplexed, 2);
    for serial in [1, 2, 3, 4, 5, 6] {
        desk.send(serial).unwrap();
    }
    desk.write(0, 15);
    desk.now += SECOND;
    desk.down(0);
    let given_up = Unanswered {
        why: UnansweredWhy::ConnectionLost,
        last_byte_by: desk.now,
        link: LinkId { lane: 0, generation: 1 },
    };
    assert_eq!(
        desk.outcomes(),
        [
            (1, Outcome::Unanswered(given_up)),
            (3, Outcome::Unanswered(given_up)),
            (5, Outcome::NotSent(NotSent::ConnectionLost))
        ]
    );
    desk.answer(APPROVAL, 1, Some(1));
    desk.answer(APPROVAL, 5, Some(1));
    assert_eq!(desk.events(), [late(1), unknown(APPROVAL, 5)]);
    assert_eq!(desk.write(1, 1_000), 30);
}

#[test]
fn a_net_cancel_follows_its_original_while_that_link_lives() {
    let mut desk = Desk::up(Mode::Multiplexed, 3);
    let link = LinkId { lane: 1, generation: 1 };
    for serial in 1..=3 {
        let follow = Outgoing { follow: Some(link), ..desk.outgoing(NET_CANCEL, serial) };
        desk.traffic.send(follow, desk.now).unwrap();
    }
    assert_eq!([0, 1, 2].map(|lane| desk.write(lane, 1_000)), [0, 30, 0]);
    desk.down(1);
    desk.link_up(1);
    desk.send(4).unwrap();
    assert_eq!(desk.write(2, 1_000), 10);
    let follow = Outgoing { follow: Some(link), ..desk.outgoing(NET_CANCEL, 5) };
    desk.traffic.send(follow, desk.now).unwrap();
    assert_eq!(desk.write(0, 1_000), 10);
}

#[test]
fn an_answer_to_any_try_answers_the_last_one() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    desk.send(1).unwrap();
    desk.write(0, 1_000);
    desk.pass(10 * SECOND);
    desk.events();
    desk.traffic.send(Outgoing { tag: 100, ..desk.outgoing(APPROVAL, 1) }, desk.now).unwrap();
    desk.write(0, 1_000);
    desk.answer(APPROVAL, 1, Some(0));
    desk.answer(APPROVAL, 1, Some(0));
    let outcome = LinkEvent::Outcome { tag: 100, outcome: answered() };
    assert_eq!(desk.events(), [outcome, unknown(APPROVAL, 1)]);
}

#[test]
fn an_unsent_try_leaves_the_earlier_one_recognisable() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    desk.send(1).unwrap();
    desk.write(0, 1_000);
    desk.pass(10 * SECOND);
    desk.events();
    desk.traffic.send(Outgoing { tag: 100, ..desk.outgoing(APPROVAL, 1) }, desk.now).unwrap();
    desk.answer(APPROVAL, 1, Some(0));
    assert_eq!(desk.events(), [late(1)]);
}

#[test]
fn one_in_flight_carries_one_request_and_queues_the_rest() {
    let mut desk = Desk::up(Mode::OneInFlight, 2);
    for serial in 1..=12 {
        desk.send(serial).unwrap();
    }
    assert_eq!(desk.send(13), Err(NotSent::QueueFull));
    assert_eq!([0, 1].map(|lane| desk.write(lane, 1_000)), [10, 10]);
    desk.answer(APPROVAL, 2, Some(1));
    assert_eq!(desk.outcomes(), [(2, answered())]);
    assert_eq!([0, 1].map(|lane| desk.write(lane, 1_000)), [0, 10]);
    desk.answer(APPROVAL, 3, Some(1));
    assert_eq!(desk.outcomes(), [(3, answered())]);
}

#[test]
fn one_in_flight_that_times_out_only_waits_for_its_late_answer() {
    let mut desk = Desk::up(Mode::OneInFlight, 1);
    desk.send(1).unwrap();
    desk.write(0, 1_000);
    desk.now += 5 * SECOND;
    desk.send(2).unwrap();
    desk.pass(5 * SECOND);
    assert_eq!(desk.traffic.leave(0), Some(Leave::ForLateAnswer(Key { kind: APPROVAL, serial: 1 })));
    assert_eq!(desk.write(0, 1_000), 0);
    assert_eq!(desk.outcomes().len(), 1);
    desk.traffic.replaced(0);
    desk.link_up(0);
    assert_eq!(desk.write(0, 1_000), 10);
    desk.answer(APPROVAL, 1, None);
    desk.answer(APPROVAL, 2, Some(0));
    let outcome = LinkEvent::Outcome { tag: 2, outcome: answered() };
    assert_eq!(desk.events(), [late(1), outcome]);
}

#[test]
fn what_waits_for_a_replacement_is_not_sent_when_that_cannot_connect() {
    let mut desk = Desk::up(Mode::OneInFlight, 1);
    desk.send(1).unwrap();
    desk.write(0, 1_000);
    desk.now += 5 * SECOND;
    desk.send(2).unwrap();
    desk.pass(5 * SECOND);
    desk.traffic.replaced(0);
    desk.events();
    desk.traffic.connect_failed(0);
    assert_eq!(desk.outcomes(), [(2, Outcome::NotSent(NotSent::NoLink))]);
    assert_eq!(desk.send(3), Err(NotSent::NoLink));
}

#[test]
fn one_in_flight_answered_on_another_socket_still_waits_for_its_own() {
    let mut desk = Desk::up(Mode::OneInFlight, 2);
    desk.send(1).unwrap();
    desk.write(0, 1_000);
    desk.answer(APPROVAL, 1, Some(1));
    assert_eq!(desk.outcomes(), [(1, answered())]);
    assert_eq!(desk.traffic.leave(0), Some(Leave::ForLateAnswer(Key { kind: APPROVAL, serial: 1 })));
}

#[test]
fn a_draining_pool_takes_nothing_and_a_stopped_one_gives_up() {
    let mut desk = Desk::up(Mode::OneInFlight, 1);
    for serial in 1..=2 {
        desk.send(serial).unwrap();
    }
    desk.write(0, 1_000);
    desk.traffic.drain();
    assert_eq!(desk.send(3), Err(NotSent::Closing));
    assert!(!desk.traffic.is_drained());
    desk.traffic.stop();
    assert_eq!(desk.outcomes(), [(2, Outcome::NotSent(NotSent::Closing))]);
    assert_eq!(desk.traffic.leave(0), Some(Leave::Closing));
    desk.traffic.link_down(0, LinkLoss::Closed, desk.now);
    let [(1, Outcome::Unanswered(given_up))] = desk.outcomes()[..] else { panic!("one outcome is left") };
    assert_eq!(given_up.why, UnansweredWhy::Closed);
    assert!(desk.traffic.is_drained());
}

#[test]
fn an_earlier_deadline_wakes_the_clock_and_a_later_one_does_not() {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    assert_eq!(desk.traffic.set_clock(&waker), None);
    desk.send(1).unwrap();
    assert_eq!(woken.times(), 1);
    assert_eq!(desk.traffic.set_clock(&waker), Some(desk.now + 10 * SECOND));
    desk.send(2).unwrap();
    assert_eq!(woken.times(), 1);
    let sooner = Outgoing { deadline: desk.now + SECOND, ..desk.outgoing(APPROVAL, 3) };
    desk.traffic.send(sooner, desk.now).unwrap();
    assert_eq!(woken.times(), 2);
}
