//! What the terminals of a test said and heard, noted for the check of their run.

use std::{cell::RefCell, net::SocketAddr};

use bytes::{Bytes, BytesMut};
use codec::frame::FrameFormat;
use jiff::Timestamp;
use torture::book::Confirm;

use super::runs;

/// The first byte of a frame on a socket with handshake.
const STX: u8 = 0x02;
/// Where type, terminal and trace number stand in every header.
const NAME: [std::ops::Range<usize>; 3] = [0..4, 6..16, 26..32];
/// Where the answer's code stands.
const CODE: std::ops::Range<usize> = 49..53;

thread_local! {
    /// The sockets of this test, which has a thread of its own.
    static LINES: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// One socket of a terminal.
#[derive(Clone)]
pub(super) struct Line {
    /// Of which run its switch is.
    pub(super) run: usize,
    /// How its listener wants approvals confirmed.
    pub(super) confirm: Confirm,
    /// Every telegram, in the order they were sent.
    pub(super) asked: Vec<Asked>,
    /// Answers that nobody had asked for.
    pub(super) strays: Vec<String>,
}

/// A telegram that was sent once.
#[derive(Clone)]
pub(super) struct Asked {
    /// When.
    pub(super) at: Timestamp,
    /// Without its frame.
    pub(super) telegram: Bytes,
    /// Every answer to it: one, or the same again on a socket with handshake.
    pub(super) heard: Vec<(Timestamp, Bytes)>,
    /// Whether EOT came behind an answer.
    pub(super) has_ended: bool,
    pub(super) fate: Fate,
}

/// What became of a telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its terminal waits.
    Waiting,
    Answered,
    /// Its terminal has left.
    GivenUp,
    /// The switch, or its end, has closed the socket.
    CutOff,
}

/// Notes what goes over a socket. Dropped with it.
pub(crate) struct Noted {
    /// Its place among the lines; `None` where no switch of a run listens.
    line: Option<usize>,
    frame: FrameFormat,
    has_handshake: bool,
    /// What is not a whole frame yet.
    begun: BytesMut,
    /// Whether what was sent can still be told apart.
    is_readable: bool,
}

impl Noted {
    /// Of a socket to this address.
    pub(crate) fn to(address: SocketAddr, frame: FrameFormat, has_handshake: bool) -> Self {
        let line = runs::behind(address).map(|(run, confirm)| {
            LINES.with_borrow_mut(|lines| {
                lines.push(Line { run, confirm, asked: Vec::new(), strays: Vec::new() });
                lines.len() - 1
            })
        });
        Self { line, frame, has_handshake, begun: BytesMut::new(), is_readable: true }
    }

    /// These bytes are about to be sent.
    pub(crate) fn sending(&mut self, bytes: &[u8]) {
        if self.line.is_none() || !self.is_readable {
            return;
        }
        self.begun.extend_from_slice(bytes);
        loop {
            if self.has_handshake {
                let frame = self.begun.iter().position(|byte| *byte == STX).unwrap_or(self.begun.len());
                let _controls = self.begun.split_to(frame);
            }
            match self.frame.decode(&mut self.begun) {
                Ok(Some(telegram)) => self.asking(telegram),
                Ok(None) => return,
                // No telegram then, and with a handshake it is asked for again.
                Err(_) if self.has_handshake => return self.begun.clear(),
                Err(_) => return self.is_readable = false,
            }
        }
    }

    /// An answer came.
    pub(crate) fn heard(&self, answer: &Bytes) {
        self.on_line(|line| {
            if let Some(place) = line.question(answer) {
                line.asked[place].answered(answer.clone());
            } else if let (true, Some(place)) = (self.has_handshake, line.last_question(answer)) {
                line.asked[place].answered(answer.clone());
            } else if self.is_readable {
                let code = answer.get(CODE).map(String::from_utf8_lossy);
                line.strays.push(format!("{:?} {code:?}: nobody asks", name(answer, 0)));
            }
        });
    }

    /// EOT came.
    pub(crate) fn ended(&self) {
        self.on_line(|line| {
            let answered = line.asked.iter_mut().rev().find(|asked| asked.fate == Fate::Answered);
            if let Some(answered) = answered {
                answered.has_ended = true;
            }
        });
    }

    /// Nothing more will come.
    pub(crate) fn closed(&self) {
        self.on_line(|line| line.leave(Fate::CutOff));
    }

    fn asking(&self, telegram: Bytes) {
        let asked = Asked {
            at: Timestamp::now(),
            telegram,
            heard: Vec::new(),
            has_ended: false,
            fate: Fate::Waiting,
        };
        self.on_line(|line| line.asked.push(asked));
    }

    fn on_line(&self, note: impl FnOnce(&mut Line)) {
        if let Some(place) = self.line {
            // A socket may go with its thread, whose notes are gone then.
            let _ = LINES.try_with(|lines| note(&mut lines.borrow_mut()[place]));
        }
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        self.on_line(|line| line.leave(Fate::GivenUp));
    }
}

impl Line {
    /// The question that an answer is for: of several that wait under one name the one with its amount, and the first of those.
    fn question(&self, answer: &[u8]) -> Option<usize> {
        let waiting: Vec<usize> = self.waiting_for(answer).collect();
        let by_amount = |place: &&usize| amounts_agree(&self.asked[**place].telegram, answer);
        let refused_as_another = answer.get(CODE) == Some(b"9011");
        let best = if refused_as_another { waiting.last() } else { waiting.iter().find(by_amount) };
        best.or(waiting.first()).copied()
    }

    fn last_question(&self, answer: &[u8]) -> Option<usize> {
        let of_it = |asked: &Asked| is_answer(answer, &asked.telegram);
        self.asked.iter().rposition(of_it)
    }

    fn waiting_for(&self, answer: &[u8]) -> impl Iterator<Item = usize> {
        let waits = move |asked: &Asked| asked.fate == Fate::Waiting && is_answer(answer, &asked.telegram);
        self.asked.iter().enumerate().filter(move |(_, asked)| waits(asked)).map(|(place, _)| place)
    }

    fn leave(&mut self, fate: Fate) {
        for asked in self.asked.iter_mut().filter(|asked| asked.fate == Fate::Waiting) {
            asked.fate = fate;
        }
    }
}

impl Asked {
    fn answered(&mut self, answer: Bytes) {
        self.heard.push((Timestamp::now(), answer));
        self.fate = Fate::Answered;
    }
}

/// Everything that was said and heard in a run so far.
pub(super) fn of_run(run: usize) -> Vec<Line> {
    LINES.with_borrow(|lines| lines.iter().filter(|line| line.run == run).cloned().collect())
}

fn is_answer(answer: &[u8], telegram: &[u8]) -> bool {
    let named = name(telegram, 10);
    named.is_some() && named == name(answer, 0)
}

/// Type, with something added, terminal and trace number.
fn name(telegram: &[u8], added: u32) -> Option<(u32, &[u8], &[u8])> {
    let [kind, terminal, trace] = NAME.map(|range| telegram.get(range));
    let kind: u32 = str::from_utf8(kind?).ok()?.parse().ok()?;
    Some((kind + added, terminal?, trace?))
}

/// Whether both are about the same amount; of an approval alone both tell it.
fn amounts_agree(telegram: &[u8], answer: &[u8]) -> bool {
    let is_approval = telegram.starts_with(b"0100");
    !is_approval || telegram.get(365..377) == answer.get(191..203)
}
