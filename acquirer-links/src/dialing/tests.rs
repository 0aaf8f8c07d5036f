use proptest::prelude::*;

use super::*;

const BACKOFF: Backoff = Backoff { base: Duration::from_millis(100), max: Duration::from_secs(5) };
const MS: Duration = Duration::from_millis(1);

fn dialing(addresses: usize) -> (Dialing, Instant) {
    (Dialing::new(addresses, BACKOFF), Instant::now())
}

/// Where so many links that belong to `home` go at once.
fn turns(dialing: &mut Dialing, home: usize, links: usize, now: Instant) -> Vec<usize> {
    let turns = (0..links).map(|_| dialing.turn(home, now, |_| true));
    turns
        .filter_map(|turn| match turn {
            Turn::Dial(address) => Some(address),
            Turn::Wait(..) => None,
        })
        .collect()
}

#[test]
fn one_link_goes_first_and_then_twice_as_many_each_time() {
    let (mut dialing, now) = dialing(1);
    for expected in [1, 2, 4, 8, 8] {
        let taken = turns(&mut dialing, 0, 100, now).len();
        assert_eq!(taken, expected);
        for _ in 0..taken {
            dialing.connected(0, now, 0);
        }
    }
}

#[test]
fn a_dead_address_costs_one_attempt_a_pause_however_many_links_want_it() {
    let (mut dialing, mut now) = dialing(1);
    let mut attempts = 0;
    for _ in 0..6_000 {
        for address in turns(&mut dialing, 0, 10, now) {
            dialing.missed(address, now, now, u64::MAX);
            attempts += 1;
        }
        now += 10 * MS;
    }
    assert_eq!(attempts, 17, "at once, then after 100 ms doubled up to 5 s, for a minute");
}

#[test]
fn an_address_that_takes_connections_and_closes_them_without_a_word_backs_off_too() {
    let (mut dialing, mut now) = dialing(1);
    let mut attempts = 0;
    for _ in 0..6_000 {
        for address in turns(&mut dialing, 0, 10, now) {
            dialing.connected(address, now, u64::MAX);
            dialing.failed(address, now, now, u64::MAX);
            attempts += 1;
        }
        now += 10 * MS;
    }
    assert!(attempts < 25, "{attempts}");
}

#[test]
fn after_failures_the_others_follow_only_once_the_first_was_spoken_to() {
    let (mut dialing, now) = dialing(1);
    assert_eq!(turns(&mut dialing, 0, 10, now), [0]);
    dialing.missed(0, now, now, u64::MAX);
    let now = now + BACKOFF.base;
    assert_eq!(turns(&mut dialing, 0, 10, now), [0]);
    dialing.connected(0, now, u64::MAX);
    assert_eq!(turns(&mut dialing, 0, 10, now), []);
    dialing.proven(0, now, u64::MAX);
    assert_eq!(turns(&mut dialing, 0, 10, now), [], "spread by chance");
    assert_eq!(turns(&mut dialing, 0, 10, now + BACKOFF.base), [0, 0]);
}

#[test]
fn a_first_connection_that_lives_through_its_trial_is_as_good_as_one_spoken_to() {
    let (mut dialing, now) = dialing(1);
    turns(&mut dialing, 0, 1, now);
    dialing.missed(0, now, now, u64::MAX);
    let now = now + BACKOFF.base;
    turns(&mut dialing, 0, 1, now);
    dialing.connected(0, now, u64::MAX);
    let Turn::Wait(Some(trial), Prospect::Recovery) = dialing.turn(0, now, |_| true) else {
        panic!("the trial is waited for")
    };
    assert_eq!(turns(&mut dialing, 0, 10, trial), [0, 0]);
}

#[test]
fn links_lost_at_once_come_back_one_first_and_the_others_spread() {
    let (mut dialing, now) = dialing(1);
    for _ in 0..4 {
        for address in turns(&mut dialing, 0, 8, now) {
            dialing.connected(address, now, u64::MAX);
        }
    }
    (0..8).for_each(|_| dialing.lost(0));
    assert_eq!(turns(&mut dialing, 0, 8, now), [0]);
    dialing.connected(0, now, u64::MAX);
    assert_eq!(turns(&mut dialing, 0, 7, now), []);
    assert_eq!(turns(&mut dialing, 0, 7, now + BACKOFF.base), [0, 0]);
}

