//! The state of a payment and what can be read from it.

use std::sync::Arc;

use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};

use crate::{
    Approval, Attempt, AttemptState, Cancel, CancelFinding, Closed, CountsAs, DebtState, Decline, Finding,
    Left, NetCancelRequest, Request, ResponseCode, Route, SealedCard, Serial, TerminalAnswer, Terms,
    instant::{after, before},
};

/// One payment: an approval request with its attempts at acquirers and their debts, its cancels, and its withdrawal by the terminal.
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
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) cancels: Vec<Cancel>,
    /// How the terminal withdrew it, where it did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) withdrawn: Option<Arc<NetCancelRequest>>,
    /// All of it counted as cancelled until an acquirer contradicted what a person had found: its terminal may have been told 9031.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) was_cancelled: bool,
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
    /// Refused by the switch, or withdrawn by its terminal before it had an outcome (9013); an attempt may still be in flight.
    Refused {
        /// With this code.
        code: ResponseCode,
    },
}

/// What is known of an approval's way to its terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// The reply was released; from its first byte on the terminal decides.
    Released,
    /// Not one byte of it could be written; unless the terminal repeats its request by then, the net-cancel is owed.
    Undelivered {
        /// When the grace is over.
        owed_from: Timestamp,
    },
    /// The reply was released on a listener that asks for an acknowledgement; unless one comes by then, the net-cancel is owed.
    Unacknowledged {
        /// When the time is over.
        owed_from: Timestamp,
    },
    /// The terminal has it: it said so, or cancelled it.
    Acknowledged,
    /// The terminal never had it, did not acknowledge it or gave it up: its net-cancel is owed.
    Withdrawn,
}

