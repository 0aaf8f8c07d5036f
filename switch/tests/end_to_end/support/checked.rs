//! What must be true of every run, whatever its test is about: looked at when the run's home goes.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    io::{self, Write},
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use telegram_replay::acquirer::TruthSink;
use torture::{
    acquirers::Told,
    checker::{Evidence, FoundBy, check as violations_of},
    journal::Journal,
};

use super::{
    noted, purchases,
    runs::{self, Run},
};

/// How long a switch that still runs may take to write what it has done.
const PATIENCE: Duration = Duration::from_millis(500);

/// What an acquirer writes its truth to.
#[derive(Clone, Default)]
pub(crate) struct Copied(Arc<Mutex<Vec<u8>>>);

thread_local! {
    /// The acquirers of this test, which has a thread of its own.
    static ACQUIRERS: RefCell<Vec<(SocketAddr, Copied)>> = const { RefCell::new(Vec::new()) };
}

/// The run has the acquirers of this configuration, besides those it had before.
pub(super) fn configured(run: usize, configuration: &str) {
    runs::note(run, |run| run.acquirers.extend(names(configuration)));
}

impl Copied {
    pub(crate) fn sink(&self) -> TruthSink {
        Box::new(self.clone())
    }

    /// It is the truth of the acquirer at this address.
    pub(crate) fn belongs_to(self, address: SocketAddr) {
        ACQUIRERS.with_borrow_mut(|acquirers| acquirers.push((address, self)));
    }
}

impl Write for Copied {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Holds against one another what terminals, journal and acquirers know, and looks for card numbers in everything the switches wrote.
pub(super) fn check(run: usize, folder: &Path, database: &Path) {
    let run = (run, runs::of(run));
    // An empty file is what a start leaves that was refused before it opened its store for the first time.
    if std::fs::metadata(database).map_or(true, |found| found.len() == 0) {
        return;
    }
    let until = Instant::now() + PATIENCE;
    let told = loop {
        let told = violations(&run, folder, database);
        if told.is_empty() || Instant::now() > until {
            break told;
        }
        thread::sleep(Duration::from_millis(20));
    };
    assert!(told.is_empty(), "{}", told.join("\n"));
}

fn violations(run: &(usize, Run), folder: &Path, database: &Path) -> Vec<String> {
    let found = violations_of(&evidence(run, folder, database));
    found.iter().flat_map(|(name, found)| found.iter().map(move |found| format!("{name}: {found}"))).collect()
}

/// What a run left behind so far.
pub(super) fn evidence((number, run): &(usize, Run), folder: &Path, database: &Path) -> Evidence {
    // Before the journal is read: what is in it by then may be more than they had heard and seen.
    let records = purchases::records(&noted::of_run(*number));
    let acquirers = told(&run.acquirers);
    let journal = Journal::read(database).expect("a journal that can be read");
    let log = log(run);
    Evidence {
        records,
        journal,
        acquirers,
        process: run.found.iter().cloned().chain(panics(&log)).collect(),
        log,
        folder: folder.to_owned(),
        is_at_rest: true,
        found_by: FoundBy::Serial,
        left: run.left.clone(),
        ..Evidence::default()
    }
}

/// Everything that switches said but by telegrams.
fn log(run: &Run) -> String {
    let logs = run.logs.iter().map(|(_, log)| String::from_utf8_lossy(&log.lock().unwrap()).into_owned());
    logs.chain([run.told.lock().unwrap().clone()]).collect()
}

fn panics(log: &str) -> Option<String> {
    log.lines().find(|line| line.contains("panicked at")).map(str::to_owned)
}

/// The names of the configured acquirers, by their addresses.
fn names(configuration: &str) -> BTreeMap<SocketAddr, String> {
    let table: toml::Table = configuration.parse().unwrap_or_default();
    let acquirers = table.get("acquirers").and_then(toml::Value::as_table);
    let addresses = |acquirer: &toml::Value| {
        let listed = acquirer.get("addresses").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        listed.iter().filter_map(|address| address.as_str()?.parse().ok()).collect::<Vec<_>>()
    };
    let named = |(name, acquirer): (&String, &toml::Value)| {
        addresses(acquirer).into_iter().map(|address| (address, name.clone())).collect::<Vec<_>>()
    };
    acquirers.into_iter().flatten().flat_map(named).collect()
}

/// What each acquirer did that this run alone asked.
fn told(names: &BTreeMap<SocketAddr, String>) -> Vec<Told> {
    ACQUIRERS.with_borrow(|acquirers| {
        let own = acquirers.iter().filter(|(address, _)| !runs::share(*address));
        let told = own.filter_map(|(address, copied)| {
            let truth = copied.0.lock().unwrap().clone();
            let lines = truth.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            let truth = lines.map(|line| serde_json::from_slice(line).expect("what we wrote")).collect();
            Some(Told { acquirer: names.get(address)?.clone(), dialect: String::new(), truth })
        });
        told.collect()
    })
}
