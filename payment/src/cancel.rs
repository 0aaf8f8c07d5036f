//! One cancel (취소) of a payment: its amount is reserved from the moment it may be out until it is known not to be done.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    AcquirerName, Amounts, Approval, CancelFinding, CancelRequest, Decline, PartialCancel, Request,
    ResponseCode, Serial, TerminalAnswer, Terms,
    debt::{is_zero, pause_ms},
    instant::after,
};

/// How long at least the answer of a try that went unanswered is reckoned with, once the try itself has settled, in milliseconds.
const LATE_ANSWER_MS: u64 = 30_000;

/// One cancel of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    pub(crate) request: Arc<CancelRequest>,
    /// How much it cancels, component by component.
    pub(crate) amounts: Amounts,
    /// Its serial; every try carries it.
    pub(crate) serial: Serial,
    pub(crate) state: CancelState,
    /// What a person found, as long as the acquirer has neither borne it out nor contradicted it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) found: Option<CancelFinding>,
}

/// Where a cancel stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelState {
    /// The intent is recorded; the first try may be out and the terminal waits.
    InFlight,
    /// No answer settles what became of it: the terminal was told 9023, its amount stays reserved, and it is sent again.
    Unconfirmed(Unconfirmed),
    /// 취소.
    Done {
        /// What the acquirer said of it: number and time of the cancel, where it gives them.
        approval: Arc<Approval>,
    },
    /// The acquirer refused it.
    Declined {
        /// What it said.
        decline: Arc<Decline>,
    },
    /// Refused by the switch, or provably never sent.
    Refused {
        /// With this code.
        code: ResponseCode,
    },
    /// In the manual queue; its amount stays reserved.
    Stuck {
        /// Why.
        why: StuckCancel,
        /// When.
        at: Timestamp,
    },
}

/// A cancel that is sent again until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unconfirmed {
    pub(crate) since: Timestamp,
    /// From here on no try that went unanswered can still be done: what a later try is told is proof.
    pub(crate) settled_from: Timestamp,
    /// Tries that went unanswered and whose answer may still come; no answer tells which try it answers. An answer while a try is out
    /// leaves as many: it is that try's, or the try's is still to come.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub(crate) strays: u32,
    pub(crate) pauses: u32,
    pub(crate) alarmed: bool,
    pub(crate) next: NextTry,
}

/// The next try of a cancel, or the one that is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NextTry {
    /// It is due at this instant.
    Due {
        /// When.
        at: Timestamp,
    },
    /// It is out since this instant.
    Trying {
        /// When it was released.
        since: Timestamp,
    },
}

/// Why a cancel needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StuckCancel {
    /// A partial cancel went unanswered at an acquirer that may do it twice.
    NotRepeatable,
    /// Not settled within the time configured.
    GivenUp,
    /// The acquirer's word is another than what its terminal had been told or a person had found: it did what was refused, or did not do
    /// what a person had found done.
    Contradicted,
}

impl Cancel {
    /// What the terminal asked.
    pub fn request(&self) -> &Arc<CancelRequest> {
        &self.request
    }

    /// How much it cancels, component by component.
    pub fn amounts(&self) -> &Amounts {
        &self.amounts
    }

    /// The serial it goes under.
    pub fn serial(&self) -> Serial {
        self.serial
    }

    /// Where it stands.
    pub fn state(&self) -> &CancelState {
        &self.state
    }

    /// What a person found of it, who settled it; `None` where the acquirer, or the switch, did, and once the acquirer has had its say.
    pub fn found_by_person(&self) -> Option<CancelFinding> {
        self.found
    }

    /// Whether its amount is not to be cancelled by anything else: it is cancelled, or may be.
    pub fn is_reserved(&self) -> bool {
        match self.state {
            CancelState::InFlight
            | CancelState::Unconfirmed(_)
            | CancelState::Done { .. }
            | CancelState::Stuck { .. } => true,
            CancelState::Declined { .. } | CancelState::Refused { .. } => false,
        }
    }

