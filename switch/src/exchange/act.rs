//! What the desk says is to be done, done: telegrams to acquirers and to terminals, saves and lookups.

use std::time::{Duration, Instant};

use acquirer_links::LinkId;
use bytes::Bytes;
use desk::{Asker, Input, Output};
use dialects::{Written, terminal};
use jiff::Timestamp;
use payment::{
    AcquirerName, CancelOrder, Event, NetCancelOrder, NotSent, PaymentId, Question, Request, RequestOrder,
    ResponseCode, SealedCard, TerminalAnswer, Undo,
};

use super::{Exchange, Line, LineNo, Sent, Tag, line, line::Sending};
use crate::{clock::korea_now, failpoint, meters, session};

impl Exchange {
    pub(super) fn act(&mut self, now: Timestamp) {
        for output in std::mem::take(&mut self.out) {
            match output {
                Output::Save(unsaved) => self.batch.saves.push(unsaved),
                Output::Note(note) => self.batch.notes.push(note),
                Output::LookUp(lookup) => self.store.look_up(lookup),
                Output::ReserveSerials(count) => self.store.reserve_serials(count),
                Output::Send(payment, order) => {
                    failpoint::pass("before-send");
                    self.send(payment, &order);
                    failpoint::pass("after-send");
                }
                Output::NetCancel(payment, order) => {
                    failpoint::pass("before-send");
                    self.net_cancel(payment, &order);
                    failpoint::pass("after-send");
                }
                Output::Cancel(payment, order) => self.cancel(payment, &order),
                Output::NotSent { undo: Undo::NetCancel { .. }, acquirer, .. } => {
                    meters::net_cancel_outcome(&acquirer, "not-sent");
                }
                Output::NotSent { undo: Undo::Cancel { .. }, acquirer, .. } => {
                    meters::cancel_outcome(&acquirer, "not-sent");
                }
                Output::Reply { asker, question, answer, report } => {
                    self.reply(asker, &question, &answer, report);
                }
                Output::Alarm(payment, alarm) => {
                    let note = self.alarms.raise(payment, alarm, now, Instant::now());
                    self.batch.notes.push(note);
                }
                Output::Operated { token, result } => self.operated(token, result),
            }
        }
    }

    fn send(&mut self, payment: PaymentId, order: &RequestOrder) {
        let tag = Tag { payment, number: order.attempt, sent: Sent::Request };
        let sent = self.line(&order.route.acquirer).and_then(|line| {
            let card =
                self.open_card(payment, &order.request, order.card.as_ref()).ok_or(NotSent::CannotExpress)?;
            let written =
                line.dialect.request(order, &card, korea_now()).map_err(line::cannot_express(payment))?;
            line.send(self.sending(tag, written, order.deadline, None))
        });
        if let Err(why) = sent {
            meters::request_outcome(&order.route.acquirer, "not-sent");
            let event = Event::NotSent { attempt: order.attempt, why };
            self.inputs.push_back(Input::Happened { payment, event });
        }
    }

    fn net_cancel(&mut self, payment: PaymentId, order: &NetCancelOrder) {
        let tag = Tag { payment, number: order.attempt, sent: Sent::NetCancel };
        let follow = self.followed.get(&(payment, order.attempt)).copied();
        let sent = self.line(&order.route.acquirer).and_then(|line| {
            let card = self.undoing_card(line, payment, &order.request, order.card.as_ref())?;
            let written = line
                .dialect
                .net_cancel(order, card.as_ref(), korea_now())
                .map_err(line::cannot_express(payment))?;
            line.send(self.sending(tag, written, order.deadline, follow))
        });
        if let Err(why) = sent {
            meters::net_cancel_outcome(&order.route.acquirer, "not-sent");
            let event = Event::NetCancelNotSent { attempt: order.attempt, why };
            self.inputs.push_back(Input::Happened { payment, event });
        }
    }

