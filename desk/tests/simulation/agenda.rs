//! What will happen, by virtual time; what falls on the same millisecond happens in an order of chance.

use std::collections::BTreeMap;

use desk::{Asker, Input};
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
    /// Something on its way to the desk arrives there.
    Arrives(Box<Input>),
    /// The desk asked for time.
    Tick,
    /// The store commits the batch it has in hand.
    Commit,
    /// The oldest batch of results that is on its way back arrives.
    SavesArrive,
    /// The store reads.
    Read(Lookup),
    /// The store reserves serials.
    Reserve(u64),
    /// The bytes of a telegram are handed to the socket.
    Leaves(Identity),
    /// The link a telegram was given to is lost.
    LinkLost(Identity),
    /// The link gives a telegram up.
    GivenUp(Identity),
    /// A telegram reaches its acquirer.
    Reaches(Box<Telegram>),
    /// The acquirer does what it does with it.
    Processed(Box<Telegram>, Behaviour),
    /// An acquirer's answer reaches the switch.
    Answers(Reply),
    /// The session writes a reply, if its terminal is still there.
    Writes { asker: Asker, answer: TerminalAnswer, report: Option<PaymentId> },
    /// The switch starts again.
    Starts,
    /// Another instance saves some payment without changing it.
    PeerTouches,
}

impl Happening {
    fn outlives_the_switch(&self) -> bool {
        match self {
            Self::TerminalAsks(_)
            | Self::Reaches(_)
            | Self::Processed(..)
            | Self::Answers(_)
            | Self::Starts
            | Self::PeerTouches => true,
            Self::Arrives(_)
            | Self::Tick
            | Self::Commit
            | Self::SavesArrive
            | Self::Read(_)
            | Self::Reserve(_)
            | Self::Leaves(_)
            | Self::LinkLost(_)
            | Self::GivenUp(_)
            | Self::Writes { .. } => false,
        }
    }
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

    /// The switch died, and with it all that was under way inside it.
    pub(crate) fn crash(&mut self) {
        self.happenings.retain(|_, happening| happening.outlives_the_switch());
    }
}
