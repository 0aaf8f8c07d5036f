use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;
use torture::checker::Evidence;

use super::{LooseEnd, checked, runs};

const CONFIGURATION: &str = "switch.toml";

/// A folder with a configuration, and with keys and a store once a switch ran on it.
pub(crate) struct Home {
    folder: TempDir,
    run: usize,
    told: Arc<Mutex<String>>,
}

/// A payment as the database has it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) trace: u32,
    pub(crate) phase: String,
    pub(crate) open: bool,
    pub(crate) has_card: bool,
}

impl Home {
    pub(crate) fn new(configuration: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let told = Arc::default();
        let run = runs::begin(folder.path().join(CONFIGURATION), Arc::clone(&told));
        let home = Self { folder, run, told };
        home.configure(configuration);
        home
    }

    /// For the next start.
    pub(crate) fn configure(&self, configuration: &str) {
        fs::write(self.config(), configuration).unwrap();
        checked::configured(self.run, configuration);
    }

    /// What this test leaves undone with intent: nothing else is excused in the check of its run.
    pub(crate) fn leaves(&self, loose: &[LooseEnd]) {
        runs::note(self.run, |run| run.left.extend(loose));
    }

    /// What its run left behind so far, as the check of it sees that.
    pub(crate) fn evidence(&self) -> Evidence {
        checked::evidence(&(self.run, runs::of(self.run)), self.folder.path(), &self.database())
    }

    /// A switch told this by another way than its log and its metrics.
    pub(super) fn told(&self, text: &str) {
        self.told.lock().unwrap().push_str(text);
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join(CONFIGURATION)
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.data().join("keys.toml")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.data().join("switch.db")
    }

    /// A connection that may also write: a person with a database tool.
    pub(crate) fn open(&self) -> Connection {
        let connection =
            Connection::open_with_flags(self.database(), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection
    }

    /// Every payment, oldest first.
    pub(crate) fn payments(&self) -> Vec<Row> {
        let connection = self.open();
        let mut statement = connection
            .prepare("SELECT trace_no, phase, open, card IS NOT NULL FROM payment ORDER BY id")
            .unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            Ok(Row { trace: row.get(0)?, phase: row.get(1)?, open: row.get(2)?, has_card: row.get(3)? })
        };
        statement.query_map([], row).unwrap().map(Result::unwrap).collect()
    }

    /// How many payments a start would have to take up again.
    pub(crate) fn open_payments(&self) -> usize {
        self.payments().iter().filter(|row| row.open).count()
    }

    /// What happened, oldest first: names of the events of all payments.
    pub(crate) fn journal(&self) -> Vec<String> {
        let name = |event: &Value| match event {
            Value::String(name) => name.clone(),
            Value::Object(fields) => fields.keys().next().cloned().unwrap_or_default(),
            other => other.to_string(),
        };
        self.events().iter().map(name).collect()
    }

    /// What happened, oldest first, notes included.
    pub(crate) fn events(&self) -> Vec<Value> {
        let connection = self.open();
        let mut statement = connection.prepare("SELECT event FROM payment_event ORDER BY id").unwrap();
        let events = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        events.map(|event| serde_json::from_str(&event.unwrap()).unwrap()).collect()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !thread::panicking() {
            checked::check(self.run, self.folder.path(), &self.database());
        }
    }
}

/// The database's write lock: no commit ends while it is held.
pub(crate) fn hold_commits(home: &Home) -> Connection {
    let connection = home.open();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}
