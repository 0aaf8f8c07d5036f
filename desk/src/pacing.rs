//! Where payments and paces meet: what is due waits for room at its acquirer, without a save; what waits is released as soon as there is room.

use jiff::Timestamp;
use payment::{
    CancelOrder, CancelState, CancelVerdict, Event, NetCancelOrder, NetCancelVerdict, NotSent, Payment,
    PaymentId, Undo,
};

use crate::{
    Desk, Output,
    pace::{Ended, Held, Pace, Undoing},
    register::Place,
};

impl Desk {
    /// An instant has come that this payment waited for: it takes its step, unless nothing but tries are due that have no room.
    pub(crate) fn fall_due(&mut self, id: PaymentId, now: Timestamp, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(id) else { return };
        let Place::Idle(stored) = &entry.place else { return };
        if self.shares_store && stored.owner() != self.serials.instance() {
            return;
        }
        let payment = stored.payment();
        let given_up: Vec<Undo> =
            orders_of(&self.pace, id, payment).filter_map(|(undo, at)| (at <= now).then_some(undo)).collect();
        for undo in given_up {
            if let Some(Held::Order(order)) = self.pace.drop_held((id, undo)) {
                let acquirer = order.acquirer().clone();
                out.push(Output::NotSent { payment: id, undo, acquirer });
                entry.queue.push_back(not_sent(undo));
            }
        }
        let due = payment.due_without(|undo| self.pace.is_held((id, undo)));
        if due.is_none_or(|due| due > now) {
            return;
        }
        let mut steps = payment.due_without(|_| true).is_some_and(|due| due <= now);
        if !steps {
            for (undo, acquirer) in payment.undos_due(now) {
                if !self.pace.is_held((id, undo)) {
                    steps |= self.pace.may_step(id, undo, &acquirer, now);
                }
            }
        }
        if steps {
            entry.queue.push_back(Event::Due);
        }
    }

    /// A net-cancel whose step is durable leaves, or waits its turn.
    pub(crate) fn net_cancel(
        &mut self,
        id: PaymentId,
        order: NetCancelOrder,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let order = self.pace.may_leave(id, Undoing::NetCancel(order), now);
        out.extend(order.map(|order| order.of(id)));
    }

    /// The first try of a cancel, for which a terminal waits, leaves at once; a repeated one may have to wait its turn.
    pub(crate) fn cancel_again(
        &mut self,
        id: PaymentId,
        order: CancelOrder,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let is_first = self.register.get_mut(id).is_some_and(|entry| match &entry.place {
            Place::Idle(stored) => {
                let cancel = stored.payment().cancels().get(usize::from(order.cancel));
                cancel.is_some_and(|cancel| *cancel.state() == CancelState::InFlight)
            }
            Place::Saving { .. } | Place::Loading => false,
        });
        if is_first {
            return out.push(Output::Cancel(id, order));
        }
        let order = self.pace.may_leave(id, Undoing::Cancel(Box::new(order)), now);
        out.extend(order.map(|order| order.of(id)));
    }

    /// After a step: what waits and is settled by now waits no more, and room that was kept for a try that did not come about is free.
    pub(crate) fn pace_after(&mut self, id: PaymentId, was_due: bool, now: Timestamp) {
        let Some(entry) = self.register.get_mut(id) else { return };
        let Place::Idle(stored) = &entry.place else { return };
        let payment = stored.payment();
        let due = if self.pace.held_of(id).next().is_some() { payment.undos_due(now) } else { Vec::new() };
        let over: Vec<Undo> = self
            .pace
            .held_of(id)
            .filter_map(|(undo, held)| {
                let still_waits = match held {
                    Held::Turn => due.iter().any(|(other, _)| *other == undo),
                    Held::Order(_) => payment.is_trying(undo),
                };
                (!still_waits).then_some(undo)
            })
            .collect();
        for undo in over {
            self.pace.drop_held((id, undo));
        }
        if was_due {
            self.pace.step_taken(id, undos(payment));
        }
    }

    /// Lets go what there is room for.
    pub(crate) fn release(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        while let Some(((id, undo), held)) = self.pace.next(now, |id| self.register.is_saved(id)) {
            let Some(entry) = self.register.get_mut(id) else {
                self.pace.ended((id, undo), Ended::Untold, now);
                continue;
            };
            match held {
                Held::Turn => {
                    entry.queue.push_back(Event::Due);
                    self.work(id, now, out);
                }
                Held::Order(Undoing::NetCancel(order)) => {
                    let order = match &entry.place {
                        Place::Idle(stored) => order.knowing(stored.payment()),
                        Place::Saving { .. } | Place::Loading => order,
                    };
                    out.push(Output::NetCancel(id, order.released_at(now)));
                }
                Held::Order(Undoing::Cancel(order)) => {
                    out.push(Output::Cancel(id, order.released_at(now)));
                }
            }
        }
    }

