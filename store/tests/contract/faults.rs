//! What is true after something went wrong.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, TryRecvError, channel},
    time::Duration,
};

use store::{Completion, Engine, Lookup, Saved, Sqlite, Store, StoreError, look_up, save};

use crate::{
    place::{Place, SqlitePlace},
    samples::{CARD_NUMBER, batch, id, instance, saved, start},
};

/// Makes every save of one payment fail in the midst of its commit.
fn fail_saves_of(place: &SqlitePlace, number: u32) {
    let trigger = format!(
        "CREATE TRIGGER broken BEFORE INSERT ON payment_event WHEN new.payment = {}
         BEGIN SELECT raise(ABORT, 'broken on purpose'); END",
        id(number)
    );
    place.look().execute(&trigger, []).expect("a trigger can be made");
}

fn store_of(place: &SqlitePlace) -> (Store, Receiver<Completion>) {
    let (told, completions) = channel();
    let tell = move |completion| drop(told.send(completion));
    let writer = place.open();
    let reader = Sqlite::reader(place.path()).expect("it was opened");
    let store = Store::start(writer, reader, tell).expect("threads can be started");
    (store, completions)
}

fn next(completions: &Receiver<Completion>) -> Completion {
    completions.recv_timeout(Duration::from_mins(1)).expect("the store tells something")
}

#[test]
fn after_a_failed_commit_the_engine_takes_no_more_writes() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    saved(&mut engine, start(1));
    fail_saves_of(&place, 2);
    let error = save(&mut engine, batch(vec![start(3), start(2)])).unwrap_err();
    assert!(matches!(error, StoreError::Failed { what: "commit", .. }));
    assert!(!format!("{error:?}").contains(CARD_NUMBER));

    place.look().execute("DROP TRIGGER broken", []).unwrap();
    assert!(save(&mut engine, batch(vec![start(4)])).is_err());
    assert!(engine.reserve_serials(1).is_err());
    drop(engine);

    let mut engine = place.open();
    let mut is_there = |number| look_up(&mut engine, Lookup::Id(id(number))).unwrap().is_some();
    assert_eq!([1, 2, 3, 4].map(&mut is_there), [true, false, false, false]);
    assert_eq!(place.journal().len(), 1);
    saved(&mut engine, start(5));
}

#[test]
fn a_failed_commit_is_told_once_and_nothing_is_acknowledged_after_it() {
    let place = SqlitePlace::new();
    let (store, completions) = store_of(&place);
    store.submit(batch(vec![start(1)]));
    assert!(matches!(next(&completions), Completion::Saved(_)));
    fail_saves_of(&place, 2);
    store.submit(batch(vec![start(2)]));
    assert!(matches!(next(&completions), Completion::Failed(StoreError::Failed { .. })));
    for number in 3..100 {
        store.submit(batch(vec![start(number)]));
    }
    store.reserve_serials(10);
    store.close();
    assert!(completions.iter().next().is_none());

    let mut engine = place.open();
    assert!(look_up(&mut engine, Lookup::Id(id(1))).unwrap().is_some());
    assert!(look_up(&mut engine, Lookup::Id(id(50))).unwrap().is_none());
}

#[test]
fn a_lock_held_by_another_program_delays_the_commit_and_loses_nothing() {
    let place = SqlitePlace::new();
    let (store, completions) = store_of(&place);
    let other = place.look();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.submit(batch(vec![start(1)]));
    store.submit(batch(vec![start(2)]));
    // Reading goes on beside it.
    for _ in 0..10 {
        store.look_up(Lookup::Id(id(1)));
        assert!(matches!(next(&completions), Completion::Found(_, None)));
    }
    assert!(matches!(completions.try_recv(), Err(TryRecvError::Empty)));
    other.execute_batch("COMMIT").unwrap();
    let mut done = 0;
    while done < 2 {
        let Completion::Saved(saved) = next(&completions) else { panic!("expected saves") };
        assert!(saved.iter().all(|saved| matches!(saved, Saved::Done(..))));
        done += saved.len();
    }
    store.close();
    place.open();
}

