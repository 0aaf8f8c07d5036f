//! Links that are asked for a sign of life.

use super::*;
use crate::heartbeat::Beat;
use crate::{BreakerSettings, BreakerState};

/// Two links to one address, asked after ten seconds.
fn desk(mode: Mode) -> Desk {
    let breaker = BreakerSettings { failures: 1, slow: None, pause: SECOND, max_pause: SECOND };
    let heartbeat = Some(10 * SECOND);
    let mut desk = Desk::with(mode, &PoolSettings { heartbeat, breaker, ..settings(2) });
    for lane in [0, 1] {
        desk.link_up(lane);
    }
    desk
}

impl Desk {
    /// What the lane's task does for its life; whether it asked.
    fn beat(&mut self, lane: usize) -> bool {
        match self.traffic.beat(lane, self.now) {
            Some(Beat::Ask) => {
                self.traffic.give_echo(lane, Bytes::from_static(b"echo"));
                true
            }
            Some(Beat::Later(_)) => false,
            Some(Beat::Silent) | None => panic!("the link is well"),
        }
    }

    /// The reply to an echo comes in on the lane's link.
    fn echoed(&mut self, lane: usize) {
        self.traffic.heard(lane, self.now);
        self.traffic.spoken_to(lane, self.now);
        self.traffic.echoed(lane, self.now);
    }
}

#[test]
fn an_echo_goes_before_what_waits_and_counts_as_no_request() {
    let mut desk = desk(Mode::Multiplexed);
    desk.now += 10 * SECOND;
    desk.send(1).unwrap();
    desk.send(2).unwrap();
    assert!(desk.beat(0));
    assert_eq!(desk.write(0, 6), 6);
    let state = desk.traffic.state();
    assert_eq!((state.in_flight, state.queued), (0, 2), "only the echo was taken");
    assert_eq!(desk.write(0, 1_000), 10);
}

#[test]
fn a_link_for_one_request_at_a_time_takes_the_next_that_waits_when_its_echo_is_back() {
    let mut desk = desk(Mode::OneInFlight);
    desk.now += 10 * SECOND;
    assert!(desk.beat(0) && desk.beat(1));
    assert_eq!([0, 1].map(|lane| desk.write(lane, 1_000)), [6, 6]);
    desk.send(1).unwrap();
    assert_eq!([0, 1].map(|lane| desk.write(lane, 1_000)), [0, 0]);
    desk.echoed(1);
    assert_eq!([0, 1].map(|lane| desk.write(lane, 1_000)), [0, 10]);
}

#[test]
fn one_link_asks_for_an_address_that_was_blocked() {
    let mut desk = desk(Mode::Multiplexed);
    desk.send(1).unwrap();
    desk.write(0, 1_000);
    desk.now += 5 * SECOND;
    for lane in [0, 1] {
        desk.traffic.heard(lane, desk.now);
    }
    desk.pass(5 * SECOND);
    assert_eq!(desk.traffic.breaker(), BreakerState::Blocked);
    desk.pass(SECOND);
    assert_eq!(desk.traffic.breaker(), BreakerState::Probing);
    assert_eq!([0, 1].map(|lane| desk.beat(lane)), [true, false]);
    assert_eq!(desk.send(2), Err(NotSent::Blocked));
    desk.echoed(0);
    assert_eq!(desk.send(2), Ok(()));
    assert_eq!(desk.traffic.breaker(), BreakerState::Probing, "an echo is no answer to a request");
}

#[test]
fn an_echo_nobody_answered_blocks_and_takes_the_link_with_it() {
    let mut desk = desk(Mode::Multiplexed);
    desk.now += 10 * SECOND;
    assert!(desk.beat(0));
    desk.write(0, 1_000);
    desk.pass(10 * SECOND);
    assert_eq!(desk.traffic.beat(0, desk.now), Some(Beat::Silent));
    desk.traffic.link_down(0, LinkLoss::Silent, desk.now);
    assert_eq!(desk.traffic.breaker(), BreakerState::Blocked);
}
