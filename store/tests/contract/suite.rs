//! What every engine does alike.

use payment::{Effect, Event, Serial};
use store::{Batch, Engine, Lookup, Saved, StoreError, Stored, look_up, open_payments, save};

use crate::{
    place::{Place, replay},
    samples::{
        approved, at, claim, declined, done, id, key, net_cancel_accepted, net_cancel_not_sent, note,
        save_all, save_one, saved, sealed, serial, start, start_with, step, unanswered, word,
    },
};

pub(crate) fn a_new_payment_is_found_by_id_key_and_serial_with_its_card<P: Place>() {
    let mut engine = P::new().open();
    let stored = saved(&mut engine, start(1));
    saved(&mut engine, start(2));
    let last = Serial::from_number(serial(1).get() + 3).unwrap();
    let ways = [Lookup::Id(id(1)), Lookup::Key(key(1)), Lookup::Serial(serial(1)), Lookup::Serial(last)];
    for way in ways {
        let found = look_up(&mut engine, way).unwrap().unwrap();
        assert_eq!(found.id(), id(1), "{way:?}");
        assert_eq!(found.version(), 1);
        assert_eq!(found.payment(), stored.payment());
        assert_eq!(found.payment().card(), Some(&sealed()));
    }
    for way in [Lookup::Id(id(9)), Lookup::Key(key(9)), Lookup::Serial(serial(0)), Lookup::Serial(serial(3))]
    {
        assert!(look_up(&mut engine, way).unwrap().is_none(), "{way:?}");
    }
}

pub(crate) fn only_a_durable_save_gives_the_effects<P: Place>() {
    let mut engine = P::new().open();
    let (stored, effects) = done(save_one(&mut engine, start(1)));
    assert!(matches!(effects.as_slice(), [Effect::Send(order)] if order.card == Some(sealed())));
    let (_, effects) = done(save_one(&mut engine, step(stored, approved(), 1)));
    assert!(matches!(effects.as_slice(), [Effect::Reply(_)]));
}

pub(crate) fn a_save_on_an_older_version_loses_the_race_and_leaves_no_trace<P: Place>() {
    let place = P::new();
    let mut engine = place.open();
    let mine = saved(&mut engine, start(1));
    let theirs = look_up(&mut engine, Lookup::Id(id(1))).unwrap().unwrap();
    saved(&mut engine, step(theirs, approved(), 1));
    let journal = place.journal();

    let lost = save_one(&mut engine, step(mine, declined(), 2));
    assert!(matches!(lost, Saved::LostRace(lost) if lost == id(1)));
    assert_eq!(place.journal(), journal);
    let found = look_up(&mut engine, Lookup::Id(id(1))).unwrap().unwrap();
    assert_eq!(found.version(), 2);
    assert_eq!(found.payment().answer().unwrap().code().to_string(), "0000");
}

pub(crate) fn a_payment_that_exists_cannot_start_again<P: Place>() {
    let mut engine = P::new().open();
    saved(&mut engine, start(1));
    saved(&mut engine, start(2));
    // Also where somebody else holds its claim: the version counts first.
    for claims in [vec![claim(1, 60)], vec![claim(7, 60)], vec![claim(2, 60)]] {
        let lost = save_one(&mut engine, start_with(1, claims, at(0)));
        assert!(matches!(lost, Saved::LostRace(lost) if lost == id(1)));
    }
    assert!(look_up(&mut engine, Lookup::Key(key(7))).unwrap().is_none());
}

pub(crate) fn a_refused_claim_names_its_holder_and_leaves_no_trace<P: Place>() {
    let place = P::new();
    let mut engine = place.open();
    saved(&mut engine, start(1));
    let journal = place.journal();

    let refused = save_one(&mut engine, start_with(2, vec![claim(1, 60)], at(1)));
    assert_eq!(word(&refused), format!("{} is refused {} by {}", id(2), key(1), id(1)));
    assert!(look_up(&mut engine, Lookup::Id(id(2))).unwrap().is_none());
    assert!(look_up(&mut engine, Lookup::Serial(serial(2))).unwrap().is_none());
    assert_eq!(place.journal(), journal);
}

