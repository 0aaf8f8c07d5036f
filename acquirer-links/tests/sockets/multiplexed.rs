use acquirer_links::LinkLoss;

use super::acquirer::{Acquirer, Socket};
use super::*;

async fn connected() -> (Line, Acquirer, Socket) {
    connected_with(|_| {}).await
}

async fn connected_with(change: impl FnOnce(&mut PoolSettings)) -> (Line, Acquirer, Socket) {
    let acquirer = Acquirer::listen().await;
    let mut settings = settings(&acquirer.address());
    change(&mut settings);
    let mut line = Line::start(Mode::Multiplexed, settings);
    let socket = acquirer.accept().await;
    line.up(1).await;
    (line, acquirer, socket)
}

#[tokio::test]
async fn answers_may_come_out_of_order_and_many_in_one_segment() {
    let (mut line, _acquirer, mut socket) = connected().await;
    for serial in 1..=5 {
        line.request(serial).unwrap();
    }
    for serial in 1..=5 {
        socket.expect(APPROVAL, serial).await;
    }
    socket.answer_all(APPROVAL, &[3, 5, 1, 4, 2]).await;
    for serial in [3, 5, 1, 4, 2] {
        assert_eq!(line.outcome().await, answered(APPROVAL, serial));
    }
    assert_eq!(line.pool.state().in_flight, 0);
}

#[tokio::test]
async fn an_answer_may_come_byte_by_byte() {
    let (mut line, _acquirer, mut socket) = connected().await;
    line.request(1).unwrap();
    socket.expect(APPROVAL, 1).await;
    socket.answer_byte_by_byte(APPROVAL, 1).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
}

#[tokio::test]
async fn a_late_a_second_and_an_unreadable_answer_are_told_apart() {
    let (mut line, _acquirer, mut socket) = connected().await;
    let before = Instant::now();
    line.send(outgoing(APPROVAL, 1, SHORT)).unwrap();
    socket.expect(APPROVAL, 1).await;
    let (tag, unanswered) = line.unanswered().await;
    assert_eq!((tag, unanswered.why), (1, UnansweredWhy::TimedOut));
    assert!(before.elapsed() >= SHORT);
    assert!(unanswered.last_byte_by <= Instant::now() + Duration::from_secs(5));

    socket.answer_all(APPROVAL, &[1, 1]).await;
    socket.write(b"0012not readable").await;
    let late = telegram(APPROVAL + 1, 1);
    assert_eq!(line.event().await, LinkEvent::Late { tag: 1, telegram: late.clone() });
    assert_eq!(line.event().await, LinkEvent::Unknown { key: key_of(&late), telegram: late });
    assert_eq!(line.event().await, LinkEvent::Unknown { key: None, telegram: "not readable".into() });

    line.request(2).unwrap();
    socket.expect(APPROVAL, 2).await;
    socket.answer(APPROVAL, 2).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 2));
}

#[tokio::test]
async fn a_net_cancel_follows_on_its_link_and_no_late_approval_answers_it() {
    let acquirer = Acquirer::listen().await;
    let settings = PoolSettings { links: 2, ..settings(&acquirer.address()) };
    let mut line = Line::start(Mode::Multiplexed, settings);
    let (mut first, mut second) = (acquirer.accept().await, acquirer.accept().await);
    line.up(2).await;
    for serial in [1, 2] {
        line.send(outgoing(APPROVAL, serial, SHORT)).unwrap();
    }
    let (_, original) = first.request().await.unwrap();
    second.request().await.unwrap();
    let given_up = [line.unanswered().await, line.unanswered().await];
    let (_, unanswered) = given_up.iter().find(|(tag, _)| *tag == original).unwrap();
    for serial in [11, 12, original] {
        let net_cancel = outgoing(NET_CANCEL, serial, TOO_LONG);
        line.send(Outgoing { follow: Some(unanswered.link), ..net_cancel }).unwrap();
    }
    for serial in [11, 12, original] {
        first.expect(NET_CANCEL, serial).await;
    }
    first.answer(APPROVAL, original).await;
    first.answer(NET_CANCEL, original).await;
    let telegram = telegram(APPROVAL + 1, original);
    assert_eq!(line.event().await, LinkEvent::Late { tag: original, telegram });
    assert_eq!(line.outcome().await, answered(NET_CANCEL, original));
}