    fn cancel(&mut self, payment: PaymentId, order: &CancelOrder) {
        let tag = Tag { payment, number: order.cancel, sent: Sent::Cancel };
        let sent = self.line(&order.route.acquirer).and_then(|line| {
            let card = self.undoing_card(line, payment, &order.request, order.card.as_ref())?;
            let written = line
                .dialect
                .cancel(order, card.as_ref(), korea_now())
                .map_err(line::cannot_express(payment))?;
            line.send(self.sending(tag, written, order.deadline, None))
        });
        if let Err(why) = sent {
            meters::cancel_outcome(&order.route.acquirer, "not-sent");
            let event = Event::CancelNotSent { cancel: order.cancel, why };
            self.inputs.push_back(Input::Happened { payment, event });
        }
    }

    /// No byte of it leaves after the lease, which another may have by then.
    fn sending(
        &self,
        tag: Tag,
        written: Written,
        deadline: Timestamp,
        follow: Option<(LineNo, LinkId)>,
    ) -> Sending {
        let deadline = self.clock.instant(deadline);
        Sending { tag, written, deadline, not_after: self.lease.held_until(), follow }
    }

    fn line(&self, acquirer: &AcquirerName) -> Result<&Line, NotSent> {
        self.lines.get(acquirer).ok_or_else(|| {
            // A start tells of it once; this is each try.
            tracing::debug!(%acquirer, "a payment is under way at an acquirer that is not configured any more");
            NotSent::Unavailable
        })
    }

    /// The card for what undoes a payment; `None` where none is kept, or the dialect carries none. Without a card that is kept but cannot be
    /// opened nothing is sent: an acquirer that looks for the card would say that there is no such original.
    fn undoing_card(
        &self,
        line: &Line,
        payment: PaymentId,
        request: &Request,
        card: Option<&SealedCard>,
    ) -> Result<Option<payment::ClearCard>, NotSent> {
        if card.is_none() || line.dialect.undoes_without_card() {
            return Ok(None);
        }
        self.open_card(payment, request, card).map(Some).ok_or(NotSent::CannotExpress)
    }

    /// The card in the clear; `None` where there is none, or it cannot be opened.
    fn open_card(
        &self,
        payment: PaymentId,
        request: &Request,
        card: Option<&SealedCard>,
    ) -> Option<payment::ClearCard> {
        let opened = self.vault.open(&request.key, card?);
        let opened = opened.inspect_err(|error| {
            meters::unopened_card();
            tracing::error!(%payment, %error, "cannot open the card of a payment");
        });
        opened.ok()
    }

    fn reply(
        &mut self,
        asker: Asker,
        question: &Question,
        answer: &TerminalAnswer,
        report: Option<PaymentId>,
    ) {
        if let Question::Approval(request) = question {
            self.turns.answered(request);
        }
        let code = answer.code();
        let approved = match (question, answer) {
            (Question::Approval(request), TerminalAnswer::Approved { .. }) => Some(session::Approved {
                original: request.key,
                merchant: request.merchant,
                trace_no: request.key.trace_no,
            }),
            (
                Question::Approval(_)
                | Question::Cancel(_)
                | Question::NetCancel(_)
                | Question::Acknowledgement(_)
                | Question::Inquiry(_),
                _,
            ) => None,
        };
        let telegram = terminal::write_answer(question, answer, korea_now());
        let outgoing = session::Outgoing { telegram, code, report, approved };
        self.hand_over(asker, outgoing, question.received_at());
    }

    pub(super) fn deliver(
        &mut self,
        asker: Asker,
        telegram: Bytes,
        code: ResponseCode,
        received_at: Timestamp,
    ) {
        let outgoing = session::Outgoing { telegram, code, report: None, approved: None };
        self.hand_over(asker, outgoing, received_at);
    }

    fn hand_over(&mut self, asker: Asker, outgoing: session::Outgoing, received_at: Timestamp) {
        let waited = self.clock.now().duration_since(received_at);
        meters::answered(outgoing.code, Duration::try_from(waited).unwrap_or_default());
        let report = outgoing.report;
        failpoint::pass("before-reply");
        let sent = self.sessions.get(&asker).map(|session| session.try_send(Box::new(outgoing)));
        // A terminal that is gone, or takes its answers so slowly that no more can wait: nothing of this one was written.
        if let (Some(payment), None | Some(Err(_))) = (report, sent) {
            self.inputs.push_back(Input::Delivery { payment, written: false });
        }
    }
}
