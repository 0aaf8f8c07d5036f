//! Cancels: never more than was approved, one at a time, to the acquirer that approved, and never beside its net-cancel.

use payment::{
    Alarm, Amounts, Attempt, Cancel, CancelFinding, CancelState, CancelVerdict, Effect, Event, NextTry,
    Payment, Phase, StuckCancel, Won,
};

use super::{Moment, law};

fn components(amounts: &Amounts) -> [u64; 4] {
    [amounts.total(), amounts.vat(), amounts.service_charge(), amounts.tax_free()].map(Won::get)
}

#[test]
fn what_is_or_may_be_cancelled_is_never_more_than_was_approved() {
    law(|life| {
        for (payment, _) in life.states_without_contradiction() {
            let reserved = payment.cancels().iter().filter(|cancel| cancel.is_reserved());
            let approved = components(&payment.request().amounts);
            let [total, vat, service_charge, tax_free] = reserved.fold(approved, |left, cancel| {
                let taken = components(cancel.amounts());
                std::array::from_fn(|which| {
                    left[which].checked_sub(taken[which]).expect("more than was left")
                })
            });
            assert!(vat + service_charge + tax_free <= total);
            assert_eq!(payment.left().total().get(), total);
        }
    });
}

#[test]
fn no_cancel_stands_beside_a_net_cancel_of_the_approval() {
    law(|life| {
        for (payment, _) in life.states_without_contradiction() {
            if payment.cancels().iter().any(Cancel::is_reserved) {
                let Phase::Approved { attempt, .. } = payment.phase() else {
                    panic!("a cancel of no approval")
                };
                assert!(payment.attempts()[usize::from(*attempt)].debt().is_none());
                assert!(!payment.is_withdrawn() && payment.withdrawn().is_none());
            }
        }
    });
}

#[test]
fn one_cancel_is_under_way_at_a_time() {
    law(|life| {
        for (payment, _) in life.states() {
            assert!(payment.cancels().iter().filter(|cancel| cancel.is_open()).count() <= 1);
        }
    });
}

#[test]
fn every_try_goes_to_the_acquirer_that_approved_under_the_same_serial_for_the_same_amounts_with_the_card() {
    law(|life| {
        for (payment, effects) in life.states() {
            for effect in effects {
                let Effect::Cancel(order) = effect else { continue };
                let cancel = &payment.cancels()[usize::from(order.cancel)];
                assert_eq!(Some(&order.route), payment.approving_route());
                assert_eq!((order.serial, &order.amounts), (cancel.serial(), cancel.amounts()));
                assert_eq!(order.asked, *cancel.request());
                assert!(order.card.is_some(), "a cancel without the card");
                assert!(cancel.is_open());
            }
        }
    });
}

#[test]
fn what_was_recorded_of_a_cancel_never_vanishes_and_what_is_settled_stays() {
    law(|life| {
        for Moment { event, before, after, .. } in &life.moments {
            let by_person = matches!(event, Event::CancelRetried { .. } | Event::CancelResolved { .. });
            assert!(before.cancels().len() <= after.cancels().len());
            for (before, after) in before.cancels().iter().zip(after.cancels()) {
                assert_eq!(before.request(), after.request());
                assert_eq!((before.serial(), before.amounts()), (after.serial(), after.amounts()));
                match before.state() {
                    CancelState::Done { .. } => {
                        let by_person = before.found_by_person() == Some(CancelFinding::Done);
                        assert!(before.state() == after.state() || by_person && is_contradicted(after));
                    }
                    CancelState::Declined { .. } | CancelState::Refused { .. } => {
                        assert!(before.state() == after.state() || is_contradicted(after));
                    }
                    CancelState::Unconfirmed(_) => {
                        assert!(*after.state() != CancelState::InFlight);
                        assert!(by_person || !matches!(after.state(), CancelState::Refused { .. }));
                    }
                    CancelState::Stuck { why, .. } => {
                        let again = by_person && *why == StuckCancel::GivenUp;
                        assert!(again || !after.is_open(), "a person's is not sent again");
                    }
                    CancelState::InFlight => {}
                }
            }
        }
    });
}

