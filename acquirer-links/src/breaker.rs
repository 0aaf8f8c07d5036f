use std::time::{Duration, Instant};

use crate::settings::bounded;
use crate::{Backoff, BadSettings};

/// No pause is shorter, so that what was asked before a block is told from what was asked after it.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);

/// When an address is left alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// After so many failures in a row it takes no more requests: connections that could not be made, answers that
    /// did not come in time, connections lost with something unanswered, and slow answers.
    pub failures: u32,
    /// An answer that takes longer counts as a failure, though it is handed over like any other; `None`: none does.
    pub slow: Option<Duration>,
    /// The upper bound of the first pause, which lasts at least half as long, by chance; each further one may last twice
    /// as long.
    pub pause: Duration,
    /// The upper bound of any pause.
    pub max_pause: Duration,
}

impl Default for BreakerSettings {
    /// Five failures, no answer too slow, pauses from 1 s up to 30 s.
    fn default() -> Self {
        Self { failures: 5, slow: None, pause: Duration::from_secs(1), max_pause: Duration::from_secs(30) }
    }
}

impl BreakerSettings {
    /// Whether a breaker can go by them.
    ///
    /// # Errors
    /// One is zero, or too long.
    pub fn check(self) -> Result<(), BadSettings> {
        if self.failures == 0 {
            return Err(BadSettings::Zero("breaker.failures"));
        }
        if let Some(slow) = self.slow {
            bounded("breaker.slow", slow)?;
        }
        bounded("breaker.pause", self.pause)?;
        bounded("breaker.max_pause", self.max_pause)
    }
}

/// Whether requests are let through to an address, or to an acquirer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// They are.
    Passing,
    /// They are refused at once, until a pause is over. What undoes passes all the same.
    Blocked,
    /// One at a time is let through, to find out whether the pause was long enough; the others are refused.
    Probing,
}

/// Judges one address by what becomes of the exchanges with it. Pure: time and chance are arguments.
///
/// Many are under way at once, and end in another order than they began. So each is judged by when it was *asked*:
/// a failure of what was asked before the last success says nothing (the address was alive after that), and
/// only what was asked after a block began can end it.
pub(crate) struct Breaker {
    settings: BreakerSettings,
    phase: Phase,
    /// When the last exchange succeeded.
    well_at: Option<Instant>,
    /// How often it blocked in all, which tells one probe from another's.
    blocks: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The failures in a row.
    Passing {
        failures: u32,
    },
    Blocked {
        block: Block,
        until: Instant,
    },
    Probing {
        block: Block,
        probe: Probe,
    },
}

/// One blocked time, its probes included, however many pauses it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    /// When the last pause began.
    since: Instant,
    /// Pauses so far.
    pauses: u32,
    /// What failed last.
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    /// An echo must come back before a request is risked.
    Echo,
    Free,
    Out,
}

/// What went wrong with an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There was no connection to begin with.
    NotConnected,
    /// There was one, and no answer, or a slow one.
    NotAnswered,
}

/// How many requests may be sent to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admits {
    All,
    /// One, which must [take the probe](Breaker::take_probe).
    One,
    None,
}

/// The one request that finds out whether an address is back; to be given back when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProbeId(u64);

impl Breaker {
    pub(crate) fn new(settings: BreakerSettings) -> Self {
        Self { settings, phase: Phase::Passing { failures: 0 }, well_at: None, blocks: 0 }
    }

    /// Goes by other settings from now on. What it knows it still knows: a pause that has begun lasts as long as it was to.
    pub(crate) fn tune(&mut self, settings: BreakerSettings) {
        self.settings = settings;
    }

    /// An exchange asked at `asked` went well, if it did not take too long.
    pub(crate) fn answered(&mut self, asked: Instant, now: Instant, random: u64) {
        match self.settings.slow {
            Some(slow) if now.saturating_duration_since(asked) > slow => {
                self.failed(Fault::NotAnswered, asked, now, random);
            }
            Some(_) | None => self.succeeded(asked, now),
        }
    }

    fn succeeded(&mut self, asked: Instant, now: Instant) {
        match self.phase {
            Phase::Passing { .. } => self.pass(now),
            Phase::Blocked { block, .. } | Phase::Probing { block, .. } if asked > block.since => {
                self.pass(now);
            }
            Phase::Blocked { .. } | Phase::Probing { .. } => {}
        }
    }

    fn pass(&mut self, now: Instant) {
        self.phase = Phase::Passing { failures: 0 };
        self.well_at = Some(now);
    }

