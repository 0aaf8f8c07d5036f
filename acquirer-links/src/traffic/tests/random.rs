//! Whatever happens in whatever order, every promise is kept.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::addresses::Attempt;
use crate::heartbeat::Beat;
use crate::{BreakerSettings, BreakerState};

#[derive(Clone, Copy, Debug)]
enum Step {
    Send {
        serial: u32,
        follow: Option<usize>,
        deadline_ms: u64,
        not_after_ms: u64,
        undoes: bool,
    },
    Write {
        lane: usize,
        room: usize,
    },
    /// Without a serial it cannot be read.
    Answer {
        serial: Option<u32>,
        from: Option<usize>,
    },
    Pass {
        ms: u64,
    },
    Up {
        lane: usize,
    },
    Down {
        lane: usize,
    },
    /// The link looks after its life.
    Beat {
        lane: usize,
    },
    EchoReply {
        lane: usize,
    },
    GoHome {
        lane: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let serial = 0u32..8;
    prop_oneof![
        4 => (serial.clone(), prop::option::of(0..LINKS), 1u64..40, 1u64..60, any::<bool>()).prop_map(
            |(serial, follow, deadline_ms, not_after_ms, undoes)|
                Step::Send { serial, follow, deadline_ms, not_after_ms, undoes }
        ),
        4 => (0..LINKS, 0usize..40).prop_map(|(lane, room)| Step::Write { lane, room }),
        3 => (prop::option::weighted(0.9, serial), prop::option::of(0..LINKS)).prop_map(|(serial, from)| Step::Answer { serial, from }),
        2 => (0u64..15).prop_map(|ms| Step::Pass { ms }),
        1 => (0..LINKS).prop_map(|lane| Step::Up { lane }),
        1 => (0..LINKS).prop_map(|lane| Step::Down { lane }),
        2 => (0..LINKS).prop_map(|lane| Step::Beat { lane }),
        1 => (0..LINKS).prop_map(|lane| Step::EchoReply { lane }),
        1 => (0..LINKS).prop_map(|lane| Step::GoHome { lane }),
    ]
}

const LINKS: usize = 3;

/// What an echo says instead of a tag.
const ECHO: u32 = u32::MAX;
const SEND_TIMEOUT: Duration = Duration::from_millis(10);
const MODES: [Mode; 3] =
    [Mode::Multiplexed, Mode::OneInFlight, Mode::PerRequest { send_timeout: SEND_TIMEOUT }];

/// What the world saw of one accepted send.
#[derive(Default)]
struct Seen {
    bytes_taken: bool,
    whole: bool,
    last_byte: Option<Instant>,
    not_after: Option<Instant>,
    outcome: Option<Outcome>,
    late: usize,
}

/// The sockets around a [`Desk`], and everything that ever happened on them.
struct World {
    mode: Mode,
    desk: Desk,
    /// Each lane's socket, if it is connected.
    sockets: Vec<Option<Socket>>,
    links: Vec<Option<LinkId>>,
    /// Where each lane without a socket is connecting to (per-request only).
    dialing: Vec<Option<Attempt>>,
    /// The tag of what the socket carries on which the last answer came in.
    answered_by: Option<u32>,
    seen: HashMap<u32, Seen>,
}

#[derive(Default)]
struct Socket {
    /// The tag of a frame begun, and how many of its bytes are missing.
    begun: Option<(u32, usize)>,
    /// The tags of all it ever carried.
    carries: Vec<u32>,
    /// When it connected.
    up_at: Option<Instant>,
}

impl World {
    fn new(mode: Mode) -> Self {
        let links = vec![None; LINKS];
        let sockets = (0..LINKS).map(|_| None).collect();
        let (dialing, seen) = (vec![None; LINKS], HashMap::new());
        let heartbeat = match mode {
            Mode::Multiplexed | Mode::OneInFlight => Some(Duration::from_millis(10)),
            Mode::PerRequest { .. } => None,
        };
        let breaker = BreakerSettings {
            failures: 3,
            slow: Some(Duration::from_millis(20)),
            pause: Duration::from_millis(5),
            max_pause: Duration::from_millis(20),
        };
        let desk = Desk::with(mode, &PoolSettings { heartbeat, breaker, ..settings(LINKS) });
        Self { mode, desk, sockets, links, dialing, answered_by: None, seen }
    }

