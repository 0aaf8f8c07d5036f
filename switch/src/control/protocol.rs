//! What is asked of the running switch, and what it answers.

use std::path::PathBuf;

use payment::{CancelFinding, Finding};
use serde::{Deserialize, Serialize};

/// The longest command, in bytes.
pub(super) const LONGEST_COMMAND: usize = 16 * 1024;
/// The longest answer, in bytes: a list of [`MOST_ROWS`] fits in.
pub(super) const LONGEST_ANSWER: usize = 16 * 1024 * 1024;
/// Rows of a list at most.
pub(super) const MOST_ROWS: u32 = 10_000;

/// What is listed or operated on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Net-cancels (망취소) of attempts.
    NetCancels,
    /// Cancels (취소) that terminals asked for.
    Cancels,
}

/// Which of them are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    /// Those in the manual queue.
    Stuck,
    /// Those, and what is owed and tried by itself.
    Unsettled,
}

/// One command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Tells what waits.
    List {
        /// Of what.
        what: What,
        /// Which of them.
        only: Only,
        /// How many at most.
        limit: u32,
    },
    /// Takes a step on one.
    Operate {
        /// The payment's id; in JSON as text, for it has more digits than many readers of JSON numbers keep.
        #[serde(with = "super::numeral")]
        payment: i64,
        /// Number of the attempt or the cancel, from 0; where none is told, the only one that waits.
        number: Option<u8>,
        /// What to do.
        step: Step,
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// Reads the configuration again.
    Reload {
        /// The file whoever asks means: it must be the one the switch was started with.
        config: PathBuf,
    },
}

/// A step on a net-cancel or a cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Try the net-cancel again now.
    RetryNetCancel,
    /// The net-cancel is settled so.
    ResolveNetCancel(Finding),
    /// Try the cancel again now.
    RetryCancel,
    /// The cancel is settled so.
    ResolveCancel(CancelFinding),
}

impl Step {
    /// Of what it is a step.
    pub fn what(self) -> What {
        match self {
            Self::RetryNetCancel | Self::ResolveNetCancel(_) => What::NetCancels,
            Self::RetryCancel | Self::ResolveCancel(_) => What::Cancels,
        }
    }
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// What waits, oldest first.
    Listed {
        /// One each.
        rows: Vec<Row>,
        /// Whether there are more.
        more: bool,
    },
    /// It is done, and durable.
    Done {
        /// What changed, for people.
        changes: Vec<String>,
    },
    /// The switch was told and has not said yet what became of it: it may still be done.
    Unknown,
    /// It is not done; nothing changed.
    Refused {
        /// Why.
        why: String,
    },
}

/// A net-cancel or a cancel that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The payment's id; in JSON as text, for it has more digits than many readers of JSON numbers keep.
    #[serde(with = "super::numeral")]
    pub payment: i64,
    /// Number of the attempt or the cancel, from 0.
    pub number: u8,
    /// Where it stands.
    pub state: State,
    /// Which acquirer has to settle it.
    pub acquirer: String,
    /// Our serial there.
    pub serial: String,
    /// 단말기번호 of the payment.
    pub terminal: String,
    /// 사업자등록번호.
    pub merchant: String,
    /// 영업일자 of the telegram that asked for it.
    pub business_date: String,
    /// 거래일련번호 of that telegram.
    pub trace_no: String,
    /// Won to be undone.
    pub amount: u64,
    /// Since when it is owed or unconfirmed, UTC.
    pub since: Option<String>,
    /// When it is tried next, UTC.
    pub next_try: Option<String>,
    /// Tries that were sent.
    pub tries: Option<u32>,
    /// Why it is owed, or why a person is needed.
    pub why: String,
    /// Number of the approval to be undone, where one was seen.
    pub approval_no: Option<String>,
}

/// Where a net-cancel or a cancel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is tried by itself.
    Owed,
    /// A try is to go out, after those of others at its acquirer.
    Waiting,
    /// A try is out.
    Trying,
    /// A person has to settle it.
    Stuck,
}

impl State {
    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owed => "owed",
            Self::Waiting => "waiting",
            Self::Trying => "trying",
            Self::Stuck => "stuck",
        }
    }
}
