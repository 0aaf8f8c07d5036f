//! What the lines tell, read in the language of the line: outcomes, late answers, and answers nobody waits for.

use acquirer_links::{BreakerState, Key, LinkEvent, Outcome};
use bytes::Bytes;
use desk::{Gate, Input, Stray};
use dialects::ReplyKind;
use payment::Event;
use store::{Lookup, Note};
use tokio::sync::OwnedSemaphorePermit;

use super::{Exchange, LineNo, Sent, Tag, line, lines::Origin};
use crate::meters;

/// Links remembered for net-cancels to follow their original on.
const FOLLOWED: usize = 100_000;

impl Exchange {
    /// A line nobody knows was started by a reload that is not through, or came to nothing: it carries nothing yet.
    pub(super) fn line_events(
        &mut self,
        line: LineNo,
        events: Vec<LinkEvent<Tag>>,
        mut room: OwnedSemaphorePermit,
    ) {
        let Some(from) = self.lines.origin(line) else { return };
        for event in events {
            self.line_event(&from, event, &mut room);
        }
    }

    /// The store has found what was looked up, or nothing: what waited for that may come.
    pub(super) fn looked_up(&mut self, lookup: &Lookup) {
        match lookup {
            Lookup::Serial(serial) => drop(self.strays.remove(serial)),
            Lookup::Id(_) | Lookup::Key(_) => {}
        }
    }

    fn line_event(&mut self, from: &Origin, event: LinkEvent<Tag>, room: &mut OwnedSemaphorePermit) {
        match event {
            LinkEvent::Outcome { tag, outcome } => self.outcome(from, tag, outcome),
            LinkEvent::Late { tag, telegram } => {
                let Origin { acquirer, dialect, .. } = from;
                let attempt = tag.number;
                let event = match tag.sent {
                    Sent::Request => Event::Late { attempt, answer: dialect.answer(&telegram) },
                    Sent::NetCancel => {
                        Event::NetCancelAnswered { attempt, answer: dialect.net_cancel_answer(&telegram) }
                    }
                    Sent::Cancel => {
                        Event::CancelAnswered { cancel: tag.number, answer: dialect.cancel_answer(&telegram) }
                    }
                };
                tracing::warn!(payment = %tag.payment, %acquirer, sent = ?tag.sent, "a late answer");
                self.inputs.push_back(Input::Happened { payment: tag.payment, event });
            }
            LinkEvent::Unknown { telegram, key } => self.unknown(from, &telegram, key, room.split(1)),
            LinkEvent::Flooded { link } => {
                let acquirer = &from.acquirer;
                tracing::error!(
                    %acquirer, %link,
                    "more comes in than may at once that nobody waits for: the link is read slowly, and may lose its requests"
                );
                meters::flooded(acquirer);
            }
            LinkEvent::Breaker { new, .. } => self.breaker(from, new),
            LinkEvent::Up { .. } | LinkEvent::Down { .. } => {
                if let Some(line) = self.lines.get(&from.acquirer) {
                    meters::line(&from.acquirer, &line.state());
                }
            }
        }
    }

    /// The desk and the plan of new payments go by the line that serves.
    fn breaker(&mut self, from: &Origin, breaker: BreakerState) {
        if self.lines.note_breaker(from.line, breaker) {
            self.inputs.push_back(Input::Gate { acquirer: from.acquirer.clone(), gate: gate(breaker) });
        }
    }

