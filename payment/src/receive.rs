//! What a payment has to say to a telegram of its terminal.

use std::sync::Arc;

use crate::{
    Acknowledgement, AmountError, Amounts, Approval, Cancel, CancelRequest, CancelState, Delivery, Event,
    NetCancelRequest, PartialCancel, Payment, PaymentState, Phase, Question, Request, ResponseCode, Standing,
    TerminalAnswer, Won, state::Withdrawal,
};

/// Cancels kept with one payment; one that could be sent beyond it gets 9099.
const MAX_CANCELS: usize = 250;
/// Refused ones among them; further refusals are told and not remembered.
const MAX_REFUSALS: usize = 50;

/// What a telegram of the terminal meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reception {
    /// This answer; the payment stays as it is.
    Answer(TerminalAnswer),
    /// This answer, which leaves no trace in the payment.
    Refuse {
        /// The answer.
        answer: TerminalAnswer,
        /// Why, for the journal.
        why: &'static str,
    },
    /// It waits for what is under way.
    Wait,
    /// The payment takes this step; after it the telegram is to be received again.
    Step(Event),
    /// The payment takes [`Event::CancelAsked`] under a new serial, and with it the telegram's key; after it the telegram is to be received
    /// again.
    Cancel,
}

impl Reception {
    fn refuse(code: ResponseCode, why: &'static str) -> Self {
        Self::Refuse { answer: TerminalAnswer::Refused(code), why }
    }
}

/// Why a cancel is not sent.
pub(crate) enum CancelRefusal {
    /// It may be asked again.
    Untraced(Reception),
    /// A repeat of it gets the same code, whatever comes to be possible later: the terminal has taken it for refused.
    Recorded(ResponseCode),
}

impl Payment {
    /// What a telegram that speaks of this payment meets.
    pub fn receive(&self, question: &Question) -> Reception {
        match question {
            Question::Approval(request) => self.receive_approval(request),
            Question::Cancel(request) => self.receive_cancel(request),
            Question::NetCancel(request) => self.receive_net_cancel(request),
            Question::Acknowledgement(request) => self.receive_acknowledgement(request),
            Question::Inquiry(_) => self.receive_inquiry(),
        }
    }

    /// A repeat gets the recorded answer, but never again 0000 once a net-cancel is owed or done or all is cancelled.
    fn receive_approval(&self, request: &Request) -> Reception {
        if self.is_tombstone() {
            return Reception::refuse(ResponseCode::NET_CANCELLED, "it was withdrawn before it came");
        }
        if request.digest != self.request.digest {
            return Reception::refuse(ResponseCode::OTHER_CONTENT, "the key was used with other content");
        }
        if self.is_withdrawn() {
            return Reception::refuse(ResponseCode::NET_CANCELLED, "it is net-cancelled");
        }
        if self.is_wholly_cancelled() || self.was_cancelled {
            return Reception::refuse(ResponseCode::ALREADY_CANCELLED, "it is wholly cancelled");
        }
        if let Phase::Approved { delivery: Delivery::Undelivered { .. }, .. } = self.phase {
            return Reception::Step(Event::Repeated);
        }
        self.answer().map_or(Reception::Wait, Reception::Answer)
    }

    fn receive_cancel(&self, request: &CancelRequest) -> Reception {
        if let Some(cancel) = self.cancels.iter().find(|cancel| cancel.request.key == request.key) {
            if cancel.request.digest != request.digest {
                return Reception::refuse(ResponseCode::OTHER_CONTENT, "the key was used with other content");
            }
            let Phase::Approved { attempt, approval, .. } = &self.phase else { return Reception::Wait };
            let route = &self.attempts[usize::from(*attempt)].route.acquirer;
            return cancel.answer(&self.request, approval, route).map_or(Reception::Wait, Reception::Answer);
        }
        match self.judge_cancel(request) {
            Ok(_) | Err(CancelRefusal::Recorded(_)) => Reception::Cancel,
            Err(CancelRefusal::Untraced(reception)) => reception,
        }
    }

