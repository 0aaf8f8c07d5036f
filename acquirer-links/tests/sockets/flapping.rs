//! Acquirers that come and go, and how gently they are treated.

use super::acquirer::{Acquirer, Dead, Socket};
use super::*;

const LINKS: usize = 20;

fn many_links(address: &str) -> PoolSettings {
    PoolSettings { links: LINKS, backoff: Backoff::default(), ..settings(address) }
}

/// Accepts whatever comes in so long.
async fn accepted_within(acquirer: &Acquirer, time: Duration) -> Vec<Socket> {
    let mut sockets = Vec::new();
    let accepting = async {
        loop {
            sockets.push(acquirer.accept().await);
        }
    };
    let _: Result<(), _> = timeout(time, accepting).await;
    sockets
}

#[tokio::test(start_paused = true)]
async fn an_acquirer_that_comes_back_is_tried_by_one_link_and_the_others_follow_its_first_word() {
    let dead = Dead::bind();
    let mut line = Line::start(Mode::Multiplexed, many_links(&dead.address()));
    tokio::time::sleep(Duration::from_mins(1)).await;
    let acquirer = dead.revive();
    let mut first = acquirer.accept().await;
    line.back().await;
    let others = accepted_within(&acquirer, 2 * SHORT).await;
    assert_eq!(others.len(), 0, "before it proved of use");

    line.request(1).unwrap();
    assert_eq!(line.request(2), Err(NotSent::Blocked), "one finds out for all");
    first.expect(APPROVAL, 1).await;
    first.answer(APPROVAL, 1).await;
    let start = tokio::time::Instant::now();
    let mut sockets = Vec::new();
    while sockets.len() < LINKS - 1 {
        sockets.push(acquirer.accept().await);
    }
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    line.request(2).unwrap();
    for _ in 1..LINKS {
        line.back().await;
    }
    assert_eq!(line.pool.state().links_up, LINKS);
}

#[tokio::test(start_paused = true)]
async fn an_acquirer_that_accepts_and_hangs_up_without_a_word_is_backed_off_from() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight] {
        let acquirer = Acquirer::listen().await;
        let line = Line::start(mode, many_links(&acquirer.address()));
        let mut connects = 0;
        let flapping = async {
            loop {
                drop(acquirer.accept().await);
                connects += 1;
            }
        };
        let _: Result<(), _> = timeout(Duration::from_secs(15), flapping).await;
        assert!((2..LINKS + 40).contains(&connects), "{connects} connects in 15 s");
        assert_ne!(line.pool.breaker(), BreakerState::Passing);
    }
}

#[tokio::test(start_paused = true)]
async fn links_that_are_lost_all_at_once_come_back_a_few_at_a_time() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::Multiplexed, many_links(&acquirer.address()));
    let mut sockets = Vec::new();
    for _ in 0..LINKS {
        sockets.push(acquirer.accept().await);
    }
    line.up(LINKS).await;
    // Each was of use for as long as it takes to count.
    tokio::time::sleep(Duration::from_secs(6)).await;
    sockets.into_iter().for_each(Socket::reset);
    let mut back = vec![acquirer.accept().await];
    back.extend(accepted_within(&acquirer, Duration::from_micros(100)).await);
    assert!(back.len() < LINKS, "all at once");
    while back.len() < LINKS {
        back.push(acquirer.accept().await);
    }
}

/// The links to each address.
fn links(line: &Line) -> Vec<usize> {
    line.pool.state().addresses.iter().map(|address| address.links).collect()
}

#[tokio::test(start_paused = true)]
async fn links_of_a_dead_address_serve_at_another_and_go_home_when_it_is_back() {
    let (dead, well) = (Dead::bind(), Acquirer::listen().await);
    let addresses = vec![dead.address(), well.address()];
    let settings = PoolSettings { links: 4, addresses, ..settings("") };
    let mut line = Line::start(Mode::Multiplexed, settings);
    let mut away = Vec::new();
    for _ in 0..4 {
        away.push(well.accept().await);
    }
    line.up(4).await;
    assert_eq!(links(&line), [0, 4]);

    // Long enough for its breaker to have blocked it: one link, and one request, find out.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let back = dead.revive();
    let mut home = back.accept().await;
    while links(&line) != [1, 3] {
        line.event().await;
    }
    assert_eq!(line.pool.state().addresses[0].breaker, BreakerState::Probing);
    line.request(1).unwrap();
    home.expect(APPROVAL, 1).await;
    home.answer(APPROVAL, 1).await;
    let _second = back.accept().await;
    while links(&line) != [2, 2] {
        line.event().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_link_goes_home_only_after_its_answer() {
    let (dead, well) = (Dead::bind(), Acquirer::listen().await);
    let addresses = vec![dead.address(), well.address()];
    let settings = PoolSettings { links: 1, addresses, ..settings("") };
    let mut line = Line::start(Mode::Multiplexed, settings);
    let mut socket = well.accept().await;
    line.up(1).await;
    line.request(1).unwrap();
    socket.expect(APPROVAL, 1).await;
    let back = dead.revive();
    let mut home = back.accept().await;
    assert!(timeout(SHORT, socket.request()).await.is_err(), "it was left");
    socket.answer(APPROVAL, 1).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
    assert_eq!(line.lost().await, LinkLoss::WentHome);
    assert!(socket.is_closed().await);
    line.back().await;
    line.request(2).unwrap();
    home.expect(APPROVAL, 2).await;
}