    /// What an event tells of the acquirer.
    pub(crate) fn paced(&mut self, id: PaymentId, event: &Event, now: Timestamp) {
        let (undo, ended) = match event {
            Event::NetCancelAnswered { attempt, answer } => {
                (Undo::NetCancel { attempt: *attempt }, of_net_cancel(answer.verdict))
            }
            Event::NetCancelNotSent { attempt, why } => {
                (Undo::NetCancel { attempt: *attempt }, of_not_sent(*why))
            }
            Event::NetCancelUnanswered { attempt } => (Undo::NetCancel { attempt: *attempt }, Ended::Failed),
            Event::CancelAnswered { cancel, answer } => {
                (Undo::Cancel { cancel: *cancel }, of_cancel(&answer.verdict))
            }
            Event::CancelNotSent { cancel, why } => (Undo::Cancel { cancel: *cancel }, of_not_sent(*why)),
            Event::CancelUnanswered { cancel, .. } => (Undo::Cancel { cancel: *cancel }, Ended::Failed),
            Event::Answered { attempt, .. } => return self.answered_by(id, *attempt),
            Event::NotSent { .. }
            | Event::Unanswered { .. }
            | Event::Late { .. }
            | Event::CancelAsked { .. }
            | Event::NetCancelRetried { .. }
            | Event::NetCancelResolved { .. }
            | Event::CancelRetried { .. }
            | Event::CancelResolved { .. }
            | Event::NetCancelAsked { .. }
            | Event::Acknowledged
            | Event::Undelivered
            | Event::Repeated
            | Event::Due
            | Event::Restarted { .. } => return,
        };
        self.pace.ended((id, undo), ended, now);
    }

    fn answered_by(&mut self, id: PaymentId, attempt: u8) {
        let Some(entry) = self.register.get_mut(id) else { return };
        let Place::Idle(stored) = &entry.place else { return };
        if let Some(attempt) = stored.payment().attempts().get(usize::from(attempt)) {
            self.pace.heard(&attempt.route().acquirer);
        }
    }
}

/// When a payment that rests needs [`Desk::fall_due`] next.
pub(crate) fn falls_due(pace: &Pace, id: PaymentId, payment: &Payment) -> Option<Timestamp> {
    let due = payment.due_without(|undo| pace.is_held((id, undo)));
    let given_up = orders_of(pace, id, payment).map(|(_, at)| at);
    due.into_iter().chain(given_up).min()
}

/// The tries of a payment that are durable and wait, with the instants at which they are given up.
fn orders_of(pace: &Pace, id: PaymentId, payment: &Payment) -> impl Iterator<Item = (Undo, Timestamp)> {
    pace.held_of(id).filter_map(|(undo, held)| match held {
        Held::Order(_) => Some((undo, payment.gives_up_at(undo)?)),
        Held::Turn => None,
    })
}

/// Every try a payment may have.
fn undos(payment: &Payment) -> impl Iterator<Item = Undo> {
    let attempts = (0..).take(payment.attempts().len()).map(|attempt| Undo::NetCancel { attempt });
    let cancels = (0..).take(payment.cancels().len()).map(|cancel| Undo::Cancel { cancel });
    attempts.chain(cancels)
}

/// No byte of a try that waited for too long left.
fn not_sent(undo: Undo) -> Event {
    match undo {
        Undo::NetCancel { attempt } => Event::NetCancelNotSent { attempt, why: NotSent::Full },
        Undo::Cancel { cancel } => Event::CancelNotSent { cancel, why: NotSent::Full },
    }
}

fn of_not_sent(why: NotSent) -> Ended {
    match why {
        NotSent::NotConnected
        | NotSent::Full
        | NotSent::TooLate
        | NotSent::ConnectionLost
        | NotSent::Unavailable => Ended::Failed,
        NotSent::CannotExpress | NotSent::Withdrawn => Ended::Untold,
    }
}

fn of_net_cancel(verdict: NetCancelVerdict) -> Ended {
    match verdict {
        NetCancelVerdict::Accepted
        | NetCancelVerdict::AlreadyCancelled
        | NetCancelVerdict::NoSuchOriginal
        | NetCancelVerdict::AlreadyAcquired
        | NetCancelVerdict::AmountDiffers => Ended::Settled,
        NetCancelVerdict::TryAgain => Ended::Answered,
    }
}

fn of_cancel(verdict: &CancelVerdict) -> Ended {
    match verdict {
        CancelVerdict::Accepted(_)
        | CancelVerdict::AcceptedUnsized(_)
        | CancelVerdict::AlreadyCancelled
        | CancelVerdict::Declined(_)
        | CancelVerdict::NotAsApproved(_) => Ended::Settled,
        CancelVerdict::NotProcessed | CancelVerdict::InDoubt => Ended::Answered,
    }
}
