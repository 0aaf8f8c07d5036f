//! The runs of a test: a home with all switches that ran on it, and what each left behind.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

use torture::{book::Confirm, checker::LooseEnd};

thread_local! {
    /// The runs of this test, which has a thread of its own.
    static RUNS: RefCell<Vec<Run>> = const { RefCell::new(Vec::new()) };
}

/// What a switch writes to its standard error.
pub(super) type Log = Arc<Mutex<Vec<u8>>>;

/// A home and what happened on it.
#[derive(Clone, Default)]
pub(super) struct Run {
    configuration: PathBuf,
    /// The names of all acquirers that were ever configured, by their addresses.
    pub(super) acquirers: BTreeMap<SocketAddr, String>,
    /// The log of each switch, in the order of their starts, with how many of all runs had started before.
    pub(super) logs: Vec<(usize, Log)>,
    /// What switches told by other ways: their commands, their metrics.
    pub(super) told: Arc<Mutex<String>>,
    /// What no switch may do, and one did.
    pub(super) found: Vec<String>,
    /// What the test says that it leaves undone.
    pub(super) left: BTreeSet<LooseEnd>,
}

impl Run {
    /// Its store.
    pub(super) fn database(&self) -> PathBuf {
        self.configuration.with_file_name("data").join("switch.db")
    }
}

/// A new one, whose switches also tell things there.
pub(super) fn begin(configuration: PathBuf, told: Arc<Mutex<String>>) -> usize {
    RUNS.with_borrow_mut(|runs| {
        runs.push(Run { configuration, told, ..Run::default() });
        runs.len() - 1
    })
}

/// Notes something of a run.
pub(super) fn note(run: usize, note: impl FnOnce(&mut Run)) {
    RUNS.with_borrow_mut(|runs| note(&mut runs[run]));
}

/// What is noted of a run.
pub(super) fn of(run: usize) -> Run {
    RUNS.with_borrow(|runs| runs[run].clone())
}

/// A switch is about to start in a run, and writes there.
pub(super) fn start(run: usize, log: Log) {
    RUNS.with_borrow_mut(|runs| {
        let started_before = runs.iter().map(|run| run.logs.len()).sum();
        runs[run].logs.push((started_before, log));
    });
}

/// Whether an acquirer is configured in other runs, too: what it did may be in the journal of any of them.
pub(super) fn share(address: SocketAddr) -> bool {
    RUNS.with_borrow(|runs| runs.iter().filter(|run| run.acquirers.contains_key(&address)).count() > 1)
}

/// The run that this command is about to start a switch in.
pub(super) fn started_by(command: &Command) -> Option<usize> {
    let configuration = command.get_args().skip_while(|word| *word != OsStr::new("--config")).nth(1)?;
    RUNS.with_borrow(|runs| runs.iter().rposition(|run| run.configuration == Path::new(configuration)))
}

/// The run whose switch listens there, and how the listener wants approvals confirmed.
pub(super) fn behind(address: SocketAddr) -> Option<(usize, Confirm)> {
    RUNS.with_borrow(|runs| {
        let logged = |(place, run): (usize, &Run)| {
            let mut logs = run.logs.iter().rev();
            logs.find_map(|(started_before, log)| Some((*started_before, place, listener(log, address)?)))
        };
        // A port of a switch that ended may be that of another run's now: who started last has it.
        let logged = runs.iter().enumerate().filter_map(logged).max().map(|(_, place, name)| (place, name));
        let (place, name) = logged.or_else(|| {
            let configured =
                |(place, run): (usize, &Run)| Some((place, configured(&run.configuration, address)?));
            runs.iter().enumerate().rev().find_map(configured)
        })?;
        Some((place, confirm(&runs[place].configuration, &name)))
    })
}

/// The name of the listener that said it listens there.
fn listener(log: &Log, address: SocketAddr) -> Option<String> {
    let text = format!("\"{address}\"");
    let log = log.lock().unwrap();
    let mut lines = log.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok());
    lines.find_map(|line| {
        let line = line.contains(&text).then_some(line)?;
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        let fields = &line["fields"];
        (fields["message"] == "listening").then(|| Some(fields["listener"].as_str()?.to_owned()))?
    })
}

/// The name of the listener that is configured there, as one that came with a reload is.
fn configured(configuration: &Path, address: SocketAddr) -> Option<String> {
    let address = address.to_string();
    let is_it =
        |listener: &toml::Value| listener.get("address").and_then(toml::Value::as_str) == Some(&address);
    let listeners = listeners(configuration);
    listeners.iter().find(|(_, listener)| is_it(listener)).map(|(name, _)| name.clone())
}

fn confirm(configuration: &Path, listener: &str) -> Confirm {
    let listeners = listeners(configuration);
    let listener = listeners.get(listener);
    let says = |key: &str| listener.and_then(|listener| listener.get(key));
    if says("handshake").and_then(toml::Value::as_bool) == Some(true) {
        return Confirm::Handshake;
    }
    match says("confirm").and_then(toml::Value::as_str) {
        Some("ack") => Confirm::Ack,
        Some(_) | None => Confirm::None,
    }
}

fn listeners(configuration: &Path) -> toml::Table {
    let text = fs::read_to_string(configuration).unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
    table.get("listen").and_then(toml::Value::as_table).cloned().unwrap_or_default()
}
