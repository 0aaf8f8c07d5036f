//! The state of a payment and what can be read from it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Approval, Attempt, AttemptState, Closed, DebtState, Decline, Request, ResponseCode, Route, SealedCard,
    Serial, TerminalAnswer, Terms,
    instant::{after, before},
};

/// One payment: an approval request with its attempts at acquirers and their debts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub(crate) request: Arc<Request>,
    pub(crate) terms: Terms,
    /// The sealed card stands in a column of its own, so that it can be dropped.
    #[serde(skip)]
    pub(crate) card: Option<SealedCard>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) untried: Vec<Arc<Route>>,
    pub(crate) phase: Phase,
}

/// The one outcome of a payment, or the way to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The last attempt is in flight.
    Trying,
    /// The last attempt went unanswered; its net-cancel must be accepted before another acquirer is tried.
    AwaitingNetCancel,
    /// 승인.
    Approved {
        /// By which attempt.
        attempt: u8,
        /// What the acquirer said.
        approval: Arc<Approval>,
        /// What is known of the reply's way to the terminal.
        delivery: Delivery,
    },
    /// 거절.
    Declined {
        /// By which attempt.
        attempt: u8,
        /// What the acquirer said.
        decline: Arc<Decline>,
    },
    /// Refused by the switch.
    Refused {
        /// With this code.
        code: ResponseCode,
    },
}

/// What is known of an approval's way to its terminal, on a listener without acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// The reply was released; from its first byte on the terminal decides.
    Released,
    /// Not one byte of it could be written; unless the terminal repeats its request by then, the net-cancel is owed.
    Undelivered {
        /// When the grace is over.
        owed_from: Timestamp,
    },
    /// The grace is over: the terminal never had it and its net-cancel is owed.
    Withdrawn,
}

/// What a repeat of the request gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepeatAnswer {
    /// It waits for the same answer.
    Wait,
    /// The reply of an approval that counts as undelivered: [`crate::Event::Repeated`] releases it again.
    Redeliver,
    /// This answer.
    Answer(TerminalAnswer),
}

impl Payment {
    /// What the terminal asked.
    pub fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// The rules it lives by.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The attempts made, in order.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Its outcome, or the way to it.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The sealed card, as long as a telegram may need it.
    pub fn card(&self) -> Option<&SealedCard> {
        self.card.as_ref()
    }

