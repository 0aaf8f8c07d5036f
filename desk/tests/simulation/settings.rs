//! What is drawn once for a run.

use desk::{Duplicate, Limits, Way};
use payment::{Failover, PartialCancel, TelegramKey, Terms};

use crate::{acquirer::Character, flaw::Flaw, rng::Rng, sample};

/// Names of the acquirers.
pub(crate) const NAMES: [&str; 3] = ["alpha", "bravo", "charlie"];

#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) flaw: Option<Flaw>,
    pub(crate) terms: Terms,
    pub(crate) limits: Limits,
    /// Serials reserved at a time.
    pub(crate) block: u64,
    /// Saves the store commits at a time.
    pub(crate) batch: usize,
    /// How many instances there are.
    pub(crate) switches: usize,
    /// Whether terminals ask any of them, and acquirers answer any; else all go to one until it is taken over.
    pub(crate) all_active: bool,
    /// How often one is stopped.
    pub(crate) stops: u32,
    /// Chance that a commit fails, durable or not, per mille.
    pub(crate) disk_trouble: u64,
    /// How often a switch dies or is stopped, at most.
    pub(crate) crashes: u32,
    /// Chance that it does so before an input or output, per mille.
    pub(crate) crash_per_mille: u64,
    /// How often a person looks.
    pub(crate) orders: u32,
    /// How often the breaker of each acquirer closes.
    pub(crate) breaks: u32,
    /// How often another instance saves some payment.
    pub(crate) touches: u64,
    /// Chance that a link does not get a telegram out, or loses it, percent.
    pub(crate) link_trouble: u64,
    /// Requests look like one of so many purchases, and for how long the same one again is refused; `None` where nobody looks.
    pub(crate) duplicates: Option<(u32, u64)>,
    pub(crate) characters: Vec<Character>,
    /// The ways to the acquirers, by their place in [`NAMES`].
    pub(crate) ways: Vec<Way>,
}

impl Settings {
    pub(crate) fn new(flaw: Option<Flaw>, rng: &mut Rng) -> Self {
        let failover = rng.pick(&[Failover::Never, Failover::AfterNetCancel, Failover::AtOnce]);
        let terms = Terms {
            terminal_deadline_ms: rng.pick(&[8_000, 28_000]),
            net_cancel_first_delay_ms: rng.pick(&[0, 0, 500, 5_000]),
            undelivered_grace_ms: rng.pick(&[1_000, 30_000]),
            acknowledged_within_ms: rng.pick(&[None, None, Some(3_000), Some(10_000)]),
            ..sample::terms(failover)
        };
        let way = |name: &&str, rng: &mut Rng| {
            let way =
                sample::way(name, rng.pick(&[1_000, 4_000, 10_000]), rng.pick(&[3_000, 15_000, 60_000]));
            let repeatable = PartialCancel::Repeatable;
            let partial_cancel = rng.pick(&[PartialCancel::No, PartialCancel::Once, repeatable, repeatable]);
            Way { partial_cancel, ..way }
        };
        // What only shows with two of them is looked for with two.
        let of_two = flaw == Some(Flaw::SendsAfterItsLease);
        let switches = if of_two { 2 } else { rng.weighted(&[(2, 1), (1, 2)]) };
        let touches = rng.weighted(&[(3, 0), (1, 30)]);
        Self {
            flaw,
            terms,
            switches,
            all_active: switches > 1 && rng.percent(60),
            stops: if switches == 1 { rng.pick(&[0, 0, 0, 1]) } else { rng.pick(&[0, 2, 4]) },
            orders: rng.weighted(&[(2, 0), (1, 20)]),
            breaks: rng.weighted(&[(2, 0), (1, 2)]),
            disk_trouble: rng.pick(&[0, 0, 3, 20]),
            limits: Limits {
                payments: rng.pick(&[200, 200, 200, 3]),
                waiting_per_payment: rng.pick(&[256, 256, 2]),
                lookups: rng.pick(&[2_048, 2_048, 1]),
                net_cancels: rng.pick(&[32, 32, 2, 1]),
                ..Limits::default()
            },
            block: rng.pick(&[8, 30, 1_000]),
            batch: rng.pick(&[1, 3, 1_000]),
            crashes: rng.weighted(&[(4, 0), (3, 1), (2, 2), (1, 4)]),
            crash_per_mille: rng.pick(&[2, 10, 40]),
            touches: if switches == 1 { touches } else { 0 },
            link_trouble: rng.pick(&[0, 4, 20]),
            duplicates: rng.pick(&[None, None, Some((2, 2_000)), Some((5, 30_000))]),
            characters: NAMES.iter().map(|_| Character::new(rng)).collect(),
            ways: NAMES.iter().map(|name| way(name, rng)).collect(),
        }
    }

    /// What a request looks like, where somebody looks.
    pub(crate) fn duplicate(&self, key: &TelegramKey) -> Option<Duplicate> {
        let (purchases, window_ms) = self.duplicates?;
        let terminal: u32 = key.terminal.as_str().parse().unwrap();
        let purchase = (terminal * 7 + key.trace_no.get()) % purchases;
        Some(sample::duplicate(u8::try_from(purchase).unwrap(), window_ms))
    }
}
