//! I10: no card number in anything the switch wrote, however it might be spelt.

use std::{fs, path::Path, sync::LazyLock};

use super::{Facts, Violation};
use crate::card::is_luhn;

/// What the card numbers of a run begin with; one of another beginning never went in.
const BINS: [[u8; 6]; 3] = [*b"541230", *b"457973", *b"945000"];
/// Digits of a card number here.
const DIGITS: usize = 16;
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// How a digit may be spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    Plain,
    Hex,
    Utf16Little,
    Utf16Big,
    FullWidth,
    FullWidthEucKr,
}

const SPELLINGS: [Spelling; 6] = [
    Spelling::Plain,
    Spelling::Hex,
    Spelling::Utf16Little,
    Spelling::Utf16Big,
    Spelling::FullWidth,
    Spelling::FullWidthEucKr,
];

/// Looks through the log, the metrics and every file of the store.
pub(super) fn no_card_is_told(facts: &Facts<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut look = |what: &str, bytes: &[u8]| {
        violations.extend(find(bytes).map(|found| Violation::new(format!("{what}: {found}"))));
    };
    look("the log", facts.evidence.log.as_bytes());
    for name in facts.evidence.metrics.keys() {
        look("a metric", name.as_bytes());
    }
    for file in files(&facts.evidence.folder.join("data")) {
        match fs::read(&file) {
            Ok(bytes) => look(&file.display().to_string(), &bytes),
            Err(error) => look(&format!("{} cannot be read: {error}", file.display()), b""),
        }
    }
    violations
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_file = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    entries.filter(is_file).map(|entry| entry.path()).collect()
}

/// Where a card number stands and how it is spelt, without any of it.
fn find(bytes: &[u8]) -> Option<String> {
    // Files have millions of bytes: two of them tell nearly always that no number begins there.
    let pairs = bytes.iter().zip(bytes.iter().skip(1)).enumerate();
    let mut begins =
        pairs.filter(|(_, (first, second))| NEEDLES.begin[pair(**first, **second)]).map(|(at, _)| at);
    begins.find_map(|at| found_at(bytes, at))
}

fn found_at(bytes: &[u8], at: usize) -> Option<String> {
    let here = &bytes[at..];
    let stands = NEEDLES.all.iter().filter(|(needle, _)| here.starts_with(needle));
    let mut found = stands.filter_map(|(_, written)| match written {
        Written::As(spelling) => {
            let is_card = spelling.read(here).is_some_and(|digits| is_luhn(&digits));
            is_card.then(|| format!("a card number, {spelling:?}, at byte {at}"))
        }
        Written::Base64(shift) => {
            is_base64_card(here, *shift).then(|| format!("a card number in base64 at byte {at}"))
        }
    });
    found.next()
}

/// How a number is written that begins with a needle.
enum Written {
    As(Spelling),
    /// With so many bytes before it in its group of three.
    Base64(usize),
}

/// Everything that a card number may begin with.
struct Needles {
    all: Vec<(Vec<u8>, Written)>,
    /// Whether any of them begins with a pair of bytes.
    begin: Vec<bool>,
}

static NEEDLES: LazyLock<Needles> = LazyLock::new(|| {
    let mut all = Vec::new();
    for bin in BINS {
        for spelling in SPELLINGS {
            all.extend(spelling.needles(bin).into_iter().map(|needle| (needle, Written::As(spelling))));
        }
        all.extend((0..3).map(|shift| (base64_of(bin, shift), Written::Base64(shift))));
    }
    let mut begin = vec![false; 1 << 16];
    for (needle, _) in &all {
        begin[pair(needle[0], needle[1])] = true;
    }
    Needles { all, begin }
});

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

impl Spelling {
    /// How the beginning of a number may stand there; plain ones in groups of four, too.
    fn needles(self, bin: [u8; 6]) -> Vec<Vec<u8>> {
        let spelt = |digits: &[u8]| digits.iter().flat_map(|digit| self.spell(*digit)).collect::<Vec<u8>>();
        let mut needles = vec![spelt(&bin)];
        if self == Self::Plain {
            needles.extend([b' ', b'-'].map(|between| [&bin[..4], &[between], &bin[4..]].concat()));
        }
        needles
    }

    fn spell(self, digit: u8) -> Vec<u8> {
        let value = digit - b'0';
        match self {
            Self::Plain => vec![digit],
            Self::Hex => vec![b'3', digit],
            Self::Utf16Little => vec![digit, 0],
            Self::Utf16Big => vec![0, digit],
            Self::FullWidth => vec![0xEF, 0xBC, 0x90 + value],
            Self::FullWidthEucKr => vec![0xA3, 0xB0 + value],
        }
    }

