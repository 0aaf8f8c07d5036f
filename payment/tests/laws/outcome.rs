//! One outcome, told once, and never 0000 after a net-cancel was owed.

use payment::{Effect, Event, Payment, Phase, Reception, ResponseCode};

use super::{Moment, law};
use crate::{
    asking::again,
    fixture::{at, sealed_card},
    record,
};

#[test]
fn a_payment_has_one_outcome_and_tells_it_once() {
    law(|life| {
        let mut told = 0;
        for (payment, effects) in life.states() {
            for effect in effects {
                if let Effect::Reply(answer) = effect {
                    assert_eq!(Some(answer), payment.answer().as_ref());
                    told += 1;
                }
            }
        }
        let again = life.moments.iter().filter(|moment| {
            moment.event == Event::Repeated && matches!(moment.effects.as_slice(), [Effect::Reply(_)])
        });
        assert_eq!(told - again.count(), usize::from(life.last().answer().is_some()));
        for Moment { before, after, .. } in &life.moments {
            if before.answer().is_some() {
                assert_eq!(before.answer(), after.answer(), "an outcome was replaced by another");
            }
        }
    });
}

#[test]
fn an_approval_is_told_again_only_to_a_repeat_while_it_counts_as_undelivered() {
    law(|life| {
        for Moment { event, before, effects, .. } in &life.moments {
            let tells_approval = effects.iter().any(is_approved);
            if tells_approval && matches!(before.phase(), Phase::Approved { .. }) {
                assert_eq!(*event, Event::Repeated);
                assert_eq!(before.receive(&again()), Reception::Step(Event::Repeated));
            }
        }
    });
}

#[test]
fn no_0000_is_told_once_the_approving_attempt_has_a_debt() {
    law(|life| {
        for (payment, effects) in life.states() {
            let Phase::Approved { attempt, .. } = payment.phase() else {
                assert!(!effects.iter().any(is_approved));
                continue;
            };
            if payment.attempts()[usize::from(*attempt)].debt().is_some() {
                assert!(!effects.iter().any(is_approved));
                let Reception::Refuse { answer, .. } = payment.receive(&again()) else {
                    panic!("a repeat may yet get 0000")
                };
                assert_eq!(answer.code(), ResponseCode::NET_CANCELLED);
            }
        }
    });
}

fn is_approved(effect: &Effect) -> bool {
    matches!(effect, Effect::Reply(answer) if answer.code() == ResponseCode::APPROVED)
}

#[test]
fn replaying_the_events_gives_the_state_and_the_effects() {
    law(|life| {
        let read = |event: &Event| -> Event {
            serde_json::from_str(&serde_json::to_string(event).unwrap()).unwrap()
        };
        let record = serde_json::to_string(&life.started).unwrap();
        let (mut payment, effects) =
            Payment::start(&serde_json::from_str(&record).unwrap(), Some(sealed_card()), at(0));
        assert_eq!(effects, life.first);
        for moment in &life.moments {
            let effects;
            (payment, effects) = record::round_trip(&payment).step(&read(&moment.event), moment.now).unwrap();
            assert_eq!(effects, moment.effects);
        }
        assert_eq!(payment, *life.last());
    });
}

#[test]
fn a_restart_leaves_nothing_in_flight_and_changes_no_closed_payment() {
    law(|life| {
        for Moment { event, before, effects, after, .. } in &life.moments {
            if !matches!(event, Event::Restarted { .. }) {
                continue;
            }
            assert!(after.answer().is_some(), "nobody waits for an answer after a restart");
            if !before.is_open() {
                assert_eq!((before, effects.as_slice()), (after, [].as_slice()));
            }
        }
    });
}
