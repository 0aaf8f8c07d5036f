use acquirer_links::LinkLoss;

use super::acquirer::{Acquirer, Socket, Unaccepting, dead_address};
use super::*;

/// Longer than any test: an address that failed is not tried again.
const NEVER_AGAIN: Backoff = Backoff { base: Duration::from_hours(24), max: Duration::from_hours(24) };

/// Links up, requests in flight, requests queued.
const IDLE: (usize, usize, usize) = (1, 0, 0);

async fn started(change: impl FnOnce(&mut PoolSettings)) -> (Line, Acquirer) {
    let acquirer = Acquirer::listen().await;
    let mut settings = settings(&acquirer.address());
    change(&mut settings);
    (Line::start(PER_REQUEST, settings), acquirer)
}

impl Line {
    async fn served(&mut self) {
        let event = self.event().await;
        assert!(matches!(event, LinkEvent::Down { why: LinkLoss::Served, .. }), "{event:?}");
    }

    /// Sends again and again until it is accepted, which it must be some time.
    async fn accepted(&self, serial: u64, answer_within: Duration) {
        timeout(TOO_LONG, async {
            while let Err(why) = self.send(outgoing(APPROVAL, serial, answer_within)) {
                assert_eq!(why, NotSent::NoLink);
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("accepted in time");
    }
}

/// Takes the one request of the next socket.
async fn called(acquirer: &Acquirer, line: &mut Line, serial: u64) -> Socket {
    let mut socket = acquirer.accept().await;
    line.up(1).await;
    socket.expect(APPROVAL, serial).await;
    socket
}

#[tokio::test]
async fn each_request_has_a_socket_of_its_own_and_an_idle_pool_has_none() {
    let (mut line, acquirer) = started(|_| {}).await;
    assert!(timeout(SHORT, acquirer.accept()).await.is_err(), "a socket without a request");
    for serial in 1..=3 {
        assert_eq!(line.carried(), IDLE);
        line.request(serial).unwrap();
        let mut socket = called(&acquirer, &mut line, serial).await;
        socket.answer(APPROVAL, serial).await;
        assert_eq!(line.outcome().await, answered(APPROVAL, serial));
        line.served().await;
        assert!(socket.is_closed().await);
    }
    assert_eq!(line.carried(), IDLE);
}

#[tokio::test]
async fn there_are_never_more_sockets_than_links_and_the_rest_waits() {
    let (mut line, acquirer) = started(|settings| settings.links = 2).await;
    for serial in 1..=4 {
        line.request(serial).unwrap();
    }
    let mut sockets = vec![acquirer.accept().await, acquirer.accept().await];
    line.up(2).await;
    let mut serials = std::collections::HashSet::new();
    while let Some(mut socket) = sockets.pop() {
        let (_, serial) = socket.request().await.unwrap();
        assert!(timeout(SHORT, acquirer.accept()).await.is_err(), "a third socket");
        socket.answer(APPROVAL, serial).await;
        assert_eq!(line.outcome().await, answered(APPROVAL, serial));
        line.served().await;
        serials.insert(serial);
        if serials.len() <= 2 {
            sockets.insert(0, acquirer.accept().await);
            line.up(1).await;
        }
    }
    assert_eq!(serials.len(), 4);
}

#[tokio::test]
async fn a_refused_connection_is_not_sent_and_nobody_hangs_until_the_pause_is_over() {
    let settings = PoolSettings { backoff: NEVER_AGAIN, ..settings(&dead_address().await) };
    let mut line = Line::start(PER_REQUEST, settings);
    for serial in [1, 2] {
        line.request(serial).unwrap();
    }
    for serial in [1, 2] {
        assert_eq!(line.outcome().await, (serial, Outcome::NotSent(NotSent::NoLink)));
    }
    assert_eq!(line.request(3), Err(NotSent::NoLink));
    assert_eq!(line.carried(), (0, 0, 0));
}

#[tokio::test]
async fn after_the_pause_one_request_finds_out_whether_the_acquirer_is_back() {
    let address = dead_address().await;
    let mut line = Line::start(PER_REQUEST, settings(&address));
    for serial in 1..=3 {
        line.accepted(serial, TOO_LONG).await;
        assert_eq!(line.outcome().await, (serial, Outcome::NotSent(NotSent::NoLink)));
    }
    let acquirer = Acquirer::listen_at(&address).await;
    line.accepted(4, TOO_LONG).await;
    let mut socket = called(&acquirer, &mut line, 4).await;
    assert_eq!(line.carried().0, 1);
    socket.answer(APPROVAL, 4).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 4));
}

#[tokio::test]
async fn a_request_goes_by_another_address_while_the_connect_time_lasts() {
    let unaccepting = Unaccepting::listen().await;
    for first in [dead_address().await, unaccepting.address()] {
        let acquirer = Acquirer::listen().await;
        let addresses = vec![first, acquirer.address()];
        let settings = PoolSettings { addresses, connect_timeout: 2 * SHORT, ..settings("") };
        let mut line = Line::start(PER_REQUEST, settings);
        for serial in 1..=3 {
            line.request(serial).unwrap();
            let mut socket = called(&acquirer, &mut line, serial).await;
            socket.answer(APPROVAL, serial).await;
            assert_eq!(line.outcome().await, answered(APPROVAL, serial));
            line.served().await;
        }
    }
}

#[tokio::test]
async fn an_address_that_failed_is_passed_over_during_its_pause() {
    let (first, acquirer) = (dead_address().await, Acquirer::listen().await);
    let addresses = vec![first.clone(), acquirer.address()];
    let settings = PoolSettings { addresses, backoff: NEVER_AGAIN, ..settings("") };
    let mut line = Line::start(PER_REQUEST, settings);
    let mut back = None;
    for serial in 1..=3 {
        line.request(serial).unwrap();
        let mut socket = called(&acquirer, &mut line, serial).await;
        socket.answer(APPROVAL, serial).await;
        assert_eq!(line.outcome().await, answered(APPROVAL, serial));
        line.served().await;
        if back.is_none() {
            back = Some(Acquirer::listen_at(&first).await);
        }
    }
}

#[tokio::test]
async fn a_connection_that_takes_too_long_is_not_sent() {
    let unaccepting = Unaccepting::listen().await;
    let settings = settings(&unaccepting.address());
    let mut line = Line::start(PER_REQUEST, PoolSettings { connect_timeout: SHORT, ..settings });
    line.request(1).unwrap();
    assert_eq!(line.outcome().await, (1, Outcome::NotSent(NotSent::NoLink)));
}

#[tokio::test]
async fn a_deadline_that_passes_while_connecting_is_not_sent() {
    let unaccepting = Unaccepting::listen().await;
    let settings = settings(&unaccepting.address());
    let mut line = Line::start(PER_REQUEST, PoolSettings { connect_timeout: TOO_LONG, ..settings });
    line.send(outgoing(APPROVAL, 1, SHORT)).unwrap();
    assert_eq!(line.outcome().await, (1, Outcome::NotSent(NotSent::DeadlinePassed)));
    assert_eq!(line.carried(), IDLE);
}

#[tokio::test]
async fn a_request_that_falls_due_while_it_finds_out_leaves_that_to_the_next() {
    let unaccepting = Unaccepting::listen().await;
    let settings = settings(&unaccepting.address());
    let mut line = Line::start(PER_REQUEST, PoolSettings { connect_timeout: 3 * SHORT, ..settings });
    line.request(1).unwrap();
    assert_eq!(line.outcome().await, (1, Outcome::NotSent(NotSent::NoLink)));
    line.accepted(2, SHORT).await;
    assert_eq!(line.outcome().await, (2, Outcome::NotSent(NotSent::DeadlinePassed)));
    line.accepted(3, SHORT).await;
    assert_eq!(line.outcome().await, (3, Outcome::NotSent(NotSent::DeadlinePassed)));
}

#[tokio::test]
async fn only_its_own_key_answers_a_request_and_nothing_after_the_answer_is_another() {
    let (mut line, acquirer) = started(|settings| settings.links = 2).await;
    line.request(1).unwrap();
    let mut first = called(&acquirer, &mut line, 1).await;
    line.request(2).unwrap();
    let mut second = called(&acquirer, &mut line, 2).await;

    let unknown = |serial| {
        let telegram = telegram(APPROVAL + 1, serial);
        LinkEvent::Unknown { key: key_of(&telegram), telegram }
    };
    first.answer(APPROVAL, 2).await;
    assert_eq!(line.event().await, unknown(2));
    first.answer_all(APPROVAL, &[1, 1, 2]).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
    assert_eq!([line.event().await, line.event().await], [unknown(1), unknown(2)]);
    line.served().await;
    second.answer(APPROVAL, 2).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 2));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_handed_over_and_waited_for_no_longer() {
    let (mut line, acquirer) = started(|_| {}).await;
    line.request(1).unwrap();
    let mut socket = called(&acquirer, &mut line, 1).await;
    let unreadable = b"out of order";
    assert_eq!(key_of(unreadable), None);
    socket.write(b"0012").await;
    socket.write(unreadable).await;
    assert_eq!(line.outcome().await, (1, Outcome::Answered(Bytes::from_static(unreadable))));
    line.served().await;
    assert!(socket.is_closed().await);
}

