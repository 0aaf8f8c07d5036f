//! A terminal asks: for the first time, or again.

use std::{mem, sync::Arc};

use jiff::{Timestamp, tz::Offset};
use payment::{Event, PaymentId, RepeatAnswer, Request, ResponseCode, Route, Started, TerminalAnswer};
use store::{Claim, Unsaved};

use crate::{
    Ask, Desk, Output,
    desk::{later, refuse},
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
        let Ask { asker, request, card, ways, terms } = ask;
        let until = later(request.received_at, terms.terminal_deadline_ms);
        let waiting = Waiting { asker, request: request.clone(), is_repeat: false, until };
        if self.register.undecided() >= self.limits.payments {
            return refuse(&waiting, ResponseCode::OVERLOADED, "the desk is full", now, out);
        }
        // Two serials for each attempt: the request's and its net-cancel's. The payment's id needs one even without a route.
        let serials = 2 * u64::try_from(ways.len().max(1)).expect("few ways");
        let first = self.serials.take(serials);
        if let Some(count) = self.serials.reserve_next() {
            out.push(Output::ReserveSerials(count));
        }
        let Some(first) = first else {
            return refuse(&waiting, ResponseCode::OVERLOADED, "no serial is reserved", now, out);
        };
        let mut serial = first;
        let mut route = |way: crate::Way| {
            let route = Route {
                acquirer: way.acquirer,
                serial,
                answer_timeout_ms: way.answer_timeout_ms,
                settle_after_ms: way.settle_after_ms,
                merchant: way.merchant,
            };
            serial = serial.of_net_cancel().of_net_cancel();
            Arc::new(route)
        };
        let routes = ways.into_iter().map(&mut route).collect();
        let id = PaymentId::new(request.key.business_date, first);
        let claims = vec![Claim::Telegram { key: request.key, until: held_until(&request, now) }];
        let started = Started { id, request: request.clone(), routes, terms };
        out.push(Output::Save(Unsaved::start(started, card, claims, now)));
        let mut entry = Entry::new(Some(request), Place::Saving { stepping: None });
        entry.undecided = true;
        entry.waiting.push(waiting);
        self.register.insert(id, entry);
    }

    fn ask_again(&mut self, id: PaymentId, ask: Ask, now: Timestamp, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        let until = later(ask.request.received_at, ask.terms.terminal_deadline_ms);
        let waiting = Waiting { asker: ask.asker, request: ask.request, is_repeat: true, until };
        if entry.waiting.len() >= self.limits.waiting_per_payment {
            return refuse(&waiting, ResponseCode::IN_PROGRESS, "too many wait for this payment", now, out);
        }
        entry.waiting.push(waiting);
        self.register.schedule(until, id);
        self.serve_repeats(id, now, out);
        self.work(id, now, out);
    }

    /// Gives the answer of this step to all who wait.
    pub(crate) fn answer_waiting(&mut self, id: PaymentId, answer: &TerminalAnswer, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        let approved = matches!(answer, TerminalAnswer::Approved { .. });
        let mine = entry.request.as_ref().map(|request| request.digest);
        let (same, other): (Vec<_>, Vec<_>) = mem::take(&mut entry.waiting)
            .into_iter()
            .partition(|waiting| Some(waiting.request.digest) == mine);
        entry.waiting = other;
        for waiting in same {
            entry.replies_out += u32::from(approved);
            out.push(Output::Reply {
                asker: waiting.asker,
                request: waiting.request,
                answer: answer.clone(),
                report: approved.then_some(id),
            });
        }
    }

    /// Answers those who ask a payment whose state is durable: other content is refused, a repeat gets the recorded answer or waits.
    pub(crate) fn serve_repeats(&mut self, id: PaymentId, now: Timestamp, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        // The key may turn out to be another payment's, and so may its content.
        if matches!(entry.place, Place::Saving { stepping: None }) {
            return;
        }
        let Some(request) = entry.request.clone() else { return };
        entry.waiting.retain(|waiting| {
            let same = waiting.request.digest == request.digest;
            if !same {
                refuse(waiting, ResponseCode::OTHER_CONTENT, "the key was used with other content", now, out);
            }
            same
        });
        let Place::Idle(stored) = &entry.place else { return };
        if entry.waiting.is_empty() {
            return;
        }
        match stored.payment().repeat_answer() {
            RepeatAnswer::Wait => {}
            RepeatAnswer::Answer(answer) => self.answer_waiting(id, &answer, out),
            RepeatAnswer::Redeliver => {
                entry.written = false;
                if !entry.queue.contains(&Event::Repeated) {
                    entry.queue.push_back(Event::Repeated);
                }
            }
        }
    }

    /// A repeat that waited for as long as its terminal does gets 9010; the one who asked first waits for the outcome.
    pub(crate) fn expire_repeats(&mut self, id: PaymentId, now: Timestamp, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        entry.waiting.retain(|waiting| {
            let expired = waiting.is_repeat && waiting.until <= now;
            if expired {
                refuse(waiting, ResponseCode::IN_PROGRESS, "the payment is still in progress", now, out);
            }
            !expired
        });
    }
}

/// Counted from the later of both clocks: a switch that started with its clock days behind must not, once that is set right, take a
/// repeat for a new request.
fn held_until(request: &Request, now: Timestamp) -> Timestamp {
    let sent_at = KST.to_timestamp(request.sent_at).unwrap_or(now);
    later(now.max(sent_at), KEY_HELD_MS)
}
