//! A capture at work, step by step.

use std::collections::HashMap;
use std::time::Duration;

use codec::frame::FrameFormat;
use tokio::time::Instant;

use super::handshake::{EOT_TIME, Handshake, Quirks};
use super::key::{Key, Keys};
use super::line::{self, Line, NotSent, Waited};
use super::prepare::{PrepareError, Prepared, VALUES_THAT_FIT};
use super::shown::shown;
use super::{Exchange, Mismatch, PlayError, Settings, Telegram, reference};
use crate::capture::{Assignment, Expect, Part, Reference, Send, Statement, Value};
use crate::clock;
use crate::hidden::Hidden;
use crate::layout::{Layouts, euc_kr};

pub(super) struct Play<'a, Seen> {
    keys: Keys,
    layouts: &'a Layouts,
    settings: &'a Settings,
    frame: FrameFormat,
    wire: Wire,
    quirks: Quirks,
    under_way: Vec<Sent>,
    labels: HashMap<&'a str, usize>,
    caption: Option<&'a str>,
    seen: Seen,
}

/// The terminal's socket: any number of telegrams on it, or one each with the handshake around it.
enum Wire {
    Line(Line),
    Handshake(Handshake),
}

struct Sent {
    exchange: Exchange,
    bytes: Hidden<Vec<u8>>,
    answer: Option<Hidden<Vec<u8>>>,
    key: Option<Key>,
    at: Instant,
    settled: bool,
    awaits_eot: bool,
}

/// What is to be sent, and whether it is a repeat.
struct Ready {
    bytes: Vec<u8>,
    repeat: bool,
}

impl<'a, Seen: FnMut(&Exchange)> Play<'a, Seen> {
    pub(super) fn new(
        handshake: bool,
        layouts: &'a Layouts,
        settings: &'a Settings,
        frame: FrameFormat,
        seen: Seen,
    ) -> Result<Self, PrepareError> {
        let wire = if handshake {
            Wire::Handshake(Handshake::new(settings.to, frame, settings.answer_timeout))
        } else {
            Wire::Line(Line::new(settings.to, frame))
        };
        Ok(Self {
            keys: Keys::new(layouts)?,
            layouts,
            settings,
            frame,
            wire,
            quirks: Quirks::default(),
            under_way: Vec::new(),
            labels: HashMap::new(),
            caption: None,
            seen,
        })
    }

    pub(super) async fn step(&mut self, step: &Prepared<'a>) -> Result<(), PlayError> {
        match step.statement {
            Statement::Default { .. } => {}
            Statement::Say(text) => self.caption = Some(text),
            Statement::Wait(time) => tokio::time::sleep(*time).await,
            Statement::Next(quirk) => self.quirks.add(*quirk),
            Statement::Close => self.close(),
            Statement::Send(send) => self.send(step, send).await?,
            Statement::Expect(expect) => self.expect(step, expect).await?,
        }
        Ok(())
    }

    /// Waits for what is still expected, and gives back everything that happened.
    pub(super) async fn end(mut self) -> Vec<Exchange> {
        for index in 0..self.under_way.len() {
            self.finish(index).await;
        }
        self.under_way.into_iter().map(|sent| sent.exchange).collect()
    }

    async fn send(&mut self, step: &Prepared<'a>, send: &'a Send) -> Result<(), PlayError> {
        if let Wire::Handshake(_) = self.wire
            && let Some(latest) = self.under_way.len().checked_sub(1)
        {
            self.finish(latest).await;
        }
        let quirks = std::mem::take(&mut self.quirks);
        let line = step.line;
        let Ready { bytes, repeat } = match self.ready(step, send)? {
            Ok(ready) => ready,
            Err(mismatch) => {
                self.not_sent(step, send, mismatch);
                return Ok(());
            }
        };
        let framed = if matches!(send, Send::Raw(_)) {
            bytes.clone()
        } else {
            line::framed(self.frame, &bytes).map_err(|source| PlayError::Frame { line, source })?
        };
        let left = match &mut self.wire {
            Wire::Line(line) => line.send(&framed).await,
            Wire::Handshake(handshake) => {
                let repeatable = !matches!(send, Send::Raw(_));
                handshake.send(framed, repeatable, quirks).await
            }
        };
        match left {
            Ok(()) => {}
            Err(NotSent::Connect(source)) => {
                return Err(PlayError::Connect { line, to: self.settings.to, source });
            }
            Err(NotSent::NotInvited(found)) => {
                self.not_sent(step, send, other(line, "ENQ", found));
                return Ok(());
            }
        }
        let key = (!matches!(send, Send::Raw(_))).then(|| self.keys.awaited(&bytes)).flatten();
        let shown = shown(&self.keys, self.layouts, &bytes, step.layout.as_deref());
        let exchange = self.exchange(line, send, repeat, shown);
        self.push(
            send,
            Sent {
                exchange,
                bytes: Hidden(bytes),
                answer: None,
                key,
                at: Instant::now(),
                settled: false,
                awaits_eot: false,
            },
        );
        Ok(())
    }

