//! A person at the switch's commands: looks at what waits, has it tried again, and settles it as the acquirer's books have it.
//!
//! It is careful: it calls a request never approved, or a cancel not done, only when nothing of it can be on its way any more, and lets an approval stand
//! only where it is the purchase's only one.

mod finding;

use std::{
    collections::HashMap,
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use payment::{Closed, DebtState, Event, Finding};
use serde::{Deserialize, Deserializer, de::Error as _};
use tokio::task::{JoinSet, spawn_blocking};

use self::finding::{ON_ITS_WAY, finding, living};
use crate::{
    acquirers::Line,
    checker::Violation,
    journal::{Happened, Journal},
    plan::{Deed, What},
    report::Tally,
    switch::Home,
};

/// A person.
pub struct Person {
    home: Home,
    acquirers: Arc<Vec<Line>>,
    tally: Arc<Tally>,
    given: Mutex<Vec<Given>>,
    /// When it first saw what waits, by its own watch: the switch's clock may be wrong.
    seen: Mutex<HashMap<Seen, Instant>>,
}

/// What waits, since one and the same instant by the switch's clock: payment, number, that instant.
type Seen = (What, i64, u8, Option<Timestamp>);

/// One order, which may have been given several times at once.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Given {
    by: String,
    order: String,
    payment: i64,
    /// How often the switch said that it is done.
    done: u32,
    /// How often it said that nothing changed.
    refused: u32,
    /// How often it did not say what became of it.
    unknown: u32,
}

/// What waits, as the switch lists it.
#[derive(Clone, Debug, Deserialize)]
struct Row {
    #[serde(deserialize_with = "id")]
    payment: i64,
    number: u8,
    state: String,
    acquirer: String,
    serial: String,
    amount: u64,
    since: Option<Timestamp>,
}

/// Listed as text, for it has more digits than many readers of JSON numbers keep.
fn id<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Done(String),
    Refused,
    Unknown,
}

impl Person {
    /// At a switch of this home, who sees the books of these acquirers.
    pub fn new(home: Home, acquirers: Arc<Vec<Line>>, tally: Arc<Tally>) -> Self {
        Self { home, acquirers, tally, given: Mutex::default(), seen: Mutex::default() }
    }

    /// Does it about one of those that wait: `which` chooses. The same order goes out so many times at once.
    pub async fn act(&self, what: What, deed: Deed, which: u64, times: u8) {
        let Some(rows) = self.list(what).await else { return };
        let orders = rows.iter().filter_map(|row| Some((row, self.order(what, deed, row)?)));
        let orders: Vec<_> = orders.collect();
        let place = usize::try_from(which % orders.len().max(1) as u64).unwrap_or(0);
        let Some((row, order)) = orders.get(place) else { return };
        self.give(what, row, order, times).await;
    }

    /// What the journal does not know of although the switch said that it is done, or knows although the switch said that nothing changed; and
    /// approvals that live although a person who looked found that they do not.
    pub fn check(&self, journal: &Journal) -> Vec<Violation> {
        let given = self.given.lock().expect("nothing panics while it is held");
        let wrong = given.iter().filter_map(|given| {
            let record = journal.payments.iter().find(|record| record.id == given.payment);
            let steps = record.map_or(0, |record| {
                record.events.iter().filter(|(_, _, happened)| name(happened) == Some(&given.by)).count()
            });
            let steps = u32::try_from(steps).unwrap_or(u32::MAX);
            let is_right = (given.done..=given.done + given.unknown).contains(&steps);
            let what = format!("a person's order is in the journal {steps} times: {given:?}");
            (!is_right).then(|| Violation::new(what).of(given.payment))
        });
        wrong.chain(self.proven_wrong(journal)).collect()
    }

    fn proven_wrong(&self, journal: &Journal) -> Vec<Violation> {
        let living: Vec<_> =
            self.acquirers.iter().map(|line| (line.kind.name, living(&line.acquirer.truth()))).collect();
        let mut violations = Vec::new();
        for record in &journal.payments {
            for attempt in record.payment.attempts() {
                let (route, debt) = (attempt.route(), attempt.debt().map(payment::Debt::state));
                let lives = living.iter().any(|(name, serials)| {
                    *name == route.acquirer.as_str() && serials.contains(&route.serial.get())
                });
                if let Some(DebtState::Done {
                    how: Closed::ByPerson(found @ (Finding::Undone | Finding::NeverApproved)),
                    ..
                }) = debt
                    && lives
                {
                    let what = format!("it lives although a person found it {found:?}");
                    violations.push(Violation::new(what).of(record.id));
                }
            }
        }
        violations
    }

    /// `None`: nobody answers.
    async fn list(&self, what: What) -> Option<Vec<Row>> {
        let told = self.command(&[section(what), "list", "--json", "--all"]).await;
        self.count("list", &told);
        let Told::Done(text) = told else { return None };
        let rows: Option<Vec<Row>> = text.lines().map(|line| serde_json::from_str(line).ok()).collect();
        for row in rows.iter().flatten() {
            self.waited(what, row);
        }
        rows
    }

