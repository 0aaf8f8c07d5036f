//! What will happen, by virtual time; what falls on the same millisecond happens in an order of chance.

use std::collections::BTreeMap;

use desk::{Asker, Gate, Input};
use payment::{PaymentId, TerminalAnswer};
use store::Lookup;

use crate::{
    acquirer::{Behaviour, Reply},
    links::{Identity, Telegram},
    rng::Rng,
    terminals::Ask,
};

#[derive(Debug)]
pub(crate) enum Happening {
    /// A terminal sends its telegram.
    TerminalAsks(Ask),
    /// Something inside the switch of this place.
    Inside(usize, Inside),
    /// A telegram reaches its acquirer.
    Reaches(Box<Telegram>),
    /// The acquirer does what it does with it.
    Processed(Box<Telegram>, Behaviour),
    /// An acquirer's answer reaches the switch.
    Answers(Reply),
    /// The switch starts again.
    Starts(usize),
    /// Somebody ends the switch, to set its clock.
    Ends(usize),
    /// The switch is stopped for so long, in ms.
    Stops(usize, u64),
    /// The switch goes on.
    Wakes(usize),
    /// The other switch looks whether the lease of this one has ended.
    TakesOver { from: usize },
    /// A person looks into something.
    Orders,
    /// The breaker of this acquirer closes or opens.
    Gate(&'static str, Gate),
    /// Another instance saves some payment without changing it.
    PeerTouches,
}

/// What ends with the process.
#[derive(Debug)]
pub(crate) enum Inside {
    /// A telegram that was in the buffer of a socket is read.
    Reads(Ask),
    /// Something on its way to the desk arrives there.
    Arrives(Box<Input>),
    /// The desk asked for time.
    Tick,
    /// The store commits the batch it has in hand.
    Commit,
    /// The oldest batch of results that is on its way back arrives.
    SavesArrive,
    /// The store reads.
    Looks(Lookup),
    /// The store reserves serials.
    Reserve(u64),
    /// The store renews the lease.
    Renews,
    /// The bytes of a telegram are handed to the socket.
    Leaves(Identity),
    /// The link a telegram was given to is lost.
    LinkLost(Identity),
    /// The link gives a telegram up.
    GivenUp(Identity),
    /// The session writes a reply, if its terminal is still there.
    Writes { asker: Asker, answer: TerminalAnswer, report: Option<PaymentId> },
}

#[derive(Debug, Default)]
pub(crate) struct Agenda {
    happenings: BTreeMap<(u64, u64, u64), Happening>,
    count: u64,
}

impl Agenda {
    pub(crate) fn add(&mut self, at_ms: u64, happening: Happening, rng: &mut Rng) {
        self.count += 1;
        self.happenings.insert((at_ms, rng.next(), self.count), happening);
    }

    pub(crate) fn next(&mut self) -> Option<(u64, Happening)> {
        self.happenings.pop_first().map(|((at_ms, ..), happening)| (at_ms, happening))
    }

    /// A switch died, and with it all that was under way inside it.
    pub(crate) fn dies(&mut self, switch: usize) {
        self.happenings.retain(|_, happening| match happening {
            Happening::Inside(at, _) | Happening::Wakes(at) => *at != switch,
            Happening::TerminalAsks(_)
            | Happening::Reaches(_)
            | Happening::Processed(..)
            | Happening::Answers(_)
            | Happening::Starts(_)
            | Happening::Ends(_)
            | Happening::Stops(..)
            | Happening::TakesOver { .. }
            | Happening::Orders
            | Happening::Gate(..)
            | Happening::PeerTouches => true,
        });
    }

    /// A switch is stopped: what would happen inside it happens when it wakes.
    pub(crate) fn stops(&mut self, switch: usize, until_ms: u64, rng: &mut Rng) {
        let is_held = |key: &(u64, u64, u64), happening: &Happening| {
            key.0 < until_ms && matches!(happening, Happening::Inside(at, _) if *at == switch)
        };
        let held: Vec<_> = self.happenings.extract_if(.., |key, happening| is_held(key, happening)).collect();
        for (_, happening) in held {
            self.add(until_ms, happening, rng);
        }
    }
}
