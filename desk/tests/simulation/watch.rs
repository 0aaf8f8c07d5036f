//! What can be seen wrong while it happens: an output whose reason is not durable, an answer to the wrong terminal.

use std::sync::Arc;

use desk::Asker;
use payment::{
    AttemptState, Cancel, CancelOrder, Closed, Debt, DebtState, Delivery, Failover, NetCancelOrder,
    PartialCancel, Payment, PaymentId, PaymentState, Phase, Question, Request, RequestOrder, ResponseCode,
    TerminalAnswer,
};
use store::{Lookup, Stored};

use crate::{checker::Invariant, world::World};

impl World {
    /// Nothing is sent before its intent is durable.
    pub(crate) fn check_send(&mut self, id: PaymentId, order: &RequestOrder) {
        let stored = self.storage.read(Lookup::Id(id));
        let is_intended = stored.is_some_and(|stored| {
            let attempt = stored.payment().attempts().get(usize::from(order.attempt));
            attempt.is_some_and(|attempt| {
                *attempt.route() == order.route && *attempt.state() == AttemptState::InFlight
            })
        });
        if !is_intended {
            let what = format!("{id} sends serial {} without an intent", order.route.serial);
            self.violated(Invariant::DurableFirst, what);
        }
        self.check_failover(id, order);
    }

    /// After an attempt that went unanswered another acquirer is tried only once its net-cancel is accepted, where that is the rule.
    fn check_failover(&mut self, id: PaymentId, order: &RequestOrder) {
        let Some(stored) = self.storage.read(Lookup::Id(id)) else { return };
        let payment = stored.payment();
        let before = &payment.attempts()[..usize::from(order.attempt).min(payment.attempts().len())];
        let is_undone = |attempt: &payment::Attempt| {
            let undone = |debt: &Debt| {
                matches!(
                    debt.state(),
                    DebtState::Done { how: Closed::Accepted | Closed::AlreadyCancelled, .. }
                )
            };
            let unanswered = matches!(attempt.state(), AttemptState::Unanswered(_));
            !unanswered || attempt.debt().is_some_and(undone)
        };
        let rule = self.settings.terms.failover;
        if rule != Failover::AtOnce && !before.iter().all(is_undone) {
            let what = format!("attempt {} of {id} is sent before the net-cancels", order.attempt);
            self.violated(Invariant::FailoverAfterTheNetCancel, what);
        }
    }

    /// A net-cancel is durable before each try, and names what was sent.
    pub(crate) fn check_net_cancel(&mut self, id: PaymentId, order: &NetCancelOrder) {
        let stored = self.storage.read(Lookup::Id(id));
        let is_owed = stored.is_some_and(|stored| {
            let attempt = stored.payment().attempts().get(usize::from(order.attempt));
            *stored.payment().request() == order.request
                && attempt.is_some_and(|attempt| {
                    let trying = |debt: &Debt| matches!(debt.state(), DebtState::Trying { .. });
                    *attempt.route() == order.route && attempt.debt().is_some_and(trying)
                })
        });
        if !is_owed {
            let what = format!("{id} sends a net-cancel of {} it does not owe", order.route.serial);
            self.violated(Invariant::I7NetCancelsKeepTheirIdentity, what);
        }
    }

