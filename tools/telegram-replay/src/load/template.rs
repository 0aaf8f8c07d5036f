//! The prepared telegram and where its changing fields are.

use std::ops::Range;

use bytes::BytesMut;
use codec::frame::{FrameFormat, Framing};

use super::Settings;
use super::card::DIGITS;
use crate::capture::{Assignment, Value};
use crate::clock;
use crate::layout::{BuildError, Field, Layouts, NameError};

/// Why the telegram of the load cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A layout is missing or faulty.
    #[error("{0}")]
    Layout(specs::Findings),
    /// A layout lacks a field that the load needs.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A value of the settings does not fit the telegram.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The last terminal's number has more than ten digits.
    #[error("expected terminal numbers of ten digits, found {last}")]
    Terminal {
        /// The last terminal's number.
        last: u64,
    },
}

/// One framed 0100 to copy, and where to patch it; and where to look in a 0110.
pub(super) struct Template {
    framed: Vec<u8>,
    terminal_id: Range<usize>,
    trace_no: Range<usize>,
    sent_at: Range<usize>,
    card_bin: Range<usize>,
    card_track: Range<usize>,
    reply_length: usize,
    reply_type: Range<usize>,
    reply_terminal: Range<usize>,
    reply_trace: Range<usize>,
    reply_code: Range<usize>,
    pub(super) frame: FrameFormat,
}

/// What counts of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) terminal: u64,
    pub(super) trace: u32,
    pub(super) outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Approved,
    Declined,
    /// Not let in.
    Overloaded,
    Refused,
}

impl Template {
    pub(super) fn new(settings: &Settings, layouts: &Layouts) -> Result<Self, TemplateError> {
        let request = layouts.get("terminal-0100").map_err(TemplateError::Layout)?;
        let reply = layouts.get("terminal-0110").map_err(TemplateError::Layout)?;
        let last = settings.first_terminal + u64::from(settings.terminals.saturating_sub(1));
        if last > 9_999_999_999 {
            return Err(TemplateError::Terminal { last });
        }
        let values = [
            ("telegram_type", "0100"),
            ("version", "01"),
            ("terminal_id", &format!("{:010}", settings.first_terminal)),
            ("merchant_no", &settings.merchant_no),
            ("security", "0"),
            ("entry_mode", "I"),
            ("currency", "410"),
            ("total_amount", &settings.amount.to_string()),
        ]
        .map(|(field, value)| Assignment { field: field.to_owned(), value: Value::text(value) });
        let telegram = request.build(&values, clock::kst_now())?;
        let frame = FrameFormat::new(Framing::Ascii4, 1, 9999);
        let mut framed = BytesMut::new();
        frame.encode(&telegram, &mut framed).expect("a layout of ours fits a length of four digits");
        let head = framed.len() - telegram.len();
        let sent = |name| request.field(name).map(|field| field.at + head..field.at + field.len + head);
        let answered = |name| reply.field(name).map(Field::range);
        Ok(Self {
            framed: framed.to_vec(),
            terminal_id: sent("terminal_id")?,
            trace_no: sent("trace_no")?,
            sent_at: sent("sent_at")?,
            card_bin: sent("card_bin")?,
            card_track: sent("card_track")?,
            reply_length: reply.length(),
            reply_type: answered("telegram_type")?,
            reply_terminal: answered("terminal_id")?,
            reply_trace: answered("trace_no")?,
            reply_code: answered("response_code")?,
            frame,
        })
    }

    /// Appends one telegram in its frame; `now` is 14 digits.
    pub(super) fn write(
        &self,
        out: &mut BytesMut,
        (terminal, trace): (u64, u32),
        now: &[u8],
        card: &[u8; DIGITS],
    ) {
        let start = out.len();
        out.extend_from_slice(&self.framed);
        let telegram = &mut out[start..];
        put_digits(&mut telegram[self.terminal_id.clone()], terminal);
        put_digits(&mut telegram[self.trace_no.clone()], u64::from(trace));
        telegram[self.sent_at.clone()].copy_from_slice(now);
        telegram[self.card_bin.clone()].copy_from_slice(&card[..8]);
        let number_and_expiry = &mut telegram[self.card_track.clone()];
        number_and_expiry[..DIGITS].copy_from_slice(card);
        number_and_expiry[DIGITS..DIGITS + 5].copy_from_slice(b"=2912");
    }

    /// Reads what counts of an answer; `None` when it is none.
    pub(super) fn read(&self, telegram: &[u8]) -> Option<Answer> {
        if telegram.len() != self.reply_length || &telegram[self.reply_type.clone()] != b"0110" {
            return None;
        }
        let outcome = match &telegram[self.reply_code.clone()] {
            b"0000" => Outcome::Approved,
            b"9040" => Outcome::Overloaded,
            [b'9', ..] => Outcome::Refused,
            _ => Outcome::Declined,
        };
        Some(Answer {
            terminal: digits(&telegram[self.reply_terminal.clone()])?,
            trace: u32::try_from(digits(&telegram[self.reply_trace.clone()])?).ok()?,
            outcome,
        })
    }
}

fn put_digits(slot: &mut [u8], mut value: u64) {
    for byte in slot.iter_mut().rev() {
        *byte = b'0' + u8::try_from(value % 10).expect("below ten");
        value /= 10;
    }
}

fn digits(bytes: &[u8]) -> Option<u64> {
    bytes
        .iter()
        .try_fold(0u64, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u64::from(byte - b'0')))
}