    /// Checks what a record read from a store must fulfil beyond its form.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self) -> Result<(), &'static str> {
        let has = |attempt: &u8| usize::from(*attempt) < self.attempts.len();
        match &self.phase {
            Phase::Trying if self.attempts.is_empty() => Err("it tries without an attempt"),
            Phase::AwaitingNetCancel if self.attempts.last().is_none_or(|last| last.debt.is_none()) => {
                Err("it awaits a net-cancel that is not owed")
            }
            Phase::Approved { attempt, .. } | Phase::Declined { attempt, .. } if !has(attempt) => {
                Err("its outcome is of an attempt that was never made")
            }
            _ if self.attempts.len() + self.untried.len() > 256 => Err("it has more than 256 attempts"),
            Phase::Trying
            | Phase::AwaitingNetCancel
            | Phase::Approved { .. }
            | Phase::Declined { .. }
            | Phase::Refused { .. } => Ok(()),
        }
    }

    /// Puts the sealed card back after the state was read from a store.
    #[must_use]
    pub fn with_card(mut self, card: Option<SealedCard>) -> Self {
        self.card = card;
        self
    }

    /// When the terminal stops waiting.
    pub fn answer_by(&self) -> Timestamp {
        after(self.request.received_at, self.terms.terminal_deadline_ms)
    }

    /// When it next needs an [`crate::Event::Due`].
    pub fn due(&self) -> Option<Timestamp> {
        let debts = self.attempts.iter().filter_map(|attempt| attempt.debt.as_ref()?.due(&self.terms));
        debts.chain(self.phase_due()).min()
    }

    fn phase_due(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::AwaitingNetCancel => Some(self.latest_next_start()),
            Phase::Approved { delivery: Delivery::Undelivered { owed_from }, .. } => Some(*owed_from),
            Phase::Approved { delivery: Delivery::Released | Delivery::Withdrawn, .. }
            | Phase::Trying
            | Phase::Declined { .. }
            | Phase::Refused { .. } => None,
        }
    }

    /// The last instant at which some route could still answer within the terminal's time.
    pub(crate) fn latest_next_start(&self) -> Timestamp {
        let fastest = self.untried.iter().map(|route| route.answer_timeout_ms).min();
        self.latest_start(fastest.unwrap_or(0))
    }

    /// The last instant at which a route that answers within `answer_timeout_ms` could do so within the terminal's time.
    pub(crate) fn latest_start(&self, answer_timeout_ms: u64) -> Timestamp {
        before(self.answer_by(), answer_timeout_ms)
    }

    /// Whether anything is still in flight, owed or waited for: such payments are recovered after a restart.
    pub fn is_open(&self) -> bool {
        let waits = match &self.phase {
            Phase::Trying | Phase::AwaitingNetCancel => true,
            Phase::Approved { delivery, .. } => matches!(delivery, Delivery::Undelivered { .. }),
            Phase::Declined { .. } | Phase::Refused { .. } => false,
        };
        waits || self.owes()
    }

    /// Whether a net-cancel is owed.
    pub fn owes(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.debt.as_ref().is_some_and(crate::Debt::is_owed))
    }

    /// The recorded answer of a payment that has an outcome.
    pub fn answer(&self) -> Option<TerminalAnswer> {
        match &self.phase {
            Phase::Trying | Phase::AwaitingNetCancel => None,
            Phase::Approved { attempt, approval, .. } => {
                Some(TerminalAnswer::Approved { approval: approval.clone(), route: self.acquirer(*attempt) })
            }
            Phase::Declined { attempt, decline } => {
                Some(TerminalAnswer::Declined { decline: decline.clone(), route: self.acquirer(*attempt) })
            }
            Phase::Refused { code } => Some(TerminalAnswer::Refused(*code)),
        }
    }

    fn acquirer(&self, attempt: u8) -> crate::AcquirerName {
        self.attempts[usize::from(attempt)].route.acquirer.clone()
    }

    /// What a repeat of the request gets: the recorded answer, but never again 0000 once a net-cancel is owed or done.
    pub fn repeat_answer(&self) -> RepeatAnswer {
        let net_cancelled = match &self.phase {
            Phase::Approved { attempt, .. } => self.attempts[usize::from(*attempt)].debt.is_some(),
            Phase::Refused { .. } => self.attempts.iter().any(|attempt| attempt.debt.is_some()),
            Phase::Trying | Phase::AwaitingNetCancel | Phase::Declined { .. } => false,
        };
        if net_cancelled {
            return RepeatAnswer::Answer(TerminalAnswer::Refused(ResponseCode::NET_CANCELLED));
        }
        if let Phase::Approved { delivery: Delivery::Undelivered { .. }, .. } = self.phase {
            return RepeatAnswer::Redeliver;
        }
        self.answer().map_or(RepeatAnswer::Wait, RepeatAnswer::Answer)
    }

    /// First and last of the serials its attempts and their net-cancels have or would have; `None` without a route.
    pub fn serials(&self) -> Option<(Serial, Serial)> {
        let routes = || self.attempts.iter().map(|attempt| &attempt.route).chain(&self.untried);
        let first = routes().map(|route| route.serial).min()?;
        let last = routes().map(|route| route.serial.of_net_cancel()).max()?;
        Some((first, last))
    }

    /// Whether some telegram of this payment may still have to carry the card.
    pub(crate) fn may_need_card(&self) -> bool {
        let open_outcome = match &self.phase {
            Phase::Trying | Phase::AwaitingNetCancel => true,
            Phase::Approved { attempt, .. } => self.attempts[usize::from(*attempt)].debt.is_none(),
            Phase::Declined { .. } | Phase::Refused { .. } => false,
        };
        let open_debt = |attempt: &Attempt| match attempt.debt.as_ref().map(|debt| debt.state) {
            None => false,
            Some(DebtState::Due { .. } | DebtState::Trying { .. } | DebtState::Stuck { .. }) => true,
            Some(DebtState::Done { how, .. }) => how == Closed::NoSuchOriginal,
        };
        open_outcome || self.attempts.iter().any(open_debt)
    }

    /// Whether a byte of some attempt may have left without an answer that settles it.
    pub(crate) fn went_unanswered(&self) -> bool {
        self.attempts.iter().any(|attempt| matches!(attempt.state, AttemptState::Unanswered(_)))
    }
}