    /// A cancel is durable before each try and goes where the approval came from; there is one at a time, and every try has one serial.
    pub(crate) fn check_cancel(&mut self, id: PaymentId, order: &CancelOrder) {
        let stored = self.storage.read(Lookup::Id(id));
        let is_intended = stored.is_some_and(|stored| {
            let payment = stored.payment();
            let cancel = payment.cancels().get(usize::from(order.cancel));
            let others_open = payment.cancels().iter().filter(|cancel| cancel.is_open()).count() > 1;
            cancel.is_some_and(|cancel| {
                cancel.is_open()
                    && *cancel.request() == order.asked
                    && (cancel.serial(), *cancel.amounts()) == (order.serial, order.amounts)
                    && payment.approving_route() == Some(&order.route)
                    && !others_open
            })
        });
        if !is_intended {
            let what = format!("{id} sends cancel {} without an intent", order.serial);
            self.violated(Invariant::DurableFirst, what);
        }
        let first_try = self.cancels_sent.insert((id, order.cancel), order.serial);
        let own = first_try.is_none_or(|serial| serial == order.serial);
        let of_others =
            self.cancels_sent.iter().any(|(of, serial)| *of != (id, order.cancel) && *serial == order.serial);
        let of_request =
            self.sent.iter().any(|serial| [*serial, serial.of_net_cancel()].contains(&order.serial));
        if !own || of_others || of_request {
            let what = format!("cancel {} of {id} goes by {}", order.cancel, order.serial);
            self.violated(Invariant::CancelsKeepTheirIdentity, what);
        }
        let repeats_once = first_try.is_some()
            && order.is_partial()
            && order.route.partial_cancel != PartialCancel::Repeatable;
        if repeats_once || (order.is_partial() && order.route.partial_cancel == PartialCancel::No) {
            let what = format!("partial cancel {} of {id} is sent again or cannot be", order.cancel);
            self.violated(Invariant::CancelsKeepTheirIdentity, what);
        }
    }

    /// An answer goes to the one who asked, once, and says what is durable.
    pub(crate) fn check_reply(
        &mut self,
        at: usize,
        asker: Asker,
        question: &Question,
        answer: &TerminalAnswer,
        report: Option<PaymentId>,
    ) {
        let (now_ms, run) = (self.now_ms, self.switches[at].run);
        let Some(log) = self.terminals.get_mut(asker) else {
            return self.violated(Invariant::I8AnswersGoToTheirAsker, format!("{asker:?} never asked"));
        };
        log.released.push((now_ms, answer.clone()));
        let asked_ms = log.at_ms;
        if log.question != *question || log.run != run {
            let what = format!("{asker:?} gets the answer to another request");
            self.violated(Invariant::I8AnswersGoToTheirAsker, what);
        }
        if let Err(why) = self.is_recorded(question, answer, report)
            && !self.was_recorded(asked_ms, question, answer, report)
        {
            self.violated(Invariant::DurableFirst, format!("{asker:?} gets {answer:?}: {why}"));
        }
    }

    fn is_recorded(
        &mut self,
        question: &Question,
        answer: &TerminalAnswer,
        report: Option<PaymentId>,
    ) -> Result<(), &'static str> {
        let stored = self.storage.read(Lookup::Key(*question.original()));
        let (payment, id) = (stored.as_ref().map(Stored::payment), stored.as_ref().map(Stored::id));
        says_what_is(question, answer, report, payment, id)
    }

    /// Beside another switch what was read is told a moment later: it must have stood so since it was asked.
    fn was_recorded(
        &mut self,
        asked_ms: u64,
        question: &Question,
        answer: &TerminalAnswer,
        report: Option<PaymentId>,
    ) -> bool {
        if self.switches.len() == 1 {
            return false;
        }
        let Some(id) = self.storage.read(Lookup::Key(*question.original())).map(|stored| stored.id()) else {
            return false;
        };
        let states = self.storage.replaced_since(id, asked_ms);
        states.iter().any(|state| says_what_is(question, answer, report, Some(state), Some(id)).is_ok())
    }
}

