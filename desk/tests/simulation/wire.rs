//! The way of telegrams between the switch and the acquirers: late, lost, twice, and never known for certain.

use desk::{Input, Stray};
use payment::{Event, NotSent, Serial};

use crate::{
    acquirer::{self, Reply, Says},
    agenda::Happening,
    checker::Invariant,
    flaw::Flaw,
    links::{Identity, Kind, Telegram},
    world::World,
};

impl World {
    pub(crate) fn send(&mut self, telegram: Telegram) {
        if telegram.kind == Kind::Request && !self.sent.insert(telegram.serial) {
            self.violated(Invariant::SentOnce, format!("serial {} is sent again", telegram.serial));
        }
        let identity = telegram.identity();
        let trouble = self.settings.link_trouble;
        let (payment, not_sent) = (telegram.payment, telegram.not_sent(NotSent::Full));
        let deadline_ms = telegram.deadline_ms.max(self.now_ms);
        if self.rng.percent(trouble) || !self.links.take(telegram) {
            return self.bring(Input::Happened { payment, event: not_sent });
        }
        let leaves_ms = self.now_ms + self.rng.delay();
        self.agenda.add(leaves_ms, Happening::Leaves(identity), &mut self.rng);
        let given_up_ms = deadline_ms + self.rng.below(3);
        self.agenda.add(given_up_ms, Happening::GivenUp(identity), &mut self.rng);
        if self.rng.percent(trouble) {
            let lost_ms = self.rng.between(self.now_ms, deadline_ms + 1);
            self.agenda.add(lost_ms, Happening::LinkLost(identity), &mut self.rng);
        }
    }

    pub(crate) fn leaves(&mut self, identity: Identity) {
        match self.links.leaves(identity, self.now_ms) {
            None => {}
            Some(Err((payment, event))) => self.bring(Input::Happened { payment, event }),
            Some(Ok(mut telegram)) => {
                if self.rng.percent(self.settings.link_trouble / 2) {
                    return;
                }
                let flaw = self.settings.flaw;
                let renumbers = match telegram.kind {
                    Kind::NetCancel => flaw == Some(Flaw::RenumbersNetCancels),
                    Kind::Cancel => flaw == Some(Flaw::RenumbersCancels),
                    Kind::Request => false,
                };
                if renumbers {
                    telegram.serial = telegram.serial.of_net_cancel();
                }
                let twice = match telegram.kind {
                    Kind::Request => flaw == Some(Flaw::SendsTwice),
                    Kind::Cancel => flaw == Some(Flaw::RepeatsPartialCancels),
                    Kind::NetCancel => false,
                };
                for _ in 0..=u32::from(twice) {
                    let at_ms = self.now_ms + self.rng.delay();
                    self.agenda.add(at_ms, Happening::Reaches(Box::new(telegram.clone())), &mut self.rng);
                }
            }
        }
    }

    pub(crate) fn ends(&mut self, identity: Identity, lost: bool) {
        if let Some((payment, event)) = self.links.ends(identity, lost) {
            let unsaid = self.settings.flaw == Some(Flaw::CallsUnansweredCancelsNotSent);
            let event = match event {
                Event::CancelUnanswered { cancel, .. } if unsaid => {
                    Event::CancelNotSent { cancel, why: NotSent::NotConnected }
                }
                event => event,
            };
            let is_forgotten = self.settings.flaw == Some(Flaw::ForgetsOutcome)
                && matches!(event, Event::Unanswered { .. } | Event::NetCancelUnanswered { .. });
            if !is_forgotten {
                self.bring(Input::Happened { payment, event });
            }
        }
    }

    pub(crate) fn reaches(&mut self, telegram: Box<Telegram>) {
        let acquirer = self.acquirers.get_mut(&telegram.acquirer).unwrap();
        if let Some((at_ms, behaviour)) =
            acquirer.hears(&telegram, self.now_ms, self.settings.flaw, &mut self.rng)
        {
            self.agenda.add(at_ms, Happening::Processed(telegram, behaviour), &mut self.rng);
        }
    }

    /// An answer comes in: to the telegram that waits for it, else as one nobody waits for. One to a socket of an earlier run is
    /// mostly lost; some acquirers send it on the next socket.
    pub(crate) fn answers(&mut self, reply: &Reply) {
        let lost_with_socket = reply.run != self.run && self.rng.percent(70);
        if self.desk.is_none() || lost_with_socket {
            return;
        }
        if self.rng.per_mille(5) {
            let unknown = Serial::from_number(reply.serial.get() + 5_000_000).unwrap();
            self.stray(&Reply { serial: unknown, ..reply.clone() });
        }
        if let Some((payment, event)) = self.links.answered(reply) {
            return self.bring(Input::Happened { payment, event });
        }
        match &reply.says {
            Says::Request(answer) if reply.run == self.run && self.rng.percent(20) => {
                let event = Event::Late { attempt: reply.number, answer: answer.clone() };
                self.bring(Input::Happened { payment: reply.payment, event });
            }
            Says::Request(_) | Says::NetCancel(_) | Says::Cancel(_) => self.stray(reply),
        }
    }

    fn stray(&mut self, reply: &Reply) {
        let stray = match &reply.says {
            Says::Request(answer) => Stray::Request(answer.clone()),
            Says::NetCancel(answer) => {
                Stray::Undone { net_cancel: answer.clone(), cancel: acquirer::unreadable_cancel() }
            }
            Says::Cancel(answer) => {
                Stray::Undone { net_cancel: acquirer::unreadable_net_cancel(), cancel: answer.clone() }
            }
        };
        self.bring(Input::Stray { acquirer: reply.acquirer.clone(), serial: reply.serial, stray });
    }
}
