use super::acquirer::{Acquirer, Dead, Socket};
use super::*;

const PAUSE: Duration = Duration::from_secs(4);

fn breaking(address: &str) -> PoolSettings {
    let breaker = BreakerSettings { failures: 3, slow: None, pause: PAUSE, max_pause: PAUSE };
    PoolSettings { breaker, links: 3, ..settings(address) }
}

/// Has three requests go unanswered, on whichever of the acquirer's sockets.
async fn blocked(line: &mut Line) {
    for serial in 1..=3 {
        line.send(outgoing(APPROVAL, serial, SHORT)).unwrap();
    }
    let (mut outcomes, mut is_blocked) = (0, false);
    while outcomes < 3 || !is_blocked {
        match line.event().await {
            LinkEvent::Outcome { outcome: Outcome::Unanswered(_), .. } => outcomes += 1,
            LinkEvent::Breaker { old, new } => {
                assert_eq!((old, new), (BreakerState::Passing, BreakerState::Blocked));
                is_blocked = true;
            }
            LinkEvent::Up { .. } | LinkEvent::Down { .. } => {}
            other => panic!("unexpected {other:?}"),
        }
    }
}

async fn connected(settings: impl FnOnce(&str) -> PoolSettings) -> (Line, Acquirer, Vec<Socket>) {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::Multiplexed, settings(&acquirer.address()));
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(acquirer.accept().await);
    }
    line.up(3).await;
    (line, acquirer, sockets)
}

/// The next telegram on any of the sockets: which socket, and its kind and serial.
async fn next(sockets: &mut [Socket]) -> (usize, u32, u64) {
    let [a, b, c] = sockets else { panic!("three sockets") };
    let (nth, request) = tokio::select! {
        request = a.request() => (0, request),
        request = b.request() => (1, request),
        request = c.request() => (2, request),
    };
    let (kind, serial) = request.unwrap();
    (nth, kind, serial)
}