    fn outcome(&mut self, from: &Origin, tag: Tag, outcome: Outcome) {
        let Tag { payment, number: attempt, sent } = tag;
        let Origin { acquirer, dialect, .. } = from;
        if let Outcome::Answered(telegram) = &outcome {
            Self::unreadable(from, telegram);
            crate::failpoint::pass("after-answer");
        }
        let (event, told) = match (sent, outcome) {
            (Sent::Request, Outcome::Answered(telegram)) => {
                (Event::Answered { attempt, answer: dialect.answer(&telegram) }, "answered")
            }
            (Sent::Request, Outcome::NotSent(why)) => {
                (Event::NotSent { attempt, why: line::not_sent(why) }, "not-sent")
            }
            (Sent::Request, Outcome::Unanswered(unanswered)) => {
                if self.followed.len() >= FOLLOWED {
                    self.followed.clear();
                }
                self.followed.insert((payment, attempt), (from.line, unanswered.link));
                let last_byte_by = self.clock.latest_at(unanswered.last_byte_by);
                (
                    Event::Unanswered { attempt, why: line::unanswered(unanswered.why), last_byte_by },
                    "unanswered",
                )
            }
            (Sent::NetCancel, Outcome::Answered(telegram)) => {
                self.followed.remove(&(payment, attempt));
                (
                    Event::NetCancelAnswered { attempt, answer: dialect.net_cancel_answer(&telegram) },
                    "answered",
                )
            }
            (Sent::NetCancel, Outcome::NotSent(why)) => {
                (Event::NetCancelNotSent { attempt, why: line::not_sent(why) }, "not-sent")
            }
            (Sent::NetCancel, Outcome::Unanswered(_)) => {
                (Event::NetCancelUnanswered { attempt }, "unanswered")
            }
            (Sent::Cancel, Outcome::Answered(telegram)) => {
                let answer = dialect.cancel_answer(&telegram);
                (Event::CancelAnswered { cancel: attempt, answer }, "answered")
            }
            (Sent::Cancel, Outcome::NotSent(why)) => {
                (Event::CancelNotSent { cancel: attempt, why: line::not_sent(why) }, "not-sent")
            }
            (Sent::Cancel, Outcome::Unanswered(unanswered)) => {
                let last_byte_by = self.clock.latest_at(unanswered.last_byte_by);
                let why = line::unanswered(unanswered.why);
                (Event::CancelUnanswered { cancel: attempt, why, last_byte_by }, "unanswered")
            }
        };
        match sent {
            Sent::Request => meters::request_outcome(acquirer, told),
            Sent::NetCancel => meters::net_cancel_outcome(acquirer, told),
            Sent::Cancel => meters::cancel_outcome(acquirer, told),
        }
        self.inputs.push_back(Input::Happened { payment, event });
    }

    /// Says of a telegram that cannot be read which field of which layout breaks which rule, or that it names no request of ours.
    fn unreadable(from: &Origin, telegram: &Bytes) {
        let Origin { acquirer, dialect, .. } = from;
        if let Some(error) = dialect.fault(telegram) {
            tracing::error!(%acquirer, bytes = telegram.len(), %error, "an answer cannot be read");
        } else if !dialect.is_ours(telegram) {
            tracing::error!(%acquirer, bytes = telegram.len(), "an answer names no request of ours");
        }
    }

    /// An answer nobody waits for: if it names a serial of ours, the payment is looked up.
    fn unknown(
        &mut self,
        from: &Origin,
        telegram: &Bytes,
        key: Option<Key>,
        room: Option<OwnedSemaphorePermit>,
    ) {
        let Origin { acquirer, dialect, .. } = from;
        Self::unreadable(from, telegram);
        tracing::warn!(%acquirer, bytes = telegram.len(), known_key = key.is_some(), "an answer nobody waits for");
        let Some((kind, serial)) = key.and_then(ReplyKind::of) else {
            let (at, acquirer) = (self.clock.now(), acquirer.as_str().to_owned());
            return self.batch.notes.push(Note::UnknownAnswer { at, acquirer, serial: None });
        };
        let stray = match kind {
            ReplyKind::Request => Stray::Request(dialect.answer(telegram)),
            ReplyKind::NetCancel | ReplyKind::Cancel => Stray::Undone {
                net_cancel: dialect.net_cancel_answer(telegram),
                cancel: dialect.cancel_answer(telegram),
            },
        };
        self.strays.entry(serial).or_default().extend(room);
        self.inputs.push_back(Input::Stray { acquirer: acquirer.clone(), serial, stray });
    }
}

pub(super) fn gate(breaker: BreakerState) -> Gate {
    match breaker {
        BreakerState::Passing => Gate::Open,
        BreakerState::Probing => Gate::Probing,
        BreakerState::Blocked => Gate::Closed,
    }
}
