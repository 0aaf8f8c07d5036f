//! Which answer is whose: by key, once, and late ones apart.

use super::*;

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
