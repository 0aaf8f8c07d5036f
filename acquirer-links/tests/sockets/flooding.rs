//! An acquirer that brings more that nobody waits for than may be handled.

use bytes::BytesMut;
use tokio::task::JoinHandle;

use super::acquirer::{Acquirer, Socket};
use super::*;

/// What a link may bring at once, and in a second.
const AT_ONCE: u64 = 10_000;
const A_SECOND: u64 = 500;

/// More than one read takes, and any rounding.
const ONE_READ: u64 = 2_000;

/// A serial that no flood comes to.
const UNLIKE_ANY: u64 = 99_999_999;

/// Brings unasked answers as fast as they are taken, until the link is gone.
fn flood(mut socket: Socket) -> JoinHandle<()> {
    tokio::spawn(async move {
        for first in (0..99_000_000).step_by(1_000) {
            let mut out = BytesMut::new();
            for serial in first..first + 1_000 {
                format().encode(&telegram(APPROVAL + 1, serial), &mut out).unwrap();
            }
            if socket.try_write(&out).await.is_err() {
                break;
            }
        }
    })
}

/// How many unknown answers are told within a time, and how often that they are too many.
async fn told(line: &mut Line, within: Duration) -> (u64, usize) {
    let (mut count, mut floods) = (0, 0);
    let telling = async {
        while let Some(event) = line.events.recv().await {
            match event {
                LinkEvent::Unknown { telegram: told, .. } => {
                    assert_eq!(told, telegram(APPROVAL + 1, count), "none is dropped, all in order");
                    count += 1;
                }
                LinkEvent::Flooded { .. } => floods += 1,
                LinkEvent::Up { .. }
                | LinkEvent::Breaker { .. }
                | LinkEvent::Down { why: LinkLoss::SignOnSilent, .. } => {}
                other => panic!("unexpected {other:?}"),
            }
        }
    };
    assert!(timeout(within, telling).await.is_err(), "the pool lives");
    (count, floods)
}

fn is_bounded(count: u64, seconds: u64) -> bool {
    let allowed = AT_ONCE + A_SECOND * seconds;
    (allowed - ONE_READ..allowed + ONE_READ).contains(&count)
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_told_slowly_and_whole_and_harms_no_other_acquirer() {
    let (acquirer, other) = (Acquirer::listen().await, Acquirer::listen().await);
    let mut line = Line::start(Mode::Multiplexed, settings(&acquirer.address()));
    let mut other_line = Line::start(Mode::Multiplexed, settings(&other.address()));
    let flooding = flood(acquirer.accept().await);
    let mut socket = other.accept().await;
    other_line.up(1).await;

    let (count, floods) = told(&mut line, Duration::from_mins(1)).await;
    assert!(is_bounded(count, 60), "{count}");
    assert_eq!(floods, 1);
    assert!(!flooding.is_finished(), "it has to wait");

    let start = tokio::time::Instant::now();
    other_line.request(1).unwrap();
    socket.expect(APPROVAL, 1).await;
    socket.answer(APPROVAL, 1).await;
    assert_eq!(other_line.outcome().await, answered(APPROVAL, 1));
    assert!(start.elapsed() < SHORT);
    timeout(SHORT, line.pool.close(start.into_std())).await.expect("a flooded pool closes");
    flooding.abort();
}

#[tokio::test(start_paused = true)]
async fn a_flood_on_a_socket_that_waits_for_its_late_answer_is_bounded_too() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::OneInFlight, settings(&acquirer.address()));
    let mut socket = acquirer.accept().await;
    line.up(1).await;
    line.send(outgoing(APPROVAL, UNLIKE_ANY, SHORT)).unwrap();
    socket.expect(APPROVAL, UNLIKE_ANY).await;
    line.unanswered().await;
    line.down().await;
    let flooding = flood(socket);
    let (count, floods) = told(&mut line, Duration::from_secs(20)).await;
    assert!(is_bounded(count, 20), "{count}");
    assert_eq!(floods, 1);
    flooding.abort();
}

#[tokio::test(start_paused = true)]
async fn a_flood_in_the_place_of_the_reply_to_a_sign_on_is_bounded_too() {
    let acquirer = Acquirer::listen().await;
    let settings = PoolSettings {
        sign_on: true,
        connect_timeout: Duration::from_secs(20),
        ..settings(&acquirer.address())
    };
    let mut line = Line::start(Mode::Multiplexed, settings);
    let flooding = flood(acquirer.accept().await);
    let (count, _) = told(&mut line, Duration::from_secs(30)).await;
    assert!(is_bounded(count, 20), "{count}");
    flooding.abort();
}

#[tokio::test(start_paused = true)]
async fn a_link_that_was_lost_while_it_flooded_signs_on_again_at_once() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(
        Mode::Multiplexed,
        PoolSettings { sign_on: true, connect_timeout: SHORT, ..settings(&acquirer.address()) },
    );
    let socket = signed_on(&acquirer).await;
    line.up(1).await;
    let flooding = flood(socket);
    let flooded = async { while !matches!(line.event().await, LinkEvent::Flooded { .. }) {} };
    timeout(TOO_LONG, flooded).await.expect("it is slowed down");
    flooding.abort();
    line.lost().await;
    let start = tokio::time::Instant::now();
    let _socket = signed_on(&acquirer).await;
    line.back().await;
    assert!(start.elapsed() < 2 * SHORT, "{:?}", start.elapsed());
}

/// A link whose sign-on is accepted.
async fn signed_on(acquirer: &Acquirer) -> Socket {
    let mut socket = acquirer.accept().await;
    assert!(matches!(socket.request().await, Some((SIGN_ON, _))));
    socket.reply(SIGNED_ON, ACCEPTED).await;
    socket
}
