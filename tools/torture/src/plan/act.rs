//! What is done.

use std::time::Duration;

use super::Kind;
use crate::{
    chance::Chance,
    configuration::{ACQUIRERS, Change},
    impostor::Guise,
    proxy::Fault,
};

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
    /// Another configuration, or one that no switch may take.
    Reload {
        /// What is other.
        change: Change,
        /// How the switch is told.
        by: By,
        /// Whether it is killed in the middle of it, so long after it was told.
        kill_after: Option<Duration>,
    },
    /// The line to an acquirer leads to somebody else for a time.
    Impostor {
        /// Whose. One with TLS.
        acquirer: usize,
        /// To whom.
        guise: Guise,
        /// For how long.
        lasts: Duration,
    },
    /// A person does something about what waits.
    Operate {
        /// About net-cancels or cancels.
        what: What,
        /// What.
        deed: Deed,
        /// Which of those that wait: any number.
        which: u64,
        /// How often the same order is given, all at once.
        times: u8,
        /// Whether the switch is killed meanwhile, so long after.
        kill_after: Option<Duration>,
    },
}

/// How a switch is told to read its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// SIGHUP.
    Signal,
    /// `switch reload`.
    Command,
}

/// About what a person does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// Net-cancels.
    NetCancels,
    /// Cancels.
    Cancels,
}

/// What a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Only looks at the list.
    Look,
    /// Has it tried again.
    Retry,
    /// Settles it as the acquirer's books have it.
    Resolve,
}

/// What a fault of this kind is this time. `sealed` are the places of the acquirers with TLS.
pub(super) fn act(kind: Kind, sealed: &[usize], may_kill: bool, chance: &mut Chance) -> Option<Act> {
    let acquirer = chance.index(ACQUIRERS.len());
    // The lines to the acquirers are where money is lost; those of terminals suffer now and then.
    let line = if chance.one_in(4) { Where::Listener(chance.index(3)) } else { Where::Acquirer(acquirer) };
    let of = |fault, lasts| Act::Line { line, fault, lasts };
    let at_acquirer = |fault, lasts| Act::Line { line: Where::Acquirer(acquirer), fault, lasts };
    Some(match kind {
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
        Kind::Kill => Act::Kill,
        Kind::Terminate => Act::Terminate,
        Kind::Freeze => Act::Freeze { lasts: chance.millis(200, 3_000) },
        Kind::Reload => {
            let (other, by) = (Change::of(chance), chance.one_of(&[By::Signal, By::Command]));
            Act::Reload { change: other, by, kill_after: kill_after(may_kill, chance) }
        }
        Kind::Tls if sealed.is_empty() => return None,
        Kind::Tls => {
            let (acquirer, guise) = (chance.one_of(sealed), chance.one_of(&Guise::ALL));
            Act::Impostor { acquirer, guise, lasts: chance.millis(300, 4_000) }
        }
        Kind::Operate => Act::Operate {
            what: chance.one_of(&[What::NetCancels, What::NetCancels, What::Cancels]),
            deed: chance.one_of(&[Deed::Look, Deed::Retry, Deed::Retry, Deed::Resolve, Deed::Resolve]),
            which: chance.below(1 << 32),
            times: chance.one_of(&[1, 1, 2, 3]),
            kill_after: kill_after(may_kill, chance),
        },
        Kind::Failpoint | Kind::Clock => return None,
    })
}

/// Now and then it is killed in the middle.
fn kill_after(may_kill: bool, chance: &mut Chance) -> Option<Duration> {
    (may_kill && chance.one_in(6)).then(|| chance.millis(0, 60))
}
