//! Per-request pools: a socket for each request, and none without.

use super::*;

const MODE: Mode = Mode::PerRequest { send_timeout: Duration::from_secs(2) };

/// A desk as its link tasks find it: every address reachable.
fn desk(links: usize) -> Desk {
    Desk::new(MODE, links)
}

impl Desk {
    /// Links up, requests in flight, requests queued.
    fn carried(&self) -> (usize, usize, usize) {
        let state = self.traffic.state();
        (state.links_up, state.in_flight, state.queued)
    }

    /// Connects for the lane's request, to the first address that may be tried.
    fn connect(&mut self, lane: usize) -> LinkId {
        assert!(self.traffic.is_called(lane), "lane {lane} has no request");
        let attempt = self.traffic.next_address(lane, 0, self.now).unwrap();
        self.traffic.reached(attempt);
        self.link_up(lane)
    }

    /// Fails to connect to every address that may be tried, each to be left alone for a second.
    fn fail(&mut self, lane: usize) {
        let mut behind = 0;
        while let Ok(attempt) = self.traffic.next_address(lane, behind, self.now) {
            self.traffic.missed(attempt, self.now, SECOND, self.now);
            behind = attempt.behind;
        }
        self.traffic.not_connected(lane, NotSent::NoLink, self.now);
        self.traffic.free(lane);
    }

    /// Closes the lane's socket as it was served.
    fn close(&mut self, lane: usize) {
        assert_eq!(self.traffic.leave(lane), Some(Leave::Served));
        self.traffic.link_down(lane, LinkLoss::Served, self.now);
        self.traffic.free(lane);
    }
}

#[test]
fn a_socket_carries_one_request_and_is_closed_after_its_answer() {
    let mut desk = desk(1);
    assert!(!desk.traffic.is_called(0), "an idle link connects to nothing");
    desk.send(1).unwrap();
    desk.send(2).unwrap();
    desk.connect(0);
    assert_eq!(desk.write(0, 1_000), 10);
    desk.answer(APPROVAL, 1, Some(0));
    assert_eq!(desk.outcomes(), [(1, answered())]);
    assert_eq!(desk.write(0, 1_000), 0);
    desk.close(0);
    desk.connect(0);
    assert_eq!(desk.write(0, 1_000), 10);
    desk.answer(APPROVAL, 2, Some(0));
    assert_eq!(desk.outcomes(), [(2, answered())]);
    desk.close(0);
    assert!(!desk.traffic.is_called(0));
}

#[test]
fn when_all_links_are_busy_requests_wait_until_the_queue_is_full() {
    let mut desk = desk(2);
    for serial in 1..=12 {
        desk.send(serial).unwrap();
    }
    assert_eq!(desk.send(13), Err(NotSent::QueueFull));
    for lane in [0, 1] {
        desk.connect(lane);
        desk.write(lane, 1_000);
    }
    desk.pass(10 * SECOND);
    let outcomes = desk.outcomes();
    assert_eq!(outcomes.len(), 12);
    for (tag, outcome) in outcomes {
        match outcome {
            Outcome::NotSent(why) => assert!(tag > 2 && why == NotSent::DeadlinePassed),
            Outcome::Unanswered(unanswered) => assert!(tag <= 2 && unanswered.why == UnansweredWhy::TimedOut),
            Outcome::Answered(_) => panic!("{tag} was answered by nobody"),
        }
    }
}

#[test]
fn nothing_on_a_socket_answers_a_request_it_was_not_connected_for() {
    let mut desk = desk(2);
    for serial in [1, 2] {
        desk.send(serial).unwrap();
    }
    for lane in [0, 1] {
        desk.connect(lane);
        desk.write(lane, 1_000);
    }
    desk.answer(APPROVAL, 2, Some(0));
    desk.answer(APPROVAL, 2, None);
    assert_eq!(desk.events(), [unknown(APPROVAL, 2), unknown(APPROVAL, 2)]);
    desk.answer(APPROVAL, 1, Some(0));
    desk.answer(APPROVAL, 1, Some(0));
    desk.answer(APPROVAL, 2, Some(0));
    let outcome = LinkEvent::Outcome { tag: 1, outcome: answered() };
    assert_eq!(desk.events(), [outcome, unknown(APPROVAL, 1), unknown(APPROVAL, 2)]);
    desk.answer(APPROVAL, 2, Some(1));
    assert_eq!(desk.outcomes(), [(2, answered())]);
}

