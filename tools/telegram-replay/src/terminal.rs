//! A terminal: plays a capture over TCP and compares the answers.
//!
//! Answers are matched by terminal, trace number and the reply's type, so several telegrams may be under way at once
//! and answers may come in any order. Captures for our own terminals' telegrams (`terminal-*`) only.

mod key;
mod line;
mod prepare;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use codec::frame::{FrameFormat, Framing};
use serde::Serialize;
use tokio::time::Instant;

pub use prepare::PrepareError;
pub use summary::Summary;

use crate::capture::{Capture, Expect, Send, Statement};
use crate::clock;
use crate::hidden::Hidden;
use crate::layout::{Decoded, Layout, Layouts, euc_kr};
use key::{Key, Keys};
use line::{Line, Waited};
use prepare::Prepared;

/// The longest telegram on a terminal's line, in bytes.
const MAX_TELEGRAM: usize = 9999;

/// How a capture is played.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The switch.
    pub to: SocketAddr,
    /// How long an answer may take.
    pub answer_timeout: Duration,
    /// Added to every trace number in field form, modulo a million, so that a capture can be played again on one day.
    pub trace_base: u32,
}

impl Settings {
    /// Answers may take 35 s, longer than the switch takes for its own; trace numbers as they are written.
    pub fn new(to: SocketAddr) -> Self {
        Self { to, answer_timeout: Duration::from_secs(35), trace_base: 0 }
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
    /// What was sent.
    pub sent: Telegram,
    /// What was answered.
    pub answer: Option<Telegram>,
    /// Time from the send to the answer, in microseconds.
    pub elapsed_us: Option<u128>,
    /// What is other than the capture expects.
    pub mismatches: Vec<Mismatch>,
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
    mut seen: impl FnMut(&Exchange),
) -> Result<Report, PlayError> {
    let prepared = prepare::prepare(capture, layouts, settings.trace_base)?;
    let frame = FrameFormat::new(capture.framing, 1, MAX_TELEGRAM);
    let mut play = Play {
        keys: Keys::new(layouts)?,
        layouts,
        settings,
        line: Line::new(settings.to, frame),
        under_way: Vec::new(),
        labels: HashMap::new(),
        caption: None,
    };
    for step in &prepared {
        play.step(step, capture.framing, &mut seen).await?;
    }
    for index in 0..play.under_way.len() {
        if !play.under_way[index].settled {
            play.expect_answer(index, None).await;
            seen(&play.under_way[index].exchange);
        }
    }
    let exchanges: Vec<_> = play.under_way.into_iter().map(|sent| sent.exchange).collect();
    let summary = Summary::of(&exchanges);
    Ok(Report { exchanges, summary })
}

struct Play<'a> {
    keys: Keys,
    layouts: &'a Layouts,
    settings: &'a Settings,
    line: Line,
    under_way: Vec<Sent>,
    labels: HashMap<&'a str, usize>,
    caption: Option<&'a str>,
}

struct Sent {
    exchange: Exchange,
    bytes: Hidden<Vec<u8>>,
    key: Option<Key>,
    at: Instant,
    settled: bool,
}

impl<'a> Play<'a> {
    async fn step(
        &mut self,
        step: &Prepared<'a>,
        framing: Framing,
        seen: &mut impl FnMut(&Exchange),
    ) -> Result<(), PlayError> {
        match step.statement {
            Statement::Default { .. } => {}
            Statement::Say(text) => self.caption = Some(text),
            Statement::Wait(time) => tokio::time::sleep(*time).await,
            Statement::Send(send) => self.send(step, send, framing).await?,
            Statement::Expect(expect) => {
                let latest = self.under_way.len().checked_sub(1);
                match (expect, latest) {
                    (Expect::Answer { of, .. }, Some(latest)) => {
                        let index = of.as_deref().map_or(latest, |label| self.labels[label]);
                        self.expect_answer(index, Some(step)).await;
                        seen(&self.under_way[index].exchange);
                    }
                    (Expect::Closed, Some(latest)) => {
                        self.expect_closed(latest, step.line).await;
                        seen(&self.under_way[latest].exchange);
                    }
                    (Expect::Nothing(time), Some(latest)) => {
                        self.expect_nothing(latest, step.line, *time).await;
                        seen(&self.under_way[latest].exchange);
                    }
                    (Expect::Answer { .. } | Expect::Closed | Expect::Nothing(_), None) => {
                        return Err(PrepareError::NothingSent { line: step.line }.into());
                    }
                }
            }
        }
        Ok(())
    }

