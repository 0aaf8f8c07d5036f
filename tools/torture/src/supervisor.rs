//! Keeps a switch running whatever happens to it, and does to it what the plan says.

mod reloading;

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    os::unix::process::ExitStatusExt as _,
    process::ExitStatus,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::{sync::mpsc, time::sleep};

pub use self::reloading::Configured;
use crate::{
    configuration::{Change, LISTENERS, Shape, TERMINAL_DEADLINE_MS},
    journal::{self, Start},
    plan::{By, Plan, WallClock},
    proxy::Proxy,
    report::Tally,
    switch::{Home, Signal, Switch, Usage},
};

/// How often it looks whether the switch lives and listens.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How often it looks how much memory the switch has had.
const MEASURE_EVERY: Duration = Duration::from_millis(500);
/// How long a start may take.
const START: Duration = Duration::from_mins(1);
/// How long a switch told to end may take: the longest a terminal waits, the drain beyond it, and a busy machine.
const END: Duration = Duration::from_millis(TERMINAL_DEADLINE_MS + 10_000);
/// Ends by itself that are borne; more make no sense to go on with.
const PATIENCE: usize = 5;

/// What a switch is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// SIGKILL, and start again.
    Kill,
    /// SIGTERM, and start again.
    Terminate,
    /// SIGSTOP for so long.
    Freeze(Duration),
    /// Another configuration.
    Reload {
        /// What is other.
        change: Change,
        /// How it is told.
        by: By,
        /// SIGKILL in the middle of it, so long after it was told; and start again.
        kill_after: Option<Duration>,
    },
    /// From now on this configuration, a right clock and no failpoint any more; start again if need be.
    Calm(Box<Shape>),
    /// SIGTERM, and that is all.
    End,
}

/// What it found out.
#[derive(Debug, Default)]
pub struct Findings {
    /// What no switch may do, with what it did.
    pub violations: Vec<String>,
    /// What the switch used once it listened for the first time.
    pub baseline: Option<Usage>,
    /// When the last switch was started.
    pub last_start: Option<Timestamp>,
    /// Every start.
    pub starts: Vec<Start>,
    /// The most memory that any of them had, in KiB.
    pub most_memory_kib: u64,
}

/// Runs switches until it is told to end.
pub struct Supervisor {
    home: Home,
    lines: Arc<Vec<Proxy>>,
    failpoints: VecDeque<String>,
    clocks: VecDeque<Option<WallClock>>,
    configured: Configured,
    tally: Arc<Tally>,
    findings: Findings,
    ended_by_itself: usize,
}

struct Running {
    switch: Switch,
    failpoint: Option<String>,
    is_clock_set: bool,
    started: Instant,
    measured: Instant,
    listens: bool,
    is_killed_by_us: bool,
    /// Where the lines lead.
    led: Vec<SocketAddr>,
}

impl Supervisor {
    /// Of switches at this home with this configuration, led to by a line for each listener.
    pub fn new(
        home: Home,
        configured: Configured,
        lines: Arc<Vec<Proxy>>,
        plan: &Plan,
        tally: Arc<Tally>,
    ) -> Self {
        let (findings, failpoints) = (Findings::default(), plan.failpoints.clone().into());
        let clocks = plan.clocks.clone().into();
        Self { home, lines, failpoints, clocks, configured, tally, findings, ended_by_itself: 0 }
    }

