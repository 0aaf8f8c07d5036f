//! The telegrams of one terminal, built and read by their layout files.

use std::fmt;

use bytes::Bytes;
use jiff::civil::DateTime;

use crate::support::{self, Approval, Said, Sums, card, direct_card, framed, terminal_layout};

/// A terminal that writes telegrams. All of them are of one business date, whatever midnight the test runs into.
pub(super) struct Pen {
    pub(super) terminal: u64,
    sent_at: DateTime,
    last_trace: u32,
}

/// A telegram, the same bytes however often it is sent.
#[derive(Clone)]
pub(super) struct Telegram {
    pub(super) kind: u16,
    pub(super) trace: u32,
    pub(super) frame: Bytes,
}

/// An 0100, which other telegrams name.
pub(super) struct Original {
    pub(super) telegram: Telegram,
    approval: Approval,
}

/// An answer, with what it answers.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) kind: u16,
    pub(super) trace: u32,
    bytes: Bytes,
}

impl Pen {
    pub(super) fn new(terminal: u64, sent_at: DateTime) -> Self {
        Self { terminal, sent_at, last_trace: 0 }
    }

    pub(super) fn approval(&mut self, amount: u64, is_direct: bool) -> Original {
        let number = u32::try_from(self.terminal * 1000).expect("small") + self.last_trace;
        let number = if is_direct { direct_card(number) } else { card(number) };
        let sent_at = self.sent_at;
        let approval = Approval::new(self.next_trace(), amount)
            .card(&number)
            .terminal(self.terminal)
            .sent_at(|_| sent_at);
        Original { telegram: Telegram::new(&approval), approval }
    }

    pub(super) fn net_cancel(&mut self, original: &Original) -> Telegram {
        let trace = self.next_trace();
        self.write(support::Telegram::net_cancel(trace, &original.approval))
    }

    /// The approval number is named only where it is given.
    pub(super) fn cancel(&mut self, original: &Original, amount: u64, approval_no: &str) -> Telegram {
        let cancel = support::Telegram::cancel(self.next_trace(), &original.approval, amount);
        self.write(cancel.with("original_approval_no", approval_no))
    }

    pub(super) fn acknowledgement(&mut self, original: &Original, approval_no: &str) -> Telegram {
        let trace = self.next_trace();
        self.write(support::Telegram::acknowledgement(trace, &original.approval, approval_no))
    }

    pub(super) fn inquiry(&mut self, original: &Original) -> Telegram {
        let trace = self.next_trace();
        self.write(support::Telegram::inquiry(trace, &original.approval))
    }

    /// Totals of approvals, cancels and net-cancels.
    pub(super) fn totals(&mut self, totals: Sums) -> Telegram {
        let totals = support::Telegram::totals(self.next_trace(), self.sent_at.date(), totals);
        let terminal = self.terminal;
        self.write(totals.terminal(terminal))
    }

    fn write(&self, telegram: support::Telegram) -> Telegram {
        Telegram::new(&telegram.sent_at(|_| self.sent_at))
    }

    fn next_trace(&mut self) -> u32 {
        self.last_trace += 1;
        self.last_trace
    }
}

impl Telegram {
    fn new(said: &impl Said) -> Self {
        let bytes = said.bytes();
        let (kind, trace) = header(&bytes);
        Self { kind, trace, frame: framed(&bytes) }
    }

    pub(super) fn is_answered_by(&self, answer: &Answer) -> bool {
        (self.kind, self.trace) == (answer.kind, answer.trace)
    }
}

impl Answer {
    /// Of a telegram without its frame.
    pub(super) fn read(bytes: Bytes) -> Self {
        let (kind, trace) = header(&bytes);
        Self { kind: kind - 10, trace, bytes }
    }

    pub(super) fn code(&self) -> String {
        self.text("header.response_code")
    }

    pub(super) fn text(&self, field: &str) -> String {
        let layout = terminal_layout(&format!("{:04}", self.kind + 10));
        let decoded = layout.decode(&self.bytes);
        assert!(decoded.is_valid(), "not by its layout: {decoded:?}");
        decoded.text(field).expect("a field of the layout").into_owned()
    }
}

/// Telegram type and trace number.
fn header(bytes: &[u8]) -> (u16, u32) {
    let layout = terminal_layout("header");
    let number = |field| {
        let digits = &bytes[layout.field(field).unwrap().range()];
        str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u32>().ok()).expect("digits")
    };
    (u16::try_from(number("telegram_type")).expect("four digits"), number("trace_no"))
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.telegram.fmt(f)
    }
}

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04} {:06}", self.kind, self.trace)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04} {:06} {}", self.kind + 10, self.trace, self.code())
    }
}
