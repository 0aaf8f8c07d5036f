//! The switch's end of a connection with handshake, pure: bytes and instants in, what is to be done out.
//!
//! ```text
//! switch → ENQ                                terminal has 15 s for its telegram
//! terminal → STX length telegram ETX LRC      broken: NAK, at most 3 times, then the end
//! switch → STX length telegram ETX LRC        terminal has the acknowledgement's time; NAK: the same again, at most 3 times
//! terminal → ACK                              of an approval: made durable first
//! switch → EOT                                and the end; an approval that does not stand any more ends without it
//! ```
//!
//! One telegram and its answer to a connection. While the switch works on the answer, the payment's own deadline is the limit.

use std::{
    collections::VecDeque,
    fmt,
    time::{Duration, Instant},
};

use bytes::{Buf as _, Bytes, BytesMut};
use codec::frame::FrameFormat;

/// How long a terminal has for its telegram, after ENQ and after each NAK.
pub const TELEGRAM_WITHIN: Duration = Duration::from_secs(15);
/// How long a terminal waits for EOT; an EOT that leaves later meets nobody.
pub const EOT_WITHIN: Duration = Duration::from_secs(10);
/// How long the line must be quiet after a broken frame, so that its rest is not taken for the repeat.
pub const QUIET: Duration = Duration::from_millis(200);
/// How often a telegram may be asked for again, and an answer be.
pub const REPEATS: u8 = 3;
/// Bytes without meaning that a connection may bring.
pub const NOISE: usize = 32;

/// First byte of a frame.
const STX: u8 = 0x02;
/// The answer was received well.
const ACK: u8 = 0x06;
/// The answer was received broken.
const NAK: u8 = 0x15;

/// What happens on the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Input<'a> {
    /// The terminal sent these bytes, after all that was to be written had been.
    Bytes(&'a [u8]),
    /// There is an answer to its telegram.
    Answer {
        /// It is an approval: EOT says that its acknowledgement is durable.
        approval: bool,
    },
    /// There is an answer to its acknowledgement.
    Acknowledged {
        /// The approval is the terminal's. Otherwise it was net-cancelled before.
        stands: bool,
    },
    /// The instant of [`Handshake::due`] has come.
    Time,
    /// The terminal sends nothing more.
    Gone,
    /// The switch takes no new telegrams.
    Closing,
    /// Another needs its place, and it is the longest idle.
    MakeRoom,
}

/// What is to be done.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    /// Write this byte.
    Write(Control),
    /// Take this telegram; its answer comes as [`Input::Answer`].
    Take(Bytes),
    /// Write the answer, framed.
    WriteAnswer,
    /// Make durable that the terminal has the approval; the answer comes as [`Input::Acknowledged`].
    Acknowledge,
    /// Close the connection; nothing follows.
    Close(Ended),
}

impl fmt::Debug for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(control) => write!(formatter, "Write({control:?})"),
            // There is a card in it.
            Self::Take(telegram) => write!(formatter, "Take({} bytes)", telegram.len()),
            Self::WriteAnswer => formatter.write_str("WriteAnswer"),
            Self::Acknowledge => formatter.write_str("Acknowledge"),
            Self::Close(ended) => write!(formatter, "Close({ended:?})"),
        }
    }
}

/// The bytes that are no telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Send your telegram.
    Enq,
    /// It was broken: send it again.
    Nak,
    /// All is done.
    Eot,
}

impl Control {
    /// The byte on the wire.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Enq => 0x05,
            Self::Nak => NAK,
            Self::Eot => 0x04,
        }
    }
}

/// How a connection came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// With EOT.
    #[error("finished")]
    Finished,
    /// The terminal closed before it sent anything.
    #[error("the terminal closed before it sent anything")]
    Unused,
    /// No whole telegram came in time.
    #[error("no whole telegram within {} s", TELEGRAM_WITHIN.as_secs())]
    NoTelegram,
    /// The telegram came broken again and again.
    #[error("the telegram came broken after {REPEATS} NAKs")]
    Broken,
    /// The terminal asked for the answer again and again.
    #[error("the terminal sent NAK after {REPEATS} repeats of its answer")]
    Refused,
    /// The terminal did not acknowledge its answer in time.
    #[error("the terminal did not acknowledge its answer in time")]
    NotAcknowledged,
    /// The acknowledgement came too late: the approval was net-cancelled.
    #[error("the acknowledged approval does not stand")]
    DoesNotStand,
    /// The acknowledgement was not durable before the terminal gave up.
    #[error("the acknowledgement was not durable within {} s", EOT_WITHIN.as_secs())]
    NotDurable,
    /// More bytes without meaning came than are passed over.
    #[error("bytes that are neither telegram, ACK nor NAK")]
    Noise,
    /// The terminal closed in the middle.
    #[error("the terminal closed before the end")]
    Gone,
    /// The switch is closing, and no telegram had come.
    #[error("the switch is closing")]
    Closing,
    /// Another needed its place, and nothing was at stake.
    #[error("another needed its place")]
    MadeRoom,
}