pub(crate) fn a_payment_refused_one_of_two_claims_takes_neither<P: Place>() {
    let mut engine = P::new().open();
    saved(&mut engine, start(1));
    let refused = save_one(&mut engine, start_with(2, vec![claim(5, 60), claim(1, 60)], at(1)));
    assert_eq!(word(&refused), format!("{} is refused {} by {}", id(2), key(1), id(1)));
    saved(&mut engine, start_with(3, vec![claim(5, 60)], at(1)));
}

pub(crate) fn an_expired_claim_can_be_taken<P: Place>() {
    let mut engine = P::new().open();
    saved(&mut engine, start_with(1, vec![claim(1, 60)], at(0)));
    let refused = save_one(&mut engine, start_with(2, vec![claim(1, 600)], at(59)));
    assert!(matches!(refused, Saved::Claimed { .. }));
    saved(&mut engine, start_with(2, vec![claim(1, 600)], at(60)));
    let refused = save_one(&mut engine, start_with(3, vec![claim(1, 600)], at(61)));
    assert_eq!(word(&refused), format!("{} is refused {} by {}", id(3), key(1), id(2)));
}

pub(crate) fn of_two_rows_of_a_batch_that_claim_the_same_key_the_first_wins<P: Place>() {
    let mut engine = P::new().open();
    let both = vec![
        start_with(8, vec![claim(1, 60)], at(0)), //
        start_with(2, vec![claim(1, 60)], at(0)),
    ];
    let words: Vec<_> = save_all(&mut engine, both).iter().map(word).collect();
    let expected = [
        format!("{} is at version 1", id(8)), //
        format!("{} is refused {} by {}", id(2), key(1), id(8)),
    ];
    assert_eq!(words, expected);
}

pub(crate) fn a_batch_of_mixed_outcomes_is_answered_in_its_order<P: Place>() {
    let place = P::new();
    let mut engine = place.open();
    let one = saved(&mut engine, start(1));
    let stale = saved(&mut engine, start(2));
    let two = look_up(&mut engine, Lookup::Id(id(2))).unwrap().unwrap();
    saved(&mut engine, step(two, approved(), 1));
    let before = place.journal().len();

    let mixed = Batch {
        saves: vec![
            start_with(3, vec![claim(1, 60)], at(2)),
            step(one, approved(), 2),
            step(stale, declined(), 2),
            start(4),
        ],
        notes: vec![note(1), note(2)],
    };
    let words: Vec<_> = save(&mut engine, mixed).unwrap().iter().map(word).collect();
    let expected = [
        format!("{} is refused {} by {}", id(3), key(1), id(1)),
        format!("{} is at version 2", id(1)),
        format!("{} lost the race", id(2)),
        format!("{} is at version 1", id(4)),
    ];
    assert_eq!(words, expected);
    let journal = place.journal();
    let written: Vec<_> = journal[before..].iter().map(|row| (row.payment, row.version)).collect();
    let expected = [(Some(id(1).get()), 2), (Some(id(4).get()), 1), (None, 0), (None, 0)];
    assert_eq!(written, expected);
}

pub(crate) fn open_payments_are_those_something_is_awaited_or_owed_of<P: Place>() {
    let mut engine = P::new().open();
    // Saved in another order than that of their ids.
    let stored = [5, 1, 4, 2, 3].map(|number| saved(&mut engine, start(number)));
    let [five, one, four, two, _in_flight] = stored;
    saved(&mut engine, step(one, approved(), 1));
    saved(&mut engine, step(two, declined(), 1));
    let owing = saved(&mut engine, step(four, unanswered(), 1));
    let settled = saved(&mut engine, step(five, unanswered(), 1));
    saved(&mut engine, step(settled, net_cancel_accepted(), 30));
    saved(&mut engine, step(owing, net_cancel_not_sent(), 2));

    let open = open_payments(&mut engine).unwrap();
    assert_eq!(open.iter().map(Stored::id).collect::<Vec<_>>(), [id(3), id(4)]);
    assert_eq!(open.iter().map(Stored::version).collect::<Vec<_>>(), [1, 3]);
    assert!(open.iter().all(|stored| stored.payment().card() == Some(&sealed())));
}

