//! What every acquirer's language can do.

use std::{collections::BTreeMap, fmt, time::Duration};

use acquirer_links::{Key, LinkProfile};
use bytes::Bytes;
use jiff::civil::DateTime;
use payment::{
    Answer, CancelAnswer, CancelOrder, CancelVerdict, ClearCard, HostCodes, NetCancelAnswer, NetCancelOrder,
    NetCancelVerdict, PartialCancel, Request, RequestOrder, Serial, Verdict,
};

use crate::{Component, card450::Card450, kicc::Kicc, kovan::Kovan, kspay::Kspay};

/// The language of one acquirer, with the acquirer's parameters.
pub struct Dialect {
    name: &'static str,
    speaks: Box<dyn Speaks>,
}

/// What an acquirer's file has to give.
pub(crate) trait Speaks: Send + Sync {
    /// By which of its parameters the acquirer knows us: under others it knows nothing of what went before.
    fn identity(&self) -> Vec<&str> {
        Vec::new()
    }
    /// How its sockets work.
    fn profile(&self) -> LinkProfile;
    /// What an operator should know of its parameters.
    fn warning(&self) -> Option<&'static str> {
        None
    }
    /// How long the acquirer may take for an answer, where that is known.
    fn slowest_answer(&self) -> Option<SlowestAnswer> {
        None
    }
    /// What a merchant's row must hold.
    fn check_merchant(&self, row: &BTreeMap<String, String>) -> Result<(), String>;
    /// Whether the payment can be expressed in its layouts.
    fn can_carry(&self, request: &Request) -> Result<(), CannotExpress>;
    /// Whether it cancels in part.
    fn partial_cancel(&self) -> PartialCancel;
    /// Where a net-cancel names its original by a day: how far the acquirer's clock may be from ours.
    fn day_skew(&self) -> Option<Duration> {
        None
    }
    /// The approval request.
    fn request(
        &self,
        order: &RequestOrder,
        card: &ClearCard,
        now: DateTime,
    ) -> Result<Written, CannotExpress>;
    /// The net-cancel.
    fn net_cancel(
        &self,
        order: &NetCancelOrder,
        card: Option<&ClearCard>,
        now: DateTime,
    ) -> Result<Written, CannotExpress>;
    /// The cancel.
    fn cancel(
        &self,
        order: &CancelOrder,
        card: Option<&ClearCard>,
        now: DateTime,
    ) -> Result<Written, CannotExpress>;
    /// Whether its cancels and net-cancels never carry the card. Where they do, one without a card that is kept might find no original
    /// although there is one.
    fn undoes_without_card(&self) -> bool {
        false
    }
    /// Why a telegram is no answer of its layout, if it is none.
    fn fault(&self, telegram: &[u8]) -> Option<codec::Error>;
    /// The answer to an approval request; one that cannot be read is in doubt.
    fn answer(&self, telegram: &[u8]) -> Answer;
    /// The answer to a net-cancel; one that cannot be read settles nothing.
    fn net_cancel_answer(&self, telegram: &[u8]) -> NetCancelAnswer;
    /// The answer to a cancel; one that cannot be read is in doubt.
    fn cancel_answer(&self, telegram: &[u8]) -> CancelAnswer;
}

/// What an answer replies to; the kind in every [`Key`] of every dialect, so that no late approval is taken for the answer to its
/// net-cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// An approval request.
    Request,
    /// A net-cancel, where its answer differs from a cancel's.
    NetCancel,
    /// A cancel; also a net-cancel, where the acquirer answers both alike. Their serials are never the same, so what the switch
    /// sent under the serial says which of them is answered.
    Cancel,
}

impl ReplyKind {
    /// The key of the answer with this serial.
    pub fn key(self, serial: Serial) -> Key {
        let kind = match self {
            Self::Request => 1,
            Self::NetCancel => 2,
            Self::Cancel => 3,
        };
        Key { kind, serial: serial.get() }
    }

