//! A terminal asks: for the first time, or again.

use std::{mem, sync::Arc};

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use payment::{
    Event, PaymentId, PaymentState, Question, Reception, ResponseCode, Route, Serial, Started, TerminalAnswer,
};
use store::{Claim, Unsaved};

use crate::{
    Ask, Desk, Duplicate, Output,
    desk::{later, refuse, refuse_with},
    register::{Entry, Place, Waiting},
};

/// How long the key of a telegram is held: longer than its sent-at could be accepted (a day at the most), and a day.
const KEY_HELD_MS: u64 = 3 * 24 * 3600 * 1000;
/// Korea Standard Time, in which terminals say when they sent.
const KST: Offset = Offset::constant(9);

impl Desk {
    pub(crate) fn ask(&mut self, ask: Ask, now: Timestamp, out: &mut Vec<Output>) {
        match self.register.by_key(&ask.request.key) {
            Some(id) => self.ask_again(id, ask, now, out),
            None => self.start(ask, now, out),
        }
    }

    fn start(&mut self, ask: Ask, now: Timestamp, out: &mut Vec<Output>) {
        let Ask { asker, request, card, ways, duplicate, terms } = ask;
        let until = later(request.received_at, terms.terminal_deadline_ms);
        let question = Question::Approval(request.clone());
        let waiting =
            Waiting { asker, question, is_repeat: false, is_taken_on: false, is_late: false, until, terms };
        if self.register.undecided() >= self.limits.payments {
            return refuse(&waiting, ResponseCode::OVERLOADED, "the desk is full", now, out);
        }
        // Two serials for each attempt: the request's and its net-cancel's. The payment's id needs one even without a route.
        let serials = 2 * u64::try_from(ways.len().max(1)).expect("few ways");
        let Some(first) = self.take_serials(serials, out) else {
            return refuse(&waiting, ResponseCode::OVERLOADED, "no serial is reserved", now, out);
        };
        let mut serial = first;
        let mut route = |way: crate::Way| {
            let route = Route {
                acquirer: way.acquirer,
                serial,
                answer_timeout_ms: way.answer_timeout_ms,
                settle_after_ms: way.settle_after_ms,
                partial_cancel: way.partial_cancel,
                day_skew_ms: way.day_skew_ms,
                merchant: way.merchant,
            };
            serial = serial.of_net_cancel().of_net_cancel();
            Arc::new(route)
        };
        let routes = ways.into_iter().map(&mut route).collect();
        let key = request.key;
        let id = PaymentId::new(key.business_date, first);
        let mut claims = vec![Claim::Telegram { key, until: held_until(request.sent_at, now) }];
        claims.extend(duplicate.map(|Duplicate { key, window_ms }| Claim::Duplicate {
            key,
            until: later(request.received_at, window_ms),
        }));
        let started = Started { id, request, routes, terms };
        out.push(Output::Save(Unsaved::start(started, card, claims, now)));
        let mut entry = Entry::new(Some(key), Place::Saving { stepping: None });
        entry.undecided = true;
        entry.waiting.push(waiting);
        self.register.insert(id, entry);
    }

    pub(crate) fn take_serials(&mut self, count: u64, out: &mut Vec<Output>) -> Option<Serial> {
        let first = self.serials.take(count);
        if let Some(count) = self.serials.reserve_next() {
            out.push(Output::ReserveSerials(count));
        }
        first
    }

    fn ask_again(&mut self, id: PaymentId, ask: Ask, now: Timestamp, out: &mut Vec<Output>) {
        let Ask { asker, request, terms, .. } = ask;
        let until = later(request.received_at, terms.terminal_deadline_ms);
        let question = Question::Approval(request);
        let waiting =
            Waiting { asker, question, is_repeat: true, is_taken_on: false, is_late: false, until, terms };
        self.wait_for(id, waiting, now, out);
        self.work(id, now, out);
    }

    /// Gives the answer of this step to all who asked for the approval.
    pub(crate) fn answer_waiting(&mut self, id: PaymentId, answer: &TerminalAnswer, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        let Place::Idle(stored) = &entry.place else { return };
        let digest = stored.payment().request().digest;
        let asks = |waiting: &Waiting| {
            matches!(&waiting.question, Question::Approval(request) if request.digest == digest)
                && !waiting.is_late
        };
        let (same, other): (Vec<_>, Vec<_>) = mem::take(&mut entry.waiting).into_iter().partition(asks);
        entry.waiting = other;
        for waiting in same {
            entry.reply(id, waiting, answer.clone(), out);
        }
    }

    /// Answers those whose answer is recorded: what waits its turn changes nothing about that. An approval another desk has told waits for
    /// the step that makes durable that it is told here, behind what waits.
    pub(crate) fn answer_recorded(&mut self, id: PaymentId, out: &mut Vec<Output>) {
        let is_to_be_told_here = self.is_to_be_told_here(id);
        let Some(entry) = self.register.get_mut(id) else { return };
        for asked in mem::take(&mut entry.waiting) {
            let reception = match &entry.place {
                Place::Idle(stored) => stored.payment().receive(&asked.question),
                Place::Saving { .. } | Place::Loading => Reception::Wait,
            };
            match reception {
                Reception::Answer(answer) if !(is_to_be_told_here && tells_approval(&answer)) => {
                    entry.reply(id, asked, answer, out);
                }
                Reception::Answer(_)
                | Reception::Refuse { .. }
                | Reception::Wait
                | Reception::Step(_)
                | Reception::Cancel => {
                    entry.waiting.push(asked);
                }
            }
        }
    }

