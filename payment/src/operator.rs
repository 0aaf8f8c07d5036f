//! What a person does about a net-cancel or a cancel that does not come to an end by itself.

use serde::{Deserialize, Serialize};

use crate::{Cancel, CancelState, DebtState, Event, NextTry, Payment, StuckCancel};

/// Longest name of an operator, in characters.
const MAX_NAME: usize = 64;
/// Longest reason, in characters.
const MAX_REASON: usize = 200;
/// Digits in a row from which on they may be a card number.
const CARD_DIGITS: usize = 13;

/// Who does something by hand, and why. Both are kept for ever, so neither may hold what looks like a card number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Spelled")]
pub struct Operator {
    name: Box<str>,
    reason: Box<str>,
}

/// Why a text is not the name or the reason of an operator. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: expected {expected}")]
pub struct OperatorError {
    field: &'static str,
    expected: &'static str,
}

impl Operator {
    /// Reads who and why: 1 to 64 characters and 1 to 200, blanks around them cut, none of them a control character, and never 13 digits or
    /// more in a row: they may be a card number. Signs, blanks and a single Latin letter between them do not end a row; a word, a
    /// letter of another script, and a comma with a blank behind it do.
    ///
    /// # Errors
    /// [`OperatorError`] when one of them is not so.
    pub fn new(name: &str, reason: &str) -> Result<Self, OperatorError> {
        let name = text("name", name, MAX_NAME, "1 to 64 characters")?;
        let reason = text("reason", reason, MAX_REASON, "1 to 200 characters")?;
        Ok(Self { name, reason })
    }

    /// Who.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

fn text(
    field: &'static str,
    text: &str,
    longest: usize,
    length: &'static str,
) -> Result<Box<str>, OperatorError> {
    let fail = |expected| Err(OperatorError { field, expected });
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest {
        return fail(length);
    }
    if text.chars().any(char::is_control) {
        return fail("no control characters");
    }
    if may_hold_card_number(text) {
        return fail("fewer than 13 digits between two words or commas, for they may be a card number");
    }
    Ok(text.into())
}

fn may_hold_card_number(text: &str) -> bool {
    let (mut row, mut letters) = (0, 0);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_list = character == ',' && characters.peek().is_some_and(|next| next.is_whitespace());
        if character.is_numeric() {
            (row, letters) = (row + 1, 0);
        } else if character.is_ascii_alphabetic() && letters == 0 {
            letters = 1;
        } else if character.is_alphabetic() || is_list {
            // 년, 월 and 일 stand between the digits of a day.
            row = 0;
        }
        if row >= CARD_DIGITS {
            return true;
        }
    }
    false
}

/// An [`Operator`] as it is written down.
#[derive(Deserialize)]
struct Spelled {
    name: String,
    reason: String,
}

impl TryFrom<Spelled> for Operator {
    type Error = OperatorError;
    fn try_from(spelled: Spelled) -> Result<Self, OperatorError> {
        Self::new(&spelled.name, &spelled.reason)
    }
}

/// What a person found out at the acquirer about the original of a net-cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// The approval is undone there, or was undone by other means (매입취소 among them).
    Undone,
    /// There never was an approval. A late approval proves it wrong, and the net-cancel is owed again.
    NeverApproved,
    /// The approval stands and is to be kept. Its terminal is not told 0000 again all the same: to it the payment stays withdrawn, and an
    /// inquiry is told that a person knows.
    Stands,
}

/// What a person found out at the acquirer about a cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CancelFinding {
    /// It is done.
    Done,
    /// It is not done, and will not be: its amount may be cancelled again.
    NotDone,
}

/// Something a person orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManualOrder {
    /// Who, and why.
    pub by: Operator,
    /// What.
    pub what: ManualStep,
}

/// What a person may order; numbers count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManualStep {
    /// Try the net-cancel of this attempt again, now.
    RetryNetCancel {
        /// Which attempt.
        attempt: u8,
    },
    /// The net-cancel of this attempt is settled.
    ResolveNetCancel {
        /// Which attempt.
        attempt: u8,
        /// How.
        how: Finding,
    },
    /// Try this cancel again, now.
    RetryCancel {
        /// Which cancel.
        cancel: u8,
    },
    /// This cancel is settled.
    ResolveCancel {
        /// Which cancel.
        cancel: u8,
        /// How.
        how: CancelFinding,
    },
}

