//! What becomes of a save: it is durable and its effects are acted upon, somebody else saved first, or a name belongs to another.

use std::mem;

use jiff::Timestamp;
use payment::{Effect, Event, NotSent, PaymentId, Question, Reception, RequestOrder, ResponseCode};
use store::{Claim, Lookup, Stored, Unsaved};

use crate::{
    Desk, Output,
    desk::refuse,
    operating::{is_ordered, without_payment},
    register::{Place, Waiting},
};

impl Desk {
    pub(crate) fn saved(
        &mut self,
        stored: Stored,
        effects: Vec<Effect>,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let id = stored.id();
        let Some(entry) = self.register.get_mut(id) else { return };
        let before = mem::replace(&mut entry.place, Place::Idle(stored));
        entry.is_fresh = true;
        if let Place::Saving { stepping: Some(Event::CancelAsked { request, .. }) } = &before {
            for waiting in &mut entry.waiting {
                waiting.is_taken_on |=
                    matches!(&waiting.question, Question::Cancel(cancel) if cancel.key == request.key);
            }
        }
        if matches!(before, Place::Saving { stepping: Some(Event::Restarted { .. }) }) {
            self.recovering -= 1;
        }
        if matches!(&before, Place::Saving { stepping: Some(event) } if is_ordered(event)) {
            self.operated(id, out);
        }
        self.register.decide(id);
        for effect in effects {
            match effect {
                Effect::Send(order) => self.send(id, order, out),
                Effect::NetCancel(order) => self.net_cancel(id, order, now, out),
                Effect::Cancel(order) => self.cancel_again(id, order, now, out),
                Effect::Alarm(alarm) => out.push(Output::Alarm(id, alarm)),
                Effect::Reply(answer) => self.answer_waiting(id, &answer, out),
            }
        }
        let was_due = matches!(before, Place::Saving { stepping: Some(Event::Due) });
        self.pace_after(id, was_due, now);
        self.work(id, now, out);
    }

    /// A request that the terminal has withdrawn meanwhile is not released any more.
    fn send(&mut self, id: PaymentId, order: RequestOrder, out: &mut Vec<Output>) {
        let withdrawn = self.register.get_mut(id).and_then(|entry| {
            let Place::Idle(stored) = &entry.place else { return None };
            let withdraws = |waiting: &Waiting| match stored.payment().receive(&waiting.question) {
                Reception::Step(event @ Event::NetCancelAsked { .. }) => Some(event),
                Reception::Step(_)
                | Reception::Answer(_)
                | Reception::Refuse { .. }
                | Reception::Wait
                | Reception::Cancel => None,
            };
            let event = entry.waiting.iter().find_map(withdraws)?;
            let why = NotSent::Withdrawn;
            entry.queue.push_front(Event::NotSent { attempt: order.attempt, why });
            entry.queue.push_front(event);
            Some(())
        });
        if withdrawn.is_none() {
            out.push(Output::Send(id, order));
        }
    }

    /// Somebody else saved this payment: it is read again, and what happened happens to what is found.
    pub(crate) fn lost_race(&mut self, id: PaymentId, now: Timestamp, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        entry.precede();
        match mem::replace(&mut entry.place, Place::Loading) {
            Place::Saving { stepping: Some(event) } => {
                // Whether it is still undelivered shows once it is read, and what a terminal asks is asked again then.
                if !comes_from_who_waits(&event) {
                    entry.queue.push_front(event);
                }
                out.push(Output::LookUp(Lookup::Id(id)));
            }
            // A new payment whose id exists: its serial was used before, which reserved blocks rule out.
            Place::Saving { stepping: None } | Place::Idle(_) | Place::Loading => {
                self.refuse_all(id, ResponseCode::INTERNAL, "the payment's id exists", now, out);
            }
        }
    }

    /// A name belongs to another payment.
    pub(crate) fn claimed(
        &mut self,
        unsaved: Unsaved,
        claim: Claim,
        holder: PaymentId,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let id = unsaved.id();
        let Some(entry) = self.register.get_mut(id) else { return };
        match (claim, &entry.place) {
            (Claim::Duplicate { .. }, _) => self.contend(unsaved, holder, now, out),
            (Claim::Telegram { key, .. }, Place::Saving { stepping: Some(_) }) => {
                entry.place = Place::Loading;
                entry.precede();
                out.push(Output::LookUp(Lookup::Id(id)));
                entry.waiting.retain(|waiting| {
                    let used = matches!(&waiting.question, Question::Cancel(cancel) if cancel.key == key);
                    if used {
                        let why = "the key was used for another original";
                        refuse(waiting, ResponseCode::OTHER_CONTENT, why, now, out);
                    }
                    !used
                });
            }
            // Those who asked are asking that one.
            (Claim::Telegram { .. }, _) => {
                let Some(entry) = self.leave(id) else { return };
                without_payment(entry.orders, out);
                for waiting in entry.waiting {
                    self.wait_for(holder, Waiting { is_repeat: true, ..waiting }, now, out);
                }
                self.work(holder, now, out);
            }
        }
    }
}

/// Whether the telegram that led to it still waits, or the state itself shows it.
fn comes_from_who_waits(event: &Event) -> bool {
    match event {
        Event::Undelivered
        | Event::CancelAsked { .. }
        | Event::NetCancelAsked { .. }
        | Event::Acknowledged
        | Event::NetCancelRetried { .. }
        | Event::NetCancelResolved { .. }
        | Event::CancelRetried { .. }
        | Event::CancelResolved { .. }
        | Event::Repeated => true,
        Event::Answered { .. }
        | Event::NotSent { .. }
        | Event::Unanswered { .. }
        | Event::Late { .. }
        | Event::NetCancelAnswered { .. }
        | Event::NetCancelNotSent { .. }
        | Event::NetCancelUnanswered { .. }
        | Event::CancelAnswered { .. }
        | Event::CancelNotSent { .. }
        | Event::CancelUnanswered { .. }
        | Event::Due
        | Event::Restarted { .. } => false,
    }
}
