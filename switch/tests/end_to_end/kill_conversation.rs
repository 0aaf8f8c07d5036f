//! SIGKILL in the middle of cancels, of unacknowledged approvals and of what terminals give up: nothing is cancelled twice, nothing is
//! approved without proof, and the totals agree.
//!
//! semantics: owed net-cancels survive everything (debts); nothing is undone by guesswork after a restart, and without an acknowledgement
//! no approval stands (delivery); 0430 0000 means that nothing stands (net-cancel by the terminal); an unanswered cancel keeps its
//! amount, is repeated under its serial, and is done once (cancels). `KILL_SEEDS=7..8` runs other seeds than the first twenty.

mod books;
mod line;
mod purchase;
mod summary;
mod telegram;
mod terminal;

use std::{
    fmt,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use telegram_replay::acquirer::{Acquirer, Event, Order, Truth};
use tokio::{sync::watch, task::JoinSet};

use self::{
    books::Books,
    line::{Line, Place},
    summary::Summary,
    telegram::Pen,
    terminal::Terminal,
};
use crate::{
    kill::{Chance, asked_for},
    support::{Home, Plan, Sums, Switch, acquirer_with, eventually, now},
};

const TERMINALS: u64 = 12;
/// Of them on the listener that asks for acknowledgements.
const ACKNOWLEDGING: u64 = 5;
const ACK_TIMEOUT_MS: u64 = 1_000;
/// How late a late answer is: later than the switch waits.
const LATE: Duration = Duration::from_millis(700);

/// When the kill comes.
#[derive(Debug)]
enum Moment {
    /// The acquirers were asked so many times more.
    Asked(usize),
    /// So many cancels and net-cancels more have reached them.
    Undone(usize),
    /// The terminals have so many answers more.
    Answers(usize),
    /// From now on the acquirers' answers are held, and so many are.
    Held(usize),
}

#[tokio::test]
async fn after_kills_no_cancel_is_done_twice_and_nothing_stands_without_proof_seeds_0_to_9() {
    run_seeds(0..10).await;
}

#[tokio::test]
async fn after_kills_no_cancel_is_done_twice_and_nothing_stands_without_proof_seeds_10_to_19() {
    run_seeds(10..20).await;
}

async fn run_seeds(seeds: Range<u64>) {
    let chosen = asked_for();
    let is_chosen = chosen.is_some();
    // They mostly wait, and so they wait together.
    let mut running = JoinSet::new();
    for seed in chosen.unwrap_or(seeds) {
        running.spawn(async move {
            println!("seed {seed}");
            Run::prepare(seed).await.run().await
        });
    }
    let mut summary = Summary::default();
    while let Some(ended) = running.join_next().await {
        summary += ended.expect("the seed printed last with its panic failed");
    }
    println!("all: {summary}");
    // A seed or two of somebody's choice need not show everything.
    if !is_chosen {
        summary.assert_that_everything_happened();
    }
}

/// One seed's life.
struct Run {
    seed: u64,
    chance: Chance,
    home: Home,
    /// Three VANs, and the card company.
    acquirers: [Acquirer; 4],
    answers: Arc<AtomicUsize>,
    places: watch::Sender<Option<Place>>,
    terminals: JoinSet<Terminal>,
}

impl Run {
    async fn prepare(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        chance.below(2);
        let start = |dialect| acquirer_with(dialect, |settings| settings.late = LATE);
        let (kovan, kspay) = (start("kovan").await, start("kspay").await);
        let (kicc, card_company) = (start("kicc").await, start("card450").await);
        let plan = Plan {
            settle_after_ms: 200,
            links: 24,
            acknowledged: Some(ACK_TIMEOUT_MS),
            fallback: ["vans", "none"][usize_of(chance.below(2))],
            failover: ["never", "after-net-cancel", "at-once"][usize_of(chance.below(3))],
            ..Plan::vans(&[("kovan", &kovan, 1), ("kspay", &kspay, 1), ("kicc", &kicc, 1)])
                .with_direct(&card_company)
                .impatient()
        };
        let home = Home::new(&plan.toml());
        let (places, _) = watch::channel(None);
        let (answers, terminals) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
        let acquirers = [kovan, kspay, kicc, card_company];
        Self { seed, chance, home, acquirers, answers, places, terminals }
    }

    async fn run(mut self) -> Summary {
        self.open_shops();
        let kills = 2 + self.chance.below(3);
        for number in 1..=kills {
            self.run_until_a_kill(number == 1).await;
        }
        let switch = self.start(true).await;
        let mut terminals = Vec::new();
        while let Some(ended) = self.terminals.join_next().await {
            terminals.push(ended.expect("a terminal of the seed printed last"));
        }
        self.settled().await;
        for terminal in &mut terminals {
            terminal.settle().await;
        }
        self.settled().await;
        self.places.send_replace(None);
        switch.stop().await;
        self.check(&terminals);
        self.start_once_more(&mut terminals).await;
        Summary::of(&terminals)
    }

    fn open_shops(&mut self) {
        let now = now();
        for number in 1..=TERMINALS {
            let line = Line {
                places: self.places.subscribe(),
                is_acknowledged: number <= ACKNOWLEDGING,
                answers: Arc::clone(&self.answers),
                socket: None,
            };
            let mut chance = Chance(self.seed.wrapping_mul(1_000_003).wrapping_add(number));
            chance.below(2);
            let terminal = Terminal { pen: Pen::new(number, now), line, chance, purchases: Vec::new() };
            self.terminals.spawn(terminal.day());
        }
    }

    async fn start(&self, is_open: bool) -> Switch {
        let switch = Switch::start(&self.home).await;
        if is_open {
            let (plain, acknowledged) = (switch.terminals, switch.listener("acknowledged"));
            self.places.send_replace(Some(Place { plain, acknowledged }));
        }
        switch
    }

    /// A later one may be killed while it recovers, with no terminal asking anything.
    async fn run_until_a_kill(&mut self, is_first: bool) {
        let is_open = is_first || self.chance.below(3) > 0;
        let moment = match self.chance.below(if is_open { 4 } else { 2 }) {
            0 => Moment::Asked(usize_of(1 + self.chance.below(if is_open { 40 } else { 6 }))),
            1 => Moment::Undone(usize_of(1 + self.chance.below(if is_open { 20 } else { 4 }))),
            2 => Moment::Answers(usize_of(1 + self.chance.below(40))),
            _ => Moment::Held(usize_of(1 + self.chance.below(12))),
        };
        let (asked, undone, answers) = (self.truth().len(), self.undone(), self.answers());
        let switch = self.start(is_open).await;
        if let Moment::Held(_) = moment {
            self.acquirers.iter().for_each(Acquirer::hold);
        }
        let has_come = || match moment {
            Moment::Asked(more) => self.truth().len() >= asked + more,
            Moment::Undone(more) => self.undone() >= undone + more,
            Moment::Answers(more) => self.answers() >= answers + more,
            Moment::Held(count) => self.acquirers.iter().map(Acquirer::held).sum::<usize>() >= count,
        };
        // What is settled before the moment comes is killed idle.
        let is_idle = || self.home.open_payments() == 0 && (!is_open || self.terminals.is_empty());
        eventually(&format!("{self:?}: {moment:?}"), || (has_come() || is_idle()).then_some(())).await;
        self.places.send_replace(None);
        switch.kill();
        println!("{self:?}: killed at {moment:?}, {} open", self.home.open_payments());
        for acquirer in &self.acquirers {
            acquirer.release(Order::FirstFirst).await;
        }
    }

    /// Nothing is open any more and no answer is on its way.
    async fn settled(&self) {
        let settled = || {
            let last = self.truth().into_iter().map(|truth| truth.at).max();
            let is_calm =
                last.is_none_or(|last| Timestamp::now().duration_since(last).unsigned_abs() > 2 * LATE);
            is_calm && self.home.open_payments() == 0
        };
        eventually(&format!("{self:?}: nothing is open"), || settled().then_some(())).await;
    }

    fn check(&self, terminals: &[Terminal]) {
        println!("{self:?}: {}", Summary::of(terminals));
        let books = Books::of(&self.acquirers);
        for terminal in terminals {
            for purchase in &terminal.purchases {
                books.check(purchase);
            }
        }
    }

    /// What is settled is settled: a further start finds nothing open and sends nothing, whoever asks again; and the totals of every
    /// terminal are those it knows of, and those of the acquirers.
    async fn start_once_more(&self, terminals: &mut [Terminal]) {
        let before = self.truth().len();
        let books = Books::of(&self.acquirers);
        let switch = self.start(true).await;
        assert!(switch.log().contains(r#""open":0"#), "{self:?}: {}", switch.log());
        for terminal in terminals {
            let told = totals(terminal);
            assert_eq!(told[..2], books.totals(terminal), "{self:?}: terminal and acquirers");
            let telegram = terminal.pen.totals(told);
            let answer = terminal.answer_to(&telegram).await;
            assert_eq!(answer.code(), "0000", "{self:?}");
            let ours = |name: &str| answer.text(name).parse::<u64>().expect("a number");
            let counted = [
                (ours("approval_count"), ours("approval_amount")),
                (ours("cancel_count"), ours("cancel_amount")),
                (ours("net_cancel_count"), ours("net_cancel_amount")),
            ];
            assert_eq!(told, counted, "{self:?}: terminal and switch: {:#?}", terminal.purchases);
            assert_eq!(answer.text("difference"), "0", "{self:?}");
            terminal.ask_everything_again(&format!("{self:?}")).await;
        }
        assert_eq!(self.truth().len(), before, "{self:?}: a settled switch asks nobody anything");
        switch.stop().await;
    }

    fn truth(&self) -> Vec<Truth> {
        self.acquirers.iter().flat_map(Acquirer::truth).collect()
    }

    fn undone(&self) -> usize {
        let is_undone = |truth: &&Truth| match truth.event {
            Event::Cancelled
            | Event::NetCancelled
            | Event::AlreadyCancelled
            | Event::NoSuchOriginal
            | Event::AmountDiffers
            | Event::CancelRefused => true,
            Event::Approved
            | Event::Declined
            | Event::Repeated
            | Event::Ignored
            | Event::Echoed
            | Event::SignedOn
            | Event::SignOnRefused
            | Event::Unreadable => false,
        };
        self.truth().iter().filter(is_undone).count()
    }

    fn answers(&self) -> usize {
        self.answers.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}", self.seed)
    }
}

/// What a terminal counts itself: approvals, cancels, net-cancels.
fn totals(terminal: &Terminal) -> Sums {
    let mut totals = [(0, 0); 3];
    let mut add = |kind: usize, amount| totals[kind] = (totals[kind].0 + 1, totals[kind].1 + amount);
    for purchase in &terminal.purchases {
        if purchase.stands() {
            add(0, purchase.amount);
        } else if purchase.is_net_cancelled() {
            add(2, purchase.amount);
        }
        for cancel in purchase.cancels.iter().filter(|cancel| cancel.asked.is("0000")) {
            add(1, cancel.amount);
        }
    }
    totals
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).expect("small")
}
