//! The keys file.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use switch::{
    keys::{Keys, KeysError},
    vault::Vault,
};

use crate::sample::{card, key};

/// 32 bytes in base64, which the error of no keys file may repeat.
const SECRET: &str = "U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUISE=";

pub(crate) fn write(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("keys.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn error(path: &Path, may_create: bool) -> KeysError {
    match Keys::open(path, may_create) {
        Ok(_) => panic!("expected no keys"),
        Err(error) => error,
    }
}

#[test]
fn keys_are_made_once_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/keys.toml");
    let first = Vault::new(&Keys::open(&path, true).unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let text = fs::read_to_string(&path).unwrap();
    let again = Vault::new(&Keys::open(&path, true).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let sealed = first.seal(&key(1), &card("9410123412341237")).unwrap();
    assert_eq!(again.open(&key(1), &sealed).unwrap(), card("9410123412341237"));
    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing but the keys is left: {left:?}");
}

#[test]
fn no_two_keys_files_hold_the_same_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let path = folder.path().join(name);
        Keys::open(&path, true).unwrap();
        fs::read_to_string(path).unwrap()
    };
    let (first, second) = (make("a.toml"), make("b.toml"));
    let secrets = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| line.ends_with("=\""))
            .map(|line| line.split('"').nth(1).unwrap().to_owned())
            .collect()
    };
    let mut all = [secrets(&first), secrets(&second)].concat();
    assert_eq!(all.len(), 4);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4);
}

#[test]
fn switches_that_start_at_once_use_the_same_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.toml");
    let number = card("9410123412341237").number;
    let start = std::sync::Barrier::new(8);
    let open = || {
        start.wait();
        Vault::new(&Keys::open(&path, true).unwrap()).fingerprint(&number)
    };
    let fingerprints: Vec<_> = std::thread::scope(|scope| {
        let switches: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        switches.into_iter().map(|switch| switch.join().unwrap()).collect()
    });
    assert!(fingerprints.iter().all(|fingerprint| *fingerprint == fingerprints[0]));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn missing_keys_are_not_made_unless_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.toml");
    let lost = format!(
        "the keys file {} is not there, but a store is: put it back from its backup, or name it in keys.file; a new one is not made, for it could \
         not open the cards of what is owed",
        path.display()
    );
    assert_eq!(error(&path, false).to_string(), lost);
    assert!(!path.exists());
    let blocked = folder.path().join("file/keys.toml");
    fs::write(folder.path().join("file"), "").unwrap();
    assert!(error(&blocked, true).to_string().ends_with("keys.toml"));
}

#[test]
fn a_file_that_others_may_read_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.toml");
    Keys::open(&path, true).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o602, 0o601, 0o777] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let (shown, name) = (error(&path, true).to_string(), path.display());
        let expected =
            format!("the keys file {name} may be read by others (mode {mode:03o}); run: chmod 600 {name}");
        assert_eq!(shown, expected);
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(Keys::open(&path, false).is_ok());
    }
}

#[test]
fn what_is_no_keys_file_is_told_without_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let file = |active: &str, fingerprint: &str, card: &str| {
        format!("active = \"{active}\"\nfingerprint = \"{fingerprint}\"\n[card]\n{card}\n")
    };
    let k1 = format!("k1 = \"{SECRET}\"");
    let shape = |line: usize| {
        format!("active, fingerprint and a [card] table of base64 secrets; line {line} is something else")
    };
    let table = [
        (String::new(), shape(1)),
        (SECRET.to_owned(), shape(1)),
        (format!("active = \"k1\"\nfingerprint = \"{SECRET}\"\n"), shape(1)),
        (format!("active = \"k1\"\nfingerprint = {SECRET}\n"), shape(2)),
        (file("k1", SECRET, &format!("{k1}\nk1 = \"{SECRET}\"")), shape(5)),
        (file("k1", SECRET, &format!("{k1}\n[{SECRET}]")), shape(5)),
        (format!("{SECRET} = 1\n{}", file("k1", SECRET, &k1)), shape(1)),
        (file(SECRET, SECRET, &k1), "the key that `active` names in the [card] table".to_owned()),
        (file("k2", SECRET, &k1), "the key that `active` names in the [card] table".to_owned()),
        (file("k1", "SECRET secret", &k1), "fingerprint to be base64".to_owned()),
        (file("k1", "U0VDUkVU", &k1), "fingerprint to be 32 bytes of base64".to_owned()),
        (file("k1", SECRET, "k1 = \"SECRET secret\""), "the active card key to be base64".to_owned()),
        (file("k1", SECRET, "k1 = \"U0VDUkVU\""), "the active card key to be 32 bytes of base64".to_owned()),
        (
            file("k1", SECRET, &format!("{k1}\nk2 = \"U0VDUkVU\"")),
            "every card key to be 32 bytes of base64".to_owned(),
        ),
        (
            file("k1", SECRET, &format!("{k1}\n{} = \"{SECRET}\"", "k".repeat(33))),
            "key ids of 1 to 32 characters, found one of 33".to_owned(),
        ),
        (
            file("k1", SECRET, &format!("{k1}\n\"\" = \"{SECRET}\"")),
            "key ids of 1 to 32 characters, found one of 0".to_owned(),
        ),
        ("#".repeat(65_536), "less than 65536 bytes".to_owned()),
    ];
    for (text, expected) in table {
        let path = write(folder.path(), &text);
        let error = error(&path, true);
        assert_eq!(error.to_string(), format!("the keys file {}: expected {expected}", path.display()));
        let shown = format!("{error:?} {error:#?}");
        assert!(!shown.contains("U0VDU") && !shown.contains("SECRET"), "{shown}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "what is there is never overwritten");
    }
}

#[test]
fn bytes_that_are_no_text_are_told_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "");
    fs::write(&path, b"\xff\xfe").unwrap();
    assert!(matches!(error(&path, true), KeysError::File { what: "read", .. }));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(matches!(error(&path, true), KeysError::File { what: "read", .. }));
}