    /// How much a cancel takes, component by component, or why it is refused.
    pub(crate) fn judge_cancel(&self, request: &CancelRequest) -> Result<Amounts, CancelRefusal> {
        use CancelRefusal::{Recorded, Untraced};
        let untraced = |code, why| Err(Untraced(Reception::refuse(code, why)));
        let is_refused = |cancel: &&Cancel| matches!(cancel.state, CancelState::Refused { .. });
        let refusals = self.cancels.iter().filter(is_refused).count();
        let recorded = |code| {
            if refusals < MAX_REFUSALS && self.cancels.len() < MAX_CANCELS {
                Recorded(code)
            } else {
                Untraced(Reception::refuse(code, "the cancel is refused, as many before it"))
            }
        };
        if self.is_withdrawn() {
            return untraced(ResponseCode::NET_CANCELLED, "the original is net-cancelled");
        }
        let (approval, delivery) = match &self.phase {
            Phase::Trying | Phase::AwaitingNetCancel => {
                return untraced(ResponseCode::IN_PROGRESS, "the original is in progress");
            }
            Phase::Declined { .. } | Phase::Refused { .. } => {
                return untraced(ResponseCode::NO_ORIGINAL, "the original was not approved");
            }
            Phase::Approved { approval, delivery, .. } => (approval, *delivery),
        };
        if let Delivery::Unacknowledged { .. } = delivery {
            return untraced(ResponseCode::IN_PROGRESS, "the original is not acknowledged yet");
        }
        if !names(request.approval_no.as_ref(), approval) {
            return untraced(ResponseCode::NO_ORIGINAL, "the original has another approval number");
        }
        if request.merchant != self.request.merchant {
            return untraced(ResponseCode::NO_ORIGINAL, "the original is another merchant's");
        }
        if request.card.is_some() && request.card != self.request.card.fingerprint() {
            return untraced(ResponseCode::NO_ORIGINAL, "the original is another card's");
        }
        // Before anything that is recorded: a record of a cancel of nothing could not be read.
        if request.amounts.total == Won::ZERO {
            return Err(Untraced(malformed("취소금액", AmountError::Zero)));
        }
        if self.is_wholly_cancelled() {
            return Err(recorded(ResponseCode::ALREADY_CANCELLED));
        }
        if self.cancels.iter().any(Cancel::is_open) {
            return Err(recorded(ResponseCode::BEING_CANCELLED));
        }
        let amounts = self.left().take(&request.amounts).map_err(|error| match error {
            AmountError::ExceedsRest => recorded(ResponseCode::EXCEEDS_REST),
            AmountError::Zero | AmountError::TooLarge => Untraced(malformed("취소금액", error)),
            AmountError::ComponentsExceedTotal | AmountError::ComponentsExceedRest => {
                Untraced(malformed("부가세", error))
            }
        })?;
        let is_partial = amounts.total() != self.request.amounts.total();
        let partial = self.approving_route().map_or(PartialCancel::No, |route| route.partial_cancel);
        if is_partial && partial == PartialCancel::No {
            return Err(recorded(ResponseCode::NO_PARTIAL_CANCEL));
        }
        if self.cancels.len() >= MAX_CANCELS {
            return untraced(ResponseCode::INTERNAL, "the payment has too many cancels");
        }
        Ok(amounts)
    }

    fn receive_net_cancel(&self, request: &Arc<NetCancelRequest>) -> Reception {
        if request.total != self.request.amounts.total() {
            return Reception::refuse(ResponseCode::OTHER_CONTENT, "the original has another amount");
        }
        if let Phase::Approved { approval, .. } = &self.phase
            && !names(request.approval_no.as_ref(), approval)
        {
            return Reception::refuse(ResponseCode::NO_ORIGINAL, "the original has another approval number");
        }
        match self.withdrawal() {
            Withdrawal::Already => Reception::Answer(TerminalAnswer::Done),
            Withdrawal::Possible => Reception::Step(Event::NetCancelAsked { request: request.clone() }),
            Withdrawal::BeingCancelled => Reception::Wait,
            Withdrawal::CancelStuck => {
                Reception::refuse(ResponseCode::BEING_CANCELLED, "a cancel of the original needs a person")
            }
            Withdrawal::PartlyCancelled => {
                Reception::refuse(ResponseCode::EXCEEDS_REST, "the original is partly cancelled")
            }
            Withdrawal::Cancelled => {
                Reception::refuse(ResponseCode::ALREADY_CANCELLED, "the original is cancelled")
            }
        }
    }

