//! Claims: what only one payment can hold at a time, and how it is taken.

use payment::Effect;
use store::{Engine, Lookup, look_up};

use crate::{
    place::Place,
    samples::{
        TOTAL, approved, at, cancel_asked, cancel_key, claim, done, id, key, refused, save_one, saved, start,
        start_with, step, today, window, word,
    },
};

/// Payment `number`, claiming its key and a duplicate window.
fn purchase(number: u32, of: u8, now: i64) -> store::Unsaved {
    start_with(number, vec![claim(number, now + 600), window(of, now + 2)], at(now))
}

pub(crate) fn a_refused_save_comes_back_sealed_and_can_be_saved_again<P: Place>() {
    let place = P::new();
    let mut engine = place.open();
    saved(&mut engine, purchase(1, 7, 0));
    let outcome = save_one(&mut engine, purchase(2, 7, 1));
    assert_eq!(word(&outcome), format!("{} is refused window 7 by {}", id(2), id(1)));
    assert!(look_up(&mut engine, Lookup::Id(id(2))).unwrap().is_none());
    assert!(look_up(&mut engine, Lookup::Key(key(2))).unwrap().is_none());
    assert_eq!(place.journal().len(), 1);

    let (stored, effects) = done(save_one(&mut engine, refused(outcome).over(id(1))));
    assert_eq!((stored.id(), stored.version()), (id(2), 1));
    assert!(matches!(effects.as_slice(), [Effect::Send(_)]));
    assert_eq!(place.journal().len(), 2);
    // The window is its own now.
    let third = save_one(&mut engine, purchase(3, 7, 2));
    assert_eq!(word(&third), format!("{} is refused window 7 by {}", id(3), id(2)));
}

pub(crate) fn a_window_may_be_taken_only_from_the_holder_that_is_named<P: Place>() {
    let mut engine = P::new().open();
    saved(&mut engine, purchase(1, 7, 0));
    let again = save_one(&mut engine, purchase(2, 7, 1).over(id(9)));
    assert_eq!(word(&again), format!("{} is refused window 7 by {}", id(2), id(1)));
    let again = save_one(&mut engine, refused(again).over(id(2)));
    assert_eq!(word(&again), format!("{} is refused window 7 by {}", id(2), id(1)));
    // Somebody else was quicker.
    saved(&mut engine, purchase(3, 7, 1).over(id(1)));
    let again = save_one(&mut engine, refused(again).over(id(1)));
    assert_eq!(word(&again), format!("{} is refused window 7 by {}", id(2), id(3)));
    saved(&mut engine, refused(again).over(id(3)));
}

pub(crate) fn a_telegram_key_cannot_be_taken_over<P: Place>() {
    let mut engine = P::new().open();
    saved(&mut engine, start(1));
    let both = vec![claim(1, 60), window(7, 60)];
    let outcome = save_one(&mut engine, start_with(2, both, at(1)).over(id(1)));
    assert_eq!(word(&outcome), format!("{} is refused {} by {}", id(2), key(1), id(1)));
}

pub(crate) fn the_first_of_its_claims_that_is_held_is_told<P: Place>() {
    let mut engine = P::new().open();
    saved(&mut engine, purchase(1, 7, 0));
    let key_first = vec![claim(1, 60), window(7, 60)];
    let outcome = save_one(&mut engine, start_with(2, key_first, at(1)));
    assert_eq!(word(&outcome), format!("{} is refused {} by {}", id(2), key(1), id(1)));
    let window_first = vec![claim(2, 60), window(7, 60), claim(1, 60)];
    let outcome = save_one(&mut engine, start_with(2, window_first, at(1)));
    assert_eq!(word(&outcome), format!("{} is refused window 7 by {}", id(2), id(1)));
    // Neither left anything held.
    saved(&mut engine, start_with(3, vec![claim(2, 60)], at(1)));
}

pub(crate) fn a_window_ends<P: Place>() {
    let mut engine = P::new().open();
    saved(&mut engine, purchase(1, 7, 0));
    drop(refused(save_one(&mut engine, purchase(2, 7, 1))));
    saved(&mut engine, purchase(2, 7, 2));
}

pub(crate) fn a_window_and_a_key_do_not_meet<P: Place>() {
    let mut engine = P::new().open();
    saved(&mut engine, purchase(1, 7, 0));
    saved(&mut engine, purchase(2, 8, 0));
    drop(refused(save_one(&mut engine, start_with(3, vec![claim(3, 60), window(8, 60)], at(1)))));
}

pub(crate) fn a_step_is_saved_only_with_the_claims_it_has_to_win<P: Place>() {
    let place = P::new();
    let mut engine = place.open();
    let cancelling = |number: u32, engine: &mut P::Engine| {
        let stored = saved(engine, start(number));
        let stored = saved(engine, step(stored, approved(), 1));
        let asked = step(stored, cancel_asked(number, cancel_key(today(), 500), TOTAL), 10);
        let claim = store::Claim::Telegram { key: cancel_key(today(), 500), until: at(600) };
        save_one(engine, asked.claiming(vec![claim]))
    };
    let (stored, effects) = done(cancelling(1, &mut engine));
    assert_eq!(stored.version(), 3);
    assert!(matches!(effects.as_slice(), [Effect::Cancel(_)]));
    assert_eq!(holder_of_cancel(&mut engine), Some(id(1)));

    let journal = place.journal().len();
    let outcome = cancelling(2, &mut engine);
    assert_eq!(word(&outcome), format!("{} is refused {} by {}", id(2), cancel_key(today(), 500), id(1)));
    assert_eq!(place.journal().len(), journal + 2);
    let found = look_up(&mut engine, Lookup::Id(id(2))).unwrap().unwrap();
    assert_eq!((found.version(), found.payment().cancels().len()), (2, 0));
    assert_eq!(holder_of_cancel(&mut engine), Some(id(1)));
}

fn holder_of_cancel(engine: &mut impl Engine) -> Option<payment::PaymentId> {
    let found = look_up(engine, Lookup::Key(cancel_key(today(), 500))).unwrap();
    found.map(|stored| stored.id())
}

pub(crate) fn a_payment_may_claim_what_it_holds_already<P: Place>() {
    let mut engine = P::new().open();
    let stored = saved(&mut engine, purchase(1, 7, 0));
    saved(&mut engine, step(stored, approved(), 1).claiming(vec![claim(1, 900), window(7, 900)]));
    // Held for longer now.
    drop(refused(save_one(&mut engine, start_with(2, vec![claim(1, 60)], at(700)))));
    drop(refused(save_one(&mut engine, purchase(2, 7, 800))));
}
