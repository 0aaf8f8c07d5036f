//! How often a terminal may send, by the generic cell rate algorithm: one instant says how far it is ahead of its rate.
//!
//! A terminal id is only claimed, and stands on every receipt. So each connection has the rate of a terminal for itself, and all connections
//! of a terminal together have [`CONNECTIONS`] times that rate, so that it gets not as many telegrams in as it opens connections. Who
//! claims an id on one connection takes nothing of what comes by another; who claims it on [`CONNECTIONS`] of them can use up what there is
//! over all, but for what undoes or confirms: that is bounded over all only when everybody else would suffer by it ([`OverAll`]).

use desk::Asker;
use jiff::Timestamp;
use payment::TerminalId;
use rustc_hash::FxHashMap;

use super::Errand;

/// A terminal may send so many times its rate over all its connections.
pub const CONNECTIONS: u32 = 8;
/// So many instants are kept before those that have passed are looked for.
const SPARE: usize = 4_096;
const SECOND_US: i64 = 1_000_000;

/// How many telegrams a second a terminal may send over all its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OverAll {
    /// Beyond them nothing is let in.
    Bounded(u32),
    /// One more takes of them what there is, and is let in all the same.
    Counted(u32),
}

/// Whose telegrams are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Counted {
    terminal: TerminalId,
    errand: Errand,
    /// Those of one connection, or all.
    connection: Option<Asker>,
}

/// Terminals that have sent, by configured ids only. As many instants are kept as telegrams were let in within a second or two.
#[derive(Debug, Default)]
pub(super) struct Rates {
    /// When each would be at its rate again.
    ahead_until: FxHashMap<Counted, i64>,
    /// So many were still ahead when it was last looked.
    ahead: usize,
}

impl Rates {
    /// Whether one more telegram is within `a_second` of its connection and what there is over all, or within the burst of as many that a pause leaves.
    pub(super) fn take(
        &mut self,
        errand: Errand,
        (terminal, connection): (TerminalId, Asker),
        a_second: u32,
        over_all: OverAll,
        now: Timestamp,
    ) -> bool {
        let now = now.as_microsecond();
        let own = Counted { terminal, errand, connection: Some(connection) };
        let all = Counted { connection: None, ..own };
        let Some(own) = self.next(own, a_second, now) else { return false };
        let all = match over_all {
            OverAll::Bounded(a_second) => match self.next(all, a_second, now) {
                None => return false,
                within => within,
            },
            OverAll::Counted(a_second) => self.next(all, a_second, now),
        };
        self.forget(now);
        self.ahead_until.extend([own].into_iter().chain(all));
        true
    }

    /// When it is at its rate again after one more telegram, if that is within it.
    fn next(&self, counted: Counted, a_second: u32, now: i64) -> Option<(Counted, i64)> {
        let each = (SECOND_US / i64::from(a_second)).max(1);
        let until = self.ahead_until.get(&counted).map_or(now, |until| (*until).max(now));
        let next = until + each;
        (next - now <= SECOND_US.max(each)).then_some((counted, next))
    }

    /// Forgets who is at its rate, each time there are twice as many as were not.
    fn forget(&mut self, now: i64) {
        if self.ahead_until.len() > 2 * self.ahead + SPARE {
            self.ahead_until.retain(|_, until| *until > now);
            self.ahead = self.ahead_until.len();
        }
    }
}
