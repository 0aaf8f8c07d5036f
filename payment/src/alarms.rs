//! The alarms that stand: what a person has to know of a payment that is found, although nothing happens to it now.

use jiff::Timestamp;

use crate::{Alarm, CancelState, DebtState, Payment, instant::after};

impl Payment {
    /// What of it needs a person, or is overdue at `now`: to be told once more at a start.
    pub fn standing_alarms(&self, now: Timestamp) -> Vec<Alarm> {
        let debts = (0..).zip(&self.attempts).filter_map(|(attempt, made)| {
            let debt = made.debt.as_ref()?;
            match debt.state {
                DebtState::Stuck { why, .. } => Some(Alarm::NetCancelStuck { attempt, why }),
                DebtState::Due { .. } | DebtState::Trying { .. } => {
                    let alarm_at = after(debt.owed_since, self.terms.net_cancel_alarm_after_ms);
                    (alarm_at <= now).then_some(Alarm::NetCancelOverdue { attempt })
                }
                DebtState::Done { .. } => None,
            }
        });
        let cancels = (0..).zip(&self.cancels).filter_map(|(cancel, asked)| match &asked.state {
            CancelState::Stuck { why, .. } => Some(Alarm::CancelStuck { cancel, why: *why }),
            CancelState::Unconfirmed(unconfirmed) => {
                (unconfirmed.alarm_at(&self.terms) <= now).then_some(Alarm::CancelOverdue { cancel })
            }
            CancelState::InFlight
            | CancelState::Done { .. }
            | CancelState::Declined { .. }
            | CancelState::Refused { .. } => None,
        });
        debts.chain(cancels).collect()
    }
}
