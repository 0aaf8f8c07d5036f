use std::{
    cell::Cell,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use jiff::Timestamp;
use torture::switch::Usage;

use super::{
    Home, Plan,
    ending::{Last, Life, look_back},
    http::metric,
    runs,
    wait::eventually,
};

/// A running switch, a process of its own. Dropped, it is killed.
pub(crate) struct Switch {
    child: Child,
    log: Arc<Mutex<Vec<u8>>>,
    ignored: Arc<AtomicBool>,
    reading: Option<thread::JoinHandle<()>>,
    /// Of a switch of a run that has not been told to end yet.
    life: Cell<Option<Life>>,
    pub(crate) terminals: SocketAddr,
    pub(crate) admin: SocketAddr,
}

impl Switch {
    /// On a new home.
    pub(crate) async fn of(plan: &Plan) -> (Home, Self) {
        let home = Home::new(&plan.toml());
        let switch = Self::start(&home).await;
        (home, switch)
    }

    /// Serves, and listens when this returns.
    pub(crate) async fn start(home: &Home) -> Self {
        Self::run(Self::command(home)).await
    }

    /// What starts it.
    pub(crate) fn command(home: &Home) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switch"));
        command.args(["serve", "--config"]).arg(home.config());
        command.env_remove("RUST_LOG");
        command
    }

    /// Serves under a limit that a shell sets first.
    pub(crate) async fn limited(home: &Home, limit: &str) -> Self {
        let serve = Self::command(home);
        let mut command = Command::new("bash");
        command.env_remove("RUST_LOG").args(["-c", &format!(r#"{limit}; exec "$0" "$@""#)]);
        command.arg(serve.get_program()).args(serve.get_args());
        Self::run(command).await
    }

    /// Runs a command that becomes a switch.
    pub(crate) async fn run(mut command: Command) -> Self {
        clear_of_midnight().await;
        let since = Timestamp::now();
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let run = runs::started_by(&command);
        if let Some(run) = run {
            runs::start(run, Arc::clone(&log));
        }
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let lines = Arc::clone(&log);
        let ignored = Arc::new(AtomicBool::new(false));
        let stands_still = Arc::clone(&ignored);
        let reading = thread::spawn(move || {
            let mut line = Vec::new();
            while stderr.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
                lines.lock().unwrap().append(&mut line);
                while stands_still.load(Ordering::Relaxed) {
                    thread::park();
                }
            }
        });
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let (reading, life) = (Some(reading), Cell::new(None));
        let mut switch = Self { child, log, ignored, reading, life, terminals: nowhere, admin: nowhere };
        let listening = eventually("the switch listens", || {
            let ended = switch.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended instead, {ended:?}: {}", switch.log());
            Some((switch.listening("terminals")?, switch.listening("admin")?))
        });
        (switch.terminals, switch.admin) = listening.await;
        let baseline = Usage::of_process(switch.pid());
        switch.life.set(run.map(|run| Life { run, since, baseline }));
        switch
    }

    /// Where another listener than "terminals" listens.
    pub(crate) fn listener(&self, name: &str) -> SocketAddr {
        self.listening(name).expect("a listener of that name")
    }

    /// Everything it logged so far.
    pub(crate) fn log(&self) -> String {
        String::from_utf8(self.log.lock().unwrap().clone()).expect("logs are UTF-8")
    }

    /// From now on nobody reads its log.
    pub(crate) fn ignore_log(&self) {
        self.ignored.store(true, Ordering::Relaxed);
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        // In the middle of something: its counters end with it.
        self.life.set(None);
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        self.look_back(Last::Words);
        self.signal("-TERM");
    }

    /// A signal, as `kill` names it.
    pub(crate) fn signal(&self, name: &str) {
        let told = Command::new("kill").args([name, &self.pid().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// How it ended, and all it logged.
    pub(crate) async fn ended(mut self) -> (ExitStatus, String) {
        let status = eventually("the switch ends", || self.child.try_wait().unwrap()).await;
        self.reading.take().expect("joined once").join().unwrap();
        (status, self.log())
    }

    /// Ends it in order.
    pub(crate) async fn stop(self) {
        self.terminate();
        let (status, log) = self.ended().await;
        assert_eq!(status.code(), Some(0), "{log}");
    }

    /// For the last time.
    fn look_back(&self, last: Last) {
        if let Some(life) = self.life.take() {
            look_back(&life, last, self.pid(), self.admin, &self.listeners());
        }
    }

    /// Where all listeners listen.
    fn listeners(&self) -> Vec<SocketAddr> {
        let log = self.log();
        let lines = log.lines().filter(|line| line.contains("\"listening\""));
        let lines = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        lines.filter_map(|line| line["fields"]["address"].as_str()?.parse().ok()).collect()
    }

    fn listening(&self, name: &str) -> Option<SocketAddr> {
        let log = self.log();
        let mut lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        lines.find_map(|line| {
            let fields = &line["fields"];
            let meant = fields["message"] == "listening" && fields["listener"] == name;
            meant.then(|| fields["address"].as_str()?.parse().ok())?
        })
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        if !thread::panicking() && self.is_alive() {
            self.look_back(Last::Moment);
        }
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until a line to this acquirer is up: one that was dropped takes a moment to come back.
pub(crate) async fn reachable(switch: &Switch, acquirer: &str) {
    let links = format!(r#"switch_links_up{{acquirer="{acquirer}"}}"#);
    eventually("a link is up", || (metric(switch.admin, &links) > 0.5).then_some(())).await;
}

/// Once a day no test begins for a while: what is silent just before midnight (KST) may be booked under another day, is never proven not to
/// exist, and ends with a person, which is right and would fail the test.
async fn clear_of_midnight() {
    let now = switch::clock::korea_now();
    let left =
        24 * 3600 - (i64::from(now.hour()) * 3600 + i64::from(now.minute()) * 60 + i64::from(now.second()));
    if let Ok(left @ ..90) = u64::try_from(left) {
        tokio::time::sleep(Duration::from_secs(left + 1)).await;
    }
}
