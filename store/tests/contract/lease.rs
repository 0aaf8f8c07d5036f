//! Who may write, and for how long.

use jiff::Timestamp;
use payment::{InstanceNo, NetCancelAnswer, NetCancelVerdict};
use store::{
    Engine, Lookup, Memory, Pile, StoreError, Stored, TakenOver, WorkQuery, count, look_up, open_payments,
    open_payments_of, save, take_over, work,
};

use crate::{
    place::{Place, SqlitePlace},
    samples::{
        acknowledged_start, approved, at, batch, id, instance, key, late_approval, net_cancel_accepted,
        net_cancel_not_sent, note, saved, serial, start, step, unanswered, withdrawn,
    },
};

fn other() -> InstanceNo {
    InstanceNo::new(4).unwrap()
}

fn ids(payments: &[Stored]) -> Vec<payment::PaymentId> {
    payments.iter().map(Stored::id).collect()
}

/// The instant as a store keeps it.
fn kept(seconds: i64) -> Timestamp {
    Timestamp::from_microsecond(at(seconds).as_microsecond()).unwrap()
}

pub(crate) fn what_an_instance_had_open_is_taken_over_once_its_lease_has_ended<P: Place>() {
    let place = P::new();
    let mut first = place.open();
    saved(&mut first, start(2));
    saved(&mut first, start(1));
    let third = saved(&mut first, start(3));
    saved(&mut first, step(third, approved(), 1));
    first.renew_lease(kept(10)).unwrap();
    drop(first);

    let mut second = place.open_as(other());
    let own = saved(&mut second, start(9));
    assert!(take_over(&mut second, instance(), kept(9)).unwrap().is_none(), "it may still send");
    let taken = take_over(&mut second, instance(), kept(10)).unwrap().unwrap();
    assert_eq!(ids(&taken.open), [id(1), id(2)]);
    assert!(take_over(&mut second, instance(), kept(99)).unwrap().is_none(), "once");
    assert_eq!(ids(&open_payments_of(&mut second, instance()).unwrap()), []);
    let mine = open_payments_of(&mut second, other()).unwrap();
    assert_eq!(ids(&mine), [id(1), id(2), own.id()]);
    for stored in taken.open {
        saved(&mut second, step(stored, approved(), 11));
    }
    assert_eq!(ids(&open_payments(&mut second).unwrap()), [own.id()]);
}

pub(crate) fn what_one_instance_has_open_stays_its_own_whoever_saves_it<P: Place>() {
    let place = P::new();
    let mut first = place.open();
    saved(&mut first, start(1));
    let approved_one = saved(&mut first, start(2));
    saved(&mut first, step(approved_one, approved(), 1));
    drop(first);

    let mut second = place.open_as(other());
    let mut found = |number| look_up(&mut second, Lookup::Id(id(number))).unwrap().unwrap();
    let (in_flight, closed) = (found(1), found(2));
    saved(&mut second, step(in_flight, unanswered(), 2));
    assert_eq!(ids(&open_payments_of(&mut second, instance()).unwrap()), [id(1)]);
    saved(&mut second, step(closed, withdrawn(2, 2), 2));
    assert_eq!(
        ids(&open_payments_of(&mut second, other()).unwrap()),
        [id(2)],
        "it was closed, and is opened"
    );
}

/// An instance whose lease ended at 10, at 11.
fn taken_over<P: Place>() -> TakenOver {
    let place = P::new();
    let mut first = place.open();
    saved(&mut first, start(1));
    first.renew_lease(kept(10)).unwrap();
    drop(first);
    let mut second = place.open_as(other());
    take_over(&mut second, instance(), kept(11)).unwrap().unwrap()
}

pub(crate) fn what_lay_in_the_kernel_of_who_is_taken_over_has_five_seconds_to_leave<P: Place>() {
    let taken = taken_over::<P>();
    let last_byte_by = taken.last_byte_by(kept(11), kept(11));
    assert_eq!(last_byte_by, kept(15), "counted from the end of its lease, not from when it was seen");
}

