//! Compiled telegrams against a second reading of the same layout file, and the quick check against the rules.
//!
//! `DIFFERENTIAL_CASES=1000000` makes a long run of it, `DIFFERENTIAL_SEED` another one.

use std::collections::BTreeMap;
use std::ops::Range;

use codec::{Error, Telegram};

use crate::digit_widths::Widths;
use crate::everything::Everything;
use crate::full::layout::{Full, Line, Numbers, Order};
use crate::full::shown::Fields;
use crate::second_reading::generate::{Form, telegram};
use crate::second_reading::mutate::{EDGES, mutate};
use crate::second_reading::random::Random;
use crate::second_reading::{cases, first_seed, is_long_run, layout, naive, places};
use crate::widths::{Moments, Pair, Texts};

/// A telegram type and its layout file, read apart.
struct Subject {
    layout: specs::Layout,
    places: Vec<Range<usize>>,
    conforms: fn(&[u8]) -> bool,
    first_fault: fn(&[u8]) -> Option<Error>,
    faults: fn(&[u8]) -> Vec<Error>,
    shown: fn(&[u8]) -> Result<String, Error>,
}

impl Subject {
    fn of<T: for<'a> Telegram<View<'a>: std::fmt::Debug>>() -> Self {
        let layout = layout(T::LAYOUT.name);
        Self {
            places: places(&layout),
            layout,
            conforms: T::conforms,
            first_fault: |bytes| T::validate_all(bytes).next(),
            faults: |bytes| T::validate_all(bytes).collect(),
            shown: |bytes| T::view(bytes).map(|view| format!("{view:?}")),
        }
    }

    /// The quick check, the rules and the naive decoder say the same of every field. Whether it was accepted.
    #[track_caller]
    fn agree(&self, telegram: &[u8]) -> bool {
        let accepted = self.quick_check_agrees(telegram);
        let faults = (self.faults)(telegram);
        let paths: Vec<_> = faults.iter().map(|error| error.field().unwrap_or_default()).collect();
        let naive = naive::read(&self.layout, telegram);
        assert_eq!(paths, naive.faults, "{} {}", self.layout.name, telegram.escape_ascii());
        accepted
    }

    /// The quick check and the rules say the same. Whether it was accepted.
    #[track_caller]
    fn quick_check_agrees(&self, telegram: &[u8]) -> bool {
        let accepted = (self.conforms)(telegram);
        let first = (self.first_fault)(telegram);
        assert_eq!(accepted, first.is_none(), "{first:?} {}", telegram.escape_ascii());
        accepted
    }

    fn generate(&self, form: Form, random: &mut Random) -> Vec<u8> {
        telegram(&self.layout, form, random)
    }
}

fn subjects() -> Vec<Subject> {
    vec![
        Subject::of::<Full>(),
        Subject::of::<Order>(),
        Subject::of::<Line>(),
        Subject::of::<Everything>(),
        Subject::of::<Numbers>(),
        Subject::of::<Widths>(),
        Subject::of::<Texts>(),
        Subject::of::<Pair>(),
        Subject::of::<Moments>(),
    ]
}

/// Calls with a seed and its randomness, as often as it says or is asked for.
fn for_each_seed(usually: u64, mut check: impl FnMut(u64, &mut Random)) {
    for seed in first_seed()..first_seed() + cases(usually) {
        check(seed, &mut Random::new(seed));
    }
}

#[test]
fn spoilt_telegrams_are_judged_as_the_naive_decoder_judges_them() {
    let subjects = subjects();
    let (mut accepted, mut judged) = (0_u64, 0_u64);
    for_each_seed(1_500, |_, random| {
        let subject = &subjects[random.below(subjects.len())];
        let mut telegram = subject.generate(random.pick(&[Form::Written, Form::Accepted]), random);
        assert!(subject.agree(&telegram), "{}", telegram.escape_ascii());
        for _ in 0..4 {
            mutate(&mut telegram, &subject.places, random);
            judged += 1;
            if subject.agree(&telegram) {
                accepted += 1;
                assert!(!(subject.shown)(&telegram).unwrap().is_empty());
            } else {
                (subject.shown)(&telegram).unwrap_err();
            }
        }
    });
    tell(judged, accepted);
    assert!(accepted * 20 > judged && accepted * 20 < judged * 19, "{accepted} of {judged} were accepted");
}

#[test]
fn values_are_read_as_the_naive_decoder_reads_them() {
    fn check<T: for<'a> Telegram<View<'a>: Fields>>() {
        let layout = layout(T::LAYOUT.name);
        for_each_seed(150, |_, random| {
            let telegram = telegram(&layout, Form::Accepted, random);
            let mut values = BTreeMap::new();
            T::view(&telegram).unwrap().add_to("", &mut values);
            assert_eq!(values, naive::read(&layout, &telegram).values, "{}", telegram.escape_ascii());
        });
    }
    check::<Full>();
    check::<Order>();
}

