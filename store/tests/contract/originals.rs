//! Finding the payment a telegram speaks of: tombstones, keys of long ago, cancels.

use payment::PaymentId;
use store::{Engine, Lookup, Stored, look_up, open_payments};

use crate::{
    place::{Place, replay},
    samples::{
        TOTAL, approved, at, bury, cancel_accepted, cancel_asked, cancel_in_doubt, cancel_key,
        cancel_not_processed, cancel_serial, claim, done, id, key, refused, save_all, save_one, saved,
        sealed, serial, start, start_with, step, today, tomorrow, withdrawn, word,
    },
};

fn found(engine: &mut impl Engine, way: Lookup) -> Option<PaymentId> {
    look_up(engine, way).unwrap().map(|stored| stored.id())
}

pub(crate) fn a_tombstone_is_stored_and_nothing_follows_from_it<P: Place>() {
    let place = P::new();
    let mut engine = place.open();
    let (stored, effects) = done(save_one(&mut engine, bury(1, 500, 0)));
    assert_eq!((stored.version(), effects.len()), (1, 0));
    assert!(stored.payment().is_tombstone());
    for way in [Lookup::Id(id(1)), Lookup::Key(key(500))] {
        let again = look_up(&mut engine, way).unwrap().unwrap();
        assert_eq!(again.payment(), stored.payment(), "{way:?}");
    }
    assert_eq!(found(&mut engine, Lookup::Key(key(1))), None);
    assert!(open_payments(&mut engine).unwrap().is_empty());
    assert_eq!(&replay(&place.journal(), id(1).get(), &sealed()), stored.payment());
}

pub(crate) fn a_tombstone_and_a_request_contend_for_the_key<P: Place>() {
    let mut engine = P::new().open();
    saved(&mut engine, bury(1, 500, 0));
    let outcome = save_one(&mut engine, start_with(2, vec![claim(500, 600)], at(59)));
    assert_eq!(word(&outcome), format!("{} is refused {} by {}", id(2), key(500), id(1)));
    saved(&mut engine, start(3));
    let outcome = save_one(&mut engine, bury(4, 3, 1));
    assert_eq!(word(&outcome), format!("{} is refused {} by {}", id(4), key(3), id(3)));
    assert_eq!(found(&mut engine, Lookup::Id(id(4))), None);
}

pub(crate) fn a_key_finds_its_payment_after_the_claim_is_gone<P: Place>() {
    let mut engine = P::new().open();
    for number in 1..=20 {
        saved(&mut engine, start_with(number, vec![claim(number, 60)], at(0)));
    }
    // A month later; on an engine that deletes what expired, the claims are gone by then.
    let later = 30 * 86_400;
    for number in 100..200 {
        saved(&mut engine, start_with(number, vec![claim(number, later + 60)], at(later)));
    }
    for number in 1..=20 {
        assert_eq!(found(&mut engine, Lookup::Key(key(number))), Some(id(number)));
    }
    assert_eq!(found(&mut engine, Lookup::Key(key(21))), None);
}

pub(crate) fn under_one_key_the_payment_that_is_no_tombstone_is_found_else_the_newest<P: Place>() {
    let mut engine = P::new().open();
    for (number, now, expected) in [(60, 0, 60), (50, 100, 60), (70, 200, 70)] {
        saved(&mut engine, bury(number, 55, now));
        assert_eq!(found(&mut engine, Lookup::Key(key(55))), Some(id(expected)));
    }
    // With a lower identity than two of the tombstones.
    saved(&mut engine, start_with(55, vec![claim(55, 360)], at(300)));
    assert_eq!(found(&mut engine, Lookup::Key(key(55))), Some(id(55)));
    saved(&mut engine, bury(80, 55, 400));
    assert_eq!(found(&mut engine, Lookup::Key(key(55))), Some(id(55)));
}

/// Payment `number`, approved.
fn approval(engine: &mut impl Engine, number: u32) -> Stored {
    let stored = saved(engine, start(number));
    saved(engine, step(stored, approved(), 1))
}

pub(crate) fn a_cancel_finds_its_payment_by_its_serial<P: Place>() {
    let mut engine = P::new().open();
    approval(&mut engine, 1);
    let stored = approval(&mut engine, 2);
    let stored = saved(&mut engine, step(stored, cancel_asked(2, cancel_key(today(), 500), 1_000), 10));
    assert_eq!(found(&mut engine, Lookup::Serial(cancel_serial(500))), Some(id(2)));
    let stored = saved(&mut engine, step(stored, cancel_accepted(0), 11));
    let stored = saved(&mut engine, step(stored, cancel_asked(2, cancel_key(tomorrow(), 501), 2_000), 12));
    saved(&mut engine, step(stored, cancel_in_doubt(1), 13));
    for number in [500, 501] {
        assert_eq!(found(&mut engine, Lookup::Serial(cancel_serial(number))), Some(id(2)));
    }
    assert_eq!(found(&mut engine, Lookup::Serial(serial(2))), Some(id(2)));
    assert_eq!(found(&mut engine, Lookup::Serial(serial(1))), Some(id(1)));
    assert_eq!(found(&mut engine, Lookup::Serial(cancel_serial(499))), None);
    assert_eq!(found(&mut engine, Lookup::Serial(cancel_serial(502))), None);
}

pub(crate) fn a_cancel_that_was_never_sent_is_found_by_no_serial<P: Place>() {
    let mut engine = P::new().open();
    let stored = approval(&mut engine, 1);
    // More than there is: refused at once.
    let stored = saved(&mut engine, step(stored, cancel_asked(1, cancel_key(today(), 500), TOTAL + 1), 10));
    assert_eq!(stored.payment().cancels().len(), 1);
    assert_eq!(found(&mut engine, Lookup::Serial(cancel_serial(500))), None);
    // Released and then refused: its answer may still come.
    let stored = saved(&mut engine, step(stored, cancel_asked(1, cancel_key(today(), 501), TOTAL), 11));
    saved(&mut engine, step(stored, cancel_not_processed(1), 12));
    assert_eq!(found(&mut engine, Lookup::Serial(cancel_serial(501))), Some(id(1)));
}

pub(crate) fn a_payment_with_cancels_is_replayed_from_its_events<P: Place>() {
    let place = P::new();
    let mut engine = place.open();
    let mut stored = approval(&mut engine, 1);
    let path = [
        (cancel_asked(1, cancel_key(today(), 500), 1_000), 10),
        (cancel_in_doubt(0), 11),
        (payment::Event::Due, 12),
        (cancel_accepted(0), 13),
        (cancel_asked(1, cancel_key(tomorrow(), 501), TOTAL), 14),
        (withdrawn(1, 15), 15),
    ];
    for (event, now) in path {
        stored = saved(&mut engine, step(stored, event, now));
        let again = look_up(&mut engine, Lookup::Id(id(1))).unwrap().unwrap();
        assert_eq!(again.payment(), stored.payment());
        assert_eq!(&replay(&place.journal(), id(1).get(), &sealed()), stored.payment());
    }
    // A row that is refused changes nothing of the cancels either.
    let both = vec![start_with(2, vec![claim(1, 60)], at(20)), bury(3, 1, 20)];
    for outcome in save_all(&mut engine, both) {
        drop(refused(outcome));
    }
    assert_eq!(found(&mut engine, Lookup::Serial(cancel_serial(500))), Some(id(1)));
}
