//! What a flawed session makes of telegrams and answers: most flaws of the rules towards terminals are planted here.

use std::sync::Arc;

use payment::{Approval, PaymentState, Question, ResponseCode, TerminalAnswer};
use store::Lookup;

use crate::{flaw::Flaw, world::World};

/// The answer the session gives itself without asking the desk.
pub(crate) fn instead_of_asking(world: &World, question: &Question) -> Option<TerminalAnswer> {
    match (world.settings.flaw?, question) {
        (Flaw::AnswersWithdrawalsItself, Question::NetCancel(_)) => Some(TerminalAnswer::Done),
        (Flaw::RepeatsOldApprovals, Question::Approval(request)) => {
            world.told_approvals.get(&request.key).cloned()
        }
        _ => None,
    }
}

/// What the session makes of an answer of the desk.
pub(crate) fn answer(world: &mut World, question: &Question, answer: TerminalAnswer) -> TerminalAnswer {
    let Some(flaw) = world.settings.flaw else { return answer };
    let mut is_repeat = false;
    if let (Question::Approval(request), TerminalAnswer::Approved { .. }) = (question, &answer) {
        is_repeat = world.told_approvals.insert(request.key, answer.clone()).is_some();
    }
    match (flaw, question, answer) {
        (Flaw::CallsRepeatsNetCancelled, _, _) if is_repeat => {
            TerminalAnswer::Refused(ResponseCode::NET_CANCELLED)
        }
        (Flaw::CallsRepeatsCancelled, _, _) if is_repeat => {
            TerminalAnswer::Refused(ResponseCode::ALREADY_CANCELLED)
        }
        (Flaw::AcceptsLateAcknowledgements, Question::Acknowledgement(_), answer)
            if answer.code() == ResponseCode::NET_CANCELLED =>
        {
            TerminalAnswer::Done
        }
        (Flaw::TellsOfApprovalsTooEarly, _, TerminalAnswer::Standing(mut standing))
            if standing.state == PaymentState::InProgress =>
        {
            standing.state = PaymentState::Approved;
            TerminalAnswer::Standing(standing)
        }
        (Flaw::CallsApprovedDeclined, _, TerminalAnswer::Standing(mut standing))
            if standing.state == PaymentState::Approved =>
        {
            standing.state = PaymentState::Declined;
            TerminalAnswer::Standing(standing)
        }
        (Flaw::CallsUnconfirmedCancelsDone, Question::Cancel(request), answer)
            if answer.code() == ResponseCode::CANCEL_UNCONFIRMED =>
        {
            let Some(stored) = world.storage.read(Lookup::Key(request.original)) else { return answer };
            TerminalAnswer::Cancelled {
                original: stored.payment().request().clone(),
                approval: Arc::new(Approval::default()),
                cancelled: Arc::new(Approval::default()),
                route: world.settings.ways[0].acquirer.clone(),
            }
        }
        (_, _, answer) => answer,
    }
}