    /// The words that order it; `None` where a careful person does nothing.
    fn order(&self, what: What, deed: Deed, row: &Row) -> Option<Vec<&'static str>> {
        match deed {
            Deed::Look => None,
            Deed::Retry => Some(vec!["retry"]),
            Deed::Resolve => {
                let is_old = self.waited(what, row) > ON_ITS_WAY
                    && !matches!(row.state.as_str(), "waiting" | "trying");
                Some(vec!["resolve", "--as", finding(what, row, is_old, &self.acquirers)?])
            }
        }
    }

    /// For how long it has known that this waits.
    fn waited(&self, what: What, row: &Row) -> Duration {
        let mut seen = self.seen.lock().expect("nothing panics while it is held");
        seen.entry((what, row.payment, row.number, row.since)).or_insert_with(Instant::now).elapsed()
    }

    async fn give(&self, what: What, row: &Row, order: &[&'static str], times: u8) {
        let order = order.join(" ");
        let (place, by) = self.note(&order, row.payment);
        let mut giving = JoinSet::new();
        for _ in 0..times {
            let mut words: Vec<_> =
                [section(what)].into_iter().chain(order.split(' ')).map(str::to_owned).collect();
            let number = row.number.to_string();
            let reason = "as the books have it".to_owned();
            words.extend([row.payment.to_string(), "--number".to_owned(), number]);
            words.extend(["--by".to_owned(), by.clone(), "--reason".to_owned(), reason]);
            let home = self.home.clone();
            giving.spawn(async move {
                command(&home, &words.iter().map(String::as_str).collect::<Vec<_>>()).await
            });
        }
        while let Some(told) = giving.join_next().await {
            let told = told.unwrap_or(Told::Unknown);
            self.count(&format!("{} {order}", section(what)), &told);
            let mut given = self.given.lock().expect("nothing panics while it is held");
            match told {
                Told::Done(_) => given[place].done += 1,
                Told::Refused => given[place].refused += 1,
                Told::Unknown => given[place].unknown += 1,
            }
        }
    }

    /// Its place among all orders, and the name under which it is given.
    fn note(&self, order: &str, payment: i64) -> (usize, String) {
        let mut given = self.given.lock().expect("nothing panics while it is held");
        let (place, by) = (given.len(), format!("person {}", given.len()));
        let order = order.to_owned();
        given.push(Given { by: by.clone(), order, payment, done: 0, refused: 0, unknown: 0 });
        (place, by)
    }

    async fn command(&self, words: &[&str]) -> Told {
        command(&self.home, words).await
    }

    fn count(&self, order: &str, told: &Told) {
        let what = match told {
            Told::Done(_) => "done",
            Told::Refused => "refused",
            Told::Unknown => "not answered",
        };
        self.tally.count(&format!("a person: {order}: {what}"), 1);
    }
}

fn section(what: What) -> &'static str {
    match what {
        What::NetCancels => "net-cancels",
        What::Cancels => "cancels",
    }
}

/// Who ordered what happened, if a person did.
fn name(happened: &Happened) -> Option<&str> {
    if let Happened::Event(
        Event::NetCancelRetried { by, .. }
        | Event::NetCancelResolved { by, .. }
        | Event::CancelRetried { by, .. }
        | Event::CancelResolved { by, .. },
    ) = happened
    {
        return Some(by.name());
    }
    None
}

/// The switch's own patience with its client bounds it. A command that is cut off may have been carried out.
async fn command(home: &Home, words: &[&str]) -> Told {
    let mut command = home.command(words);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    match spawn_blocking(move || command.output()).await {
        Ok(Ok(output)) if output.status.code() == Some(0) => {
            Told::Done(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(Ok(output)) if output.status.code() == Some(1) => Told::Refused,
        Ok(_) | Err(_) => Told::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Instant};

    use super::{Given, Person, Row};
    use crate::{journal::Journal, plan::What, report::Tally, switch::Home};

    fn person(done: u32, refused: u32, unknown: u32) -> Person {
        let home = Home { program: "switch".into(), folder: ".".into() };
        let person = Person::new(home, Arc::new(Vec::new()), Arc::new(Tally::default()));
        let (by, order) = ("person 0".to_owned(), "retry".to_owned());
        person.given.lock().unwrap().push(Given { by, order, payment: 7, done, refused, unknown });
        person
    }

    #[test]
    fn an_order_that_was_told_to_be_done_and_is_in_no_journal_is_a_violation() {
        assert_eq!(person(1, 0, 0).check(&Journal::default()).len(), 1);
        assert_eq!(person(1, 2, 3).check(&Journal::default()).len(), 1);
    }

    #[test]
    fn one_that_was_refused_or_not_answered_may_be_in_none() {
        assert_eq!(person(0, 2, 3).check(&Journal::default()), []);
    }

    #[test]
    fn how_long_something_waits_is_told_by_a_watch_of_its_own_whatever_the_switch_says_since_when() {
        let person = person(0, 0, 0);
        let since = |since: &str| -> Row {
            let text = format!(
                r#"{{"payment":"7","number":0,"state":"owed","acquirer":"kovan","serial":"4","amount":1,"since":"{since}"}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        let (long_ago, later) = (since("2020-01-01T00:00:00Z"), since("2020-01-01T00:00:01Z"));
        let begun = Instant::now();
        person.waited(What::NetCancels, &long_ago);
        assert!(person.waited(What::NetCancels, &long_ago) <= begun.elapsed(), "not for years");
        let again = Instant::now();
        assert!(person.waited(What::NetCancels, &later) <= again.elapsed(), "it waits anew");
        assert!(person.waited(What::Cancels, &long_ago) <= again.elapsed(), "a cancel is another thing");
        let waited = person.waited(What::NetCancels, &long_ago);
        assert!(waited >= again.elapsed(), "it has waited since it was first seen: {waited:?}");
    }
}