    /// The key of the answer that names what it replies to by these digits; none but the twelve we write are ours.
    pub(crate) fn key_of(self, serial: &str) -> Option<Key> {
        let is_ours = serial.len() == 12 && serial.bytes().all(|byte| byte.is_ascii_digit());
        let number = serial.parse().ok().filter(|_| is_ours)?;
        Some(self.key(Serial::from_number(number)?))
    }

    /// What a key says: the kind and the serial the answer names.
    pub fn of(key: Key) -> Option<(Self, Serial)> {
        let kind = match key.kind {
            1 => Self::Request,
            2 => Self::NetCancel,
            3 => Self::Cancel,
            _ => return None,
        };
        Some((kind, Serial::from_number(key.serial)?))
    }
}

/// How long an acquirer may take for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlowestAnswer {
    /// We tell it with every request.
    Told(Duration),
    /// Its description says so.
    Published(Duration),
}

/// A telegram ready to send. Its Debug shows the length and the key only: the card number is in the telegram.
#[derive(Clone)]
pub struct Written {
    /// Its bytes, without frame.
    pub telegram: Bytes,
    /// The key its answer will have.
    pub key: Key,
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Written({} bytes, {:?})", self.telegram.len(), self.key)
    }
}

/// A payment cannot be put into an acquirer's layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotExpress {
    /// A value does not fit its field.
    #[error(transparent)]
    Field(#[from] codec::Error),
    /// The layout has no room for the card's opaque block.
    #[error("the layout has no room for an opaque card block")]
    OpaqueCard,
    /// The request never came, only what withdrew it: there is nothing to write.
    #[error("the request never came")]
    Unseen,
    /// The approval has no number of the layout's form, by which a cancel names it.
    #[error("the approval number is not of the layout's form")]
    ApprovalNo,
    /// The amount has more digits than the layout.
    #[error("the amount has more digits than the layout")]
    AmountTooLarge,
    /// The amount has a component that the acquirer would not be told of.
    #[error("the layout has no field for {0}")]
    Component(Component),
    /// A value is not one the layout's field can hold.
    #[error("a value cannot be written: {0}")]
    Value(#[from] codec::ValueError),
    /// The card cannot be encrypted for the acquirer.
    #[error("the card cannot be encrypted")]
    Encryption,
}

/// Why there is no such dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDialect {
    /// No dialect of that name.
    #[error("expected {expected}")]
    Unknown {
        /// The names there are.
        expected: &'static str,
    },
    /// A parameter is missing, unknown or wrong.
    #[error("{key}: expected {expected}")]
    Param {
        /// Which one.
        key: String,
        /// What it should be.
        expected: String,
    },
}

impl Dialect {
    /// The dialect of that name with an acquirer's parameters.
    ///
    /// # Errors
    /// [`BadDialect`].
    pub fn new(name: &str, params: &BTreeMap<String, String>) -> Result<Self, BadDialect> {
        let (name, speaks): (_, Box<dyn Speaks>) = match name {
            "kovan" => ("kovan", Box::new(Kovan::new(params)?)),
            "kspay" => ("kspay", Box::new(Kspay::new(params)?)),
            "kicc" => ("kicc", Box::new(Kicc::new(params)?)),
            "card450" => ("card450", Box::new(Card450::new(params)?)),
            _ => return Err(BadDialect::Unknown { expected: "kovan | kspay | kicc | card450" }),
        };
        Ok(Self { name, speaks })
    }

    /// By which of its parameters the acquirer knows us. Who asks it under others is told that there is no such original.
    pub fn identity(&self) -> Vec<&str> {
        self.speaks.identity()
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How its sockets work.
    pub fn profile(&self) -> LinkProfile {
        self.speaks.profile()
    }

    /// What an operator should know of its parameters before it carries real payments.
    pub fn warning(&self) -> Option<&'static str> {
        self.speaks.warning()
    }

    /// How long the acquirer may take for an answer, where that is known: who waits no longer net-cancels approvals that are on their way.
    pub fn slowest_answer(&self) -> Option<SlowestAnswer> {
        self.speaks.slowest_answer()
    }

