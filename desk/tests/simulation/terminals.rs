//! Simulated terminals: what they ask, how often, and what they got, as they saw it.

use desk::Asker;
use payment::{ContentDigest, PaymentState, Question, TelegramKey, TerminalAnswer};

use crate::{
    agenda::{Agenda, Happening},
    clock::Clock,
    rng::Rng,
    sample,
};

/// One telegram a terminal sends.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) terminal: u32,
    /// Trace number of the 0100 it is or speaks of.
    pub(crate) trace: u32,
    pub(crate) what: What,
    /// Whether it closes its socket before the answer comes.
    pub(crate) vanishes: bool,
    /// How often it asks again when its socket is closed.
    pub(crate) more_tries: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// 0100 with these bytes.
    Approval { content: u8 },
    /// 0400 under this trace number of its own.
    Cancel { trace: u32, amount: u64 },
    /// 0420.
    NetCancel { amount: u64 },
    /// 0120, perhaps of an approval number nobody gave.
    Acknowledgement { of_another: bool },
    /// 0300.
    Inquiry,
}

impl Ask {
    fn question(&self, received_ms: u64) -> Question {
        let (terminal, original) = (self.terminal, self.trace);
        match self.what {
            What::Approval { content } => {
                Question::Approval(sample::request(terminal, original, content, received_ms))
            }
            What::Cancel { trace, amount } => sample::cancel(terminal, trace, original, amount, received_ms),
            What::NetCancel { amount } => sample::net_cancel(terminal, original, amount, received_ms),
            What::Acknowledgement { of_another } => {
                let approval_no = of_another.then_some("z000000");
                sample::acknowledgement(terminal, original, approval_no, received_ms)
            }
            What::Inquiry => sample::inquiry(terminal, original, received_ms),
        }
    }
}

/// One telegram that reached the switch, and what came back.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) ask: Ask,
    pub(crate) question: Question,
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

impl Asked {
    /// Key of the 0100 it is or speaks of.
    pub(crate) fn key(&self) -> TelegramKey {
        *self.question.original()
    }

    /// The last answer the terminal read.
    pub(crate) fn answer(&self) -> Option<&TerminalAnswer> {
        self.read.last()
    }

