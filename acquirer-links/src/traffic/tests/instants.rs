//! Deadlines and not-after instants, in the queue, at the write and in the middle of a frame; and a link that is lost.

use super::*;

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
