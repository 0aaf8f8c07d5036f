//! How a pool comes to its end: nothing new, and no late answer lost.

use super::acquirer::{Acquirer, Socket};
use super::*;

/// Long enough for a test to answer late in it.
const WINDOW: Duration = Duration::from_secs(2);
const FAR: Duration = Duration::from_hours(1);

fn in_a(while_: Duration) -> Instant {
    tokio::time::Instant::now().into_std() + while_
}

/// A pool of so many links that gave up on request 1, the socket that took it, and the others.
async fn given_up(
    mode: Mode,
    links: usize,
    late_window: Duration,
    acquirer: &Acquirer,
) -> (Line, Socket, Vec<Socket>) {
    let settings = PoolSettings { links, late_window, ..settings(&acquirer.address()) };
    let mut line = Line::start(mode, settings);
    let mut sockets = Vec::new();
    if mode != PER_REQUEST {
        for _ in 0..links {
            sockets.push(acquirer.accept().await);
        }
        line.up(links).await;
    }
    line.send(outgoing(APPROVAL, 1, SHORT)).unwrap();
    let mut silent = if mode == PER_REQUEST {
        acquirer.accept().await
    } else {
        let mut taken = None;
        for (nth, socket) in sockets.iter_mut().enumerate() {
            if timeout(SHORT / 4, socket.request()).await.is_ok_and(|request| request == Some((APPROVAL, 1)))
            {
                taken = Some(nth);
                break;
            }
        }
        sockets.swap_remove(taken.expect("one of them took it"))
    };
    if mode == PER_REQUEST {
        silent.expect(APPROVAL, 1).await;
    }
    loop {
        if let LinkEvent::Outcome { tag, outcome } = line.event().await {
            assert!(matches!(outcome, Outcome::Unanswered(_)), "{outcome:?}");
            assert_eq!(tag, 1);
            break;
        }
    }
    (line, silent, sockets)
}

/// Tells what the closed pool told of late answers.
async fn late(mut line: Line) -> Vec<u64> {
    drop(line.pool);
    let mut tags = Vec::new();
    while let Some(event) = timeout(TOO_LONG, line.events.recv()).await.expect("told in time") {
        match event {
            LinkEvent::Late { tag, .. } => tags.push(tag),
            LinkEvent::Up { .. } | LinkEvent::Down { .. } | LinkEvent::Breaker { .. } => {}
            other @ (LinkEvent::Outcome { .. } | LinkEvent::Unknown { .. } | LinkEvent::Flooded { .. }) => {
                panic!("unexpected {other:?}")
            }
        }
    }
    tags
}

#[tokio::test]
async fn a_late_answer_is_heard_after_the_pool_began_to_close() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight, PER_REQUEST] {
        let acquirer = Acquirer::listen().await;
        let (line, mut silent, _others) = given_up(mode, 1, WINDOW, &acquirer).await;
        let closing = timeout(TOO_LONG, line.pool.close(in_a(FAR)));
        let answering = async {
            while line.request(2) != Err(NotSent::Closing) {
                tokio::task::yield_now().await;
            }
            silent.answer(APPROVAL, 1).await;
        };
        let (closed, ()) = tokio::join!(closing, answering);
        closed.expect("closed long before its deadline");
        assert_eq!(late(line).await, [1], "{mode:?}");
    }
}

#[tokio::test]
async fn an_idle_socket_closes_at_once_and_is_not_connected_again() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight] {
        let acquirer = Acquirer::listen().await;
        let (line, mut silent, others) = given_up(mode, 3, WINDOW, &acquirer).await;
        let begun = Instant::now();
        let watching = async {
            for mut idle in others {
                assert!(idle.is_closed().await);
            }
            assert!(begun.elapsed() < WINDOW, "{mode:?}: before the time for late answers was over");
            silent.answer(APPROVAL, 1).await;
            assert!(silent.is_closed().await);
        };
        let closing = timeout(TOO_LONG, line.pool.close(in_a(FAR)));
        let (closed, ()) = tokio::join!(closing, watching);
        closed.expect("closed long before its deadline");
        // One that only reads is replaced at its timeout, maybe before the pool began to close.
        let replacements = usize::from(mode == Mode::OneInFlight);
        let mut connected = 0;
        while timeout(SHORT, acquirer.accept()).await.is_ok() {
            connected += 1;
        }
        assert!(connected <= replacements, "{mode:?}: {connected} new ones");
        assert_eq!(late(line).await, [1], "{mode:?}");
    }
}