    /// An exchange asked at `asked` (a connection begun then) failed.
    pub(crate) fn failed(&mut self, fault: Fault, asked: Instant, now: Instant, random: u64) {
        match self.phase {
            Phase::Passing { .. } if self.well_at.is_some_and(|well_at| asked < well_at) => {}
            Phase::Passing { failures } if failures.saturating_add(1) < self.settings.failures => {
                self.phase = Phase::Passing { failures: failures + 1 };
            }
            Phase::Passing { .. } => self.block(fault, 1, now, random),
            Phase::Probing { block, .. } if asked > block.since => {
                self.block(fault, block.pauses.saturating_add(1), now, random);
            }
            Phase::Probing { .. } | Phase::Blocked { .. } => {}
        }
    }

    fn block(&mut self, fault: Fault, pauses: u32, now: Instant, random: u64) {
        let BreakerSettings { pause, max_pause, .. } = self.settings;
        let doubling = Backoff { base: pause, max: max_pause };
        // Each probe risks a request, so chance shortens no pause to nothing, as it may a wait between connections.
        let pause = doubling.delay(pauses, u64::MAX) / 2 + doubling.delay(pauses, random) / 2;
        let until = now + pause.max(SHORTEST_PAUSE);
        self.blocks += 1;
        self.phase = Phase::Blocked { block: Block { since: now, pauses, fault }, until };
    }

    /// The next instant at which time alone changes the state.
    pub(crate) fn due(&self) -> Option<Instant> {
        match self.phase {
            Phase::Blocked { until, .. } => Some(until),
            Phase::Passing { .. } | Phase::Probing { .. } => None,
        }
    }

    /// Ends a pause that is over; `echoes` tells whether an echo can go first.
    pub(crate) fn tick(&mut self, now: Instant, echoes: bool) {
        if let Phase::Blocked { block, until } = self.phase
            && until <= now
        {
            self.probe(block, echoes);
        }
    }

    /// A connection was made: where only that had failed, the pause is over.
    pub(crate) fn connected(&mut self, echoes: bool) {
        if let Phase::Blocked { block: block @ Block { fault: Fault::NotConnected, .. }, .. } = self.phase {
            self.probe(block, echoes);
        }
    }

    fn probe(&mut self, block: Block, echoes: bool) {
        let probe = if echoes { Probe::Echo } else { Probe::Free };
        self.phase = Phase::Probing { block, probe };
    }

    /// Whether an echo is to be sent before any request.
    pub(crate) fn wants_echo(&self) -> bool {
        matches!(self.phase, Phase::Probing { probe: Probe::Echo, .. })
    }

    /// The reply to an echo came, or the answer to what undoes. It proves that somebody is there, not that requests are answered: only where no more
    /// than connections had failed is that enough.
    pub(crate) fn echoed(&mut self, now: Instant) {
        match self.phase {
            Phase::Probing { block: Block { fault: Fault::NotConnected, .. }, .. } => self.pass(now),
            Phase::Probing { block, probe: Probe::Echo } => {
                self.phase = Phase::Probing { block, probe: Probe::Free };
            }
            Phase::Probing { probe: Probe::Free | Probe::Out, .. }
            | Phase::Passing { .. }
            | Phase::Blocked { .. } => {}
        }
    }

    pub(crate) fn admits(&self) -> Admits {
        match self.phase {
            Phase::Passing { .. } => Admits::All,
            Phase::Probing { probe: Probe::Free, .. } => Admits::One,
            Phase::Probing { probe: Probe::Echo | Probe::Out, .. } | Phase::Blocked { .. } => Admits::None,
        }
    }

    /// Lets the one request through.
    pub(crate) fn take_probe(&mut self) -> Option<ProbeId> {
        let Phase::Probing { block, probe: Probe::Free } = self.phase else { return None };
        self.phase = Phase::Probing { block, probe: Probe::Out };
        Some(ProbeId(self.blocks))
    }

    /// That request is over. If it told nothing, the next one may try.
    pub(crate) fn probe_over(&mut self, probe: ProbeId) {
        if let Phase::Probing { block, probe: Probe::Out } = self.phase
            && probe == ProbeId(self.blocks)
        {
            self.phase = Phase::Probing { block, probe: Probe::Free };
        }
    }

    /// Whether connecting there is of use at `now`: not while it takes connections and answers nothing.
    pub(crate) fn is_worth_connecting(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Passing { .. } | Phase::Probing { .. } => true,
            Phase::Blocked { block, until } => block.fault == Fault::NotConnected || until <= now,
        }
    }

    pub(crate) fn state(&self) -> BreakerState {
        match self.phase {
            Phase::Passing { .. } => BreakerState::Passing,
            Phase::Blocked { .. } => BreakerState::Blocked,
            Phase::Probing { .. } => BreakerState::Probing,
        }
    }
}

#[cfg(test)]
mod tests;