pub(crate) fn the_last_byte_of_who_is_taken_over_is_told_by_the_later_of_both_clocks<P: Place>() {
    let taken = taken_over::<P>();
    assert_eq!(taken.last_byte_by(kept(41), kept(11)), kept(45), "the taker's clock is ahead");
    assert_eq!(taken.last_byte_by(kept(1), kept(11)), kept(15), "it is behind, and will be set right");
}

pub(crate) fn each_read_and_each_save_tells_whose_a_payment_is<P: Place>() {
    let place = P::new();
    let mut first = place.open();
    assert_eq!(saved(&mut first, start(1)).owner(), instance());
    let approved_one = saved(&mut first, start(2));
    assert_eq!(saved(&mut first, step(approved_one, approved(), 1)).owner(), instance());
    first.renew_lease(kept(10)).unwrap();
    drop(first);

    let mut second = place.open_as(other());
    let mut found = |lookup| look_up(&mut second, lookup).unwrap().unwrap();
    let (in_flight, closed) = (found(Lookup::Serial(serial(1))), found(Lookup::Key(key(2))));
    assert_eq!(in_flight.owner(), instance());
    assert_eq!(saved(&mut second, step(closed, withdrawn(2, 2), 2)).owner(), other(), "it opened it");
    assert_eq!(saved(&mut second, step(in_flight, unanswered(), 2)).owner(), instance(), "it found it open");
    let taken = take_over(&mut second, instance(), kept(10)).unwrap().unwrap();
    let owners: Vec<_> = taken.open.iter().map(|stored| (stored.id(), stored.owner())).collect();
    assert_eq!(owners, [(id(1), other())]);
    for stored in open_payments(&mut second).unwrap() {
        assert_eq!(stored.owner(), other());
    }
}

pub(crate) fn what_is_not_bound_becomes_that_of_who_opens_it_or_tells_it_again<P: Place>() {
    let place = P::new();
    let mut first = place.open();
    let waiting = saved(&mut first, acknowledged_start(1));
    let waiting = saved(&mut first, step(waiting, approved(), 1));
    assert!(waiting.payment().is_open() && !waiting.is_bound(), "it waits for its terminal alone");
    let released = saved(&mut first, start(2));
    assert!(released.is_bound());
    let released = saved(&mut first, step(released, approved(), 1));
    assert!(!released.is_bound());
    drop(first);

    let mut second = place.open_as(other());
    let mut found = |number| look_up(&mut second, Lookup::Id(id(number))).unwrap().unwrap();
    let (waiting, released) = (found(1), found(2));
    let withdrawn = saved(&mut second, step(waiting, withdrawn(1, 2), 2));
    assert!(withdrawn.is_bound());
    assert_eq!(withdrawn.owner(), other(), "its net-cancel is owed by who took that on");
    let late = saved(&mut second, step(released, late_approval(), 2));
    assert_eq!(late.owner(), instance(), "what is learnt of a closed one changes nothing about whose it was");
    let told = saved(&mut second, step(late, payment::Event::Repeated, 3));
    assert_eq!(told.owner(), other());
    assert_eq!(ids(&open_payments_of(&mut second, other()).unwrap()), [id(1)]);
}

pub(crate) fn nothing_is_taken_over_of_who_never_had_a_lease_nor_of_oneself<P: Place>() {
    let place = P::new();
    let mut first = place.open();
    saved(&mut first, start(1));
    first.renew_lease(kept(1)).unwrap();
    assert!(take_over(&mut first, instance(), kept(99)).unwrap().is_none());
    drop(first);
    let mut second = place.open_as(other());
    drop(second);
    second = place.open_as(InstanceNo::new(5).unwrap());
    assert!(take_over(&mut second, other(), kept(99)).unwrap().is_none());
}

