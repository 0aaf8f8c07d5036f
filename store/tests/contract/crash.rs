//! Other processes: one that is killed, one that comes too early.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::symlink,
    process::{Child, Command, Stdio},
};

use store::{Engine, Lookup, Sqlite, StoreError, look_up};

use crate::{
    place::{Place, SqlitePlace},
    samples::{approved, id, instance, saved, start, step},
};

/// Names the store to the process a test starts.
const STORE: &str = "STORE_OF_THE_PARENT";

/// What the child begins its lines with, among those of the test harness.
const DURABLE: &str = "durable ";

/// Run by the tests below in a process of its own: saves payments and says which are durable, until it is killed.
#[test]
fn in_a_child_process_payments_are_saved_until_it_is_killed() {
    let Some(path) = env::var_os(STORE) else { return };
    let mut engine = Sqlite::open(path, instance()).unwrap();
    let mut out = std::io::stdout();
    for number in 1.. {
        engine.reserve_serials(1).unwrap();
        let stored = saved(&mut engine, start(number));
        saved(&mut engine, step(stored, approved(), 1));
        writeln!(out, "\n{DURABLE}{number}").unwrap();
    }
}

fn child(place: &SqlitePlace) -> Child {
    let test = "crash::in_a_child_process_payments_are_saved_until_it_is_killed";
    Command::new(env::current_exe().expect("this test runs from a file"))
        .args([test, "--exact", "--nocapture"])
        .env(STORE, place.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can be run again")
}

#[test]
fn everything_a_killed_process_acknowledged_is_still_there() {
    let place = SqlitePlace::new();
    let mut child = child(&place);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let durable = |line: String| line.strip_prefix(DURABLE).and_then(|number| number.parse::<u32>().ok());
    assert!(lines.by_ref().filter_map(durable).any(|number| number == 300));

    // While it lives, nobody else may come in, by whatever name.
    let other = place.path().with_file_name("other.db");
    let link = place.path().with_file_name("link.db");
    fs::hard_link(place.path(), &other).unwrap();
    symlink("switch.db", &link).unwrap();
    for lock_file in [true, false] {
        if !lock_file {
            fs::remove_file(place.path().with_file_name("switch.db.lock")).unwrap();
        }
        for name in [&place.path(), &other, &link] {
            let error = Sqlite::open(name, instance()).unwrap_err();
            assert!(matches!(error, StoreError::InUse { .. }), "{name:?}: {error:?}");
        }
    }
    fs::remove_file(other).unwrap();

    child.kill().unwrap();
    child.wait().unwrap();
    let last = lines.filter_map(durable).last().unwrap_or(300);
    let mut engine = place.open();
    for number in 1..=last {
        let found = look_up(&mut engine, Lookup::Id(id(number))).unwrap().unwrap();
        assert_eq!(found.version(), 2);
    }
    assert!(engine.reserve_serials(1).unwrap() >= u64::from(last));
    let sequences: Vec<_> = place.journal().iter().map(|row| row.sequence).collect();
    assert!(sequences.is_sorted_by(|before, after| before < after));
}
