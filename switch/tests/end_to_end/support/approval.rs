use jiff::civil::{Date, DateTime};

use super::{Said, Telegram};

/// An 0100, built by its layout file.
#[derive(Clone)]
pub(crate) struct Approval(Telegram);

impl Approval {
    /// By the first terminal, of a card that no company takes directly.
    pub(crate) fn new(trace: u32, amount: u64) -> Self {
        let telegram = Telegram::new("0100", trace)
            .with("entry_mode", "I")
            .with("currency", "410")
            .with("installment", "00")
            .with("total_amount", &amount.to_string());
        Self(telegram).card(&card(1))
    }

    pub(crate) fn card(self, number: &str) -> Self {
        self.with("card_track", &format!("{number}=3012"))
    }

    pub(crate) fn terminal(self, number: u64) -> Self {
        Self(self.0.terminal(number))
    }

    pub(crate) fn sent_at(self, change: impl FnOnce(DateTime) -> DateTime) -> Self {
        Self(self.0.sent_at(change))
    }

    /// A later value of a field replaces an earlier one.
    pub(crate) fn with(self, field: &str, value: &str) -> Self {
        Self(self.0.with(field, value))
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.bytes()
    }

    /// The bytes with something put into a field, right or wrong.
    pub(crate) fn spoiled(&self, field: &str, bytes: &[u8]) -> Vec<u8> {
        self.0.spoiled(field, bytes)
    }

    /// Its business date.
    pub(crate) fn date(&self) -> Date {
        self.0.date()
    }

    pub(crate) fn trace_no(&self) -> String {
        self.0.given("header.trace_no").to_owned()
    }

    pub(crate) fn terminal_id(&self) -> String {
        self.0.given("header.terminal_id").to_owned()
    }

    /// Won.
    pub(crate) fn total(&self) -> u64 {
        self.0.given("total_amount").parse().unwrap()
    }
}

impl Said for Approval {
    fn bytes(&self) -> Vec<u8> {
        self.0.bytes()
    }
}

/// A card for the VANs.
pub(crate) fn card(number: u32) -> String {
    with_check_digit(&format!("541230{number:09}"))
}

/// A card that its company takes directly where the plan has a direct line.
pub(crate) fn direct_card(number: u32) -> String {
    with_check_digit(&format!("457973{number:09}"))
}

/// ISO/IEC 7812.
fn with_check_digit(digits: &str) -> String {
    let double = |digit: u32| if digit < 5 { 2 * digit } else { 2 * digit - 9 };
    let digit = |(index, byte): (usize, u8)| {
        let digit = u32::from(byte - b'0');
        if index % 2 == 0 { double(digit) } else { digit }
    };
    let sum: u32 = digits.bytes().rev().enumerate().map(digit).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}
