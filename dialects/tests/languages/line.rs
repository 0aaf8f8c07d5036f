//! The telegrams that keep a line, each acquirer's own: byte for byte, and never mistaken for anything else.

use std::fs;
use std::path::Path;

use acquirer_links::{LinkProfile, SignedOn};
use proptest::prelude::*;

use crate::{
    golden::{assert_golden, changed, golden},
    order::dialect,
};

const NAMES: [&str; 4] = ["kovan", "kspay", "kicc", "card450"];

const SIGN_ON: &str = include_str!("../golden/kovan_sign_on.txt");
const SIGN_ON_REPLY: &str = include_str!("../golden/kovan_sign_on_reply.txt");

/// Each dialect's echo and the reply to it.
const ECHOES: [(&str, &str, &str); 3] = [
    ("kovan", include_str!("../golden/kovan_echo.txt"), include_str!("../golden/kovan_echo_reply.txt")),
    ("kicc", include_str!("../golden/kicc_test.txt"), include_str!("../golden/kicc_test_reply.txt")),
    ("card450", include_str!("../golden/card450_echo.txt"), include_str!("../golden/card450_echo_reply.txt")),
];

fn profile(name: &str) -> LinkProfile {
    dialect(name).profile()
}

/// What a telegram is to a link, beside an answer.
fn keeps_line(profile: &LinkProfile, telegram: &[u8]) -> (bool, Option<SignedOn>) {
    let echo = profile.echo.as_ref().is_some_and(|echo| (echo.is_reply)(telegram));
    (echo, profile.sign_on.as_ref().and_then(|sign_on| (sign_on.reply)(telegram)))
}

/// Every golden telegram of every dialect: its name and bytes.
fn all() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let text = files.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    text.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, golden(&fs::read_to_string(path).unwrap()))
    })
    .collect()
}

#[test]
fn each_dialect_but_the_one_without_idle_sockets_writes_its_own_echo() {
    for (name, asked, _) in ECHOES {
        let echo = profile(name).echo.unwrap();
        assert_golden(&(echo.write)(42), asked);
        assert_ne!((echo.write)(42), (echo.write)(43), "{name}");
        // No number is too large for its field.
        for number in [0, 999_999, 1_000_000, 1_000_000_000_000, u64::MAX] {
            assert_eq!((echo.write)(number).len(), golden(asked).len(), "{name}");
        }
    }
    assert!(profile("kspay").echo.is_none() && profile("kspay").sign_on.is_none());
}

#[test]
fn kovan_opens_its_lines_with_a_sign_on() {
    let sign_on = profile("kovan").sign_on.unwrap();
    assert_golden(&(sign_on.write)(42), SIGN_ON);
    assert_eq!((sign_on.reply)(&golden(SIGN_ON_REPLY)), Some(SignedOn::Accepted));
    for code in ["01", "  ", "0 "] {
        assert_eq!((sign_on.reply)(&changed(SIGN_ON_REPLY, &[(54, code)])), Some(SignedOn::Refused));
    }
    let unreadable = changed(SIGN_ON_REPLY, &[(54, "\u{7f}\u{7f}")]);
    assert_eq!((sign_on.reply)(&unreadable), None);
    for name in ["kicc", "card450"] {
        assert!(profile(name).sign_on.is_none(), "{name}");
    }
}

#[test]
fn any_reply_to_an_echo_proves_the_line_whatever_its_code_says() {
    for ((name, _, reply), code_at) in ECHOES.into_iter().zip([54, 131, 403]) {
        let echo = profile(name).echo.unwrap();
        assert!((echo.is_reply)(&golden(reply)), "{name}");
        assert!((echo.is_reply)(&changed(reply, &[(code_at, "96")])), "{name}");
    }
}

#[test]
fn what_keeps_a_line_is_no_answer_and_no_answer_keeps_a_line() {
    let telegrams = all();
    let mut keeping = Vec::new();
    for name in NAMES {
        let profile = profile(name);
        for (title, telegram) in &telegrams {
            let keeps = keeps_line(&profile, telegram);
            if keeps != (false, None) {
                assert_eq!((profile.key_of)(telegram), None, "{title} is both to {name}");
                keeping.push(title.as_str());
            }
        }
    }
    keeping.sort_unstable();
    assert_eq!(keeping, ["card450_echo_reply", "kicc_test_reply", "kovan_echo_reply", "kovan_sign_on_reply"]);
}

/// Any golden telegram, with a few bytes of another one of the same language or of chance in it.
fn spoilt() -> impl Strategy<Value = Vec<u8>> {
    let telegrams: Vec<Vec<u8>> = all().into_iter().map(|(_, telegram)| telegram).collect();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (prop::sample::select(telegrams), changes).prop_map(|(mut telegram, changes)| {
        for (at, byte) in changes {
            let at = at.index(telegram.len());
            telegram[at] = byte;
        }
        telegram
    })
}

proptest! {
    #[test]
    fn no_bytes_are_an_answer_and_keep_a_line_too(telegram in spoilt()) {
        for name in NAMES {
            let profile = profile(name);
            let (echo, sign_on) = keeps_line(&profile, &telegram);
            let answer = (profile.key_of)(&telegram).is_some();
            prop_assert!(u8::from(echo) + u8::from(sign_on.is_some()) + u8::from(answer) <= 1, "{}", name);
        }
    }
}
