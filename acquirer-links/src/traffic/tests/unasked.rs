//! What a lane may bring that nobody waits for.

use super::*;

impl Desk {
    /// Whether the lane's sockets are read from.
    fn is_read(&self, lane: usize) -> bool {
        self.traffic.reads_at(lane, self.now).is_none()
    }

    /// So many telegrams that nobody waits for come in on the lane; how many of them are told, and how often that they are too many.
    fn flood(&mut self, lane: usize, count: u32) -> (usize, usize) {
        for serial in 0..count {
            self.answer(APPROVAL, 1_000 + serial, Some(lane));
        }
        let events = self.events();
        let floods = events.iter().filter(|event| matches!(event, LinkEvent::Flooded { .. })).count();
        (events.len() - floods, floods)
    }
}

#[test]
fn a_lane_that_brings_too_much_is_paused_alone_and_all_it_brought_is_told() {
    let mut desk = Desk::up(Mode::Multiplexed, 2);
    assert_eq!(desk.flood(0, 5_000), (5_000, 0));
    assert!(desk.is_read(0));
    assert_eq!(desk.flood(0, 500), (500, 1));
    assert!(!desk.is_read(0) && desk.is_read(1));
    desk.pass(3 * SECOND);
    assert!(desk.is_read(0), "500 a second, half of them for each of two links");
}

#[test]
fn a_lane_that_floods_is_paused_on_its_next_connection_too() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    desk.flood(0, 11_000);
    desk.down(0);
    desk.link_up(0);
    assert!(!desk.is_read(0));
}

#[test]
fn what_answers_something_asked_pauses_no_lane_in_time_or_late() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight] {
        let mut desk = Desk::up(mode, 1);
        for serial in 0..10_500 {
            desk.send(serial).unwrap();
            desk.write(0, 100);
            desk.answer(APPROVAL, serial, Some(0));
        }
        assert_eq!(desk.events().len(), 10_500);
        assert!(desk.is_read(0));
        // None of that was saved up.
        assert_eq!(desk.flood(0, 10_001), (10_001, 1));
    }
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    assert_eq!(desk.flood(0, 9_999), (9_999, 0));
    for serial in 0..10 {
        desk.send(serial).unwrap();
    }
    desk.write(0, 1_000);
    desk.traffic.expire(desk.now + 10 * SECOND);
    for serial in 0..10 {
        desk.answer(APPROVAL, serial, Some(0));
    }
    assert_eq!(desk.events().iter().filter(|event| matches!(event, LinkEvent::Late { .. })).count(), 10);
    assert_eq!(desk.flood(0, 10), (10, 0), "each makes up for another");
}

#[test]
fn each_answer_twice_is_heard_at_any_rate() {
    let mut desk = Desk::up(Mode::Multiplexed, 4);
    for serial in 0..10_000 {
        desk.send(serial).unwrap();
        let lane = usize::try_from(serial % 4).unwrap();
        for nth in 0..4 {
            desk.write(nth, 100);
        }
        desk.answer(APPROVAL, serial, Some(lane));
        desk.answer(APPROVAL, serial, Some(lane));
        assert!(desk.is_read(lane), "{serial}");
    }
}

#[test]
fn replies_to_no_echo_count() {
    let mut desk = Desk::up(Mode::Multiplexed, 1);
    for _ in 0..10_001 {
        desk.traffic.echoed(0, desk.now);
    }
    assert!(!desk.is_read(0));
    assert!(matches!(desk.events()[..], [LinkEvent::Flooded { .. }]));
}