    fn take(&mut self, step: Step, tag: u32) {
        match step {
            Step::Send { serial, follow, deadline_ms, not_after_ms, undoes } => {
                let is_blocked = self.desk.traffic.breaker() == BreakerState::Blocked;
                let at = |ms| self.desk.now + Duration::from_millis(ms);
                let outgoing = Outgoing {
                    tag,
                    key: Key { kind: APPROVAL, serial: serial.into() },
                    telegram: Bytes::copy_from_slice(&tag.to_be_bytes()),
                    deadline: at(deadline_ms),
                    not_after: at(not_after_ms),
                    follow: follow.and_then(|lane| self.links[lane]),
                    purpose: if undoes { Purpose::Undo } else { Purpose::Request },
                };
                let not_after = Some(outgoing.not_after);
                if self.desk.traffic.send(outgoing, self.desk.now).is_ok() {
                    assert!(undoes || !is_blocked, "accepted by a blocked acquirer");
                    self.seen.insert(tag, Seen { not_after, ..Seen::default() });
                }
            }
            Step::Write { lane, room } => self.write(lane, room),
            Step::Answer { serial, from } => {
                let from = from.filter(|lane| self.sockets[*lane].is_some());
                let carried = from.and_then(|lane| self.sockets[lane].as_ref()?.carries.last().copied());
                self.answered_by = carried;
                if let Some(lane) = from {
                    self.desk.traffic.heard(lane, self.desk.now);
                    self.desk.traffic.spoken_to(lane, self.desk.now);
                }
                match serial {
                    Some(serial) => self.desk.answer(APPROVAL, serial, from),
                    None => self.desk.answer_unreadably(from),
                }
            }
            Step::Pass { ms } => self.desk.pass(Duration::from_millis(ms)),
            Step::Up { lane } if self.sockets[lane].is_none() => match self.mode {
                Mode::Multiplexed | Mode::OneInFlight => self.connected(lane, lane % 2),
                Mode::PerRequest { .. } => self.dial(lane),
            },
            Step::Down { lane } if self.sockets[lane].is_some() => self.lose(lane, LinkLoss::ClosedByPeer),
            Step::Down { lane } => self.miss(lane),
            Step::Beat { lane } if self.sockets[lane].is_some() => self.beat(lane),
            Step::EchoReply { lane } if self.sockets[lane].is_some() => {
                let Desk { traffic, now, .. } = &mut self.desk;
                traffic.heard(lane, *now);
                traffic.spoken_to(lane, *now);
                traffic.echoed(lane, *now);
            }
            Step::GoHome { lane } => {
                if let Some(link) = self.links[lane].filter(|_| self.mode == Mode::Multiplexed) {
                    let gone = self.desk.traffic.go_home(Waker::noop(), link, self.desk.now);
                    assert!(
                        gone.is_err() || self.desk.traffic.is_idle(lane) || self.links[lane] != Some(link),
                        "it left what it carried"
                    );
                }
            }
            Step::Up { .. } | Step::Beat { .. } | Step::EchoReply { .. } => {}
        }
        self.leave();
        self.check();
    }

    fn beat(&mut self, lane: usize) {
        match self.desk.traffic.beat(lane, self.desk.now) {
            Some(Beat::Ask) => {
                let busy = !self.desk.traffic.is_idle(lane);
                assert!(!busy || self.mode == Mode::Multiplexed, "an echo beside a request");
                self.desk.traffic.give_echo(lane, Bytes::copy_from_slice(&ECHO.to_be_bytes()));
            }
            Some(Beat::Silent) => self.lose(lane, LinkLoss::Silent),
            Some(Beat::Later(_)) | None => {}
        }
    }

