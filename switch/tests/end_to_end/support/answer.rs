use std::{borrow::Cow, fmt, sync::Arc};

use bytes::Bytes;
use telegram_replay::layout::{Layout, Reading};

use super::{
    telegram::{SUMS, Sums},
    terminal_layout,
};

/// Types of what a switch says.
const REPLIES: [&str; 7] = ["0110", "0130", "0310", "0410", "0430", "0510", "0810"];

/// An answer of the switch, read by the layout file of its type.
#[derive(Clone)]
pub(crate) struct Answer(pub(crate) Bytes);

impl Answer {
    /// The text of a field.
    pub(crate) fn text(&self, name: &str) -> String {
        let layout = self.layout();
        let decoded = layout.decode(&self.0);
        assert!(decoded.is_valid(), "not by its layout: {decoded:?}");
        decoded.reading(name).map(Reading::text).map(Cow::into_owned).expect("a field of the layout")
    }

    pub(crate) fn code(&self) -> String {
        self.text("header.response_code")
    }

    /// The telegram type.
    pub(crate) fn kind(&self) -> String {
        self.text("header.telegram_type")
    }

    pub(crate) fn trace(&self) -> u32 {
        self.text("header.trace_no").parse().unwrap()
    }

    /// Code and state of an 0310.
    pub(crate) fn state(&self) -> (String, String) {
        (self.code(), self.text("state"))
    }

    /// What an 0510 tells, and its difference.
    pub(crate) fn totals(&self) -> (Sums, String) {
        let number = |name: &str, part| self.text(&format!("{name}_{part}")).parse().unwrap();
        (SUMS.map(|name| (number(name, "count"), number(name, "amount"))), self.text("difference"))
    }

    /// Everything but the instant it was written at.
    pub(crate) fn content(&self) -> Vec<u8> {
        let mut bytes = self.0.to_vec();
        bytes[self.layout().field("header.sent_at").unwrap().range()].fill(b'0');
        bytes
    }

    fn layout(&self) -> Arc<Layout> {
        let kind = self.0.get(..4).and_then(|kind| std::str::from_utf8(kind).ok()).expect("a telegram type");
        // What has no type of its own is answered like an approval.
        let shape = if REPLIES.contains(&kind) { kind } else { "0110" };
        terminal_layout(shape)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.layout().decode(&self.0))
    }
}