    async fn send(&mut self, step: &Prepared<'a>, send: &'a Send, framing: Framing) -> Result<(), PlayError> {
        let line = step.line;
        let (label, repeat, bytes) = match send {
            Send::Fields { label, .. } => (Some(label), false, step.build(clock::kst_now())?),
            Send::Again { label } => {
                (Some(label), true, self.under_way[self.labels[label.as_str()]].bytes.0.clone())
            }
            Send::Text(text) => (None, false, euc_kr(&text.0).ok_or(PrepareError::Unencodable { line })?),
            Send::Hex(bytes) | Send::Raw(bytes) => (None, false, bytes.0.clone()),
        };
        let framed = if matches!(send, Send::Raw(_)) {
            bytes.clone()
        } else {
            let frame = FrameFormat::new(framing, 1, MAX_TELEGRAM);
            line::framed(frame, &bytes).map_err(|source| PlayError::Frame { line, source })?
        };
        let key = (!matches!(send, Send::Raw(_))).then(|| self.keys.awaited(&bytes)).flatten();
        self.line.send(&framed).await.map_err(|source| PlayError::Connect {
            line,
            to: self.settings.to,
            source,
        })?;
        let exchange = Exchange {
            line,
            caption: self.caption.map(str::to_owned),
            label: label.cloned(),
            repeat,
            sent: self.shown(&bytes, step.layout.as_deref()),
            answer: None,
            elapsed_us: None,
            mismatches: Vec::new(),
        };
        if let Send::Fields { label, .. } = send {
            self.labels.insert(label, self.under_way.len());
        }
        self.under_way.push(Sent { exchange, bytes: Hidden(bytes), key, at: Instant::now(), settled: false });
        Ok(())
    }

    /// Waits for the answer to an exchange and compares it; without a step any answer will do.
    async fn expect_answer(&mut self, index: usize, step: Option<&Prepared<'a>>) {
        let key = self.under_way[index].key.clone();
        let line = step.map_or(self.under_way[index].exchange.line, |step| step.line);
        let waited = self.line.answer(&self.keys, key.as_ref(), self.settings.answer_timeout).await;
        let (answer, mismatches) = match waited {
            Waited::Arrived(arrived) => {
                let mismatches = step.map(|step| step.compare(&arrived.telegram)).unwrap_or_default();
                let layout = step.and_then(|step| step.layout.clone());
                let shown = self.shown(&arrived.telegram, layout.as_deref());
                (Some((shown, arrived.at)), mismatches)
            }
            Waited::Closed => (None, vec![other(line, "an answer", "a closed connection")]),
            Waited::Silence => (None, vec![other(line, "an answer", "none in time")]),
        };
        let sent = &mut self.under_way[index];
        sent.settled = true;
        sent.exchange.mismatches.extend(mismatches);
        if let Some((shown, at)) = answer {
            sent.exchange.elapsed_us = Some(at.duration_since(sent.at).as_micros());
            sent.exchange.answer = Some(shown);
        }
    }

    async fn expect_closed(&mut self, index: usize, line: usize) {
        let closed = self.line.closed(self.settings.answer_timeout).await;
        let sent = &mut self.under_way[index];
        sent.settled = true;
        if !closed {
            sent.exchange.mismatches.push(other(line, "a closed connection", "an open one"));
        }
    }

    async fn expect_nothing(&mut self, index: usize, line: usize, time: Duration) {
        let key = self.under_way[index].key.clone();
        let waited = self.line.answer(&self.keys, key.as_ref(), time).await;
        let sent = &mut self.under_way[index];
        sent.settled = true;
        sent.exchange.mismatches.extend(match waited {
            Waited::Silence => None,
            Waited::Closed => Some(other(line, "nothing", "a closed connection")),
            Waited::Arrived(_) => Some(other(line, "nothing", "an answer")),
        });
    }

    /// The telegram as it may be shown, by the layout given or the one its type names.
    fn shown(&self, telegram: &[u8], layout: Option<&Layout>) -> Telegram {
        let named = self.keys.layout_name(telegram).and_then(|name| self.layouts.get(&name).ok());
        let layout = layout.or(named.as_deref());
        let decoded = layout.map(|layout| layout.decode(telegram));
        let fields = decoded.iter().flat_map(Decoded::readings).filter_map(|reading| {
            let (name, title) = (reading.field().path.clone(), reading.field().title.clone());
            Some(Shown { name, title, value: reading.shown() }).filter(|shown| !shown.value.is_empty())
        });
        Telegram {
            layout: layout.map(|layout| layout.name().to_owned()),
            bytes: telegram.len(),
            fields: fields.collect(),
        }
    }
}

fn other(line: usize, expected: &str, found: &str) -> Mismatch {
    Mismatch { line, field: None, expected: expected.to_owned(), found: found.to_owned() }
}