    fn connected(&mut self, lane: usize, address: usize) {
        self.sockets[lane] = Some(Socket { up_at: Some(self.desk.now), ..Socket::default() });
        self.desk.outboxes[lane] = Outbox::new(format());
        self.links[lane] = Some(self.desk.traffic.link_up(lane, address, self.desk.now));
    }

    /// One step of a per-request link on its way to a socket.
    fn dial(&mut self, lane: usize) {
        if let Some(attempt) = self.dialing[lane].take() {
            self.desk.traffic.reached(attempt);
            self.connected(lane, attempt.address);
        } else if self.desk.traffic.is_called(lane) {
            self.next_address(lane, 0);
        } else {
            self.desk.traffic.free(lane);
        }
    }

    fn miss(&mut self, lane: usize) {
        if let Some(attempt) = self.dialing[lane].take() {
            let pause = Duration::from_millis(u64::from(attempt.failures) * 4);
            self.desk.traffic.missed(attempt, self.desk.now, pause, self.desk.now);
            self.next_address(lane, attempt.behind);
        }
    }

    fn next_address(&mut self, lane: usize, behind: usize) {
        let Desk { traffic, now, .. } = &mut self.desk;
        let next = traffic.next_address(lane, behind, *now);
        self.dialing[lane] = next.ok();
        if let Err(why) = next {
            traffic.not_connected(lane, why, *now);
            traffic.free(lane);
        }
    }

    /// One write of a lane's socket, as a link does it.
    fn write(&mut self, lane: usize, room: usize) {
        let now = self.desk.now;
        let Some(socket) = &mut self.sockets[lane] else { return };
        let outbox = &mut self.desk.outboxes[lane];
        self.desk.traffic.fill(lane, now, outbox);
        let count = room.min(outbox.bytes().len());
        let mut offered = outbox.bytes();
        let mut taken = count;
        while taken > 0 {
            let (tag, length) = socket
                .begun
                .take()
                .unwrap_or_else(|| (u32::from_be_bytes(offered[2..6].try_into().unwrap()), 2 + 4));
            if tag == ECHO {
                if taken < length {
                    socket.begun = Some((tag, length - taken));
                    break;
                }
                (offered, taken) = (&offered[length..], taken - length);
                continue;
            }
            let seen = self.seen.get_mut(&tag).expect("only what was accepted is sent");
            assert!(seen.outcome.is_none(), "a byte left after the outcome");
            assert!(seen.not_after.unwrap() > now, "a byte left too late");
            if !seen.bytes_taken {
                socket.carries.push(tag);
                let asks = self.desk.traffic.lanes[lane].is_asking();
                assert!(!asks || self.mode == Mode::Multiplexed, "a request beside an echo");
            }
            (seen.bytes_taken, seen.last_byte, seen.whole) = (true, Some(now), taken >= length);
            if taken < length {
                socket.begun = Some((tag, length - taken));
                break;
            }
            (offered, taken) = (&offered[length..], taken - length);
        }
        self.desk.traffic.written(lane, count, now, outbox);
        let open = |tag: &&u32| self.seen[*tag].outcome.is_none();
        match self.mode {
            Mode::Multiplexed => {}
            Mode::OneInFlight => assert!(socket.carries.iter().filter(open).count() <= 1),
            Mode::PerRequest { .. } => {
                assert!(socket.carries.len() <= 1);
                assert!(count == 0 || now <= socket.up_at.unwrap() + SEND_TIMEOUT);
            }
        }
    }