#[tokio::test]
async fn a_link_lost_while_idle_is_noticed_at_once_and_carries_nothing() {
    let (mut line, acquirer, socket) = connected().await;
    drop(acquirer);
    drop(socket);
    line.down().await;
    assert_eq!(line.request(1), Err(NotSent::NoLink));
}

#[tokio::test]
async fn a_link_lost_after_the_write_leaves_its_requests_unanswered_at_once() {
    let (mut line, acquirer, mut socket) = connected().await;
    for serial in [1, 2] {
        line.request(serial).unwrap();
    }
    socket.expect(APPROVAL, 1).await;
    socket.expect(APPROVAL, 2).await;
    socket.reset();
    for serial in [1, 2] {
        let (tag, unanswered) = line.unanswered().await;
        assert_eq!((tag, unanswered.why), (serial, UnansweredWhy::ConnectionLost));
        assert!(unanswered.last_byte_by <= Instant::now());
    }
    line.down().await;

    let mut again = acquirer.accept().await;
    line.up(1).await;
    again.answer(APPROVAL, 2).await;
    assert_eq!(line.event().await, LinkEvent::Late { tag: 2, telegram: telegram(APPROVAL + 1, 2) });
}

#[tokio::test]
async fn what_is_not_a_frame_closes_the_link_but_not_the_answers_before_it() {
    let (mut line, _acquirer, mut socket) = connected().await;
    for serial in [1, 2] {
        line.request(serial).unwrap();
    }
    socket.expect(APPROVAL, 1).await;
    socket.expect(APPROVAL, 2).await;
    socket.write(b"0012020100000001garbage").await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
    assert_eq!(line.unanswered().await.1.why, UnansweredWhy::ConnectionLost);
    let LinkEvent::Down { why: LinkLoss::BadFrame(_), .. } = line.event().await else {
        panic!("a bad frame is why the link went down")
    };
    assert!(socket.is_closed().await);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_is_no_event() {
    let (mut line, _acquirer, mut socket) = connected_with(|settings| settings.queue = 3).await;
    // The link cannot run between these: there is no await.
    for serial in 1..=3 {
        line.request(serial).unwrap();
    }
    assert_eq!(line.request(4), Err(NotSent::QueueFull));
    assert_eq!(line.pool.state().queued, 3);
    for serial in 1..=3 {
        socket.expect(APPROVAL, serial).await;
        socket.answer(APPROVAL, serial).await;
        assert_eq!(line.outcome().await, answered(APPROVAL, serial));
    }
    assert_eq!(line.request(4), Ok(()));
}

#[tokio::test]
async fn a_key_under_way_is_refused() {
    let (mut line, _acquirer, mut socket) = connected().await;
    line.request(1).unwrap();
    assert_eq!(line.request(1), Err(NotSent::DuplicateKey));
    socket.expect(APPROVAL, 1).await;
    assert_eq!(line.request(1), Err(NotSent::DuplicateKey));
    socket.answer(APPROVAL, 1).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
}

#[tokio::test]
async fn a_telegram_that_does_not_fit_the_frame_is_not_sent() {
    let (mut line, _acquirer, mut socket) = connected().await;
    let too_long = Bytes::from(vec![b' '; 10_000]);
    line.send(Outgoing { telegram: too_long, ..outgoing(APPROVAL, 1, TOO_LONG) }).unwrap();
    line.request(2).unwrap();
    assert_eq!(line.outcome().await, (1, Outcome::NotSent(NotSent::DoesNotFit)));
    socket.expect(APPROVAL, 2).await;
}

/// The acquirer stops reading: requests fill every buffer on the way, the rest stays here.
#[tokio::test]
async fn behind_a_stuck_socket_not_sent_is_never_seen_by_the_acquirer() {
    const SENDS: u64 = 2_000;
    let (mut line, _acquirer, socket) = connected_with(|settings| {
        settings.max_in_flight = 10_000;
        settings.queue = 10_000;
    })
    .await;
    let large = vec![b' '; 9_000];
    for serial in 0..SENDS {
        let telegram = [&telegram(APPROVAL, serial)[..], &large].concat().into();
        let now = Instant::now();
        let (deadline, not_after) = match serial % 2 {
            0 => (now + 4 * SHORT, now + TOO_LONG),
            _ => (now + 5 * SHORT, now + 3 * SHORT),
        };
        let outgoing = Outgoing { telegram, deadline, not_after, ..outgoing(APPROVAL, serial, TOO_LONG) };
        line.send(outgoing).unwrap();
    }
    let mut not_sent = std::collections::HashMap::new();
    let mut unanswered = std::collections::HashSet::new();
    while not_sent.len() + unanswered.len() < usize::try_from(SENDS).unwrap() {
        match line.event().await {
            LinkEvent::Outcome { tag, outcome: Outcome::NotSent(why) } => {
                assert!(not_sent.insert(tag, why).is_none());
            }
            LinkEvent::Outcome { tag, outcome: Outcome::Unanswered(_) } => assert!(unanswered.insert(tag)),
            LinkEvent::Down { why: LinkLoss::Stuck, .. } | LinkEvent::Breaker { .. } => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    let (seen, _part_of_another) = socket.rest().await;
    assert!(seen.iter().all(|serial| unanswered.contains(serial)));
    assert!(!seen.is_empty() && !not_sent.is_empty());
    for (serial, why) in not_sent {
        match why {
            NotSent::DeadlinePassed => assert_eq!(serial % 2, 0),
            NotSent::NotAfterPassed => assert_eq!(serial % 2, 1),
            // It was queued when the socket was reset for the sake of another.
            NotSent::ConnectionLost => {}
            other => panic!("unexpected {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_slow_receiver_of_events_loses_none() {
    let acquirer = Acquirer::listen().await;
    let (sender, events) = mpsc::channel(1);
    let settings = PoolSettings { links: 2, ..settings(&acquirer.address()) };
    let pool = Pool::start(profile(Mode::Multiplexed), settings, sender).unwrap();
    let mut line = Line { pool, events };
    let (mut first, mut second) = (acquirer.accept().await, acquirer.accept().await);
    line.up(2).await;
    for serial in 0..200 {
        line.request(serial).unwrap();
    }
    let echo = async |socket: &mut Socket| {
        for _ in 0..100 {
            let (_, serial) = socket.request().await.unwrap();
            socket.answer_all(APPROVAL, &[serial, serial]).await;
        }
    };
    tokio::join!(echo(&mut first), echo(&mut second));
    let (mut answered, mut unknown) = (std::collections::HashSet::new(), 0);
    for _ in 0..400 {
        match line.event().await {
            LinkEvent::Outcome { tag, outcome: Outcome::Answered(_) } => assert!(answered.insert(tag)),
            LinkEvent::Unknown { key: Some(key), .. } => {
                assert!(answered.contains(&key.serial), "a second answer before the first");
                unknown += 1;
            }
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!((answered.len(), unknown), (200, 200));
}

#[tokio::test]
async fn closing_waits_for_what_is_under_way_and_gives_up_the_rest() {
    let (mut line, _acquirer, mut socket) = connected().await;
    for serial in [1, 2] {
        line.request(serial).unwrap();
    }
    let acquirer = async {
        socket.expect(APPROVAL, 1).await;
        socket.expect(APPROVAL, 2).await;
        socket.answer(APPROVAL, 1).await;
        assert!(socket.is_closed().await);
    };
    tokio::join!(line.pool.close(Instant::now() + SHORT), acquirer);
    assert_eq!(line.request(3), Err(NotSent::Closing));
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
    assert_eq!(line.unanswered().await.1.why, UnansweredWhy::Closed);
    line.down().await;
    drop(line.pool);
    assert_eq!(line.events.recv().await, None);
}

#[tokio::test]
async fn closing_returns_as_soon_as_nothing_is_under_way() {
    let (mut line, _acquirer, mut socket) = connected().await;
    line.request(1).unwrap();
    let acquirer = async {
        socket.expect(APPROVAL, 1).await;
        socket.answer(APPROVAL, 1).await;
    };
    let closing = timeout(TOO_LONG, line.pool.close(Instant::now() + 100 * TOO_LONG));
    tokio::join!(async { closing.await.expect("closed long before its deadline") }, acquirer);
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
}

#[tokio::test]
async fn a_dropped_pool_closes_its_sockets() {
    let (line, _acquirer, mut socket) = connected().await;
    drop(line.pool);
    assert!(socket.is_closed().await);
}
