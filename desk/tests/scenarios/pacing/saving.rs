//! What waits for its turn does not leave while a step of its payment is on its way to the store: it may be settled by that.

use payment::{Event, NetCancelVerdict};

use super::{accepted, bench, held, left, owing};
use crate::bench::{Bench, approval, declined, net_cancel_answered};

/// The second of two that are owed waits for the first, and this happens to it; before the desk hears that it is saved, there is room.
fn room_while_saving(bench: &mut Bench, event: Event) {
    let owing = owing(bench, 1, 2);
    assert_eq!(left(bench), owing[..1]);
    bench.happened(owing[1], event);
    let saved = bench.commit_unheard();
    bench.happened(owing[0], net_cancel_answered(0, NetCancelVerdict::Accepted));
    assert_eq!((left(bench).len(), held(bench)), (0, 1));
    assert!(
        bench.desk.next_due().is_none_or(|due| due > crate::sample::instant(bench.now_ms)),
        "time changes nothing"
    );
    bench.hear(saved);
}

#[test]
fn a_net_cancel_whose_original_was_declined_meanwhile_does_not_leave() {
    let mut bench = bench(1);
    let Event::Answered { answer, .. } = declined(0) else { panic!("a decline is an answer") };
    room_while_saving(&mut bench, Event::Late { attempt: 0, answer });
    bench.settle();
    assert_eq!((left(&mut bench), held(&bench), bench.desk.payments()), (vec![], 0, 0));
}

#[test]
fn a_net_cancel_whose_original_was_approved_meanwhile_leaves_knowing_it() {
    let mut bench = bench(1);
    room_while_saving(&mut bench, Event::Late { attempt: 0, answer: approval() });
    let order = bench.net_cancels().remove(0);
    assert_eq!(order.approval_no.as_deref(), Some("30010001"));
}

#[test]
fn others_leave_once_it_is_saved() {
    let mut bench = bench(1);
    let Event::Answered { answer, .. } = declined(0) else { panic!("a decline is an answer") };
    room_while_saving(&mut bench, Event::Late { attempt: 0, answer });
    bench.settle();
    let next = owing(&mut bench, 10, 2);
    assert_eq!(left(&mut bench), next[..1]);
    accepted(&mut bench, next[0]);
    assert_eq!(left(&mut bench), next[1..]);
}
