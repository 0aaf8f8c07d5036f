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
}

impl Flaw {
    pub(crate) const ALL: [Self; 13] = [
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
            | Self::StartsWithStaleLastByte => Invariant::I1EveryApprovalIsAccountedFor,
            Self::ForgetsOutcome => Invariant::I4NothingStaysOpen,
            Self::RenumbersNetCancels => Invariant::I7NetCancelsKeepTheirIdentity,
            Self::SendsTwice => Invariant::SentOnce,
            Self::ForgetsCommits => Invariant::DurableFirst,
            Self::LosesEvents => Invariant::I6EventsGiveTheState,
        }
    }
}