    /// Answers those who ask a payment whose state is durable. Where one of them makes it step, this is the step, with what it claims; the
    /// others wait for its end.
    pub(crate) fn serve(
        &mut self,
        id: PaymentId,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Option<(Event, Vec<Claim>)> {
        let entry = self.register.get_mut(id)?;
        let mut waiting = mem::take(&mut entry.waiting).into_iter();
        let mut still_waiting = Vec::new();
        let mut step = None;
        for asked in waiting.by_ref() {
            let is_to_be_told_here = self.is_to_be_told_here(id);
            let entry = self.register.get_mut(id)?;
            let Place::Idle(stored) = &entry.place else { return None };
            match stored.payment().receive(&asked.question) {
                Reception::Answer(answer) if is_to_be_told_here && tells_approval(&answer) => {
                    step = Some((Event::Repeated, Vec::new()));
                    still_waiting.push(asked);
                    break;
                }
                Reception::Answer(answer) => entry.reply(id, asked, answer, out),
                Reception::Refuse { answer, why } => refuse_with(&asked, answer, why, now, out),
                Reception::Wait => still_waiting.push(asked),
                Reception::Step(event) => {
                    if event == Event::Repeated {
                        entry.written = false;
                    }
                    step = Some((event, Vec::new()));
                    still_waiting.push(asked);
                    break;
                }
                Reception::Cancel => {
                    step = self.cancel(&asked, now, out);
                    if step.is_some() {
                        still_waiting.push(asked);
                        break;
                    }
                }
            }
        }
        still_waiting.extend(waiting);
        self.register.get_mut(id)?.waiting = still_waiting;
        step
    }

    /// The step of a cancel, with the claim on its telegram's key.
    fn cancel(
        &mut self,
        asked: &Waiting,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Option<(Event, Vec<Claim>)> {
        let Question::Cancel(request) = &asked.question else { return None };
        let Some(serial) = self.take_serials(1, out) else {
            refuse(asked, ResponseCode::OVERLOADED, "no serial is reserved", now, out);
            return None;
        };
        let claim = Claim::Telegram { key: request.key, until: held_until(request.sent_at, now) };
        Some((Event::CancelAsked { request: request.clone(), serial }, vec![claim]))
    }

    /// Who waited for as long as its terminal does is told so; the one who asked first waits for the outcome.
    pub(crate) fn expire_waiting(&mut self, id: PaymentId, now: Timestamp, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        let (place, is_elsewhere) = (&entry.place, entry.elsewhere > 0);
        entry.waiting.retain(|waiting| {
            let (code, why) = match &waiting.question {
                Question::NetCancel(_) if !is_elsewhere => {
                    (ResponseCode::BEING_CANCELLED, "the original is still being cancelled")
                }
                Question::Cancel(cancel) if waiting.is_taken_on || place.knows(cancel) => {
                    (ResponseCode::CANCEL_UNCONFIRMED, "the cancel is still in progress")
                }
                Question::Approval(_)
                | Question::Cancel(_)
                | Question::NetCancel(_)
                | Question::Acknowledgement(_)
                | Question::Inquiry(_) => (ResponseCode::IN_PROGRESS, "the payment is still in progress"),
            };
            let expired = waiting.is_repeat && waiting.until <= now;
            if expired {
                refuse(waiting, code, why, now, out);
            }
            !expired
        });
    }
}

impl Entry {
    /// Answers one who waits; what becomes of an approval's reply is to be reported.
    pub(crate) fn reply(
        &mut self,
        id: PaymentId,
        waiting: Waiting,
        answer: TerminalAnswer,
        out: &mut Vec<Output>,
    ) {
        let tells_approval = tells_approval(&answer);
        self.replies_out += u32::from(tells_approval);
        let Waiting { asker, question, .. } = waiting;
        out.push(Output::Reply { asker, question, answer, report: tells_approval.then_some(id) });
    }
}

/// Whether who reads it has an approval in hand.
pub(crate) fn tells_approval(answer: &TerminalAnswer) -> bool {
    match answer {
        TerminalAnswer::Approved { .. } => true,
        TerminalAnswer::Standing(standing) => standing.state == PaymentState::Approved,
        TerminalAnswer::Declined { .. }
        | TerminalAnswer::Cancelled { .. }
        | TerminalAnswer::Done
        | TerminalAnswer::FormatError { .. }
        | TerminalAnswer::Refused(_) => false,
    }
}

/// Counted from the later of both clocks: a switch that started with its clock days behind must not, once that is set right, take a
/// repeat for a new request.
fn held_until(sent_at: DateTime, now: Timestamp) -> Timestamp {
    let sent_at = KST.to_timestamp(sent_at).unwrap_or(now);
    later(now.max(sent_at), KEY_HELD_MS)
}