pub(crate) fn each_pile_is_read_page_by_page_and_counted<P: Place>() {
    let mut engine = P::new().open();
    for number in 1..=5 {
        let stored = saved(&mut engine, start(number));
        let owing = saved(&mut engine, step(stored, unanswered(), 1));
        let acquired = NetCancelAnswer {
            codes: payment::HostCodes::default(),
            verdict: NetCancelVerdict::AlreadyAcquired,
        };
        let event = match number {
            1 | 4 => payment::Event::NetCancelAnswered { attempt: 0, answer: acquired },
            2 => net_cancel_accepted(),
            _ => net_cancel_not_sent(),
        };
        saved(&mut engine, step(owing, event, 2));
    }
    let mut page = |pile, after: Option<u32>, limit| {
        ids(&work(&mut engine, WorkQuery { pile, after: after.map(id), limit }).unwrap())
    };
    assert_eq!(page(Pile::NeedsPerson, None, 9), [id(1), id(4)]);
    assert_eq!(page(Pile::NeedsPerson, None, 1), [id(1)]);
    assert_eq!(page(Pile::NeedsPerson, Some(1), 9), [id(4)]);
    let open: Vec<_> = ids(&open_payments(&mut engine).unwrap());
    let mut page =
        |after, limit| ids(&work(&mut engine, WorkQuery { pile: Pile::Open, after, limit }).unwrap());
    assert_eq!(page(None, 9), open);
    assert_eq!(page(Some(open[0]), 1), open[1..2]);
    assert_eq!(count(&mut engine, Pile::NeedsPerson).unwrap(), 2);
    assert_eq!(count(&mut engine, Pile::Open).unwrap(), open.len() as u64);
}

/// The old start of an instance writes nothing any more, and what others wrote stays as it is.
fn check_fenced(engine: &mut impl Engine) {
    let fenced = |error: &StoreError| {
        assert_eq!(
            error.to_string(),
            "instance 3 was started again or taken over: its earlier start may not write any more"
        );
        matches!(error, StoreError::Fenced { instance: 3 })
    };
    let stored = look_up(engine, Lookup::Id(id(1))).unwrap().unwrap();
    assert!(
        save(engine, batch(vec![step(stored, approved(), 5), start(7)])).is_err_and(|error| fenced(&error))
    );
    let stored = look_up(engine, Lookup::Id(id(1))).unwrap().unwrap();
    assert_eq!(stored.version(), 1);
    assert!(look_up(engine, Lookup::Id(id(7))).unwrap().is_none());
}

#[test]
fn an_earlier_start_is_refused_every_write_in_memory() {
    let mut memory = Memory::new(instance());
    let first = memory.begin(instance());
    saved(&mut memory, start(1));
    let again = memory.begin(instance());
    let events = memory.events().len();
    memory.act_as(first);
    check_fenced(&mut memory);
    assert!(matches!(memory.reserve_serials(1), Err(StoreError::Fenced { instance: 3 })));
    assert!(matches!(memory.renew_lease(at(9)), Err(StoreError::Fenced { instance: 3 })));
    assert!(matches!(take_over(&mut memory, other(), at(9)), Err(StoreError::Fenced { instance: 3 })));
    assert_eq!(memory.events().len(), events);
    memory.act_as(again);
    saved(&mut memory, start(7));
}

#[test]
fn an_earlier_start_is_refused_every_write_by_a_file() {
    type Write = fn(&mut store::Sqlite) -> Result<(), StoreError>;
    let writes: [Write; 4] = [
        |engine| save(engine, store::Batch { saves: Vec::new(), notes: vec![note(1)] }).map(drop),
        |engine| engine.reserve_serials(1).map(drop),
        |engine| engine.renew_lease(at(9)),
        |engine| take_over(engine, other(), at(9)).map(drop),
    ];
    for write in writes {
        let place = SqlitePlace::new();
        let mut engine = place.open();
        saved(&mut engine, start(1));
        // As another machine would that reaches the same file.
        place.look().execute("UPDATE switch_instance SET epoch = epoch + 1", []).unwrap();
        let events = place.journal().len();
        assert!(matches!(write(&mut engine), Err(StoreError::Fenced { instance: 3 })));
        assert!(write(&mut engine).is_err(), "and it stays so");
        assert_eq!(place.journal().len(), events);
    }
    let place = SqlitePlace::new();
    let mut engine = place.open();
    saved(&mut engine, start(1));
    place.look().execute("UPDATE switch_instance SET epoch = epoch + 1", []).unwrap();
    check_fenced(&mut engine);
}