#[test]
fn an_amount_is_freed_only_by_word_that_the_cancel_was_not_done() {
    law(|life| {
        for Moment { event, before, after, .. } in &life.moments {
            for (number, (before, after)) in (0_u8..).zip(before.cancels().iter().zip(after.cancels())) {
                if !before.is_reserved() || after.is_reserved() {
                    continue;
                }
                match event {
                    Event::CancelNotSent { cancel, .. } => {
                        assert_eq!((*cancel, before.state()), (number, &CancelState::InFlight));
                    }
                    Event::CancelAnswered { cancel, answer } => {
                        assert_eq!(*cancel, number);
                        let says_no = match &answer.verdict {
                            CancelVerdict::Declined(_) => true,
                            CancelVerdict::NotAsApproved(_) => is_first_try(before),
                            CancelVerdict::AlreadyCancelled | CancelVerdict::NotProcessed => {
                                is_first_try(before)
                            }
                            CancelVerdict::Accepted(_)
                            | CancelVerdict::AcceptedUnsized(_)
                            | CancelVerdict::InDoubt => false,
                        };
                        assert!(says_no, "{:?} freed {:?}", answer.verdict, before.state());
                    }
                    Event::CancelResolved { cancel, how, .. } => {
                        assert_eq!((*cancel, *how), (number, CancelFinding::NotDone));
                    }
                    other => panic!("{other:?} freed the amount of a cancel"),
                }
            }
        }
    });
}

#[test]
fn a_persons_word_gives_way_to_the_acquirers_and_somebody_is_told() {
    law(|life| {
        for Moment { event, before, effects, after, .. } in &life.moments {
            let Event::CancelAnswered { cancel, answer } = event else { continue };
            let (number, index) = (*cancel, usize::from(*cancel));
            let contradicts = match (before.cancels()[index].found_by_person(), &answer.verdict) {
                (Some(CancelFinding::NotDone), CancelVerdict::Accepted(_)) => true,
                (Some(CancelFinding::NotDone), CancelVerdict::AlreadyCancelled) => {
                    let is_explained = before.is_withdrawn() || before.cancels().iter().any(Cancel::is_done);
                    // One of more than was approved was never sent, whatever is said of it.
                    let is_possible =
                        before.cancels()[index].amounts().total() <= before.request().amounts.total();
                    answer.amount.is_none() && is_possible && !is_explained
                }
                (Some(CancelFinding::Done), CancelVerdict::Declined(_)) => answer.amount.is_none(),
                (None | Some(CancelFinding::Done | CancelFinding::NotDone), _) => false,
            };
            if contradicts {
                let alarm = Alarm::CancelStuck { cancel: number, why: StuckCancel::Contradicted };
                assert!(effects.contains(&Effect::Alarm(alarm)), "{event:?} in {before:?}");
                assert!(is_contradicted(&after.cancels()[index]));
            }
        }
    });
}

#[test]
fn once_all_was_cancelled_a_repeat_is_never_approved_again() {
    law(|life| {
        let mut was_cancelled = false;
        for (payment, _) in life.states() {
            was_cancelled |= cancelled(payment);
            if was_cancelled {
                let told = payment.receive(&crate::asking::again());
                let is_refused = matches!(&told, payment::Reception::Refuse { answer, .. }
                    if answer.code() == payment::ResponseCode::ALREADY_CANCELLED
                        || answer.code() == payment::ResponseCode::NET_CANCELLED);
                assert!(is_refused, "{told:?}");
            }
        }
    });
}

fn is_first_try(cancel: &Cancel) -> bool {
    matches!(
        cancel.state(),
        CancelState::InFlight | CancelState::Stuck { why: StuckCancel::NotRepeatable, .. }
    )
}

#[test]
fn a_try_of_a_cancel_leaves_exactly_when_the_cancel_says_so() {
    law(|life| {
        for Moment { now, event, before, effects, after } in &life.moments {
            for (number, cancel) in after.cancels().iter().enumerate() {
                let orders = effects.iter().filter(
                    |effect| matches!(effect, Effect::Cancel(order) if usize::from(order.cancel) == number),
                );
                let earlier = before.cancels().get(number);
                let was_out = earlier.is_some_and(is_out) && !matches!(event, Event::Restarted { .. });
                let leaves = is_out(cancel) && !was_out;
                assert_eq!(orders.count(), usize::from(leaves));
                if let (true, CancelState::Unconfirmed(unconfirmed)) = (leaves, cancel.state()) {
                    assert_eq!(unconfirmed.next(), NextTry::Trying { since: *now });
                }
            }
        }
    });
}