    /// As many digits as a card number has; plain ones may stand in groups.
    fn read(self, mut bytes: &[u8]) -> Option<Vec<u8>> {
        let mut digits = Vec::with_capacity(DIGITS);
        while digits.len() < DIGITS {
            if let (Self::Plain, [b' ' | b'-', rest @ ..]) = (self, bytes) {
                bytes = rest;
            }
            let digit = (b'0'..=b'9').find(|digit| bytes.starts_with(&self.spell(*digit)))?;
            bytes = &bytes[self.spell(digit).len()..];
            digits.push(digit);
        }
        // A longer row of digits is another number.
        let goes_on = (b'0'..=b'9').any(|digit| bytes.starts_with(&self.spell(digit)));
        (!goes_on).then_some(digits)
    }
}

/// The characters of base64 that a text of six digits determines, where `shift` bytes stand before it in its group of three.
fn base64_of(text: [u8; 6], shift: usize) -> Vec<u8> {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(&text);
    // The first characters mix with what stands before, the last with what follows.
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let characters =
        bits.chunks_exact(6).map(|six| six.iter().fold(0_usize, |value, bit| value << 1 | usize::from(*bit)));
    characters.map(|value| BASE64[value]).skip((shift * 8).div_ceil(6)).collect()
}

/// Whether card digits go on behind what was found.
fn is_base64_card(bytes: &[u8], shift: usize) -> bool {
    // Back to where its group of four begins, whose first characters are not known here: zeros stand for them.
    let skipped = (shift * 8).div_ceil(6);
    let known = bytes.iter().map_while(|byte| BASE64.iter().position(|character| character == byte));
    let values = std::iter::repeat_n(0, skipped).chain(known.take(24 + skipped));
    let bits: Vec<u8> =
        values.flat_map(|value| (0..6).rev().map(move |bit| u8::from(value >> bit & 1 == 1))).collect();
    let decoded: Vec<u8> =
        bits.chunks_exact(8).map(|eight| eight.iter().fold(0, |value, bit| value << 1 | bit)).collect();
    // The first digit is not whole where its bits are shared; the rest must be digits, as many as there are.
    let from = shift + usize::from(shift > 0);
    let rest = decoded.get(from..shift + DIGITS).unwrap_or_default();
    rest.len() >= DIGITS - 1 && rest.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::{SPELLINGS, base64_of, find};
    use crate::card;

    fn base64(bytes: &[u8]) -> String {
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let mut value = 0_u32;
            for index in 0..3 {
                value = value << 8 | u32::from(three.get(index).copied().unwrap_or(0));
            }
            for index in 0..=three.len() {
                text.push(char::from(super::BASE64[(value >> (18 - 6 * index) & 63) as usize]));
            }
        }
        text
    }

    #[test]
    fn a_card_number_is_found_however_it_is_spelt() {
        let number = card::number(None, 123_456);
        for spelling in SPELLINGS {
            let mut bytes = b"before ".to_vec();
            bytes.extend(number.bytes().flat_map(|digit| spelling.spell(digit)));
            bytes.extend(b" after");
            assert!(find(&bytes).is_some(), "{spelling:?}");
        }
        let grouped = format!("{}-{}-{}-{}", &number[..4], &number[4..8], &number[8..12], &number[12..]);
        assert!(find(grouped.as_bytes()).is_some());
        for before in ["", "x", "xy", "xyz"] {
            let encoded = base64(format!("{before}{number}=3012").as_bytes());
            assert!(find(format!("\"{encoded}\"").as_bytes()).is_some(), "{encoded}");
        }
    }

    #[test]
    fn what_is_found_is_not_told() {
        let number = card::number(Some(0), 77);
        let found = find(number.as_bytes()).unwrap();
        assert!(!found.contains(&number[6..12]), "{found}");
    }

    #[test]
    fn masked_numbers_serials_and_other_digits_are_no_card_numbers() {
        let number = card::number(None, 9);
        let masked = format!("{}******{}", &number[..6], &number[12..]);
        let wrong = format!("{}{}", &number[..15], (number.as_bytes()[15] - b'0' + 1) % 10);
        for text in
            [masked, wrong, format!("{number}1"), "2026112100000000123".to_owned(), "5412301".to_owned()]
        {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
        assert_eq!(base64_of(*b"541230", 0), b"NTQxMjMw");
    }
}
