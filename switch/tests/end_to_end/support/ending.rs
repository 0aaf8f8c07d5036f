//! What a switch says of itself right before it is told to end, held against its journal.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use torture::{
    checker::{Evidence, LooseEnd, Violation, check_counters, unfinished},
    journal::Journal,
    switch::Usage,
};

use super::runs;

/// How long what is under way may take to be counted and written.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long what is durable elsewhere may take to be written here.
const REST: Duration = Duration::from_millis(300);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Why a switch is looked at for the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// It is told to end, and may still do what it has under way.
    Words,
    /// It is killed now, whatever it has under way.
    Moment,
}

/// A switch since its start.
pub(super) struct Life {
    /// Of which run it is.
    pub(super) run: usize,
    pub(super) since: Timestamp,
    /// What it used when it began to listen.
    pub(super) baseline: Option<Usage>,
}

/// Looks at a running switch for the last time. What differs is noted with its run.
pub(super) fn look_back(life: &Life, last: Last, pid: u32, admin: SocketAddr, listeners: &[SocketAddr]) {
    let run = runs::of(life.run);
    let database = run.database();
    assert!(database.exists(), "the home of a switch goes after it, so that its end is looked at");
    if run.left.contains(&LooseEnd::Counters) {
        return;
    }
    let began = Instant::now();
    let found = loop {
        let found = look(life, pid, admin, listeners, &database);
        let patience = match &found {
            Ok((violations, at_rest)) if violations.is_empty() && (*at_rest || last == Last::Words) => {
                break found;
            }
            Ok((violations, _)) if violations.is_empty() => REST,
            Ok(_) | Err(_) => PATIENCE,
        };
        if began.elapsed() > patience {
            break found;
        }
        thread::sleep(LOOK_EVERY);
    };
    runs::note(life.run, |run| match found {
        Ok((violations, _)) => run.found.extend(violations.iter().map(|found| format!("I11: {found}"))),
        Err(error) => run.found.push(format!("I11: a switch that runs does not tell its metrics: {error}")),
    });
}

/// What is wrong, and whether nothing goes on any more that was not said to.
fn look(
    life: &Life,
    pid: u32,
    admin: SocketAddr,
    listeners: &[SocketAddr],
    database: &Path,
) -> io::Result<(Vec<Violation>, bool)> {
    let page = metrics(admin)?;
    let metrics = samples(&page);
    let usage = life.baseline.map(|began| with_links(began, &metrics)).zip(Usage::of_process(pid));
    let evidence = Evidence {
        // After the metrics: what is counted was counted when it was durable, or will be.
        journal: Journal::read(database).map_err(io::Error::other)?,
        metrics,
        usage,
        last_start: Some(life.since),
        held: held(listeners),
        left: runs::of(life.run).left,
        ..Evidence::default()
    };
    runs::of(life.run).told.lock().unwrap().push_str(&page);
    Ok((check_counters(&evidence), unfinished(&evidence).is_empty()))
}

fn metrics(admin: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&admin, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// What it used when it began, with the links that have come up since.
fn with_links(began: Usage, metrics: &BTreeMap<String, f64>) -> Usage {
    let links = metrics.iter().filter(|(name, _)| name.starts_with("switch_links_up{"));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "links are few and whole")]
    let links: usize = links.map(|(_, up)| up.round() as usize).sum();
    Usage { descriptors: began.descriptors + links, ..began }
}

fn samples(page: &str) -> BTreeMap<String, f64> {
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ')?;
        (!line.starts_with('#')).then(|| Some((name.to_owned(), value.trim().parse().ok()?)))?
    };
    page.lines().filter_map(sample).collect()
}

/// How many sockets to these addresses anybody holds on this machine, by what the kernel says.
fn held(listeners: &[SocketAddr]) -> usize {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let is_held = |line: &&str| {
        let mut fields = line.split_whitespace();
        let remote = fields.nth(2).and_then(|remote| remote.rsplit_once(':'));
        let port = remote.and_then(|(_, port)| u16::from_str_radix(port, 16).ok());
        // One that nobody holds any more has no inode.
        let is_open = fields.nth(6).is_some_and(|inode| inode != "0");
        is_open && listeners.iter().any(|listener| Some(listener.port()) == port)
    };
    table.lines().filter(is_held).count()
}