fn is_out(cancel: &Cancel) -> bool {
    match cancel.state() {
        CancelState::InFlight => true,
        CancelState::Unconfirmed(unconfirmed) => matches!(unconfirmed.next(), NextTry::Trying { .. }),
        CancelState::Done { .. }
        | CancelState::Declined { .. }
        | CancelState::Refused { .. }
        | CancelState::Stuck { .. } => false,
    }
}

#[test]
fn every_cancel_that_becomes_stuck_alarms_once() {
    law(|life| {
        let mut alarms = Vec::new();
        let mut became = Vec::new();
        for Moment { before, effects, after, .. } in &life.moments {
            for effect in effects {
                if let Effect::Alarm(alarm @ Alarm::CancelStuck { .. }) = effect {
                    alarms.push(*alarm);
                }
            }
            for (number, cancel) in (0_u8..).zip(after.cancels()) {
                let was_stuck = before.cancels().get(usize::from(number)).is_some_and(is_stuck);
                if let (false, CancelState::Stuck { why, .. }) = (was_stuck, cancel.state()) {
                    became.push(Alarm::CancelStuck { cancel: number, why: *why });
                }
            }
        }
        assert_eq!(alarms, became);
    });
}

fn is_contradicted(cancel: &Cancel) -> bool {
    matches!(cancel.state(), CancelState::Stuck { why: StuckCancel::Contradicted, .. })
}

fn is_stuck(cancel: &Cancel) -> bool {
    matches!(cancel.state(), CancelState::Stuck { .. })
}

#[test]
fn a_part_is_sent_once_where_the_acquirer_would_do_it_twice_and_never_where_it_cannot() {
    use payment::PartialCancel;
    law(|life| {
        let mut sent = std::collections::BTreeMap::new();
        for (_, effects) in life.states() {
            for effect in effects {
                let Effect::Cancel(order) = effect else { continue };
                if !order.is_partial() {
                    continue;
                }
                let times = sent.entry(order.cancel).or_insert(0);
                *times += 1;
                match order.route.partial_cancel {
                    PartialCancel::No => panic!("a part where only the whole is cancelled"),
                    PartialCancel::Once => assert_eq!(*times, 1),
                    PartialCancel::Repeatable => {}
                }
            }
        }
    });
}

#[test]
fn a_restart_leaves_no_first_try_in_flight_and_frees_no_amount() {
    law(|life| {
        for Moment { event, before, after, .. } in &life.moments {
            if !matches!(event, Event::Restarted { .. }) {
                continue;
            }
            assert!(!after.cancels().iter().any(|cancel| *cancel.state() == CancelState::InFlight));
            assert_eq!(before.left(), after.left());
        }
    });
}

#[test]
fn an_unconfirmed_cancel_is_given_up_once_it_is_as_old_as_the_budget() {
    law(|life| {
        for Moment { now, event, after, .. } in &life.moments {
            if *event != Event::Due {
                continue;
            }
            let budget_ms = i64::try_from(after.terms().net_cancel_give_up_after_ms).unwrap_or(i64::MAX);
            for cancel in after.cancels() {
                let CancelState::Unconfirmed(unconfirmed) = cancel.state() else { continue };
                if matches!(unconfirmed.next(), NextTry::Due { .. }) {
                    assert!(now.duration_since(unconfirmed.since()).as_millis() < i128::from(budget_ms));
                }
            }
        }
    });
}

#[test]
fn once_all_is_cancelled_it_stays_so_and_nothing_more_is_sent_but_the_debts_of_other_attempts() {
    law(|life| {
        for Moment { before, effects, after, .. } in life.moments_without_contradiction() {
            if !cancelled(before) {
                continue;
            }
            assert!(cancelled(after));
            for effect in effects {
                assert!(
                    !matches!(effect, Effect::Send(_) | Effect::Cancel(_) | Effect::Reply(_)),
                    "{effect:?}"
                );
            }
            let Phase::Approved { attempt, .. } = after.phase() else { panic!("a cancel of no approval") };
            assert_eq!(after.attempts().get(usize::from(*attempt)).and_then(Attempt::debt), None);
        }
    });
}

fn cancelled(payment: &Payment) -> bool {
    matches!(payment.phase(), Phase::Approved { .. }) && payment.is_wholly_cancelled()
}
