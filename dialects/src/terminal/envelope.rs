//! Whom an answer is for, and what of the telegram it gives back.

use std::fmt;

use codec::{Digits, Telegram, Text};
use jiff::civil::Date;
use payment::{Question, TerminalId};

use super::layout::{
    Header,
    question::{Acknowledgement0120, Network0800, Totals0500},
};
use crate::fields::text;

/// What the header says about whom to answer, and what of the body an answer gives back.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The telegram's type, four digits.
    pub telegram_type: Digits<4>,
    /// 단말기번호.
    pub terminal_id: Text<10>,
    /// 사업자등록번호; zeros where it cannot be read.
    pub merchant_no: Digits<10>,
    /// 거래일련번호.
    pub trace_no: Digits<6>,
    /// What a refusal gives back of the body.
    pub given_back: GivenBack,
}

/// What a refusal gives back of the telegram's body, as far as it can be read. Its Debug shows nothing of that: in a telegram that
/// slipped by some bytes it may be a part of a card number.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum GivenBack {
    /// Nothing: the answer's layout has none of the request's fields, or none that is needed.
    #[default]
    Nothing,
    /// Of an 0120, for its 0130.
    Original {
        /// 원거래 일련번호; zeros where it cannot be read.
        trace_no: Digits<6>,
        /// 원거래일자.
        date: Option<Date>,
        /// 승인번호.
        approval_no: Option<Text<12>>,
    },
    /// Of an 0500, for its 0510: the business date (영업일자).
    BusinessDate(Option<Date>),
    /// Of an 0800, for its 0810.
    Network {
        /// 업무구분; zeros where it cannot be read.
        function: Digits<3>,
        /// 64 bytes of the terminal's own.
        data: Text<64>,
    },
}

impl fmt::Debug for GivenBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Original { .. } => "Original",
            Self::BusinessDate(_) => "BusinessDate",
            Self::Network { .. } => "Network",
        })
    }
}

/// Bytes that are not answered: a header that no answer could be matched to, or one that says it is itself an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unreadable header: {why}")]
pub struct Unreadable {
    why: String,
}

impl Envelope {
    /// Type, terminal and trace number are what an answer is matched by; they must be readable, the rest may be wrong. What has the
    /// type of an answer gets none: two switches that face each other would answer each other for ever.
    pub(super) fn read(telegram: &[u8]) -> Result<Self, Unreadable> {
        if telegram.len() < Header::LENGTH {
            return Err(Unreadable {
                why: format!("expected at least {} bytes, found {}", Header::LENGTH, telegram.len()),
            });
        }
        let unreadable = |name: &str| Unreadable { why: format!("{name} is not as the layout says") };
        let part = |name: &str| part::<Header>(telegram, name);
        let telegram_type =
            part("telegram_type").and_then(exact).ok_or_else(|| unreadable("telegram_type"))?;
        if is_answer(telegram_type) {
            return Err(Unreadable {
                why: format!("telegram_type {} is an answer's", telegram_type.as_str()),
            });
        }
        Ok(Self {
            telegram_type,
            terminal_id: part("terminal_id")
                .and_then(|id| TerminalId::new(id.trim_end_matches(' ')).ok())
                .and_then(|id| Text::new(id.as_str()).ok())
                .ok_or_else(|| unreadable("terminal_id"))?,
            merchant_no: part("merchant_no").and_then(exact).unwrap_or_else(zeros),
            trace_no: part("trace_no").and_then(exact).ok_or_else(|| unreadable("trace_no"))?,
            given_back: GivenBack::read(telegram_type.as_str(), telegram),
        })
    }

    /// Of a question that was understood.
    pub(super) fn of(question: &Question) -> Self {
        Self {
            telegram_type: Digits::new(question.telegram_type()).expect("four digits"),
            terminal_id: text(question.original().terminal.as_str()),
            merchant_no: Digits::new(question.merchant().as_str()).expect("ten digits"),
            trace_no: Digits::zero_padded(question.trace_no().get().into()).expect("six digits"),
            given_back: GivenBack::Nothing,
        }
    }
}

impl GivenBack {
    fn read(telegram_type: &str, telegram: &[u8]) -> Self {
        match telegram_type {
            "0120" => {
                let part = |name: &str| part::<Acknowledgement0120>(telegram, name);
                Self::Original {
                    trace_no: part("original_trace_no").and_then(exact).unwrap_or_else(zeros),
                    date: part("original_date").and_then(date),
                    approval_no: part("approval_no")
                        .map(str::trim_ascii_end)
                        .filter(|number| !number.is_empty())
                        .and_then(|number| Text::new(number).ok()),
                }
            }
            "0500" => Self::BusinessDate(part::<Totals0500>(telegram, "business_date").and_then(date)),
            "0800" => {
                let part = |name: &str| part::<Network0800>(telegram, name);
                Self::Network {
                    function: part("function").and_then(exact).unwrap_or_else(zeros),
                    data: part("data")
                        .and_then(|data| Text::new(data.trim_ascii_end()).ok())
                        .unwrap_or_default(),
                }
            }
            _ => Self::Nothing,
        }
    }
}

/// The type of an answer has an odd digit in its third place.
fn is_answer(telegram_type: Digits<4>) -> bool {
    telegram_type.as_str().as_bytes()[2] & 1 == 1
}

/// The bytes of one field, whatever stands elsewhere in the telegram.
fn part<'a, T: Telegram>(telegram: &'a [u8], name: &str) -> Option<&'a str> {
    let field = T::LAYOUT.field(name).expect("a field of the layout");
    str::from_utf8(telegram.get(field.at..field.at + field.len)?).ok()
}

fn exact<const N: usize>(text: &str) -> Option<Digits<N>> {
    Digits::new(text).ok().filter(|digits| digits.len() == N)
}

fn date(text: &str) -> Option<Date> {
    let digits: Digits<8> = exact(text)?;
    Date::strptime("%Y%m%d", digits.as_str()).ok()
}

fn zeros<const N: usize>() -> Digits<N> {
    Digits::zero_padded(0).expect("zero fits")
}