/// The state of one connection. No `Debug`: what is half received holds card data.
pub struct Handshake {
    frame: FrameFormat,
    ack_within: Duration,
    phase: Phase,
    input: BytesMut,
    /// NAKs sent.
    asked_again: u8,
    /// Repeats of the answer.
    repeated: u8,
    /// Bytes without meaning received.
    noise: usize,
}

#[derive(Clone, Copy)]
enum Phase {
    /// The telegram has to come.
    Invited {
        until: Instant,
    },
    /// A broken frame came; its rest is passed over until the line is quiet.
    Garbled {
        quiet_at: Instant,
        until: Instant,
        passed_over: usize,
    },
    /// The switch works on the answer.
    Working,
    /// ACK has to come.
    Answered {
        approval: bool,
        until: Instant,
    },
    /// The ACK of an approval is being made durable.
    Confirming {
        until: Instant,
    },
    Ended,
}

impl Handshake {
    /// A connection that was just opened; `ack_within` is how long the terminal has for its ACK.
    pub fn start(frame: FrameFormat, ack_within: Duration, now: Instant, out: &mut VecDeque<Action>) -> Self {
        out.push_back(Action::Write(Control::Enq));
        Self {
            frame,
            ack_within,
            phase: Phase::Invited { until: now + TELEGRAM_WITHIN },
            input: BytesMut::new(),
            asked_again: 0,
            repeated: 0,
            noise: 0,
        }
    }

    /// What follows from `input`. What makes no sense at the moment changes nothing.
    pub fn handle(&mut self, input: Input<'_>, now: Instant, out: &mut VecDeque<Action>) {
        match input {
            Input::Bytes(bytes) => self.bytes(bytes, now, out),
            Input::Answer { approval } => {
                if let Phase::Working = self.phase {
                    self.phase = Phase::Answered { approval, until: now + self.ack_within };
                    out.push_back(Action::WriteAnswer);
                }
            }
            Input::Acknowledged { stands } => {
                if let Phase::Confirming { .. } = self.phase {
                    if stands {
                        self.finish(out);
                    } else {
                        self.end(Ended::DoesNotStand, out);
                    }
                }
            }
            Input::Time => self.time(now, out),
            Input::Gone => match self.phase {
                Phase::Invited { .. } if self.input.is_empty() && self.asked_again == 0 => {
                    self.end(Ended::Unused, out);
                }
                Phase::Invited { .. } | Phase::Garbled { .. } | Phase::Working | Phase::Answered { .. } => {
                    self.end(Ended::Gone, out);
                }
                // It has said all it had to; it may still read.
                Phase::Confirming { .. } | Phase::Ended => {}
            },
            Input::Closing => match self.phase {
                Phase::Invited { .. } | Phase::Garbled { .. } => self.end(Ended::Closing, out),
                Phase::Working | Phase::Answered { .. } | Phase::Confirming { .. } | Phase::Ended => {}
            },
            Input::MakeRoom => match self.phase {
                // Of what is no approval the answer counts, whether it is acknowledged or not.
                Phase::Invited { .. } | Phase::Garbled { .. } | Phase::Answered { approval: false, .. } => {
                    self.end(Ended::MadeRoom, out);
                }
                Phase::Working
                | Phase::Answered { approval: true, .. }
                | Phase::Confirming { .. }
                | Phase::Ended => {}
            },
        }
    }

    /// When [`Input::Time`] has to come.
    pub fn due(&self) -> Option<Instant> {
        match self.phase {
            Phase::Invited { until } | Phase::Answered { until, .. } | Phase::Confirming { until } => {
                Some(until)
            }
            Phase::Garbled { quiet_at, until, .. } => Some(quiet_at.min(until)),
            Phase::Working | Phase::Ended => None,
        }
    }

