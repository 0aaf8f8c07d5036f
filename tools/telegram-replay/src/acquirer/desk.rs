//! One request in, its answers out: what the simulated acquirer decides, apart from sockets and time.

use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use codec::frame::FrameFormat;

use super::behaviour::{Answer, Effect};
use super::dialect::{Deed, Dialect};
use super::plan::{Plan, PlanError, Ready, RefusedBy, Verdict};
use super::script::{Asked, Decision, Running, Script};
use super::tries::{Tries, Try};
use super::truth::{Book, Event, Settled, Truth};
use crate::layout::Layouts;

/// Approvals that wait for their net-cancel, at most.
const MAX_WAITING: usize = 10_000;

/// The code for an approval that was asked for twice under one serial.
const ALREADY_APPROVED: &str = "4299";
/// The code for a cancel of something cancelled.
const ALREADY_CANCELLED: &str = "6999";
/// The code for a cancel of something unknown.
const NO_SUCH_ORIGINAL: &str = "8414";
/// The code for a cancel of another amount.
const AMOUNT_DIFFERS: &str = "8504";

/// The deciding part of a simulated acquirer.
pub(super) struct Desk<To> {
    plan: Plan,
    frame: FrameFormat,
    script: Running,
    book: Book,
    tries: Tries,
    waiting: HashMap<String, Waiting<To>>,
    late: Duration,
    after_net_cancel: Duration,
}

/// An approval that is given only after its net-cancel was refused.
pub(super) struct Waiting<To> {
    pub(super) serial: String,
    pub(super) amount: u64,
    pub(super) number: String,
    pub(super) answer: Parcel,
    pub(super) to: To,
}

/// What is to be done after a request.
pub(super) enum Reaction<To> {
    /// Send this now.
    Send(Parcel),
    /// Send this after a time.
    SendLater(Duration, Parcel),
    /// Give this approval after a time, and then answer it.
    ApproveLater(Duration, Waiting<To>),
}

/// Bytes for a socket, and how they leave. No `Debug`: a reply repeats card data.
#[derive(Clone)]
pub(super) struct Parcel {
    pub(super) bytes: Bytes,
    pub(super) leaves: Leaves,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaves {
    Whole,
    Bytewise,
    /// The socket is closed behind them.
    ThenClose,
}

impl<To: Clone> Desk<To> {
    pub(super) fn new(
        dialect: &'static Dialect,
        layouts: &Layouts,
        script: &Script,
        (late, after_net_cancel): (Duration, Duration),
        (book, tries): (Book, Tries),
    ) -> Result<Self, PlanError> {
        Ok(Self {
            plan: Plan::new(dialect, layouts)?,
            frame: dialect.frame,
            script: Running::new(script),
            book,
            tries,
            waiting: HashMap::new(),
            late,
            after_net_cancel,
        })
    }

