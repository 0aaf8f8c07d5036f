//! What is done to a run and when: the seed decides.

use std::{str::FromStr, time::Duration};

use crate::{chance::Chance, configuration::ACQUIRERS, proxy::Fault};

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
    /// SIGHUP under load.
    Reload,
}

impl Kind {
    /// Every kind with its name.
    pub const ALL: [(Self, &'static str); 17] = [
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
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    fn is_of_the_process(self) -> bool {
        match self {
            Self::Kill | Self::Failpoint | Self::Terminate | Self::Freeze | Self::Reload => true,
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
            | Self::Drop => false,
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

/// Which line suffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// That to an acquirer, by its place among [`ACQUIRERS`].
    Acquirer(usize),
    /// That of the terminals to a listener, by its place among [`crate::configuration::LISTENERS`].
    Listener(usize),
}

/// One thing that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A line suffers for a time.
    Line {
        /// Which one.
        line: Where,
        /// From what.
        fault: Fault,
        /// For how long.
        lasts: Duration,
    },
    /// An acquirer holds its answers for a time.
    Hold {
        /// Which one.
        acquirer: usize,
        /// For how long.
        lasts: Duration,
    },
    /// An acquirer closes all its sockets.
    Drop {
        /// Which one.
        acquirer: usize,
    },
    /// SIGKILL.
    Kill,
    /// SIGTERM.
    Terminate,
    /// SIGSTOP for a time.
    Freeze {
        /// For how long.
        lasts: Duration,
    },
    /// SIGHUP.
    Reload,
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
}

impl Plan {
    /// The plan of a seed for a run of this length, with these kinds of faults alone. `kills` is how many times the switch is to die, at failpoints and
    /// otherwise; where it is not said, now and then.
    pub fn of(seed: u64, length: Duration, kinds: &[Kind], kills: Option<usize>) -> Self {
        let mut chance = Chance::new(seed, 0x504C_414E);
        let (of_process, of_lines): (Vec<Kind>, Vec<Kind>) =
            kinds.iter().partition(|kind| kind.is_of_the_process());
        let of_process: Vec<_> = of_process.into_iter().filter(|kind| *kind != Kind::Failpoint).collect();
        let mut steps = Vec::new();
        let mut at = chance.millis(500, 2_000);
        while !of_lines.is_empty() && at < length {
            let kind = chance.one_of(&of_lines);
            steps.push(Step { at, kind, act: act(kind, &mut chance) });
            at += chance.millis(200, 2_500);
        }
        let mut at = chance.millis(2_000, 8_000);
        while !of_process.is_empty() && at < length {
            let kind = chance.one_of(&of_process);
            steps.push(Step { at, kind, act: act(kind, &mut chance) });
            at += chance.millis(4_000, 20_000);
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
        Self { failpoints: failpoints.collect(), steps }
    }
}

fn act(kind: Kind, chance: &mut Chance) -> Act {
    let acquirer = chance.index(ACQUIRERS.len());
    // The lines to the acquirers are where money is lost; those of terminals suffer now and then.
    let line = if chance.one_in(4) { Where::Listener(chance.index(3)) } else { Where::Acquirer(acquirer) };
    let of = |fault, lasts| Act::Line { line, fault, lasts };
    let at_acquirer = |fault, lasts| Act::Line { line: Where::Acquirer(acquirer), fault, lasts };
    match kind {
        Kind::Latency => of(Fault::Latency { up_to: chance.millis(20, 800) }, chance.millis(1_000, 6_000)),
        Kind::Slicing => of(Fault::Slicing, chance.millis(500, 3_000)),
        Kind::BlackHole => {
            let fault = chance.one_of(&[Fault::BlackHoleForth, Fault::BlackHoleBack]);
            of(fault, chance.millis(500, 8_000))
        }
        Kind::HalfOpen => of(Fault::HalfOpen, chance.millis(500, 6_000)),
        Kind::Reset => of(Fault::Reset, chance.millis(300, 2_000)),
        Kind::Refuse => of(Fault::Refuse, chance.millis(500, 5_000)),
        Kind::Flapping => of(Fault::Flapping { every: chance.millis(50, 800) }, chance.millis(1_000, 5_000)),
        Kind::Bandwidth => {
            let bytes_per_s = 5_000 + u32::try_from(chance.below(60_000)).unwrap_or(0);
            of(Fault::Bandwidth { bytes_per_s }, chance.millis(1_000, 4_000))
        }
        Kind::Duplicates => {
            at_acquirer(Fault::Duplicates { one_in: 1 + chance.below(4) }, chance.millis(1_000, 6_000))
        }
        Kind::Corruption => {
            at_acquirer(Fault::Corruption { one_in: 2 + chance.below(10) }, chance.millis(1_000, 6_000))
        }
        Kind::Hold => Act::Hold { acquirer, lasts: chance.millis(200, 3_000) },
        Kind::Drop => Act::Drop { acquirer },
        Kind::Kill | Kind::Failpoint => Act::Kill,
        Kind::Terminate => Act::Terminate,
        Kind::Freeze => Act::Freeze { lasts: chance.millis(200, 3_000) },
        Kind::Reload => Act::Reload,
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
            assert!(planned || (kind == Kind::Failpoint && !plan.failpoints.is_empty()), "{name}");
        }
        let plan = Plan::of(1, Duration::from_mins(10), &[Kind::Latency], None);
        assert!(plan.failpoints.is_empty());
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
