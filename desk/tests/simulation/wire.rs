//! The way of telegrams between the switch and the acquirers: late, lost, twice, and never known for certain.

use desk::{Input, Stray};
use payment::{Event, NotSent, Serial};

use crate::{
    acquirer::{self, Reply, Says},
    agenda::{Happening, Inside},
    checker::Invariant,
    flaw::Flaw,
    links::{Identity, Kind, Sender, Telegram},
    world::World,
};

impl World {
    pub(crate) fn send(&mut self, at: usize, mut telegram: Telegram) {
        telegram.not_after_ms = self.switches[at].lease_until_ms;
        if telegram.kind == Kind::Request && !self.sent.insert(telegram.serial) {
            self.violated(Invariant::SentOnce, format!("serial {} is sent again", telegram.serial));
        }
        self.check_pace(at, &telegram);
        let identity = telegram.identity();
        let trouble = self.settings.link_trouble;
        let (payment, not_sent) = (telegram.payment, telegram.not_sent(NotSent::Full));
        let deadline_ms = telegram.deadline_ms.max(self.now_ms);
        if self.rng.percent(trouble) || !self.switches[at].links.take(telegram) {
            return self.bring(at, Input::Happened { payment, event: not_sent });
        }
        let is_request = identity.0 == Kind::Request;
        if is_request && self.stops_left > 0 && self.rng.percent(15) {
            self.stops_left -= 1;
            let at_ms = self.now_ms + self.rng.below(3);
            let for_ms = self.rng.pick(&[12_000, 60_000, 120_000]);
            self.agenda.add(at_ms, Happening::Stops(at, for_ms), &mut self.rng);
        }
        let leaves_ms = self.now_ms + self.rng.delay();
        self.inside(at, leaves_ms, Inside::Leaves(identity));
        let given_up_ms = deadline_ms + self.rng.below(3);
        self.inside(at, given_up_ms, Inside::GivenUp(identity));
        if self.rng.percent(trouble) {
            let lost_ms = self.rng.between(self.now_ms, deadline_ms + 1);
            self.inside(at, lost_ms, Inside::LinkLost(identity));
        }
    }

    /// No more net-cancels are out to one acquirer than may be; one that alone keeps failing takes no room from the others.
    fn check_pace(&mut self, at: usize, telegram: &Telegram) {
        let out = self.switches[at].links.net_cancels_to(&telegram.acquirer);
        if telegram.kind == Kind::NetCancel && out > self.settings.limits.net_cancels {
            let what =
                format!("{out} net-cancels are out to {} before {}", telegram.acquirer, telegram.serial);
            self.violated(Invariant::NetCancelsArePaced, what);
        }
    }

    pub(crate) fn leaves(&mut self, at: usize, identity: Identity) {
        let looks_at_the_clock = self.settings.flaw != Some(Flaw::SendsAfterItsLease);
        match self.switches[at].links.leaves(identity, self.now_ms, looks_at_the_clock) {
            None => {}
            Some(Err((payment, event))) => self.bring(at, Input::Happened { payment, event }),
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

    pub(crate) fn ends(&mut self, at: usize, identity: Identity, lost: bool) {
        if let Some((payment, event)) = self.switches[at].links.ends(identity, lost) {
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
                self.bring(at, Input::Happened { payment, event });
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
    /// mostly lost; some acquirers send it on another socket, that of the switch they talk with. A switch that is stopped reads it when it wakes.
    pub(crate) fn answers(&mut self, reply: Reply) {
        let mut at = reply.sender.switch;
        let is_old = reply.sender.run != self.switches[at].run || self.switches[at].desk.is_none();
        if is_old {
            if self.rng.percent(70) {
                return;
            }
            at = self.any_front();
        } else if self.settings.all_active && self.rng.percent(5) {
            // Some acquirers answer by any socket there is.
            at = self.any_front();
        }
        if let Some(wakes_ms) = self.switches[at].stopped_until_ms {
            return self.agenda.add(wakes_ms, Happening::Answers(reply), &mut self.rng);
        }
        if self.switches[at].desk.is_none() {
            return;
        }
        if self.rng.per_mille(5) {
            let unknown = Serial::from_number(reply.serial.get() + 5_000_000).unwrap();
            self.stray(at, &Reply { serial: unknown, ..reply.clone() });
        }
        if let Some((payment, event)) = self.switches[at].links.answered(&reply) {
            return self.bring(at, Input::Happened { payment, event });
        }
        match &reply.says {
            Says::Request(answer) if !is_old && self.rng.percent(20) => {
                let event = Event::Late { attempt: reply.number, answer: answer.clone() };
                self.bring(at, Input::Happened { payment: reply.payment, event });
            }
            Says::Request(_) | Says::NetCancel(_) | Says::Cancel(_) => self.stray(at, &reply),
        }
    }

    /// At the end of the day each acquirer tells what stands, also what nobody waits for any more.
    pub(crate) fn last_words(&mut self) {
        let at = self.any_front();
        let sender = Sender { switch: at, run: self.switches[at].run };
        let words: Vec<_> =
            self.acquirers.values().flat_map(|acquirer| acquirer.last_words(sender)).collect();
        for word in words {
            self.stray(at, &word);
        }
        self.run_until_rest();
    }

    fn stray(&mut self, at: usize, reply: &Reply) {
        let stray = match &reply.says {
            Says::Request(answer) => Stray::Request(answer.clone()),
            Says::NetCancel(answer) => {
                Stray::Undone { net_cancel: answer.clone(), cancel: acquirer::unreadable_cancel() }
            }
            Says::Cancel(answer) => {
                Stray::Undone { net_cancel: acquirer::unreadable_net_cancel(), cancel: answer.clone() }
            }
        };
        self.bring(at, Input::Stray { acquirer: reply.acquirer.clone(), serial: reply.serial, stray });
    }
}
