use super::acquirer::Acquirer;
use super::*;

#[tokio::test]
async fn one_request_at_a_time_on_a_socket() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::OneInFlight, settings(&acquirer.address()));
    let mut socket = acquirer.accept().await;
    line.up(1).await;
    for serial in 1..=3 {
        line.request(serial).unwrap();
    }
    for (serial, queued) in [(1, 2), (2, 1), (3, 0)] {
        socket.expect(APPROVAL, serial).await;
        assert_eq!((line.pool.state().in_flight, line.pool.state().queued), (1, queued));
        socket.answer(APPROVAL, serial).await;
        assert_eq!(line.outcome().await, answered(APPROVAL, serial));
    }
}

#[tokio::test]
async fn a_late_answer_is_never_given_to_the_next_request() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::OneInFlight, settings(&acquirer.address()));
    let mut silent = acquirer.accept().await;
    line.up(1).await;
    line.send(outgoing(APPROVAL, 1, SHORT)).unwrap();
    line.request(2).unwrap();
    silent.expect(APPROVAL, 1).await;
    assert_eq!(line.unanswered().await.1.why, UnansweredWhy::TimedOut);
    line.down().await;

    let mut fresh = acquirer.accept().await;
    line.up(1).await;
    fresh.expect(APPROVAL, 2).await;
    silent.answer(APPROVAL, 1).await;
    assert_eq!(line.event().await, LinkEvent::Late { tag: 1, telegram: telegram(APPROVAL + 1, 1) });
    assert!(silent.is_closed().await, "after its late answer a socket is closed");
    fresh.answer(APPROVAL, 2).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 2));
}

#[tokio::test]
async fn a_socket_without_its_answer_is_closed_when_the_late_window_ends() {
    let acquirer = Acquirer::listen().await;
    let settings = PoolSettings { late_window: SHORT, ..settings(&acquirer.address()) };
    let mut line = Line::start(Mode::OneInFlight, settings);
    let mut silent = acquirer.accept().await;
    line.up(1).await;
    line.send(outgoing(APPROVAL, 1, SHORT)).unwrap();
    silent.expect(APPROVAL, 1).await;
    line.unanswered().await;
    assert!(silent.is_closed().await);
}

#[tokio::test]
async fn a_net_cancel_goes_by_another_socket() {
    let acquirer = Acquirer::listen().await;
    let settings = PoolSettings { links: 2, ..settings(&acquirer.address()) };
    let mut line = Line::start(Mode::OneInFlight, settings);
    let (mut first, mut second) = (acquirer.accept().await, acquirer.accept().await);
    line.up(2).await;
    line.send(outgoing(APPROVAL, 1, SHORT)).unwrap();
    let (mut silent, mut other, is_first) = tokio::select! {
        Some(_) = first.request() => (first, second, true),
        Some(_) = second.request() => (second, first, false),
    };
    let (_, unanswered) = line.unanswered().await;
    let net_cancel = Outgoing { follow: Some(unanswered.link), ..outgoing(NET_CANCEL, 1, TOO_LONG) };
    line.send(net_cancel).unwrap();
    other.expect(NET_CANCEL, 1).await;
    silent.answer(APPROVAL, 1).await;
    other.answer(NET_CANCEL, 1).await;
    let mut told = Vec::new();
    while told.len() < 2 {
        match line.event().await {
            LinkEvent::Late { tag, .. } => told.push((tag, "late")),
            LinkEvent::Outcome { tag, outcome: Outcome::Answered(_) } => told.push((tag, "answered")),
            LinkEvent::Up { .. } | LinkEvent::Down { .. } => {}
            other => panic!("unexpected {other:?}, first {is_first}"),
        }
    }
    told.sort_unstable();
    assert_eq!(told, [(1, "answered"), (1, "late")]);
}

#[tokio::test]
async fn a_silent_acquirer_holds_at_most_twice_the_links_and_no_link_for_long() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::OneInFlight, settings(&acquirer.address()));
    let mut silent = Vec::new();
    for serial in 1..=3 {
        let mut socket = acquirer.accept().await;
        line.up(1).await;
        line.send(outgoing(APPROVAL, serial, SHORT)).unwrap();
        socket.expect(APPROVAL, serial).await;
        line.unanswered().await;
        line.down().await;
        silent.push(socket);
    }
    for oldest in &mut silent[..2] {
        assert!(oldest.is_closed().await, "its place was needed");
    }
    let mut well = acquirer.accept().await;
    line.up(1).await;
    line.request(4).unwrap();
    well.expect(APPROVAL, 4).await;
    silent[2].answer(APPROVAL, 3).await;
    assert!(matches!(line.event().await, LinkEvent::Late { tag: 3, .. }));
    well.answer(APPROVAL, 4).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 4));
}
