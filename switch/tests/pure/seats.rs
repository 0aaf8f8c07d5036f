//! Who gives up his place when others come.

use std::{sync::Arc, time::Duration};

use switch::listener::seats::{STAY_OF_STRANGERS, STAY_OF_TERMINALS, Seats, Taken};
use tokio::time::{advance, timeout};

/// Time that makes a difference.
const MOMENT: Duration = Duration::from_millis(1);

/// Whether it is asked to leave, now.
async fn is_asked(taken: &Taken) -> bool {
    timeout(Duration::ZERO, taken.seat.asked_to_leave()).await.is_ok()
}

/// Which of them are asked to leave, one after the other, each leaving before the next is asked.
async fn leave_in_turn(seats: &Arc<Seats>, mut taken: Vec<(&'static str, Taken)>) -> Vec<&'static str> {
    let mut gone = Vec::new();
    while seats.make_room() {
        let mut stay = Vec::new();
        for (name, taken) in taken {
            if is_asked(&taken).await {
                gone.push(name);
            } else {
                stay.push((name, taken));
            }
        }
        taken = stay;
        assert_eq!(seats.taken(), taken.len());
    }
    gone
}

#[tokio::test(start_paused = true)]
async fn strangers_go_first_and_then_the_longest_idle() {
    let seats = Seats::new();
    let mut taken = Vec::new();
    for (number, name) in (0..).zip(["first", "second", "third", "stranger", "later stranger", "busy"]) {
        taken.push((name, seats.take(number)));
        advance(MOMENT).await;
    }
    for name in ["second", "third", "first"] {
        let (_, taken) = taken.iter().find(|(other, _)| *other == name).unwrap();
        taken.seat.is_used(false);
        advance(MOMENT).await;
    }
    taken[5].1.seat.is_used(true);
    advance(STAY_OF_TERMINALS).await;
    let gone = leave_in_turn(&seats, taken).await;
    assert_eq!(gone, ["stranger", "later stranger", "second", "third", "first"]);
}

#[tokio::test(start_paused = true)]
async fn everybody_may_stay_for_a_while() {
    let seats = Seats::new();
    let stranger = seats.take(1);
    assert!(!seats.make_room());
    advance(STAY_OF_STRANGERS.saturating_sub(MOMENT)).await;
    assert!(!seats.make_room());
    advance(MOMENT).await;
    assert!(seats.make_room());
    assert!(is_asked(&stranger).await);
    drop(stranger);
    let terminal = seats.take(2);
    terminal.seat.is_used(false);
    advance(STAY_OF_TERMINALS.saturating_sub(MOMENT)).await;
    assert!(!seats.make_room());
    advance(MOMENT).await;
    assert!(seats.make_room());
    assert!(is_asked(&terminal).await);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_an_answer_stays_and_is_idle_only_from_its_answer_on() {
    let seats = Seats::new();
    let terminal = seats.take(1);
    terminal.seat.is_used(true);
    advance(STAY_OF_TERMINALS * 3).await;
    assert!(!seats.make_room());
    terminal.seat.is_used(false);
    assert!(!seats.make_room());
    advance(STAY_OF_TERMINALS).await;
    assert!(seats.make_room());
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_is_asked_once_and_then_another_is() {
    let seats = Seats::new();
    let (one, other) = (seats.take(1), seats.take(2));
    advance(STAY_OF_TERMINALS).await;
    assert!(seats.make_room() && seats.make_room());
    assert!(is_asked(&one).await && is_asked(&other).await);
    assert!(!seats.make_room());
    assert_eq!(seats.taken(), 2);
    drop(one);
    timeout(Duration::from_secs(1), seats.freed()).await.expect("told at once");
    assert_eq!(seats.taken(), 1);
}

/// Against a plain search through all of them.
#[tokio::test(start_paused = true)]
async fn the_order_is_that_of_a_plain_search_whatever_happens() {
    let mut random = 12_345_u64;
    let mut next = move |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let seats = Seats::new();
    // Each with whether it is a terminal, whether it is busy, and when it was used.
    let mut all: Vec<(Taken, bool, bool, u64)> = Vec::new();
    let mut now = 0;
    for number in 0..3_000 {
        let step = next(2_000);
        advance(Duration::from_millis(step)).await;
        now += step;
        if all.len() < 20 {
            all.push((seats.take(number), false, false, now));
        }
        let used = usize::try_from(next(all.len() as u64)).unwrap();
        if next(3) > 0 {
            let busy = next(4) == 0;
            all[used].0.seat.is_used(busy);
            (all[used].1, all[used].2, all[used].3) = (true, busy, now);
        }
        if next(4) == 0 {
            let stays = |terminal: bool| if terminal { STAY_OF_TERMINALS } else { STAY_OF_STRANGERS };
            let least = all
                .iter()
                .enumerate()
                .filter(|(_, (_, _, busy, _))| !busy)
                .min_by_key(|(_, (_, terminal, _, used))| (*terminal, *used))
                .filter(|(_, (_, terminal, _, used))| Duration::from_millis(now - used) >= stays(*terminal))
                .map(|(index, _)| index);
            assert_eq!(seats.make_room(), least.is_some(), "after {number}");
            if let Some(index) = least {
                let (taken, ..) = all.remove(index);
                assert!(is_asked(&taken).await, "after {number}");
            }
        }
    }
}
