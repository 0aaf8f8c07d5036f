//! Debts: owed in the step that gives up, tried one at a time under one identity, settled for good.

use payment::{
    Alarm, Attempt, AttemptState, Closed, Debt, DebtState, Effect, Event, Finding, ManualOrder, Phase,
    ResponseCode, StuckWhy,
};

use super::{Moment, law};
use crate::{fixture::at, happening::operator};

#[test]
fn silence_leaves_a_debt_in_the_same_step() {
    law(|life| {
        for (payment, _) in life.states() {
            for attempt in payment.attempts() {
                if matches!(attempt.state(), AttemptState::Unanswered(_)) {
                    assert!(attempt.debt().is_some());
                }
            }
        }
    });
}

#[test]
fn accepted_already_cancelled_and_stuck_are_final() {
    law(|life| {
        for Moment { event, before, after, .. } in &life.moments {
            for (before, after) in before.attempts().iter().zip(after.attempts()) {
                let Some(debt) = before.debt() else { continue };
                let is_final = match debt.state() {
                    DebtState::Due { .. } | DebtState::Trying { .. } => false,
                    DebtState::Done { how, .. } => matches!(
                        how,
                        Closed::Accepted | Closed::AlreadyCancelled | Closed::ByPerson(Finding::Undone)
                    ),
                    DebtState::Stuck { .. } => !is_persons(event),
                };
                if is_final {
                    assert_eq!(Some(debt.state()), after.debt().map(Debt::state));
                }
            }
        }
    });
}

fn is_persons(event: &Event) -> bool {
    matches!(event, Event::NetCancelRetried { .. } | Event::NetCancelResolved { .. })
}

#[test]
fn what_a_person_settled_is_only_changed_by_the_word_of_the_acquirer() {
    law(|life| {
        for Moment { event, before, after, .. } in &life.moments {
            for (before, after) in before.attempts().iter().zip(after.attempts()) {
                let (Some(before), Some(after)) = (before.debt(), after.debt()) else { continue };
                let DebtState::Done { how: Closed::ByPerson(found), .. } = before.state() else { continue };
                if before.state() == after.state() {
                    continue;
                }
                let is_word = matches!(
                    event,
                    Event::Answered { .. } | Event::Late { .. } | Event::NetCancelAnswered { .. }
                );
                assert!(is_word, "{event:?} changed {found:?}");
                match found {
                    Finding::Undone => panic!("{event:?} changed what is undone"),
                    Finding::NeverApproved => {}
                    Finding::Stands => {
                        assert!(matches!(
                            after.state(),
                            DebtState::Stuck { why: StuckWhy::Contradicted, .. }
                        ));
                    }
                }
            }
        }
    });
}

#[test]
fn what_the_payment_would_refuse_a_person_changes_nothing_and_what_it_takes_changes_something() {
    law(|life| {
        for (payment, _) in life.states() {
            for what in crate::operators::steps(payment) {
                let order = ManualOrder { by: operator(), what };
                if let Ok(event) = payment.operate(&order) {
                    let (after, _) = payment.clone().step(&event, at(0)).unwrap();
                    assert_ne!(after, *payment, "{what:?}");
                } else if let Ok((after, effects)) =
                    payment.clone().step(&crate::operators::event(what), at(0))
                {
                    assert_eq!((&after, effects.as_slice()), (payment, [].as_slice()), "{what:?}");
                }
            }
        }
    });
}

#[test]
fn an_approval_that_was_seen_is_settled_by_being_undone_or_by_a_person() {
    law(|life| {
        for (payment, _) in life.states() {
            for debt in payment.attempts().iter().filter_map(Attempt::debt) {
                if let (Some(_), DebtState::Done { how, .. }) = (debt.approval_no(), debt.state()) {
                    let by_person = matches!(how, Closed::ByPerson(Finding::Undone | Finding::Stands));
                    assert!(
                        by_person || matches!(how, Closed::Accepted | Closed::AlreadyCancelled),
                        "{how:?}"
                    );
                }
            }
        }
    });
}

