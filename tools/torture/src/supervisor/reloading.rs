//! The configuration changes under a running switch.

use std::{
    fs, io,
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::sleep,
};

use super::{Running, Supervisor};
use crate::{
    certificates::Certificates,
    configuration::{Change, Shape},
    plan::By,
    switch::{Reloads, Signal},
};

/// How often it looks what came of it.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// How long the switch may take: new links have a moment to connect, and the machine may be busy.
const WITHIN: Duration = Duration::from_secs(30);

/// The configuration of a run, as it is at the moment.
pub struct Configured {
    /// What is changed.
    pub shape: Shape,
    /// How many terminals there are.
    pub terminals: usize,
    /// Where the acquirers are, by their place.
    pub acquirers: Vec<SocketAddr>,
    /// The folder with everything.
    pub folder: PathBuf,
    /// What is shown on lines with TLS.
    pub certificates: Arc<Certificates>,
}

/// What a switch said of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Taken,
    Refused,
    /// It ended before it said anything.
    Died,
    Nothing,
}

impl Configured {
    /// Writes it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self) -> io::Result<()> {
        self.put(&self.text(&self.shape))
    }

    fn text(&self, shape: &Shape) -> String {
        shape.text(self.terminals, &self.folder, &self.acquirers)
    }

    /// Whole or not at all, as a careful person does it.
    fn put(&self, text: &str) -> io::Result<()> {
        let written = self.folder.join("switch.toml.new");
        fs::write(&written, text)?;
        fs::rename(written, self.folder.join("switch.toml"))
    }
}

impl Supervisor {
    /// Changes the configuration under the running switch, or gives it one that it must refuse. It may be killed in the middle.
    pub(super) async fn reload(
        &mut self,
        change: Change,
        by: By,
        kill_after: Option<Duration>,
        running: &mut Running,
    ) -> io::Result<()> {
        if !running.listens {
            self.tally.count("reloads: none, it did not listen yet", 1);
            return Ok(());
        }
        let next = self.configured.shape.changed(change);
        let text = self.configured.text(&next);
        let (text, is_flawed) = if let Change::Refused(flaw) = change {
            // There somebody listens for as long as the run lasts.
            (flaw.spoil(&text, self.configured.acquirers[0]), true)
        } else {
            (text, false)
        };
        if change == Change::OwnCertificate {
            self.configured.certificates.renew_own(&self.configured.folder)?;
        }
        self.configured.put(&text)?;
        let said = self.tell(by, kill_after, running).await;
        let wrong = match (said, is_flawed) {
            (Said::Taken, true) => Some("a configuration was taken that no switch may take".to_owned()),
            (Said::Refused, false) => {
                Some(format!("a configuration was refused: {}", running.switch.last_refusal()))
            }
            (Said::Nothing, _) => Some(format!("nothing was said of a configuration within {WITHIN:?}")),
            (Said::Taken, false) | (Said::Refused, true) | (Said::Died, _) => None,
        };
        self.findings.violations.extend(wrong.map(|wrong| format!("{wrong}: {change:?} by {by:?}")));
        self.count(said, change);
        if is_flawed || said == Said::Refused {
            self.configured.write()?;
        } else {
            // A switch that died starts with it.
            self.configured.shape = next;
        }
        if said == Said::Died && kill_after.is_some() && running.is_killed_by_us {
            return self.restart(running);
        }
        Ok(())
    }

    /// Gives the switch the configuration it began with; one that does not take it is started again.
    pub(super) async fn restore(&mut self, shape: Shape, running: &mut Running) -> io::Result<()> {
        self.configured.shape = shape;
        self.configured.write()?;
        if running.failpoint.is_none() && !running.is_clock_set && running.listens {
            match self.tell(By::Signal, None, running).await {
                Said::Taken => return Ok(()),
                Said::Refused => {
                    let why = running.switch.last_refusal();
                    self.findings.violations.push(format!("the first configuration was refused: {why}"));
                }
                Said::Nothing => {
                    self.findings.violations.push("nothing was said of the first configuration".to_owned());
                }
                Said::Died => {}
            }
        }
        running.switch.kill();
        self.restart(running)
    }

    async fn tell(&mut self, by: By, kill_after: Option<Duration>, running: &mut Running) -> Said {
        let before = running.switch.reloads();
        let mut command = match by {
            By::Signal => {
                running.switch.signal(Signal::Reload);
                None
            }
            By::Command => Some(self.command()),
        };
        let (begun, mut never_asked) = (Instant::now(), false);
        let said = loop {
            if running.switch.ended().is_some() {
                break Said::Died;
            }
            if let Some(said) = said(before, running.switch.reloads()) {
                break said;
            }
            if kill_after.is_some_and(|after| begun.elapsed() >= after) {
                self.tally.count("kills: SIGKILL", 1);
                running.is_killed_by_us = true;
                running.switch.kill();
                break Said::Died;
            }
            // What is no configuration, or names another socket, does not get as far as to the switch.
            let is_back = command.as_ref().is_some_and(JoinHandle::is_finished);
            if is_back && begun.elapsed() > Duration::from_secs(1) {
                never_asked = true;
                break Said::Refused;
            }
            if begun.elapsed() > WITHIN {
                break Said::Nothing;
            }
            sleep(LOOK_EVERY).await;
        };
        if let (Some(command), Said::Taken | Said::Refused) = (command.take(), said) {
            let expected = i32::from(said == Said::Refused);
            match tokio::time::timeout(WITHIN, command).await {
                Ok(Ok(Ok(status))) if status.code() == Some(expected) => {}
                Ok(Ok(Ok(status))) if never_asked && !status.success() => {}
                // It may have ended between the two.
                _ if running.switch.ended().is_some() => {}
                told => self
                    .findings
                    .violations
                    .push(format!("{said:?}, but `switch reload` ended with {told:?}")),
            }
        }
        said
    }

    fn command(&self) -> JoinHandle<io::Result<ExitStatus>> {
        let mut command = self.home.command(&["reload"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        spawn_blocking(move || command.status())
    }

    fn count(&self, said: Said, change: Change) {
        let what = match said {
            Said::Taken => "taken",
            Said::Refused => "refused, the old one stays",
            Said::Died => "it died meanwhile",
            Said::Nothing => "nothing was said",
        };
        self.tally.count(&format!("reloads: {what}"), 1);
        let name = format!("{change:?}");
        let name = name.split([' ', '(']).next().unwrap_or_default().to_lowercase();
        self.tally.count(&format!("changes: {name}"), 1);
    }
}

fn said(before: Reloads, now: Reloads) -> Option<Said> {
    if now.taken > before.taken {
        return Some(Said::Taken);
    }
    (now.refused > before.refused).then_some(Said::Refused)
}
