//! The lines to all acquirers: those of the configuration, those of acquirers it does not name any more, and replaced ones that answers may still
//! come by.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use acquirer_links::{BreakerSettings, BreakerState};
use dialects::Dialect;
use payment::AcquirerName;
use tokio_util::sync::CancellationToken;

use super::line::{Line, LineNo, Material};
use crate::{meters, route::Standing};

/// Acquirers that reloads have removed whose lines are kept.
const REMOVED: usize = 16;
/// Replaced lines that are not closed yet.
const REPLACED: usize = 16;
/// What is under way at its deadline has its outcome within this.
const SETTLES_WITHIN: Duration = Duration::from_secs(1);

/// The lines to all acquirers.
///
/// An acquirer that a reload removes keeps its line until the next start: what it has approved may have to be undone there at any time (a
/// reply that cannot be written, a terminal's cancel or net-cancel), long after nothing is open. It only gets no new payments.
#[derive(Debug, Default)]
pub struct Lines {
    /// Where telegrams go.
    serving: BTreeMap<AcquirerName, Line>,
    /// Those among them that the configuration does not name any more.
    removed: BTreeSet<AcquirerName>,
    /// Replaced ones, until no answer can come any more: what happens on them is still read in the language they were asked in.
    closing: BTreeMap<LineNo, (AcquirerName, Arc<Dialect>)>,
    last: u64,
    /// Cancelled when there are no lines any more: nothing is waited for then.
    ended: CancellationToken,
}

/// Why a reload cannot be: more lines would be kept beside those of the configuration than may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooManyLines {
    /// Of acquirers that reloads have removed.
    #[error(
        "more than {REMOVED} acquirers removed since the start: the line to each is kept for what may still have to be undone there; leave them in \
         [acquirers] without a share of the payments, or restart the switch"
    )]
    Removed,
    /// Of acquirers that reloads have changed.
    #[error(
        "more than {REPLACED} lines replaced of late: those before still wait for answers, which may come until settle_after_ms after their time; \
         change acquirers again later"
    )]
    Replaced,
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

    /// Whether the lines beside those of the configuration stay few, should it name these acquirers and give these among them new lines.
    ///
    /// # Errors
    /// Too many were removed, or changed.
    pub fn check_room<'a>(
        &self,
        named: impl Iterator<Item = &'a AcquirerName>,
        renewed: impl Iterator<Item = &'a AcquirerName>,
    ) -> Result<(), TooManyLines> {
        let named: BTreeSet<_> = named.collect();
        if self.serving.keys().filter(|name| !named.contains(name)).count() > REMOVED {
            return Err(TooManyLines::Removed);
        }
        let replaced = renewed.filter(|name| self.serving.contains_key(*name)).count();
        if replaced > 0 && self.closing.len() + replaced > REPLACED {
            return Err(TooManyLines::Replaced);
        }
        Ok(())
    }

    /// From now on telegrams go by this line. The one before it takes no more; what it has under way may be answered by `until`, and
    /// late for as long as late answers are waited for.
    pub fn put(&mut self, line: Line, until: Instant) {
        self.removed.remove(&line.name);
        meters::acquirer(&line.name);
        if let Some(before) = self.serving.insert(line.name.clone(), line) {
            meters::line_gone(&before.name, &before.state());
            self.closing.insert(before.no, (before.name.clone(), before.dialect.clone()));
            before.close(until + SETTLES_WITHIN, self.ended.clone());
        }
    }

    /// The configuration names these acquirers. The others get no new payments; tells which of them did until now.
    pub fn serve<'a>(&mut self, named: impl Iterator<Item = &'a AcquirerName>) -> Vec<AcquirerName> {
        let named: BTreeSet<_> = named.collect();
        let removed = self.serving.keys().filter(|name| !named.contains(name)).cloned().collect();
        let before = std::mem::replace(&mut self.removed, removed);
        self.removed.difference(&before).cloned().collect()
    }

    /// Whether the line of an acquirer is made of this, if it has one, but for its breaker, which changes while the line stays.
    pub fn is_of(&self, acquirer: &AcquirerName, material: &Material) -> bool {
        self.serving.get(acquirer).is_some_and(|line| line.material.is_but_for_tuning(material))
    }

    /// The breaker of a line goes by these settings from now on, and keeps what it knows.
    pub(super) fn tune(&mut self, acquirer: &AcquirerName, breaker: BreakerSettings) {
        if let Some(line) = self.serving.get_mut(acquirer) {
            line.tune(breaker);
        }
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
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.ended.cancel();
    }
}
