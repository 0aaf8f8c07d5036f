//! Where an engine keeps its payments while a test opens it again and again.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use payment::{Buried, Event, InstanceNo, Payment, SealedCard, Started};
use rusqlite::Connection;
use serde::Deserialize;
use store::{Engine, Memory, Sqlite};
use tempfile::TempDir;

use crate::samples::instance;

pub(crate) trait Place {
    type Engine: Engine;

    fn new() -> Self;

    /// Opens what the last engine left; that one must be gone.
    fn open(&self) -> Self::Engine {
        self.open_as(instance())
    }

    /// The same as another instance.
    fn open_as(&self, instance: InstanceNo) -> Self::Engine;

    /// The event table.
    fn journal(&self) -> Vec<JournalRow>;
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JournalRow {
    pub(crate) sequence: i64,
    pub(crate) payment: Option<i64>,
    pub(crate) version: u32,
    pub(crate) at: Timestamp,
    pub(crate) event: String,
}

pub(crate) struct MemoryPlace(Arc<Mutex<Memory>>);

impl Place for MemoryPlace {
    type Engine = Arc<Mutex<Memory>>;

    fn new() -> Self {
        Self(Arc::new(Mutex::new(Memory::new(instance()))))
    }

    fn open_as(&self, instance: InstanceNo) -> Self::Engine {
        self.0.lock().expect("no test panics with it").begin(instance);
        self.0.clone()
    }

    fn journal(&self) -> Vec<JournalRow> {
        let memory = self.0.lock().expect("no test panics with it");
        let row = |(event, sequence): (&store::MemoryEvent, i64)| JournalRow {
            sequence,
            payment: event.payment,
            version: event.version,
            at: event.at,
            event: event.event.clone(),
        };
        memory.events().iter().zip(1..).map(row).collect()
    }
}

pub(crate) struct SqlitePlace {
    folder: TempDir,
}

impl SqlitePlace {
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("data").join("switch.db")
    }

    /// What another program sees that opens the file.
    pub(crate) fn look(&self) -> Connection {
        Connection::open(self.path()).expect("the file is there")
    }

    pub(crate) fn count(&self, query: &str) -> i64 {
        self.look().query_row(query, [], |row| row.get(0)).expect("a count")
    }
}

impl Place for SqlitePlace {
    type Engine = Sqlite;

    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder can be made") }
    }

    fn open_as(&self, instance: InstanceNo) -> Sqlite {
        Sqlite::open(self.path(), instance).expect("it can be opened")
    }

    fn journal(&self) -> Vec<JournalRow> {
        let connection = self.look();
        let query =
            "SELECT sequence, payment, version, at, event FROM payment_event WHERE instance = ?1 ORDER BY id";
        let mut statement = connection.prepare(query).expect("the table is there");
        let row = |row: &rusqlite::Row<'_>| {
            Ok(JournalRow {
                sequence: row.get(0)?,
                payment: row.get(1)?,
                version: row.get(2)?,
                at: Timestamp::from_microsecond(row.get(3)?).expect("an instant"),
                event: row.get(4)?,
            })
        };
        let rows = statement.query_map([instance().get()], row).expect("it can be read");
        rows.collect::<Result<_, _>>().expect("it can be read")
    }
}

/// The payment that the journal's events lead to.
pub(crate) fn replay(journal: &[JournalRow], payment: i64, card: &SealedCard) -> Payment {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Happened {
        Started { started: Box<Started> },
        Buried { buried: Buried },
        Event(Box<Event>),
    }
    let of_it = journal.iter().filter(|row| row.payment == Some(payment));
    let state = of_it.fold(None, |state: Option<Payment>, row| {
        let happened = serde_json::from_str(&row.event).expect("an event can be read");
        let (state, _) = match (happened, state) {
            (Happened::Started { started }, None) => Payment::start(&started, Some(card.clone()), row.at),
            (Happened::Buried { buried }, None) => (Payment::bury(&buried), Vec::new()),
            (Happened::Event(event), Some(state)) => {
                state.step(&event, row.at).expect("its attempt was made")
            }
            (Happened::Started { .. } | Happened::Buried { .. }, Some(_)) => panic!("it starts twice"),
            (Happened::Event(_), None) => panic!("it never started"),
        };
        Some(state)
    });
    state.expect("it started")
}