#[tokio::test]
async fn a_peer_that_closes_before_its_answer_leaves_the_request_unanswered() {
    let (mut line, acquirer) = started(|_| {}).await;
    for serial in [1, 2] {
        line.request(serial).unwrap();
        let socket = called(&acquirer, &mut line, serial).await;
        if serial == 1 {
            drop(socket);
        } else {
            socket.reset();
        }
        let (tag, unanswered) = line.unanswered().await;
        assert_eq!((tag, unanswered.why), (serial, UnansweredWhy::ConnectionLost));
        line.down().await;
    }
    assert_eq!(line.carried(), IDLE);
}

#[tokio::test]
async fn a_late_answer_is_told_on_a_socket_that_only_reads_while_the_link_carries_on() {
    let (mut line, acquirer) = started(|_| {}).await;
    line.send(outgoing(APPROVAL, 1, SHORT)).unwrap();
    line.request(2).unwrap();
    let mut silent = called(&acquirer, &mut line, 1).await;
    assert_eq!(line.unanswered().await.1.why, UnansweredWhy::TimedOut);
    line.down().await;

    let mut fresh = called(&acquirer, &mut line, 2).await;
    silent.answer(APPROVAL, 1).await;
    assert_eq!(line.event().await, LinkEvent::Late { tag: 1, telegram: telegram(APPROVAL + 1, 1) });
    assert!(silent.is_closed().await, "after its late answer a socket is closed");
    fresh.answer(APPROVAL, 2).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 2));
}

