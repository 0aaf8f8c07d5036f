use acquirer_links::BreakerState;
use tokio::net::TcpListener;

use super::acquirer::{Acquirer, Unaccepting, dead_address};
use super::*;

#[tokio::test]
async fn a_refused_link_tries_again_until_the_acquirer_is_there() {
    let address = dead_address().await;
    let mut line = Line::start(Mode::Multiplexed, settings(&address));
    assert_eq!(line.request(1), Err(NotSent::NoLink));
    let blocked = LinkEvent::Breaker { old: BreakerState::Passing, new: BreakerState::Blocked };
    while let Ok(event) = timeout(SHORT, line.events.recv()).await {
        assert_eq!(event, Some(blocked.clone()), "nothing is there to connect to");
    }
    assert_eq!(line.request(1), Err(NotSent::NoLink));
    let _listener = TcpListener::bind(&address).await.unwrap();
    while !matches!(line.event().await, LinkEvent::Up { .. }) {}
    assert_eq!(line.request(1), Ok(()));
}

#[tokio::test]
async fn links_are_spread_over_all_addresses() {
    let acquirers = [Acquirer::listen().await, Acquirer::listen().await];
    let addresses = acquirers.iter().map(Acquirer::address).collect();
    let settings = PoolSettings { links: 4, addresses, ..settings("") };
    let mut line = Line::start(Mode::Multiplexed, settings);
    let mut sockets = Vec::new();
    for acquirer in &acquirers {
        sockets.extend([acquirer.accept().await, acquirer.accept().await]);
    }
    line.up(4).await;
}

#[tokio::test]
async fn a_link_of_a_dead_address_goes_to_the_next() {
    let acquirer = Acquirer::listen().await;
    let addresses = vec![dead_address().await, acquirer.address()];
    let settings = PoolSettings { links: 2, addresses, ..settings("") };
    let mut line = Line::start(Mode::Multiplexed, settings);
    let _sockets = [acquirer.accept().await, acquirer.accept().await];
    line.up(2).await;
}

#[tokio::test]
async fn a_lost_link_comes_back_as_another() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::Multiplexed, settings(&acquirer.address()));
    let mut links = std::collections::HashSet::new();
    for serial in 0..5 {
        let mut socket = acquirer.accept().await;
        let LinkEvent::Up { link, .. } = line.event().await else { panic!("the link is up again") };
        assert!(links.insert(link), "a link's name is never used again");
        line.request(serial).unwrap();
        socket.expect(APPROVAL, serial).await;
        socket.answer(APPROVAL, serial).await;
        assert_eq!(line.outcome().await, answered(APPROVAL, serial));
        socket.reset();
        line.down().await;
    }
}

#[tokio::test]
async fn a_connection_that_is_never_accepted_times_out_and_is_tried_again() {
    let full = Unaccepting::listen().await;
    let acquirer = Acquirer::listen().await;
    let addresses = vec![full.address(), acquirer.address()];
    let settings = PoolSettings { addresses, connect_timeout: SHORT, ..settings("") };
    let mut line = Line::start(Mode::Multiplexed, settings);
    let _socket = acquirer.accept().await;
    line.up(1).await;
}
