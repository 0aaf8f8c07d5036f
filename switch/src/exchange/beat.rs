//! What the loop does several times a second, whatever else happens: the lease, alarms that waited, gauges, and lines nobody needs any more.

use std::time::{Duration, Instant};

use desk::Input;
use payment::AcquirerName;

use super::{Exchange, Line, happenings::gate};
use crate::{lease::LeaseChange, meters};

/// How often. A lease is a second at least, and renewed three times in its length.
const BEAT: Duration = Duration::from_millis(200);
/// How often it is asked whether a removed acquirer is still owed something.
const LEAVING: Duration = Duration::from_secs(5);

impl Exchange {
    pub(super) fn beat(&mut self) {
        let now = Instant::now();
        if now < self.next_beat {
            return;
        }
        self.next_beat = now + BEAT;
        if let Some(until) = self.lease.renewal(now) {
            self.store.renew_lease(until);
        }
        match self.lease.change(now) {
            Some(LeaseChange::Lapsed) => {
                meters::alarm("lease-lapsed");
                tracing::error!(
                    "ALARM the lease has ended before the store renewed it: nothing is sent and nobody answered until it does"
                );
            }
            Some(LeaseChange::Regained) => {
                tracing::info!("the lease is held again: requests are sent, terminals answered")
            }
            None => {}
        }
        self.alarms.beat(now);
        for (name, line) in self.lines.serving() {
            meters::line(name, &line.state());
        }
        for (name, held) in self.desk.held() {
            meters::held(name, held);
        }
        self.close_unneeded(now);
    }

    fn close_unneeded(&mut self, now: Instant) {
        if !self.lines.has_leaving() || now < self.next_look_at_leaving {
            return;
        }
        self.next_look_at_leaving = now + LEAVING;
        let until = now + self.longest_answer();
        let desk = &self.desk;
        self.lines.close_unneeded(|acquirer, among| desk.needing(acquirer, Some(among)), until);
    }

    /// Telegrams for the line's acquirer go by it from now on; what is under way on the one before may take so long.
    pub fn put_line(&mut self, mut line: Line, longest: Duration) {
        let acquirer = line.name().clone();
        let until = Instant::now() + longest;
        // What the breaker of the line before said is not true of this one; what this one's said until now was told to nobody.
        line.breaker = line.state().breaker;
        self.inputs.push_back(Input::Gate { acquirer, gate: gate(line.breaker) });
        self.lines.put(line, until);
    }

    /// The lines to acquirers the configuration does not name any more take no new payments; tells which.
    pub fn leave_lines(&mut self) -> Vec<AcquirerName> {
        let is_gone = |name: &&AcquirerName| !self.config.acquirers.contains_key(*name);
        let gone: Vec<_> = self.lines.staying().filter(is_gone).cloned().collect();
        for name in &gone {
            self.lines.leave(name.clone(), self.desk.needing(name, None));
        }
        gone
    }

    /// How long something under way may take to be answered.
    pub fn longest_answer(&self) -> Duration {
        let terminal = Duration::from_millis(self.config.terms.terminal_deadline_ms);
        let acquirers = self.config.acquirers.values().map(|acquirer| acquirer.answer_timeout);
        acquirers.fold(terminal, Duration::max)
    }
}