    /// The telegram to send; a mismatch when it refers to something that never came.
    fn ready(&self, step: &Prepared<'a>, send: &'a Send) -> Result<Result<Ready, Mismatch>, PlayError> {
        let line = step.line;
        Ok(match send {
            Send::Fields { .. } => match self.values(step) {
                Ok(values) => {
                    match step.layout.as_ref().map(|layout| layout.build(&values, clock::kst_now())) {
                        Some(Ok(bytes)) => Ok(Ready { bytes, repeat: false }),
                        Some(Err(error)) => Err(other(line, VALUES_THAT_FIT, &error.to_string())),
                        None => unreachable!("a telegram in field form was prepared with its layout"),
                    }
                }
                Err(mismatch) => Err(mismatch),
            },
            Send::Again { label } => match &self.under_way[self.labels[label.as_str()]] {
                first if first.exchange.was_sent() => {
                    Ok(Ready { bytes: first.bytes.0.clone(), repeat: true })
                }
                _ => Err(other(line, &format!("a telegram sent as {label}"), "none")),
            },
            Send::Text(text) => {
                let bytes = euc_kr(&text.0).ok_or(PrepareError::Unencodable { line })?;
                Ok(Ready { bytes, repeat: false })
            }
            Send::Hex(bytes) | Send::Raw(bytes) => Ok(Ready { bytes: bytes.0.clone(), repeat: false }),
        })
    }

    /// The values of a step, those taken from other telegrams too.
    fn values(&self, step: &Prepared<'a>) -> Result<Vec<Assignment>, Mismatch> {
        step.resolved(|reference| self.look(reference)).map_err(|reference| {
            let expected = match reference.part {
                Part::Sent => format!("a telegram sent as {}", reference.label),
                Part::Reply => format!("an answer to {} above", reference.label),
            };
            other(step.line, &expected, "none")
        })
    }

    fn look(&self, reference: &Reference) -> Option<Value> {
        let first = &self.under_way[*self.labels.get(reference.label.as_str())?];
        let telegram = match reference.part {
            Part::Sent => Some(&first.bytes.0),
            Part::Reply => self
                .under_way
                .iter()
                .rev()
                .filter(|sent| sent.exchange.label.as_deref() == Some(&reference.label))
                .find_map(|sent| sent.answer.as_ref().map(|answer| &answer.0)),
        };
        let telegram = telegram.filter(|bytes| !bytes.is_empty())?;
        let name = reference::layout_name(reference.part, first.exchange.sent.layout.as_deref()?)?;
        reference::held(reference, &*self.layouts.get(&name).ok()?, telegram)
    }

    fn not_sent(&mut self, step: &Prepared<'a>, send: &'a Send, mismatch: Mismatch) {
        let layout = step.layout.as_ref().map(|layout| layout.name().to_owned());
        let nothing = Telegram { layout, bytes: 0, fields: Vec::new() };
        let repeat = matches!(send, Send::Again { .. });
        let mut exchange = self.exchange(step.line, send, repeat, nothing);
        exchange.mismatches.push(mismatch);
        (self.seen)(&exchange);
        self.push(
            send,
            Sent {
                exchange,
                bytes: Hidden(Vec::new()),
                answer: None,
                key: None,
                at: Instant::now(),
                settled: true,
                awaits_eot: false,
            },
        );
    }

    fn exchange(&self, line: usize, send: &Send, repeat: bool, telegram: Telegram) -> Exchange {
        let label = match send {
            Send::Fields { label, .. } | Send::Again { label } => Some(label.clone()),
            Send::Text(_) | Send::Hex(_) | Send::Raw(_) => None,
        };
        Exchange {
            line,
            caption: self.caption.map(str::to_owned),
            label,
            repeat,
            sent: telegram,
            answer: None,
            elapsed_us: None,
            mismatches: Vec::new(),
        }
    }

    fn push(&mut self, send: &'a Send, done: Sent) {
        if let Send::Fields { label, .. } = send {
            self.labels.insert(label, self.under_way.len());
        }
        self.under_way.push(done);
    }

    async fn expect(&mut self, step: &Prepared<'a>, expect: &'a Expect) -> Result<(), PlayError> {
        let line = step.line;
        let Some(latest) = self.under_way.len().checked_sub(1) else {
            return Err(PrepareError::NothingSent { line }.into());
        };
        let index = match expect {
            Expect::Answer { of: Some(label), .. } => self.labels[label.as_str()],
            Expect::Answer { of: None, .. } | Expect::Closed | Expect::Eot | Expect::Nothing(_) => latest,
        };
        // What was never sent is a mismatch already.
        if !self.under_way[index].exchange.was_sent() {
            return Ok(());
        }
        match expect {
            Expect::Answer { .. } => self.expect_answer(index, Some(step)).await,
            Expect::Closed => self.expect_closed(index, line).await,
            Expect::Eot => self.expect_eot(index, line).await,
            Expect::Nothing(time) => self.expect_nothing(index, line, *time).await,
        }
        if !self.under_way[index].awaits_eot {
            (self.seen)(&self.under_way[index].exchange);
        }
        Ok(())
    }

