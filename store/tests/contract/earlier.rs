//! A store that an earlier version wrote.

use std::fs;

use payment::{CountsAs, Event, Phase, Sum, Totals};
use store::{Engine, Lookup, Stored, TotalsQuery, look_up, open_payments, totals};

use crate::{
    place::{Place, SqlitePlace, replay},
    samples::{
        TOTAL, bury, cancel_accepted, cancel_asked, cancel_key, id, key, save_one, saved, sealed, serial,
        start, step, terminal, today, withdrawn, word,
    },
};

/// How many payments it has; payment 9 has no route.
const PAYMENTS: u32 = 13;

/// A store as the version with one migration left it, one payment in each state.
fn migration_1() -> SqlitePlace {
    let place = SqlitePlace::new();
    fs::create_dir(place.path().parent().unwrap()).unwrap();
    let connection = rusqlite::Connection::open(place.path()).unwrap();
    let tables = include_str!("../../migrations/sqlite/0001_payments.sql");
    let migration = "PRAGMA application_id = 1415005000;
        CREATE TABLE migration (number INTEGER PRIMARY KEY, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;
        INSERT INTO migration VALUES
            (1, '14d4d5f928b469909a6c62936b6b744a0ee68c2ce51fcd302ee1765de5215de2', 1795244605386537);";
    connection.execute_batch(tables).unwrap();
    connection.execute_batch(migration).unwrap();
    connection.execute_batch(include_str!("migration_1.sql")).unwrap();
    place
}

fn payment(engine: &mut impl Engine, number: u32) -> Stored {
    look_up(engine, Lookup::Id(id(number))).unwrap().unwrap()
}

#[test]
fn every_payment_of_the_earlier_form_is_read_and_found() {
    let place = migration_1();
    let mut engine = place.open();
    for number in 1..=PAYMENTS {
        let stored = payment(&mut engine, number);
        assert_eq!(
            &replay(&place.journal(), id(number).get(), &sealed()).with_card(None),
            &without_card(&stored)
        );
        for way in [Lookup::Key(key(number)), Lookup::Serial(serial(number))] {
            let found = look_up(&mut engine, way).unwrap().map(|stored| stored.id());
            let expected = number != 9 || matches!(way, Lookup::Key(_));
            assert_eq!(found, expected.then_some(id(number)), "{way:?}");
        }
    }
    let open: Vec<_> = open_payments(&mut engine).unwrap().iter().map(Stored::id).collect();
    assert_eq!(open, [1, 4, 5, 7, 10, 12].map(id));
}

fn without_card(stored: &Stored) -> payment::Payment {
    stored.payment().clone().with_card(None)
}

#[test]
fn the_keys_of_earlier_payments_stay_theirs() {
    let place = migration_1();
    let mut engine = place.open();
    for number in 1..=PAYMENTS {
        let outcome = save_one(&mut engine, bury(100 + number, number, 50));
        assert_eq!(
            word(&outcome),
            format!("{} is refused {} by {}", id(100 + number), key(number), id(number))
        );
    }
}

#[test]
fn the_totals_of_the_earlier_days_are_those_its_payments_say() {
    let place = migration_1();
    let mut engine = place.open();
    let mut expected = Totals::default();
    for number in 1..=PAYMENTS {
        let stored = payment(&mut engine, number);
        let sum = match stored.payment().counts_as() {
            Some(CountsAs::Approval) => &mut expected.approvals,
            Some(CountsAs::NetCancel) => &mut expected.net_cancels,
            None => continue,
        };
        sum.add(stored.payment().request().amounts.total());
    }
    assert_eq!(expected.approvals, Sum { count: 3, amount: 3 * TOTAL });
    assert_eq!(expected.net_cancels, Sum { count: 5, amount: 5 * TOTAL });
    let query = TotalsQuery { terminal: terminal(), business_date: today() };
    assert_eq!(totals(&mut engine, query).unwrap(), expected);
}

#[test]
fn the_words_of_the_earlier_rows_are_those_of_this_version() {
    let place = migration_1();
    let mut engine = place.open();
    let words = |place: &SqlitePlace| -> Vec<(i64, String, Option<String>)> {
        let connection = place.look();
        let mut statement =
            connection.prepare("SELECT id, phase, counts_as FROM payment ORDER BY id").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let migrated = words(&place);
    for number in 1..=PAYMENTS {
        // It changes nothing but that the row is written again.
        let stored = payment(&mut engine, number);
        saved(&mut engine, step(stored, Event::Acknowledged, 100));
    }
    assert_eq!(words(&place), migrated);
}

#[test]
fn an_earlier_approval_can_be_cancelled_and_withdrawn() {
    let place = migration_1();
    let mut engine = place.open();
    let two = payment(&mut engine, 2);
    let two = saved(&mut engine, step(two, cancel_asked(2, cancel_key(today(), 500), TOTAL), 100));
    let two = saved(&mut engine, step(two, cancel_accepted(0), 101));
    assert!(two.payment().is_wholly_cancelled());
    let eight = payment(&mut engine, 8);
    let eight = saved(&mut engine, step(eight, withdrawn(8, 100), 100));
    assert!(matches!(eight.payment().phase(), Phase::Approved { .. }) && eight.payment().owes());
    let expected = Totals {
        approvals: Sum { count: 2, amount: 2 * TOTAL },
        cancels: Sum { count: 1, amount: TOTAL },
        net_cancels: Sum { count: 6, amount: 6 * TOTAL },
    };
    let query = TotalsQuery { terminal: terminal(), business_date: today() };
    assert_eq!(totals(&mut engine, query).unwrap(), expected);
    // And what comes after it goes on where it ended.
    let last = place.journal().last().map(|row| row.sequence);
    saved(&mut engine, start(20));
    assert_eq!(place.journal().last().map(|row| row.sequence), last.map(|last| last + 1));
}
