//! Two desks on one store.

use std::mem;

use desk::{Desk, Input, NotOperated, Serials, Stray};
use payment::{
    Delivery, InstanceNo, ManualOrder, ManualStep, NetCancelVerdict, Operator, PaymentId, Phase, Serial,
};
use store::{Engine, Memory, Owner, Stored};

use crate::{
    bench::{
        Bench, TOTAL, approval, approved, cancel_accepted, cancel_answer, cancel_timed_out,
        net_cancel_answered, timed_out, told, undone,
    },
    sample,
};

/// Each acts in its turn, and the store goes from hand to hand.
struct Two {
    benches: [Bench; 2],
    owners: [Owner; 2],
    acting: usize,
}

fn no(number: u8) -> InstanceNo {
    InstanceNo::new(number).unwrap()
}

impl Two {
    fn new() -> Self {
        let (mut first, mut second) = (Bench::new(), Bench::new());
        let owners = [1, 2].map(|number| first.memory.begin(no(number)));
        let serials = first.memory.reserve_serials(second.block).unwrap();
        second.desk = Desk::new(Serials::new(no(2), serials, second.block), second.limits);
        first.desk.share_store();
        second.desk.share_store();
        first.memory.act_as(owners[0]);
        Self { benches: [first, second], owners, acting: 0 }
    }

    fn at(&mut self, place: usize) -> &mut Bench {
        let acting = &mut self.benches[self.acting];
        let (memory, now_ms) = (mem::replace(&mut acting.memory, Memory::new(no(1))), acting.now_ms);
        self.acting = place;
        let bench = &mut self.benches[place];
        (bench.memory, bench.now_ms) = (memory, now_ms);
        bench.memory.act_as(self.owners[place]);
        bench
    }

    fn first(&mut self) -> &mut Bench {
        self.at(0)
    }

    fn second(&mut self) -> &mut Bench {
        self.at(1)
    }

    /// The first one's lease has ended, and the second takes over what it had open.
    fn second_takes_over(&mut self) {
        let first = self.first();
        let now = sample::instant(first.now_ms);
        first.memory.renew_lease(now).unwrap();
        let second = self.second();
        let taken = store::take_over(&mut second.memory, no(1), now).unwrap().unwrap();
        let last_byte_by = taken.last_byte_by(now, now);
        second.recover(taken.open, last_byte_by);
    }
}

fn trying(bench: &mut Bench) -> (PaymentId, Serial) {
    let (_, id, serial) = bench.in_flight();
    bench.happened(id, timed_out(0, bench.now_ms));
    bench.settle();
    assert_eq!(bench.net_cancels().len(), 1);
    bench.told();
    (id, serial)
}

fn stored(bench: &mut Bench, id: PaymentId) -> Stored {
    store::look_up(&mut bench.memory, store::Lookup::Id(id)).unwrap().unwrap()
}

#[test]
fn a_repeat_at_another_desk_waits_for_the_same_answer_and_then_nothing_stays_there() {
    let mut two = Two::new();
    let (asker, id, _) = two.first().in_flight();
    let repeat = two.second().ask(0);
    two.second().settle();
    assert_eq!(two.second().told(), []);
    two.first().happened(id, approved(0));
    two.first().commit();
    assert_eq!(two.first().told(), [told(asker, "0000")]);
    two.second().pass(1_000);
    two.second().settle();
    assert_eq!(two.second().told(), [told(repeat, "0000")]);
    assert_eq!(two.second().sent(), [], "it was sent once");
    two.second().delivered(id, true);
    two.first().delivered(id, true);
    assert_eq!((two.second().desk.payments(), two.first().desk.payments()), (0, 0));
}

#[test]
fn a_repeat_that_waits_at_another_desk_is_told_9010_when_its_terminal_stops_waiting() {
    let mut two = Two::new();
    two.first().in_flight();
    let repeat = two.second().ask(0);
    two.second().settle();
    two.second().pass(28_000);
    two.second().settle();
    assert_eq!(two.second().told(), [told(repeat, "9010")]);
    assert_eq!(two.second().desk.payments(), 0);
}

