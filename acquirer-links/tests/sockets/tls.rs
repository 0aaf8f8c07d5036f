//! Pools whose sockets have TLS on them: what holds without it holds with it.

use std::collections::{HashMap, HashSet};

use acquirer_links::{LinkLoss, Tls, TlsFiles};
use tokio_rustls::TlsAcceptor;

use super::acquirer::{Acquirer, Socket};
use super::certificates::{Authority, HOST};
use super::tls_peer::{BOTH, acceptor};
use super::*;

/// What a pool trusts when it trusts that authority.
fn trusting(authority: &Authority) -> Tls {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, &authority.certificate).unwrap();
    Tls::load(&TlsFiles { ca, server_name: HOST.into(), certificate: None, key: None }).unwrap()
}

/// Both sides: for an acquirer and for a pool that trusts it.
pub(crate) fn both_sides() -> (TlsAcceptor, Tls) {
    let authority = Authority::new("CA");
    (acceptor(&authority.issue(HOST), BOTH), trusting(&authority))
}

fn settings_with(address: &str, tls: Tls) -> PoolSettings {
    PoolSettings { tls: Some(tls), ..settings(address) }
}

async fn connected_with(change: impl FnOnce(&mut PoolSettings)) -> (Line, Acquirer, Socket) {
    let (acceptor, tls) = both_sides();
    let acquirer = Acquirer::listen_with(acceptor).await;
    let mut settings = settings_with(&acquirer.address(), tls);
    change(&mut settings);
    let mut line = Line::start(Mode::Multiplexed, settings);
    let socket = acquirer.accept().await;
    line.up(1).await;
    (line, acquirer, socket)
}

#[tokio::test]
async fn requests_are_answered_in_every_mode() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight, PER_REQUEST] {
        let (acceptor, tls) = both_sides();
        let acquirer = Acquirer::listen_with(acceptor).await;
        let mut line = Line::start(mode, settings_with(&acquirer.address(), tls));
        for serial in 0..3 {
            let mut socket = None;
            if mode == PER_REQUEST {
                line.request(serial).unwrap();
                socket = Some(acquirer.accept().await);
                line.up(1).await;
            } else if serial == 0 {
                socket = Some(acquirer.accept().await);
                line.up(1).await;
                line.request(serial).unwrap();
            }
            let Some(mut socket) = socket else { break };
            socket.expect(APPROVAL, serial).await;
            socket.answer_byte_by_byte(APPROVAL, serial).await;
            assert_eq!(line.outcome().await, answered(APPROVAL, serial));
            if mode == PER_REQUEST {
                line.down().await;
                assert!(socket.is_closed().await);
            }
        }
    }
}

#[tokio::test]
async fn many_requests_in_one_burst_all_arrive_and_are_answered() {
    let (mut line, _acquirer, mut socket) = connected_with(|_| {}).await;
    for serial in 0..500 {
        line.request(serial).unwrap();
    }
    let mut serials = Vec::new();
    for _ in 0..500 {
        serials.push(socket.request().await.unwrap().1);
    }
    serials.reverse();
    socket.answer_all(APPROVAL, &serials).await;
    for serial in serials {
        assert_eq!(line.outcome().await, answered(APPROVAL, serial));
    }
}

#[tokio::test]
async fn a_peer_that_closes_has_closed_with_a_farewell_or_without() {
    for farewell in [true, false] {
        let (mut line, acquirer, mut socket) = connected_with(|_| {}).await;
        line.request(1).unwrap();
        socket.expect(APPROVAL, 1).await;
        if farewell {
            socket.close().await;
        } else {
            drop(socket);
        }
        let (serial, unanswered) = line.unanswered().await;
        assert_eq!((serial, unanswered.why), (1, UnansweredWhy::ConnectionLost));
        let event = line.event().await;
        assert!(matches!(event, LinkEvent::Down { why: LinkLoss::ClosedByPeer, .. }), "{event:?}");
        acquirer.accept().await;
        line.up(1).await;
    }
}

#[tokio::test]
async fn nothing_is_sent_to_an_acquirer_that_cannot_prove_who_it_is() {
    let (acceptor, _) = both_sides();
    let acquirer = Acquirer::listen_with(acceptor).await;
    let settings = settings_with(&acquirer.address(), trusting(&Authority::new("CA")));
    let mut line = Line::start(PER_REQUEST, settings);
    line.request(1).unwrap();
    let refused = async {
        let stream = acquirer.accept_plain().await;
        let handshake = acquirer.shake_hands(stream).await;
        assert!(handshake.is_err());
    };
    let (outcome, ()) = tokio::join!(line.outcome(), refused);
    assert_eq!(outcome, (1, Outcome::NotSent(NotSent::NoLink)));
}

#[tokio::test]
async fn an_address_with_the_wrong_certificate_leaves_the_others_their_work() {
    let ((acceptor, tls), (stranger, _)) = (both_sides(), both_sides());
    let (good, bad) = (Acquirer::listen_with(acceptor).await, Acquirer::listen_with(stranger).await);
    let mut settings = settings_with(&bad.address(), tls);
    settings.addresses.push(good.address());
    let mut line = Line::start(Mode::Multiplexed, settings);
    let refused = async {
        let stream = bad.accept_plain().await;
        bad.shake_hands(stream).await
    };
    let (refused, mut socket) = tokio::join!(refused, good.accept());
    assert!(refused.is_err());
    line.up(1).await;
    line.request(1).unwrap();
    socket.expect(APPROVAL, 1).await;
    socket.answer(APPROVAL, 1).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
}

/// The acquirer stops reading: requests fill the session and every buffer on the way, the rest stays here.
#[tokio::test]
async fn behind_a_stuck_session_not_sent_is_never_seen_by_the_acquirer() {
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
        line.send(Outgoing { telegram, deadline, not_after, ..outgoing(APPROVAL, serial, TOO_LONG) })
            .unwrap();
    }
    let (mut not_sent, mut unanswered) = (HashMap::new(), HashSet::new());
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
    assert!(!not_sent.is_empty() && !unanswered.is_empty());
    // Where all that was taken is whole, the link is not stuck but slow, and lives on.
    drop(line);
    let (seen, _part_of_another) = socket.rest().await;
    assert!(!seen.is_empty());
    for serial in &seen {
        assert!(unanswered.contains(serial), "{serial} was seen, and told as {:?}", not_sent[serial]);
    }
}

#[tokio::test]
async fn every_send_has_one_true_outcome_whatever_the_acquirer_does() {
    for seed in 201..=203 {
        for mode in [Mode::Multiplexed, Mode::OneInFlight, PER_REQUEST] {
            let (acceptor, tls) = both_sides();
            faults::run_with(mode, seed, Acquirer::listen_with(acceptor).await, Some(tls)).await;
        }
    }
}