#[test]
fn a_reader_that_stays_in_its_snapshot_holds_no_commit_back() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    saved(&mut engine, start(0));
    let other = place.look();
    other.execute_batch("BEGIN; SELECT count(*) FROM payment;").unwrap();
    // Beyond several restarts of the WAL that cannot be made.
    for number in 1..1_100 {
        saved(&mut engine, start(number));
    }
    other.execute_batch("COMMIT").unwrap();
    for number in 1_100..1_200 {
        saved(&mut engine, start(number));
    }
    assert_eq!(place.count("SELECT count(*) FROM payment"), 1_200);
}

/// A copy of the store with another WAL, as a power cut or a failing disk would leave it.
fn copy_with(place: &SqlitePlace, folder: &Path, wal: &[u8]) -> PathBuf {
    let path = folder.join("copy.db");
    fs::copy(place.path(), &path).expect("a copy can be made");
    fs::write(folder.join("copy.db-wal"), wal).expect("the disk has room");
    path
}

/// An engine after twenty commits, the length of the WAL after each, and the WAL.
fn twenty_commits(place: &SqlitePlace) -> (Sqlite, Vec<usize>, Vec<u8>) {
    let mut engine = place.open();
    let wal = place.path().with_file_name("switch.db-wal");
    let commit = |number| {
        saved(&mut engine, start(number));
        usize::try_from(fs::metadata(&wal).expect("the WAL is there").len()).expect("it is short")
    };
    let ends = (1..=20).map(commit).collect();
    (engine, ends, fs::read(&wal).expect("the WAL is there"))
}

fn payments_in(engine: &mut Sqlite) -> Vec<u32> {
    let is_there = |number: &u32| look_up(engine, Lookup::Id(id(*number))).expect("it can be read").is_some();
    (1..=20).filter(is_there).collect()
}

#[test]
fn a_wal_cut_anywhere_loses_only_the_commits_of_its_tail() {
    let place = SqlitePlace::new();
    let (_engine, ends, wal) = twenty_commits(&place);
    let length = wal.len();
    let cuts = [(length, ""), (length, "garbage "), (length - 1, ""), (length / 2, "x"), (33, ""), (0, "")];
    for (end, tail) in cuts {
        let folder = tempfile::tempdir().unwrap();
        let torn = [&wal[..end], tail.repeat(1_000).as_bytes()].concat();
        let mut engine = Sqlite::open(copy_with(&place, folder.path(), &torn), instance()).unwrap();
        let synced = ends.iter().filter(|commit| **commit <= end).count();
        let expected: Vec<_> = (1..=20).take(synced).collect();
        assert_eq!(payments_in(&mut engine), expected, "cut at {end} of {length}");
        saved(&mut engine, start(21));
    }
}

#[test]
fn a_wal_damaged_before_its_last_commit_is_refused_rather_than_forgotten() {
    let place = SqlitePlace::new();
    let (_engine, ends, wal) = twenty_commits(&place);
    let open_with_a_flip_at = |at: usize| {
        let folder = tempfile::tempdir().unwrap();
        let mut flipped = wal.clone();
        flipped[at] ^= 0x10;
        Sqlite::open(copy_with(&place, folder.path(), &flipped), instance())
            .map(|mut engine| payments_in(&mut engine).len())
    };
    // In the header, in a page, in the salt of a frame, in the last page before the last commit.
    for at in [5, 20, 32 + 500, 32 + 10, ends[10] + 4_000, ends[18] - 1] {
        let refused = open_with_a_flip_at(at);
        assert!(matches!(refused, Err(StoreError::Damaged { .. })), "{at}: {refused:?}");
    }
    // The last commit may as well have been torn before anybody was told of it.
    assert_eq!(open_with_a_flip_at(ends[18] + 500).unwrap(), 19);
}
