//! What an acquirer really did: the other side of every doubt.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::Write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::dialect::Deed;

/// One thing an acquirer did or was asked in vain. Never card data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
    /// The asker's serial of this request.
    pub serial: String,
    /// The serial of the approval a cancel is about, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub original: Option<String>,
    /// The amount asked for, in won.
    pub amount: u64,
    /// The approval number, given or named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approval_no: Option<String>,
    /// Which field of an unreadable request breaks which rule.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finding: Option<String>,
}

/// What an entry of the truth says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// An approval was given.
    Approved,
    /// An approval was refused.
    Declined,
    /// An approval was asked for again under the same serial, and refused.
    Repeated,
    /// An approval was cancelled, wholly or in part.
    Cancelled,
    /// An approval was net-cancelled.
    NetCancelled,
    /// A cancel found nothing left to cancel, or was done before under the same serial.
    AlreadyCancelled,
    /// A cancel found no approval.
    NoSuchOriginal,
    /// A cancel's amount is not what is left.
    AmountDiffers,
    /// A cancel was refused as the script says.
    CancelRefused,
    /// A request was ignored as the amount or the script says.
    Ignored,
    /// An echo was answered, with whatever code.
    Echoed,
    /// A connection was opened.
    SignedOn,
    /// A connection was refused its opening as the script says.
    SignOnRefused,
    /// A request was no telegram of the dialect.
    Unreadable,
}

/// Cancels of one approval, at most; a further one is refused as if its amount were wrong.
const MAX_CANCELS: usize = 1000;

/// The approvals an acquirer gave, and the log of what it did.
pub(super) struct Book {
    approvals: HashMap<String, Given>,
    serial_by_number: HashMap<String, String>,
    /// Serials of cancels that were done.
    cancels: HashSet<String>,
    oldest_first: VecDeque<String>,
    log: VecDeque<Truth>,
    remember: usize,
    next_number: u64,
    sink: Option<Box<dyn Write + Send>>,
}

struct Given {
    amount: u64,
    left: u64,
    number: String,
    /// Serials of the cancels that were done on it.
    cancels: Vec<String>,
}

/// What became of a cancel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Settled {
    Accepted { approval_no: String },
    Already { approval_no: String },
    Unknown,
    AmountDiffers { approval_no: String },
}

