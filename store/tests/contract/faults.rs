//! What is true after something went wrong.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    sync::mpsc::{Receiver, TryRecvError, channel},
    time::Duration,
};

use store::{Completion, Engine, Lookup, Reader, Saved, Sqlite, Store, StoreError, look_up, save};

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

/// A copy of the store as a power cut would leave it: the WAL only up to `wal` bytes, then `tail`.
fn cut(place: &SqlitePlace, folder: &Path, wal: usize, tail: &[u8]) -> Sqlite {
    let path = folder.join("cut.db");
    fs::copy(place.path(), &path).expect("a copy can be made");
    let bytes = fs::read(place.path().with_file_name("switch.db-wal")).expect("the WAL is there");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(folder.join("cut.db-wal"))
        .expect("a copy can be made");
    file.write_all(&bytes[..wal]).and_then(|()| file.write_all(tail)).expect("the disk has room");
    Sqlite::open(path, instance()).expect("what is synced can be opened")
}

#[test]
fn a_wal_cut_anywhere_loses_only_the_commits_of_its_tail() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    let mut ends = Vec::new();
    let wal = place.path().with_file_name("switch.db-wal");
    for number in 1..=20 {
        saved(&mut engine, start(number));
        ends.push(usize::try_from(fs::metadata(&wal).unwrap().len()).unwrap());
    }
    let length = ends[19];
    for (end, tail) in
        [(length, ""), (length, "garbage "), (length - 1, ""), (length / 2, "x"), (33, ""), (0, "")]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut engine = cut(&place, folder.path(), end, tail.repeat(1_000).as_bytes());
        let synced = ends.iter().filter(|commit| **commit <= end).count();
        let found = (1..=20).filter(|number| engine.find(Lookup::Id(id(*number))).unwrap().is_some());
        let expected: Vec<_> = (1..=20).take(synced).collect();
        assert_eq!(found.collect::<Vec<_>>(), expected, "cut at {end} of {length}");
        saved(&mut engine, start(21));
    }
}
