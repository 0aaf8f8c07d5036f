//! Which link takes a request, and when none does.

use super::*;

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
