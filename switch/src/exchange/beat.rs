//! What the loop does several times a second, whatever else happens: the lease, alarms that waited, and gauges.

use std::time::{Duration, Instant};

use desk::Input;
use payment::AcquirerName;

use super::{Exchange, Line, happenings::gate};
use crate::{lease::LeaseChange, meters};

/// How often. A lease is a second at least, and renewed three times in its length.
const BEAT: Duration = Duration::from_millis(200);

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
                tracing::info!("the lease is held again: requests are sent, terminals answered");
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

    /// The acquirers the configuration does not name any more get no new payments, and keep their lines; tells which are new among them. The
    /// others go by the breakers it gives them.
    pub fn leave_lines(&mut self) -> Vec<AcquirerName> {
        for (name, acquirer) in &self.config.acquirers {
            self.lines.tune(name, acquirer.breaker);
        }
        self.lines.serve(self.config.acquirers.keys())
    }

    /// How long something under way may take to be answered.
    pub fn longest_answer(&self) -> Duration {
        let terminal = Duration::from_millis(self.config.terms.terminal_deadline_ms);
        let acquirers = self.config.acquirers.values().map(|acquirer| acquirer.answer_timeout);
        acquirers.fold(terminal, Duration::max)
    }
}
