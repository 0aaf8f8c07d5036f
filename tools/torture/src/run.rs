//! One run: shops open, everything is done to the switch and its lines that the plan says, everything heals, everybody reads what became of everything, and
//! the checker compares what they say.

mod acting;
mod counts;
mod metrics;
mod together;

use std::{collections::BTreeMap, fs, future::Future, io, path::PathBuf, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::task::TaskTracker;

use self::together::{AbortOnDrop, Supervising, all, joined, unless_it_ends};
use crate::{
    acquirers::{self, Line},
    book::{Book, Confirm},
    certificates::Certificates,
    chance::Chance,
    checker::{self, Evidence, Violation},
    configuration::{GIVE_UP_AFTER_S, LISTENERS, Shape, sealed},
    impostor::Impostors,
    journal::{self, Journal},
    person::Person,
    plan::{Kind, Plan},
    proxy::{Fault, Proxy},
    report::{Report, Tally},
    supervisor::{Configured, Findings, Order, Supervisor},
    switch::{Home, Usage},
    terminal::{Socket, Terminal, wire::Wire},
};

/// How often a run tells how it goes.
const PROGRESS: Duration = Duration::from_secs(10);
/// Terminals that share a socket, as behind a hub.
const ON_A_HUB: usize = 5;
/// How long everything may take to come to rest: until the last debt is given up, and a busy machine's time.
const REST: Duration = Duration::from_secs(GIVE_UP_AFTER_S + 60);
/// How long an acquirer must have been quiet for nothing to be on its way any more.
const QUIET: Duration = Duration::from_secs(3);
/// What persons are told is checked against the journal.
const TO_A_PERSON: &str = "I9 what a person was told to be done is in the journal, and nothing else";
/// What no line may carry to whom the switch cannot trust.
const TO_IMPOSTORS: &str = "T  no telegram goes to a machine that does not prove to be the acquirer";

/// What is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Decides everything but real time.
    pub seed: u64,
    /// How long faults are injected.
    pub length: Duration,
    /// How many terminals there are.
    pub terminals: usize,
    /// Purchases a second, of all terminals together.
    pub rate: f64,
    /// Faults to inject.
    pub kinds: Vec<Kind>,
    /// How many times the switch is to die at failpoints; where it is not said, now and then.
    pub kills: Option<usize>,
    /// The switch.
    pub program: PathBuf,
    /// Where configuration, store and logs go.
    pub folder: PathBuf,
}

/// Runs it and checks what came of it; tells now and then how it goes.
///
/// # Errors
/// The machinery failed: no port, no disk, no switch that starts.
pub async fn run(options: Options, say: impl Fn(&str) + Send + Sync + 'static) -> io::Result<Report> {
    let run = Run::prepare(options).await?;
    run.go(Arc::new(say)).await
}

type Say = Arc<dyn Fn(&str) + Send + Sync>;

struct Run {
    options: Options,
    plan: Plan,
    home: Home,
    shape: Shape,
    certificates: Arc<Certificates>,
    person: Arc<Person>,
    /// What persons are at.
    people: TaskTracker,
    acquirers: Arc<Vec<Line>>,
    listeners: Arc<Vec<Proxy>>,
    book: Arc<Book>,
    tally: Arc<Tally>,
}

impl Run {
    async fn prepare(options: Options) -> io::Result<Self> {
        fs::create_dir_all(options.folder.join("data"))?;
        let certificates = Arc::new(Certificates::make(&options.folder)?);
        let with_tls = sealed(options.seed, &options.kinds);
        let acquirers = acquirers::start(options.seed, &options.folder, with_tls, &certificates).await?;
        let acquirers = Arc::new(acquirers);
        let home = Home { program: options.program.clone(), folder: options.folder.clone() };
        let listeners =
            (0..LISTENERS.len() as u64).map(|number| Proxy::start(options.seed, 100 + number, None));
        let listeners = listeners.collect::<Result<Vec<_>, _>>()?;
        let book = Arc::new(Book::new(&options.folder.join("terminals.jsonl"))?);
        let plan = Plan::of(options.seed, options.length, &options.kinds, options.kills);
        fs::write(options.folder.join("plan.txt"), format!("{plan:#?}\n"))?;
        let tally = Arc::new(Tally::default());
        Ok(Self {
            plan,
            shape: Shape::of(options.seed, &options.kinds),
            certificates,
            person: Arc::new(Person::new(home.clone(), Arc::clone(&acquirers), Arc::clone(&tally))),
            people: TaskTracker::new(),
            home,
            acquirers,
            listeners: Arc::new(listeners),
            book,
            tally,
            options,
        })
    }

