use std::sync::Arc;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::Offset,
};
use telegram_replay::{
    capture::{Assignment, Value},
    layout::Layout,
};

use super::{Approval, plan::MERCHANT, terminal_layout};

/// What a terminal can put on its line.
pub(crate) trait Said {
    /// The telegram, without its frame.
    fn bytes(&self) -> Vec<u8>;
}

/// A telegram of a terminal, built by its layout file.
#[derive(Clone)]
pub(crate) struct Telegram {
    kind: &'static str,
    sent_at: DateTime,
    values: Vec<(String, String)>,
}

/// Counts and amounts of approvals, cancels and net-cancels.
pub(crate) type Sums = [(u64, u64); 3];

/// The fields of 0500 and 0510 that hold [`Sums`].
pub(crate) const SUMS: [&str; 3] = ["approval", "cancel", "net_cancel"];

impl Telegram {
    /// By the first terminal, now.
    pub(crate) fn new(telegram_type: &'static str, trace: u32) -> Self {
        Self { kind: telegram_type, sent_at: now(), values: Vec::new() }
            .with("header.telegram_type", telegram_type)
            .with("header.version", "01")
            .with("header.terminal_id", "1000000001")
            .with("header.merchant_no", MERCHANT)
            .with("header.security", "0")
            .with("header.trace_no", &format!("{trace:06}"))
    }

    /// 0400: so much of it. The card and the approval number are left blank.
    pub(crate) fn cancel(trace: u32, original: &Approval, amount: u64) -> Self {
        let cancel = Self::about("0400", trace, original).with("cancel_amount", &amount.to_string());
        cancel.with("entry_mode", "I").with("reason", "02")
    }

    /// 0420.
    pub(crate) fn net_cancel(trace: u32, original: &Approval) -> Self {
        let withdrawn = Self::about("0420", trace, original);
        withdrawn.with("total_amount", &original.total().to_string()).with("reason", "01")
    }

    /// 0120.
    pub(crate) fn acknowledgement(trace: u32, original: &Approval, approval_no: &str) -> Self {
        Self::about("0120", trace, original).with("approval_no", approval_no)
    }

    /// 0300.
    pub(crate) fn inquiry(trace: u32, original: &Approval) -> Self {
        Self::about("0300", trace, original)
    }

    /// 0500.
    pub(crate) fn totals(trace: u32, date: Date, claimed: Sums) -> Self {
        let mut totals = Self::new("0500", trace).with("business_date", &date.strftime("%Y%m%d").to_string());
        for (name, (count, amount)) in SUMS.into_iter().zip(claimed) {
            totals = totals.with(&format!("{name}_count"), &count.to_string());
            totals = totals.with(&format!("{name}_amount"), &amount.to_string());
        }
        totals
    }

    /// 0800.
    pub(crate) fn network(trace: u32, function: &str) -> Self {
        Self::new("0800", trace).with("function", function)
    }

    fn about(telegram_type: &'static str, trace: u32, original: &Approval) -> Self {
        Self::new(telegram_type, trace)
            .with("header.terminal_id", &original.terminal_id())
            .with("original_trace_no", &original.trace_no())
            .with("original_date", &original.date().strftime("%Y%m%d").to_string())
    }

    pub(crate) fn terminal(self, number: u64) -> Self {
        self.with("header.terminal_id", &(1_000_000_000 + number).to_string())
    }

    /// By the terminal's clock.
    pub(crate) fn sent_at(mut self, change: impl FnOnce(DateTime) -> DateTime) -> Self {
        self.sent_at = change(self.sent_at);
        self
    }

    /// Its business date.
    pub(crate) fn date(&self) -> Date {
        self.sent_at.date()
    }

    /// A later value of a field replaces an earlier one.
    pub(crate) fn with(mut self, field: &str, value: &str) -> Self {
        self.values.push((field.to_owned(), value.to_owned()));
        self
    }

    /// What a field was given.
    pub(crate) fn given(&self, field: &str) -> &str {
        let given = self.values.iter().rfind(|(name, _)| name == field);
        given.map(|(_, value)| value.as_str()).expect("a field with a value")
    }

    /// The bytes with something put into a field, right or wrong.
    pub(crate) fn spoiled(&self, field: &str, bytes: &[u8]) -> Vec<u8> {
        let mut telegram = self.bytes();
        telegram[self.layout().field(field).unwrap().range()].copy_from_slice(bytes);
        telegram
    }

    fn layout(&self) -> Arc<Layout> {
        terminal_layout(self.kind)
    }
}

impl Said for Telegram {
    fn bytes(&self) -> Vec<u8> {
        let assign = |(field, value): &(String, String)| Assignment {
            field: field.clone(),
            value: Value::text(value.as_str()),
        };
        let values: Vec<_> = self.values.iter().map(assign).collect();
        self.layout().build(&values, self.sent_at).unwrap()
    }
}

/// What a terminal's clock shows, KST.
pub(crate) fn now() -> DateTime {
    Offset::constant(9).to_datetime(Timestamp::now())
}
