//! Due times: whoever waits for the clock has one, and what is due is done.

use payment::{Attempt, AttemptState, Cancel, CancelState, DebtState, Event, NextTry, Phase};

use super::law;
use crate::fixture::{H, at};

#[test]
fn whoever_owes_and_has_nothing_out_has_a_due_time() {
    law(|life| {
        for (payment, _) in life.states() {
            let waits_for_the_clock = payment
                .attempts()
                .iter()
                .filter_map(Attempt::debt)
                .any(|debt| matches!(debt.state(), DebtState::Due { .. }));
            if waits_for_the_clock || *payment.phase() == Phase::AwaitingNetCancel {
                assert!(payment.due().is_some());
            }
            let in_flight =
                payment.attempts().iter().any(|attempt| *attempt.state() == AttemptState::InFlight);
            assert!(in_flight || *payment.phase() != Phase::Trying);
            let trying = payment
                .attempts()
                .iter()
                .filter_map(Attempt::debt)
                .any(|debt| matches!(debt.state(), DebtState::Trying { .. }));
            // A first try of a cancel that is out is answered, given up by its link, or found by a restart.
            let cancelling = payment.cancels().iter().any(|cancel| match cancel.state() {
                CancelState::InFlight => true,
                CancelState::Unconfirmed(unconfirmed) => matches!(unconfirmed.next(), NextTry::Trying { .. }),
                CancelState::Done { .. }
                | CancelState::Declined { .. }
                | CancelState::Refused { .. }
                | CancelState::Stuck { .. } => false,
            });
            assert!(!payment.is_open() || payment.due().is_some() || in_flight || trying || cancelling);
        }
    });
}

#[test]
fn what_is_due_is_done_and_never_due_at_the_same_instant_again() {
    law(|life| {
        for (payment, _) in life.states() {
            let Some(due) = payment.due() else { continue };
            let (after, _) = payment.clone().step(&Event::Due, due).unwrap();
            assert!(after.due().is_none_or(|next| next > due), "due again at {due}");
        }
    });
}

#[test]
fn nothing_is_done_before_it_is_due() {
    law(|life| {
        for (payment, _) in life.states() {
            let before = match payment.due() {
                Some(due) => due - jiff::SignedDuration::from_nanos(1),
                None => at(1_000 * H),
            };
            let (after, effects) = payment.clone().step(&Event::Due, before).unwrap();
            assert_eq!((&after, effects.as_slice()), (payment, [].as_slice()));
        }
    });
}

#[test]
fn a_closed_payment_has_nothing_in_flight_owed_or_awaited() {
    law(|life| {
        for (payment, _) in life.states() {
            if payment.is_open() {
                continue;
            }
            assert!(payment.answer().is_some());
            assert!(!payment.owes());
            assert_eq!(payment.due(), None);
            assert!(payment.attempts().iter().all(|attempt| *attempt.state() != AttemptState::InFlight));
            assert!(!payment.cancels().iter().any(Cancel::is_open));
        }
    });
}