pub(crate) fn the_card_goes_once_no_telegram_can_need_it<P: Place>() {
    let mut engine = P::new().open();
    let mut card_after = |number, event| {
        let stored = saved(&mut engine, start(number));
        saved(&mut engine, step(stored, event, 1));
        look_up(&mut engine, Lookup::Id(id(number))).unwrap().unwrap().payment().card().cloned()
    };
    assert_eq!(card_after(1, approved()), Some(sealed()));
    assert_eq!(card_after(2, unanswered()), Some(sealed()));
    assert_eq!(card_after(3, declined()), None);
}

pub(crate) fn every_written_save_and_note_is_one_event<P: Place>() {
    let place = P::new();
    let mut engine = place.open();
    let stored = saved(&mut engine, start(1));
    saved(&mut engine, step(stored, approved(), 1));
    save(&mut engine, Batch { saves: Vec::new(), notes: vec![note(1)] }).unwrap();
    let journal = place.journal();
    let rows: Vec<_> = journal.iter().map(|row| (row.payment, row.version)).collect();
    assert_eq!(rows, [(Some(id(1).get()), 1), (Some(id(1).get()), 2), (None, 0)]);
    assert!(journal.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
}

pub(crate) fn events_go_on_after_a_reopen<P: Place>() {
    let place = P::new();
    saved(&mut place.open(), start(1));
    saved(&mut place.open(), start(2));
    save(&mut place.open(), Batch { saves: Vec::new(), notes: vec![note(1)] }).unwrap();
    let sequences: Vec<_> = place.journal().iter().map(|row| row.sequence).collect();
    assert_eq!(sequences, [1, 2, 3]);
}

pub(crate) fn replaying_the_events_of_a_payment_gives_its_stored_state<P: Place>() {
    let place = P::new();
    let mut engine = place.open();
    saved(&mut engine, start(2));
    let mut stored = saved(&mut engine, start(1));
    let path = [
        (unanswered(), 11),
        (net_cancel_not_sent(), 12),
        (Event::Due, 20),
        (Event::Restarted { last_byte_by: at(21) }, 22),
        (net_cancel_accepted(), 23),
        (Event::Undelivered, 24),
    ];
    for (event, now) in path {
        stored = saved(&mut engine, step(stored, event, now));
        let found = look_up(&mut engine, Lookup::Id(id(1))).unwrap().unwrap();
        let replayed = replay(&place.journal(), id(1).get(), &sealed());
        assert_eq!(&replayed, found.payment());
        assert_eq!(stored.payment(), found.payment());
    }
}

pub(crate) fn reserved_serials_never_overlap_across_reopens<P: Place>() {
    let place = P::new();
    let mut blocks = Vec::new();
    for count in [10, 1, 500] {
        let mut engine = place.open();
        blocks.push((engine.reserve_serials(count).unwrap(), count));
        blocks.push((engine.reserve_serials(count).unwrap(), count));
    }
    for pair in blocks.windows(2) {
        assert!(pair[0].0 + pair[0].1 <= pair[1].0, "{blocks:?}");
    }
}

pub(crate) fn serials_end_with_their_ten_digits<P: Place>() {
    let mut engine = P::new().open();
    assert_eq!(engine.reserve_serials(Serial::PER_INSTANCE - 2).unwrap(), 1);
    for count in [2, u64::MAX] {
        let error = engine.reserve_serials(count).unwrap_err();
        assert!(matches!(error, StoreError::SerialsUsedUp { instance: 3 }));
    }
    assert_eq!(engine.reserve_serials(1).unwrap(), Serial::PER_INSTANCE - 1);
    saved(&mut engine, start(1));
}
