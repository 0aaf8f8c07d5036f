//! SIGKILL at any moment: what was in doubt is undone, once.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use telegram_replay::acquirer::{Acquirer, Behaviour, Deed, Event, Truth};

use crate::support::{Approval, Client, Home, Plan, Switch, acquirer, count, eventually, script};

const PAYMENTS: u32 = 50;

/// A small generator: the seed decides, and is all that must be known to run it again.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
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
    for seed in asked_for().unwrap_or(seeds) {
        running.spawn(async move {
            println!("seed {seed}");
            run_seed(seed).await;
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("the seed printed last with its panic failed");
    }
}

/// `KILL_SEEDS=7..8` runs other seeds than the first twenty.
pub(crate) fn asked_for() -> Option<std::ops::Range<u64>> {
    let seeds = std::env::var("KILL_SEEDS").ok()?;
    let (from, to) = seeds.split_once("..").expect("KILL_SEEDS=7..8");
    Some(from.parse().expect("a seed")..to.parse().expect("a seed"))
}

async fn run_seed(seed: u64) {
    let mut run = Run::prepare(seed).await;
    let switch = Switch::start(&run.home).await;
    let mut client = Client::connect(switch.terminals).await;
    client.send(&run.approvals).await;
    run.wait_for_the_moment(&mut client).await;
    switch.kill();
    while let Some(answer) = client.receive().await {
        run.answers.insert(answer.trace(), answer.code());
    }
    let (answered, owed) = (run.answers.len(), run.home.open_payments());
    println!("{run:?}: {answered} answered, {owed} open when killed");

    run.kill_recoveries().await;
    run.recover().await;
    run.check_truth();
    run.start_once_more().await;
}

/// One seed's life.
struct Run {
    seed: u64,
    chance: Chance,
    moment: Moment,
    failover: &'static str,
    home: Home,
    /// What the first VAN speaks, and what it is called.
    first: &'static str,
    /// The first is asked first; the second, if there is one, approves everything.
    vans: Vec<Acquirer>,
    approvals: Vec<Approval>,
    /// What terminals were told, by trace number.
    answers: BTreeMap<u32, String>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, moment, failover, first, vans, .. } = self;
        write!(f, "seed {seed}, killed at {moment:?}, {} VANs, {first} first, {failover}", vans.len())
    }
}

impl Run {
    async fn prepare(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        chance.below(2);
        // Approved and silent, ignored, answered at once, answered late, declined: which share of each the seed decides.
        // None that is approved once its net-cancel comes: net-cancels go at a pace, and some would come after the time within which an acquirer
        // may still approve.
        let all = [61, 61, 61, 62, 62, 0, 0, 63, 51];
        let (from, to) = (chance.below(5), 6 + chance.below(4));
        let endings: Vec<u64> =
            (0..PAYMENTS).map(|_| all[usize_of(from + chance.below(to - from))]).collect();
        let silence = if chance.below(2) == 0 { Behaviour::IGNORE } else { Behaviour::ANSWER_NEVER };
        let rules = [(Deed::NetCancel, silence, Some(chance.below(20)))];
        let first = ["kovan", "kspay", "kicc"][usize_of(seed % 3)];
        let mut vans = vec![acquirer(first, script(&rules)).await];
        if seed % 2 == 1 {
            vans.push(acquirer("kovan", script(&[(Deed::Approval, Behaviour::ANSWER, None)])).await);
        }
        let silent = endings.iter().filter(|ending| [61, 62, 63].contains(*ending)).count() as u64;
        let answered = endings.iter().filter(|ending| [0, 51].contains(*ending)).count() as u64;
        let moment = match chance.below(3) {
            0 => Moment::Requests(usize_of(1 + chance.below(40))),
            1 => Moment::Answers(usize_of(chance.below(answered + 1))),
            _ => Moment::NetCancels(usize_of(1 + chance.below(silent.clamp(1, 25)))),
        };
        let failover = ["never", "after-net-cancel", "at-once"][usize_of(chance.below(3))];
        let few = 1 + usize_of(chance.below(4));
        let named: Vec<_> = [first, "second"].into_iter().zip(&vans).zip([99, 1]).collect();
        let named: Vec<_> = named.into_iter().map(|((name, van), weight)| (name, van, weight)).collect();
        let plan = Plan {
            settle_after_ms: 200,
            // Where a request takes a socket, silence takes them all.
            links: if first == "kspay" { 2 * usize_of(PAYMENTS.into()) } else { few },
            failover,
            ..Plan::vans(&named).impatient()
        };
        let approvals = (1..=PAYMENTS)
            .zip(&endings)
            .map(|(trace, ending)| Approval::new(trace, u64::from(trace) * 10_000 + ending))
            .collect();
        let (home, answers) = (Home::new(&plan.toml()), BTreeMap::new());
        Self { seed, chance, moment, failover, home, first, vans, approvals, answers }
    }

