//! What came in, and whose answer it is.

use std::time::Instant;

use bytes::Bytes;

use super::{Leave, Phase, Traffic};
use crate::source::Source;
use crate::{Key, LinkEvent, Mode, Outcome, Purpose};

impl<T: Copy> Traffic<T> {
    /// A telegram came in.
    pub(crate) fn answer(&mut self, telegram: Bytes, key: Option<Key>, source: Source, now: Instant) {
        let from = source.link();
        let Some(known) = key.or_else(|| self.only_asked(from)) else {
            return self.unasked(telegram, key, source.lane(), now);
        };
        let flight = self.pending.get(known).filter(|flight| match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => true,
            // A socket that was for one request answers no other.
            Mode::PerRequest { .. } => flight.lane == from,
        });
        match flight.map(|flight| flight.phase) {
            Some(Phase::Writing | Phase::Handed(_)) => {
                self.lanes[source.lane()].allowance.earn();
                self.answered(known, telegram, from, now);
            }
            // What was not sent cannot be answered: it answers an earlier try, or nothing.
            Some(Phase::Waiting | Phase::Begun) | None => match self.late.take(known, now) {
                Some(tag) => {
                    self.lanes[source.lane()].allowance.earn();
                    self.events.push(LinkEvent::Late { tag, telegram });
                }
                None => self.unasked(telegram, key, source.lane(), now),
            },
        }
    }

    /// What an answer without a readable key answers: a per-request socket was asked for one thing only.
    fn only_asked(&self, from: Option<usize>) -> Option<Key> {
        match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => None,
            Mode::PerRequest { .. } => {
                let asked = self.pending.keys_where(|flight| {
                    let is_whole = matches!(flight.phase, Phase::Writing | Phase::Handed(_));
                    is_whole && from.is_some() && flight.lane == from
                });
                asked.first().copied()
            }
        }
    }

    /// Ends a request as answered.
    fn answered(&mut self, key: Key, telegram: Bytes, from: Option<usize>, now: Instant) {
        let flight = self.pending.get(key).expect("what is answered is under way");
        let (carrier, asked) = (flight.lane, flight.phase.handed_by(now));
        if let Some(lane) = carrier {
            let address = self.lanes[lane].address;
            match flight.purpose {
                Purpose::Request => self.went_well(address, asked, now),
                Purpose::Undo => self.was_there(address, now),
            }
        }
        if self.mode.is_one_at_a_time()
            && let Some(lane) = carrier
            && carrier != from
        {
            // Answered on another socket; its own still owes an answer and may carry nothing before that.
            self.lanes[lane].leave(Leave::ForLateAnswer(key));
        }
        let flight = self.settle(key);
        self.late.take(key, now);
        self.events.push(LinkEvent::Outcome { tag: flight.tag, outcome: Outcome::Answered(telegram) });
    }
}