    fn receive_acknowledgement(&self, request: &Acknowledgement) -> Reception {
        if self.is_withdrawn() {
            return Reception::refuse(ResponseCode::NET_CANCELLED, "the original is net-cancelled");
        }
        match &self.phase {
            Phase::Trying | Phase::AwaitingNetCancel => {
                Reception::refuse(ResponseCode::IN_PROGRESS, "the original is in progress")
            }
            Phase::Declined { .. } | Phase::Refused { .. } => {
                Reception::refuse(ResponseCode::NO_ORIGINAL, "the original was not approved")
            }
            Phase::Approved { approval, .. } if !names(request.approval_no.as_ref(), approval) => {
                Reception::refuse(ResponseCode::NO_ORIGINAL, "the original has another approval number")
            }
            Phase::Approved { delivery: Delivery::Acknowledged, .. } => {
                Reception::Answer(TerminalAnswer::Done)
            }
            Phase::Approved { .. } => Reception::Step(Event::Acknowledged),
        }
    }

    /// A terminal that is told of an approval has it: the reply counts as released again.
    fn receive_inquiry(&self) -> Reception {
        match &self.phase {
            Phase::Approved { delivery: Delivery::Undelivered { .. }, .. } => {
                Reception::Step(Event::Repeated)
            }
            Phase::Approved { .. }
            | Phase::Trying
            | Phase::AwaitingNetCancel
            | Phase::Declined { .. }
            | Phase::Refused { .. } => Reception::Answer(TerminalAnswer::Standing(self.standing())),
        }
    }

    /// Where it stands, as an inquiry is told.
    pub fn standing(&self) -> Standing {
        let state = self.payment_state();
        let answer = (state != PaymentState::InProgress).then(|| self.answer()).flatten();
        Standing {
            state,
            original: (!self.is_tombstone()).then(|| self.request.clone()),
            answer: answer.map(Box::new),
        }
    }

    fn payment_state(&self) -> PaymentState {
        let owes = self.owes() || self.is_in_flight();
        match &self.phase {
            Phase::Trying | Phase::AwaitingNetCancel => PaymentState::InProgress,
            Phase::Approved { .. } if !self.is_withdrawn() => self.approved_state(),
            Phase::Approved { .. } | Phase::Refused { .. } | Phase::Declined { .. }
                if self.is_stuck() || self.stands_withdrawn() =>
            {
                PaymentState::NeedsPerson
            }
            Phase::Approved { .. } | Phase::Refused { .. } | Phase::Declined { .. } if owes => {
                PaymentState::NetCancelUnderWay
            }
            Phase::Approved { .. } | Phase::Refused { .. } if self.is_withdrawn() => {
                PaymentState::NetCancelled
            }
            Phase::Approved { .. } | Phase::Refused { .. } | Phase::Declined { .. } => PaymentState::Declined,
        }
    }

    fn approved_state(&self) -> PaymentState {
        if let Phase::Approved { delivery: Delivery::Unacknowledged { .. }, .. } = self.phase {
            return PaymentState::InProgress;
        }
        if self.cancels.iter().any(Cancel::is_open) {
            PaymentState::InProgress
        } else if self.cancels.iter().any(Cancel::is_stuck) {
            PaymentState::NeedsPerson
        } else if self.is_wholly_cancelled() {
            PaymentState::Cancelled
        } else if self.cancels.iter().any(Cancel::is_done) {
            PaymentState::PartlyCancelled
        } else {
            PaymentState::Approved
        }
    }
}

/// Whether the terminal means this approval: it names the number it was told, or none.
fn names(approval_no: Option<&String>, approval: &Approval) -> bool {
    approval_no.is_none_or(|number| *number == approval.approval_no)
}

fn malformed(field: &'static str, error: AmountError) -> Reception {
    let why = match error {
        AmountError::Zero => "cancel_amount: expected more than zero",
        AmountError::TooLarge => "cancel_amount: expected at most 12 digits",
        AmountError::ExceedsRest => "cancel_amount: expected at most what is left",
        AmountError::ComponentsExceedTotal => "vat, service_charge, tax_free: expected at most cancel_amount",
        AmountError::ComponentsExceedRest => {
            "vat, service_charge, tax_free: expected at most what is left of each, and no more left of them than of the total"
        }
    };
    Reception::Refuse { answer: TerminalAnswer::FormatError { field }, why }
}
