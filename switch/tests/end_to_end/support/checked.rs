//! What must be true of every run, whatever its test is about: looked at when the run's home goes.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use telegram_replay::acquirer::TruthSink;
use torture::{
    acquirers::Told,
    checker::{Evidence, check_at_any_moment},
    journal::Journal,
};

/// What an acquirer writes its truth to.
#[derive(Clone, Default)]
pub(crate) struct Copied(Arc<Mutex<Vec<u8>>>);

thread_local! {
    /// The acquirers of this test, which has a thread of its own.
    static ACQUIRERS: RefCell<Vec<(SocketAddr, Copied)>> = const { RefCell::new(Vec::new()) };
    /// The stores that each address was configured with: what an acquirer of two of them did is in either's journal.
    static STORES: RefCell<BTreeMap<SocketAddr, BTreeSet<PathBuf>>> = const { RefCell::new(BTreeMap::new()) };
}

/// This store is configured with the acquirers of this configuration.
pub(crate) fn configured(configuration: &Path, database: &Path) {
    STORES.with_borrow_mut(|stores| {
        for address in names(configuration).into_keys() {
            stores.entry(address).or_default().insert(database.to_owned());
        }
    });
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

/// Holds what the acquirers of the configuration did against the journal, and looks for card numbers in every file.
pub(crate) fn check(configuration: &Path, database: &Path) {
    // Before the journal is read: what is in it by then may be more than the acquirers had seen.
    let acquirers = told(&names(configuration));
    if !database.exists() {
        return;
    }
    let journal = Journal::read(database).expect("a journal that can be read");
    let folder = configuration.parent().expect("a file stands in a folder").to_owned();
    let evidence = Evidence { journal, acquirers, folder, ..Evidence::default() };
    for (invariant, violations) in check_at_any_moment(&evidence) {
        let violations: Vec<_> = violations.iter().map(ToString::to_string).collect();
        assert!(violations.is_empty(), "{invariant}\n{}", violations.join("\n"));
    }
}

/// The names of the configured acquirers, by their addresses.
fn names(configuration: &Path) -> BTreeMap<SocketAddr, String> {
    let text = fs::read_to_string(configuration).unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
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

fn told(names: &BTreeMap<SocketAddr, String>) -> Vec<Told> {
    ACQUIRERS.with_borrow(|acquirers| {
        let configured = acquirers.iter().filter_map(|(address, copied)| {
            let is_shared = STORES.with_borrow(|stores| stores.get(address).is_some_and(|of| of.len() > 1));
            let truth = if is_shared { Vec::new() } else { copied.0.lock().unwrap().clone() };
            let lines = truth.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            let truth = lines.map(|line| serde_json::from_slice(line).expect("what we wrote")).collect();
            Some(Told { acquirer: names.get(address)?.clone(), dialect: String::new(), truth })
        });
        configured.collect()
    })
}
