//! Several instances on one store. Of a payment that is bound (something of it is in flight or owed) everything is its owner's, who alone steps it: what
//! the owner's desk knows of it is what is durable, and nobody makes a try twice. Every other desk only reads it: it answers what can be answered, and
//! what would need a step waits until the payment is bound no more, or taken over. A payment that is not bound may be stepped by any desk, and so it is
//! read again before it answers.

use std::{collections::VecDeque, mem};

use jiff::Timestamp;
use payment::{Delivery, Event, PaymentId, Phase, Reception};
use store::{Lookup, Stored};

use crate::{
    Desk, NotOperated, Output,
    asking::tells_approval,
    desk::{later, refuse_with},
    operating::Ordered,
    register::Place,
};

/// How long after it was read a payment in another's hands is read again; doubled each time up to the longest.
const FIRST_LOOK_MS: u64 = 100;
/// The longest pause while a terminal waits, and while nobody does.
const LONGEST_LOOKS_MS: [u64; 2] = [1_000, 30_000];
/// Answers of acquirers that may wait for one payment in another's hands.
const HELD: usize = 64;

impl Desk {
    /// Other instances are at work on the same store. A payment that is not bound to this one is read again before it answers.
    pub fn share_store(&mut self) {
        self.shares_store = true;
    }

    /// Whether a payment that is idle here may be stepped and may answer by what is known of it here. If not, what can be done is done.
    pub(crate) fn may_step(&mut self, id: PaymentId, now: Timestamp, out: &mut Vec<Output>) -> bool {
        if !self.shares_store {
            return true;
        }
        let Some(entry) = self.register.get_mut(id) else { return false };
        let Place::Idle(stored) = &entry.place else { return false };
        let (is_bound, is_own) = (stored.is_bound(), stored.owner() == self.serials.instance());
        if is_bound && is_own {
            entry.elsewhere = 0;
            entry.precede();
            return true;
        }
        let is_old = !entry.is_fresh || entry.waiting.iter().any(|waiting| waiting.is_late);
        if is_old && entry.is_awaited() {
            entry.place = Place::Loading;
            entry.precede();
            out.push(Output::LookUp(Lookup::Id(id)));
            return false;
        }
        if !is_bound {
            entry.elsewhere = 0;
        }
        if !is_own {
            self.leave_to_its_owner(id);
        }
        if is_bound {
            self.look_on(id, now, out);
        }
        !is_bound
    }

    /// Whether the approval may be told only once it is durable that this desk tells it: another one did before, and takes it for undelivered if not
    /// one byte of its own reply could be written.
    pub(crate) fn is_to_be_told_here(&mut self, id: PaymentId) -> bool {
        let instance = self.serials.instance();
        let entry = self.register.get_mut(id).filter(|_| self.shares_store);
        entry.is_some_and(|entry| match &entry.place {
            Place::Idle(stored) => stored.owner() != instance && is_released(stored),
            Place::Saving { .. } | Place::Loading => false,
        })
    }

    /// Whether there is room for an answer of an acquirer to a payment in another's hands. One more of the same tells nothing new.
    pub(crate) fn may_hold(&mut self, id: PaymentId, event: &Event) -> bool {
        self.register.get_mut(id).is_none_or(|entry| {
            entry.elsewhere == 0 || (entry.queue.len() < HELD && !entry.queue.contains(event))
        })
    }

    /// Time passes over it where it is owned. Another one has told its approval by now, or has it in hand: whether that was read, nobody here knows,
    /// and the terminal decides.
    fn leave_to_its_owner(&mut self, id: PaymentId) {
        let Some(entry) = self.register.get_mut(id) else { return };
        entry.written = true;
        entry.queue.retain(|event| *event != Event::Due);
        self.pace.left(id);
    }

    /// It was just read, and another instance has it in hand.
    fn look_on(&mut self, id: PaymentId, now: Timestamp, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        let Place::Idle(stored) = &entry.place else { return };
        let is_released = is_released(stored);
        let mut told = Vec::new();
        for asked in mem::take(&mut entry.waiting) {
            match stored.payment().receive(&asked.question) {
                Reception::Answer(answer) if !(is_released && tells_approval(&answer)) => {
                    told.push((asked, answer));
                }
                Reception::Refuse { answer, why } => refuse_with(&asked, answer, why, now, out),
                Reception::Answer(_) | Reception::Wait | Reception::Step(_) | Reception::Cancel => {
                    entry.waiting.push(asked);
                }
            }
        }
        for (asked, answer) in told {
            entry.reply(id, asked, answer, out);
        }
        refuse_orders(&mut entry.orders, out);
        self.judge_rivals(id, now, out);
        self.look_again(id, now);
    }

    /// What waits for it waits until it is read again; what nobody waits for leaves.
    pub(crate) fn look_again(&mut self, id: PaymentId, now: Timestamp) {
        let Some(entry) = self.register.get_mut(id) else { return };
        entry.is_fresh = false;
        if entry.is_awaited() {
            let longest = LONGEST_LOOKS_MS[usize::from(entry.waiting.is_empty())];
            let pause = FIRST_LOOK_MS.saturating_mul(1 << entry.elsewhere.min(10)).min(longest);
            entry.elsewhere = entry.elsewhere.saturating_add(1);
            self.register.schedule(later(now, pause), id);
        } else if entry.replies_out == 0 {
            self.leave(id);
        }
    }
}

/// Whether whoever is told of it has an approval that nobody has to acknowledge.
fn is_released(stored: &Stored) -> bool {
    matches!(stored.payment().phase(), Phase::Approved { delivery: Delivery::Released, .. })
}

fn refuse_orders(orders: &mut VecDeque<Ordered>, out: &mut Vec<Output>) {
    for Ordered { token, .. } in orders.drain(..) {
        out.push(Output::Operated { token, result: Err(NotOperated::Elsewhere) });
    }
}