#[test]
fn what_another_desk_undid_is_not_told_from_an_old_copy() {
    let mut two = Two::new();
    let (_, id, _) = two.first().released();
    let withdrawal = two.second().net_cancel();
    two.second().settle();
    assert_eq!(two.second().told(), [told(withdrawal, "0000")]);
    assert_eq!(two.second().net_cancels().len(), 1);
    // Its reply is still on its way, so that the payment is still here.
    assert_eq!(two.first().desk.payments(), 1);
    let repeat = two.first().ask(0);
    two.first().settle();
    assert_eq!(two.first().told(), [told(repeat, "9013")]);
    two.first().delivered(id, true);
    assert_eq!(two.first().desk.payments(), 0);
}

#[test]
fn who_asks_while_an_older_read_is_under_way_is_answered_by_a_younger_one() {
    let mut two = Two::new();
    let (id, _) = two.first().finished();
    let early = two.second().ask(0);
    two.second().commit();
    let lookup = two.second().lookups.pop().unwrap();
    let second = two.second();
    let found = store::look_up(&mut second.memory, lookup).unwrap();
    two.first().net_cancel();
    two.first().settle();
    let late = two.second().ask(0);
    two.second().commit();
    two.second().give(Input::Found(lookup, found));
    two.second().settle();
    assert_eq!(two.second().told(), [told(early, "9013"), told(late, "9013")]);
    assert_eq!(stored(two.second(), id).version(), 3, "nothing was told from what was read before");
}

#[test]
fn an_answer_to_what_another_desk_saved_since_the_last_read_is_not_lost() {
    let mut two = Two::new();
    let (id, _) = two.first().finished();
    two.second().ask(0);
    two.second().commit();
    let lookup = two.second().lookups.pop().unwrap();
    let second = two.second();
    let before = store::look_up(&mut second.memory, lookup).unwrap();
    two.first().cancel(50, TOTAL);
    two.first().settle();
    let serial = two.first().cancel_sent().serial;
    let cancel = cancel_answer(cancel_accepted());
    two.second().stray(
        "alpha",
        serial,
        Stray::Undone { net_cancel: undone(NetCancelVerdict::TryAgain), cancel },
    );
    two.second().read();
    two.second().give(Input::Found(lookup, before));
    two.second().settle();
    two.first().happened(id, cancel_timed_out(0, 1_000));
    two.first().settle();
    two.second_takes_over();
    two.second().pass(30_000);
    two.second().settle();
    assert!(two.second().payment(id).is_wholly_cancelled());
    assert_eq!(two.second().cancels(), [], "it is known to be done");
}

#[test]
fn nobody_who_waits_is_forgotten_by_a_take_over_and_no_try_is_made_twice() {
    let mut two = Two::new();
    two.first().in_flight();
    let repeat = two.second().ask(0);
    two.second().settle();
    two.second_takes_over();
    two.second().settle();
    assert_eq!(two.second().told(), [told(repeat, "9022")]);
    assert_eq!(two.second().net_cancels().len(), 1);
    assert!(two.second().desk.is_recovered());
    assert_eq!(two.second().desk.payments(), 1, "its net-cancel is out");
}

#[test]
fn a_take_over_while_it_is_being_read_finds_what_is_durable() {
    let mut two = Two::new();
    let (_, id, _) = two.first().in_flight();
    let repeat = two.second().ask(0);
    two.second().commit();
    let lookup = two.second().lookups.pop().unwrap();
    let second = two.second();
    let before = store::look_up(&mut second.memory, lookup).unwrap();
    two.second_takes_over();
    two.second().give(Input::Found(lookup, before));
    assert_eq!(two.second().saves.len(), 0, "as it was read it is still the other's");
    two.second().pass(1_000);
    two.second().settle();
    assert_eq!(two.second().told(), [told(repeat, "9022")]);
    assert_eq!(two.second().net_cancels().len(), 1);
    assert_eq!(stored(two.second(), id).owner(), no(2));
}

#[test]
fn what_an_acquirer_says_to_another_desk_waits_until_nothing_is_out() {
    let mut two = Two::new();
    let (id, serial) = trying(two.first());
    let version = stored(two.first(), id).version();
    for _ in 0..3 {
        two.second().stray("alpha", serial, Stray::Request(approval()));
        two.second().settle();
    }
    two.second().pass(60_000);
    two.second().settle();
    assert_eq!(two.second().net_cancels(), [], "the try is the other's");
    assert_eq!(stored(two.second(), id).version(), version);
    two.first().happened(id, net_cancel_answered(0, NetCancelVerdict::Accepted));
    two.first().settle();
    two.second().pass(60_000);
    two.second().settle();
    assert_eq!(stored(two.second(), id).version(), version + 2, "it is kept, once");
    assert_eq!(two.second().notes.len(), 2, "the same again tells nothing new");
    assert_eq!((two.second().desk.payments(), two.first().desk.payments()), (0, 0));
}

