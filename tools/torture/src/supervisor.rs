//! Keeps a switch running whatever happens to it, and does to it what the plan says.

use std::{
    collections::VecDeque,
    io,
    os::unix::process::ExitStatusExt as _,
    process::ExitStatus,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::{sync::mpsc, time::sleep};

use crate::{
    configuration::{LISTENERS, TERMINAL_DEADLINE_MS},
    proxy::Proxy,
    report::Tally,
    switch::{Home, Signal, Switch, Usage},
};

/// How often it looks whether the switch lives and listens.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How long a start may take.
const START: Duration = Duration::from_mins(1);
/// How long a switch told to end may take: the longest a terminal waits, the drain beyond it, and a busy machine.
const END: Duration = Duration::from_millis(TERMINAL_DEADLINE_MS + 10_000);
/// Ends by itself that are borne; more make no sense to go on with.
const PATIENCE: usize = 5;

/// What a switch is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// SIGKILL, and start again.
    Kill,
    /// SIGTERM, and start again.
    Terminate,
    /// SIGSTOP for so long.
    Freeze(Duration),
    /// SIGHUP.
    Reload,
    /// From now on no failpoint any more; start again if one is armed.
    Calm,
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
}

/// Runs switches until it is told to end.
pub struct Supervisor {
    home: Home,
    lines: Arc<Vec<Proxy>>,
    failpoints: VecDeque<String>,
    tally: Arc<Tally>,
    findings: Findings,
    ended_by_itself: usize,
}

struct Running {
    switch: Switch,
    failpoint: Option<String>,
    started: Instant,
    listens: bool,
}

impl Supervisor {
    /// Of switches at this home, led to by a line for each listener.
    pub fn new(home: Home, lines: Arc<Vec<Proxy>>, failpoints: Vec<String>, tally: Arc<Tally>) -> Self {
        let (findings, failpoints) = (Findings::default(), failpoints.into());
        Self { home, lines, failpoints, tally, findings, ended_by_itself: 0 }
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
        self.findings.last_start = Some(Timestamp::now());
        let switch = self.home.start(failpoint.as_deref())?;
        self.tally.count("starts", 1);
        Ok(Running { switch, failpoint, started: Instant::now(), listens: false })
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
            Order::Reload => {
                running.switch.signal(Signal::Reload);
                Ok(())
            }
            Order::Calm => {
                self.failpoints.clear();
                if running.failpoint.is_some() {
                    running.switch.kill();
                    self.restart(running)?;
                }
                Ok(())
            }
            Order::End => Ok(()),
        }
    }

    /// In order, within its time; unless it dies at a failpoint meanwhile.
    async fn terminate(&mut self, running: &mut Running) {
        self.lead_nowhere();
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

    fn look(&mut self, running: &mut Running) -> io::Result<()> {
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
        if !running.listens {
            let addresses: Vec<_> =
                LISTENERS.iter().filter_map(|name| running.switch.listener(name)).collect();
            if addresses.len() == LISTENERS.len() && running.switch.listener("admin").is_some() {
                running.listens = true;
                for (line, address) in self.lines.iter().zip(addresses) {
                    line.lead_to(Some(address));
                }
                self.tally.admin(running.switch.listener("admin"), running.switch.pid());
                if self.findings.baseline.is_none() {
                    self.findings.baseline = running.switch.usage();
                }
            } else if running.started.elapsed() > START {
                self.findings.violations.push(format!("it does not listen {START:?} after its start"));
                running.switch.kill();
                return self.restart(running);
            }
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