#[test]
fn what_cannot_be_read_answers_the_request_of_its_socket_once_that_was_handed_over() {
    let mut desk = desk(2);
    for serial in [1, 2] {
        desk.send(serial).unwrap();
    }
    let unreadable = || LinkEvent::Unknown { telegram: Bytes::from_static(b"answer"), key: None };
    desk.connect(0);
    desk.answer_unreadably(Some(0));
    desk.write(0, 4);
    desk.answer_unreadably(Some(0));
    assert_eq!(desk.events(), [unreadable(), unreadable()]);
    desk.write(0, 1_000);
    desk.connect(1);
    desk.write(1, 1_000);
    desk.answer_unreadably(None);
    assert_eq!(desk.events(), [unreadable()]);
    desk.answer_unreadably(Some(1));
    assert_eq!(desk.outcomes(), [(2, answered())]);
    desk.answer_unreadably(Some(1));
    assert_eq!(desk.events(), [unreadable()]);
    desk.answer(APPROVAL, 1, Some(0));
    assert_eq!(desk.outcomes(), [(1, answered())]);
}

#[test]
fn a_request_that_timed_out_leaves_its_socket_to_read_and_its_link_to_the_next() {
    let mut desk = desk(1);
    desk.send(1).unwrap();
    let link = desk.connect(0);
    desk.write(0, 1_000);
    let handed = desk.now;
    desk.now += 5 * SECOND;
    desk.send(2).unwrap();
    desk.pass(5 * SECOND);
    let given_up = Unanswered { why: UnansweredWhy::TimedOut, last_byte_by: handed + 5 * SECOND, link };
    assert_eq!(desk.outcomes(), [(1, Outcome::Unanswered(given_up))]);
    assert_eq!(desk.traffic.leave(0), Some(Leave::ForLateAnswer(Key { kind: APPROVAL, serial: 1 })));
    desk.traffic.replaced(0);
    desk.traffic.free(0);
    desk.connect(0);
    assert_eq!(desk.write(0, 1_000), 10);
    desk.answer(APPROVAL, 1, None);
    assert_eq!(desk.events(), [late(1)]);
    desk.answer(APPROVAL, 2, Some(0));
    assert_eq!(desk.outcomes(), [(2, answered())]);
}

#[test]
fn the_late_answer_to_an_earlier_try_does_not_answer_the_next() {
    let mut desk = desk(1);
    desk.send(1).unwrap();
    desk.connect(0);
    desk.write(0, 1_000);
    desk.pass(10 * SECOND);
    desk.traffic.replaced(0);
    desk.traffic.free(0);
    desk.events();
    desk.traffic.send(Outgoing { tag: 100, ..desk.outgoing(APPROVAL, 1) }, desk.now).unwrap();
    desk.connect(0);
    desk.write(0, 1_000);
    desk.answer(APPROVAL, 1, None);
    assert_eq!(desk.events(), [late(1)]);
    desk.answer(APPROVAL, 1, Some(0));
    assert_eq!(desk.outcomes(), [(100, answered())]);
}

#[test]
fn a_socket_lost_before_the_write_is_not_sent_and_after_it_unanswered() {
    let mut desk = desk(1);
    desk.send(1).unwrap();
    desk.send(2).unwrap();
    desk.connect(0);
    desk.down(0);
    assert_eq!(desk.outcomes(), [(1, Outcome::NotSent(NotSent::ConnectionLost))]);
    desk.traffic.free(0);
    let link = desk.connect(0);
    desk.write(0, 1);
    desk.down(0);
    let lost = Unanswered { why: UnansweredWhy::ConnectionLost, last_byte_by: desk.now, link };
    assert_eq!(desk.outcomes(), [(2, Outcome::Unanswered(lost))]);
}

#[test]
fn not_after_is_checked_right_before_the_write() {
    let mut desk = desk(1);
    let soon = desk.now + SECOND;
    desk.traffic.send(Outgoing { not_after: soon, ..desk.outgoing(APPROVAL, 1) }, desk.now).unwrap();
    desk.connect(0);
    desk.now = soon;
    assert_eq!(desk.write(0, 1_000), 0);
    assert_eq!(desk.outcomes(), [(1, Outcome::NotSent(NotSent::NotAfterPassed))]);
    desk.close(0);
}

#[test]
fn a_request_that_falls_due_while_connecting_is_given_up_with_its_attempt() {
    let mut desk = desk(1);
    desk.send(1).unwrap();
    assert!(desk.traffic.next_address(0, 0, desk.now).is_ok());
    desk.pass(10 * SECOND);
    assert_eq!(desk.outcomes(), [(1, Outcome::NotSent(NotSent::DeadlinePassed))]);
    assert_eq!(desk.traffic.leave(0), Some(Leave::Served));
    desk.send(2).unwrap();
    assert!(!desk.traffic.is_called(0), "its task is still busy");
    desk.traffic.free(0);
    assert!(desk.traffic.is_called(0));
}

