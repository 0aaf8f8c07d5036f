//! The debt of an attempt: a net-cancel (망취소) that is owed until the acquirer has settled it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Finding, NetCancelVerdict, Terms, instant::after};

/// Pause after the first try that settled nothing; doubled after each further one.
const FIRST_PAUSE_MS: u64 = 1_000;

/// The pause after `pauses` earlier ones.
pub(crate) fn pause_ms(pauses: u32, terms: &Terms) -> u64 {
    FIRST_PAUSE_MS.saturating_mul(1 << pauses.min(20)).min(terms.net_cancel_max_delay_ms)
}

/// A net-cancel that is or was owed. Every try carries the same identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debt {
    pub(crate) cause: Cause,
    pub(crate) owed_since: Timestamp,
    /// The last instant at which a byte of the request could have left, plus the acquirer's settling time: from here on "no such
    /// original" is proof. It is told by the clock of the process that has the debt in hand, as the instants of the tries are that are
    /// compared with it: an older process's says nothing, for its clock may have been wrong, and is counted anew.
    pub(crate) settled_from: Timestamp,
    /// The last instant at which the acquirer can have booked the request, as it was first counted, where the time was counted anew since: that
    /// brings the request to no other day than the one it was sent on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) booked_by: Option<Timestamp>,
    /// Approval number of the approval to undo, where one was seen; empty where it was seen without a number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) approval_no: Option<String>,
    /// Tries of which a byte may have left.
    pub(crate) tries: u32,
    /// Tries that left before `settled_from` and went unanswered: each may still be answered with a "no such original" that proves
    /// nothing, and no answer tells which try it answers.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub(crate) stray_tries: u32,
    /// Pauses made since it was owed, sent or not: the next one is longer.
    pub(crate) pauses: u32,
    pub(crate) alarmed: bool,
    pub(crate) state: DebtState,
}

/// Why a net-cancel is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The attempt went unanswered or its answer is in doubt.
    Unanswered,
    /// The approval never reached its terminal.
    Undelivered,
    /// An approval, or word that one exists, came for an attempt that had ended otherwise.
    LateApproval,
    /// The terminal did not acknowledge the approval in time.
    Unacknowledged,
    /// The terminal withdrew its request.
    Terminal,
}

/// Where a debt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DebtState {
    /// The next try is due at this instant.
    Due {
        /// When.
        at: Timestamp,
    },
    /// A try is out since this instant.
    Trying {
        /// When it was released.
        since: Timestamp,
    },
    /// Settled.
    Done {
        /// How.
        how: Closed,
        /// When.
        at: Timestamp,
    },
    /// In the manual queue.
    Stuck {
        /// Why.
        why: StuckWhy,
        /// When.
        at: Timestamp,
    },
}

/// How a debt was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closed {
    /// The acquirer accepted the net-cancel.
    Accepted,
    /// The original had been undone before.
    AlreadyCancelled,
    /// The acquirer knows no such original and none can come any more.
    NoSuchOriginal,
    /// The request was declined, as a late answer told.
    Declined,
    /// A person settled it, who found this at the acquirer.
    ByPerson(Finding),
}

/// Why a debt needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StuckWhy {
    /// Already acquired (매입).
    AlreadyAcquired,
    /// The acquirer's original has another amount.
    AmountDiffers,
    /// Not settled within the time configured.
    GivenUp,
    /// A person had found that the approval stands, and then the acquirer undid it after all.
    Contradicted,
}

impl Closed {
    /// Whether an approval that shows proves it wrong.
    pub(crate) fn rests_on_absence(self) -> bool {
        match self {
            Self::NoSuchOriginal | Self::Declined | Self::ByPerson(Finding::NeverApproved) => true,
            Self::Accepted | Self::AlreadyCancelled | Self::ByPerson(Finding::Undone | Finding::Stands) => {
                false
            }
        }
    }
}

impl Debt {
    pub(crate) fn new(
        cause: Cause,
        last_byte_by: Timestamp,
        settle_after_ms: u64,
        now: Timestamp,
        terms: &Terms,
    ) -> Self {
        Self {
            cause,
            owed_since: now,
            settled_from: after(last_byte_by, settle_after_ms),
            booked_by: None,
            approval_no: None,
            tries: 0,
            stray_tries: 0,
            pauses: 0,
            alarmed: false,
            state: DebtState::Due { at: after(now, terms.net_cancel_first_delay_ms) },
        }
    }

    /// Why it is owed.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// Since when it is owed.
    pub fn owed_since(&self) -> Timestamp {
        self.owed_since
    }

    /// How many tries were sent.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// Number of the approval it undoes: `None` where none was seen, empty where one was seen whose number is not known.
    pub fn approval_no(&self) -> Option<&str> {
        self.approval_no.as_deref()
    }

    /// Where it stands.
    pub fn state(&self) -> DebtState {
        self.state
    }

