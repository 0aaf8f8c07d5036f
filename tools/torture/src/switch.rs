//! A switch, as a process of its own.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, BufReader, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
};

/// A running switch. Dropped, it is killed.
#[derive(Debug)]
pub struct Switch {
    child: Child,
    listening: Arc<Mutex<BTreeMap<String, SocketAddr>>>,
    reading: Option<thread::JoinHandle<()>>,
}

/// A signal to a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// It ends in order.
    Terminate,
    /// It stands still.
    Stop,
    /// It goes on.
    Continue,
    /// It reads its configuration again.
    Reload,
}

/// How a switch is started.
#[derive(Clone, Debug)]
pub struct Home {
    /// The program.
    pub program: PathBuf,
    /// The folder with configuration, store and logs.
    pub folder: PathBuf,
}

impl Home {
    /// Its configuration.
    pub fn configuration(&self) -> PathBuf {
        self.folder.join("switch.toml")
    }

    /// The folder of store and keys.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Its store.
    pub fn database(&self) -> PathBuf {
        self.data().join("switch.db")
    }

    /// What all its switches logged, one after the other.
    pub fn log(&self) -> PathBuf {
        self.folder.join("switch.log")
    }

    /// Starts a switch, with a failpoint or without. It need not listen yet when this returns.
    ///
    /// # Errors
    /// The program cannot be started, or the log not be written.
    pub fn start(&self, failpoint: Option<&str>) -> io::Result<Switch> {
        let log = OpenOptions::new().create(true).append(true).open(self.log())?;
        let mut command = Command::new(&self.program);
        command.args(["serve", "--config"]).arg(self.configuration());
        command.env_remove("RUST_LOG").env_remove("SWITCH_FAILPOINT").env("RUST_BACKTRACE", "1");
        if let Some(failpoint) = failpoint {
            command.env("SWITCH_FAILPOINT", failpoint);
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().ok_or_else(|| io::Error::other("a child without its pipe"))?;
        let listening = Arc::new(Mutex::new(BTreeMap::new()));
        let found = Arc::clone(&listening);
        let reading = thread::spawn(move || keep(BufReader::new(stderr), log, &found));
        Ok(Switch { child, listening, reading: Some(reading) })
    }
}

/// Writes the log to its file and notes where the switch listens.
fn keep(mut stderr: impl io::BufRead, mut log: File, listening: &Mutex<BTreeMap<String, SocketAddr>>) {
    let mut line = Vec::new();
    while stderr.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        // A full disk ends the run elsewhere.
        let _ = log.write_all(&line);
        if let Some((name, address)) = listener(&line) {
            listening.lock().expect("nothing panics while it is held").insert(name, address);
        }
        line.clear();
    }
}

fn listener(line: &[u8]) -> Option<(String, SocketAddr)> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    let fields = &line["fields"];
    let address = fields["address"].as_str()?.parse().ok()?;
    (fields["message"] == "listening").then(|| Some((fields["listener"].as_str()?.to_owned(), address)))?
}

impl Switch {
    /// Where a listener listens, once it does.
    pub fn listener(&self, name: &str) -> Option<SocketAddr> {
        self.listening.lock().expect("nothing panics while it is held").get(name).copied()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let ended = self.child.try_wait().ok().flatten()?;
        if let Some(reading) = self.reading.take() {
            // Its log is whole once the pipe has ended.
            let _ = reading.join();
        }
        Some(ended)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let name = match signal {
            Signal::Terminate => "-TERM",
            Signal::Stop => "-STOP",
            Signal::Continue => "-CONT",
            Signal::Reload => "-HUP",
        };
        // One that has ended by itself is found out by whoever looks next.
        let _ = Command::new("kill").args([name, &self.pid().to_string()]).status();
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reading) = self.reading.take() {
            let _ = reading.join();
        }
    }

    /// What the kernel says it uses.
    pub fn usage(&self) -> Option<Usage> {
        Usage::of_process(self.pid())
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a process uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Open descriptors.
    pub descriptors: usize,
    /// Threads.
    pub threads: u64,
    /// Resident memory in KiB.
    pub memory_kib: u64,
}

impl Usage {
    /// Of a process that runs.
    pub fn of_process(pid: u32) -> Option<Self> {
        Self::of(Path::new(&format!("/proc/{pid}")))
    }

    fn of(process: &Path) -> Option<Self> {
        let descriptors = std::fs::read_dir(process.join("fd")).ok()?.count();
        let status = std::fs::read_to_string(process.join("status")).ok()?;
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':').split_whitespace().next()?.parse().ok()
        };
        Some(Self { descriptors, threads: number("Threads")?, memory_kib: number("VmRSS")? })
    }
}
