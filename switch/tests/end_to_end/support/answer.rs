use std::{borrow::Cow, fmt};

use bytes::Bytes;
use telegram_replay::layout::{Layout, Reading};

/// An answer of the switch, read by its layout file.
#[derive(Clone)]
pub(crate) struct Answer(pub(crate) Bytes);

impl Answer {
    /// The text of a field.
    pub(crate) fn text(&self, name: &str) -> String {
        let layout = Layout::embedded("terminal-0110").unwrap();
        let decoded = layout.decode(&self.0);
        assert!(decoded.is_valid(), "not by its layout: {decoded:?}");
        decoded.reading(name).map(Reading::text).map(Cow::into_owned).expect("a field of the layout")
    }

    pub(crate) fn code(&self) -> String {
        self.text("header.response_code")
    }

    pub(crate) fn trace(&self) -> u32 {
        self.text("header.trace_no").parse().unwrap()
    }

    /// Everything but the instant it was written at.
    pub(crate) fn content(&self) -> Vec<u8> {
        let layout = Layout::embedded("terminal-0110").unwrap();
        let mut bytes = self.0.to_vec();
        bytes[layout.field("header.sent_at").unwrap().range()].fill(b'0');
        bytes
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", Layout::embedded("terminal-0110").unwrap().decode(&self.0))
    }
}
