//! Telegrams that are answered with a refusal.

use codec::Telegram;
use payment::{MerchantNo, ResponseCode, TerminalId, TraceNo};

use super::{envelope::Envelope, layout::Header};

const VERSION: &str = "01";
/// 평문: the body is not encrypted, which is all this version reads.
const CLEAR: &str = "0";

/// A telegram that is answered with a refusal.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Whom to answer.
    pub envelope: Envelope,
    /// With which code.
    pub code: ResponseCode,
    /// What the terminal shows, Korean.
    pub message: String,
    /// What was wrong, for logs and the journal: layout, field, offset and rule, never a secret.
    pub why: String,
}

impl Refusal {
    pub(super) fn unsupported(envelope: Envelope) -> Box<Self> {
        let why =
            format!("telegram type {} is not supported by this version", envelope.telegram_type.as_str());
        let message = "미지원 전문".to_owned();
        Box::new(Self { code: ResponseCode::FORMAT_ERROR, message, why, envelope })
    }

    /// A field that is as its layout says and yet cannot be so.
    pub(super) fn wrong_field<T: Telegram>(envelope: &Envelope, name: &str, rule: &str) -> Box<Self> {
        let field = T::LAYOUT.field(name).expect("a field of the layout");
        Box::new(Self {
            envelope: envelope.clone(),
            code: ResponseCode::FORMAT_ERROR,
            message: format!("{}: {}", ResponseCode::FORMAT_ERROR.korean(), field.title),
            why: format!(
                "{} field {:?} ({}) at {}..{}: {rule}",
                T::LAYOUT.name,
                field.name,
                field.title,
                field.at,
                field.at + field.len
            ),
        })
    }

    fn of_layout(telegram: &[u8], envelope: &Envelope, error: &codec::Error) -> Box<Self> {
        // What a body of another version or an encrypted one breaks is not what is wrong with it.
        if let Some(Ok(header)) = telegram.get(..Header::LENGTH).map(Header::decode)
            && let Err(refusal) = check_header(&header, envelope)
        {
            return refusal;
        }
        Box::new(Self {
            code: ResponseCode::FORMAT_ERROR,
            message: format!("{}: {}", ResponseCode::FORMAT_ERROR.korean(), error.title()),
            why: error.to_string(),
            envelope: envelope.clone(),
        })
    }
}

/// Reads a telegram by its layout and checks its header.
pub(super) fn decode<T: Telegram>(
    telegram: &[u8],
    envelope: &Envelope,
    header: impl Fn(&T) -> &Header,
) -> Result<(T, Sender), Box<Refusal>> {
    let decoded = T::decode(telegram).map_err(|error| Refusal::of_layout(telegram, envelope, &error))?;
    check_header(header(&decoded), envelope)?;
    let sender = sender(header(&decoded), envelope)?;
    Ok((decoded, sender))
}

/// Who sent a telegram, under which number.
pub(super) struct Sender {
    pub(super) terminal: TerminalId,
    pub(super) merchant: MerchantNo,
    pub(super) trace_no: TraceNo,
}

fn check_header(header: &Header, envelope: &Envelope) -> Result<(), Box<Refusal>> {
    if header.version.as_str() != VERSION {
        return Err(Refusal::wrong_field::<Header>(envelope, "version", "expected 01"));
    }
    if header.security.as_str() != CLEAR {
        return Err(Refusal::wrong_field::<Header>(
            envelope,
            "security",
            "expected 0: this version reads clear bodies only",
        ));
    }
    Ok(())
}

fn sender(header: &Header, envelope: &Envelope) -> Result<Sender, Box<Refusal>> {
    let wrong = |field: &str, rule: &str| Refusal::wrong_field::<Header>(envelope, field, rule);
    Ok(Sender {
        terminal: TerminalId::new(header.terminal_id.as_str())
            .map_err(|_| wrong("terminal_id", "expected no blank within"))?,
        merchant: MerchantNo::new(header.merchant_no.as_str())
            .map_err(|_| wrong("merchant_no", "expected ten digits"))?,
        trace_no: trace_no(header.trace_no.as_str())
            .ok_or_else(|| wrong("trace_no", "expected six digits"))?,
    })
}

pub(super) fn trace_no(digits: &str) -> Option<TraceNo> {
    TraceNo::new(digits.parse().ok()?).ok()
}