    /// Does what the traffic asks of the link tasks.
    fn leave(&mut self) {
        for lane in 0..LINKS {
            match self.desk.traffic.leave(lane) {
                None => {}
                Some(Leave::Stuck | Leave::Closing | Leave::Served | Leave::Home)
                    if self.sockets[lane].is_some() =>
                {
                    self.lose(lane, LinkLoss::Stuck);
                }
                Some(Leave::Stuck | Leave::Closing | Leave::Served | Leave::Home) => self.give_up(lane),
                Some(Leave::ForLateAnswer(key)) => {
                    assert!(self.mode.is_one_at_a_time());
                    self.desk.traffic.replaced(lane);
                    (self.sockets[lane], self.links[lane]) = (None, None);
                    if key.serial == 0 && self.mode == Mode::OneInFlight {
                        // There is no socket to replace it.
                        self.desk.traffic.connect_failed(lane);
                    } else {
                        self.free(lane);
                    }
                }
            }
        }
    }

    /// A per-request link whose request is gone, or whose pool is stopped, while it was connecting.
    fn give_up(&mut self, lane: usize) {
        if let Some(attempt) = self.dialing[lane].take() {
            self.desk.traffic.given_up(attempt, self.desk.now);
        }
        if self.desk.traffic.is_stopped() {
            self.desk.traffic.not_connected(lane, NotSent::Closing, self.desk.now);
        } else {
            self.free(lane);
        }
    }

    fn free(&mut self, lane: usize) {
        match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => {}
            Mode::PerRequest { .. } => self.desk.traffic.free(lane),
        }
    }

    fn lose(&mut self, lane: usize, why: LinkLoss) {
        if self.sockets[lane].take().is_some() {
            self.desk.traffic.link_down(lane, why, self.desk.now);
            self.free(lane);
        }
    }

    fn check(&mut self) {
        for event in self.desk.events() {
            match event {
                LinkEvent::Outcome { tag, outcome } => {
                    let seen = self.seen.get_mut(&tag).expect("only what was accepted has an outcome");
                    match &outcome {
                        Outcome::Answered(_) => {
                            assert!(seen.whole);
                            let own = self.answered_by == Some(tag);
                            assert!(own || !matches!(self.mode, Mode::PerRequest { .. }), "another's socket");
                        }
                        Outcome::NotSent(_) => assert!(!seen.bytes_taken, "a promise was broken"),
                        Outcome::Unanswered(unanswered) => {
                            assert!(seen.bytes_taken && seen.last_byte.unwrap() <= unanswered.last_byte_by);
                        }
                    }
                    assert!(seen.outcome.replace(outcome).is_none(), "a second outcome");
                }
                LinkEvent::Late { tag, .. } => {
                    let seen = self.seen.get_mut(&tag).unwrap();
                    assert!(matches!(seen.outcome, Some(Outcome::Unanswered(_))));
                    seen.late += 1;
                    assert_eq!(seen.late, 1);
                }
                LinkEvent::Unknown { .. }
                | LinkEvent::Flooded { .. }
                | LinkEvent::Up { .. }
                | LinkEvent::Down { .. }
                | LinkEvent::Breaker { .. } => {}
            }
        }
        let open = self.seen.values().filter(|seen| seen.outcome.is_none()).count();
        let state = self.desk.traffic.state();
        assert_eq!(state.in_flight + state.queued, open);
        assert!(open <= 20);
        for (lane, socket) in self.sockets.iter().enumerate() {
            let busy = !self.desk.traffic.is_idle(lane);
            assert!(
                busy || socket.is_none() || !matches!(self.mode, Mode::PerRequest { .. }),
                "an idle socket"
            );
            assert!(!busy || socket.is_some() || self.desk.traffic.is_called(lane), "a lane nobody serves");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_accepted_send_has_one_true_outcome(
        mode in prop::sample::select(&MODES[..]),
        steps in prop::collection::vec(step(), 1..150),
    ) {
        let mut world = World::new(mode);
        for lane in 0..LINKS {
            world.take(Step::Up { lane }, 0);
        }
        for (step, tag) in steps.into_iter().zip(0..) {
            world.take(step, tag);
        }
        world.desk.traffic.stop();
        world.leave();
        world.check();
        prop_assert!(world.seen.values().all(|seen| seen.outcome.is_some()));
    }
}
