//! The tries that are made until they are settled: of net-cancels, and of cancels that are unconfirmed. Whoever sends them may let one wait.

use jiff::Timestamp;

use crate::{
    AcquirerName, CancelOrder, CancelState, DebtState, NetCancelOrder, NextTry, Payment, instant::after,
};

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Undo {
    /// The net-cancel of an attempt.
    NetCancel {
        /// Of which attempt, from 0.
        attempt: u8,
    },
    /// A cancel whose first try settled nothing.
    Cancel {
        /// Which cancel of the payment, from 0.
        cancel: u8,
    },
}

impl Payment {
    /// When it next needs an [`crate::Event::Due`] as long as the tries for which `is_held` says so are not to be made: alarms, budgets of age
    /// and deadlines do not wait for them.
    pub fn due_without(&self, is_held: impl Fn(Undo) -> bool) -> Option<Timestamp> {
        let debts = (0..).zip(&self.attempts).filter_map(|(attempt, made)| {
            made.debt.as_ref()?.due(&self.terms, || is_held(Undo::NetCancel { attempt }))
        });
        let cancels = (0..)
            .zip(&self.cancels)
            .filter_map(|(cancel, asked)| asked.due(&self.terms, || is_held(Undo::Cancel { cancel })));
        debts.chain(cancels).chain(self.phase_due()).min()
    }

    /// The tries an [`crate::Event::Due`] would make now, with the acquirers they go to.
    pub fn undos_due(&self, now: Timestamp) -> Vec<(Undo, AcquirerName)> {
        let debts = (0..).zip(&self.attempts).filter_map(|(attempt, made)| {
            let debt = made.debt.as_ref()?;
            let is_due = matches!(debt.state, DebtState::Due { at } if at <= now);
            let is_due = is_due && now < debt.give_up_at(&self.terms);
            is_due.then(|| (Undo::NetCancel { attempt }, made.route.acquirer.clone()))
        });
        let cancels = (0..).zip(&self.cancels).filter_map(|(cancel, asked)| {
            let CancelState::Unconfirmed(unconfirmed) = &asked.state else { return None };
            let is_due = matches!(unconfirmed.next, NextTry::Due { at } if at <= now);
            let is_due = is_due && now < unconfirmed.give_up_at(&self.terms);
            let route = self.approving_route().filter(|_| is_due)?;
            Some((Undo::Cancel { cancel }, route.acquirer.clone()))
        });
        debts.chain(cancels).collect()
    }

    /// Whether a try of it is out, as far as the payment knows.
    pub fn is_trying(&self, undo: Undo) -> bool {
        match undo {
            Undo::NetCancel { attempt } => {
                let debt = self.attempts.get(usize::from(attempt)).and_then(|made| made.debt.as_ref());
                debt.is_some_and(|debt| matches!(debt.state, DebtState::Trying { .. }))
            }
            Undo::Cancel { cancel } => {
                match self.cancels.get(usize::from(cancel)).map(|asked| &asked.state) {
                    Some(CancelState::Unconfirmed(unconfirmed)) => {
                        matches!(unconfirmed.next, NextTry::Trying { .. })
                    }
                    Some(
                        CancelState::InFlight
                        | CancelState::Done { .. }
                        | CancelState::Declined { .. }
                        | CancelState::Refused { .. }
                        | CancelState::Stuck { .. },
                    )
                    | None => false,
                }
            }
        }
    }

    /// When it is given to the manual queue, if nothing settles it before. A try that was made although that time was over has its turn first.
    pub fn gives_up_at(&self, undo: Undo) -> Option<Timestamp> {
        match undo {
            Undo::NetCancel { attempt } => {
                let debt = self.attempts.get(usize::from(attempt))?.debt.as_ref()?;
                let give_up_at = debt.give_up_at(&self.terms);
                match debt.state {
                    DebtState::Due { .. } => Some(give_up_at),
                    DebtState::Trying { since } => (since < give_up_at).then_some(give_up_at),
                    DebtState::Done { .. } | DebtState::Stuck { .. } => None,
                }
            }
            Undo::Cancel { cancel } => match &self.cancels.get(usize::from(cancel))?.state {
                CancelState::Unconfirmed(unconfirmed) => {
                    let give_up_at = unconfirmed.give_up_at(&self.terms);
                    match unconfirmed.next {
                        NextTry::Due { .. } => Some(give_up_at),
                        NextTry::Trying { since } => (since < give_up_at).then_some(give_up_at),
                    }
                }
                CancelState::InFlight
                | CancelState::Done { .. }
                | CancelState::Declined { .. }
                | CancelState::Refused { .. }
                | CancelState::Stuck { .. } => None,
            },
        }
    }
}

impl NetCancelOrder {
    /// The order that is released only now: given up as long after this instant as it was to be after its own.
    #[must_use]
    pub fn released_at(self, now: Timestamp) -> Self {
        Self { deadline: after(now, self.route.answer_timeout_ms), ..self }
    }

    /// With what `payment` has learnt of the approval since.
    #[must_use]
    pub fn knowing(self, payment: &Payment) -> Self {
        let attempt = usize::from(self.attempt);
        let debt = payment.attempts.get(attempt).and_then(|made| made.debt.as_ref());
        let approval_no = debt.and_then(|debt| debt.approval_no.clone()).filter(|number| !number.is_empty());
        match approval_no {
            Some(number) => {
                let approved_at = payment.approved_at(self.attempt);
                Self { approval_no: Some(number), approved_at, ..self }
            }
            None => self,
        }
    }
}

impl CancelOrder {
    /// The order that is released only now: given up as long after this instant as it was to be after its own.
    #[must_use]
    pub fn released_at(self, now: Timestamp) -> Self {
        Self { deadline: after(now, self.route.answer_timeout_ms), ..self }
    }
}