#[tokio::test]
async fn closing_ends_with_the_time_for_late_answers() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight, PER_REQUEST] {
        let acquirer = Acquirer::listen().await;
        let (line, mut silent, _others) = given_up(mode, 1, 3 * SHORT, &acquirer).await;
        let begun = Instant::now();
        let closing = timeout(TOO_LONG, line.pool.close(in_a(FAR)));
        let (closed, is_closed) = tokio::join!(closing, silent.is_closed());
        closed.expect("closed long before its deadline");
        assert!(is_closed);
        assert!(begun.elapsed() >= 2 * SHORT, "{mode:?}: {:?}", begun.elapsed());
        assert!(late(line).await.is_empty());
    }
}

#[tokio::test]
async fn what_times_out_while_the_pool_closes_is_read_for_as_well() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight, PER_REQUEST] {
        let acquirer = Acquirer::listen().await;
        let settings = PoolSettings { late_window: WINDOW, ..settings(&acquirer.address()) };
        let mut line = Line::start(mode, settings);
        let mut socket = None;
        if mode != PER_REQUEST {
            socket = Some(acquirer.accept().await);
            line.up(1).await;
        }
        line.send(outgoing(APPROVAL, 1, 3 * SHORT)).unwrap();
        let mut socket = match socket {
            Some(socket) => socket,
            None => acquirer.accept().await,
        };
        socket.expect(APPROVAL, 1).await;
        let Line { pool, mut events } = line;
        let closing = timeout(TOO_LONG, pool.close(in_a(FAR)));
        let answering = async {
            let mut told = Vec::new();
            while let Some(event) = events.recv().await {
                match event {
                    LinkEvent::Outcome { outcome: Outcome::Unanswered(unanswered), .. } => {
                        told.push("unanswered");
                        assert_eq!(unanswered.why, UnansweredWhy::TimedOut);
                        socket.answer(APPROVAL, 1).await;
                    }
                    LinkEvent::Late { tag: 1, .. } => {
                        told.push("late");
                        break;
                    }
                    LinkEvent::Up { .. } | LinkEvent::Down { .. } | LinkEvent::Breaker { .. } => {}
                    other => panic!("unexpected {other:?}"),
                }
            }
            told
        };
        let (closed, told) = tokio::join!(closing, answering);
        closed.expect("closed long before its deadline");
        assert_eq!(told, ["unanswered", "late"], "{mode:?}");
    }
}

#[tokio::test]
async fn what_waits_for_a_link_is_still_sent_while_the_pool_closes() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::OneInFlight, settings(&acquirer.address()));
    let mut socket = acquirer.accept().await;
    line.up(1).await;
    line.send(outgoing(APPROVAL, 1, SHORT)).unwrap();
    line.request(2).unwrap();
    let closing = timeout(TOO_LONG, line.pool.close(in_a(FAR)));
    let serving = async {
        socket.expect(APPROVAL, 1).await;
        // Its link reads for the first from now on; another is connected for the second.
        let mut other = acquirer.accept().await;
        other.expect(APPROVAL, 2).await;
        other.answer(APPROVAL, 2).await;
        assert!(other.is_closed().await);
        socket.answer(APPROVAL, 1).await;
    };
    let (closed, ()) = tokio::join!(closing, serving);
    closed.expect("closed long before its deadline");
    let mut answers = 0;
    drop(line.pool);
    while let Some(event) = line.events.recv().await {
        match event {
            LinkEvent::Outcome { tag: 2, outcome: Outcome::Answered(_) } | LinkEvent::Late { tag: 1, .. } => {
                answers += 1;
            }
            LinkEvent::Outcome { tag: 1, outcome: Outcome::Unanswered(_) }
            | LinkEvent::Up { .. }
            | LinkEvent::Down { .. }
            | LinkEvent::Breaker { .. } => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!(answers, 2);
}