/// Whether the terminal may withdraw a payment (단말 망취소).
pub(crate) enum Withdrawal {
    Possible,
    Already,
    /// A cancel of it is under way.
    BeingCancelled,
    CancelStuck,
    PartlyCancelled,
    Cancelled,
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
            _ if self.cancels.len() > 256 => Err("it has more than 256 cancels"),
            Phase::Trying | Phase::AwaitingNetCancel | Phase::Declined { .. } | Phase::Refused { .. }
                if !self.cancels.is_empty() =>
            {
                Err("it has a cancel and was not approved")
            }
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
        self.due_without(|_| false)
    }

    pub(crate) fn phase_due(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::AwaitingNetCancel => Some(self.latest_next_start()),
            Phase::Approved { delivery, .. } => delivery.owed_from(),
            Phase::Trying | Phase::Declined { .. } | Phase::Refused { .. } => None,
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
            Phase::Approved { delivery, .. } => delivery.owed_from().is_some(),
            Phase::Declined { .. } | Phase::Refused { .. } => false,
        };
        waits || self.is_in_flight() || self.owes() || self.cancels.iter().any(Cancel::is_open)
    }

    /// Whether the answer of an attempt is still to come.
    pub(crate) fn is_in_flight(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.state == AttemptState::InFlight)
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

    /// The cancels asked of it, in order, refused ones among them.
    pub fn cancels(&self) -> &[Cancel] {
        &self.cancels
    }

    /// How the terminal withdrew it, where it did.
    pub fn withdrawn(&self) -> Option<&Arc<NetCancelRequest>> {
        self.withdrawn.as_ref()
    }

    /// Whether its request never came: all there is of it is the net-cancel that withdrew it.
    pub fn is_tombstone(&self) -> bool {
        self.request.is_unseen()
    }

    /// What can still be cancelled: whatever may be cancelled already is not left.
    pub fn left(&self) -> Left {
        let reserved = self.cancels.iter().filter(|cancel| cancel.is_reserved());
        Left::after(&self.request.amounts, reserved.map(Cancel::amounts))
    }

    /// Whether it was approved and all of that is cancelled.
    pub fn is_wholly_cancelled(&self) -> bool {
        let done = self.cancels.iter().filter(|cancel| cancel.is_done());
        Left::after(&self.request.amounts, done.map(Cancel::amounts)).total() == crate::Won::ZERO
    }

    /// Whether its terminal is never told 0000 again: the approval's net-cancel is owed or done, or the request was given up.
    pub fn is_withdrawn(&self) -> bool {
        match &self.phase {
            Phase::Approved { attempt, .. } => self.attempts[usize::from(*attempt)].debt.is_some(),
            Phase::Refused { code } => {
                *code == ResponseCode::NET_CANCELLED
                    || self.attempts.iter().any(|attempt| attempt.debt.is_some())
            }
            Phase::Trying | Phase::AwaitingNetCancel | Phase::Declined { .. } => false,
        }
    }

    /// Whether the terminal may withdraw it.
    pub(crate) fn withdrawal(&self) -> Withdrawal {
        if self.withdrawn.is_some() {
            Withdrawal::Already
        } else if self.is_withdrawn() {
            Withdrawal::Possible
        } else if self.cancels.iter().any(Cancel::is_open) {
            Withdrawal::BeingCancelled
        } else if self.cancels.iter().any(Cancel::is_stuck) {
            Withdrawal::CancelStuck
        } else if self.is_wholly_cancelled() {
            Withdrawal::Cancelled
        } else if self.cancels.iter().any(Cancel::is_done) {
            Withdrawal::PartlyCancelled
        } else {
            Withdrawal::Possible
        }
    }

    /// Where the approval came from.
    pub fn approving_route(&self) -> Option<&Arc<Route>> {
        match &self.phase {
            Phase::Approved { attempt, .. } => Some(&self.attempts[usize::from(*attempt)].route),
            Phase::Trying | Phase::AwaitingNetCancel | Phase::Declined { .. } | Phase::Refused { .. } => None,
        }
    }

    /// Whether a net-cancel or a cancel of it is in the manual queue.
    pub fn needs_person(&self) -> bool {
        self.is_stuck() || self.cancels.iter().any(Cancel::is_stuck)
    }

    /// Whether some net-cancel needs a person.
    pub(crate) fn is_stuck(&self) -> bool {
        let is_stuck = |debt: &crate::Debt| matches!(debt.state, DebtState::Stuck { .. });
        self.attempts.iter().any(|attempt| attempt.debt.as_ref().is_some_and(is_stuck))
    }

    /// Whether some net-cancel ended with a person who found that the approval stands, although its terminal was told otherwise.
    pub(crate) fn stands_withdrawn(&self) -> bool {
        let stands = |debt: &crate::Debt| {
            matches!(debt.state, DebtState::Done { how: Closed::ByPerson(Finding::Stands), .. })
        };
        self.attempts.iter().any(|attempt| attempt.debt.as_ref().is_some_and(stands))
    }

    /// When the acquirer gave the approval of an attempt, as far as one was seen and said so.
    pub(crate) fn approved_at(&self, attempt: u8) -> Option<DateTime> {
        match &self.phase {
            Phase::Approved { attempt: approving, approval, .. } if *approving == attempt => {
                approval.approved_at
            }
            Phase::Trying
            | Phase::AwaitingNetCancel
            | Phase::Approved { .. }
            | Phase::Declined { .. }
            | Phase::Refused { .. } => self.attempts[usize::from(attempt)].approved_at,
        }
    }

    /// Whether the same card and amount again is to be taken for the same purchase: it is in flight, or approved and stands.
    pub fn blocks_duplicates(&self) -> bool {
        match &self.phase {
            Phase::Trying | Phase::AwaitingNetCancel => true,
            Phase::Approved { .. } => !self.is_withdrawn() && !self.is_wholly_cancelled(),
            Phase::Declined { .. } | Phase::Refused { .. } => false,
        }
    }

    /// How it counts in the totals of its terminal's business date; `None` while that is open and where nothing was approved.
    pub fn counts_as(&self) -> Option<CountsAs> {
        if self.withdrawn.is_some() {
            return Some(CountsAs::NetCancel);
        }
        match &self.phase {
            Phase::Approved { .. } if self.is_withdrawn() => Some(CountsAs::NetCancel),
            Phase::Approved { delivery: Delivery::Unacknowledged { .. }, .. } => None,
            Phase::Approved { .. } => Some(CountsAs::Approval),
            Phase::Refused { code } if *code == ResponseCode::ACQUIRER_SILENT => Some(CountsAs::NetCancel),
            Phase::Refused { .. } | Phase::Declined { .. } | Phase::Trying | Phase::AwaitingNetCancel => None,
        }
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
        let may_be_undone = match &self.phase {
            Phase::Approved { attempt, .. } => {
                self.attempts[usize::from(*attempt)].debt.is_none() && !self.is_wholly_cancelled()
            }
            Phase::Trying | Phase::AwaitingNetCancel | Phase::Declined { .. } | Phase::Refused { .. } => {
                false
            }
        };
        let may_be_owed_again = |attempt: &Attempt| match attempt.debt.as_ref().map(|debt| debt.state) {
            None | Some(DebtState::Due { .. } | DebtState::Trying { .. }) => false,
            Some(DebtState::Stuck { .. }) => true,
            Some(DebtState::Done { how, .. }) => how.rests_on_absence(),
        };
        // What a person found done the acquirer may contradict.
        let may_be_tried_again =
            |cancel: &Cancel| cancel.may_be_tried_again() || cancel.found == Some(CancelFinding::Done);
        self.is_open()
            || may_be_undone
            || self.attempts.iter().any(may_be_owed_again)
            || self.cancels.iter().any(may_be_tried_again)
    }

    /// Whether a byte of some attempt may have left without an answer that settles it.
    pub(crate) fn went_unanswered(&self) -> bool {
        self.attempts.iter().any(|attempt| matches!(attempt.state, AttemptState::Unanswered(_)))
    }
}

impl Delivery {
    /// From when on the net-cancel is owed if nothing is heard of the terminal.
    pub(crate) fn owed_from(self) -> Option<Timestamp> {
        match self {
            Self::Undelivered { owed_from } | Self::Unacknowledged { owed_from } => Some(owed_from),
            Self::Released | Self::Acknowledged | Self::Withdrawn => None,
        }
    }
}
