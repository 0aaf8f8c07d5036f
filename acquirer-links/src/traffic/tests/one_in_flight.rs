//! Links that carry one request at a time.

use super::*;

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