    /// Decides about one telegram; `to` is where its answer goes.
    pub(super) fn take(&mut self, telegram: &[u8], to: &To, reactions: &mut Vec<Reaction<To>>) {
        let ready = match self.plan.recognise(telegram) {
            Ok(ready) => ready,
            Err(finding) => {
                tracing::warn!(finding, "unreadable request");
                return self.book.unreadable(finding);
            }
        };
        let serial = ready.serial(telegram);
        let mut named = String::new();
        let original = ready.original(telegram, &mut named);
        let whole = || original.and_then(|original| self.book.amount_of(original));
        let amount = ready.amount(telegram).or_else(whole).unwrap_or(0);
        let deed = ready.operation.deed;
        let attempt = match deed {
            Deed::Cancel | Deed::EitherCancel => self.tries.next(&serial),
            Deed::Approval | Deed::NetCancel | Deed::Echo | Deed::SignOn => Try::First,
        };
        let decision = self.script.decide(&Asked { deed, serial: &serial, amount, attempt });
        let code = decision.code();
        let effect = decision.behaviour.effect;
        if effect == Effect::Ignored {
            self.book.note(Event::Ignored, &serial, amount);
            let drop = decision.behaviour.answer == Answer::Drop;
            reactions.extend(
                drop.then(|| Reaction::Send(Parcel { bytes: Bytes::new(), leaves: Leaves::ThenClose })),
            );
            return;
        }
        let refused_by =
            if matches!(effect, Effect::NotProcessed(_)) { RefusedBy::Van } else { RefusedBy::Issuer };
        let (reply, number);
        let verdict = match (deed.of_line(code.is_some()), original, effect) {
            (Some(event), ..) => {
                self.book.note(event, &serial, 0);
                Verdict { refusal: code.map(|code| (code, refused_by)), approval_no: None, amount: 0 }
            }
            (None, None, Effect::Refused(_) | Effect::NotProcessed(_)) => {
                self.book.note(Event::Declined, &serial, amount);
                Verdict { refusal: code.map(|code| (code, refused_by)), approval_no: None, amount }
            }
            (None, None, _) if self.book.knows(&serial) => {
                self.book.note(Event::Repeated, &serial, amount);
                Verdict { refusal: Some((ALREADY_APPROVED, RefusedBy::Issuer)), approval_no: None, amount }
            }
            (None, None, Effect::DoneAfterNetCancel) => {
                number = self.book.number();
                reply = ready.reply(telegram, &Verdict { refusal: None, approval_no: Some(&number), amount });
                if self.waiting.len() < MAX_WAITING {
                    let answer = Parcel { bytes: framed(self.frame, &reply), leaves: Leaves::Whole };
                    let serial_key = serial.clone();
                    self.waiting
                        .insert(serial_key, Waiting { serial, amount, number, answer, to: to.clone() });
                }
                return;
            }
            (None, None, _) => {
                number = self.book.number();
                self.book.approve(&serial, amount, number.clone());
                Verdict { refusal: code.map(|code| (code, refused_by)), approval_no: Some(&number), amount }
            }
            (None, Some(_), Effect::Refused(_) | Effect::NotProcessed(_)) => {
                self.book.note(Event::CancelRefused, &serial, amount);
                Verdict { refusal: code.map(|code| (code, refused_by)), approval_no: None, amount }
            }
            (None, Some(original), _) => {
                let settled = self.book.cancel(deed, &serial, original, amount);
                if settled == Settled::Unknown
                    && deed != Deed::Cancel
                    && let Some(waiting) = self.waiting.remove(&named)
                {
                    reactions.push(Reaction::ApproveLater(self.after_net_cancel, waiting));
                }
                let refusal = match settled {
                    Settled::Accepted { .. } => code,
                    Settled::Already { .. } => Some(ALREADY_CANCELLED),
                    Settled::Unknown => Some(NO_SUCH_ORIGINAL),
                    Settled::AmountDiffers { .. } => Some(AMOUNT_DIFFERS),
                };
                number = match settled {
                    Settled::Accepted { approval_no }
                    | Settled::Already { approval_no }
                    | Settled::AmountDiffers { approval_no } => approval_no,
                    Settled::Unknown => String::new(),
                };
                Verdict {
                    refusal: refusal.map(|code| (code, RefusedBy::Issuer)),
                    approval_no: Some(&number),
                    amount,
                }
            }
        };
        let mut reply = ready.reply(telegram, &verdict);
        if effect == Effect::StoodIn && verdict.refusal.is_none() {
            ready.stand_in(&mut reply);
        }
        answer(self.frame, self.late, ready, reply, &decision, reactions);
    }

    /// Gives an approval that waited for its net-cancel.
    pub(super) fn approve_late(&mut self, waiting: &Waiting<To>) {
        self.book.approve(&waiting.serial, waiting.amount, waiting.number.clone());
        self.book.flush();
    }

    pub(super) fn flush(&mut self) {
        self.book.flush();
    }

    pub(super) fn log(&self) -> Vec<Truth> {
        self.book.log()
    }

    pub(super) fn cancelled(&self) -> Vec<(String, u64)> {
        self.book.cancelled()
    }

    pub(super) fn live(&self) -> Vec<(String, u64)> {
        self.book.live()
    }
}

fn answer<To>(
    frame: FrameFormat,
    late: Duration,
    ready: &Ready,
    mut reply: Vec<u8>,
    decision: &Decision,
    reactions: &mut Vec<Reaction<To>>,
) {
    let whole = |reply: &[u8]| Parcel { bytes: framed(frame, reply), leaves: Leaves::Whole };
    match decision.behaviour.answer {
        Answer::Never => {}
        Answer::Once => reactions.push(Reaction::Send(whole(&reply))),
        Answer::Late => reactions.push(Reaction::SendLater(decision.late.unwrap_or(late), whole(&reply))),
        Answer::Twice => reactions.extend([Reaction::Send(whole(&reply)), Reaction::Send(whole(&reply))]),
        Answer::WrongAmount => {
            ready.falsify_amount(&mut reply);
            reactions.push(Reaction::Send(whole(&reply)));
        }
        Answer::WrongSerial => {
            ready.falsify_serial(&mut reply);
            reactions.push(Reaction::Send(whole(&reply)));
        }
        Answer::Garbage => {
            // A length inside the telegram must stay, or no frame would arrive at all.
            let kept = if frame.length_in_telegram { 4 } else { 0 };
            reply[kept..].fill(b'?');
            reactions.push(Reaction::Send(whole(&reply)));
        }
        Answer::Bytewise => {
            reactions.push(Reaction::Send(Parcel { leaves: Leaves::Bytewise, ..whole(&reply) }));
        }
        Answer::Half => {
            let bytes = framed(frame, &reply);
            let bytes = bytes.slice(..bytes.len() / 2);
            reactions.push(Reaction::Send(Parcel { bytes, leaves: Leaves::ThenClose }));
        }
        Answer::Drop => {
            reactions.push(Reaction::Send(Parcel { bytes: Bytes::new(), leaves: Leaves::ThenClose }));
        }
    }
}

fn framed(frame: FrameFormat, reply: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(reply.len() + 8);
    frame.encode(reply, &mut bytes).expect("a reply of the dialect's own layout fits its own frame");
    bytes.freeze()
}

/// A place for the truth as JSON lines.
pub type TruthSink = Box<dyn Write + Send>;