#[test]
fn every_net_cancel_carries_the_identity_of_its_attempt() {
    law(|life| {
        for (payment, effects) in life.states() {
            for effect in effects {
                let Effect::NetCancel(order) = effect else { continue };
                let attempt = &payment.attempts()[usize::from(order.attempt)];
                assert_eq!(order.route, *attempt.route());
                assert_eq!(order.request, *payment.request());
                let noted = attempt.debt().unwrap().approval_no().filter(|number| !number.is_empty());
                assert_eq!(order.approval_no.as_deref(), noted);
            }
            let mut serials: Vec<_> =
                payment.attempts().iter().map(|attempt| attempt.route().serial).collect();
            serials.sort_unstable();
            serials.dedup();
            assert_eq!(serials.len(), payment.attempts().len(), "a serial was used twice");
        }
    });
}

#[test]
fn a_try_leaves_exactly_when_the_debt_says_so_and_one_at_a_time() {
    law(|life| {
        for Moment { now, event, before, effects, after } in &life.moments {
            for (number, attempt) in after.attempts().iter().enumerate() {
                let orders = effects.iter().filter(
                    |effect| matches!(effect, Effect::NetCancel(order) if usize::from(order.attempt) == number),
                );
                let earlier =
                    before.attempts().get(number).and_then(|attempt| attempt.debt()).map(Debt::state);
                let is_out = |state: Option<DebtState>| matches!(state, Some(DebtState::Trying { .. }));
                let state = attempt.debt().map(Debt::state);
                let was_out = is_out(earlier) && !matches!(event, Event::Restarted { .. });
                let leaves = is_out(state) && !was_out;
                assert_eq!(orders.count(), usize::from(leaves));
                if leaves {
                    assert_eq!(state, Some(DebtState::Trying { since: *now }));
                }
            }
        }
    });
}

#[test]
fn every_debt_that_becomes_stuck_alarms_once_and_every_failure_of_all_routes_too() {
    law(|life| {
        let alarms: Vec<Alarm> = life
            .states()
            .flat_map(|(_, effects)| effects)
            .filter_map(|effect| match effect {
                Effect::Alarm(alarm) => Some(*alarm),
                Effect::Send(_) | Effect::NetCancel(_) | Effect::Cancel(_) | Effect::Reply(_) => None,
            })
            .collect();
        let stuck = |attempt: &Attempt| match attempt.debt().map(Debt::state) {
            Some(DebtState::Stuck { why, .. }) => Some(why),
            Some(DebtState::Due { .. } | DebtState::Trying { .. } | DebtState::Done { .. }) | None => None,
        };
        let mut became = Vec::new();
        for Moment { before, after, .. } in &life.moments {
            for (number, attempt) in (0_u8..).zip(after.attempts()) {
                let was = before.attempts().get(usize::from(number)).and_then(stuck);
                if let (None, Some(why)) = (was, stuck(attempt)) {
                    became.push(Alarm::NetCancelStuck { attempt: number, why });
                }
            }
        }
        let told = alarms.iter().filter(|alarm| matches!(alarm, Alarm::NetCancelStuck { .. }));
        assert_eq!(told.copied().collect::<Vec<_>>(), became);
        let failed = alarms.iter().filter(|alarm| matches!(alarm, Alarm::EveryRouteFailed(_)));
        // What its terminal withdrew has not failed.
        let refused =
            matches!(life.last().phase(), Phase::Refused { code } if *code != ResponseCode::NET_CANCELLED);
        assert_eq!(failed.count(), usize::from(refused));
    });
}

#[test]
fn a_debt_is_given_up_once_it_is_as_old_as_the_budget() {
    law(|life| {
        for Moment { now, event, after, .. } in &life.moments {
            if *event != Event::Due {
                continue;
            }
            let budget_ms = i64::try_from(after.terms().net_cancel_give_up_after_ms).unwrap_or(i64::MAX);
            for debt in after.attempts().iter().filter_map(Attempt::debt) {
                if matches!(debt.state(), DebtState::Due { .. }) {
                    assert!(now.duration_since(debt.owed_since()).as_millis() < i128::from(budget_ms));
                }
            }
        }
    });
}
