//! What is done to a run and when: the seed decides.

mod act;
mod clock;

use std::{str::FromStr, time::Duration};

use self::act::act;
pub use self::{
    act::{Act, By, Deed, What, Where},
    clock::WallClock,
};
use crate::{chance::Chance, configuration::sealed};

/// Places in the switch where it can have itself killed.
pub const FAILPOINTS: [&str; 7] = [
    "before-commit",
    "after-commit",
    "before-send",
    "after-send",
    "after-answer",
    "before-reply",
    "after-reply",
];

/// Starts whose wall clocks a plan knows of; those of later ones are right.
const STARTS: usize = 200;

/// A kind of fault, by the name it is asked for with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A line is slow and jitters.
    Latency,
    /// Bytes come one at a time.
    Slicing,
    /// One direction is swallowed.
    BlackHole,
    /// Sockets stay open and nothing is read.
    HalfOpen,
    /// Connections are reset.
    Reset,
    /// Connections are refused.
    Refuse,
    /// Connections come and go.
    Flapping,
    /// A line is narrow.
    Bandwidth,
    /// Answers come twice.
    Duplicates,
    /// Answers are spoilt.
    Corruption,
    /// An acquirer holds its answers and lets them go all at once, the last first.
    Hold,
    /// An acquirer closes all its sockets.
    Drop,
    /// SIGKILL.
    Kill,
    /// SIGKILL at a boundary between what is durable and what is done.
    Failpoint,
    /// SIGTERM under load.
    Terminate,
    /// SIGSTOP, and SIGCONT later.
    Freeze,
    /// Changed configurations under load, some of which no switch may take.
    Reload,
    /// Lines with TLS, and machines that only say they are the acquirer.
    Tls,
    /// A person's steps on what is owed.
    Operate,
    /// Terminals whose clocks are off, and somebody who sets the switch's.
    Clock,
}

impl Kind {
    /// Every kind with its name.
    pub const ALL: [(Self, &'static str); 20] = [
        (Self::Latency, "latency"),
        (Self::Slicing, "slicing"),
        (Self::BlackHole, "black-hole"),
        (Self::HalfOpen, "half-open"),
        (Self::Reset, "reset"),
        (Self::Refuse, "refuse"),
        (Self::Flapping, "flapping"),
        (Self::Bandwidth, "bandwidth"),
        (Self::Duplicates, "duplicates"),
        (Self::Corruption, "corruption"),
        (Self::Hold, "hold"),
        (Self::Drop, "drop"),
        (Self::Kill, "kill"),
        (Self::Failpoint, "failpoint"),
        (Self::Terminate, "terminate"),
        (Self::Freeze, "freeze"),
        (Self::Reload, "reload"),
        (Self::Tls, "tls"),
        (Self::Operate, "operate"),
        (Self::Clock, "clock"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Who does it; `None` for what is done by no step of a plan.
    fn stream(self) -> Option<Stream> {
        match self {
            Self::Kill | Self::Terminate | Self::Freeze => Some(Stream::Process),
            Self::Reload | Self::Operate => Some(Stream::People),
            Self::Latency
            | Self::Slicing
            | Self::BlackHole
            | Self::HalfOpen
            | Self::Reset
            | Self::Refuse
            | Self::Flapping
            | Self::Bandwidth
            | Self::Duplicates
            | Self::Corruption
            | Self::Hold
            | Self::Drop
            | Self::Tls => Some(Stream::Lines),
            // Failpoints are armed at a start, and what a clock shows is decided by whoever looks at it.
            Self::Failpoint | Self::Clock => None,
        }
    }
}

/// Faults that come one after the other; those of another stream come meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Lines,
    Process,
    People,
}

impl Stream {
    const ALL: [Self; 3] = [Self::Lines, Self::Process, Self::People];

    /// When the first comes, and the pauses: from and to, in milliseconds.
    fn pauses(self) -> [(u64, u64); 2] {
        match self {
            Self::Lines => [(500, 2_000), (200, 2_500)],
            Self::Process => [(2_000, 8_000), (4_000, 20_000)],
            Self::People => [(1_000, 4_000), (500, 4_000)],
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(kind, _)| kind);
        let names: Vec<_> = Self::ALL.into_iter().map(|(_, name)| name).collect();
        found.ok_or_else(|| format!("no such fault: one of {}", names.join(", ")))
    }
}

/// One thing and when it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// From the beginning of the run.
    pub at: Duration,
    /// What kind of fault it is.
    pub kind: Kind,
    /// What.
    pub act: Act,
}

/// Everything that is done to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the order of their instants.
    pub steps: Vec<Step>,
    /// Failpoints that the switches started one after the other are armed with: `name:count`.
    pub failpoints: Vec<String>,
    /// How the wall clocks are set that the switches started one after the other see, where anybody sets them.
    pub clocks: Vec<Option<WallClock>>,
}

