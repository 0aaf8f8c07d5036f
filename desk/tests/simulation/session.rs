//! The sessions between the terminals and the desk: telegrams in, answers out, and what terminals do about them.

use desk::{Asker, Input, Referral};
use payment::{PaymentId, Question, TerminalAnswer};

use crate::{
    agenda::{Happening, Inside},
    flaw::Flaw,
    sample, tampering,
    terminals::{Ask, What},
    world::World,
};

impl World {
    /// A telegram of a terminal comes in, if anybody listens. What comes to one that is stopped waits in the buffer of its socket, or the
    /// terminal gives up and asks again.
    pub(crate) fn terminal_asks(&mut self, ask: Ask) {
        let front = self.any_front();
        match self.switches[front].stopped_until_ms {
            Some(wakes_ms) if self.rng.percent(40) => self.inside(front, wakes_ms, Inside::Reads(ask)),
            Some(_) | None => self.hears(front, ask),
        }
    }

    /// A telegram reaches this switch.
    pub(crate) fn hears(&mut self, at: usize, ask: Ask) {
        if !self.switches[at].listens() {
            if ask.more_tries > 0 {
                let at_ms = self.now_ms + self.rng.between(1, 10_000);
                let ask = Ask { more_tries: ask.more_tries - 1, ..ask };
                self.agenda.add(at_ms, Happening::TerminalAsks(ask), &mut self.rng);
            }
            return;
        }
        if self.now_ms >= self.switches[at].lease_until_ms {
            return self.inside(at, self.now_ms + 50, Inside::Reads(ask));
        }
        let (terminal, trace) = (ask.terminal, ask.trace);
        let run = self.switches[at].run;
        let (asker, question) = self.terminals.asks(ask, self.now_ms, self.switches[at].clock, run);
        if let Some(answer) = tampering::instead_of_asking(self, &question) {
            self.terminals.get_mut(asker).unwrap().released.push((self.now_ms, answer.clone()));
            return self.writes(at, asker, &answer, None);
        }
        let terms = self.settings.terms;
        let Question::Approval(request) = question else {
            return self.give(at, Input::Refer(Referral { asker, question, terms }));
        };
        let card = Some(sample::card(terminal, trace));
        let mut ways = self.settings.ways.clone();
        let dropped = self.rng.weighted(&[(6, 0), (3, 1), (2, 2), (1, 3)]);
        for _ in 0..dropped {
            let index = self.rng.below(ways.len() as u64);
            ways.remove(usize::try_from(index).unwrap());
        }
        if self.rng.percent(50) {
            ways.reverse();
        }
        let watches = self.settings.flaw != Some(Flaw::WatchesForNoDuplicates);
        let duplicate = self.settings.duplicate(&request.key).filter(|_| watches);
        self.give(at, Input::Ask(desk::Ask { asker, request, card, ways, duplicate, terms }));
    }

    /// The session writes an answer, and reports what became of it where that is asked.
    pub(crate) fn writes(
        &mut self,
        at: usize,
        asker: Asker,
        answer: &TerminalAnswer,
        report: Option<PaymentId>,
    ) {
        let Some(log) = self.terminals.get_mut(asker) else { return };
        let is_there = !log.ask.vanishes;
        let ask = log.ask.clone();
        if is_there {
            log.read.push(answer.clone());
        }
        let flaw = self.settings.flaw;
        let written = flaw == Some(Flaw::CallsUnwrittenWritten)
            || (is_there && flaw != Some(Flaw::CallsWrittenUnwritten));
        self.trace(|| format!("{asker:?} reads its answer: {is_there}"));
        let itself = flaw == Some(Flaw::AcknowledgesItself);
        if is_there || itself {
            self.acknowledges(at, &ask, answer, itself);
        }
        if let Some(payment) = report {
            self.bring(at, Input::Delivery { payment, written });
        }
    }

    /// On a listener that asks for it most terminals say that they have the approval: at once, late, twice, or not at all.
    fn acknowledges(&mut self, at: usize, ask: &Ask, answer: &TerminalAnswer, itself: bool) {
        let Some(within_ms) = self.settings.terms.acknowledged_within_ms else { return };
        let (What::Approval { .. }, TerminalAnswer::Approved { .. }) = (ask.what, answer) else { return };
        let times = self.rng.weighted(&[(2, 0), (12, 1), (2, 3)]);
        if itself {
            let received_ms = self.switches[at].clock.reads_ms(self.now_ms);
            let question = sample::acknowledgement(ask.terminal, ask.trace, None, received_ms);
            let terms = self.settings.terms;
            let asker = Asker(u64::MAX);
            return self.bring(at, Input::Refer(Referral { asker, question, terms }));
        }
        for _ in 0..times {
            let after_ms = match self.rng.below(10) {
                0..=5 => self.rng.below(within_ms / 2),
                6 | 7 => (within_ms - 20) + self.rng.below(40),
                8 => self.rng.below(within_ms * 2),
                _ => within_ms + self.rng.below(30_000),
            };
            let what = What::Acknowledgement { of_another: false };
            let ask = Ask { what, vanishes: false, more_tries: 3, ..ask.clone() };
            self.agenda.add(self.now_ms + after_ms, Happening::TerminalAsks(ask), &mut self.rng);
        }
    }
}
