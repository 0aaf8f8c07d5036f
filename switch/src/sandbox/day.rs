//! The sample day: captures played at once, each by terminals of its own.

use std::{collections::BTreeMap, net::SocketAddr, ops::Range, time::Duration};

use jiff::civil::{DateTime, Time};
use payment::{TerminalId, Totals};
use store::{Reader, TotalsQuery, totals};
use telegram_replay::{
    capture::Capture,
    layout::Layouts,
    load::first_trace_now,
    terminal::{self, Report, Settings},
};

use super::{SandboxError, settings, world::World};
use crate::clock::korea_now;

/// A capture of the day.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) name: &'static str,
    /// The listener it is for.
    pub(super) listener: &'static str,
    /// What it is, for people.
    pub(super) title: &'static str,
}

/// The samples.
pub(super) const SAMPLES: [Sample; 4] = [
    Sample { name: "day", listener: "terminals", title: "terminals" },
    Sample { name: "day-vans", listener: "terminals", title: "shops with other VANs" },
    Sample { name: "day-acknowledged", listener: "acknowledged", title: "acknowledged" },
    Sample { name: "day-handshake", listener: "handshake", title: "handshake" },
];

/// A play takes less than this, on a slow machine too.
const LONGEST: Duration = Duration::from_mins(2);

/// What happened in one sample.
pub(super) struct Played {
    pub(super) title: &'static str,
    pub(super) report: Report,
}

/// How long to wait at `now` (KST) so that the play has one date, as a shop's day and its totals have; `None` where it has.
pub(super) fn rest_of_the_date(now: DateTime) -> Option<Duration> {
    let midnight = now.date().tomorrow().ok()?.to_datetime(Time::MIN);
    let rest = Duration::try_from(midnight.duration_since(now)).ok()?;
    (rest < LONGEST).then_some(rest + Duration::from_secs(1))
}

/// Plays the samples on terminals moved on by `terminal_base`.
pub(super) async fn play(
    world: &World,
    listeners: &BTreeMap<String, SocketAddr>,
    terminal_base: u64,
) -> Result<Vec<Played>, SandboxError> {
    let plays = SAMPLES.map(|Sample { name, listener, title }| {
        (title, world.spawn(play_one(name, listeners[listener], terminal_base)))
    });
    let mut played = Vec::with_capacity(SAMPLES.len());
    for (title, play) in plays {
        let report = play.await.map_err(|error| SandboxError::Day(error.to_string()))??;
        played.push(Played { title, report });
    }
    Ok(played)
}

async fn play_one(name: &str, to: SocketAddr, terminal_base: u64) -> Result<Report, SandboxError> {
    let unplayable = |error: &dyn std::fmt::Display| SandboxError::Day(error.to_string());
    let text = specs::sample(name).ok_or_else(|| unplayable(&"it is not in this build"))?;
    let file = format!("specs/samples/{name}.capture");
    let capture = Capture::parse(&file, text.as_bytes()).map_err(|error| unplayable(&error))?;
    // On a store that is kept, an earlier run's trace numbers are taken.
    let settings = Settings { trace_base: first_trace_now(), terminal_base, ..Settings::new(to) };
    let played = terminal::play(&capture, &Layouts::embedded(), &settings, |_| {}).await;
    played.map_err(|error| unplayable(&error))
}

/// How far terminals must be moved on so that none of them has traded today: on a store that is kept, the batch totals of a terminal
/// count all of its day.
pub(super) fn terminal_base(reader: &mut impl Reader) -> Result<u64, SandboxError> {
    for base in (0..settings::PLAYS).map(|play| play * settings::TERMINALS_A_PLAY) {
        let first = settings::TERMINALS.start() + base;
        if !have_traded(reader, first..first + settings::TERMINALS_A_PLAY)? {
            return Ok(base);
        }
    }
    Err(SandboxError::Day(
        "all its terminals have traded today on this store: take another --data folder".into(),
    ))
}

fn have_traded(reader: &mut impl Reader, terminals: Range<u64>) -> Result<bool, SandboxError> {
    let business_date = korea_now().date();
    for id in terminals {
        let terminal = TerminalId::new(&id.to_string()).expect("ten digits");
        if totals(reader, TotalsQuery { terminal, business_date })? != Totals::default() {
            return Ok(true);
        }
    }
    Ok(false)
}
