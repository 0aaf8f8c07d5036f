use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Three failures block, and no pause is cut short by chance.
struct Bench {
    breaker: Breaker,
    start: Instant,
}

impl Bench {
    fn new(slow: Option<Duration>) -> Self {
        let settings = BreakerSettings { failures: 3, slow, pause: SECOND, max_pause: 4 * SECOND };
        Self { breaker: Breaker::new(settings), start: Instant::now() }
    }

    fn at(&self, seconds: u64) -> Instant {
        self.start + Duration::from_secs(seconds)
    }

    fn answered(&mut self, asked: u64, now: u64) {
        self.breaker.answered(self.at(asked), self.at(now), u64::MAX);
    }

    fn failed(&mut self, asked: u64, now: u64) {
        self.breaker.failed(Fault::NotAnswered, self.at(asked), self.at(now), u64::MAX);
    }

    /// Blocks at the given second.
    fn block(&mut self, now: u64) {
        for _ in 0..3 {
            self.failed(now, now);
        }
        assert_eq!(self.breaker.state(), BreakerState::Blocked);
    }

    fn tick(&mut self, now: u64) -> BreakerState {
        self.breaker.tick(self.at(now), false);
        self.breaker.state()
    }
}

#[test]
fn so_many_failures_in_a_row_block_and_no_fewer() {
    let mut bench = Bench::new(None);
    for now in [1, 2, 4, 5] {
        bench.failed(now, now);
        if now == 2 {
            bench.answered(3, 3);
        }
        assert_eq!(bench.breaker.state(), BreakerState::Passing);
    }
    bench.failed(6, 6);
    assert_eq!(bench.breaker.state(), BreakerState::Blocked);
    assert_eq!(bench.breaker.admits(), Admits::None);
}

#[test]
fn what_was_asked_before_a_success_fails_without_meaning() {
    let mut bench = Bench::new(None);
    bench.answered(5, 6);
    for _ in 0..100 {
        bench.failed(4, 14);
    }
    assert_eq!(bench.breaker.state(), BreakerState::Passing);
    bench.block(14);
}

#[test]
fn only_what_was_asked_after_the_block_ends_it() {
    let mut bench = Bench::new(None);
    bench.block(10);
    bench.answered(9, 10);
    assert_eq!(bench.breaker.state(), BreakerState::Blocked);
    assert_eq!(bench.tick(11), BreakerState::Probing);
    bench.answered(9, 11);
    assert_eq!(bench.breaker.state(), BreakerState::Probing);
    bench.answered(11, 11);
    assert_eq!(bench.breaker.state(), BreakerState::Passing);
}

#[test]
fn what_is_asked_and_answered_during_the_pause_ends_it() {
    let mut bench = Bench::new(None);
    bench.block(10);
    bench.answered(11, 11);
    assert_eq!(bench.breaker.state(), BreakerState::Passing);
}

#[test]
fn what_was_asked_before_the_block_fails_no_probe() {
    let mut bench = Bench::new(None);
    bench.block(10);
    bench.tick(11);
    bench.failed(9, 11);
    assert_eq!(bench.breaker.state(), BreakerState::Probing);
}

#[test]
fn each_failed_probe_doubles_the_pause_up_to_the_longest() {
    let mut bench = Bench::new(None);
    bench.block(0);
    let mut now = 0;
    for pause in [1, 2, 4, 4] {
        let until = bench.at(now + pause);
        assert!(until - bench.breaker.due().unwrap() <= Duration::from_nanos(2));
        now += pause;
        assert_eq!(bench.tick(now), BreakerState::Probing);
        let probe = bench.breaker.take_probe().unwrap();
        bench.failed(now, now);
        bench.breaker.probe_over(probe);
        assert_eq!(bench.breaker.state(), BreakerState::Blocked);
    }
}

#[test]
fn chance_takes_no_more_than_half_of_a_pause() {
    for random in [0, 1 << 63, u64::MAX] {
        let mut bench = Bench::new(None);
        for _ in 0..3 {
            bench.breaker.failed(Fault::NotAnswered, bench.at(0), bench.at(0), random);
        }
        let pause = bench.breaker.due().unwrap() - bench.at(0);
        assert!(pause + Duration::from_nanos(2) >= SECOND / 2 && pause <= SECOND, "{pause:?}");
    }
}

#[test]
fn one_request_at_a_time_probes() {
    let mut bench = Bench::new(None);
    assert_eq!((bench.breaker.admits(), bench.breaker.take_probe()), (Admits::All, None));
    bench.block(0);
    bench.tick(1);
    assert_eq!(bench.breaker.admits(), Admits::One);
    let probe = bench.breaker.take_probe().unwrap();
    assert_eq!((bench.breaker.admits(), bench.breaker.take_probe()), (Admits::None, None));
    bench.breaker.probe_over(probe);
    assert_eq!(bench.breaker.admits(), Admits::One);
}

#[test]
fn a_probe_of_an_earlier_block_gives_back_no_other() {
    let mut bench = Bench::new(None);
    bench.block(0);
    bench.tick(1);
    let old = bench.breaker.take_probe().unwrap();
    bench.failed(1, 1);
    bench.tick(5);
    let new = bench.breaker.take_probe().unwrap();
    bench.breaker.probe_over(old);
    assert_eq!(bench.breaker.admits(), Admits::None);
    bench.breaker.probe_over(new);
    assert_eq!(bench.breaker.admits(), Admits::One);
}

