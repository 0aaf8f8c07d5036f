//! What names things: terminals, merchants, telegrams, payments, serials, acquirers.

use std::{fmt, sync::Arc};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Why a text is not the identity it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct IdentityError {
    expected: &'static str,
}

/// CAT ID / TID of a terminal (단말기번호): 1 to 10 printable ASCII characters without blanks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TerminalId([u8; 10]);

impl TerminalId {
    /// Reads a terminal id; trailing blanks are the caller's to cut.
    pub fn new(text: &str) -> Result<Self, IdentityError> {
        let bytes = text.as_bytes();
        if bytes.is_empty() || bytes.len() > 10 || !bytes.iter().all(u8::is_ascii_graphic) {
            return Err(IdentityError { expected: "1 to 10 printable ASCII characters" });
        }
        let mut id = [b' '; 10];
        id[..bytes.len()].copy_from_slice(bytes);
        Ok(Self(id))
    }

    /// The id without padding.
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == b' ').unwrap_or(10);
        str::from_utf8(&self.0[..length]).expect("checked to be ASCII when made")
    }
}

/// 사업자등록번호 of a merchant: exactly 10 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MerchantNo([u8; 10]);

impl MerchantNo {
    /// Reads a merchant number.
    pub fn new(text: &str) -> Result<Self, IdentityError> {
        let digits: Option<[u8; 10]> = text.as_bytes().try_into().ok();
        digits
            .filter(|digits| digits.iter().all(u8::is_ascii_digit))
            .map(Self)
            .ok_or(IdentityError { expected: "10 digits" })
    }

    /// The ten digits.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("checked to be digits when made")
    }
}

macro_rules! text_identity {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdentityError;
            fn try_from(text: String) -> Result<Self, IdentityError> {
                Self::new(&text)
            }
        }
        impl From<$name> for String {
            fn from(identity: $name) -> Self {
                identity.as_str().to_owned()
            }
        }
    )*};
}
text_identity!(TerminalId, MerchantNo, AcquirerName);

/// Name of an acquirer's section in the configuration ("kovan"): 1 to 10 of `a-z 0-9 - _`, as the terminal is told it. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AcquirerName(Arc<str>);

impl AcquirerName {
    /// Reads a name.
    pub fn new(text: &str) -> Result<Self, IdentityError> {
        let legal =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        if text.is_empty() || text.len() > 10 || !text.bytes().all(legal) {
            return Err(IdentityError { expected: "1 to 10 of a-z, 0-9, - and _" });
        }
        Ok(Self(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 거래일련번호: 000000 to 999999, unique per terminal and business date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct TraceNo(u32);

impl TraceNo {
    /// A trace number of at most six digits.
    pub fn new(number: u32) -> Result<Self, IdentityError> {
        if number > 999_999 { Err(IdentityError { expected: "at most 6 digits" }) } else { Ok(Self(number)) }
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for TraceNo {
    type Error = IdentityError;
    fn try_from(number: u32) -> Result<Self, IdentityError> {
        Self::new(number)
    }
}

impl From<TraceNo> for u32 {
    fn from(trace_no: TraceNo) -> Self {
        trace_no.0
    }
}

impl fmt::Display for TraceNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// The kinds of telegram that claim a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TelegramKind {
    /// 0100, 승인 요청.
    Approval,
    /// 0400, 취소 요청.
    Cancel,
}

impl TelegramKind {
    /// The telegram type on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Approval => "0100",
            Self::Cancel => "0400",
        }
    }
}

/// What makes a telegram of a terminal the same telegram: terminal, business date (the date of `sent_at`),
/// trace number and type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TelegramKey {
    /// Which terminal.
    pub terminal: TerminalId,
    /// 영업일자, the date of the telegram's `sent_at`.
    pub business_date: Date,
    /// 거래일련번호.
    pub trace_no: TraceNo,
    /// Which telegram.
    pub kind: TelegramKind,
}

impl fmt::Display for TelegramKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.terminal, self.business_date, self.trace_no, self.kind.code())
    }
}

/// The part of every serial and payment id that says which switch instance made it: 0 to 91.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct InstanceNo(u8);

impl InstanceNo {
    /// The greatest instance number, so that ids stay within a signed 64-bit column.
    pub const MAX: u8 = 91;

    /// An instance number.
    pub fn new(number: u8) -> Result<Self, IdentityError> {
        if number > Self::MAX { Err(IdentityError { expected: "0 to 91" }) } else { Ok(Self(number)) }
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for InstanceNo {
    type Error = IdentityError;
    fn try_from(number: u8) -> Result<Self, IdentityError> {
        Self::new(number)
    }
}

impl From<InstanceNo> for u8 {
    fn from(instance: InstanceNo) -> Self {
        instance.0
    }
}

/// Our serial of one attempt at an acquirer (전문추적번호): 12 digits, 2 of the instance and 10 counted up from
/// durably reserved blocks. Never used again. The serial after an attempt's own is that of its net-cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Serial(u64);

impl Serial {
    /// How many serials one instance has.
    pub const PER_INSTANCE: u64 = 10_000_000_000;

    /// The serial of `count` at `instance`; `None` when the ten digits are used up, its net-cancel's included.
    pub fn new(instance: InstanceNo, count: u64) -> Option<Self> {
        (count < Self::PER_INSTANCE - 1).then(|| Self(u64::from(instance.0) * Self::PER_INSTANCE + count))
    }

    /// A serial as it stands in a telegram or a column.
    pub fn from_number(number: u64) -> Option<Self> {
        (number < u64::from(InstanceNo::MAX + 1) * Self::PER_INSTANCE).then_some(Self(number))
    }

    /// The 12 digits as a number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The serial of this attempt's net-cancel.
    #[must_use]
    pub fn of_net_cancel(self) -> Self {
        Self(self.0 + 1)
    }
}

impl TryFrom<u64> for Serial {
    type Error = IdentityError;
    fn try_from(number: u64) -> Result<Self, IdentityError> {
        Self::from_number(number)
            .ok_or(IdentityError { expected: "12 digits, the first two of them an instance of 00 to 91" })
    }
}

impl From<Serial> for u64 {
    fn from(serial: Serial) -> Self {
        serial.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

/// Identity of a stored payment: business date (8 digits), instance (2 digits) and count (9 digits), so that it
/// sorts by day and says which day's table to look in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentId(i64);

impl PaymentId {
    /// The id of the payment whose first serial is `serial`.
    pub fn new(business_date: Date, serial: Serial) -> Self {
        let date = i64::from(business_date.year()) * 10_000
            + i64::from(business_date.month()) * 100
            + i64::from(business_date.day());
        let instance = serial.0 / Serial::PER_INSTANCE;
        let count = serial.0 % 1_000_000_000;
        let rest = i64::try_from(instance * 1_000_000_000 + count).expect("at most 11 digits");
        Self(date * 100_000_000_000 + rest)
    }

    /// An id as it stands in a column.
    pub fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PaymentId({})", self.0)
    }
}
