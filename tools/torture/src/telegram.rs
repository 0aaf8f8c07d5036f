//! The telegrams of one terminal, built and read by their layout files.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, LazyLock},
};

use bytes::{Bytes, BytesMut};
use codec::frame::{FrameFormat, Framing};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
    tz::Offset,
};
use telegram_replay::{
    capture::{Assignment, Value},
    layout::{Layout, Layouts, Reading},
};

/// Frames of persistent sockets.
pub const ASCII4: FrameFormat = FrameFormat::new(Framing::Ascii4, 1, 9999);
/// Frames of sockets with handshake.
pub const STX_LRC: FrameFormat = FrameFormat::new(Framing::StxLrc, 1, 9999);

/// 사업자등록번호 of the one merchant.
pub const MERCHANT: &str = "1208800001";

/// Number of the first terminal; the others follow.
const FIRST_TERMINAL: u64 = 1_000_000_001;

/// Read once: there are hundreds of thousands of telegrams.
static LAYOUTS: LazyLock<Layouts> = LazyLock::new(Layouts::embedded);

/// Types of what a switch says; what has no type of its own is answered like an approval.
const REPLIES: [&str; 6] = ["0110", "0130", "0310", "0410", "0430", "0810"];

/// The terminal id of terminal `number`, from 0.
pub fn terminal_id(number: usize) -> String {
    (FIRST_TERMINAL + number as u64).to_string()
}

/// What a clock shows that is right, KST.
pub fn now() -> DateTime {
    Offset::constant(9).to_datetime(Timestamp::now())
}

/// What makes a telegram and its answer belong together on a socket: terminal, type of the question, trace number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Terminal id.
    pub terminal: String,
    /// Telegram type of the question, as a number.
    pub kind: u16,
    /// Trace number.
    pub trace: u32,
    /// Which of the telegrams that share all of that and differ in the rest, from 0. No answer tells it.
    pub edition: u32,
}

/// A telegram, the same bytes however often it is sent. No card in its `Debug`.
#[derive(Clone)]
pub struct Telegram {
    /// What its answer must carry.
    pub key: Key,
    bytes: Bytes,
}

/// What other telegrams need to know of an 0100.
#[derive(Clone, Debug)]
pub struct Original {
    /// Terminal id.
    pub terminal: String,
    /// Trace number.
    pub trace: u32,
    /// Business date.
    pub date: Date,
    /// Won.
    pub amount: u64,
}

/// An answer of the switch.
#[derive(Clone)]
pub struct Answer {
    /// What it answers.
    pub key: Key,
    bytes: Bytes,
}

/// Writes the telegrams of a terminal, whose trace numbers it counts.
#[derive(Debug)]
pub struct Pen {
    terminal: String,
    last_trace: u32,
    ahead: SignedDuration,
}

impl Pen {
    /// Of the terminal with this number, from 0.
    pub fn new(terminal: usize) -> Self {
        Self { terminal: terminal_id(terminal), last_trace: 0, ahead: SignedDuration::ZERO }
    }

    /// From now on its clock is so far ahead of the right one; behind it, where that is less than nothing.
    pub fn set_clock(&mut self, ahead: SignedDuration) {
        self.ahead = ahead;
    }

    /// What the terminal's clock shows.
    fn now(&self) -> DateTime {
        now().saturating_add(self.ahead)
    }

    /// 0100, with a mark in the merchant's own data that comes back in the answer.
    pub fn approval(&mut self, amount: u64, card: &str) -> (Original, Telegram) {
        let sent_at = self.now();
        let trace = self.next_trace();
        let original = Original { terminal: self.terminal.clone(), trace, date: sent_at.date(), amount };
        let telegram = self.write_approval(&original, sent_at, amount, card);
        (original, telegram)
    }

    /// Another 0100 under the key of `original`: what a terminal sends whose counter was reset.
    pub fn impostor(&self, original: &Original, amount: u64, card: &str) -> Telegram {
        let sent_at = self.now();
        self.write_approval(
            original,
            if sent_at.date() == original.date { sent_at } else { original.date.at(23, 59, 59, 0) },
            amount,
            card,
        )
    }

    fn write_approval(&self, original: &Original, sent_at: DateTime, amount: u64, card: &str) -> Telegram {
        self.write(
            "0100",
            original.trace,
            sent_at,
            &[
                ("entry_mode", "I"),
                ("currency", "410"),
                ("installment", "00"),
                ("total_amount", &amount.to_string()),
                ("card_track", &format!("{card}=3012")),
                ("merchant_data", &mark(amount)),
            ],
        )
    }

    /// 0400: so much of it.
    pub fn cancel(&mut self, original: &Original, amount: u64, approval_no: &str) -> Telegram {
        self.about(
            "0400",
            original,
            &[
                ("cancel_amount", &amount.to_string()),
                ("entry_mode", "I"),
                ("reason", "02"),
                ("original_approval_no", approval_no),
            ],
        )
    }

