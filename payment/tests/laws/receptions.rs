//! What a telegram meets: an answer in the end, and never 0000 once the payment was withdrawn.

use std::sync::Arc;

use payment::{
    ContentDigest, Event, Payment, PaymentState, Phase, Question, Reception, Request, ResponseCode,
    TerminalAnswer, Won,
};

use super::{Moment, law};
use crate::{
    asking::{acknowledges, again, cancel, cancel_of, cancel_serial, gives_up, has, inquires, net_cancel_of},
    fixture::{at, request},
};

/// Whatever a terminal may ask, rightly or not.
fn questions() -> Vec<Question> {
    let other = Request { digest: ContentDigest([1; 16]), ..Request::clone(&request()) };
    let mut other_cancel = cancel_of(101, 50_000);
    other_cancel.digest = ContentDigest([1; 16]);
    vec![
        again(),
        Question::Approval(Arc::new(other)),
        cancel(101, 50_000),
        Question::Cancel(Arc::new(other_cancel)),
        cancel(102, 20_000),
        cancel(300, 50_000),
        cancel(301, 1),
        cancel(302, 0),
        cancel(303, 50_001),
        gives_up(),
        Question::NetCancel(Arc::new(net_cancel_of(Won::ZERO))),
        has(0),
        has(1),
        acknowledges(None),
        inquires(),
    ]
}

/// The payment after a question took its step, if it takes one.
fn steps(payment: &Payment, question: &Question) -> Option<Payment> {
    let event = match (payment.receive(question), question) {
        (Reception::Step(event), _) => event,
        (Reception::Cancel, Question::Cancel(request)) => {
            Event::CancelAsked { request: request.clone(), serial: cancel_serial(0) }
        }
        (Reception::Cancel, _) => panic!("{question:?} is no cancel"),
        (Reception::Answer(_) | Reception::Refuse { .. } | Reception::Wait, _) => return None,
    };
    Some(payment.clone().step(&event, at(0)).unwrap().0)
}

#[test]
fn a_question_takes_one_step_at_most_and_is_answered_or_waits_after_it() {
    law(|life| {
        for (payment, _) in life.states() {
            for question in questions() {
                let Some(after) = steps(payment, &question) else { continue };
                let again = after.receive(&question);
                assert!(!matches!(again, Reception::Step(_) | Reception::Cancel), "{question:?}: {again:?}");
                assert!(
                    !matches!(again, Reception::Refuse { .. }),
                    "{question:?} stepped to be refused: {again:?}"
                );
                after.check().unwrap();
            }
        }
    });
}

#[test]
fn nobody_waits_for_a_payment_that_is_closed() {
    law(|life| {
        for (payment, _) in life.states() {
            if payment.is_open() {
                continue;
            }
            for question in questions() {
                assert_ne!(payment.receive(&question), Reception::Wait, "{question:?}");
            }
        }
    });
}

#[test]
fn once_withdrawn_never_again_0000_or_acknowledged_or_cancelled() {
    law(|life| {
        for Moment { before, after, .. } in &life.moments {
            assert!(!before.is_withdrawn() || after.is_withdrawn());
        }
        for (payment, _) in life.states().filter(|(payment, _)| payment.is_withdrawn()) {
            for question in questions() {
                let code = match payment.receive(&question) {
                    Reception::Answer(answer) | Reception::Refuse { answer, .. } => answer.code(),
                    Reception::Step(event) => {
                        assert!(matches!(event, Event::NetCancelAsked { .. }), "{event:?}");
                        continue;
                    }
                    reception @ (Reception::Wait | Reception::Cancel) => {
                        panic!("{question:?} meets {reception:?}")
                    }
                };
                match question {
                    Question::Approval(_) | Question::Acknowledgement(_) => {
                        assert_ne!(code, ResponseCode::APPROVED);
                    }
                    // One that was refused or declined before keeps its answer.
                    // Or was found done by a person, though it had been refused.
                    Question::Cancel(asked) => {
                        let found_done =
                            |cancel: &payment::Cancel| cancel.request().key == asked.key && cancel.is_done();
                        let by_person = || {
                            life.moments
                                .iter()
                                .any(|moment| matches!(moment.event, Event::CancelResolved { .. }))
                        };
                        let is_found = payment.cancels().iter().any(found_done) && by_person();
                        assert!(code != ResponseCode::APPROVED || is_found);
                    }
                    Question::NetCancel(_) | Question::Inquiry(_) => {}
                }
            }
        }
    });
}

#[test]
fn a_withdrawal_is_told_0000_only_when_it_is_in_the_record() {
    law(|life| {
        for (payment, _) in life.states() {
            if payment.receive(&gives_up()) == Reception::Answer(TerminalAnswer::Done) {
                assert!(payment.withdrawn().is_some());
            }
        }
        for Moment { before, after, .. } in &life.moments {
            assert!(before.withdrawn().is_none() || before.withdrawn() == after.withdrawn());
        }
    });
}

/// Whatever was in flight when the terminal withdrew it, nothing of it is left but debts.
#[test]
fn what_its_terminal_withdrew_ends_without_an_approval_that_nobody_undoes() {
    law(|life| {
        for (payment, _) in life.states() {
            if payment.withdrawn().is_none() {
                continue;
            }
            assert!(!matches!(payment.phase(), Phase::Trying | Phase::AwaitingNetCancel));
            for attempt in payment.attempts() {
                let approved = *attempt.state() == payment::AttemptState::Approved;
                assert!(!approved || attempt.debt().is_some(), "an approval that nobody undoes");
            }
        }
    });
}

#[test]
fn every_attempt_that_approved_is_the_outcome_or_has_a_debt() {
    law(|life| {
        for (payment, _) in life.states() {
            for (number, attempt) in (0_u8..).zip(payment.attempts()) {
                let is_outcome =
                    matches!(payment.phase(), Phase::Approved { attempt, .. } if *attempt == number);
                let approved = *attempt.state() == payment::AttemptState::Approved;
                assert!(!approved || is_outcome || attempt.debt().is_some());
            }
        }
    });
}

#[test]
fn an_inquiry_is_told_approved_only_of_an_approval_that_stands() {
    law(|life| {
        for (payment, _) in life.states() {
            let stands = matches!(payment.phase(), Phase::Approved { .. })
                && !payment.is_withdrawn()
                && !payment.is_wholly_cancelled();
            match payment.standing().state {
                PaymentState::Approved | PaymentState::PartlyCancelled => assert!(stands),
                PaymentState::Unknown => panic!("it is known"),
                PaymentState::Cancelled => assert!(payment.is_wholly_cancelled()),
                PaymentState::NetCancelled | PaymentState::Declined => assert!(!payment.is_open() && !stands),
                PaymentState::NetCancelUnderWay => assert!(payment.is_open() && !stands),
                PaymentState::InProgress => assert!(payment.is_open() && payment.standing().answer.is_none()),
                PaymentState::NeedsPerson => {}
            }
        }
    });
}
