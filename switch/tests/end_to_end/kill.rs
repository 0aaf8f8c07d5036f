//! SIGKILL at any moment: what was in doubt is undone, once.

use std::collections::{BTreeMap, BTreeSet};

use telegram_replay::acquirer::{Behaviour, Deed, Event, Rule, Script};

use crate::support::{Approval, Client, Plan, Switch, acquirer, count, eventually};

const PAYMENTS: u32 = 50;

/// A small generator: the seed decides, and is all that must be known to run it again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// When the kill comes.
#[derive(Debug)]
enum Moment {
    /// So many requests have reached the VAN.
    Requests(usize),
    /// The terminals have so many answers.
    Answers(usize),
    /// The VAN has seen so many net-cancels.
    NetCancels(usize),
}

#[tokio::test]
async fn after_a_kill_with_fifty_in_flight_every_doubt_is_net_cancelled_once_seeds_0_to_9() {
    run_seeds(0..10).await;
}

#[tokio::test]
async fn after_a_kill_with_fifty_in_flight_every_doubt_is_net_cancelled_once_seeds_10_to_19() {
    run_seeds(10..20).await;
}

async fn run_seeds(seeds: std::ops::Range<u64>) {
    // They mostly wait, and so they wait together.
    let mut running = tokio::task::JoinSet::new();
    for seed in seeds {
        running.spawn(async move {
            println!("seed {seed}");
            run_seed(seed).await;
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("the seed printed last with its panic failed");
    }
}

async fn run_seed(seed: u64) {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    chance.below(2);
    // Approved and silent, ignored, answered at once, answered late, declined: which share of each the seed decides.
    let endings = [61, 61, 61, 62, 62, 0, 0, 63, 51, 70];
    let (from, to) = (chance.below(5), 6 + chance.below(5));
    let endings: Vec<u64> =
        (0..PAYMENTS).map(|_| endings[usize_of(from + chance.below(to - from))]).collect();
    let ignore = Rule {
        on: Deed::NetCancel,
        times: Some(chance.below(20)),
        ..Rule::of(if chance.below(2) == 0 { Behaviour::IGNORE } else { Behaviour::ANSWER_NEVER })
    };
    let van = acquirer("kovan", Script { rules: vec![ignore], ..Script::default() }).await;
    let silent = endings.iter().filter(|ending| [61, 62, 63, 70].contains(*ending)).count() as u64;
    let answered = endings.iter().filter(|ending| [0, 51].contains(*ending)).count() as u64;
    let moment = match chance.below(3) {
        0 => Moment::Requests(usize_of(1 + chance.below(40))),
        1 => Moment::Answers(usize_of(chance.below(answered + 1))),
        _ => Moment::NetCancels(usize_of(1 + chance.below(silent.clamp(1, 25)))),
    };
    let plan =
        Plan { settle_after_ms: 200, links: 1 + usize_of(chance.below(4)), ..Plan::van(&van).impatient() };
    let (home, switch) = Switch::of(&plan).await;

    let approvals: Vec<Approval> = (1..=PAYMENTS)
        .zip(&endings)
        .map(|(trace, ending)| Approval::new(trace, u64::from(trace) * 10_000 + ending))
        .collect();
    let mut client = Client::connect(switch.terminals).await;
    client.send(&approvals).await;
    let mut answers = BTreeMap::new();
    match &moment {
        Moment::Requests(least) => {
            // What waits for its net-cancel is no truth yet.
            let come = || van.truth().iter().map(|truth| &truth.serial).collect::<BTreeSet<_>>().len();
            let least = (*least).min(endings.iter().filter(|ending| **ending != 70).count());
            eventually(&format!("seed {seed}: requests"), || (come() >= least).then_some(())).await;
        }
        Moment::Answers(least) => {
            while answers.len() < *least {
                let answer = client.receive().await.expect("an answer");
                answers.insert(answer.trace(), answer.code());
            }
        }
        Moment::NetCancels(least) => {
            let tried = || van.truth().iter().filter(|truth| is_net_cancel(truth, &endings)).count();
            eventually(&format!("seed {seed}: net-cancels"), || (tried() >= *least).then_some(())).await;
        }
    }
    switch.kill();
    while let Some(answer) = client.receive().await {
        answers.insert(answer.trace(), answer.code());
    }

    // A recovery may be killed too, with the first net-cancels it sends.
    for _ in 0..chance.below(3) {
        let before = van.truth().len();
        let owed = home.open_payments();
        let switch = Switch::start(&home).await;
        let more = || van.truth().len() > before || owed == 0 || home.open_payments() == 0;
        eventually(&format!("seed {seed}: a recovery"), || more().then_some(())).await;
        switch.kill();
    }

    println!("seed {seed}: killed at {moment:?}, {} answered, {} owed", answers.len(), home.open_payments());
    let switch = Switch::start(&home).await;
    // As terminals do, those without a final answer ask again.
    let mut client = Client::connect(switch.terminals).await;
    let unanswered: Vec<Approval> = (1..)
        .zip(&approvals)
        .filter(|(trace, _)| !answers.contains_key(trace))
        .map(|(_, approval)| approval.clone())
        .collect();
    client.send(&unanswered).await;
    for answer in client.receive_all(unanswered.len()).await {
        answers.insert(answer.trace(), answer.code());
    }
    eventually(&format!("seed {seed} ({moment:?}): nothing is owed"), || {
        (home.open_payments() == 0).then_some(())
    })
    .await;
    switch.stop().await;

    let truth = van.truth();
    let told: BTreeSet<u64> =
        answers.iter().filter(|(_, code)| *code == "0000").map(|(trace, _)| u64::from(*trace)).collect();
    let live: BTreeSet<u64> = van.live().into_iter().map(|(_, left)| left / 10_000).collect();
    assert_eq!(told, live, "seed {seed} ({moment:?}): approvals terminals know and approvals that stand");
    assert_eq!(count(&truth, Event::Repeated), 0, "seed {seed}: a serial was used twice");
    assert_eq!(count(&truth, Event::Unreadable), 0, "seed {seed}");
    for approved in truth.iter().filter(|truth| truth.event == Event::Approved) {
        let undone = truth.iter().filter(|truth| {
            truth.event == Event::NetCancelled && truth.original.as_ref() == Some(&approved.serial)
        });
        let stands = told.contains(&(approved.amount / 10_000));
        assert_eq!(undone.count(), usize::from(!stands), "seed {seed} ({moment:?}): {approved:?}");
    }
    for code in answers.values() {
        let known = ["0000", "8035", "9013", "9022"].contains(&code.as_str());
        assert!(known, "seed {seed} ({moment:?}): {code}");
    }

    // What is settled is settled: a further start finds nothing open and sends nothing.
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(PAYMENTS + 1, 99_000_000)).await.code(), "0000", "seed {seed}");
    assert!(switch.log().contains(r#""open":0"#), "seed {seed}: {}", switch.log());
    assert_eq!(van.truth().len(), truth.len() + 1, "seed {seed}: only the new approval");
    switch.stop().await;
}

fn is_net_cancel(truth: &telegram_replay::acquirer::Truth, endings: &[u64]) -> bool {
    match truth.event {
        Event::NetCancelled | Event::NoSuchOriginal | Event::AlreadyCancelled => true,
        // An ignored approval is no net-cancel; an ignored net-cancel of one that was not ignored is.
        Event::Ignored => endings.contains(&(truth.amount % 100)) && truth.amount % 100 != 62,
        _ => false,
    }
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).expect("small")
}
