//! The switch's journal, read from its database once the switch has stopped.

use std::{collections::HashMap, path::Path, time::Duration};

use jiff::{SignedDuration, Timestamp};
use payment::{Buried, Event, Payment, Started};
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use serde_json::Value;

/// What the database says.
#[derive(Debug, Default)]
pub struct Journal {
    /// Every payment, by id.
    pub payments: Vec<Record>,
    /// What a person was told of payments, by their ids.
    pub alarms: HashMap<i64, Vec<Alarm>>,
}

/// A start of the switch whose journal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The last row of the journal before it.
    pub after: i64,
    /// How far ahead of the right time the clock was that it counts on from.
    pub ahead: SignedDuration,
}

/// An alarm about a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// When a person was told, by a clock that is right.
    pub at: Timestamp,
    /// Of what kind it is, in a word.
    pub kind: String,
    /// Of which of the payment's attempts or cancels, where it is of one.
    pub number: Option<u8>,
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
    /// What happened, in order: version, when by a clock that is right, what.
    pub events: Vec<(u32, Timestamp, Happened)>,
    /// What the switch's own clock showed at each of them.
    pub shown: Vec<Timestamp>,
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
    /// Reads all of it; the clocks of its switches are taken to have been right.
    ///
    /// # Errors
    /// The database, or something in it, cannot be read.
    pub fn read(database: &Path) -> Result<Self, Unreadable> {
        Self::of(database, &[])
    }

    /// Reads all of it. `starts` are those of the one switch that wrote it, in order.
    ///
    /// # Errors
    /// The database, or something in it, cannot be read.
    pub fn of(database: &Path, starts: &[Start]) -> Result<Self, Unreadable> {
        let connection = open(database)?;
        // All of it as of one commit: a switch may run.
        connection.execute_batch("BEGIN")?;
        let mut events = events(&connection, starts)?;
        let mut statement =
            connection.prepare("SELECT id, version, open, phase, state FROM payment ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut payments = Vec::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let text: String = row.get(4)?;
            let mut state: Value = serde_json::from_str(&text)?;
            let state = state.get_mut("payment").map(Value::take).ok_or("a state without a payment")?;
            let Steps { events, shown } = events.of.remove(&id).unwrap_or_default();
            payments.push(Record {
                id,
                version: row.get(1)?,
                open: row.get(2)?,
                phase: row.get(3)?,
                payment: Payment::deserialize(&state)?,
                state,
                events,
                shown,
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

/// The number of the last row of the journal, while no switch runs; 0 where there is none.
///
/// # Errors
/// The database cannot be read.
pub fn last_row(database: &Path) -> Result<i64, rusqlite::Error> {
    if !database.exists() {
        return Ok(0);
    }
    let connection = open(database)?;
    let tables = "SELECT count(*) FROM sqlite_master WHERE name = 'payment_event'";
    let is_empty = connection.query_row(tables, [], |row| row.get::<_, u32>(0))? == 0;
    if is_empty {
        return Ok(0);
    }
    connection.query_row("SELECT coalesce(max(id), 0) FROM payment_event", [], |row| row.get(0))
}

struct Events {
    of: HashMap<i64, Steps>,
    alarms: HashMap<i64, Vec<Alarm>>,
}

#[derive(Default)]
struct Steps {
    events: Vec<(u32, Timestamp, Happened)>,
    shown: Vec<Timestamp>,
}

/// A note that is an alarm.
#[derive(Deserialize)]
struct Noted {
    #[serde(rename = "Alarm")]
    alarm: NotedAlarm,
}

#[derive(Deserialize)]
struct NotedAlarm {
    payment: i64,
    kind: String,
    why: String,
}

fn events(connection: &Connection, starts: &[Start]) -> Result<Events, Unreadable> {
    let mut statement =
        connection.prepare("SELECT payment, version, at, event, id FROM payment_event ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut events = Events { of: HashMap::new(), alarms: HashMap::new() };
    while let Some(row) = rows.next()? {
        let (shown, text, id): (i64, String, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let shown = Timestamp::from_microsecond(shown)?;
        let at = righted(shown, id, starts)?;
        let Some(payment): Option<i64> = row.get(0)? else {
            if let Ok(Noted { alarm }) = serde_json::from_str(&text) {
                let NotedAlarm { payment, kind, why } = alarm;
                events.alarms.entry(payment).or_default().push(Alarm { at, kind, number: number(&why) });
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
        let steps = events.of.entry(payment).or_default();
        steps.events.push((row.get(1)?, at, happened));
        steps.shown.push(shown);
    }
    Ok(events)
}

/// When a row was written, by a clock that is right.
fn righted(shown: Timestamp, row: i64, starts: &[Start]) -> Result<Timestamp, jiff::Error> {
    let by = starts.iter().rev().find(|start| start.after < row);
    by.map_or(Ok(shown), |start| shown.checked_sub(start.ahead))
}

/// The number in what an alarm says of an attempt or a cancel: the first there is.
fn number(why: &str) -> Option<u8> {
    why.split(|character: char| !character.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
}

fn open(database: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(
        database,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(10))?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Start, number, righted};

    #[test]
    fn an_instant_is_righted_by_the_clock_of_the_start_that_wrote_it() {
        let start = |after, ahead| Start { after, ahead: SignedDuration::from_secs(ahead) };
        let starts = [start(0, 0), start(10, -600), start(10, 20), start(30, 0)];
        let shown = Timestamp::from_second(1_795_143_600).unwrap();
        for (row, ahead) in [(1, 0), (10, 0), (11, 20), (30, 20), (31, 0)] {
            let at = righted(shown, row, &starts).unwrap();
            assert_eq!(shown.duration_since(at), SignedDuration::from_secs(ahead), "row {row}");
        }
        assert_eq!(righted(shown, 5, &[]).unwrap(), shown);
    }

    #[test]
    fn an_alarm_tells_which_attempt_or_cancel_it_is_of() {
        assert_eq!(number("of attempt 1: GivenUp"), Some(1));
        assert_eq!(number("cancel 0: NotRepeatable"), Some(0));
        assert_eq!(number("answered 9022 "), None);
        assert_eq!(number("no number"), None);
    }
}
