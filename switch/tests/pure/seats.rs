//! Who gives up his place when others come.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use payment::TerminalId;
use switch::listener::{
    rooms::Rooms,
    seats::{
        PART_OF_PASSING, STAY_AFTER_A_BYTE, STAY_OF_STRANGERS, STAY_OF_TERMINALS, STAY_WITH_BYTES, Seats,
        Taken,
    },
    shares::SHARE,
};
use tokio::time::{advance, timeout};

/// Time that makes a difference.
const MOMENT: Duration = Duration::from_millis(1);

/// A terminal.
pub(crate) fn id(number: u64) -> TerminalId {
    TerminalId::new(&number.to_string()).unwrap()
}

/// Whether it is asked to leave, now.
pub(crate) async fn is_asked(taken: &Taken) -> bool {
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
    let names =
        ["first", "second", "third", "has begun", "began before", "stranger", "later stranger", "busy"];
    for (number, name) in (0..).zip(names) {
        taken.push((name, seats.take(number)));
        advance(MOMENT).await;
    }
    for name in ["second", "third", "first"] {
        let (_, taken) = taken.iter().find(|(other, _)| *other == name).unwrap();
        taken.seat.is_used(id(1), false);
        advance(MOMENT).await;
    }
    taken[7].1.seat.is_used(id(1), true);
    for index in [4, 3] {
        taken[index].1.seat.brought_bytes();
        advance(MOMENT).await;
    }
    advance(STAY_OF_TERMINALS).await;
    let gone = leave_in_turn(&seats, taken).await;
    assert_eq!(gone, ["stranger", "later stranger", "began before", "has begun", "second", "third", "first"]);
}

#[tokio::test(start_paused = true)]
async fn a_stranger_whose_telegram_is_on_its_way_stays_while_silent_ones_come_and_go() {
    let seats = Seats::new();
    let slow = seats.take(0);
    let mut silent = Vec::new();
    for number in 1..150 {
        // A byte each tenth of a second, for fifteen seconds.
        slow.seat.brought_bytes();
        silent.push(seats.take(number));
        advance(Duration::from_millis(100)).await;
        if seats.make_room() {
            let (mut stay, mut gone) = (Vec::new(), 0);
            for taken in silent {
                if is_asked(&taken).await {
                    gone += 1;
                } else {
                    stay.push(taken);
                }
            }
            assert_eq!(gone, 1);
            silent = stay;
        }
    }
    assert!(silent.len() <= 10, "each a second: {}", silent.len());
    drop(silent);
    assert!(seats.make_room() && is_asked(&slow).await, "it takes too long");
}

#[tokio::test(start_paused = true)]
async fn a_stranger_may_pause_in_its_telegram_and_has_so_long_for_it() {
    let seats = Seats::new();
    let (stopped, slow) = (seats.take(0), seats.take(1));
    advance(MOMENT).await;
    stopped.seat.brought_bytes();
    slow.seat.brought_bytes();
    advance(MOMENT).await;
    slow.seat.brought_bytes();
    advance(STAY_AFTER_A_BYTE.saturating_sub(MOMENT * 2)).await;
    assert!(!seats.make_room());
    advance(MOMENT).await;
    assert!(seats.make_room() && is_asked(&stopped).await && !seats.make_room());
    drop(stopped);
    // A byte now and then, and one in the very moment in which it is asked.
    for _ in 0..4 {
        slow.seat.brought_bytes();
        assert!(!seats.make_room());
        advance(STAY_WITH_BYTES / 4).await;
    }
    slow.seat.brought_bytes();
    assert!(seats.make_room());
    slow.seat.brought_bytes();
    assert!(is_asked(&slow).await);
}