#[tokio::test(start_paused = true)]
async fn a_silent_acquirer_is_blocked_and_then_tried_by_one_request_at_a_time() {
    let (mut line, _acquirer, mut sockets) = connected(breaking).await;
    blocked(&mut line).await;
    for _ in 1..=3 {
        next(&mut sockets).await;
    }
    assert_eq!(line.request(4), Err(NotSent::Blocked));
    assert_eq!(line.breaker().await, BreakerState::Probing);
    line.send(outgoing(APPROVAL, 5, SHORT)).unwrap();
    assert_eq!(line.request(6), Err(NotSent::Blocked));
    // The one that finds out goes unanswered too.
    assert_eq!(next(&mut sockets).await.2, 5);
    assert_eq!(line.breaker().await, BreakerState::Blocked);
    assert_eq!(line.unanswered().await.0, 5);
    assert_eq!(line.breaker().await, BreakerState::Probing);
    line.request(7).unwrap();
    let (nth, kind, serial) = next(&mut sockets).await;
    sockets[nth].answer(kind, serial).await;
    assert_eq!(line.breaker().await, BreakerState::Passing);
    assert_eq!(line.outcome().await, answered(APPROVAL, 7));
    for serial in 8..20 {
        line.request(serial).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_undoes_passes_a_blocked_acquirer_and_its_answer_ends_no_block() {
    let (mut line, _acquirer, mut sockets) = connected(breaking).await;
    blocked(&mut line).await;
    for _ in 1..=3 {
        next(&mut sockets).await;
    }
    tokio::time::sleep(Duration::from_millis(2)).await;
    line.send(outgoing(NET_CANCEL, 1, TOO_LONG)).unwrap();
    let (nth, kind, serial) = next(&mut sockets).await;
    assert_eq!((kind, serial), (NET_CANCEL, 1));
    sockets[nth].answer(kind, serial).await;
    let outcome = LinkEvent::Outcome { tag: 1, outcome: answered(NET_CANCEL, 1).1 };
    while line.event().await != outcome {}
    assert_ne!(line.pool.breaker(), BreakerState::Passing, "it may be silent to requests all the same");
}

#[tokio::test(start_paused = true)]
async fn an_old_answer_ends_no_block() {
    let pause = Duration::from_hours(1);
    let (mut line, _acquirer, mut sockets) = connected(|address| {
        let breaker = BreakerSettings { failures: 3, slow: None, pause, max_pause: pause };
        PoolSettings { breaker, ..breaking(address) }
    })
    .await;
    line.send(outgoing(APPROVAL, 100, TOO_LONG)).unwrap();
    let (old, ..) = next(&mut sockets).await;
    tokio::time::sleep(SHORT).await;
    blocked(&mut line).await;
    sockets[old].answer(APPROVAL, 100).await;
    while line.event().await != (LinkEvent::Outcome { tag: 100, outcome: answered(APPROVAL, 100).1 }) {}
    assert_ne!(line.pool.breaker(), BreakerState::Passing);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_silent_takes_nothing_while_another_answers() {
    let (silent, well) = (Acquirer::listen().await, Acquirer::listen().await);
    let addresses = vec![silent.address(), well.address()];
    let settings = PoolSettings { links: 2, addresses, ..breaking("") };
    let mut line = Line::start(Mode::Multiplexed, settings);
    let (mut dumb, mut speaker) = (silent.accept().await, well.accept().await);
    line.up(2).await;
    let speaking = tokio::spawn(async move {
        while let Ok(Some((kind, serial))) = timeout(TOO_LONG, speaker.request()).await {
            speaker.answer(kind, serial).await;
        }
    });
    let mut unanswered = 0;
    for serial in 0..200 {
        line.send(outgoing(APPROVAL, serial, SHORT)).unwrap();
        match line.outcome().await.1 {
            Outcome::Answered(_) => {}
            Outcome::Unanswered(_) => unanswered += 1,
            Outcome::NotSent(why) => panic!("{why}"),
        }
    }
    // A pause may be short by chance, and then one more request finds out.
    assert!((3..20).contains(&unanswered), "{unanswered} requests went to a silent address");
    let state = line.pool.state();
    assert_eq!(state.breaker, BreakerState::Passing);
    assert_eq!(state.addresses[1].breaker, BreakerState::Passing);
    assert_ne!(state.addresses[0].breaker, BreakerState::Passing);
    for _ in 0..unanswered {
        dumb.request().await.unwrap();
    }
    speaking.abort();
}

#[tokio::test(start_paused = true)]
async fn where_there_are_heartbeats_an_echo_goes_before_the_request_that_finds_out() {
    let heartbeat = Some(Duration::from_mins(10));
    let (mut line, _acquirer, mut sockets) =
        connected(|address| PoolSettings { heartbeat, ..breaking(address) }).await;
    blocked(&mut line).await;
    for _ in 1..=3 {
        next(&mut sockets).await;
    }
    assert_eq!(line.breaker().await, BreakerState::Probing);
    assert_eq!(line.request(4), Err(NotSent::Blocked));
    let (nth, kind, number) = next(&mut sockets).await;
    assert_eq!(kind, ECHO);
    sockets[nth].answer(ECHO, number).await;
    while line.request(4) == Err(NotSent::Blocked) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let (nth, kind, serial) = next(&mut sockets).await;
    assert_eq!((kind, serial), (APPROVAL, 4));
    sockets[nth].answer(kind, serial).await;
    assert_eq!(line.breaker().await, BreakerState::Passing);
}

#[tokio::test(start_paused = true)]
async fn slow_answers_block_and_are_handed_over_all_the_same() {
    let acquirer = Acquirer::listen().await;
    let breaker = BreakerSettings { failures: 3, slow: Some(SHORT), pause: PAUSE, max_pause: PAUSE };
    let settings = PoolSettings { breaker, ..settings(&acquirer.address()) };
    let mut line = Line::start(Mode::Multiplexed, settings);
    let mut socket = acquirer.accept().await;
    line.up(1).await;
    for serial in 1..=3 {
        line.request(serial).unwrap();
        socket.expect(APPROVAL, serial).await;
        tokio::time::sleep(2 * SHORT).await;
        socket.answer(APPROVAL, serial).await;
        if serial == 3 {
            assert_eq!(line.breaker().await, BreakerState::Blocked);
        }
        assert_eq!(line.outcome().await, answered(APPROVAL, serial));
    }
    assert_eq!(line.request(4), Err(NotSent::Blocked));
}

#[tokio::test(start_paused = true)]
async fn per_request_a_silent_acquirer_is_blocked_and_what_undoes_still_connects() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(PER_REQUEST, breaking(&acquirer.address()));
    blocked(&mut line).await;
    assert_eq!(line.request(4), Err(NotSent::Blocked));
    tokio::time::sleep(Duration::from_millis(2)).await;
    line.send(outgoing(NET_CANCEL, 1, TOO_LONG)).unwrap();
    let mut silent = Vec::new();
    loop {
        let mut socket = acquirer.accept().await;
        if socket.request().await == Some((NET_CANCEL, 1)) {
            socket.answer(NET_CANCEL, 1).await;
            break;
        }
        silent.push(socket);
    }
    while line.event().await != (LinkEvent::Outcome { tag: 1, outcome: answered(NET_CANCEL, 1).1 }) {}
    assert_ne!(line.pool.breaker(), BreakerState::Passing, "it may be silent to requests all the same");
}

#[tokio::test(start_paused = true)]
async fn per_request_connections_that_fail_block_too() {
    let dead = Dead::bind();
    let pause = Duration::from_hours(1);
    let breaker = BreakerSettings { failures: 3, slow: None, pause, max_pause: pause };
    let mut line = Line::start(PER_REQUEST, PoolSettings { breaker, ..breaking(&dead.address()) });
    let mut serial = 0;
    while line.pool.breaker() == BreakerState::Passing {
        serial += 1;
        if line.request(serial).is_ok() {
            let outcome = LinkEvent::Outcome { tag: serial, outcome: Outcome::NotSent(NotSent::NoLink) };
            while line.event().await != outcome {}
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(line.request(0), Err(NotSent::Blocked));
}

#[tokio::test]
async fn what_undoes_goes_before_the_requests_that_wait_and_has_room_of_its_own() {
    let acquirer = Acquirer::listen().await;
    let settings = PoolSettings { queue: 3, ..settings(&acquirer.address()) };
    let mut line = Line::start(Mode::OneInFlight, settings);
    let mut socket = acquirer.accept().await;
    line.up(1).await;
    for serial in 1..=4 {
        line.request(serial).unwrap();
    }
    assert_eq!(line.request(5), Err(NotSent::QueueFull));
    for serial in 11..=13 {
        line.send(outgoing(NET_CANCEL, serial, TOO_LONG)).unwrap();
    }
    assert_eq!(line.send(outgoing(NET_CANCEL, 14, TOO_LONG)), Err(NotSent::QueueFull));
    for expected in [1, 11, 12, 13, 2, 3, 4] {
        let (kind, serial) = socket.request().await.unwrap();
        assert_eq!(serial, expected);
        socket.answer(kind, serial).await;
        assert_eq!(line.outcome().await, answered(kind, serial));
    }
}