#[test]
fn a_slow_answer_is_a_failure() {
    let mut bench = Bench::new(Some(2 * SECOND));
    for now in [12, 13, 14] {
        assert_eq!(bench.breaker.state(), BreakerState::Passing);
        bench.answered(now - 2, now);
        bench.answered(now - 3, now);
        bench.answered(now - 3, now);
    }
    for now in [15, 16, 17] {
        bench.answered(now - 3 + 2, now + 2);
    }
    assert_eq!(bench.breaker.state(), BreakerState::Blocked);
}

#[test]
fn an_echo_goes_before_the_first_request_where_requests_went_unanswered() {
    let mut bench = Bench::new(None);
    bench.block(0);
    bench.breaker.tick(bench.at(1), true);
    assert!(bench.breaker.wants_echo());
    assert_eq!(bench.breaker.admits(), Admits::None);
    bench.breaker.echoed(bench.at(1));
    assert_eq!((bench.breaker.state(), bench.breaker.admits()), (BreakerState::Probing, Admits::One));
}

#[test]
fn a_connection_and_an_echo_are_enough_where_only_connections_failed() {
    let mut bench = Bench::new(None);
    for now in [1, 2, 3] {
        bench.breaker.failed(Fault::NotConnected, bench.at(now), bench.at(now), u64::MAX);
    }
    assert!(bench.breaker.is_worth_connecting(bench.at(3)));
    bench.breaker.connected(true);
    assert_eq!(bench.breaker.state(), BreakerState::Probing);
    bench.breaker.echoed(bench.at(3));
    assert_eq!(bench.breaker.state(), BreakerState::Passing);
}

#[test]
fn a_connection_ends_no_pause_where_requests_went_unanswered() {
    let mut bench = Bench::new(None);
    bench.block(0);
    bench.breaker.connected(false);
    assert_eq!(bench.breaker.state(), BreakerState::Blocked);
    assert!(!bench.breaker.is_worth_connecting(bench.at(0)));
    assert!(bench.breaker.is_worth_connecting(bench.at(1)), "the pause is over");
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Ask,
    Answer { nth: usize },
    Fail { nth: usize },
    Connected,
    Echoed,
    Pass { ms: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Ask),
        2 => (0usize..8).prop_map(|nth| Step::Answer { nth }),
        3 => (0usize..8).prop_map(|nth| Step::Fail { nth }),
        1 => Just(Step::Connected),
        1 => Just(Step::Echoed),
        2 => (0u64..2_000).prop_map(|ms| Step::Pass { ms }),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_at_most_one_probe_is_out_and_every_block_has_its_reason(
        steps in prop::collection::vec(step(), 0..200),
        random: u64,
        echoes: bool,
    ) {
        let settings = BreakerSettings { failures: 3, slow: None, pause: SECOND, max_pause: 4 * SECOND };
        let (mut breaker, mut now) = (Breaker::new(settings), Instant::now());
        let mut under_way: Vec<(Instant, Option<ProbeId>)> = Vec::new();
        let (mut failures_since_success, mut blocked_at) = (0, None);
        for step in steps {
            let before = breaker.state();
            match step {
                Step::Ask => match breaker.admits() {
                    Admits::All => under_way.push((now, None)),
                    Admits::One => {
                        let probe = breaker.take_probe();
                        prop_assert!(probe.is_some());
                        under_way.push((now, probe));
                    }
                    Admits::None => prop_assert_eq!(breaker.take_probe(), None),
                },
                Step::Answer { nth } if nth < under_way.len() => {
                    let (asked, probe) = under_way.remove(nth);
                    breaker.answered(asked, now, random);
                    if let Some(probe) = probe {
                        breaker.probe_over(probe);
                    }
                    if before != BreakerState::Passing && breaker.state() == BreakerState::Passing {
                        prop_assert!(Some(asked) > blocked_at, "unblocked by an old answer");
                    }
                    if breaker.state() == BreakerState::Passing {
                        failures_since_success = 0;
                    }
                }
                Step::Fail { nth } if nth < under_way.len() => {
                    let (asked, probe) = under_way.remove(nth);
                    breaker.failed(Fault::NotAnswered, asked, now, random);
                    if let Some(probe) = probe {
                        breaker.probe_over(probe);
                    }
                    failures_since_success += 1;
                    if before == BreakerState::Passing && breaker.state() == BreakerState::Blocked {
                        prop_assert!(failures_since_success >= 3, "blocked too early");
                    }
                }
                Step::Answer { .. } | Step::Fail { .. } => {}
                Step::Connected => breaker.connected(echoes),
                Step::Echoed => breaker.echoed(now),
                Step::Pass { ms } => {
                    now += Duration::from_millis(ms);
                    breaker.tick(now, echoes);
                }
            }
            if before != BreakerState::Blocked && breaker.state() == BreakerState::Blocked {
                blocked_at = Some(now);
                let due = breaker.due();
                prop_assert!(due.is_some_and(|due| now <= due && due <= now + 4 * SECOND));
            }
            prop_assert_eq!(breaker.due().is_some(), breaker.state() == BreakerState::Blocked);
            if breaker.state() == BreakerState::Probing {
                let since = blocked_at;
                let probes = under_way.iter().filter(|(asked, probe)| probe.is_some() && Some(*asked) > since).count();
                prop_assert!(probes <= 1);
            }
        }
    }
}