#[test]
fn every_byte_at_every_place_is_judged_alike() {
    for subject in subjects() {
        let golden = subject.generate(Form::Written, &mut Random::new(first_seed()));
        let mut telegram = golden.clone();
        for at in 0..golden.len() {
            for byte in 0..=u8::MAX {
                telegram[at] = byte;
                // Where nothing is optimized, the edges of the rules have to do for long telegrams.
                let is_edge = EDGES.contains(&byte);
                if is_long_run() || (is_edge && at % 9 == usize::from(byte) % 9) {
                    subject.agree(&telegram);
                } else if is_edge || golden.len() < 150 {
                    subject.quick_check_agrees(&telegram);
                }
            }
            telegram[at] = golden[at];
        }
    }
}

#[test]
fn every_pair_of_bytes_is_a_character_to_all_or_to_none() {
    let subject = Subject::of::<Pair>();
    let (mut accepted, mut judged) = (0, 0);
    for blank in [b' ', b'a'] {
        let mut telegram = [blank; Pair::LENGTH];
        for at in 0..Pair::LENGTH - 1 {
            for first in 0..=u8::MAX {
                for second in
                    (0..=u8::MAX).filter(|second| is_long_run() || (first ^ second) % 2 == blank % 2)
                {
                    telegram[at..at + 2].copy_from_slice(&[first, second]);
                    let is_sampled = (usize::from(first) + usize::from(second) + at) % 8 == 0;
                    let is_accepted = if is_sampled || is_long_run() {
                        subject.agree(&telegram)
                    } else {
                        subject.quick_check_agrees(&telegram)
                    };
                    accepted += u32::from(is_accepted);
                    judged += 1;
                }
            }
            telegram[at..at + 2].fill(blank);
        }
    }
    assert!(accepted * 10 > judged, "{accepted} of {judged} were accepted");
}

#[test]
fn every_month_day_and_clock_exists_for_all_or_for_none() {
    let subject = Subject::of::<Moments>();
    let golden = subject.generate(Form::Written, &mut Random::new(first_seed()));
    let clocks = (0..100)
        .flat_map(|pair| [format!("{pair:02}0000"), format!("00{pair:02}00"), format!("0000{pair:02}")]);
    let days = (0..=1_400).chain([9_901, 9_999]).map(|day| format!("{day:04}"));
    let years = ["0000", "0004", "0100", "0400", "1900", "2000", "2023", "2024", "2026", "2100", "9999"];
    let mut moments: Vec<(&str, String)> = Vec::new();
    moments.extend(clocks.map(|clock| ("time6", clock)));
    for (index, day) in days.enumerate() {
        let one = index % years.len();
        for year in if day == "0229" { &years[..] } else { &years[one..=one] } {
            moments.push(("day8", format!("{year}{day}")));
            moments.push(("at14", format!("{year}{day}235959")));
            moments.push(("day6", format!("{}{day}", &year[2..])));
            moments.push(("at12", format!("{}{day}000000", &year[2..])));
            moments.push(("at10", format!("{day}120000")));
        }
    }
    for (name, moment) in moments {
        for name in [name, &format!("maybe_{name}")] {
            let field = subject.layout.field(name).unwrap();
            let mut telegram = golden.clone();
            telegram[field.at..field.at + field.len].copy_from_slice(moment.as_bytes());
            subject.agree(&telegram);
        }
    }
}

#[test]
fn runs_of_any_length_in_fields_of_any_width_are_judged_alike() {
    for subject in [Subject::of::<Widths>(), Subject::of::<Texts>()] {
        let mut telegram = subject.generate(Form::Written, &mut Random::new(first_seed()));
        for place in &subject.places {
            let golden = telegram[place.clone()].to_vec();
            let len = golden.len();
            for (outer, inner) in [(b' ', b'7'), (b'7', b' '), (b' ', 0xb0), (0xb0, b'a'), (b'0', b'/')] {
                for start in 0..=len {
                    // All runs in short fields, in long ones those at the edges and every seventh.
                    let ends = (start..=len)
                        .filter(|end| len <= 9 || start == 0 || *end == len || (start + end) % 7 == 0);
                    for end in ends {
                        let field = &mut telegram[place.clone()];
                        field.fill(outer);
                        field[start..end].fill(inner);
                        if is_long_run() {
                            subject.agree(&telegram);
                        } else {
                            subject.quick_check_agrees(&telegram);
                        }
                    }
                }
            }
            telegram[place.clone()].copy_from_slice(&golden);
        }
    }
}

#[test]
fn a_telegram_of_any_other_length_is_refused() {
    let subject = Subject::of::<Line>();
    for len in (0..=2 * subject.layout.length).filter(|len| *len != subject.layout.length) {
        assert!(!subject.agree(&vec![b' '; len]));
    }
}

/// Shown by `--nocapture`.
#[allow(clippy::print_stderr, reason = "a long run is asked how many cases it was")]
fn tell(judged: u64, accepted: u64) {
    eprintln!("{judged} spoilt telegrams judged alike, {accepted} of them accepted");
}
