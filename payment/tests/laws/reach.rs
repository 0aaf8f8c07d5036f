//! The laws are only worth their lives when the lives get everywhere.

use std::{cell::RefCell, collections::BTreeSet};

use payment::{Attempt, CancelState, Closed, DebtState, Payment, Phase};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{config, held};

#[test]
fn lives_get_into_every_state() {
    let reached = RefCell::new(BTreeSet::new());
    // The same lives every time.
    let chance = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    held(TestRunner::new_with_rng(Config { cases: 768, ..config() }, chance), |life| {
        for (payment, _) in life.states() {
            reached.borrow_mut().extend(names(payment));
        }
    });
    let everywhere = "
        InProgress Approved Declined PartlyCancelled Cancelled NetCancelUnderWay NetCancelled NeedsPerson
        Trying AwaitingNetCancel Released Undelivered Unacknowledged Acknowledged Withdrawn
        cancel-InFlight cancel-Unconfirmed cancel-Done cancel-Declined cancel-Refused
        cancel-Stuck-NotRepeatable cancel-Stuck-GivenUp cancel-Stuck-Contradicted
        found-Done found-NotDone
        given-up-Approved given-up-Declined given-up-Refused given-up-in-flight
        debt-Unanswered debt-LateApproval debt-Undelivered debt-Unacknowledged debt-Terminal
        debt-Due debt-Trying debt-Done debt-Stuck
        person-Undone person-NeverApproved person-Stands stuck-Contradicted
    ";
    for name in everywhere.split_whitespace() {
        assert!(reached.borrow().contains(name), "no life gets to {name}: {:?}", reached.borrow());
    }
}

/// What a state is called, in all its parts.
fn names(payment: &Payment) -> Vec<String> {
    let mut names = vec![format!("{:?}", payment.standing().state)];
    let phase = variant(payment.phase());
    match payment.phase() {
        Phase::Approved { delivery, .. } => names.push(variant(delivery)),
        Phase::Trying | Phase::AwaitingNetCancel | Phase::Declined { .. } | Phase::Refused { .. } => {
            names.push(phase.clone());
        }
    }
    if payment.withdrawn().is_some() {
        let in_flight = payment.is_open() && !payment.owes();
        names.push(if in_flight { "given-up-in-flight".to_owned() } else { format!("given-up-{phase}") });
    }
    for cancel in payment.cancels() {
        let state = variant(cancel.state());
        names.push(match cancel.state() {
            CancelState::Stuck { why, .. } => format!("cancel-{state}-{why:?}"),
            CancelState::InFlight
            | CancelState::Unconfirmed(_)
            | CancelState::Done { .. }
            | CancelState::Declined { .. }
            | CancelState::Refused { .. } => format!("cancel-{state}"),
        });
        names.extend(cancel.found_by_person().map(|found| format!("found-{found:?}")));
    }
    for debt in payment.attempts().iter().filter_map(Attempt::debt) {
        names.extend([format!("debt-{:?}", debt.cause()), format!("debt-{}", variant(&debt.state()))]);
        match debt.state() {
            DebtState::Done { how: Closed::ByPerson(found), .. } => names.push(format!("person-{found:?}")),
            DebtState::Stuck { why, .. } => names.push(format!("stuck-{why:?}")),
            DebtState::Due { .. } | DebtState::Trying { .. } | DebtState::Done { .. } => {}
        }
    }
    names
}

/// The name of an enum's variant.
fn variant(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}
