//! Golden telegrams spoilt: the compiled layouts judge each as their layout files do, read at run time.
//!
//! `DIFFERENTIAL_CASES=1000000` makes a long run of it, `DIFFERENTIAL_SEED` another one.

#[path = "../../../codec/tests/codec/second_reading/mutate.rs"]
mod mutate;
#[path = "../../../codec/tests/codec/second_reading/random.rs"]
pub(super) mod random;

use std::collections::BTreeMap;
use std::ops::Range;

use telegram_replay::layout::Layout;

use self::mutate::{EDGES, mutate};
use self::random::Random;
use super::file::all;
use crate::compiled::{self, Compiled};

/// A layout, compiled and read at run time, and a golden telegram.
struct Subject {
    compiled: Compiled,
    layout: Layout,
    golden: Vec<u8>,
}

impl Subject {
    /// The quick check, the rules and the run-time reading say the same. Whether the telegram was accepted.
    #[track_caller]
    fn agree(&self, telegram: &[u8]) -> bool {
        let accepted = self.quick_check_agrees(telegram);
        let faults = (self.compiled.faults)(telegram);
        let paths: Vec<_> = faults.iter().map(codec::Error::field).collect();
        let found = self.layout.checks(telegram);
        let expected: Vec<_> =
            found.iter().map(|(field, _)| field.map(|field| field.path.as_str())).collect();
        assert_eq!(paths, expected, "{} {}", self.layout.name(), telegram.escape_ascii());
        let first =
            self.layout.check(telegram).err().map(|(field, _)| field.map(|field| field.path.as_str()));
        assert_eq!(paths.first().copied(), first, "{} {}", self.layout.name(), telegram.escape_ascii());
        accepted
    }

    /// The quick check and the rules say the same. Whether the telegram was accepted.
    #[track_caller]
    fn quick_check_agrees(&self, telegram: &[u8]) -> bool {
        let accepted = (self.compiled.conforms)(telegram);
        let first = (self.compiled.faults)(telegram).first().copied();
        assert_eq!(accepted, first.is_none(), "{first:?} {}", telegram.escape_ascii());
        accepted
    }

    fn places(&self) -> Vec<Range<usize>> {
        self.layout.fields().iter().map(telegram_replay::layout::Field::range).collect()
    }
}

fn subjects() -> Vec<Subject> {
    let compiled: BTreeMap<_, _> =
        compiled::all().into_iter().map(|compiled| (compiled.layout.name, compiled)).collect();
    let subject = |golden: super::Golden| Subject {
        compiled: compiled[golden.layout.as_str()],
        layout: Layout::embedded(&golden.layout).unwrap(),
        golden: golden.telegram,
    };
    all().into_iter().map(subject).collect()
}

/// One golden telegram of each layout.
fn one_of_each() -> Vec<Subject> {
    let each: BTreeMap<_, _> =
        subjects().into_iter().map(|subject| (subject.compiled.layout.name, subject)).collect();
    each.into_values().collect()
}

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|number| number.parse().expect("a number"))
}

#[test]
fn every_byte_at_every_place_is_judged_alike() {
    let long = asked("DIFFERENTIAL_CASES").is_some();
    for subject in one_of_each() {
        let mut telegram = subject.golden.clone();
        for at in 0..telegram.len() {
            for byte in 0..=u8::MAX {
                telegram[at] = byte;
                // Where nothing is optimized, the edges of the rules have to do.
                if long || (EDGES.contains(&byte) && at % 5 == usize::from(byte) % 5) {
                    subject.agree(&telegram);
                }
            }
            telegram[at] = subject.golden[at];
        }
    }
}

#[test]
fn spoilt_telegrams_are_judged_alike_and_accepted_ones_can_be_written() {
    let subjects = subjects();
    let seed = asked("DIFFERENTIAL_SEED").unwrap_or(1);
    let cases = asked("DIFFERENTIAL_CASES").unwrap_or(2_000);
    let (mut accepted, mut judged) = (0, 0);
    for seed in seed..seed + cases {
        let random = &mut Random::new(seed);
        let subject = &subjects[random.below(subjects.len())];
        let places = subject.places();
        let mut telegram = subject.golden.clone();
        for _ in 0..4 {
            mutate(&mut telegram, &places, random);
            judged += 1;
            if subject.agree(&telegram) {
                accepted += 1;
                let written = (subject.compiled.rewritten)(&telegram).unwrap();
                assert!(subject.agree(&written));
                assert_eq!((subject.compiled.rewritten)(&written), Ok(written));
            }
        }
        if random.once_in(8) {
            telegram.truncate(random.below(telegram.len()));
            assert!(!subject.agree(&telegram));
        }
    }
    tell(judged, accepted);
    assert!(accepted * 20 > judged && accepted * 20 < judged * 19, "{accepted} of {judged} were accepted");
}

/// Shown by `--nocapture`.
#[allow(clippy::print_stderr, reason = "a long run is asked how many cases it was")]
fn tell(judged: u64, accepted: u64) {
    eprintln!("{judged} spoilt telegrams judged alike, {accepted} of them accepted");
}
