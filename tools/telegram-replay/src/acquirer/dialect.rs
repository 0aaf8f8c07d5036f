//! What a simulated acquirer needs to know of its layouts: a table, no code.

use codec::frame::FrameFormat;

use super::truth::Event;
use super::{card450, kicc, kovan, kspay};

/// One acquirer's language. Everything about offsets and lengths comes from the spec files it names.
#[derive(Debug)]
pub struct Dialect {
    /// Its name on the command line and in configuration.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The frame around its telegrams.
    pub frame: FrameFormat,
    /// What becomes of a socket after an answer.
    pub sockets: Sockets,
    /// What can be asked of it.
    pub operations: &'static [Operation],
}

/// What becomes of a socket after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sockets {
    /// It stays open for the next request.
    Kept,
    /// It is closed: one socket per request.
    ClosedAfterAnswer,
}

/// One kind of request and its reply.
#[derive(Debug)]
pub struct Operation {
    /// What it asks for.
    pub deed: Deed,
    /// The request's layout.
    pub request: &'static str,
    /// Fields and texts that tell this request from others of the same layout.
    pub told_by: &'static [(&'static str, &'static str)],
    /// The field with the asker's serial; the reply has one of the same name.
    pub serial: &'static str,
    /// The fields of the request that add up to the amount. All blank, it is the whole of what a cancel names; none, it is about
    /// no amount.
    pub amount: &'static [&'static str],
    /// The field of the reply with the amount, where it has one.
    pub reply_amount: Option<&'static str>,
    /// How it names the approval it is about. Not for an approval itself.
    pub original: Option<Original>,
    /// The reply's layout.
    pub reply: &'static str,
    /// What the reply's fields hold. One that is not listed repeats the request's field of the same name and length,
    /// or else is empty.
    pub fills: &'static [(&'static str, Fill)],
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// 승인
    Approval,
    /// 취소
    Cancel,
    /// 망취소
    NetCancel,
    /// A cancel that is also the net-cancel, because the language has one telegram for both.
    EitherCancel,
    /// 회선 점검: nothing but an answer.
    Echo,
    /// 개시: what opens a connection.
    SignOn,
}

impl Deed {
    /// How many there are.
    pub(super) const COUNT: usize = 6;

    /// What becomes of it, if it is about the connection and no payment.
    pub(super) fn of_line(self, is_refused: bool) -> Option<Event> {
        match self {
            Self::Echo => Some(Event::Echoed),
            Self::SignOn if is_refused => Some(Event::SignOnRefused),
            Self::SignOn => Some(Event::SignedOn),
            Self::Approval | Self::Cancel | Self::NetCancel | Self::EitherCancel => None,
        }
    }

    /// Whether a rule for `rule` speaks of this request.
    pub(super) fn is_covered_by(self, rule: Self) -> bool {
        self == rule || (self == Self::EitherCancel && matches!(rule, Self::Cancel | Self::NetCancel))
    }
}

/// How a cancel names what it cancels.
#[derive(Debug, Clone, Copy)]
pub enum Original {
    /// By the asker's serial of the approval request, in this field.
    Serial(&'static str),
    /// By the approval number, in this field.
    ApprovalNo(&'static str),
    /// By the acquirer's own number of the transaction, in this field; the approval number is another one and finds nothing here.
    TransactionNo(&'static str),
}

/// What a field of a reply holds.
#[derive(Debug, Clone, Copy)]
pub enum Fill {
    /// Always this text.
    Text(&'static str),
    /// The result code: this text when all is well.
    Code(&'static str),
    /// The card company's result: this text when all is well there, blank when the VAN refused before asking it.
    IssuerCode(&'static str),
    /// The VAN's own result: this text when all is well there.
    VanCode(&'static str),
    /// A word for how it went.
    Status {
        /// When all is well.
        well: &'static str,
        /// When all is well, but the VAN stood in for the card company.
        stood_in: &'static str,
        /// When it is refused.
        refused: &'static str,
    },
    /// The approval number; blank when there is none.
    ApprovalNo,
    /// The acquirer's own number of the transaction, which is never the approval number; blank when there is none.
    TransactionNo,
    /// The approval number when all is well, else the result code.
    ApprovalNoOrCode,
    /// The amount that was asked for, in won.
    Amount,
    /// When it was done; blank when it was not.
    DoneAt,
}

impl Dialect {
    /// Every dialect there is.
    pub const ALL: [&'static Self; 4] = [&kovan::KOVAN, &kspay::KSPAY, &kicc::KICC, &card450::CARD450];

    /// The dialect of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name == name)
    }
}
