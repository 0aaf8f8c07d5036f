//! The lines to all acquirers: those of the configuration, and earlier ones that still have something under way.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use acquirer_links::BreakerState;
use dialects::Dialect;
use payment::{AcquirerName, PaymentId};

use super::line::{Line, LineNo, Material};
use crate::{meters, route::Standing};

/// The lines to all acquirers.
#[derive(Debug, Default)]
pub struct Lines {
    /// Where telegrams go.
    serving: BTreeMap<AcquirerName, Line>,
    /// Those among them that the configuration does not name any more, and the payments that may still need them.
    leaving: BTreeMap<AcquirerName, Vec<PaymentId>>,
    /// Replaced ones: their last events are still read in the language they were asked in.
    closing: BTreeMap<LineNo, (AcquirerName, Arc<Dialect>)>,
    last: u64,
}

/// Where an event comes from.
pub(super) struct Origin {
    pub(super) line: LineNo,
    pub(super) acquirer: AcquirerName,
    pub(super) dialect: Arc<Dialect>,
}

impl Lines {
    /// The line telegrams for an acquirer go by.
    pub fn get(&self, acquirer: &AcquirerName) -> Option<&Line> {
        self.serving.get(acquirer)
    }

    /// All that telegrams go by, by name.
    pub fn serving(&self) -> impl Iterator<Item = (&AcquirerName, &Line)> {
        self.serving.iter()
    }

    /// A number for a line to come; each is given once.
    pub fn next_no(&mut self) -> LineNo {
        self.last += 1;
        LineNo(self.last)
    }

    /// The acquirers with a line that no reload has told to leave.
    pub fn staying(&self) -> impl Iterator<Item = &AcquirerName> {
        self.serving.keys().filter(|name| !self.leaving.contains_key(*name))
    }

    /// From now on telegrams go by this line. The one before it takes no more; what it has under way may be answered by `until`.
    pub fn put(&mut self, line: Line, until: Instant) {
        self.leaving.remove(&line.name);
        if let Some(before) = self.serving.remove(&line.name) {
            self.close(before, until);
        }
        self.serving.insert(line.name.clone(), line);
    }

    /// The line to this acquirer serves what is under way and owed there, and closes when none of these payments needs it any more.
    pub fn leave(&mut self, acquirer: AcquirerName, needed_by: Vec<PaymentId>) {
        self.leaving.insert(acquirer, needed_by);
    }

    /// Closes each leaving line that nothing needs; `still_needed_by` says which of some payments still need an acquirer.
    pub(super) fn close_unneeded(
        &mut self,
        still_needed_by: impl Fn(&AcquirerName, &[PaymentId]) -> Vec<PaymentId>,
        until: Instant,
    ) {
        for (acquirer, needed_by) in &mut self.leaving {
            *needed_by = still_needed_by(acquirer, needed_by);
        }
        let done = self.leaving.extract_if(.., |_, needed_by| needed_by.is_empty());
        let done: Vec<_> = done.map(|(acquirer, _)| acquirer).collect();
        for acquirer in done {
            if let Some(line) = self.serving.remove(&acquirer) {
                tracing::info!(%acquirer, "nothing is owed there any more: the line to a removed acquirer closes");
                self.close(line, until);
            }
        }
    }

    /// Whether some line only waits until nothing is owed there.
    pub(super) fn has_leaving(&self) -> bool {
        !self.leaving.is_empty()
    }

    /// Whether telegrams for an acquirer go by a line that the configuration means and that is made of this.
    pub fn is_of(&self, acquirer: &AcquirerName, material: &Material) -> bool {
        !self.leaving.contains_key(acquirer)
            && self.serving.get(acquirer).is_some_and(|line| line.material == *material)
    }

    /// How the line for an acquirer stands with those who plan.
    pub fn standing(&self, acquirer: &AcquirerName) -> Standing {
        match self.serving.get(acquirer).map(|line| line.breaker) {
            Some(BreakerState::Passing) => Standing::Open,
            Some(BreakerState::Probing) => Standing::Probing,
            Some(BreakerState::Blocked) | None => Standing::Blocked,
        }
    }

    /// The breaker of a line changed; tells whether it is one that telegrams go by.
    pub(super) fn note_breaker(&mut self, line: LineNo, breaker: BreakerState) -> bool {
        let serving = self.serving.values_mut().find(|serving| serving.no == line);
        serving.map(|serving| serving.breaker = breaker).is_some()
    }

    /// Whose event it is.
    pub(super) fn origin(&self, line: LineNo) -> Option<Origin> {
        let serving = self.serving.values().find(|serving| serving.no == line);
        let of = serving.map(|serving| (serving.name.clone(), serving.dialect.clone()));
        let (acquirer, dialect) = of.or_else(|| self.closing.get(&line).cloned())?;
        Some(Origin { line, acquirer, dialect })
    }

    /// The line is closed; nothing happens on it any more.
    pub(super) fn closed(&mut self, line: LineNo) {
        self.closing.remove(&line);
    }

    fn close(&mut self, line: Line, until: Instant) {
        meters::line_gone(&line.name, &line.state());
        self.closing.insert(line.no, (line.name.clone(), line.dialect.clone()));
        line.close(until);
    }
}