#[tokio::test]
async fn a_socket_without_its_answer_is_closed_when_the_late_window_ends() {
    let (mut line, acquirer) = started(|settings| settings.late_window = SHORT).await;
    line.send(outgoing(APPROVAL, 1, SHORT)).unwrap();
    let mut silent = called(&acquirer, &mut line, 1).await;
    line.unanswered().await;
    assert!(silent.is_closed().await);
}

#[tokio::test]
async fn a_socket_waits_for_its_late_answer_no_longer_than_it_may() {
    let (mut line, acquirer) = started(|settings| settings.late_reading = SHORT).await;
    line.send(outgoing(APPROVAL, 1, SHORT)).unwrap();
    let mut silent = called(&acquirer, &mut line, 1).await;
    line.unanswered().await;
    assert!(silent.is_closed().await);
}

#[tokio::test]
async fn a_silent_acquirer_holds_at_most_twice_the_links_and_no_link_for_long() {
    let (mut line, acquirer) = started(|_| {}).await;
    let mut silent = Vec::new();
    for serial in 1..=3 {
        line.send(outgoing(APPROVAL, serial, SHORT)).unwrap();
        silent.push(called(&acquirer, &mut line, serial).await);
        line.unanswered().await;
        line.down().await;
    }
    for oldest in &mut silent[..2] {
        assert!(oldest.is_closed().await, "its place was needed");
    }
    line.request(4).unwrap();
    let mut well = called(&acquirer, &mut line, 4).await;
    silent[2].answer(APPROVAL, 3).await;
    assert!(matches!(line.event().await, LinkEvent::Late { tag: 3, .. }));
    well.answer(APPROVAL, 4).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 4));
}

#[tokio::test]
async fn closing_waits_for_what_is_under_way_and_gives_up_the_rest() {
    let (mut line, acquirer) = started(|settings| settings.links = 2).await;
    for serial in 1..=3 {
        line.request(serial).unwrap();
    }
    let mut sockets = [acquirer.accept().await, acquirer.accept().await];
    line.up(2).await;
    for socket in &mut sockets {
        socket.request().await.unwrap();
    }
    let acquirer = async {
        let [first, _] = &mut sockets;
        first.answer_all(APPROVAL, &[1, 2]).await;
        assert!(first.is_closed().await);
        let mut third = acquirer.accept().await;
        third.expect(APPROVAL, 3).await;
        third.answer(APPROVAL, 3).await;
        assert!(sockets[1].is_closed().await);
    };
    tokio::join!(line.pool.close(Instant::now() + 5 * SHORT), acquirer);
    assert_eq!(line.request(4), Err(NotSent::Closing));
    let (mut answered, mut closed) = (0, 0);
    drop(line.pool);
    while let Some(event) = line.events.recv().await {
        match event {
            LinkEvent::Outcome { outcome: Outcome::Answered(_), .. } => answered += 1,
            LinkEvent::Outcome { outcome: Outcome::Unanswered(unanswered), .. } => {
                assert_eq!(unanswered.why, UnansweredWhy::Closed);
                closed += 1;
            }
            LinkEvent::Unknown { .. } | LinkEvent::Up { .. } | LinkEvent::Down { .. } => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!((answered, closed), (2, 1));
}

#[tokio::test]
async fn closing_gives_up_a_connection_that_is_not_there_yet() {
    let unaccepting = Unaccepting::listen().await;
    let settings = settings(&unaccepting.address());
    let mut line = Line::start(PER_REQUEST, PoolSettings { connect_timeout: TOO_LONG, ..settings });
    for serial in [1, 2] {
        line.request(serial).unwrap();
    }
    timeout(TOO_LONG, line.pool.close(Instant::now() + SHORT)).await.expect("closed at its deadline");
    let mut given_up = [line.outcome().await, line.outcome().await];
    given_up.sort_unstable_by_key(|(tag, _)| *tag);
    let closing = Outcome::NotSent(NotSent::Closing);
    assert_eq!(given_up, [(1, closing.clone()), (2, closing)]);
}

#[tokio::test]
async fn a_dropped_pool_closes_its_sockets() {
    let (mut line, acquirer) = started(|_| {}).await;
    line.request(1).unwrap();
    let mut socket = called(&acquirer, &mut line, 1).await;
    drop(line.pool);
    assert!(socket.is_closed().await);
}
