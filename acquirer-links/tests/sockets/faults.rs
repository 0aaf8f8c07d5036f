//! An acquirer that misbehaves at random, from a seed that replays it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use super::acquirer::{Acquirer, Socket};
use super::*;

const SENDS: u64 = 400;

/// A telegram without a key; on a per-request socket it still answers that socket's request.
const UNREADABLE: &[u8] = b"not readable";

/// splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

#[tokio::test]
async fn every_send_has_one_true_outcome_whatever_the_acquirer_does() {
    for seed in 1..=6 {
        run(Mode::Multiplexed, seed).await;
        run(Mode::OneInFlight, seed).await;
        run(PER_REQUEST, seed).await;
    }
}

/// The links then truly run at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_send_has_one_true_outcome_on_several_threads() {
    for seed in 101..=106 {
        run(Mode::Multiplexed, seed).await;
        run(Mode::OneInFlight, seed).await;
        run(PER_REQUEST, seed).await;
    }
}

async fn run(mode: Mode, seed: u64) {
    run_with(mode, seed, Acquirer::listen().await, None).await;
}

pub(crate) async fn run_with(mode: Mode, seed: u64, acquirer: Acquirer, tls: Option<acquirer_links::Tls>) {
    let settings = PoolSettings {
        links: 3,
        max_in_flight: 60,
        queue: 40,
        late_window: SHORT,
        heartbeat: (mode != PER_REQUEST).then_some(SHORT / 4),
        breaker: BreakerSettings {
            failures: 5,
            slow: None,
            pause: Duration::from_millis(5),
            max_pause: Duration::from_millis(20),
        },
        tls,
        ..settings(&acquirer.address())
    };
    let mut line = Line::start(mode, settings);
    let approved = Arc::new(Mutex::new(HashSet::new()));
    let received = Arc::clone(&approved);
    let accepting = tokio::spawn(async move {
        for nth in 0.. {
            // A request that is over is not connected for any more.
            let Ok(socket) = acquirer.try_accept().await else { continue };
            tokio::spawn(misbehave(socket, Dice(seed << 32 | nth), Arc::clone(&received)));
        }
    });
    match mode {
        Mode::Multiplexed | Mode::OneInFlight => line.up(1).await,
        Mode::PerRequest { .. } => {}
    }

    let mut dice = Dice(seed);
    let mut outcomes: HashMap<u64, Outcome> = HashMap::new();
    let (mut accepted, mut next) = (HashSet::new(), 0);
    while next < SENDS || outcomes.len() < accepted.len() {
        for _ in 0..dice.roll(8) {
            if next < SENDS {
                let answer_within = Duration::from_millis(20 + dice.roll(80));
                if line.send(outgoing(APPROVAL, next, answer_within)).is_ok() {
                    accepted.insert(next);
                }
                next += 1;
            }
        }
        // With nothing under way there may be nothing to wait for.
        let event = timeout(Duration::from_millis(2), line.events.recv()).await;
        match event {
            Ok(Some(LinkEvent::Outcome { tag, outcome })) => {
                assert!(accepted.contains(&tag), "seed {seed}: an outcome of {tag}, never accepted");
                if let Outcome::Answered(telegram) = &outcome {
                    let own = key_of(telegram) == Some(Key { kind: APPROVAL + 1, serial: tag });
                    let unreadable = mode == PER_REQUEST && telegram == UNREADABLE;
                    assert!(own || unreadable, "seed {seed}: another's answer to {tag}");
                }
                assert!(outcomes.insert(tag, outcome).is_none(), "seed {seed}: a second outcome of {tag}");
            }
            Ok(Some(LinkEvent::Late { tag, .. })) => {
                assert!(matches!(outcomes.get(&tag), Some(Outcome::Unanswered(_))), "seed {seed}: {tag}");
            }
            Ok(Some(
                LinkEvent::Unknown { .. }
                | LinkEvent::Flooded { .. }
                | LinkEvent::Up { .. }
                | LinkEvent::Down { .. }
                | LinkEvent::Breaker { .. },
            ))
            | Err(_) => {}
            Ok(None) => panic!("seed {seed}: the pool is gone"),
        }
    }
    accepting.abort();
    let approved = approved.lock().unwrap();
    for (serial, outcome) in &outcomes {
        match outcome {
            Outcome::NotSent(_) => assert!(!approved.contains(serial), "seed {seed}: {serial} was sent"),
            Outcome::Answered(_) => assert!(approved.contains(serial), "seed {seed}: {serial} was not"),
            Outcome::Unanswered(_) => {}
        }
    }
    let answered = outcomes.values().filter(|outcome| matches!(outcome, Outcome::Answered(_))).count();
    assert!(answered > 0 && answered < outcomes.len(), "seed {seed}: nothing was tried");
}

/// Serves one link, never well.
async fn misbehave(mut socket: Socket, mut dice: Dice, approved: Arc<Mutex<HashSet<u64>>>) {
    let mut held = Vec::new();
    if dice.roll(20) == 0 {
        return socket.reset();
    }
    while let Some((kind, serial)) = socket.request().await {
        if kind == ECHO {
            if dice.roll(4) > 0 {
                socket.answer(ECHO, serial).await;
            }
            continue;
        }
        approved.lock().unwrap().insert(serial);
        match dice.roll(40) {
            0 => return socket.reset(),
            1 => return,
            2 => socket.write(b"garbage that is no frame").await,
            3 => socket.write(&[b"0012", UNREADABLE].concat()).await,
            4..6 => socket.answer_all(kind, &[serial, serial]).await,
            6..9 => held.push(serial),
            9 => socket.answer(kind, 99_999_999).await,
            10 => socket.answer_byte_by_byte(kind, serial).await,
            11 => {
                let half = b"00120201";
                socket.write(half).await;
                return;
            }
            12 => tokio::time::sleep(Duration::from_millis(dice.roll(150))).await,
            13..15 => {
                held.reverse();
                socket.answer_all(kind, &std::mem::take(&mut held)).await;
            }
            _ => socket.answer(kind, serial).await,
        }
    }
}
