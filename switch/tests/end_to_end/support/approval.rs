use std::sync::LazyLock;

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use telegram_replay::{
    capture::{Assignment, Value},
    layout::Layout,
};

use super::plan::MERCHANT;

/// An 0100, built by its layout file.
#[derive(Clone)]
pub(crate) struct Approval {
    sent_at: DateTime,
    values: Vec<(String, String)>,
}

static LAYOUT: LazyLock<Layout> = LazyLock::new(|| Layout::embedded("terminal-0100").unwrap());

impl Approval {
    /// By the first terminal, of a card that no company takes directly.
    pub(crate) fn new(trace: u32, amount: u64) -> Self {
        let plain = [
            ("header.telegram_type", "0100"),
            ("header.version", "01"),
            ("header.terminal_id", "1000000001"),
            ("header.merchant_no", MERCHANT),
            ("header.security", "0"),
            ("entry_mode", "I"),
            ("currency", "410"),
            ("installment", "00"),
        ];
        let values = plain.map(|(field, value)| (field.to_owned(), value.to_owned())).to_vec();
        Self { sent_at: Offset::constant(9).to_datetime(Timestamp::now()), values }
            .with("header.trace_no", &format!("{trace:06}"))
            .with("total_amount", &amount.to_string())
            .card(&card(1))
    }

    pub(crate) fn card(self, number: &str) -> Self {
        self.with("card_track", &format!("{number}=3012"))
    }

    pub(crate) fn terminal(self, number: u64) -> Self {
        self.with("header.terminal_id", &(1_000_000_000 + number).to_string())
    }

    pub(crate) fn sent_at(mut self, change: impl FnOnce(DateTime) -> DateTime) -> Self {
        self.sent_at = change(self.sent_at);
        self
    }

    /// A later value of a field replaces an earlier one.
    pub(crate) fn with(mut self, field: &str, value: &str) -> Self {
        self.values.push((field.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let assign = |(field, value): &(String, String)| Assignment {
            field: field.clone(),
            value: Value::text(value.as_str()),
        };
        let values: Vec<_> = self.values.iter().map(assign).collect();
        LAYOUT.build(&values, self.sent_at).unwrap()
    }

    /// The bytes with something put into a field, right or wrong.
    pub(crate) fn spoiled(&self, field: &str, bytes: &[u8]) -> Vec<u8> {
        let mut telegram = self.bytes();
        telegram[LAYOUT.field(field).unwrap().range()].copy_from_slice(bytes);
        telegram
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
