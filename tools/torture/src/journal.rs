//! The switch's journal, read from its database once the switch has stopped.

use std::{collections::HashMap, path::Path, time::Duration};

use jiff::Timestamp;
use payment::{Buried, Event, Payment, Started};
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use serde_json::Value;

/// What the database says.
#[derive(Debug, Default)]
pub struct Journal {
    /// Every payment, by id.
    pub payments: Vec<Record>,
    /// Payments that a person was told of, by the kinds of the alarms.
    pub alarms: HashMap<i64, Vec<String>>,
}

/// One payment with its events.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its id.
    pub id: i64,
    /// How many times it was saved.
    pub version: u32,
    /// Whether a start takes it up again.
    pub open: bool,
    /// In a word.
    pub phase: String,
    /// Its state, without the card.
    pub payment: Payment,
    /// The state as it is stored.
    pub state: Value,
    /// What happened, in order: version, when, what.
    pub events: Vec<(u32, Timestamp, Happened)>,
}

/// What led to a state.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Happened {
    /// It began.
    Started {
        /// How.
        started: Started,
    },
    /// It was withdrawn before it came.
    Buried {
        /// How.
        buried: Buried,
    },
    /// Something else.
    Event(Event),
}

/// Why a journal cannot be read.
pub type Unreadable = Box<dyn std::error::Error + Send + Sync>;

impl Journal {
    /// Reads all of it.
    ///
    /// # Errors
    /// The database, or something in it, cannot be read.
    pub fn read(database: &Path) -> Result<Self, Unreadable> {
        let connection = open(database)?;
        // All of it as of one commit: a switch may run.
        connection.execute_batch("BEGIN")?;
        let mut events = events(&connection)?;
        let mut statement =
            connection.prepare("SELECT id, version, open, phase, state FROM payment ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut payments = Vec::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let text: String = row.get(4)?;
            let mut state: Value = serde_json::from_str(&text)?;
            let state = state.get_mut("payment").map(Value::take).ok_or("a state without a payment")?;
            payments.push(Record {
                id,
                version: row.get(1)?,
                open: row.get(2)?,
                phase: row.get(3)?,
                payment: Payment::deserialize(&state)?,
                state,
                events: events.of.remove(&id).unwrap_or_default(),
            });
        }
        let orphans = events.of.len();
        if orphans > 0 {
            return Err(format!("{orphans} payments have events and no row").into());
        }
        Ok(Self { payments, alarms: events.alarms })
    }
}

/// How many payments are unfinished but for those that wait for a person, while a switch may run.
///
/// # Errors
/// The database cannot be read.
pub fn unfinished(database: &Path) -> Result<u32, rusqlite::Error> {
    let count = "SELECT count(*) FROM payment WHERE open = 1";
    open(database)?.query_row(count, [], |row| row.get(0))
}

struct Events {
    of: HashMap<i64, Vec<(u32, Timestamp, Happened)>>,
    alarms: HashMap<i64, Vec<String>>,
}

/// A note that is an alarm.
#[derive(Deserialize)]
struct Noted {
    #[serde(rename = "Alarm")]
    alarm: Alarm,
}

#[derive(Deserialize)]
struct Alarm {
    payment: i64,
    kind: String,
}

fn events(connection: &Connection) -> Result<Events, Unreadable> {
    let mut statement =
        connection.prepare("SELECT payment, version, at, event FROM payment_event ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut events = Events { of: HashMap::new(), alarms: HashMap::new() };
    while let Some(row) = rows.next()? {
        let (at, text): (i64, String) = (row.get(2)?, row.get(3)?);
        let Some(payment): Option<i64> = row.get(0)? else {
            if let Ok(Noted { alarm }) = serde_json::from_str(&text) {
                events.alarms.entry(alarm.payment).or_default().push(alarm.kind);
            }
            continue;
        };
        let happened = serde_json::from_str(&text).map_err(|error| {
            format!(
                "payment {payment}: an event cannot be read: line {} column {}",
                error.line(),
                error.column()
            )
        })?;
        events.of.entry(payment).or_default().push((row.get(1)?, Timestamp::from_microsecond(at)?, happened));
    }
    Ok(events)
}

fn open(database: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(
        database,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(10))?;
    Ok(connection)
}
