//! A draining pool: who closes, who reads on, and until when.

use super::*;
use crate::dialing::Turn;

/// With request 1 given up on at its timeout, on lane 0.
fn given_up(mode: Mode, links: usize) -> Desk {
    let mut desk = Desk::up(mode, links);
    desk.send(1).unwrap();
    desk.write(0, 1_000);
    desk.pass(10 * SECOND);
    assert!(matches!(desk.outcomes()[..], [(1, Outcome::Unanswered(_))]));
    desk
}

fn leaving(desk: &Desk) -> Vec<Option<Leave>> {
    (0..desk.outboxes.len()).map(|lane| desk.traffic.leave(lane)).collect()
}

#[test]
fn a_link_closes_once_it_carries_nothing_and_owes_no_late_answer() {
    const MOMENT: Duration = Duration::from_nanos(1);
    let mut desk = given_up(Mode::Multiplexed, 3);
    desk.send(2).unwrap();
    desk.write(1, 1_000);
    desk.traffic.drain();
    // One gave up on its request, one carries another, one is idle.
    assert_eq!(leaving(&desk), [None, None, Some(Leave::Closing)]);
    desk.answer(APPROVAL, 2, Some(1));
    assert_eq!(leaving(&desk), [None, Some(Leave::Closing), Some(Leave::Closing)]);
    assert!(desk.traffic.is_settled() && !desk.traffic.is_drained());
    desk.pass((60 * SECOND).saturating_sub(MOMENT));
    assert_eq!(desk.traffic.leave(0), None);
    assert_eq!(desk.traffic.set_clock(Waker::noop()), Some(desk.now + MOMENT));
    desk.pass(MOMENT);
    assert_eq!(desk.traffic.leave(0), Some(Leave::Closing));
    assert!(desk.traffic.is_drained());
    assert_eq!(desk.traffic.set_clock(Waker::noop()), None);
}

#[test]
fn a_link_that_is_lost_owes_no_late_answer_and_is_not_connected_again() {
    let mut desk = given_up(Mode::Multiplexed, 1);
    desk.traffic.drain();
    assert!(!desk.traffic.is_drained());
    desk.down(0);
    assert!(desk.traffic.is_drained());
    assert!(matches!(desk.traffic.turn(0, desk.now), Turn::Wait(None, _)));
}

#[test]
fn a_socket_that_only_reads_is_waited_for() {
    let mut desk = given_up(Mode::OneInFlight, 1);
    desk.traffic.drain();
    assert!(matches!(desk.traffic.leave(0), Some(Leave::ForLateAnswer(_))));
    assert!(!desk.traffic.is_drained(), "its task has yet to give the socket away");
    desk.traffic.replaced(0);
    assert!(!desk.traffic.is_drained());
    desk.traffic.late_reading_over();
    assert!(desk.traffic.is_drained());
}

#[test]
fn a_stopped_pool_waits_for_no_late_answer() {
    let mut desk = given_up(Mode::Multiplexed, 1);
    desk.traffic.stop();
    assert!(desk.traffic.is_drained());
    assert_eq!(leaving(&desk), [Some(Leave::Closing)]);
}

#[test]
fn a_link_that_reads_for_a_late_answer_is_replaced_only_for_what_waits() {
    for waits in [true, false] {
        let mut desk = Desk::up(Mode::OneInFlight, 1);
        desk.send(1).unwrap();
        desk.write(0, 1_000);
        desk.now += 5 * SECOND;
        if waits {
            desk.send(2).unwrap();
        }
        desk.traffic.drain();
        desk.pass(5 * SECOND);
        desk.traffic.replaced(0);
        let connects = matches!(desk.traffic.turn(0, desk.now), Turn::Dial(_));
        assert_eq!(connects, waits);
    }
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
