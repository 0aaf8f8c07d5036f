//! How a life ends: whoever holds an approval has one, and nobody else pays.

use std::collections::BTreeMap;

use payment::{Cause, DebtState, Delivery, Phase};

use super::World;
use crate::{describe, fixture::H};

/// How often each end was reached.
pub(super) struct Ends(pub(super) BTreeMap<&'static str, u64>);

impl Default for Ends {
    fn default() -> Self {
        let ends = [
            "delivered",
            "undelivered",
            "unacknowledged",
            "declined",
            "refused",
            "undone",
            "absent",
            "stuck",
            "by the second",
            "cancelled",
            "partly cancelled",
            "cancel stuck",
            "cancel declined",
            "given up",
        ];
        Self(ends.into_iter().map(|end| (end, 0)).collect())
    }
}

impl Ends {
    pub(super) fn note(&mut self, end: &'static str) {
        *self.0.get_mut(end).expect("the end is listed") += 1;
    }
}

impl World<'_> {
    pub(super) fn check(&mut self, seed: u64) {
        let told =
            format!("seed {seed}, terminal {:?}: {}", self.terminal.read, describe::payment(&self.payment));
        let holds_approval =
            self.terminal.holds_approval(self.payment.terms().acknowledged_within_ms.is_some());
        assert!(!self.payment.is_open(), "left open: {told}");
        assert!(self.now < 4 * H, "took {} ms: {told}", self.now);
        let (mut standing, mut delivered) = (0, None);
        match self.payment.phase() {
            Phase::Approved { attempt, delivery, .. } => {
                if *delivery == Delivery::Withdrawn {
                    assert!(!holds_approval, "undone behind the terminal: {told}");
                    match self.payment.attempts()[usize::from(*attempt)].debt().map(payment::Debt::cause) {
                        Some(Cause::Undelivered) => self.ends.note("undelivered"),
                        Some(Cause::Unacknowledged) => self.ends.note("unacknowledged"),
                        Some(Cause::Terminal) => {}
                        cause => panic!("withdrawn for {cause:?}: {told}"),
                    }
                } else {
                    delivered = Some(*attempt);
                    self.ends.note(if *attempt == 0 { "delivered" } else { "by the second" });
                }
            }
            Phase::Declined { .. } => self.ends.note("declined"),
            Phase::Refused { .. } => self.ends.note("refused"),
            Phase::Trying | Phase::AwaitingNetCancel => unreachable!("an open payment"),
        }
        for (number, (attempt, truth)) in (0..).zip(self.payment.attempts().iter().zip(&self.acquirers)) {
            let debt = attempt.debt().map(payment::Debt::state);
            let is_stuck = matches!(debt, Some(DebtState::Stuck { .. }));
            if truth.stands() {
                assert!(is_stuck || delivered == Some(number), "an approval of #{number} is lost: {told}");
                standing += u8::from(!is_stuck);
            } else {
                assert!(delivered != Some(number), "approved by #{number}, which did not: {told}");
            }
            match debt {
                Some(DebtState::Stuck { .. }) => self.ends.note("stuck"),
                Some(DebtState::Done { .. }) if truth.was_undone() => self.ends.note("undone"),
                Some(DebtState::Done { .. }) => self.ends.note("absent"),
                Some(DebtState::Due { .. } | DebtState::Trying { .. }) | None => {}
            }
        }
        assert!(standing <= 1, "paid {standing} times: {told}");
        if holds_approval {
            assert!(delivered.is_some(), "the terminal holds an approval that is none: {told}");
        }
        if self.terminal.withdrew {
            assert!(
                delivered.is_none() && self.payment.withdrawn().is_some(),
                "withdrawn and stands: {told}"
            );
        }
        self.check_cancels(&told);
    }
}
