//! Attempts: one after the other, as the failover rule allows, and nothing recorded of them ever vanishes.

use payment::{Attempt, AttemptState, Closed, DebtState, Effect, Event, Failover, Finding};

use super::{Moment, law};

#[test]
fn another_acquirer_is_tried_only_as_the_failover_rule_allows() {
    law(|life| {
        for Moment { now, event, before, effects, after } in &life.moments {
            let sends: Vec<_> = effects
                .iter()
                .filter_map(|effect| match effect {
                    Effect::Send(order) => Some(order),
                    Effect::NetCancel(_) | Effect::Cancel(_) | Effect::Reply(_) | Effect::Alarm(_) => None,
                })
                .collect();
            let [order] = sends.as_slice() else {
                assert!(sends.is_empty(), "two requests in one step");
                continue;
            };
            assert!(before.answer().is_none(), "a request after the outcome");
            assert!(!matches!(event, Event::Restarted { .. }), "a request after a restart");
            let (next, tried) = after.attempts().split_last().unwrap();
            assert_eq!((usize::from(order.attempt), &order.route), (tried.len(), next.route()));
            assert_eq!(*next.state(), AttemptState::InFlight);
            let latest = now.checked_add(ms(order.route.answer_timeout_ms)).unwrap();
            assert_eq!(order.deadline, latest, "its whole answer time fits");
            assert!(order.deadline <= after.answer_by());
            for attempt in tried {
                match attempt.state() {
                    AttemptState::NotSent(_) | AttemptState::NotProcessed(_) => {}
                    AttemptState::Unanswered(_) => {
                        let debt = attempt.debt().unwrap().state();
                        let undone = matches!(
                            debt,
                            DebtState::Done { how: Closed::Accepted | Closed::AlreadyCancelled, .. }
                        );
                        match after.terms().failover {
                            Failover::Never => panic!("nothing is tried after silence"),
                            Failover::AfterNetCancel => assert!(undone, "{debt:?}"),
                            Failover::AtOnce => {}
                        }
                    }
                    AttemptState::InFlight | AttemptState::Approved | AttemptState::Declined => {
                        panic!("another acquirer beside {:?}", attempt.state())
                    }
                }
            }
        }
    });
}

fn ms(milliseconds: u64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_millis(i64::try_from(milliseconds).unwrap())
}

#[test]
fn the_first_request_and_every_other_is_given_up_by_the_terminals_deadline() {
    law(|life| {
        for (payment, _) in life.states() {
            assert!(payment.attempts().iter().all(|attempt| attempt.deadline() <= payment.answer_by()));
        }
    });
}

#[test]
fn what_was_recorded_of_an_attempt_never_vanishes() {
    law(|life| {
        for Moment { before, after, .. } in &life.moments {
            assert!(before.attempts().len() <= after.attempts().len());
            for (before, after) in before.attempts().iter().zip(after.attempts()) {
                assert_eq!(before.route(), after.route());
                assert_eq!(before.deadline(), after.deadline());
                assert!(*before.state() == AttemptState::InFlight || before.state() == after.state());
                if let Some(debt) = before.debt() {
                    let after = after.debt().expect("a debt never vanishes");
                    assert_eq!((debt.cause(), debt.tries() <= after.tries()), (after.cause(), true));
                    assert!(debt.approval_no().is_none() || after.approval_no().is_some());
                }
            }
            assert_eq!(before.request(), after.request());
            assert_eq!(before.terms(), after.terms());
        }
    });
}

#[test]
fn the_card_is_dropped_only_when_no_telegram_can_need_it_and_never_comes_back() {
    law(|life| {
        for Moment { event, before, after, .. } in &life.moments {
            match (before.card(), after.card()) {
                (Some(_), Some(_)) | (None, None) => {}
                (None, Some(_)) => panic!("a card came back"),
                (Some(_), None) => {
                    assert!(!after.is_open(), "{before:?}\n{event:?}\n{after:?}");
                    let needed = after.attempts().iter().filter_map(Attempt::debt).any(|debt| {
                        matches!(
                            debt.state(),
                            DebtState::Stuck { .. }
                                | DebtState::Done {
                                    how: Closed::NoSuchOriginal | Closed::ByPerson(Finding::NeverApproved),
                                    ..
                                }
                        )
                    });
                    assert!(!needed);
                }
            }
        }
    });
}
