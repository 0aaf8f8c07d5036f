//! A terminal: plays a capture over TCP and compares the answers.
//!
//! Answers are matched by terminal, trace number and the reply's type, so several telegrams may be under way at once
//! and answers may come in any order. With the handshake there is one telegram a connection. Captures for our own
//! terminals' telegrams (`terminal-*`) only.

mod handshake;
mod key;
mod line;
mod play;
mod prepare;
mod reference;
mod shown;
mod summary;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::time::Duration;

use codec::frame::FrameFormat;
use serde::Serialize;

pub use prepare::PrepareError;
pub use summary::Summary;

use crate::capture::Capture;
use crate::layout::Layouts;
use play::Play;
use prepare::Bases;

/// The longest telegram on a terminal's line, in bytes.
const MAX_TELEGRAM: usize = 9999;

/// How a capture is played.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The switch.
    pub to: SocketAddr,
    /// How long an answer may take. With the handshake never more than 30 s, nor 15 s for ENQ and 10 s for EOT.
    pub answer_timeout: Duration,
    /// Added to every trace number in field form, modulo a million, so that a capture can be played again on one day.
    pub trace_base: u32,
    /// Added to every terminal of ten digits in field form, so that a capture with batch totals (마감) can be played again on
    /// one day: by terminals that have not traded yet.
    pub terminal_base: u64,
}

impl Settings {
    /// Answers may take 35 s, longer than the switch takes for its own; trace numbers and terminals as they are written.
    pub fn new(to: SocketAddr) -> Self {
        Self { to, answer_timeout: Duration::from_secs(35), trace_base: 0, terminal_base: 0 }
    }
}

/// Why a capture could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// A line of the capture does not fit its layouts; nothing was sent.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// Nobody listens there.
    #[error("line {line}: cannot connect to {to}")]
    Connect {
        /// The line of the capture that wanted to send.
        line: usize,
        /// Where to.
        to: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// A telegram is too long or too short for the framing.
    #[error("line {line}: {source}")]
    Frame {
        /// The line of the capture.
        line: usize,
        /// Why.
        source: codec::frame::FrameError,
    },
}

/// What happened, exchange by exchange.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// In the order they were sent.
    pub exchanges: Vec<Exchange>,
    /// The counts.
    pub summary: Summary,
}

/// One telegram and what came back.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// The line of the capture that sent it.
    pub line: usize,
    /// The caption it stands under.
    pub caption: Option<String>,
    /// Its label, also of a repeat.
    pub label: Option<String>,
    /// Whether it repeats an earlier telegram.
    pub repeat: bool,
    /// What was sent; of no bytes where it could not be, which is a mismatch.
    pub sent: Telegram,
    /// What was answered.
    pub answer: Option<Telegram>,
    /// Time from the send to the answer, in microseconds.
    pub elapsed_us: Option<u128>,
    /// What is other than the capture expects.
    pub mismatches: Vec<Mismatch>,
}

impl Exchange {
    /// Whether the telegram left at all.
    pub fn was_sent(&self) -> bool {
        self.sent.bytes > 0
    }
}

/// A telegram as it may be shown: secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Telegram {
    /// Its layout, if it could be told.
    pub layout: Option<String>,
    /// Its length in bytes.
    pub bytes: usize,
    /// Its fields that are not blank.
    pub fields: Vec<Shown>,
}

/// A field as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its path.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its value, masked where it is secret.
    pub value: String,
}

/// Something other than expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// The line of the capture that expects it.
    pub line: usize,
    /// The field, where it is about one.
    pub field: Option<String>,
    /// What was expected, masked where it is secret.
    pub expected: String,
    /// What was found, masked where it is secret.
    pub found: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if let Some(field) = &self.field {
            write!(f, "field \"{field}\": ")?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl Telegram {
    /// The value of a field as it may be shown, by its path or the end of it; empty when blank.
    pub fn value(&self, name: &str) -> &str {
        let ends =
            |path: &str| path == name || path.strip_suffix(name).is_some_and(|prefix| prefix.ends_with('.'));
        self.fields.iter().find(|field| ends(&field.name)).map_or("", |field| &field.value)
    }
}

/// Plays a capture; `seen` is told of every exchange as soon as nothing more is expected of it.
///
/// # Errors
/// [`PlayError`] when the capture does not fit its layouts, or nobody listens. Answers other than expected are
/// [`Mismatch`]es, not errors.
pub async fn play(
    capture: &Capture,
    layouts: &Layouts,
    settings: &Settings,
    seen: impl FnMut(&Exchange),
) -> Result<Report, PlayError> {
    let prepared = prepare::prepare(capture, layouts, Bases::of(settings))?;
    let frame = FrameFormat::new(capture.framing, 1, MAX_TELEGRAM);
    let mut play = Play::new(capture.handshake, layouts, settings, frame, seen)?;
    for step in &prepared {
        play.step(step).await?;
    }
    let exchanges = play.end().await;
    let summary = Summary::of(&exchanges);
    Ok(Report { exchanges, summary })
}