    /// Waits for what an exchange still lacks.
    async fn finish(&mut self, index: usize) {
        let line = self.under_way[index].exchange.line;
        let open = !self.under_way[index].settled || self.under_way[index].awaits_eot;
        if !self.under_way[index].settled {
            self.expect_answer(index, None).await;
        }
        if self.under_way[index].awaits_eot {
            self.expect_eot(index, line).await;
        }
        if open {
            (self.seen)(&self.under_way[index].exchange);
        }
    }

    /// Waits for the answer to an exchange and compares it; without a step any answer will do.
    async fn expect_answer(&mut self, index: usize, step: Option<&Prepared<'a>>) {
        let key = self.under_way[index].key.clone();
        let line = step.map_or(self.under_way[index].exchange.line, |step| step.line);
        let time = self.settings.answer_timeout;
        let waited = match &mut self.wire {
            Wire::Line(wire) => wire.answer(&self.keys, key.as_ref(), time).await,
            Wire::Handshake(wire) => wire.answer(&self.keys, key.as_ref(), time).await,
        };
        let (answer, mismatches) = match waited {
            Waited::Arrived(arrived) => {
                let mismatches = step.map_or_else(Vec::new, |step| match self.values(step) {
                    Ok(values) => step.compare(&values, &arrived.telegram),
                    Err(mismatch) => vec![mismatch],
                });
                let layout = step.and_then(|step| step.layout.clone());
                let shown = shown(&self.keys, self.layouts, &arrived.telegram, layout.as_deref());
                (Some((arrived, shown)), mismatches)
            }
            Waited::Closed => (None, vec![other(line, "an answer", "a closed connection")]),
            Waited::Silence => (None, vec![other(line, "an answer", "none in time")]),
            Waited::Other(found) => (None, vec![other(line, "an answer", found)]),
        };
        let acknowledged = matches!(&self.wire, Wire::Handshake(wire) if wire.acknowledged());
        let sent = &mut self.under_way[index];
        sent.settled = true;
        sent.exchange.mismatches.extend(mismatches);
        if let Some((arrived, shown)) = answer {
            sent.awaits_eot = acknowledged;
            sent.answer = Some(Hidden(arrived.telegram.to_vec()));
            sent.exchange.elapsed_us = Some(arrived.at.duration_since(sent.at).as_micros());
            sent.exchange.answer = Some(shown);
        }
    }

    async fn expect_closed(&mut self, index: usize, line: usize) {
        let time = self.settings.answer_timeout;
        let waited = match &mut self.wire {
            Wire::Line(wire) => wire.closed(time).await,
            Wire::Handshake(wire) => wire.closed(time).await,
        };
        let sent = &mut self.under_way[index];
        (sent.settled, sent.awaits_eot) = (true, false);
        sent.exchange.mismatches.extend(match waited {
            Waited::Closed => None,
            Waited::Silence => Some(other(line, "a closed connection", "an open one")),
            Waited::Arrived(_) => Some(other(line, "a closed connection", "an answer")),
            Waited::Other(found) => Some(other(line, "a closed connection", found)),
        });
    }

    async fn expect_eot(&mut self, index: usize, line: usize) {
        let waited = match &mut self.wire {
            Wire::Handshake(wire) => wire.eot(EOT_TIME.min(self.settings.answer_timeout)).await,
            Wire::Line(_) => unreachable!("EOT is expected in captures with the handshake only"),
        };
        let sent = &mut self.under_way[index];
        (sent.settled, sent.awaits_eot) = (true, false);
        sent.exchange.mismatches.extend(waited.err().map(|found| other(line, "EOT", found)));
    }

    async fn expect_nothing(&mut self, index: usize, line: usize, time: Duration) {
        let key = self.under_way[index].key.clone();
        let waited = match &mut self.wire {
            Wire::Line(wire) => wire.answer(&self.keys, key.as_ref(), time).await,
            Wire::Handshake(wire) => wire.nothing(time).await,
        };
        let sent = &mut self.under_way[index];
        sent.settled = true;
        sent.exchange.mismatches.extend(match waited {
            Waited::Silence => None,
            Waited::Closed => Some(other(line, "nothing", "a closed connection")),
            Waited::Arrived(_) => Some(other(line, "nothing", "an answer")),
            Waited::Other(found) => Some(other(line, "nothing", found)),
        });
    }

    /// The terminal is gone: it will read no answer that it has not read yet.
    fn close(&mut self) {
        match &mut self.wire {
            Wire::Line(wire) => wire.close(),
            Wire::Handshake(wire) => wire.close(),
        }
        for sent in &mut self.under_way {
            if !sent.settled || sent.awaits_eot {
                (sent.settled, sent.awaits_eot) = (true, false);
                (self.seen)(&sent.exchange);
            }
        }
    }
}

fn other(line: usize, expected: &str, found: &str) -> Mismatch {
    Mismatch { line, field: None, expected: expected.to_owned(), found: found.to_owned() }
}