#[tokio::test(start_paused = true)]
async fn strangers_that_bring_a_byte_now_and_then_put_out_no_idle_terminal() {
    let seats = Seats::new();
    let mut terminals = Vec::new();
    for number in 0..30 {
        let taken = seats.take(number);
        taken.seat.is_used(id(number), false);
        terminals.push(taken);
    }
    advance(STAY_OF_TERMINALS).await;
    // As many again, each with a byte at once and one each 2.5 s; for each that goes another comes.
    let mut strangers: Vec<Taken> = Vec::new();
    let (mut number, mut gone) = (100, 0);
    for tick in 0..1_200 {
        while strangers.len() < 30 {
            strangers.push(seats.take(number));
            strangers.last().unwrap().seat.brought_bytes();
            number += 1;
        }
        if tick % 50 == 0 {
            for taken in &strangers {
                taken.seat.brought_bytes();
            }
        }
        if seats.make_room() {
            let mut stay = Vec::new();
            for taken in strangers {
                if is_asked(&taken).await { gone += 1 } else { stay.push(taken) }
            }
            strangers = stay;
        }
        for taken in &terminals {
            assert!(!is_asked(taken).await, "after {gone} strangers");
        }
        advance(Duration::from_millis(50)).await;
    }
    assert!(gone >= 30 * 9, "each after six seconds: {gone} in a minute");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_begins_a_telegram_is_idle_no_more() {
    let seats = Seats::new();
    let (one, other) = (seats.take(1), seats.take(2));
    one.seat.is_used(id(1), false);
    advance(MOMENT).await;
    other.seat.is_used(id(1), false);
    advance(STAY_OF_TERMINALS).await;
    one.seat.brought_bytes();
    assert!(seats.make_room() && is_asked(&other).await && !is_asked(&one).await);
    assert!(!seats.make_room());
    // One that waits for an answer does so still.
    other.seat.is_used(id(1), true);
    other.seat.brought_bytes();
    advance(STAY_OF_TERMINALS * 3).await;
    assert!(seats.make_room() && is_asked(&one).await);
    assert!(!seats.make_room());
}

#[tokio::test(start_paused = true)]
async fn who_brings_something_after_it_was_asked_stays() {
    let seats = Seats::new();
    let (stranger, terminal) = (seats.take(1), seats.take(2));
    terminal.seat.is_used(id(1), false);
    advance(STAY_OF_TERMINALS).await;
    assert!(seats.make_room());
    stranger.seat.brought_bytes();
    assert!(!is_asked(&stranger).await);
    assert!(!seats.make_room(), "it is a stranger still, and goes before any terminal");
    advance(STAY_AFTER_A_BYTE).await;
    assert!(seats.make_room() && is_asked(&stranger).await);
    drop(stranger);
    assert!(seats.make_room());
    terminal.seat.is_used(id(1), false);
    assert!(!is_asked(&terminal).await);
    advance(STAY_OF_TERMINALS).await;
    assert!(seats.make_room() && is_asked(&terminal).await);
}

#[tokio::test(start_paused = true)]
async fn strangers_keep_terminals_places_for_them_unless_too_few_would_leave_soon() {
    let seats = Seats::new();
    let mut terminals = Vec::new();
    for number in 0..(PART_OF_PASSING as u64 - 1) {
        let taken = seats.take(number);
        taken.seat.is_used(id(number), false);
        terminals.push(taken);
    }
    advance(STAY_OF_TERMINALS).await;
    let stranger = seats.take(100);
    assert!(!seats.make_room(), "it goes within a second");
    stranger.seat.brought_bytes();
    assert!(!seats.make_room(), "it has begun a telegram, and goes within seconds");
    let one_more = seats.take(103);
    one_more.seat.is_used(id(1), false);
    assert_eq!((seats.taken(), seats.passing()), (PART_OF_PASSING + 1, 1));
    assert!(seats.make_room(), "one of nine is too few to wait for");
    let _silent = seats.take(104);
    assert!(!seats.make_room());
}

#[test]
fn the_seats_of_a_name_stay_while_anybody_has_one() {
    let rooms = Rooms::default();
    let taken = rooms.seats("terminals").take(1);
    assert_eq!(rooms.seats("terminals").taken(), 1);
    assert_eq!(rooms.seats("others").taken(), 0);
    let listeners = crate::sample::config(crate::sample::SAMPLE).listeners;
    let elsewhere = rooms.seats("removed").take(2);
    assert_eq!(rooms.taken_elsewhere(&listeners), 1, "of a listener that is not configured any more");
    drop((taken, elsewhere));
    assert_eq!(rooms.taken_elsewhere(&listeners), 0);
    assert_eq!(rooms.seats("terminals").taken(), 0);
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
    terminal.seat.is_used(id(1), false);
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
    terminal.seat.is_used(id(1), true);
    advance(STAY_OF_TERMINALS * 3).await;
    assert!(!seats.make_room());
    terminal.seat.is_used(id(1), false);
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
    // Each with what it is (0: silent, 1: has begun, 2: beyond a share, 3: a terminal), whether it is busy, and when it last did something, with its
    // number.
    let mut all: Vec<(Taken, u8, bool, (u64, u64))> = Vec::new();
    // Of each that is there: when its first byte came that has begun, and whose share it has a part of.
    let (mut began, mut has_share) = (BTreeMap::new(), BTreeMap::new());
    let (mut now, mut gone) = (0, [0; 4]);
    for number in 0..5_000 {
        let step = next(2_000);
        advance(Duration::from_millis(step)).await;
        now += step;
        while all.len() < 20 {
            let number = number * 20 + all.len() as u64;
            all.push((seats.take(number), 0, false, (now, number)));
        }
        for _ in 0..next(6) {
            let (taken, kind, busy, used) = &mut all[usize::try_from(next(20)).unwrap()];
            if next(3) == 0 {
                taken.seat.brought_bytes();
                *kind = (*kind).max(1);
            } else {
                // Most speak for the same, or for none that others speak for.
                let terminal = if next(4) == 0 { used.1 + 1 } else { 0 };
                let of_it = has_share.values().filter(|of| **of == terminal).count();
                if of_it < usize::try_from(SHARE).unwrap() {
                    has_share.entry(used.1).or_insert(terminal);
                }
                *kind = if has_share.contains_key(&used.1) { 3 } else { 2 };
                // Who is busy when it is looked at has its stay anew.
                *busy = *kind == 3 && next(4) == 0;
                taken.seat.is_used(id(terminal), *busy);
            }
            used.0 = now;
            if *kind < 3 {
                let began = *began.entry(used.1).or_insert(now);
                used.0 = now.min(began + u64::try_from(STAY_WITH_BYTES.as_millis()).unwrap());
            }
        }
        let stays = [STAY_OF_STRANGERS, STAY_AFTER_A_BYTE, STAY_AFTER_A_BYTE, STAY_OF_TERMINALS];
        let passing = all.iter().filter(|(_, kind, ..)| *kind < 3).count();
        assert_eq!(seats.passing(), passing);
        let keeps = passing > 0 && passing * PART_OF_PASSING >= all.len();
        let least = all
            .iter()
            .enumerate()
            .filter(|(_, (_, kind, busy, _))| !(*busy || *kind == 3 && keeps))
            .filter(|(_, (_, kind, _, (used, _)))| {
                Duration::from_millis(now - used) >= stays[usize::from(*kind)]
            })
            .min_by_key(|(_, (_, kind, _, used))| (*kind, *used))
            .map(|(index, _)| index);
        assert_eq!(seats.make_room(), least.is_some(), "after {number}");
        if let Some(index) = least {
            let (taken, kind, _, (_, seat)) = all.remove(index);
            assert!(is_asked(&taken).await, "after {number}");
            has_share.remove(&seat);
            gone[usize::from(kind)] += 1;
        }
    }
    assert!(gone.iter().all(|gone| *gone > 50), "{gone:?}");
}