    fn bytes(&mut self, bytes: &[u8], now: Instant, out: &mut VecDeque<Action>) {
        match self.phase {
            Phase::Invited { until } => self.telegram(bytes, until, now, out),
            Phase::Garbled { until, passed_over, .. } => {
                self.pass_over(passed_over + bytes.len(), until, now, out);
            }
            Phase::Working | Phase::Answered { .. } | Phase::Confirming { .. } | Phase::Ended => {
                for byte in bytes {
                    self.control(*byte, now, out);
                }
            }
        }
    }

    fn telegram(&mut self, bytes: &[u8], until: Instant, now: Instant, out: &mut VecDeque<Action>) {
        self.input.extend_from_slice(bytes);
        let before = self.input.iter().position(|byte| *byte == STX).unwrap_or(self.input.len());
        self.input.advance(before);
        if !self.passes(before, out) {
            return;
        }
        match self.frame.decode(&mut self.input) {
            Ok(None) => {}
            Ok(Some(telegram)) => {
                let behind = std::mem::take(&mut self.input).len();
                if self.passes(behind, out) {
                    self.phase = Phase::Working;
                    out.push_back(Action::Take(telegram));
                }
            }
            Err(_) if self.asked_again == REPEATS => self.end(Ended::Broken, out),
            Err(_) => {
                let behind = std::mem::take(&mut self.input).len();
                self.pass_over(behind, until, now, out);
            }
        }
    }

    fn pass_over(&mut self, passed_over: usize, until: Instant, now: Instant, out: &mut VecDeque<Action>) {
        if passed_over > self.frame.max_frame() {
            self.end(Ended::Noise, out);
        } else {
            self.phase = Phase::Garbled { quiet_at: now + QUIET, until, passed_over };
        }
    }

    fn control(&mut self, byte: u8, now: Instant, out: &mut VecDeque<Action>) {
        match self.phase {
            Phase::Answered { approval: true, .. } if byte == ACK => {
                self.phase = Phase::Confirming { until: now + EOT_WITHIN };
                out.push_back(Action::Acknowledge);
            }
            Phase::Answered { approval: false, .. } if byte == ACK => self.finish(out),
            Phase::Answered { .. } if byte == NAK && self.repeated == REPEATS => {
                self.end(Ended::Refused, out);
            }
            Phase::Answered { approval, .. } if byte == NAK => {
                self.repeated += 1;
                self.phase = Phase::Answered { approval, until: now + self.ack_within };
                out.push_back(Action::WriteAnswer);
            }
            Phase::Invited { .. }
            | Phase::Garbled { .. }
            | Phase::Working
            | Phase::Answered { .. }
            | Phase::Confirming { .. } => {
                self.passes(1, out);
            }
            Phase::Ended => {}
        }
    }

    fn time(&mut self, now: Instant, out: &mut VecDeque<Action>) {
        if self.due().is_none_or(|due| now < due) {
            return;
        }
        match self.phase {
            Phase::Invited { .. } => self.end(Ended::NoTelegram, out),
            Phase::Garbled { until, .. } if until <= now => self.end(Ended::NoTelegram, out),
            Phase::Garbled { .. } => {
                self.asked_again += 1;
                self.phase = Phase::Invited { until: now + TELEGRAM_WITHIN };
                out.push_back(Action::Write(Control::Nak));
            }
            Phase::Answered { .. } => self.end(Ended::NotAcknowledged, out),
            Phase::Confirming { .. } => self.end(Ended::NotDurable, out),
            Phase::Working | Phase::Ended => {}
        }
    }

    /// Whether that many more bytes without meaning are still passed over.
    fn passes(&mut self, count: usize, out: &mut VecDeque<Action>) -> bool {
        self.noise += count;
        let passes = self.noise <= NOISE;
        if !passes {
            self.end(Ended::Noise, out);
        }
        passes
    }

    fn finish(&mut self, out: &mut VecDeque<Action>) {
        out.push_back(Action::Write(Control::Eot));
        self.end(Ended::Finished, out);
    }

    fn end(&mut self, ended: Ended, out: &mut VecDeque<Action>) {
        self.phase = Phase::Ended;
        out.push_back(Action::Close(ended));
    }
}
