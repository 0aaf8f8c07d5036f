//! What can be seen wrong while it happens: an output whose reason is not durable, an answer to the wrong terminal.

use std::sync::Arc;

use desk::Asker;
use payment::{
    AttemptState, DebtState, NetCancelOrder, PaymentId, Phase, Request, RequestOrder, ResponseCode,
    TerminalAnswer,
};
use store::Lookup;

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
    }

    /// A net-cancel is durable before each try, and names what was sent.
    pub(crate) fn check_net_cancel(&mut self, id: PaymentId, order: &NetCancelOrder) {
        let stored = self.storage.read(Lookup::Id(id));
        let is_owed = stored.is_some_and(|stored| {
            let attempt = stored.payment().attempts().get(usize::from(order.attempt));
            *stored.payment().request() == order.request
                && attempt.is_some_and(|attempt| {
                    let trying =
                        attempt.debt().is_some_and(|debt| matches!(debt.state(), DebtState::Trying { .. }));
                    *attempt.route() == order.route && trying
                })
        });
        if !is_owed {
            let what = format!("{id} sends a net-cancel of {} it does not owe", order.route.serial);
            self.violated(Invariant::I7NetCancelsKeepTheirIdentity, what);
        }
    }

    /// An answer goes to the one who asked, once, and says what is durable.
    pub(crate) fn check_reply(
        &mut self,
        asker: Asker,
        request: &Arc<Request>,
        answer: &TerminalAnswer,
        report: Option<PaymentId>,
    ) {
        let (now_ms, run) = (self.now_ms, self.run);
        let Some(log) = self.terminals.get_mut(asker) else {
            return self.violated(Invariant::I8AnswersGoToTheirAsker, format!("{asker:?} never asked"));
        };
        log.released.push((now_ms, answer.clone()));
        if log.request != *request || log.run != run {
            let what = format!("{asker:?} gets the answer to another request");
            self.violated(Invariant::I8AnswersGoToTheirAsker, what);
        }
        if let Err(why) = self.is_recorded(request, answer, report) {
            self.violated(Invariant::DurableFirst, format!("{asker:?} gets {answer:?}: {why}"));
        }
    }

    fn is_recorded(
        &mut self,
        request: &Arc<Request>,
        answer: &TerminalAnswer,
        report: Option<PaymentId>,
    ) -> Result<(), &'static str> {
        let code = answer.code();
        if [ResponseCode::IN_PROGRESS, ResponseCode::OVERLOADED].contains(&code) {
            return Ok(());
        }
        let Some(stored) = self.storage.read(Lookup::Key(request.key)) else {
            return Err("no payment holds the key");
        };
        let payment = stored.payment();
        let same = payment.request().digest == request.digest;
        if code == ResponseCode::OTHER_CONTENT {
            return if same { Err("the payment has this content") } else { Ok(()) };
        }
        if !same {
            return Err("the payment has other content");
        }
        if code == ResponseCode::NET_CANCELLED {
            let owed = payment.attempts().iter().any(|attempt| attempt.debt().is_some());
            return if owed { Ok(()) } else { Err("no net-cancel is owed or done") };
        }
        if payment.answer().as_ref() != Some(answer) {
            return Err("another answer is recorded");
        }
        if let Phase::Approved { attempt, .. } = payment.phase() {
            if payment.attempts()[usize::from(*attempt)].debt().is_some() {
                return Err("its net-cancel is owed or done");
            }
            if report != Some(stored.id()) {
                return Err("nobody will hear whether it was written");
            }
        }
        Ok(())
    }
}