#[test]
fn a_socket_that_takes_too_little_within_the_send_timeout_is_reset() {
    let lost = |link, now| Unanswered { why: UnansweredWhy::ConnectionLost, last_byte_by: now, link };
    for taken in [0, 4] {
        let mut desk = desk(1);
        desk.send(1).unwrap();
        desk.pass(SECOND);
        let link = desk.connect(0);
        desk.write(0, taken);
        desk.pass(Duration::from_millis(1_999));
        assert_eq!((desk.traffic.leave(0), desk.events()), (None, vec![]));
        desk.pass(Duration::from_millis(1));
        assert_eq!(desk.traffic.leave(0), Some(Leave::Stuck));
        desk.traffic.link_down(0, LinkLoss::Stuck, desk.now);
        let expected = match taken {
            0 => Outcome::NotSent(NotSent::ConnectionLost),
            _ => Outcome::Unanswered(lost(link, desk.now)),
        };
        assert_eq!(desk.outcomes(), [(1, expected)]);
    }
}

#[test]
fn the_send_timeout_means_nothing_once_all_was_taken() {
    let mut desk = desk(1);
    desk.send(1).unwrap();
    desk.connect(0);
    desk.write(0, 1_000);
    desk.pass(9 * SECOND);
    assert_eq!((desk.traffic.leave(0), desk.events()), (None, vec![]));
    desk.answer(APPROVAL, 1, Some(0));
    assert_eq!(desk.outcomes(), [(1, answered())]);
}

#[test]
fn while_no_address_can_be_reached_requests_are_refused_at_once_but_for_one_a_pause() {
    let mut desk = desk(2);
    for serial in 1..=4 {
        desk.send(serial).unwrap();
    }
    desk.fail(0);
    let refused = |serial| (serial, Outcome::NotSent(NotSent::NoLink));
    assert_eq!(desk.outcomes(), [refused(1), refused(3), refused(4)]);
    assert_eq!(desk.traffic.next_address(1, 0, desk.now), Err(NotSent::NoLink));
    desk.traffic.not_connected(1, NotSent::NoLink, desk.now);
    desk.traffic.free(1);
    assert_eq!(desk.outcomes(), [refused(2)]);
    assert_eq!((desk.send(5), desk.traffic.state().links_up), (Err(NotSent::NoLink), 0));

    desk.pass(SECOND);
    desk.send(5).unwrap();
    let lane = [0, 1].into_iter().find(|lane| desk.traffic.is_called(*lane)).unwrap();
    let probe = desk.traffic.next_address(lane, 0, desk.now).unwrap();
    let other = desk.traffic.next_address(lane, probe.behind, desk.now).unwrap();
    assert_eq!(desk.send(6), Err(NotSent::NoLink));
    desk.traffic.missed(probe, desk.now, SECOND, desk.now);
    desk.traffic.reached(other);
    desk.link_up(lane);
    assert_eq!((desk.send(6), desk.traffic.state().links_up), (Ok(()), 2));
}

#[test]
fn an_idle_pool_is_up_and_so_is_one_that_waits_for_late_answers() {
    let mut desk = desk(1);
    assert_eq!(desk.carried(), (1, 0, 0));
    desk.send(1).unwrap();
    desk.connect(0);
    desk.write(0, 1_000);
    assert_eq!(desk.carried(), (1, 1, 0));
    desk.pass(10 * SECOND);
    desk.traffic.replaced(0);
    assert_eq!(desk.carried(), (1, 0, 0));
    desk.send(2).unwrap();
    desk.traffic.free(0);
    desk.connect(0);
    assert_eq!(desk.write(0, 1_000), 10);
}

#[test]
fn a_stopped_pool_gives_up_what_it_connects_for() {
    let mut desk = desk(1);
    for serial in [1, 2] {
        desk.send(serial).unwrap();
    }
    desk.traffic.drain();
    assert_eq!(desk.send(3), Err(NotSent::Closing));
    assert!(desk.traffic.is_called(0), "what was accepted is still carried");
    desk.traffic.stop();
    assert_eq!(desk.traffic.leave(0), Some(Leave::Closing));
    desk.traffic.not_connected(0, NotSent::Closing, desk.now);
    let closing = Outcome::NotSent(NotSent::Closing);
    assert_eq!(desk.outcomes(), [(2, closing.clone()), (1, closing)]);
    assert!(desk.traffic.is_drained());
}

#[test]
fn a_socket_whose_request_is_gone_is_left_at_once() {
    let mut desk = desk(1);
    desk.send(1).unwrap();
    let attempt = desk.traffic.next_address(0, 0, desk.now).unwrap();
    desk.pass(10 * SECOND);
    desk.traffic.reached(attempt);
    desk.link_up(0);
    assert_eq!(desk.write(0, 1_000), 0);
    desk.close(0);
}

#[test]
fn the_clock_is_set_to_the_end_of_the_send_timeout() {
    let mut desk = desk(1);
    desk.send(1).unwrap();
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    assert_eq!(desk.traffic.set_clock(&waker), Some(desk.now + 10 * SECOND));
    desk.connect(0);
    assert_eq!(woken.times(), 1);
    assert_eq!(desk.traffic.set_clock(&waker), Some(desk.now + 2 * SECOND));
}
