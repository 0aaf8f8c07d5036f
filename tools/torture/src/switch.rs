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
    said: Arc<Mutex<Said>>,
    reading: Option<thread::JoinHandle<()>>,
}

/// What its log said so far that others wait for.
#[derive(Debug, Default)]
struct Said {
    listening: BTreeMap<String, SocketAddr>,
    reloads: Reloads,
    last_refusal: String,
}

/// How often a switch has said what came of reading its configuration again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reloads {
    /// It goes by it now.
    pub taken: u32,
    /// The old one stays.
    pub refused: u32,
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

    /// Starts a switch, with a failpoint or without, and with a wall clock that somebody sets or with the machine's. It need not listen yet when this returns.
    ///
    /// # Errors
    /// The program cannot be started, or the log not be written.
    pub fn start(&self, failpoint: Option<&str>, clock: Option<&str>) -> io::Result<Switch> {
        let log = OpenOptions::new().create(true).append(true).open(self.log())?;
        let mut command = Command::new(&self.program);
        command.args(["serve", "--config"]).arg(self.configuration());
        command.env_remove("RUST_LOG").env("RUST_BACKTRACE", "1");
        command.env_remove("SWITCH_FAILPOINT").env_remove("SWITCH_WALL_CLOCK");
        if let Some(failpoint) = failpoint {
            command.env("SWITCH_FAILPOINT", failpoint);
        }
        if let Some(clock) = clock {
            command.env("SWITCH_WALL_CLOCK", clock);
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().ok_or_else(|| io::Error::other("a child without its pipe"))?;
        let said = Arc::new(Mutex::new(Said::default()));
        let found = Arc::clone(&said);
        let reading = thread::spawn(move || keep(BufReader::new(stderr), log, &found));
        Ok(Switch { child, said, reading: Some(reading) })
    }

    /// A command to the switch that runs here.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).arg("--config").arg(self.configuration());
        command.env_remove("RUST_LOG").env_remove("SWITCH_FAILPOINT");
        command
    }
}

/// Writes the log to its file and notes what others wait for.
fn keep(mut stderr: impl io::BufRead, mut log: File, said: &Mutex<Said>) {
    let mut line = Vec::new();
    while stderr.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        // A full disk ends the run elsewhere.
        let _ = log.write_all(&line);
        // Few lines are of interest, and all of them are read here.
        if line.windows(6).any(|word| word == b"listen" || word == b"reload") {
            said.lock().expect("nothing panics while it is held").read(&line);
        }
        line.clear();
    }
}

impl Said {
    fn read(&mut self, line: &[u8]) {
        let Ok(line) = serde_json::from_slice::<serde_json::Value>(line) else { return };
        let fields = &line["fields"];
        let text = |name: &str| fields[name].as_str().unwrap_or_default();
        match text("message") {
            "listening" => {
                let address = text("address").parse().ok();
                self.listening.extend(address.map(|address| (text("listener").to_owned(), address)));
            }
            "configuration reloaded" => {
                self.reloads.taken += 1;
                self.listening.extend(moved(text("changes")));
            }
            "configuration not reloaded: the old one stays" => {
                self.reloads.refused += 1;
                text("error").clone_into(&mut self.last_refusal);
            }
            _ => {}
        }
    }
}

/// The listeners that a reload moved, by what it says that changed.
fn moved(changes: &str) -> impl Iterator<Item = (String, SocketAddr)> {
    changes.split("listener ").filter_map(|change| {
        let (name, rest) = change.split_once(": listens at ")?;
        let end = rest.find(['"', ',', ' ']).unwrap_or(rest.len());
        Some((name.to_owned(), rest[..end].parse().ok()?))
    })
}

impl Switch {
    /// Where a listener listens, once it does.
    pub fn listener(&self, name: &str) -> Option<SocketAddr> {
        self.said.lock().expect("nothing panics while it is held").listening.get(name).copied()
    }

    /// What it said of reading its configuration again.
    pub fn reloads(&self) -> Reloads {
        self.said.lock().expect("nothing panics while it is held").reloads
    }

    /// Why it last stayed with the configuration it had.
    pub fn last_refusal(&self) -> String {
        self.said.lock().expect("nothing panics while it is held").last_refusal.clone()
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

    /// The most resident memory it ever had, in KiB.
    pub fn peak_memory_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        number(&status, "VmHWM")
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
        let (threads, memory_kib) = (number(&status, "Threads")?, number(&status, "VmRSS")?);
        Some(Self { descriptors, threads, memory_kib })
    }
}

/// A number in what the kernel tells of a process.
fn number(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim_start_matches(':').split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn a_listener_that_moved_is_found_among_the_changes() {
        let changes = r#"["acquirer kovan: a new line; one it had before drains", "listener handshake: listens at 127.0.0.3:41234"]"#;
        let found: Vec<_> = moved(changes).collect();
        assert_eq!(found, [("handshake".to_owned(), "127.0.0.3:41234".parse().unwrap())]);
        assert_eq!(moved(r#"["listener handshake: closed"]"#).count(), 0);
    }
}