    /// Checks a merchant's identifiers at this acquirer.
    ///
    /// # Errors
    /// What was expected.
    pub fn check_merchant(&self, row: &BTreeMap<String, String>) -> Result<(), String> {
        self.speaks.check_merchant(row)
    }

    /// Whether a payment can be expressed in the acquirer's layouts; where not, the acquirer is no route for it.
    ///
    /// # Errors
    /// Why not.
    pub fn can_carry(&self, request: &Request) -> Result<(), CannotExpress> {
        self.speaks.can_carry(request)
    }

    /// Whether it cancels in part; every route to it carries that.
    pub fn partial_cancel(&self) -> PartialCancel {
        self.speaks.partial_cancel()
    }

    /// Where its net-cancels name their original by a day, so that one booked on the other side of midnight is not found: how far the
    /// acquirer's clock may be from ours. Every route to it carries that.
    pub fn day_skew(&self) -> Option<Duration> {
        self.speaks.day_skew()
    }

    /// Writes an approval request at `now` (KST).
    ///
    /// # Errors
    /// Why it cannot be expressed: nothing is sent then.
    pub fn request(
        &self,
        order: &RequestOrder,
        card: &ClearCard,
        now: DateTime,
    ) -> Result<Written, CannotExpress> {
        self.speaks.request(order, card, now)
    }

    /// Writes a net-cancel at `now` (KST). Its identity follows from the order alone.
    ///
    /// # Errors
    /// Why it cannot be expressed: nothing is sent then.
    pub fn net_cancel(
        &self,
        order: &NetCancelOrder,
        card: Option<&ClearCard>,
        now: DateTime,
    ) -> Result<Written, CannotExpress> {
        self.speaks.net_cancel(order, card, now)
    }

    /// Writes a cancel, full or partial, at `now` (KST). Its identity follows from the order alone.
    ///
    /// # Errors
    /// Why it cannot be expressed: nothing is sent then.
    pub fn cancel(
        &self,
        order: &CancelOrder,
        card: Option<&ClearCard>,
        now: DateTime,
    ) -> Result<Written, CannotExpress> {
        self.speaks.cancel(order, card, now)
    }

    /// Whether cancels and net-cancels never carry the card, so that one that cannot be opened holds none of them back.
    pub fn undoes_without_card(&self) -> bool {
        self.speaks.undoes_without_card()
    }

    /// Whether a telegram names a request of ours by its key. What does not is never believed, whatever socket it came on.
    pub fn is_ours(&self, telegram: &[u8]) -> bool {
        (self.speaks.profile().key_of)(telegram).is_some()
    }

    /// Explains a telegram that cannot be read: layout, field and rule, without card data. `None` where it can be.
    pub fn fault(&self, telegram: &[u8]) -> Option<codec::Error> {
        self.speaks.fault(telegram)
    }

    /// Reads the answer to an approval request. One that names no request of ours is in doubt.
    pub fn answer(&self, telegram: &[u8]) -> Answer {
        if self.is_ours(telegram) {
            self.speaks.answer(telegram)
        } else {
            Answer { amount: None, codes: HostCodes::default(), verdict: Verdict::InDoubt }
        }
    }

    /// Reads the answer to a net-cancel. One that names no request of ours settles nothing.
    pub fn net_cancel_answer(&self, telegram: &[u8]) -> NetCancelAnswer {
        if self.is_ours(telegram) {
            self.speaks.net_cancel_answer(telegram)
        } else {
            NetCancelAnswer { codes: HostCodes::default(), verdict: NetCancelVerdict::TryAgain }
        }
    }

    /// Reads the answer to a cancel. One that names no request of ours is in doubt.
    pub fn cancel_answer(&self, telegram: &[u8]) -> CancelAnswer {
        if self.is_ours(telegram) {
            self.speaks.cancel_answer(telegram)
        } else {
            CancelAnswer { amount: None, codes: HostCodes::default(), verdict: CancelVerdict::InDoubt }
        }
    }
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialect({})", self.name)
    }
}