impl Plan {
    /// The plan of a seed for a run of this length, with these kinds of faults alone. `kills` is how many times the switch is to die, at failpoints and
    /// otherwise; where it is not said, now and then.
    pub fn of(seed: u64, length: Duration, kinds: &[Kind], kills: Option<usize>) -> Self {
        let mut chance = Chance::new(seed, 0x504C_414E);
        let lines = sealed(seed, kinds);
        let sealed: Vec<_> = (0..lines.len()).filter(|place| lines[*place].is_some()).collect();
        let may_kill = kinds.contains(&Kind::Kill);
        let mut steps = Vec::new();
        for stream in Stream::ALL {
            let of_it: Vec<_> = kinds.iter().copied().filter(|kind| kind.stream() == Some(stream)).collect();
            let [(from, to), pause] = stream.pauses();
            let mut at = chance.millis(from, to);
            while !of_it.is_empty() && at < length {
                let kind = chance.one_of(&of_it);
                steps.extend(act(kind, &sealed, may_kill, &mut chance).map(|act| Step { at, kind, act }));
                at += chance.millis(pause.0, pause.1);
            }
        }
        steps.sort_by_key(|step| step.at);
        let count = match kills {
            Some(kills) => kills,
            None => usize::try_from(length.as_secs() / 15 + 1).unwrap_or(1),
        };
        let armed = if kinds.contains(&Kind::Failpoint) { count } else { 0 };
        let first = chance.index(FAILPOINTS.len());
        let failpoints = (0..armed).map(|number| {
            let name = FAILPOINTS[(first + number) % FAILPOINTS.len()];
            // With kills to be had the next one comes soon; now and then at the very start, while it recovers.
            let most = if kills.is_some() { 250 } else { 3_000 };
            let passings = if chance.one_in(6) { 1 + chance.below(5) } else { 1 + chance.below(most) };
            format!("{name}:{passings}")
        });
        let failpoints = failpoints.collect();
        let starts = if kinds.contains(&Kind::Clock) { STARTS } else { 0 };
        let clocks = (0..starts).map(|_| WallClock::of(&mut chance)).collect();
        Self { steps, failpoints, clocks }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Kind, Plan};

    fn all() -> Vec<Kind> {
        Kind::ALL.into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn a_seed_gives_the_same_plan_again_and_another_seed_another() {
        let plan = |seed| Plan::of(seed, Duration::from_mins(2), &all(), None);
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }

    #[test]
    fn every_kind_of_fault_comes_about_and_none_that_was_not_asked_for() {
        let plan = Plan::of(1, Duration::from_hours(1), &all(), None);
        for (kind, name) in Kind::ALL {
            let planned = plan.steps.iter().any(|step| step.kind == kind);
            let elsewhere = (kind == Kind::Failpoint && !plan.failpoints.is_empty()) || kind == Kind::Clock;
            assert!(planned || elsewhere, "{name}");
        }
        let plan = Plan::of(1, Duration::from_mins(10), &[Kind::Latency], None);
        assert!(plan.failpoints.is_empty() && plan.clocks.is_empty());
        assert!(plan.steps.iter().all(|step| step.kind == Kind::Latency));
    }

    #[test]
    fn kills_that_are_asked_for_go_round_the_failpoints() {
        let plan = Plan::of(1, Duration::from_mins(1), &[Kind::Failpoint], Some(7));
        let mut names: Vec<_> = plan.failpoints.iter().filter_map(|armed| armed.split(':').next()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 7);
    }

    #[test]
    fn a_fault_is_named_as_it_is_asked_for() {
        for (kind, name) in Kind::ALL {
            assert_eq!(name.parse(), Ok(kind));
        }
        assert!("fire".parse::<Kind>().is_err());
    }
}