/// What a cancel is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named<'a> {
    Serial(&'a str),
    ApprovalNo(&'a str),
}

impl Book {
    pub(super) fn new(remember: usize, sink: Option<Box<dyn Write + Send>>) -> Self {
        Self {
            approvals: HashMap::new(),
            serial_by_number: HashMap::new(),
            cancels: HashSet::new(),
            oldest_first: VecDeque::new(),
            log: VecDeque::new(),
            remember: remember.max(1),
            next_number: 30_000_001,
            sink,
        }
    }

    /// The next approval number, 8 digits.
    pub(super) fn number(&mut self) -> String {
        let number = self.next_number;
        self.next_number = if number == 99_999_999 { 30_000_001 } else { number + 1 };
        number.to_string()
    }

    pub(super) fn knows(&self, serial: &str) -> bool {
        self.approvals.contains_key(serial)
    }

    pub(super) fn approve(&mut self, serial: &str, amount: u64, number: String) {
        if self.oldest_first.len() == self.remember
            && let Some(oldest) = self.oldest_first.pop_front()
            && let Some(given) = self.approvals.remove(&oldest)
        {
            self.serial_by_number.remove(&given.number);
            for cancel in given.cancels {
                self.cancels.remove(&cancel);
            }
        }
        self.oldest_first.push_back(serial.to_owned());
        self.serial_by_number.insert(number.clone(), serial.to_owned());
        self.record(Event::Approved, serial, None, amount, Some(number.clone()));
        self.approvals.insert(serial.to_owned(), Given { amount, left: amount, number, cancels: Vec::new() });
    }

    /// Cancels what is left of an approval, or for a plain cancel the part that the amount names. The serial of a
    /// cancel is its identity: what was done under it is not done again.
    pub(super) fn cancel(&mut self, deed: Deed, serial: &str, named: Named<'_>, amount: u64) -> Settled {
        let original = self.serial_of(named).unwrap_or_default().to_owned();
        let Some(given) = self.approvals.get_mut(&original) else {
            self.record(Event::NoSuchOriginal, serial, Some(original), amount, None);
            return Settled::Unknown;
        };
        let approval_no = given.number.clone();
        let whole = amount == given.amount;
        let room = given.cancels.len() < MAX_CANCELS;
        let in_part = deed != Deed::NetCancel && amount > 0 && amount <= given.left && room;
        // A net-cancel has no serial of its own where it names its original by the original's.
        let repeated = deed != Deed::NetCancel && self.cancels.contains(serial);
        let (event, settled) = if repeated || given.left == 0 {
            (Event::AlreadyCancelled, Settled::Already { approval_no })
        } else if in_part || (whole && deed == Deed::NetCancel) {
            given.left = if whole { 0 } else { given.left - amount };
            if deed != Deed::NetCancel {
                given.cancels.push(serial.to_owned());
                self.cancels.insert(serial.to_owned());
            }
            let event = if deed == Deed::NetCancel { Event::NetCancelled } else { Event::Cancelled };
            (event, Settled::Accepted { approval_no })
        } else {
            (Event::AmountDiffers, Settled::AmountDiffers { approval_no })
        };
        let number = self.approvals[&original].number.clone();
        self.record(event, serial, Some(original), amount, Some(number));
        settled
    }

    /// The amount of an approval, whatever is left of it.
    pub(super) fn amount_of(&self, named: Named<'_>) -> Option<u64> {
        self.approvals.get(self.serial_of(named)?).map(|given| given.amount)
    }

    fn serial_of<'a>(&'a self, named: Named<'a>) -> Option<&'a str> {
        match named {
            Named::Serial(serial) => Some(serial),
            Named::ApprovalNo(number) => self.serial_by_number.get(number).map(String::as_str),
        }
    }

    /// An entry without an effect on the approvals.
    pub(super) fn note(&mut self, event: Event, serial: &str, amount: u64) {
        self.record(event, serial, None, amount, None);
    }

    pub(super) fn unreadable(&mut self, finding: String) {
        let at = Timestamp::now();
        let finding = Some(finding);
        let (serial, original, approval_no) = (String::new(), None, None);
        self.push(Truth { at, event: Event::Unreadable, serial, original, amount: 0, approval_no, finding });
    }

    fn record(
        &mut self,
        event: Event,
        serial: &str,
        original: Option<String>,
        amount: u64,
        approval_no: Option<String>,
    ) {
        let at = Timestamp::now();
        self.push(Truth {
            at,
            event,
            serial: serial.to_owned(),
            original,
            amount,
            approval_no,
            finding: None,
        });
    }

    fn push(&mut self, truth: Truth) {
        if let Some(sink) = &mut self.sink
            && let Err(error) = serde_json::to_writer(&mut *sink, &truth)
                .map_err(std::io::Error::from)
                .and_then(|()| sink.write_all(b"\n"))
        {
            tracing::error!(%error, "the truth cannot be written");
        }
        if self.log.len() == self.remember {
            self.log.pop_front();
        }
        self.log.push_back(truth);
    }

    /// Hands what was recorded to the file, before any answer about it leaves.
    pub(super) fn flush(&mut self) {
        if let Some(sink) = &mut self.sink
            && let Err(error) = sink.flush()
        {
            tracing::error!(%error, "the truth cannot be written");
        }
    }

    pub(super) fn log(&self) -> Vec<Truth> {
        self.log.iter().cloned().collect()
    }

    /// Serial and sum cancelled of every approval of which something was cancelled.
    pub(super) fn cancelled(&self) -> Vec<(String, u64)> {
        let cancelled = self.oldest_first.iter().filter_map(|serial| {
            self.approvals
                .get(serial)
                .filter(|given| given.left < given.amount)
                .map(|given| (serial.clone(), given.amount - given.left))
        });
        cancelled.collect()
    }

    /// Serial and amount left of every approval that is not wholly cancelled.
    pub(super) fn live(&self) -> Vec<(String, u64)> {
        let live = self.oldest_first.iter().filter_map(|serial| {
            self.approvals
                .get(serial)
                .filter(|given| given.left > 0)
                .map(|given| (serial.clone(), given.left))
        });
        live.collect()
    }
}
