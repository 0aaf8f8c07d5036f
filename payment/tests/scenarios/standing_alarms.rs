//! What a start tells a person once more.

use payment::{Alarm, Event, Payment, StuckCancel, StuckWhy};

use super::by;
use crate::{
    fixture::{H, M, S, at, sealed_card},
    happening::{accepted, approved, cancel_asked, cancel_timed_out, net_cancel_silent, retried, timed_out},
};

fn lived(happened: &[(i64, Event)]) -> Payment {
    let (mut payment, _) = Payment::start(&by(&["card450"]).started(), Some(sealed_card()), at(0));
    for (ms, event) in happened {
        (payment, _) = payment.step(event, at(*ms)).unwrap();
    }
    payment
}

#[test]
fn what_needs_a_person_or_is_overdue_is_told_once_more_and_nothing_else() {
    let silence = [(10 * S, timed_out(0, 0)), (20 * S, net_cancel_silent(0))];
    let given_up = [&silence[..], &[(25 * H, Event::Due)]].concat();
    let cancelling = [(S, approved(0)), (M, cancel_asked(101, 50_000)), (70 * S, cancel_timed_out(0, M))];
    let cancel_given_up = [&cancelling[..], &[(25 * H, Event::Due)]].concat();
    let table = [
        (vec![(S, approved(0))], 30 * H, None),
        (silence.to_vec(), 5 * M, None),
        (silence.to_vec(), 6 * M, Some(Alarm::NetCancelOverdue { attempt: 0 })),
        (given_up.clone(), 30 * H, Some(Alarm::NetCancelStuck { attempt: 0, why: StuckWhy::GivenUp })),
        ([&given_up[..], &[(30 * H, retried(0))]].concat(), 30 * H + S, None),
        ([&silence[..], &[(M, accepted(0))]].concat(), 30 * H, None),
        (cancelling.to_vec(), 5 * M, None),
        (cancelling.to_vec(), 7 * M, Some(Alarm::CancelOverdue { cancel: 0 })),
        (cancel_given_up, 30 * H, Some(Alarm::CancelStuck { cancel: 0, why: StuckCancel::GivenUp })),
    ];
    for (happened, now, expected) in table {
        let payment = lived(&happened);
        assert_eq!(payment.standing_alarms(at(now)), Vec::from_iter(expected), "{happened:?}");
        assert!(!payment.needs_person() || expected.is_some());
    }
}