    /// Runs switches until the orders end.
    ///
    /// # Errors
    /// The switch cannot be started, or ends again and again.
    pub async fn run(mut self, mut orders: mpsc::Receiver<Order>) -> io::Result<Findings> {
        let mut running = self.start()?;
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    None | Some(Order::End) => {
                        self.terminate(&mut running).await;
                        return Ok(self.findings);
                    }
                    Some(order) => self.obey(order, &mut running).await?,
                },
                () = sleep(LOOK_EVERY) => self.look(&mut running)?,
            }
        }
    }

    fn start(&mut self) -> io::Result<Running> {
        let failpoint = self.failpoints.pop_front();
        let clock = self.clocks.pop_front().flatten();
        self.tally.count("faults: clock", u64::from(clock.is_some()));
        let ahead = clock.map(WallClock::ahead_at_start).unwrap_or_default();
        self.tally.count("starts by a wrong clock", u64::from(!ahead.is_zero()));
        let after = journal::last_row(&self.home.database()).map_err(io::Error::other)?;
        self.findings.starts.push(Start { after, ahead });
        self.findings.last_start = Some(Timestamp::now());
        let switch =
            self.home.start(failpoint.as_deref(), clock.map(|clock| clock.to_string()).as_deref())?;
        self.tally.count("starts", 1);
        let (started, led) = (Instant::now(), Vec::new());
        let (is_clock_set, measured) = (clock.is_some(), started);
        let (listens, is_killed_by_us) = (false, false);
        Ok(Running { switch, failpoint, is_clock_set, started, measured, listens, is_killed_by_us, led })
    }

    fn restart(&mut self, running: &mut Running) -> io::Result<()> {
        self.lead_nowhere();
        *running = self.start()?;
        Ok(())
    }

    fn lead_nowhere(&self) {
        for line in self.lines.iter() {
            line.lead_to(None);
        }
    }

    async fn obey(&mut self, order: Order, running: &mut Running) -> io::Result<()> {
        match order {
            Order::Kill => {
                self.tally.count("kills: SIGKILL", 1);
                self.measure(running);
                running.switch.kill();
                self.restart(running)
            }
            Order::Terminate => {
                self.terminate(running).await;
                self.restart(running)
            }
            Order::Freeze(lasts) => {
                running.switch.signal(Signal::Stop);
                sleep(lasts).await;
                running.switch.signal(Signal::Continue);
                Ok(())
            }
            Order::Reload { change, by, kill_after } => self.reload(change, by, kill_after, running).await,
            Order::Calm(shape) => {
                self.failpoints.clear();
                self.clocks.clear();
                self.restore(*shape, running).await
            }
            Order::End => Ok(()),
        }
    }

    /// In order, within its time; unless it dies at a failpoint meanwhile.
    async fn terminate(&mut self, running: &mut Running) {
        self.lead_nowhere();
        self.measure(running);
        // Before it listens it has nothing to end in order.
        if !running.listens {
            return running.switch.kill();
        }
        running.switch.signal(Signal::Terminate);
        let until = Instant::now() + END;
        let ended = loop {
            match running.switch.ended() {
                Some(ended) => break Some(ended),
                None if Instant::now() > until => break None,
                None => sleep(LOOK_EVERY).await,
            }
        };
        match ended {
            Some(ended) if ended.code() == Some(0) => {}
            Some(ended) if is_killed(ended) && running.failpoint.is_some() => self.count_failpoint(running),
            Some(ended) => self.findings.violations.push(format!("told to end, it ended with {ended}")),
            None => {
                self.findings.violations.push(format!("told to end, it had not ended after {END:?}"));
                running.switch.kill();
            }
        }
    }

    fn measure(&mut self, running: &mut Running) {
        running.measured = Instant::now();
        let most = &mut self.findings.most_memory_kib;
        *most = (*most).max(running.switch.peak_memory_kib().unwrap_or(0));
    }

    fn look(&mut self, running: &mut Running) -> io::Result<()> {
        if running.measured.elapsed() > MEASURE_EVERY {
            self.measure(running);
        }
        if let Some(ended) = running.switch.ended() {
            if is_killed(ended) && running.failpoint.is_some() {
                self.count_failpoint(running);
            } else {
                self.findings.violations.push(format!("it ended by itself with {ended}"));
                self.ended_by_itself += 1;
                if self.ended_by_itself > PATIENCE {
                    return Err(io::Error::other(format!(
                        "the switch ends again and again, last with {ended}"
                    )));
                }
            }
            return self.restart(running);
        }
        let addresses: Vec<_> = LISTENERS.iter().filter_map(|name| running.switch.listener(name)).collect();
        let admin = running.switch.listener("admin");
        if addresses.len() == LISTENERS.len() && admin.is_some() {
            if running.led != addresses {
                for (line, address) in self.lines.iter().zip(&addresses) {
                    line.lead_to(Some(*address));
                }
                running.led = addresses;
            }
            if !running.listens {
                running.listens = true;
                self.tally.admin(admin, running.switch.pid());
                if self.findings.baseline.is_none() {
                    self.findings.baseline = running.switch.usage();
                }
            }
        } else if running.started.elapsed() > START {
            self.findings.violations.push(format!("it does not listen {START:?} after its start"));
            running.switch.kill();
            return self.restart(running);
        }
        Ok(())
    }

    fn count_failpoint(&self, running: &Running) {
        let name = running.failpoint.as_deref().and_then(|armed| armed.split(':').next()).unwrap_or_default();
        self.tally.count(&format!("kills: {name}"), 1);
    }
}

fn is_killed(ended: ExitStatus) -> bool {
    ended.signal() == Some(9)
}