    async fn go(self, say: Say) -> io::Result<Report> {
        let (orders, received) = mpsc::channel(16);
        let configured = self.configured();
        configured.write()?;
        let supervisor = Supervisor::new(
            self.home.clone(),
            configured,
            Arc::clone(&self.listeners),
            &self.plan,
            Arc::clone(&self.tally),
        );
        let mut supervisor = tokio::spawn(supervisor.run(received));
        let (open, is_open) = watch::channel(true);
        let mut terminals = JoinSet::new();
        for terminal in self.terminals() {
            terminals.spawn(terminal.day(is_open.clone()));
        }
        let progress = AbortOnDrop(tokio::spawn(self.progress(Arc::clone(&say))));
        self.torment(&orders, &mut supervisor).await?;
        self.heal().await;
        // Whoever awaits the orders is gone only with the supervisor, which is looked at next.
        let _ = orders.send(Order::Calm(Box::new(self.shape.clone()))).await;
        open.send_replace(false);
        let calm = Instant::now();
        let terminals = joined(terminals, &mut supervisor).await?;
        say(&format!(
            "seed {}: shops closed, everything healed after {:?}",
            self.options.seed,
            calm.elapsed()
        ));
        self.people.close();
        unless_it_ends(self.people.wait(), &mut supervisor).await?;
        let at_rest = self.rest(&mut supervisor).await?;
        let terminals = all(terminals, Terminal::settle, &mut supervisor).await?;
        let at_rest = self.rest(&mut supervisor).await? && at_rest;
        let terminals = all(terminals, Terminal::ask_again, &mut supervisor).await?;
        for terminal in terminals {
            terminal.close();
        }
        say(&format!("seed {}: everybody has read everything after {:?}", self.options.seed, calm.elapsed()));
        let after = self.last_look().await;
        let _ = orders.send(Order::End).await;
        let findings = supervisor.await.map_err(io::Error::other)??;
        drop(progress);
        self.report(findings, after, at_rest)
    }

    fn configured(&self) -> Configured {
        Configured {
            shape: self.shape.clone(),
            terminals: self.options.terminals,
            acquirers: self.acquirers.iter().map(|line| line.proxy.address()).collect(),
            folder: self.options.folder.clone(),
            certificates: Arc::clone(&self.certificates),
        }
    }

    fn terminals(&self) -> Vec<Terminal> {
        let Options { seed, terminals, rate, .. } = self.options;
        #[allow(clippy::cast_precision_loss, reason = "a handful of terminals")]
        let pause = Duration::from_secs_f64(terminals as f64 / rate.max(0.01));
        let mut hub = None;
        (0..terminals)
            .map(|number| {
                let chance = Chance::new(seed, 1_000 + number as u64);
                let to = |listener: usize| self.listeners[listener].address();
                let wire = |listener| Wire::start(to(listener), Arc::clone(&self.book), chance.clone());
                let socket = match number * 20 / terminals.max(1) {
                    0..10 => {
                        if number % ON_A_HUB == 0 {
                            hub = None;
                        }
                        (Socket::Wire(hub.get_or_insert_with(|| wire(0)).clone()), Confirm::None)
                    }
                    10..14 => (Socket::Wire(wire(0)), Confirm::None),
                    14..17 => (Socket::Wire(wire(1)), Confirm::Ack),
                    _ => (Socket::Handshake(to(2)), Confirm::Handshake),
                };
                let terminal = Terminal::new(number, socket, chance, Arc::clone(&self.book), pause);
                // Every third of them, where that is asked for.
                let is_off = number % 3 == 0 && self.options.kinds.contains(&Kind::Clock);
                self.tally.count("faults: clock", u64::from(is_off));
                if is_off { terminal.with_clock_off() } else { terminal }
            })
            .collect()
    }

    /// Does what the plan says, at its instants.
    async fn torment(&self, orders: &mpsc::Sender<Order>, supervisor: &mut Supervising) -> io::Result<()> {
        let begun = Instant::now();
        let doing = async {
            for step in &self.plan.steps {
                sleep_until(begun + step.at).await;
                self.tally.count(&format!("faults: {}", step.kind.name()), 1);
                self.act(step, orders).await;
            }
            sleep_until(begun + self.options.length).await;
            // Kills that were asked for are had, however long it takes, within reason.
            let wanted = self.options.kills.unwrap_or(0) as u64;
            let until = begun + self.options.length * 4 + Duration::from_secs(30);
            while self.kills() < wanted && Instant::now() < until {
                sleep(Duration::from_millis(50)).await;
            }
        };
        unless_it_ends(doing, supervisor).await
    }