    /// Whether the acquirer has yet to settle it.
    pub fn is_owed(&self) -> bool {
        matches!(self.state, DebtState::Due { .. } | DebtState::Trying { .. })
    }

    /// When it next needs a [`crate::Event::Due`]; the instant of a try that is held is none.
    pub(crate) fn due(&self, terms: &Terms, is_held: impl FnOnce() -> bool) -> Option<Timestamp> {
        let alarm = (!self.alarmed).then(|| after(self.owed_since, terms.net_cancel_alarm_after_ms));
        match self.state {
            DebtState::Due { at } => {
                let tried = (!is_held()).then_some(at);
                [Some(self.give_up_at(terms)), tried, alarm].into_iter().flatten().min()
            }
            DebtState::Trying { .. } => alarm,
            DebtState::Done { .. } | DebtState::Stuck { .. } => None,
        }
    }

    pub(crate) fn give_up_at(&self, terms: &Terms) -> Timestamp {
        after(self.owed_since, terms.net_cancel_give_up_after_ms)
    }

    /// The answer of one try. Where `is_dated_alike` is not so, the acquirer may have booked the request under another day than the one
    /// the net-cancel names it by.
    pub(crate) fn answered(
        &mut self,
        verdict: NetCancelVerdict,
        is_dated_alike: bool,
        now: Timestamp,
        terms: &Terms,
    ) {
        let tried_at = match self.state {
            DebtState::Trying { since } => Some(since),
            DebtState::Due { .. } => None,
            DebtState::Done { how: Closed::ByPerson(found), .. } => {
                return self.settled_by_person(found, verdict, now);
            }
            DebtState::Done { .. } | DebtState::Stuck { .. } => return,
        };
        if tried_at.is_some() {
            self.tries = self.tries.saturating_add(1);
        }
        match verdict {
            NetCancelVerdict::Accepted => self.done(Closed::Accepted, now),
            NetCancelVerdict::AlreadyCancelled => self.done(Closed::AlreadyCancelled, now),
            NetCancelVerdict::NoSuchOriginal => self.no_such_original(tried_at, is_dated_alike, now, terms),
            NetCancelVerdict::AlreadyAcquired => self.stuck(StuckWhy::AlreadyAcquired, now),
            NetCancelVerdict::AmountDiffers => self.stuck(StuckWhy::AmountDiffers, now),
            NetCancelVerdict::TryAgain => self.pause(now, terms),
        }
    }

    /// Proof only for a try that left after the original could no longer come, and never against an approval that was seen. As many such
    /// answers as there are strays may be the strays'.
    fn no_such_original(
        &mut self,
        tried_at: Option<Timestamp>,
        is_dated_alike: bool,
        now: Timestamp,
        terms: &Terms,
    ) {
        let is_early = tried_at.is_some_and(|tried_at| tried_at < self.settled_from);
        let is_its = tried_at.is_some() && !is_early && self.stray_tries == 0;
        let is_proof = is_its && is_dated_alike && self.approval_no.is_none();
        if is_proof {
            return self.done(Closed::NoSuchOriginal, now);
        }
        if !is_early {
            self.stray_tries = self.stray_tries.saturating_sub(1);
        }
        self.pause(now, terms);
    }

    /// What an acquirer says after a person settled it: its word outweighs the person's.
    fn settled_by_person(&mut self, found: Finding, verdict: NetCancelVerdict, now: Timestamp) {
        match (found, verdict) {
            (Finding::NeverApproved, NetCancelVerdict::Accepted) => self.done(Closed::Accepted, now),
            (Finding::NeverApproved, NetCancelVerdict::AlreadyCancelled) => {
                self.done(Closed::AlreadyCancelled, now);
            }
            (Finding::NeverApproved, NetCancelVerdict::AlreadyAcquired) => {
                self.stuck(StuckWhy::AlreadyAcquired, now);
            }
            (Finding::NeverApproved, NetCancelVerdict::AmountDiffers) => {
                self.stuck(StuckWhy::AmountDiffers, now);
            }
            (Finding::Stands, NetCancelVerdict::Accepted | NetCancelVerdict::AlreadyCancelled) => {
                self.stuck(StuckWhy::Contradicted, now);
            }
            (
                Finding::NeverApproved | Finding::Stands,
                NetCancelVerdict::NoSuchOriginal | NetCancelVerdict::TryAgain,
            )
            | (Finding::Stands, NetCancelVerdict::AlreadyAcquired | NetCancelVerdict::AmountDiffers)
            | (
                Finding::Undone,
                NetCancelVerdict::Accepted
                | NetCancelVerdict::AlreadyCancelled
                | NetCancelVerdict::NoSuchOriginal
                | NetCancelVerdict::AlreadyAcquired
                | NetCancelVerdict::AmountDiffers
                | NetCancelVerdict::TryAgain,
            ) => {}
        }
    }

