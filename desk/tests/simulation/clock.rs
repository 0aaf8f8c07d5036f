//! The clock a switch runs by: read when it starts and counted on, and not always right.

use jiff::Timestamp;

use crate::{agenda::Happening, corners::Incident, rng::Rng, sample, world::World};

/// How far clocks are ahead of the world's time, in ms; behind, where negative.
const AHEAD_MS: [i64; 8] = [0, 0, 3_000, 20_000, 120_000, 600_000, -20_000, -100_000];

/// What stands between the world's time and what a switch takes for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clock {
    ahead_ms: i64,
}

impl Clock {
    /// What it reads at this time of the world.
    pub(crate) fn reads(self, at_ms: u64) -> Timestamp {
        sample::instant(at_ms) + jiff::SignedDuration::from_millis(self.ahead_ms)
    }

    /// What it reads at this time of the world, in ms since the start of the run.
    pub(crate) fn reads_ms(self, at_ms: u64) -> u64 {
        at_ms.saturating_add_signed(self.ahead_ms)
    }

    /// The time of the world at which it reads this; the start of the run where that was before.
    pub(crate) fn when(self, reading: Timestamp) -> u64 {
        let right = reading - jiff::SignedDuration::from_millis(self.ahead_ms);
        sample::since_start(right.max(sample::instant(0)))
    }
}

/// How wrong the clocks of a run were.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wrong {
    /// Whether they are set between a crash and a start.
    pub(crate) steps: bool,
    behind_ms: u64,
    ahead_ms: u64,
}

impl Wrong {
    /// With one switch alone, now and then; it takes nothing from the chance of the run.
    pub(crate) fn new(seed: u64, switches: usize) -> Self {
        let steps = Rng::new(!seed).percent(40) && switches == 1;
        Self { steps, ..Self::default() }
    }

    /// By how much the record of some instant may be earlier than the instant.
    pub(crate) fn behind_ms(self) -> u64 {
        self.behind_ms
    }

    /// How much longer a time may be by the record than it was.
    pub(crate) fn apart_ms(self) -> u64 {
        self.behind_ms + self.ahead_ms
    }
}

/// How often the clock of such a run is set on purpose.
const SET: u32 = 3;

impl World {
    /// Where clocks are wrong somebody sets them now and then, and has the switch start again for it.
    pub(crate) fn plan_clocks(&mut self) {
        if self.wrong.steps {
            self.crashes_left += SET;
            for _ in 0..SET {
                let at_ms = 5_000 + self.rng.below(120_000);
                self.agenda.add(at_ms, Happening::Ends(0), &mut self.rng);
            }
        }
    }

    pub(crate) fn ends_to_set_clock(&mut self, at: usize) {
        if self.switches[at].desk.is_some() && self.crashes_left > 0 {
            self.crash(at);
        }
    }

    /// Somebody may have set the clock since the switch died; it never reads a time before the run.
    pub(crate) fn sets_clock(&mut self, at: usize) {
        if !self.wrong.steps || self.rng.percent(40) {
            return;
        }
        let earliest_ms = -i64::try_from(self.now_ms).unwrap();
        let ahead_ms = self.rng.pick(&AHEAD_MS).max(earliest_ms);
        let stepped_ms = ahead_ms - self.switches[at].clock.ahead_ms;
        self.switches[at].clock = Clock { ahead_ms };
        self.wrong.behind_ms = self.wrong.behind_ms.max(ahead_ms.min(0).unsigned_abs());
        self.wrong.ahead_ms = self.wrong.ahead_ms.max(ahead_ms.max(0).unsigned_abs());
        self.trace(|| format!("the clock of switch {at} is set by {stepped_ms} ms"));
        match stepped_ms {
            0 => {}
            1.. => drop(self.incidents.insert(Incident::ClockSetForward)),
            _ => drop(self.incidents.insert(Incident::ClockSetBack)),
        }
    }
}