    /// Whether its terminal was told that it is refused.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.state, CancelState::Declined { .. } | CancelState::Refused { .. })
    }

    /// Whether its outcome is still to come by itself.
    pub fn is_open(&self) -> bool {
        matches!(self.state, CancelState::InFlight | CancelState::Unconfirmed(_))
    }

    /// Whether it is cancelled.
    pub fn is_done(&self) -> bool {
        matches!(self.state, CancelState::Done { .. })
    }

    /// Whether a person may have it tried again.
    pub(crate) fn may_be_tried_again(&self) -> bool {
        matches!(self.state, CancelState::Stuck { why: StuckCancel::GivenUp, .. })
    }

    pub(crate) fn is_stuck(&self) -> bool {
        matches!(self.state, CancelState::Stuck { .. })
    }

    /// What its terminal is told; `None` while the first try is out.
    pub(crate) fn answer(
        &self,
        original: &Arc<Request>,
        approved: &Arc<Approval>,
        route: &AcquirerName,
    ) -> Option<TerminalAnswer> {
        Some(match &self.state {
            CancelState::InFlight => return None,
            CancelState::Unconfirmed(_) | CancelState::Stuck { .. } => {
                TerminalAnswer::Refused(ResponseCode::CANCEL_UNCONFIRMED)
            }
            CancelState::Done { approval } => TerminalAnswer::Cancelled {
                original: original.clone(),
                approval: approved.clone(),
                cancelled: approval.clone(),
                route: route.clone(),
            },
            CancelState::Declined { decline } => {
                TerminalAnswer::Declined { decline: decline.clone(), route: route.clone() }
            }
            CancelState::Refused { code } => TerminalAnswer::Refused(*code),
        })
    }

    /// When it next needs a [`crate::Event::Due`]; the instant of a try that is held is none.
    pub(crate) fn due(&self, terms: &Terms, is_held: impl FnOnce() -> bool) -> Option<Timestamp> {
        let CancelState::Unconfirmed(unconfirmed) = &self.state else { return None };
        let alarm = (!unconfirmed.alarmed).then(|| unconfirmed.alarm_at(terms));
        match unconfirmed.next {
            NextTry::Due { at } => {
                let tried = (!is_held()).then_some(at);
                [Some(unconfirmed.give_up_at(terms)), tried, alarm].into_iter().flatten().min()
            }
            NextTry::Trying { .. } => alarm,
        }
    }

    /// A try went unanswered, or its answer settles nothing: it is repeated where that is safe. Tells whether a person is needed now.
    pub(crate) fn in_doubt(
        &mut self,
        is_repeatable: bool,
        settled_from: Timestamp,
        now: Timestamp,
        terms: &Terms,
    ) -> Option<StuckCancel> {
        match &mut self.state {
            CancelState::InFlight if is_repeatable => {
                let mut unconfirmed = Unconfirmed {
                    since: now,
                    settled_from,
                    strays: 0,
                    pauses: 0,
                    alarmed: false,
                    next: NextTry::Due { at: now },
                };
                unconfirmed.pause(now, terms);
                self.state = CancelState::Unconfirmed(unconfirmed);
                None
            }
            CancelState::InFlight => {
                let why = StuckCancel::NotRepeatable;
                self.state = CancelState::Stuck { why, at: now };
                Some(why)
            }
            CancelState::Unconfirmed(unconfirmed) => {
                unconfirmed.settled_from = unconfirmed.settled_from.max(settled_from);
                unconfirmed.pause(now, terms);
                None
            }
            CancelState::Done { .. }
            | CancelState::Declined { .. }
            | CancelState::Refused { .. }
            | CancelState::Stuck { .. } => None,
        }
    }
}

impl Unconfirmed {
    /// One that a person has tried again after it was given up: what its tries before may still be told is not known any more.
    pub(crate) fn again(settled_from: Timestamp, now: Timestamp) -> Self {
        Self {
            since: now,
            settled_from,
            strays: u32::MAX,
            pauses: 0,
            alarmed: false,
            next: NextTry::Trying { since: now },
        }
    }

    /// Since when the terminal knows that it is unconfirmed.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// The next try, or the one that is out.
    pub fn next(&self) -> NextTry {
        self.next
    }

    pub(crate) fn alarm_at(&self, terms: &Terms) -> Timestamp {
        after(self.since, terms.net_cancel_alarm_after_ms)
    }

    pub(crate) fn give_up_at(&self, terms: &Terms) -> Timestamp {
        after(self.since, terms.net_cancel_give_up_after_ms)
    }

    /// A try went unanswered: its answer may come in place of a later one's.
    pub(crate) fn went_unanswered(&mut self) {
        self.strays = self.strays.saturating_add(1);
    }

    /// Whether what the acquirer says now is said of the try that is out, and everything before that has settled.
    pub(crate) fn answers_alone(&self, settle_after_ms: u64) -> bool {
        match self.next {
            NextTry::Trying { since } => since >= self.alone_from(settle_after_ms),
            NextTry::Due { .. } => false,
        }
    }

    /// From here on a try answers alone: all before it have settled, and where one of them was not answered, its answer has had as long
    /// again to come, and no less than half a minute.
    pub(crate) fn alone_from(&self, settle_after_ms: u64) -> Timestamp {
        if self.strays == 0 {
            self.settled_from
        } else {
            after(self.settled_from, settle_after_ms.max(LATE_ANSWER_MS))
        }
    }

    /// An answer came between two tries: it is that of one that had gone unanswered.
    pub(crate) fn was_answered_late(&mut self) {
        self.strays = self.strays.saturating_sub(1);
    }

    /// The next try, after a pause that doubles up to the longest one allowed.
    pub(crate) fn pause(&mut self, now: Timestamp, terms: &Terms) {
        self.next = NextTry::Due { at: after(now, pause_ms(self.pauses, terms)) };
        self.pauses = self.pauses.saturating_add(1);
    }

    /// A process takes the cancel up: one that starts, or one that takes over. A try in flight may have left and is made again at once, and
    /// no pause is longer than the longest: an instant further ahead was set by a clock that was ahead.
    ///
    /// `settled_from` is counted from the last byte that can have left before now, by the clock that runs now, and stands whatever the
    /// record says, for the clock of its process may have been wrong either way: by one that was behind a try would answer alone while
    /// one before it can still be done, and what is cancelled be told declined. Late answers are reckoned with from there too. So each start
    /// keeps the amount reserved for as long again, and what is declined before then is asked once more.
    pub(crate) fn restarted(&mut self, settled_from: Timestamp, now: Timestamp, terms: &Terms) {
        self.since = self.since.min(now);
        self.settled_from = settled_from;
        match self.next {
            NextTry::Trying { .. } => {
                self.went_unanswered();
                self.next = NextTry::Due { at: now };
            }
            NextTry::Due { at } if at > after(now, terms.net_cancel_max_delay_ms) => {
                self.next = NextTry::Due { at: now };
            }
            NextTry::Due { .. } => {}
        }
    }
}

impl PartialCancel {
    /// Whether a cancel that went unanswered may be sent again: a full one always, as it can only be done once.
    pub(crate) fn may_repeat(self, is_partial: bool) -> bool {
        !is_partial || self == Self::Repeatable
    }
}
