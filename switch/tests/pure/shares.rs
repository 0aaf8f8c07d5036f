//! How many places a terminal id holds.

use std::{sync::Arc, time::Duration};

use switch::listener::{
    rooms::Rooms,
    seats::{STAY_AFTER_A_BYTE, STAY_OF_TERMINALS, STAY_WITH_BYTES, Seats, Taken},
    shares::SHARE,
};
use tokio::time::advance;

use crate::seats::{id, is_asked};

/// As many connections as share a terminal's.
const ALL: u64 = SHARE as u64;
/// After so long a connection beyond a share goes, if its seat is needed.
const AT_MOST: Duration = STAY_WITH_BYTES.saturating_add(STAY_AFTER_A_BYTE);

/// Connections with these numbers that all speak for one terminal, and have just done so.
fn of_one(seats: &Arc<Seats>, numbers: std::ops::Range<u64>) -> Vec<Taken> {
    let taken: Vec<_> = numbers.map(|number| seats.take(number)).collect();
    for taken in &taken {
        taken.seat.brought_bytes();
        taken.seat.is_used(id(1), false);
    }
    taken
}

#[tokio::test(start_paused = true)]
async fn connections_beyond_their_terminals_share_go_after_strangers_and_before_terminals() {
    let seats = Seats::new();
    let all = of_one(&seats, 0..ALL + 1);
    assert_eq!(seats.passing(), 1);
    let (silent, begun, other) = (seats.take(100), seats.take(101), seats.take(102));
    begun.seat.brought_bytes();
    other.seat.is_used(id(2), false);
    advance(STAY_OF_TERMINALS).await;
    for one in [&silent, &begun, &all[8]] {
        assert!(seats.make_room() && is_asked(one).await);
    }
    assert!(!seats.make_room(), "they are on their way");
    drop((silent, begun));
    let mut all = all;
    drop(all.pop());
    assert!(seats.make_room() && is_asked(&all[0]).await, "and then terminals");
}

#[tokio::test(start_paused = true)]
async fn good_telegrams_beyond_a_share_keep_no_place_and_put_out_no_idle_terminal() {
    let seats = Seats::new();
    let mut terminals = Vec::new();
    for number in 2..32 {
        let taken = seats.take(number);
        taken.seat.is_used(id(number), false);
        terminals.push(taken);
    }
    advance(STAY_OF_TERMINALS).await;
    let mut number = 100;
    let (mut flood, mut gone): (Vec<Taken>, u64) = (Vec::new(), 0);
    for tick in 0..1_200_u64 {
        while flood.len() < 30 {
            flood.extend(of_one(&seats, number..number + 1));
            number += 1;
        }
        // Each is at work twice a second, and is answered at once.
        if tick % 10 == 0 {
            for taken in &flood {
                taken.seat.brought_bytes();
                taken.seat.is_used(id(1), true);
                taken.seat.is_answered(false);
            }
        }
        if seats.make_room() {
            let mut stay = Vec::new();
            for taken in flood {
                if is_asked(&taken).await { gone += 1 } else { stay.push(taken) }
            }
            flood = stay;
        }
        for taken in &terminals {
            assert!(!is_asked(taken).await, "after {gone} of the flood");
        }
        advance(Duration::from_millis(50)).await;
    }
    assert!(gone >= 22 * 9, "all but a share after six seconds: {gone} in a minute");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_an_answer_beyond_a_share_keeps_its_place_and_no_others() {
    let seats = Seats::new();
    let all = of_one(&seats, 0..ALL + 4);
    for taken in &all[8..] {
        taken.seat.is_used(id(1), true);
    }
    assert_eq!(seats.passing(), 0, "nobody knows when they go");
    advance(STAY_OF_TERMINALS).await;
    assert!(seats.make_room() && is_asked(&all[0]).await, "a terminal that is idle");
    for _ in 0..100 {
        seats.make_room();
        advance(Duration::from_secs(1)).await;
    }
    for taken in &all[8..] {
        assert!(!is_asked(taken).await);
        taken.seat.is_answered(false);
    }
    assert_eq!(seats.passing(), 4);
    advance(STAY_AFTER_A_BYTE).await;
    assert!(seats.make_room() && is_asked(&all[8]).await);
}

#[tokio::test(start_paused = true)]
async fn a_part_of_a_share_comes_back_with_its_connection_and_goes_to_the_next_telegram() {
    let seats = Seats::new();
    let mut all = of_one(&seats, 0..ALL + 2);
    assert_eq!(seats.passing(), 2);
    drop(all.remove(3));
    assert_eq!(seats.passing(), 2);
    let last = all.pop().unwrap();
    last.seat.is_used(id(1), false);
    assert_eq!(seats.passing(), 1);
    // It is a terminal from now on, and its stay is a terminal's.
    assert!(!last.seat.is_beyond_its_share() && all[7].seat.is_beyond_its_share());
    advance(AT_MOST).await;
    assert!(seats.make_room() && is_asked(&all[7]).await && !is_asked(&last).await);
    drop((all, last));
    assert_eq!((seats.passing(), seats.taken()), (0, 0));
    // Nothing is left behind.
    let all = of_one(&seats, 0..ALL + 1);
    assert_eq!(seats.passing(), 1);
    drop(all);
}

#[test]
fn a_concentrator_is_a_terminal_if_one_of_its_terminals_has_a_share_left() {
    let seats = Seats::new();
    let _others = of_one(&seats, 0..ALL);
    let hub = seats.take(100);
    hub.seat.is_used(id(1), false);
    assert!(hub.seat.is_beyond_its_share());
    hub.seat.is_used(id(2), false);
    assert!(!hub.seat.is_beyond_its_share());
    for number in [1, 3, 1, 2] {
        hub.seat.is_used(id(number), false);
        assert!(!hub.seat.is_beyond_its_share(), "it is one for as long as it sits");
    }
    // Of the others it holds nothing.
    let of_3: Vec<_> = (200..200 + ALL).map(|number| seats.take(number)).collect();
    for taken in &of_3 {
        taken.seat.is_used(id(3), false);
    }
    assert!(of_3.iter().all(|taken| !taken.seat.is_beyond_its_share()));
}

#[test]
fn a_listener_that_moves_keeps_the_shares_of_its_terminals_and_others_have_their_own() {
    let rooms = Rooms::default();
    let mut before = of_one(&rooms.seats("terminals"), 0..ALL);
    let after = rooms.seats("terminals");
    let other = of_one(&rooms.seats("others"), 0..ALL);
    assert!(other.iter().all(|taken| !taken.seat.is_beyond_its_share()));
    let by_the_new_address = after.take(100);
    by_the_new_address.seat.is_used(id(1), false);
    assert!(by_the_new_address.seat.is_beyond_its_share());
    drop(before.pop());
    by_the_new_address.seat.is_used(id(1), false);
    assert!(!by_the_new_address.seat.is_beyond_its_share());
}
