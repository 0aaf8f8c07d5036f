//! How often a terminal may send, by the generic cell rate algorithm: one instant for each terminal and errand says how far it is ahead of
//! its rate. Only configured terminals have one, and one that is no longer ahead is forgotten when there are too many.

use jiff::Timestamp;
use payment::TerminalId;
use rustc_hash::FxHashMap;

use super::Errand;

/// More terminals than are configured, and this many, are never remembered.
const SPARE: usize = 1_024;
const SECOND_US: i64 = 1_000_000;

/// Terminals that have sent.
#[derive(Debug, Default)]
pub(super) struct Rates {
    /// When each would be at its rate again: what it begins, and what it undoes.
    ahead_until: FxHashMap<TerminalId, [i64; 2]>,
}

impl Rates {
    /// Whether one more telegram is within `a_second` of them, or within the burst of as many that a pause leaves.
    pub(super) fn take(
        &mut self,
        terminal: TerminalId,
        errand: Errand,
        a_second: u32,
        configured: usize,
        now: Timestamp,
    ) -> bool {
        let now = now.as_microsecond();
        if self.ahead_until.len() > 2 * configured + SPARE {
            self.ahead_until.retain(|_, until| until.iter().any(|until| *until > now));
        }
        let until = match errand {
            Errand::Begins => &mut self.ahead_until.entry(terminal).or_default()[0],
            Errand::Undoes => &mut self.ahead_until.entry(terminal).or_default()[1],
        };
        let each = (SECOND_US / i64::from(a_second)).max(1);
        let next = (*until).max(now) + each;
        let is_within = next - now <= SECOND_US.max(each);
        if is_within {
            *until = next;
        }
        is_within
    }
}
