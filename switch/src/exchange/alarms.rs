//! Alarms: a row in the journal and a count for each, but not a log line for each. Of every kind one line goes out at once; what comes within the
//! next second is told together.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use payment::{Alarm, PaymentId};
use store::Note;

use crate::meters;

/// How long further alarms of one kind wait to be told together.
const SPELL: Duration = Duration::from_secs(1);

/// What was raised and not yet told.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    spells: BTreeMap<&'static str, Spell>,
    /// While payments are taken up again, nothing is told by itself.
    is_gathering: bool,
}

#[derive(Debug)]
struct Spell {
    until: Instant,
    untold: u64,
    what: &'static str,
}

impl Alarms {
    /// From now on what is raised waits for [`Alarms::tell_all`].
    pub(super) fn gather(&mut self) {
        self.is_gathering = true;
    }

    /// Counts one and tells it, or lets it wait for the others of its spell. The note belongs into the journal.
    pub(super) fn raise(&mut self, payment: PaymentId, alarm: Alarm, at: Timestamp, now: Instant) -> Note {
        let Told { kind, what, why } = told(alarm);
        meters::alarm(kind);
        if let Some(spell) = self.spells.get_mut(kind) {
            spell.untold += 1;
        } else {
            let untold = u64::from(self.is_gathering);
            self.spells.insert(kind, Spell { until: now + SPELL, untold, what });
            if !self.is_gathering {
                tracing::error!(%payment, kind, why, "ALARM {what}");
            }
        }
        Note::Alarm { at, payment, kind: kind.to_owned(), why }
    }

    /// Tells what waited long enough.
    pub(super) fn beat(&mut self, now: Instant) {
        if !self.is_gathering {
            self.tell(|spell| spell.until <= now);
        }
    }

    /// Tells what was gathered.
    pub(super) fn tell_all(&mut self) {
        self.is_gathering = false;
        self.tell(|_| true);
    }

    fn tell(&mut self, is_over: impl Fn(&Spell) -> bool) {
        self.spells.retain(|kind, spell| {
            let is_over = is_over(spell);
            if is_over && spell.untold > 0 {
                tracing::error!(kind, payments = spell.untold, "ALARM {}: so many payments", spell.what);
            }
            !is_over
        });
    }
}

/// What the journal keeps of an alarm.
pub(super) fn note(payment: PaymentId, alarm: Alarm, at: Timestamp) -> Note {
    let Told { kind, why, .. } = told(alarm);
    Note::Alarm { at, payment, kind: kind.to_owned(), why }
}

struct Told {
    kind: &'static str,
    what: &'static str,
    why: String,
}

fn told(alarm: Alarm) -> Told {
    let (kind, what, why) = match alarm {
        Alarm::EveryRouteFailed(code) => {
            ("every-route-failed", "every route of a payment failed", format!("answered {code}"))
        }
        Alarm::NetCancelOverdue { attempt } => {
            ("net-cancel-overdue", "a net-cancel is overdue", format!("of attempt {attempt}"))
        }
        Alarm::NetCancelStuck { attempt, why } => {
            ("net-cancel-stuck", "a net-cancel needs a person", format!("of attempt {attempt}: {why:?}"))
        }
        Alarm::CancelOverdue { cancel } => {
            ("cancel-overdue", "a cancel is overdue", format!("cancel {cancel}"))
        }
        Alarm::CancelStuck { cancel, why } => {
            ("cancel-stuck", "a cancel needs a person", format!("cancel {cancel}: {why:?}"))
        }
    };
    Told { kind, what, why }
}