    fn kills(&self) -> u64 {
        let counts = self.tally.counts();
        counts.iter().filter(|(what, _)| what.starts_with("kills: ")).map(|(_, count)| count).sum()
    }

    async fn heal(&self) {
        // What was begun ends first, or it would end in the calm.
        sleep(Duration::from_millis(10)).await;
        for line in self.acquirers.iter() {
            line.proxy.suffer(Fault::None);
            line.lead_home();
            line.release().await;
        }
        for line in self.listeners.iter() {
            line.suffer(Fault::None);
        }
    }

    /// Waits until nothing is open and nothing is on its way; whether that came to pass.
    async fn rest(&self, supervisor: &mut Supervising) -> io::Result<bool> {
        let mut at_rest = false;
        let resting = async {
            let until = Instant::now() + REST;
            while !at_rest && Instant::now() < until {
                sleep(Duration::from_millis(200)).await;
                let last = self.acquirers.iter().filter_map(Line::last_deed_at).max();
                let is_quiet =
                    last.is_none_or(|last| Timestamp::now().duration_since(last).unsigned_abs() > QUIET);
                at_rest = is_quiet && journal::unfinished(&self.home.database()).is_ok_and(|open| open == 0);
            }
        };
        unless_it_ends(resting, supervisor).await?;
        Ok(at_rest)
    }

    /// What the switch says of itself when nothing goes on any more.
    async fn last_look(&self) -> LastLook {
        let mut look = LastLook::default();
        let Some((admin, pid)) = self.tally.where_admin() else { return look };
        // Sockets that were closed are noticed within a moment.
        for _ in 0..50 {
            look.metrics = metrics::read(admin).await.unwrap_or_default();
            if look.metrics.get("switch_sessions").is_none_or(|sessions| *sessions < 0.5) {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        look.usage = Usage::of_process(pid);
        look
    }

    fn report(&self, findings: Findings, after: LastLook, at_rest: bool) -> io::Result<Report> {
        let journal = Journal::of(&self.home.database(), &findings.starts).map_err(io::Error::other)?;
        let acquirers: Vec<_> = self.acquirers.iter().map(Line::told).collect();
        let usage = findings.baseline.zip(after.usage).map(|(before, after)| {
            let memory_kib = after.memory_kib.max(findings.most_memory_kib);
            (before, Usage { memory_kib, ..after })
        });
        let evidence = Evidence {
            records: self.book.take(),
            journal,
            acquirers,
            log: fs::read_to_string(self.home.log())?,
            folder: self.home.folder.clone(),
            process: findings.violations,
            metrics: after.metrics,
            usage,
            last_start: findings.last_start,
            is_at_rest: at_rest,
            ..Evidence::default()
        };
        let counts = self.counts(&evidence);
        let mut invariants = checker::check(&evidence);
        invariants.push((TO_A_PERSON, self.person.check(&evidence.journal)));
        let impostors = self.acquirers.iter().filter_map(|line| line.impostors.as_ref());
        let told = impostors.flat_map(Impostors::told);
        invariants.push((TO_IMPOSTORS, told.map(Violation::new).collect()));
        Ok(Report { seed: self.options.seed, counts, invariants })
    }

    fn progress(&self, say: Say) -> impl Future<Output = ()> + Send + 'static {
        let (book, tally, seed) = (Arc::clone(&self.book), Arc::clone(&self.tally), self.options.seed);
        let database = self.home.database();
        async move {
            let begun = Instant::now();
            loop {
                sleep(PROGRESS).await;
                let counts = tally.counts();
                let sum = |prefix: &str| -> u64 {
                    counts.iter().filter(|(what, _)| what.starts_with(prefix)).map(|(_, count)| count).sum()
                };
                let answers: Vec<_> =
                    book.codes(100).into_iter().map(|(code, count)| format!("{code} {count}")).collect();
                let open = journal::unfinished(&database).unwrap_or(0);
                say(&format!(
                    "seed {seed}: {:>4} s, {} faults, {} kills, {open} open, 0110: {}",
                    begun.elapsed().as_secs(),
                    sum("faults: "),
                    sum("kills: "),
                    answers.join(", ")
                ));
            }
        }
    }
}

/// What the switch says of itself at the end.
#[derive(Debug, Default)]
struct LastLook {
    metrics: BTreeMap<String, f64>,
    usage: Option<Usage>,
}