#[test]
fn what_waits_for_a_payment_in_anothers_hands_is_known_when_it_is_taken_over() {
    let mut two = Two::new();
    let (_, serial) = trying(two.first());
    two.second().stray("alpha", serial, Stray::Request(approval()));
    two.second().settle();
    two.second_takes_over();
    two.second().settle();
    let tries = two.second().net_cancels();
    assert_eq!(tries.len(), 1);
    assert_eq!(tries[0].approval_no.as_deref(), Some("30010001"));
}

#[test]
fn an_approval_another_desk_has_told_is_not_undelivered() {
    let mut two = Two::new();
    let (_, id, _) = two.first().released();
    let repeat = two.second().ask(0);
    two.second().settle();
    assert_eq!(two.second().told(), [told(repeat, "0000")]);
    two.second().delivered(id, true);
    two.first().delivered(id, false);
    two.first().settle();
    let Phase::Approved { delivery, .. } = two.first().payment(id).phase().clone() else {
        panic!("approved")
    };
    assert_eq!(delivery, Delivery::Released);
    assert_eq!((two.second().desk.payments(), two.first().desk.payments()), (0, 0));
}

#[test]
fn an_approval_another_desk_has_told_is_told_behind_what_waits_its_turn_only_once_that_is_durable() {
    let mut two = Two::new();
    let (_, id, serial) = two.first().released();
    let repeat = two.second().ask(0);
    two.second().stray("alpha", serial, Stray::Request(approval()));
    two.second().commit();
    two.second().read();
    assert_eq!(two.second().saves.len(), 1, "what the acquirer said waited its turn while it was being read");
    assert_eq!(two.second().told(), [], "nobody knows yet that it is told here");
    two.second().commit();
    assert_eq!(two.second().told(), []);
    two.second().settle();
    assert_eq!(two.second().told(), [told(repeat, "0000")]);
    assert_eq!(stored(two.second(), id).owner(), no(2));
    two.second().delivered(id, true);
    two.first().delivered(id, false);
    two.first().settle();
    two.first().pass(60_000);
    two.first().settle();
    assert!(!two.first().payment(id).owes(), "its terminal has it");
    assert_eq!(two.first().net_cancels(), []);
}

#[test]
fn an_approval_nobody_else_has_told_is_undelivered_and_a_repeat_at_another_desk_has_it() {
    let mut two = Two::new();
    let (_, id, _) = two.first().released();
    two.first().delivered(id, false);
    two.first().settle();
    let repeat = two.second().ask(0);
    two.second().settle();
    assert_eq!(two.second().told(), [told(repeat, "0000")]);
    two.second().delivered(id, true);
    two.first().pass(60_000);
    two.first().settle();
    assert!(!two.first().payment(id).owes());
    assert_eq!((two.second().desk.payments(), two.first().desk.payments()), (0, 0));
}

#[test]
fn an_acknowledgement_to_another_desk_counts() {
    let mut two = Two::new();
    two.first().acknowledged_within_ms = Some(10_000);
    let (_, id, _) = two.first().released();
    two.first().delivered(id, true);
    let acknowledgement = two.second().acknowledge();
    two.second().settle();
    assert_eq!(two.second().told(), [told(acknowledgement, "0000")]);
    two.first().pass(20_000);
    two.first().settle();
    assert!(!two.first().payment(id).owes());
    assert_eq!((two.second().desk.payments(), two.first().desk.payments()), (0, 0));
}

#[test]
fn an_order_of_a_person_is_refused_where_another_has_the_payment_in_hand() {
    let mut two = Two::new();
    let (id, _) = trying(two.first());
    let by = Operator::new("kim", "it takes too long").unwrap();
    let order = ManualOrder { by, what: ManualStep::RetryNetCancel { attempt: 0 } };
    two.second().give(Input::Operate { token: 7, payment: id, order });
    two.second().settle();
    assert_eq!(two.second().operated, [(7, Err(NotOperated::Elsewhere))]);
    assert_eq!(two.second().desk.payments(), 0);
}
