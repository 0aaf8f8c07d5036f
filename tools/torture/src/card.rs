//! Card numbers of a run: every purchase has one of its own, so that any of them found where none may be tells where it came from.

/// What the numbers begin with that go to the VANs.
const OF_VANS: &str = "541230";

/// What the numbers begin with that go to a card company directly.
const OF_COMPANIES: [&str; 2] = ["457973", "945000"];

/// A card number, for the VANs or for one of the two card companies.
pub fn number(company: Option<usize>, count: u64) -> String {
    let bin = company.map_or(OF_VANS, |company| OF_COMPANIES[company % OF_COMPANIES.len()]);
    with_check_digit(&format!("{bin}{:09}", count % 1_000_000_000))
}

/// Whether the digits are a card number by ISO/IEC 7812.
pub fn is_luhn(digits: &[u8]) -> bool {
    luhn_sum(digits, 0).is_multiple_of(10)
}

fn with_check_digit(digits: &str) -> String {
    format!("{digits}{}", (10 - luhn_sum(digits.as_bytes(), 1) % 10) % 10)
}

/// The sum with every second digit doubled, where `behind` digits are still to follow.
fn luhn_sum(digits: &[u8], behind: usize) -> u32 {
    let digit = |(index, byte): (usize, &u8)| {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        match ((index + behind) % 2, digit) {
            (0, _) => digit,
            (_, 0..=4) => 2 * digit,
            (_, _) => 2 * digit - 9,
        }
    };
    digits.iter().rev().enumerate().map(digit).sum()
}

#[cfg(test)]
mod tests {
    use super::{is_luhn, number};

    #[test]
    fn every_number_has_its_check_digit() {
        for count in [0, 1, 77, 123_456_789] {
            for company in [None, Some(0), Some(1)] {
                let number = number(company, count);
                assert_eq!(number.len(), 16);
                assert!(is_luhn(number.as_bytes()), "{number}");
            }
        }
        assert!(is_luhn(b"4111111111111111"));
        assert!(!is_luhn(b"4111111111111112"));
    }
}