/// Whether an answer says what this state of the payment says.
fn says_what_is(
    question: &Question,
    answer: &TerminalAnswer,
    report: Option<PaymentId>,
    payment: Option<&Payment>,
    id: Option<PaymentId>,
) -> Result<(), &'static str> {
    if [ResponseCode::IN_PROGRESS, ResponseCode::OVERLOADED].contains(&answer.code()) {
        return Ok(());
    }
    let say = |is_so: bool, why: &'static str| if is_so { Ok(()) } else { Err(why) };
    match question {
        Question::Approval(request) => approval_is_recorded(request, payment, answer, report, id),
        Question::Cancel(request) => {
            let recorded = payment.map_or(&[][..], |payment| payment.cancels());
            let recorded = recorded.iter().find(|cancel| cancel.request().key == request.key);
            match answer {
                TerminalAnswer::Cancelled { .. } => {
                    say(recorded.is_some_and(Cancel::is_done), "nothing is cancelled")
                }
                TerminalAnswer::Declined { .. } => {
                    say(recorded.is_some_and(|cancel| !cancel.is_reserved()), "it is not declined")
                }
                TerminalAnswer::Refused(
                    ResponseCode::NO_ORIGINAL
                    | ResponseCode::CANCEL_UNCONFIRMED
                    | ResponseCode::OTHER_CONTENT,
                )
                | TerminalAnswer::FormatError { .. } => Ok(()),
                TerminalAnswer::Refused(ResponseCode::NET_CANCELLED) => {
                    say(payment.is_some_and(Payment::is_withdrawn), "it is not withdrawn")
                }
                TerminalAnswer::Refused(_) => {
                    say(recorded.is_some_and(|cancel| !cancel.is_reserved()), "the refusal is not recorded")
                }
                TerminalAnswer::Approved { .. } | TerminalAnswer::Done | TerminalAnswer::Standing(_) => {
                    Err("it is no answer to a cancel")
                }
            }
        }
        Question::NetCancel(_) if *answer == TerminalAnswer::Done => {
            say(payment.is_some_and(|payment| payment.withdrawn().is_some()), "it is not withdrawn")
        }
        Question::Acknowledgement(_) if *answer == TerminalAnswer::Done => {
            let is_acknowledged = |payment: &Payment| {
                let acknowledged = Delivery::Acknowledged;
                !payment.is_withdrawn()
                    && matches!(payment.phase(), Phase::Approved { delivery, .. } if *delivery == acknowledged)
            };
            say(payment.is_some_and(is_acknowledged), "it is not acknowledged")
        }
        Question::NetCancel(_) | Question::Acknowledgement(_) => {
            say(matches!(answer, TerminalAnswer::Refused(_)), "it is no answer to that")
        }
        Question::Inquiry(_) => {
            let TerminalAnswer::Standing(told) = answer else { return Err("an inquiry is not told") };
            if told.state == PaymentState::Unknown {
                return Ok(());
            }
            if told.state == PaymentState::Approved && (report != id || id.is_none()) {
                return Err("nobody will hear whether it was written");
            }
            say(payment.is_some_and(|payment| payment.standing() == *told), "it does not stand so")
        }
    }
}

fn approval_is_recorded(
    request: &Arc<Request>,
    payment: Option<&Payment>,
    answer: &TerminalAnswer,
    report: Option<PaymentId>,
    id: Option<PaymentId>,
) -> Result<(), &'static str> {
    let code = answer.code();
    let Some(payment) = payment else {
        // One that is refused as a duplicate claims no key.
        return if code == ResponseCode::DUPLICATE { Ok(()) } else { Err("no payment holds the key") };
    };
    if code == ResponseCode::DUPLICATE {
        return if payment.is_tombstone() { Ok(()) } else { Err("it is no duplicate, it is in the books") };
    }
    let same = payment.request().digest == request.digest;
    if code == ResponseCode::OTHER_CONTENT {
        let is_other = !same && !payment.is_tombstone();
        return if is_other { Ok(()) } else { Err("the payment has this content, or never came") };
    }
    if code == ResponseCode::NET_CANCELLED {
        return if payment.is_withdrawn() { Ok(()) } else { Err("nothing is withdrawn") };
    }
    if !same {
        return Err("the payment has other content");
    }
    if code == ResponseCode::ALREADY_CANCELLED {
        return if payment.is_wholly_cancelled() { Ok(()) } else { Err("it is not cancelled") };
    }
    if payment.answer().as_ref() != Some(answer) {
        return Err("another answer is recorded");
    }
    if let Phase::Approved { .. } = payment.phase() {
        if payment.is_withdrawn() {
            return Err("its net-cancel is owed or done");
        }
        if report != id {
            return Err("nobody will hear whether it was written");
        }
    }
    Ok(())
}
