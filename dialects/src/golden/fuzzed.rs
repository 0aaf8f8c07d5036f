//! The fuzz targets as plain tests: over their seeds, which are made of the golden telegrams, and over seeds that were spoilt.
//!
//! The seeds stand in `fuzz/corpus` and are written by `GOLDEN=overwrite cargo test -p dialects golden`. `FUZZ_CASES=1000000` makes a
//! long run of it, `FUZZ_SEED` another one.

#[path = "../../../fuzz/laws/decode.rs"]
mod decode;
#[path = "../../../fuzz/laws/frame.rs"]
mod frame;

use std::collections::BTreeMap;
use std::path::Path;

use bytes::BytesMut;
use codec::frame::Framing;
use telegram_replay::layout::Layout;

use super::spoilt::random::Random;
use crate::compiled::{self, Compiled};

/// An input by the name of its file.
type Corpus = BTreeMap<String, Vec<u8>>;

/// The longest input.
const MAX_INPUT: usize = 4096;

#[test]
fn frames_hold_what_they_must_over_their_corpus_and_what_is_near_it() {
    check("frame", &frame_seeds(), frame::check);
}

#[test]
fn telegrams_hold_what_they_must_over_their_corpus_and_what_is_near_it() {
    let readers = decode::Readers::new(compiled::all(), |name| Layout::embedded(name).unwrap());
    check("decode", &decode_seeds(), |input| readers.check(input));
}

/// Checks the target's corpus, which has at least these seeds, and what becomes of it by chance.
fn check(target: &str, seeds: &Corpus, law: impl Fn(&[u8]) -> Result<(), String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    if std::env::var_os("GOLDEN").is_some_and(|value| value == "overwrite") {
        for (name, input) in seeds {
            std::fs::write(folder.join(name), input).unwrap();
        }
    }
    let corpus = read(&folder);
    for (name, input) in seeds {
        assert_eq!(corpus.get(name), Some(input), "{target}/{name}: GOLDEN=overwrite writes it");
    }
    for (name, input) in &corpus {
        law(input).unwrap_or_else(|why| panic!("{target}/{name}: {why}"));
    }
    let inputs: Vec<&[u8]> = corpus.values().map(Vec::as_slice).collect();
    let seed = asked("FUZZ_SEED").unwrap_or(1);
    for seed in seed..seed + asked("FUZZ_CASES").unwrap_or(1_500) {
        let random = &mut Random::new(seed);
        let mut input = random.pick(&inputs).to_vec();
        for _ in 0..random.within(1, 4) {
            spoil(&mut input, random.pick(&inputs), random);
            law(&input).unwrap_or_else(|why| panic!("{target}, FUZZ_SEED={seed}: {why}"));
        }
    }
}

/// One change that knows nothing of telegrams, as a fuzzer makes them.
fn spoil(input: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(input.len() + 1);
    let until = random.within(at, input.len());
    match random.below(6) {
        0 => input.insert(at, random.byte()),
        1 => drop(input.drain(at..until.min(at + 8))),
        2 => input[at..until].fill(random.pick(b" 0\0\xff")),
        3 => {
            let from = random.below(other.len());
            let piece = &other[from..random.within(from, other.len())];
            input.splice(at..until.min(at + piece.len()), piece.iter().copied());
        }
        4 => input[at..until].reverse(),
        _ => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
    }
    input.truncate(MAX_INPUT);
}

/// Each golden telegram behind the name of its layout.
fn decode_seeds() -> Corpus {
    let seed = |golden: super::Golden| {
        let input = [golden.layout.as_bytes(), b"\n", &golden.telegram].concat();
        (golden.name, input)
    };
    super::all().into_iter().map(seed).collect()
}

/// Two telegrams and the beginning of a third, in each framing.
fn frame_seeds() -> Corpus {
    let telegrams: BTreeMap<_, _> =
        super::all().into_iter().map(|golden| (golden.name, golden.telegram)).collect();
    let seed = |name: &str, choice: u8, telegram: &str| {
        let format = frame::chosen(choice);
        let mut stream = BytesMut::from(&[choice, 7][..]);
        for _ in 0..3 {
            format.encode(&telegrams[telegram], &mut stream).unwrap();
        }
        stream.truncate(stream.len() - 20);
        (name.to_owned(), stream.to_vec())
    };
    let mut seeds: Corpus = (0..)
        .zip(Framing::ALL)
        .map(|(choice, framing)| seed(framing.name(), choice, "terminal_0120"))
        .collect();
    seeds.extend([
        seed("ascii4-blank", 5, "terminal_0300"),
        seed("ascii4-own-length", 10, "kspay_cancel"),
        seed("ascii4-own-length-blank", 15, "card450_cancelled"),
    ]);
    seeds
}

fn read(folder: &Path) -> Corpus {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect()
}

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|number| number.parse().expect("a number"))
}
