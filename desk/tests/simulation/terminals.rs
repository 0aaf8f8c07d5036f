//! Simulated terminals: what they ask, how often, and what they got, as they saw it.

use std::sync::Arc;

use desk::Asker;
use payment::{ContentDigest, Request, TelegramKey, TerminalAnswer};

use crate::{
    agenda::{Agenda, Happening},
    rng::Rng,
};

/// One telegram a terminal sends.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) terminal: u32,
    pub(crate) trace: u32,
    /// Which bytes it sends under that key.
    pub(crate) content: u8,
    /// Whether it closes its socket before the answer comes.
    pub(crate) vanishes: bool,
    /// How often it asks again when its socket is closed.
    pub(crate) more_tries: u8,
}

/// One telegram that reached the switch, and what came back.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) ask: Ask,
    pub(crate) request: Arc<Request>,
    pub(crate) at_ms: u64,
    /// The run of the switch that took it.
    pub(crate) run: u32,
    /// Answers the desk released, with the instant.
    pub(crate) released: Vec<(u64, TerminalAnswer)>,
    /// Answers the terminal read.
    pub(crate) read: Vec<TerminalAnswer>,
    /// The switch died before the terminal read an answer.
    pub(crate) cut_off: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Terminals {
    asked: Vec<Asked>,
}

impl Terminals {
    /// Lets a few terminals ask, repeat, change their mind and vanish within a minute and a half, some of them again much later.
    pub(crate) fn plan(agenda: &mut Agenda, rng: &mut Rng) {
        for terminal in 1..=u32::try_from(rng.between(1, 3)).unwrap() {
            for trace in 1..=u32::try_from(rng.between(1, 4)).unwrap() {
                let first_ms = 1 + rng.below(90_000);
                let mut send = |content, at_ms, rng: &mut Rng| {
                    let ask = Ask { terminal, trace, content, vanishes: rng.percent(15), more_tries: 3 };
                    agenda.add(at_ms, Happening::TerminalAsks(ask), rng);
                };
                send(0, first_ms, rng);
                let repeats = rng.weighted(&[(8, 0), (5, 1), (3, 2), (2, 4), (1, 12)]);
                for _ in 0..repeats {
                    let after_ms = rng.pick(&[1, 10, 100, 1_000, 10_000, 60_000, 600_000]);
                    let at_ms = first_ms + rng.below(after_ms);
                    send(0, at_ms, rng);
                }
                for _ in 0..rng.weighted(&[(8, 0), (2, 1), (1, 3)]) {
                    let content = u8::try_from(rng.between(1, 2)).unwrap();
                    let at_ms = (first_ms + rng.below(20_000)).saturating_sub(rng.pick(&[0, 0, 2, 5_000]));
                    send(content, at_ms, rng);
                }
            }
        }
    }

    pub(crate) fn asks(&mut self, ask: Ask, request: Arc<Request>, at_ms: u64, run: u32) -> Asker {
        let (released, read) = (Vec::new(), Vec::new());
        self.asked.push(Asked { ask, request, at_ms, run, released, read, cut_off: false });
        Asker(self.asked.len() as u64)
    }

    pub(crate) fn get_mut(&mut self, asker: Asker) -> Option<&mut Asked> {
        let index = usize::try_from(asker.0).ok()?.checked_sub(1)?;
        self.asked.get_mut(index)
    }

    pub(crate) fn all(&self) -> &[Asked] {
        &self.asked
    }

    /// Whether some terminal read an approval under this key.
    pub(crate) fn read_approval(&self, key: &TelegramKey) -> bool {
        let approved = |answer: &TerminalAnswer| matches!(answer, TerminalAnswer::Approved { .. });
        self.asked.iter().any(|asked| asked.request.key == *key && asked.read.iter().any(approved))
    }

    /// What to send to ask once more with the bytes of this digest.
    pub(crate) fn once_more(&self, key: &TelegramKey, digest: ContentDigest) -> Option<Ask> {
        let asked =
            self.asked.iter().find(|asked| asked.request.key == *key && asked.request.digest == digest)?;
        Some(Ask { vanishes: false, more_tries: 0, ..asked.ask.clone() })
    }

    /// All sockets of this run are closed; gives what terminals will ask again.
    pub(crate) fn crash(&mut self, run: u32, rng: &mut Rng) -> Vec<Ask> {
        let mut again = Vec::new();
        for asked in self.asked.iter_mut().filter(|asked| asked.run == run && asked.read.is_empty()) {
            asked.cut_off = true;
            if asked.ask.more_tries > 0 && !asked.ask.vanishes && rng.percent(70) {
                again.push(Ask { more_tries: asked.ask.more_tries - 1, ..asked.ask.clone() });
            }
        }
        again
    }
}