#[test]
fn a_link_goes_home_if_that_is_well_else_to_the_next_that_is() {
    let (mut dialing, now) = dialing(3);
    assert_eq!(turns(&mut dialing, 1, 1, now), [1]);
    dialing.missed(1, now, now, u64::MAX);
    assert_eq!(turns(&mut dialing, 1, 1, now), [2]);
    assert_eq!(dialing.turn(1, now, |_| true), Turn::Wait(None, Prospect::Turn), "two is at its limit");
    assert_eq!(dialing.turn(1, now, |address| address != 2), Turn::Dial(0), "two is of no use");
}

#[test]
fn an_address_that_only_takes_connections_is_better_than_none() {
    let (mut dialing, now) = dialing(2);
    assert_eq!(dialing.turn(0, now, |address| address == 0), Turn::Dial(0));
    dialing.missed(0, now, now, u64::MAX);
    assert_eq!(dialing.turn(0, now, |address| address == 0), Turn::Dial(1));
}

#[test]
fn what_was_begun_before_a_failure_was_known_doubles_no_pause() {
    let (mut dialing, now) = dialing(1);
    for _ in 0..3 {
        for address in turns(&mut dialing, 0, 8, now) {
            dialing.connected(address, now, 0);
        }
    }
    for _ in 0..7 {
        dialing.failed(0, now, now + MS, u64::MAX);
    }
    assert!(dialing.not_before(0).unwrap() <= now + MS + BACKOFF.base);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Turn { home: usize },
    Connected { nth: usize },
    Missed { nth: usize },
    Proven { address: usize },
    Lost { address: usize },
    Failed { address: usize },
    Pass { ms: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0usize..3).prop_map(|home| Step::Turn { home }),
        2 => (0usize..4).prop_map(|nth| Step::Connected { nth }),
        2 => (0usize..4).prop_map(|nth| Step::Missed { nth }),
        1 => (0usize..3).prop_map(|address| Step::Proven { address }),
        1 => (0usize..3).prop_map(|address| Step::Lost { address }),
        1 => (0usize..3).prop_map(|address| Step::Failed { address }),
        2 => (0u64..3_000).prop_map(|ms| Step::Pass { ms }),
    ]
}

proptest! {
    #[test]
    fn no_address_is_dialed_by_too_many_and_no_link_waits_for_ever(
        steps in prop::collection::vec(step(), 0..200),
        random: u64,
        of_use in prop::array::uniform3(any::<bool>()),
    ) {
        let (mut dialing, mut now) = dialing(3);
        let mut under_way: Vec<(usize, Instant)> = Vec::new();
        for step in steps {
            match step {
                Step::Turn { home } => match dialing.turn(home, now, |address| of_use[address]) {
                    Turn::Dial(address) => under_way.push((address, now)),
                    Turn::Wait(Some(at), _) => prop_assert!(at > now && at <= now + BACKOFF.max),
                    Turn::Wait(None, _) => prop_assert!(!under_way.is_empty(), "nothing would ever wake it"),
                },
                Step::Connected { nth } if nth < under_way.len() => {
                    dialing.connected(under_way.remove(nth).0, now, random);
                }
                Step::Missed { nth } if nth < under_way.len() => {
                    let (address, since) = under_way.remove(nth);
                    dialing.missed(address, since, now, random);
                }
                Step::Connected { .. } | Step::Missed { .. } => {}
                Step::Proven { address } => dialing.proven(address, now, random),
                Step::Lost { address } => dialing.lost(address),
                Step::Failed { address } => dialing.failed(address, now, now, random),
                Step::Pass { ms } => now += Duration::from_millis(ms),
            }
            for address in 0..3 {
                let dials = under_way.iter().filter(|(to, _)| *to == address).count();
                prop_assert!(dials <= MOST_AT_A_TIME);
            }
        }
    }
}