    async fn wait_for_the_moment(&mut self, client: &mut Client) {
        let what = format!("{self:?}");
        match self.moment {
            Moment::Requests(least) => {
                let come =
                    || self.truth().into_iter().map(|truth| truth.amount).collect::<BTreeSet<_>>().len();
                eventually(&what, || (come() >= least).then_some(())).await;
            }
            Moment::Answers(least) => {
                while self.answers.len() < least {
                    let answer = client.receive().await.expect("an answer");
                    self.answers.insert(answer.trace(), answer.code());
                }
            }
            Moment::NetCancels(least) => {
                let tried = || self.truth().iter().filter(|truth| is_net_cancel(truth)).count();
                eventually(&what, || (tried() >= least).then_some(())).await;
            }
        }
    }

    /// A recovery may be killed too, with the first net-cancels it sends.
    async fn kill_recoveries(&mut self) {
        for _ in 0..self.chance.below(3) {
            let before = self.truth().len();
            let switch = Switch::start(&self.home).await;
            let over = || self.truth().len() > before || self.home.open_payments() == 0;
            eventually(&format!("{self:?}: a recovery"), || over().then_some(())).await;
            switch.kill();
        }
    }

    /// As terminals do, those without a final answer ask again; until nothing is owed.
    async fn recover(&mut self) {
        let switch = Switch::start(&self.home).await;
        let mut client = Client::connect(switch.terminals).await;
        let unanswered: Vec<Approval> = (1..)
            .zip(&self.approvals)
            .filter(|(trace, _)| !self.answers.contains_key(trace))
            .map(|(_, approval)| approval.clone())
            .collect();
        client.send(&unanswered).await;
        for answer in client.receive_all(unanswered.len()).await {
            self.answers.insert(answer.trace(), answer.code());
        }
        let settled = || self.home.open_payments() == 0;
        eventually(&format!("{self:?}: nothing is owed"), || settled().then_some(())).await;
        switch.stop().await;
    }

    fn check_truth(&self) {
        let told: Vec<u64> = self
            .answers
            .iter()
            .filter(|(_, code)| *code == "0000")
            .map(|(trace, _)| u64::from(*trace))
            .collect();
        let mut live: Vec<u64> =
            self.vans.iter().flat_map(Acquirer::live).map(|(_, left)| left / 10_000).collect();
        live.sort_unstable();
        assert_eq!(told, live, "{self:?}: approvals that terminals know and approvals that stand");
        for code in self.answers.values() {
            assert!(["0000", "8035", "9013", "9022"].contains(&code.as_str()), "{self:?}: {code}");
        }
        for van in &self.vans {
            let (truth, live) = (van.truth(), van.live());
            assert_eq!(count(&truth, Event::Repeated), 0, "{self:?}: a serial was used twice");
            assert_eq!(count(&truth, Event::Unreadable), 0, "{self:?}");
            for approved in truth.iter().filter(|truth| truth.event == Event::Approved) {
                let undone = truth.iter().filter(|truth| {
                    truth.event == Event::NetCancelled && truth.original.as_ref() == Some(&approved.serial)
                });
                let stands = live.iter().any(|(serial, _)| *serial == approved.serial);
                assert_eq!(undone.count(), usize::from(!stands), "{self:?}: {approved:?}");
            }
        }
    }

    /// What is settled is settled: a further start finds nothing open and sends nothing.
    async fn start_once_more(&self) {
        let before = self.truth().len();
        self.home.configure(&Plan::vans(&[(self.first, &self.vans[0], 1)]).toml());
        let switch = Switch::start(&self.home).await;
        let mut client = Client::connect(switch.terminals).await;
        let answer = client.ask(&Approval::new(PAYMENTS + 1, 99_000_000)).await;
        assert_eq!(answer.code(), "0000", "{self:?}");
        assert!(switch.log().contains(r#""open":0"#), "{self:?}: {}", switch.log());
        assert_eq!(self.truth().len(), before + 1, "{self:?}: only the new approval");
        switch.stop().await;
    }

    fn truth(&self) -> Vec<Truth> {
        self.vans.iter().flat_map(Acquirer::truth).collect()
    }
}

fn is_net_cancel(truth: &Truth) -> bool {
    match truth.event {
        Event::NetCancelled | Event::NoSuchOriginal | Event::AlreadyCancelled => true,
        // An ignored approval is no net-cancel; an ignored net-cancel of one that was not ignored is.
        Event::Ignored => truth.amount % 100 != 62,
        _ => false,
    }
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).expect("small")
}
