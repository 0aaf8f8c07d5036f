//! Faults planted in the world around the desk, each a promise broken, to show that the checker sees them.

use crate::checker::Invariant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The session writes each reply twice.
    RepliesTwice,
    /// The session writes a reply to another terminal.
    RepliesToAnother,
    /// The session says a reply was written of which no byte was.
    CallsUnwrittenWritten,
    /// The session says no byte of a reply was written which the terminal has.
    CallsWrittenUnwritten,
    /// An acquirer gives two approvals to one request.
    ApprovesTwice,
    /// An acquirer approves after its settling time and never says so.
    ApprovesAfterSettling,
    /// An acquirer accepts net-cancels and undoes nothing.
    AcceptsNetCancelForNothing,
    /// A link forgets to tell what became of a request.
    ForgetsOutcome,
    /// A link sends every net-cancel under a serial of its own.
    RenumbersNetCancels,
    /// A link sends every request twice.
    SendsTwice,
    /// The store says a save is durable and forgets it.
    ForgetsCommits,
    /// The store loses rows of the event table.
    LosesEvents,
    /// A start is told that no byte left for an hour before the crash.
    StartsWithStaleLastByte,
    /// A link sends every cancel under another serial.
    RenumbersCancels,
    /// A link sends every cancel twice, also those that are not to be repeated.
    RepeatsPartialCancels,
    /// A link says no byte of a cancel left which went unanswered.
    CallsUnansweredCancelsNotSent,
    /// An acquirer cancels again what it has cancelled, and more than there is.
    CancelsTwice,
    /// An acquirer accepts cancels and cancels nothing.
    AcceptsCancelForNothing,
    /// The store says a tombstone is durable and forgets it.
    ForgetsTombstones,
    /// The session answers each 0420 with 0000 itself and lets nobody know.
    AnswersWithdrawalsItself,
    /// The session tells a repeat the approval it told before, whatever was withdrawn since.
    RepeatsOldApprovals,
    /// The session tells a repeat of an approval that it is net-cancelled.
    CallsRepeatsNetCancelled,
    /// The session tells a repeat of an approval that it is wholly cancelled.
    CallsRepeatsCancelled,
    /// The session acknowledges each approval it writes, whatever the terminal does.
    AcknowledgesItself,
    /// The session turns the refusal of a late acknowledgement into 0000.
    AcceptsLateAcknowledgements,
    /// The session tells an inquiry of an approval that is in progress.
    TellsOfApprovalsTooEarly,
    /// The session tells that a cancel is done which is to be confirmed.
    CallsUnconfirmedCancelsDone,
    /// The session tells an inquiry that an approval was declined.
    CallsApprovedDeclined,
    /// The session looks for no duplicates.
    WatchesForNoDuplicates,
    /// The totals leave the cancels out.
    ForgetsCancelsInTotals,
    /// A link sends what is queued, though its time and the lease it was sent under have ended.
    SendsAfterItsLease,
}

impl Flaw {
    pub(crate) const ALL: [Self; 31] = [
        Self::RepliesTwice,
        Self::RepliesToAnother,
        Self::CallsUnwrittenWritten,
        Self::CallsWrittenUnwritten,
        Self::ApprovesTwice,
        Self::ApprovesAfterSettling,
        Self::AcceptsNetCancelForNothing,
        Self::ForgetsOutcome,
        Self::RenumbersNetCancels,
        Self::SendsTwice,
        Self::ForgetsCommits,
        Self::LosesEvents,
        Self::StartsWithStaleLastByte,
        Self::RenumbersCancels,
        Self::RepeatsPartialCancels,
        Self::CallsUnansweredCancelsNotSent,
        Self::CancelsTwice,
        Self::AcceptsCancelForNothing,
        Self::ForgetsTombstones,
        Self::AnswersWithdrawalsItself,
        Self::RepeatsOldApprovals,
        Self::CallsRepeatsNetCancelled,
        Self::CallsRepeatsCancelled,
        Self::AcknowledgesItself,
        Self::AcceptsLateAcknowledgements,
        Self::TellsOfApprovalsTooEarly,
        Self::CallsUnconfirmedCancelsDone,
        Self::CallsApprovedDeclined,
        Self::WatchesForNoDuplicates,
        Self::ForgetsCancelsInTotals,
        Self::SendsAfterItsLease,
    ];

    /// The invariant that must be reported broken.
    pub(crate) fn breaks(self) -> Invariant {
        match self {
            Self::RepliesTwice => Invariant::OneAnswerEach,
            Self::RepliesToAnother => Invariant::I8AnswersGoToTheirAsker,
            Self::CallsWrittenUnwritten => Invariant::I2NeverDeliveredAndNetCancelled,
            Self::ApprovesTwice => Invariant::I3OneLiveApprovalPerKey,
            Self::CallsUnwrittenWritten
            | Self::ApprovesAfterSettling
            | Self::AcceptsNetCancelForNothing
            | Self::StartsWithStaleLastByte
            | Self::SendsAfterItsLease => Invariant::I1EveryApprovalIsAccountedFor,
            Self::ForgetsOutcome => Invariant::I4NothingStaysOpen,
            Self::RenumbersNetCancels => Invariant::I7NetCancelsKeepTheirIdentity,
            Self::SendsTwice => Invariant::SentOnce,
            Self::ForgetsCommits => Invariant::DurableFirst,
            Self::LosesEvents => Invariant::I6EventsGiveTheState,
            Self::RenumbersCancels => Invariant::CancelsKeepTheirIdentity,
            Self::RepeatsPartialCancels | Self::CancelsTwice => Invariant::CancelsNeverExceedTheApproval,
            Self::CallsUnansweredCancelsNotSent
            | Self::AcceptsCancelForNothing
            | Self::CallsUnconfirmedCancelsDone => Invariant::WhatIsToldOfCancelsIsSo,
            Self::ForgetsTombstones | Self::AnswersWithdrawalsItself => Invariant::WithdrawnStaysWithdrawn,
            Self::RepeatsOldApprovals | Self::CallsRepeatsNetCancelled | Self::CallsRepeatsCancelled => {
                Invariant::I3AnswersAgree
            }
            Self::AcknowledgesItself => Invariant::AcknowledgedOrUndone,
            Self::AcceptsLateAcknowledgements => Invariant::AcknowledgedStands,
            Self::TellsOfApprovalsTooEarly | Self::CallsApprovedDeclined => Invariant::InquiriesNeverLie,
            Self::WatchesForNoDuplicates => Invariant::DuplicatesReachNobody,
            Self::ForgetsCancelsInTotals => Invariant::TotalsAreWhatWasTold,
        }
    }
}