    /// 0420.
    pub fn net_cancel(&mut self, original: &Original) -> Telegram {
        self.about("0420", original, &[("total_amount", &original.amount.to_string()), ("reason", "01")])
    }

    /// 0120.
    pub fn acknowledgement(&mut self, original: &Original, approval_no: &str) -> Telegram {
        self.about("0120", original, &[("approval_no", approval_no)])
    }

    /// 0300.
    pub fn inquiry(&mut self, original: &Original) -> Telegram {
        self.about("0300", original, &[])
    }

    fn about(&mut self, kind: &'static str, original: &Original, values: &[(&str, &str)]) -> Telegram {
        let (trace, date) = (format!("{:06}", original.trace), original.date.strftime("%Y%m%d").to_string());
        let mut all = vec![("original_trace_no", trace.as_str()), ("original_date", date.as_str())];
        all.extend_from_slice(values);
        let trace = self.next_trace();
        self.write(kind, trace, self.now(), &all)
    }

    fn write(&self, kind: &'static str, trace: u32, sent_at: DateTime, values: &[(&str, &str)]) -> Telegram {
        let trace_no = format!("{trace:06}");
        let header = [
            ("header.telegram_type", kind),
            ("header.version", "01"),
            ("header.terminal_id", self.terminal.as_str()),
            ("header.merchant_no", MERCHANT),
            ("header.security", "0"),
            ("header.trace_no", trace_no.as_str()),
        ];
        let assign = |(field, value): &(&str, &str)| Assignment {
            field: (*field).to_owned(),
            value: Value::text(*value),
        };
        let assigned: Vec<_> = header.iter().chain(values).map(assign).collect();
        let bytes = layout(kind).build(&assigned, sent_at).expect("values that fit their fields");
        let kind = kind.parse().expect("a type is a number");
        Telegram {
            key: Key { terminal: self.terminal.clone(), kind, trace, edition: 0 },
            bytes: bytes.into(),
        }
    }

    fn next_trace(&mut self) -> u32 {
        self.last_trace += 1;
        self.last_trace
    }
}

/// What the merchant writes into a telegram of this amount to know its answer by: at most 40 bytes.
pub fn mark(amount: u64) -> String {
    format!("mark {amount:012}")
}

impl Telegram {
    /// Its bytes in a frame.
    pub fn framed(&self, frame: &FrameFormat) -> Bytes {
        let mut framed = BytesMut::with_capacity(self.bytes.len() + 8);
        frame.encode(&self.bytes, &mut framed).expect("a telegram fits its frame");
        framed.freeze()
    }
}

impl Answer {
    /// Of a telegram without its frame.
    ///
    /// # Errors
    /// What is wrong with it, without content.
    pub fn read(bytes: Bytes) -> Result<Self, String> {
        let header = layout("header");
        let text = |name: &str| {
            let range = header.field(name).map_err(|error| error.to_string())?.range();
            let field = bytes.get(range).ok_or("shorter than a header")?;
            str::from_utf8(field)
                .map(|text| text.trim().to_owned())
                .map_err(|_| "a header that is no text".to_owned())
        };
        let number = |name: &str| text(name)?.parse::<u32>().map_err(|_| format!("{name} is no number"));
        let kind = u16::try_from(number("telegram_type")?).ok().and_then(|kind| kind.checked_sub(10));
        let key = Key {
            terminal: text("terminal_id")?,
            kind: kind.ok_or("telegram_type is that of no answer")?,
            trace: number("trace_no")?,
            edition: 0,
        };
        Ok(Self { key, bytes })
    }

    /// The response code.
    pub fn code(&self) -> String {
        self.text("header.response_code")
    }

    /// The text of a field without its padding; empty where the answer has no such field or is not by its layout.
    pub fn text(&self, field: &str) -> String {
        let shape = format!("{:04}", self.key.kind + 10);
        let layout = layout(if REPLIES.contains(&shape.as_str()) { &shape } else { "0110" });
        let decoded = layout.decode(&self.bytes);
        let text = decoded.reading(field).map(Reading::text).map(Cow::into_owned);
        text.unwrap_or_default().trim().to_owned()
    }

    /// Whether it is by its layout.
    pub fn is_valid(&self) -> bool {
        let shape = format!("{:04}", self.key.kind + 10);
        let layout = layout(if REPLIES.contains(&shape.as_str()) { &shape } else { "0110" });
        layout.decode(&self.bytes).is_valid()
    }
}

fn layout(kind: &str) -> Arc<Layout> {
    LAYOUTS.get(&format!("terminal-{kind}")).expect("a layout there is")
}

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.key)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answer to {:?}: {}", self.key, self.code())
    }
}
