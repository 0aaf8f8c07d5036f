//! What SQLite's engine promises about its file.

use std::{error::Error, fs, os::unix::fs::PermissionsExt};

use payment::InstanceNo;
use rusqlite::Connection;
use store::{Lookup, Sqlite, StoreError, look_up, open_payments};

use crate::{
    place::{Place, SqlitePlace},
    samples::{
        CARD_NUMBER, approved, at, claim, declined, id, instance, key, save_all, saved, start, start_with,
        step, window,
    },
};

#[test]
fn payments_survive_a_reopen() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    let stored = saved(&mut engine, start(1));
    let one = saved(&mut engine, step(stored, approved(), 1));
    let two = saved(&mut engine, start(2));
    drop(engine);

    let mut engine = place.open();
    for expected in [&one, &two] {
        let found = look_up(&mut engine, Lookup::Id(expected.id())).unwrap().unwrap();
        assert_eq!(found.version(), expected.version());
        assert_eq!(found.payment(), expected.payment());
    }
    assert_eq!(open_payments(&mut engine).unwrap().len(), 1);
    let refused = save_all(&mut engine, vec![start_with(3, vec![claim(1, 60)], at(5))]);
    assert!(matches!(refused.as_slice(), [store::Saved::Claimed { .. }]));
}

#[test]
fn each_open_begins_a_new_epoch_of_its_instance() {
    let place = SqlitePlace::new();
    assert_eq!([1, 2, 3].map(|_| place.open().epoch()), [1, 2, 3]);
    let other = Sqlite::open(place.path(), InstanceNo::new(0).unwrap()).unwrap();
    assert_eq!(other.epoch(), 1);
}

#[test]
fn the_reader_sees_each_save_that_was_told() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    let mut reader = Sqlite::reader(place.path()).unwrap();
    for number in 1..50 {
        saved(&mut engine, start(number));
        assert_eq!(look_up(&mut reader, Lookup::Key(key(number))).unwrap().unwrap().id(), id(number));
    }
    assert_eq!(open_payments(&mut reader).unwrap().len(), 49);
}

#[test]
fn a_second_engine_on_the_file_is_refused_until_the_first_is_gone() {
    let place = SqlitePlace::new();
    let engine = place.open();
    let error = Sqlite::open(place.path(), instance()).unwrap_err();
    assert!(matches!(&error, StoreError::InUse { path } if *path == place.path()));
    assert!(error.to_string().ends_with("is in use by another switch"));
    drop(engine);
    place.open();
}

#[test]
fn a_migration_that_was_applied_with_other_content_is_refused() {
    let place = SqlitePlace::new();
    drop(place.open());
    place.look().execute("UPDATE migration SET checksum = 'other' WHERE number = 1", []).unwrap();
    let error = Sqlite::open(place.path(), instance()).unwrap_err();
    assert!(matches!(error, StoreError::MigrationDiffers { number: 1 }));
}

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let place = SqlitePlace::new();
    drop(place.open());
    place.look().execute("INSERT INTO migration VALUES (99, 'its checksum', 0)", []).unwrap();
    let error = Sqlite::open(place.path(), instance()).unwrap_err();
    assert!(matches!(error, StoreError::TooNew { found: 99, known: 3 }));
}

#[test]
fn the_database_of_another_program_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    Connection::open(&path).unwrap().execute("CREATE TABLE theirs (it INTEGER)", []).unwrap();
    let before = fs::read(&path).unwrap();
    let error = Sqlite::open(&path, instance()).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "it is the database of another program");
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::write(&path, "no database at all, but a text of some length").unwrap();
    let error = Sqlite::open(&path, instance()).unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let path = folder.path().join("file/data/switch.db");
    let error = Sqlite::open(&path, instance()).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot open the store {}", path.display()));
    assert!(error.source().is_some());
}

#[test]
fn the_files_are_their_owners_alone() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    saved(&mut engine, start(1));
    let folder = place.path().parent().unwrap().to_owned();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for file in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["switch.db", "switch.db-shm", "switch.db-wal", "switch.db.lock"]);
}

#[test]
fn no_file_holds_a_clear_card_number() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    let stored = saved(&mut engine, start(1));
    saved(&mut engine, step(stored, declined(), 1));
    let holds = |text: &str| {
        let files = fs::read_dir(place.path().parent().unwrap()).unwrap();
        let found = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        files.map(|file| fs::read(file.unwrap().path()).unwrap()).any(|bytes| found(&bytes))
    };
    assert!(holds("945000******7890"));
    assert!(!holds(CARD_NUMBER));
}

#[test]
fn expired_claims_are_deleted_so_that_their_table_stays_bounded() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    for round in 0..20_u32 {
        let now = i64::from(round) * 3_600;
        let numbers = round * 100..(round + 1) * 100;
        let claims = |number: u32| {
            let purchase = u8::try_from(number % 100).expect("two digits") + u8::from(round % 2 == 1) * 100;
            vec![claim(number, now + 60), claim(5_000 + number, now + 60), window(purchase, now + 60)]
        };
        let saves = numbers.map(|number| start_with(number, claims(number), at(now)));
        save_all(&mut engine, saves.collect());
    }
    let left = place.count("SELECT count(*) FROM claim");
    assert!((200..=600).contains(&left), "{left}");
}

#[test]
fn the_wal_stays_short_in_small_and_in_great_batches() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    let wal = place.path().with_file_name("switch.db-wal");
    let mut longest = 0;
    let mut number = 0;
    for rows in std::iter::repeat_n(1, 1_500).chain(std::iter::repeat_n(500, 50)) {
        let saves = (0..rows).map(|_| {
            number += 1;
            start(number)
        });
        save_all(&mut engine, saves.collect());
        longest = longest.max(fs::metadata(&wal).unwrap().len());
    }
    assert!(longest < 64 << 20, "{longest} bytes");
}
