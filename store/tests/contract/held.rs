//! A store is one engine's, by whatever name another asks for it.

use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
    path::{Path, PathBuf},
};

use store::{Sqlite, SqliteFile, StoreError};

use crate::{
    place::{Place, SqlitePlace},
    samples::{instance, saved, start},
};

fn beside(place: &SqlitePlace, name: &str) -> PathBuf {
    place.path().with_file_name(name)
}

/// Other ways to the file; the hard link has to go before the file can be opened anew.
fn other_names(place: &SqlitePlace) -> [PathBuf; 4] {
    let folder = place.path().parent().unwrap().to_owned();
    let [link, hard, linked_folder] = ["link.db", "hard.db", "linked"].map(|name| beside(place, name));
    symlink("switch.db", &link).unwrap();
    fs::hard_link(place.path(), &hard).unwrap();
    symlink(&folder, &linked_folder).unwrap();
    [link, hard, linked_folder.join("switch.db"), folder.join("../data/./switch.db")]
}

fn is_in_use(path: &Path) -> bool {
    match Sqlite::open(path, instance()) {
        Err(StoreError::InUse { path: told }) => told == path,
        Ok(_) | Err(_) => false,
    }
}

#[test]
fn a_second_engine_is_refused_by_whatever_name_it_asks_for_the_file() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    let names = other_names(&place);
    for name in &names {
        assert!(is_in_use(name), "{name:?}");
    }
    fs::remove_file(beside(&place, "switch.db.lock")).unwrap();
    for name in names.iter().chain([&place.path()]) {
        assert!(is_in_use(name), "{name:?} after its lock file was removed");
    }
    // Nobody began an epoch, and the first one works on.
    saved(&mut engine, start(1));
    drop(engine);
    fs::remove_file(&names[1]).unwrap();
    assert_eq!(Sqlite::open(&names[0], instance()).unwrap().epoch(), 2);
}

#[test]
fn a_file_put_in_the_place_of_one_in_use_is_refused_for_the_log_is_found_by_the_name() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    saved(&mut engine, start(1));
    let wal = fs::read(beside(&place, "switch.db-wal")).unwrap();
    fs::copy(place.path(), beside(&place, "copy.db")).unwrap();
    fs::rename(beside(&place, "copy.db"), place.path()).unwrap();
    assert!(is_in_use(&place.path()));
    assert_eq!(fs::read(beside(&place, "switch.db-wal")).unwrap(), wal);
}

#[test]
fn a_file_of_two_names_is_refused_until_one_is_left() {
    let place = SqlitePlace::new();
    drop(place.open());
    let other = beside(&place, "hard.db");
    fs::hard_link(place.path(), &other).unwrap();
    for name in [place.path(), other.clone()] {
        let Err(StoreError::Open { path, cause }) = Sqlite::open(&name, instance()) else {
            panic!("{name:?} is opened, though the log may lie beside the other name")
        };
        assert_eq!(path, name);
        assert!(cause.to_string().starts_with("it has 2 names (hard links)"), "{cause}");
    }
    fs::remove_file(other).unwrap();
    assert_eq!(place.open().epoch(), 2);
}

#[test]
fn a_file_that_is_held_is_in_use_before_an_epoch_begins() {
    let place = SqlitePlace::new();
    let file = SqliteFile::hold(place.path()).unwrap();
    assert!(is_in_use(&place.path()));
    assert_eq!(fs::metadata(place.path()).unwrap().len(), 0);
    drop(file);
    let file = SqliteFile::hold(place.path()).unwrap();
    assert_eq!(Sqlite::begin(file, instance()).unwrap().epoch(), 1);
}

#[test]
fn a_link_that_leads_nowhere_yet_is_followed() {
    let place = SqlitePlace::new();
    let link = beside(&place, "link.db");
    fs::create_dir(link.parent().unwrap()).unwrap();
    symlink("switch.db", &link).unwrap();
    let _engine = Sqlite::open(&link, instance()).unwrap();
    assert!(is_in_use(&place.path()));
    assert!(beside(&place, "switch.db.lock").exists() && !beside(&place, "link.db.lock").exists());
}

#[test]
fn a_damaged_log_is_found_also_by_a_link_to_the_file() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    (1..=20).for_each(|number| drop(saved(&mut engine, start(number))));
    let killed = tempfile::tempdir().unwrap();
    let file = killed.path().join("switch.db");
    fs::copy(place.path(), &file).unwrap();
    let mut wal = fs::read(beside(&place, "switch.db-wal")).unwrap();
    wal[32 + 500] ^= 0x10;
    fs::write(killed.path().join("switch.db-wal"), wal).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.db");
    symlink(&file, &link).unwrap();
    assert!(matches!(Sqlite::open(&link, instance()), Err(StoreError::Damaged { .. })));
}

/// What SQLite has locked of the store's file in this process.
fn locks_of_sqlite(place: &SqlitePlace) -> Vec<String> {
    let whose = format!(" {} ", std::process::id());
    let of_what = format!(":{} ", fs::metadata(place.path()).unwrap().ino());
    let locks = fs::read_to_string("/proc/locks").unwrap();
    let is_its = |line: &&str| line.contains("POSIX") && line.contains(&whose) && line.contains(&of_what);
    locks.lines().filter(is_its).filter_map(|line| Some(line.split_once("POSIX")?.1.to_owned())).collect()
}

/// Without them another program that looks into the file may remove its log when it goes, and what is saved after that is lost.
#[test]
fn an_engine_that_was_refused_takes_no_lock_from_the_one_of_the_same_process() {
    let place = SqlitePlace::new();
    let mut engine = place.open();
    saved(&mut engine, start(1));
    let before = locks_of_sqlite(&place);
    assert!(!before.is_empty());
    for name in other_names(&place) {
        assert!(is_in_use(&name));
    }
    assert_eq!(locks_of_sqlite(&place), before);
}