/// Why an order of a person does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The payment has no such attempt.
    #[error("the payment has no such attempt")]
    NoSuchAttempt,
    /// The payment has no such cancel.
    #[error("the payment has no such cancel")]
    NoSuchCancel,
    /// The attempt owes no net-cancel and never did.
    #[error("the attempt owes no net-cancel")]
    NotOwed,
    /// It is settled already.
    #[error("it is settled already")]
    Settled,
    /// A try is out; its answer comes first.
    #[error("a try is under way")]
    UnderWay,
    /// An approval was seen: it is not true that there never was one.
    #[error("an approval was seen")]
    ApprovalSeen,
    /// The acquirer may do it twice: only what a person finds out there settles it.
    #[error("it cannot be repeated safely")]
    NotRepeatable,
    /// Another cancel of the payment is under way.
    #[error("another cancel of the payment is under way")]
    AnotherUnderWay,
}

impl Payment {
    /// The event an order of a person comes to, if it would change anything.
    ///
    /// # Errors
    /// [`Refusal`] when it would not.
    pub fn operate(&self, order: &ManualOrder) -> Result<Event, Refusal> {
        let by = order.by.clone();
        match order.what {
            ManualStep::RetryNetCancel { attempt } => {
                self.may_retry_net_cancel(attempt)?;
                Ok(Event::NetCancelRetried { attempt, by })
            }
            ManualStep::ResolveNetCancel { attempt, how } => {
                self.may_resolve_net_cancel(attempt, how)?;
                Ok(Event::NetCancelResolved { attempt, how, by })
            }
            ManualStep::RetryCancel { cancel } => {
                self.may_retry_cancel(cancel)?;
                Ok(Event::CancelRetried { cancel, by })
            }
            ManualStep::ResolveCancel { cancel, how } => {
                self.may_resolve_cancel(cancel)?;
                Ok(Event::CancelResolved { cancel, how, by })
            }
        }
    }

    pub(crate) fn may_retry_net_cancel(&self, attempt: u8) -> Result<(), Refusal> {
        match self.debt_of(attempt)?.state() {
            DebtState::Due { .. } | DebtState::Stuck { .. } => Ok(()),
            DebtState::Trying { .. } => Err(Refusal::UnderWay),
            DebtState::Done { .. } => Err(Refusal::Settled),
        }
    }

    pub(crate) fn may_resolve_net_cancel(&self, attempt: u8, how: Finding) -> Result<(), Refusal> {
        let debt = self.debt_of(attempt)?;
        match debt.state() {
            // What was seen with our own eyes is undone, or stands.
            _ if how == Finding::NeverApproved && debt.approval_no().is_some() => Err(Refusal::ApprovalSeen),
            DebtState::Due { .. } | DebtState::Stuck { .. } | DebtState::Trying { .. } => Ok(()),
            DebtState::Done { .. } => Err(Refusal::Settled),
        }
    }

    fn debt_of(&self, attempt: u8) -> Result<&crate::Debt, Refusal> {
        let attempt = self.attempts.get(usize::from(attempt)).ok_or(Refusal::NoSuchAttempt)?;
        attempt.debt().ok_or(Refusal::NotOwed)
    }

    pub(crate) fn may_retry_cancel(&self, cancel: u8) -> Result<(), Refusal> {
        let cancel = self.cancels.get(usize::from(cancel)).ok_or(Refusal::NoSuchCancel)?;
        match cancel.state() {
            CancelState::InFlight => Err(Refusal::UnderWay),
            CancelState::Unconfirmed(unconfirmed) => match unconfirmed.next() {
                NextTry::Due { .. } => Ok(()),
                NextTry::Trying { .. } => Err(Refusal::UnderWay),
            },
            CancelState::Stuck { why: StuckCancel::GivenUp, .. } => {
                if self.cancels.iter().any(Cancel::is_open) {
                    return Err(Refusal::AnotherUnderWay);
                }
                Ok(())
            }
            CancelState::Stuck { why: StuckCancel::NotRepeatable | StuckCancel::Contradicted, .. } => {
                Err(Refusal::NotRepeatable)
            }
            CancelState::Done { .. } | CancelState::Declined { .. } | CancelState::Refused { .. } => {
                Err(Refusal::Settled)
            }
        }
    }

    pub(crate) fn may_resolve_cancel(&self, cancel: u8) -> Result<(), Refusal> {
        let cancel = self.cancels.get(usize::from(cancel)).ok_or(Refusal::NoSuchCancel)?;
        match cancel.state() {
            CancelState::InFlight => Err(Refusal::UnderWay),
            // What the acquirer is about to say outweighs what a person found before.
            CancelState::Unconfirmed(unconfirmed) => match unconfirmed.next() {
                NextTry::Trying { .. } => Err(Refusal::UnderWay),
                NextTry::Due { .. } => Ok(()),
            },
            CancelState::Stuck { .. } => Ok(()),
            CancelState::Done { .. } | CancelState::Declined { .. } | CancelState::Refused { .. } => {
                Err(Refusal::Settled)
            }
        }
    }
}