    /// Whether its 0420, 0120 was told 0000.
    pub(crate) fn is_done(&self) -> bool {
        self.released.iter().any(|(_, answer)| *answer == TerminalAnswer::Done)
    }
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
                let first_ms = 5_000 + rng.below(90_000);
                let mut send = |what, at_ms, rng: &mut Rng| {
                    let ask = Ask { terminal, trace, what, vanishes: rng.percent(15), more_tries: 3 };
                    agenda.add(at_ms, Happening::TerminalAsks(ask), rng);
                };
                send(What::Approval { content: 0 }, first_ms, rng);
                let repeats = rng.weighted(&[(8, 0), (5, 1), (3, 2), (2, 4), (1, 12)]);
                for _ in 0..repeats {
                    let after_ms = rng.pick(&[1, 10, 100, 1_000, 10_000, 60_000, 600_000]);
                    let at_ms = first_ms + rng.below(after_ms);
                    send(What::Approval { content: 0 }, at_ms, rng);
                }
                for _ in 0..rng.weighted(&[(8, 0), (2, 1), (1, 3)]) {
                    let content = u8::try_from(rng.between(1, 2)).unwrap();
                    let at_ms = (first_ms + rng.below(20_000)).saturating_sub(rng.pick(&[0, 0, 2, 5_000]));
                    send(What::Approval { content }, at_ms, rng);
                }
                Self::plan_undoing(trace, first_ms, &mut send, rng);
                for _ in 0..rng.weighted(&[(5, 0), (3, 1), (2, 3)]) {
                    send(What::Inquiry, some_time_after(first_ms, rng), rng);
                }
                for _ in 0..rng.weighted(&[(12, 0), (1, 1)]) {
                    let of_another = rng.percent(50);
                    send(What::Acknowledgement { of_another }, some_time_after(first_ms, rng), rng);
                }
            }
        }
    }

    /// Its 0400s and 0420s; some name another amount, some 0400s of one trace number name several originals.
    fn plan_undoing(trace: u32, first_ms: u64, send: &mut impl FnMut(What, u64, &mut Rng), rng: &mut Rng) {
        let total = sample::total(trace, 0);
        for _ in 0..rng.weighted(&[(7, 0), (3, 1), (1, 2)]) {
            let amount = total + rng.weighted(&[(9, 0), (1, 1)]);
            let at_ms = some_time_after(first_ms, rng);
            for _ in 0..rng.weighted(&[(3, 1), (1, 2)]) {
                send(What::NetCancel { amount }, at_ms + rng.below(3_000), rng);
            }
        }
        for number in 0..rng.weighted(&[(6, 0), (3, 1), (2, 2), (1, 4)]) {
            let own = if rng.percent(5) { 100 } else { trace * 10 + number };
            let part = rng.between(1, total);
            let amount = rng.pick(&[total, part, part, 4_000, 6_000, total - 5_000, total + 1]);
            let at_ms = some_time_after(first_ms, rng);
            for _ in 0..rng.weighted(&[(4, 1), (2, 2), (1, 4)]) {
                let after_ms = rng.pick(&[1, 100, 10_000, 60_000]);
                send(What::Cancel { trace: own, amount }, at_ms + rng.below(after_ms), rng);
            }
        }
    }

    /// A telegram reaches a start of a switch that reads the time off this clock.
    pub(crate) fn asks(&mut self, ask: Ask, at_ms: u64, clock: Clock, run: u32) -> (Asker, Question) {
        let question = ask.question(clock.reads_ms(at_ms));
        let (released, read) = (Vec::new(), Vec::new());
        let asked = Asked { ask, question: question.clone(), at_ms, run, released, read, cut_off: false };
        self.asked.push(asked);
        (Asker(self.asked.len() as u64), question)
    }

    pub(crate) fn get_mut(&mut self, asker: Asker) -> Option<&mut Asked> {
        let index = usize::try_from(asker.0).ok()?.checked_sub(1)?;
        self.asked.get_mut(index)
    }

    pub(crate) fn all(&self) -> &[Asked] {
        &self.asked
    }

    /// All that was asked of one original.
    pub(crate) fn about(&self, key: TelegramKey) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(move |asked| asked.key() == key)
    }

    /// Whether some terminal knows of an approval under this key: it read of it, or speaks of it as of one.
    pub(crate) fn knows_approval(&self, key: TelegramKey) -> bool {
        self.about(key).any(|asked| {
            let told = asked.read.iter().any(|answer| match answer {
                TerminalAnswer::Approved { .. } | TerminalAnswer::Cancelled { .. } => true,
                TerminalAnswer::Standing(standing) => standing.state == PaymentState::Approved,
                TerminalAnswer::Declined { .. }
                | TerminalAnswer::Done
                | TerminalAnswer::FormatError { .. }
                | TerminalAnswer::Refused(_) => false,
            });
            told || matches!(asked.ask.what, What::Cancel { .. } | What::Acknowledgement { .. })
        })
    }

    /// Whether its terminal asked to withdraw it.
    pub(crate) fn withdrew(&self, key: TelegramKey) -> bool {
        self.about(key).any(|asked| matches!(asked.ask.what, What::NetCancel { .. }))
    }

    /// What to send to ask once more with the bytes of this digest.
    pub(crate) fn once_more(&self, key: TelegramKey, digest: ContentDigest) -> Option<Ask> {
        let same = |asked: &&Asked| matches!(&asked.question, Question::Approval(request) if request.key == key && request.digest == digest);
        let asked = self.asked.iter().find(same)?;
        Some(Ask { vanishes: false, more_tries: 0, ..asked.ask.clone() })
    }

    /// Each different 0400, and each 0420 that was not told 0000: what terminals ask until they have an answer.
    pub(crate) fn unfinished(&self) -> Vec<Ask> {
        let mut all: Vec<Ask> = Vec::new();
        for asked in &self.asked {
            let is_unfinished = match asked.ask.what {
                What::Cancel { .. } => true,
                What::NetCancel { .. } => !asked.is_done(),
                What::Approval { .. } | What::Acknowledgement { .. } | What::Inquiry => false,
            };
            let same = |ask: &Ask| {
                (ask.terminal, ask.trace, ask.what) == (asked.ask.terminal, asked.ask.trace, asked.ask.what)
            };
            if is_unfinished && !all.iter().any(same) {
                all.push(Ask { vanishes: false, more_tries: 0, ..asked.ask.clone() });
            }
        }
        all
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

/// Before the request, beside it, while it is in flight, or later.
fn some_time_after(first_ms: u64, rng: &mut Rng) -> u64 {
    match rng.below(8) {
        0 => first_ms - rng.below(5_000),
        1 | 2 => first_ms + rng.below(40),
        3 | 4 => first_ms + rng.below(4_000),
        5 | 6 => first_ms + rng.below(40_000),
        _ => first_ms + rng.below(200_000),
    }
}
