//! What terminals ask for: all of it but what needs the vault or the clock.

use codec::Text;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use payment::{
    Amounts, Bin, CancelAmounts, ClearCard, EntryMode, MerchantNo, Reason, Reference, TelegramKey,
    TerminalId, Totals, TraceNo, Won,
};

use super::envelope::Envelope;

/// A telegram that can be understood.
#[derive(Debug)]
pub enum FromTerminal {
    /// 0100: an approval is asked for.
    Approval(Box<Asked>),
    /// 0400: an approval is to be cancelled, wholly or in part.
    Cancel(Box<AskedCancel>),
    /// 0420: the terminal withdraws what it has no final answer to.
    NetCancel(Box<AskedNetCancel>),
    /// 0120: the terminal has an approval in hand.
    Acknowledgement(Box<AskedAcknowledgement>),
    /// 0300: what became of a payment.
    Inquiry(Box<AskedReference>),
    /// 0500: the totals of a day.
    Totals(Box<AskedTotals>),
    /// 0800: the terminal speaks to the switch itself.
    Network {
        /// What it wants.
        function: NetworkFunction,
        /// 64 bytes of its own, given back.
        data: Text<64>,
        /// Which terminal, of which merchant.
        from: (TerminalId, MerchantNo),
        /// Whom to answer.
        envelope: Envelope,
    },
}

impl FromTerminal {
    /// Whom to answer.
    pub fn envelope(&self) -> &Envelope {
        match self {
            Self::Approval(asked) => &asked.envelope,
            Self::Cancel(asked) => &asked.envelope,
            Self::NetCancel(asked) => &asked.reference.envelope,
            Self::Acknowledgement(asked) => &asked.reference.envelope,
            Self::Inquiry(asked) => &asked.envelope,
            Self::Totals(asked) => &asked.envelope,
            Self::Network { envelope, .. } => envelope,
        }
    }

    /// Which terminal, of which merchant.
    pub fn sender(&self) -> (TerminalId, MerchantNo) {
        match self {
            Self::Approval(asked) => (asked.key.terminal, asked.merchant),
            Self::Cancel(asked) => (asked.key.terminal, asked.merchant),
            Self::NetCancel(asked) => asked.reference.sender(),
            Self::Acknowledgement(asked) => asked.reference.sender(),
            Self::Inquiry(asked) => asked.sender(),
            Self::Totals(asked) => (asked.terminal, asked.merchant),
            Self::Network { from, .. } => *from,
        }
    }

    /// The terminal's clock, KST; `None` of an 0800, whose answer is how a terminal gets the time.
    pub fn sent_at(&self) -> Option<DateTime> {
        match self {
            Self::Approval(asked) => Some(asked.sent_at),
            Self::Cancel(asked) => Some(asked.sent_at),
            Self::NetCancel(asked) => Some(asked.reference.sent_at),
            Self::Acknowledgement(asked) => Some(asked.reference.sent_at),
            Self::Inquiry(asked) => Some(asked.sent_at),
            Self::Totals(asked) => Some(asked.sent_at),
            Self::Network { .. } => None,
        }
    }
}

/// Functions of 0800.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFunction {
    /// 001: the terminal begins its day (개시).
    Opening,
    /// 003: the terminal ends its day (폐점).
    Closing,
    /// 301: is anybody there.
    Echo,
}

impl NetworkFunction {
    /// The three digits on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Opening => "001",
            Self::Closing => "003",
            Self::Echo => "301",
        }
    }
}

/// What a terminal asks for in its 0100.
#[derive(Debug)]
pub struct Asked {
    /// Whom to answer.
    pub envelope: Envelope,
    /// What makes it the same telegram.
    pub key: TelegramKey,
    /// The terminal's clock, KST.
    pub sent_at: DateTime,
    /// 사업자등록번호.
    pub merchant: MerchantNo,
    /// How the card was read.
    pub entry_mode: EntryMode,
    /// The card.
    pub card: AskedCard,
    /// 할부개월.
    pub installment: u8,
    /// ISO 4217 number.
    pub currency: u16,
    /// 거래금액 and its components.
    pub amounts: Amounts,
    /// Given back unchanged; without trailing blanks.
    pub merchant_data: Vec<u8>,
}

/// The card of an 0100.
#[derive(Debug)]
pub enum AskedCard {
    /// Card number and expiry in the clear.
    Clear(ClearCard),
    /// Blocks that only a VAN or card company can read.
    Opaque {
        /// The leading digits.
        bin: Bin,
    },
}

/// What a terminal asks for in its 0400.
#[derive(Debug)]
pub struct AskedCancel {
    /// Whom to answer.
    pub envelope: Envelope,
    /// What makes it the same telegram.
    pub key: TelegramKey,
    /// The terminal's clock, KST.
    pub sent_at: DateTime,
    /// 사업자등록번호.
    pub merchant: MerchantNo,
    /// Key of the 0100 it cancels.
    pub original: TelegramKey,
    /// 원승인번호; `None` where it is blank.
    pub approval_no: Option<String>,
    /// The card in the clear; `None` where the terminal sent none, blocks being passed over: then no card is compared.
    pub card: Option<ClearCard>,
    /// 취소금액, more than zero, and its components as they came.
    pub amounts: CancelAmounts,
    /// 취소사유.
    pub reason: Reason,
    /// Given back unchanged; without trailing blanks.
    pub merchant_data: Vec<u8>,
}

/// What a telegram says that names an original and has no key of its own: all of an 0300.
#[derive(Debug)]
pub struct AskedReference {
    /// Whom to answer.
    pub envelope: Envelope,
    /// Key of the 0100 it speaks of.
    pub original: TelegramKey,
    /// 사업자등록번호.
    pub merchant: MerchantNo,
    /// 거래일련번호 of the telegram itself.
    pub trace_no: TraceNo,
    /// The terminal's clock, KST.
    pub sent_at: DateTime,
}

impl AskedReference {
    fn sender(&self) -> (TerminalId, MerchantNo) {
        (self.original.terminal, self.merchant)
    }

    /// As the payment knows it, read at `received_at`.
    pub fn received(&self, received_at: Timestamp) -> Reference {
        Reference {
            original: self.original,
            merchant: self.merchant,
            trace_no: self.trace_no,
            sent_at: self.sent_at,
            received_at,
        }
    }
}

/// What a terminal says in its 0420.
#[derive(Debug)]
pub struct AskedNetCancel {
    /// What it withdraws.
    pub reference: AskedReference,
    /// 거래금액 of the original, more than zero.
    pub total: Won,
    /// 원승인번호; `None` where it is blank.
    pub approval_no: Option<String>,
    /// 취소사유.
    pub reason: Reason,
}

/// What a terminal says in its 0120.
#[derive(Debug)]
pub struct AskedAcknowledgement {
    /// What it acknowledges.
    pub reference: AskedReference,
    /// 승인번호; `None` where it is blank.
    pub approval_no: Option<String>,
}

/// What a terminal says in its 0500.
#[derive(Debug)]
pub struct AskedTotals {
    /// Whom to answer.
    pub envelope: Envelope,
    /// Which terminal.
    pub terminal: TerminalId,
    /// 사업자등록번호.
    pub merchant: MerchantNo,
    /// The terminal's clock, KST.
    pub sent_at: DateTime,
    /// Which day (영업일자).
    pub business_date: Date,
    /// What the terminal counted.
    pub claimed: Totals,
}