    /// A person has it tried again. One that was stuck is owed anew: its budget of age and its alarm begin again now.
    pub(crate) fn retried(&mut self, settle_after_ms: u64, now: Timestamp) {
        if let DebtState::Stuck { .. } = self.state {
            self.owed_anew(settle_after_ms, now);
        }
        self.pauses = 0;
        self.state = DebtState::Due { at: now };
    }

    /// What was settled or stuck saw no restart: the process that owes it again is another one than that which owed it first, for all
    /// it knows.
    fn owed_anew(&mut self, settle_after_ms: u64, now: Timestamp) {
        self.settles_from(after(now, settle_after_ms));
        self.owed_since = now;
        self.alarmed = false;
        self.pauses = 0;
        self.state = DebtState::Due { at: now };
    }

    /// No byte of the try left: it costs nothing.
    pub(crate) fn not_sent(&mut self, now: Timestamp, terms: &Terms) {
        if let DebtState::Trying { .. } = self.state {
            self.pause(now, terms);
        }
    }

    /// The try was given up; a byte of it may have left.
    pub(crate) fn unanswered(&mut self, now: Timestamp, terms: &Terms) {
        if let DebtState::Trying { since } = self.state {
            self.went_unanswered(since < self.settled_from);
            self.pause(now, terms);
        }
    }

    /// A process takes the debt up: one that starts, or one that takes over. A try in flight may have left and is made again at once, and
    /// no pause is longer than the longest: an instant further ahead was set by a clock that was ahead.
    ///
    /// `settled_from` is counted from the last byte that can have left before now, by the clock that runs now, and stands whatever the
    /// record says. No two processes can tell how far their clocks were apart. A bound set by one that was ahead lies too far away; one
    /// set by one that was behind has passed before the acquirer has settled, and the first "no such original" would be taken for
    /// proof of an approval that is still to come. The new bound is late enough by every clock, for all there ever was of the request
    /// left before it is counted. It costs time alone: each start puts proof off until the acquirer's settling time has passed once more.
    ///
    /// So a debt that was past its bound is not any more, and a switch that never runs for that long proves nothing: the alarm and the end of
    /// the debt's time come all the same. A try that was out is a stray whatever instant the record gives it. One that
    /// went unanswered before and was none was late enough by the clock of its own process: what it is told is true.
    pub(crate) fn restarted(&mut self, settled_from: Timestamp, now: Timestamp, terms: &Terms) {
        if self.is_owed() {
            self.owed_since = self.owed_since.min(now);
            self.settles_from(settled_from);
        }
        match self.state {
            DebtState::Trying { .. } => {
                self.went_unanswered(true);
                self.state = DebtState::Due { at: now };
            }
            DebtState::Due { at } if at > after(now, terms.net_cancel_max_delay_ms) => {
                self.state = DebtState::Due { at: now };
            }
            DebtState::Due { .. } | DebtState::Done { .. } | DebtState::Stuck { .. } => {}
        }
    }

    /// Counts the time to settle anew, by the clock that runs now.
    fn settles_from(&mut self, settled_from: Timestamp) {
        self.booked_by = Some(self.booked_by());
        self.settled_from = settled_from;
    }

    /// The last instant at which the acquirer can have booked the request, by the clock of the process that first counted it.
    pub(crate) fn booked_by(&self) -> Timestamp {
        self.booked_by.unwrap_or(self.settled_from)
    }

    fn went_unanswered(&mut self, is_early: bool) {
        self.tries = self.tries.saturating_add(1);
        if is_early {
            self.stray_tries = self.stray_tries.saturating_add(1);
        }
    }

    /// An approval exists, or may; its number is kept, and once known not forgotten. What was settled by its absence is owed again.
    pub(crate) fn saw_approval(&mut self, approval_no: Option<String>, settle_after_ms: u64, now: Timestamp) {
        if approval_no.as_ref().is_some_and(|number| !number.is_empty()) || self.approval_no.is_none() {
            self.approval_no = approval_no;
        }
        match self.state {
            DebtState::Done { how, .. } if how.rests_on_absence() => self.owed_anew(settle_after_ms, now),
            DebtState::Due { .. }
            | DebtState::Trying { .. }
            | DebtState::Done { .. }
            | DebtState::Stuck { .. } => {}
        }
    }

    /// The next try, after a pause that doubles up to the longest one allowed.
    pub(crate) fn pause(&mut self, now: Timestamp, terms: &Terms) {
        self.state = DebtState::Due { at: after(now, pause_ms(self.pauses, terms)) };
        self.pauses = self.pauses.saturating_add(1);
    }

    pub(crate) fn done(&mut self, how: Closed, now: Timestamp) {
        self.state = DebtState::Done { how, at: now };
    }

    pub(crate) fn stuck(&mut self, why: StuckWhy, now: Timestamp) {
        self.state = DebtState::Stuck { why, at: now };
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(crate) fn is_zero(count: &u32) -> bool {
    *count == 0
}
