//! From a terminal's bytes to what it asks.

use codec::{Digits, Telegram, Text};
use jiff::civil::DateTime;
use payment::{
    AmountError, Amounts, Bin, CardNumber, ClearCard, EntryMode, Expiry, MerchantNo, ResponseCode,
    TelegramKey, TelegramKind, TerminalId, TraceNo, Won,
};

use super::layout::{Approval0100, Header, Network0800};

/// ISO 4217 number of the won, the only currency there is.
const WON: &str = "410";
const VERSION: &str = "01";
/// 평문: the body is not encrypted, which is all this version reads.
const CLEAR: &str = "0";

/// A telegram that can be understood.
#[derive(Debug)]
pub enum FromTerminal {
    /// 0100: an approval is asked for.
    Approval(Box<Asked>),
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

/// What the header says about whom to answer.
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
}

/// Functions of 0800.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFunction {
    /// 301: is anybody there.
    Echo,
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

/// Bytes whose header cannot even be matched to an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unreadable header: {why}")]
pub struct Unreadable {
    why: String,
}

/// Why a telegram is not understood.
#[derive(Clone, Debug)]
pub enum NotUnderstood {
    /// It gets an answer.
    Refused(Box<Refusal>),
    /// Its socket is closed.
    Unreadable(Unreadable),
}

impl From<Unreadable> for NotUnderstood {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

/// Reads a telegram of a terminal.
///
/// # Errors
/// [`NotUnderstood`].
pub fn read(telegram: &[u8]) -> Result<FromTerminal, NotUnderstood> {
    let envelope = envelope(telegram)?;
    let refused = |refusal: Refusal| NotUnderstood::Refused(Box::new(refusal));
    match envelope.telegram_type.as_str() {
        "0100" => {
            approval(telegram, envelope).map_err(refused).map(|asked| FromTerminal::Approval(Box::new(asked)))
        }
        "0800" => network(telegram, envelope).map_err(refused),
        _ => Err(refused(unsupported(envelope))),
    }
}

/// The parts of an 0100 that its content digest covers: everything but the PIN block, which leaves no trace.
pub fn digest_parts(telegram: &[u8]) -> [&[u8]; 2] {
    let pin = Approval0100::LAYOUT.field("pin_block").expect("the layout has a PIN block");
    let (before, rest) = telegram.split_at(pin.at.min(telegram.len()));
    [before, &rest[pin.len.min(rest.len())..]]
}

/// Type, terminal and trace number are what an answer is matched by; they must be readable, the rest may be wrong.
fn envelope(telegram: &[u8]) -> Result<Envelope, Unreadable> {
    let unreadable = |name: &str| Unreadable { why: format!("{name} is not as the layout says") };
    let part = |name: &str| {
        let field = Header::LAYOUT.field(name).expect("a field of the header");
        let bytes = telegram.get(field.at..field.at + field.len);
        bytes.and_then(|bytes| str::from_utf8(bytes).ok()).ok_or_else(|| unreadable(name))
    };
    if telegram.len() < Header::LENGTH {
        return Err(Unreadable {
            why: format!("expected at least {} bytes, found {}", Header::LENGTH, telegram.len()),
        });
    }
    let terminal = part("terminal_id")?;
    let zeros = Digits::zero_padded(0).expect("zero fits");
    Ok(Envelope {
        telegram_type: exact(part("telegram_type")?).ok_or_else(|| unreadable("telegram_type"))?,
        terminal_id: TerminalId::new(terminal.trim_end_matches(' '))
            .ok()
            .and_then(|id| Text::new(id.as_str()).ok())
            .ok_or_else(|| unreadable("terminal_id"))?,
        merchant_no: part("merchant_no").ok().and_then(exact).unwrap_or(zeros),
        trace_no: exact(part("trace_no")?).ok_or_else(|| unreadable("trace_no"))?,
    })
}

fn approval(telegram: &[u8], envelope: Envelope) -> Result<Asked, Refusal> {
    let asked = match Approval0100::decode(telegram) {
        Ok(asked) => asked,
        Err(error) => return Err(format_error(telegram, envelope, &error)),
    };
    check_header(&asked.header, &envelope)?;
    let wrong = |field: &str, rule: &str| wrong_field::<Approval0100>(&envelope, field, rule);
    let entry_mode = EntryMode::from_code(asked.entry_mode.as_str());
    let entry_mode = entry_mode.ok_or_else(|| wrong("entry_mode", "expected I, S, K, F, N or Q"))?;
    if asked.currency.as_str() != WON {
        return Err(wrong("currency", "expected 410"));
    }
    let card = card(&asked).map_err(|(field, rule)| wrong(field, rule))?;
    let (terminal, merchant) = sender(&asked.header, &envelope)?;
    let key = TelegramKey {
        terminal,
        business_date: asked.header.sent_at.date(),
        trace_no: asked
            .header
            .trace_no
            .as_str()
            .parse()
            .ok()
            .and_then(|number| TraceNo::new(number).ok())
            .ok_or_else(|| wrong("header.trace_no", "expected six digits"))?,
        kind: TelegramKind::Approval,
    };
    Ok(Asked {
        key,
        sent_at: asked.header.sent_at,
        merchant,
        entry_mode,
        card,
        installment: asked.installment,
        currency: 410,
        amounts: amounts(&asked).map_err(|error| {
            let field = match error {
                AmountError::Zero | AmountError::TooLarge => "total_amount",
                AmountError::ComponentsExceedTotal => "vat",
            };
            wrong(field, &error.to_string())
        })?,
        merchant_data: asked.merchant_data.trimmed().to_vec(),
        envelope,
    })
}

fn check_header(header: &Header, envelope: &Envelope) -> Result<(), Refusal> {
    if header.version.as_str() != VERSION {
        return Err(wrong_field::<Header>(envelope, "version", "expected 01"));
    }
    if header.security.as_str() != CLEAR {
        return Err(wrong_field::<Header>(
            envelope,
            "security",
            "expected 0: this version reads clear bodies only",
        ));
    }
    Ok(())
}

fn sender(header: &Header, envelope: &Envelope) -> Result<(TerminalId, MerchantNo), Refusal> {
    let terminal = TerminalId::new(header.terminal_id.as_str())
        .map_err(|_| wrong_field::<Header>(envelope, "terminal_id", "expected no blank within"))?;
    let merchant = MerchantNo::new(header.merchant_no.as_str())
        .map_err(|_| wrong_field::<Header>(envelope, "merchant_no", "expected ten digits"))?;
    Ok((terminal, merchant))
}

fn card(asked: &Approval0100) -> Result<AskedCard, (&'static str, &'static str)> {
    let track = asked.card_track.expose();
    if track.is_empty() {
        let blocks = [&asked.card_block_van, &asked.card_block_issuer];
        if blocks.iter().all(|block| block.expose().is_blank()) {
            return Err(("card_track", "expected a card number or a card block"));
        }
        let bin = asked.card_bin.as_ref().and_then(|bin| Bin::new(bin.as_str()).ok());
        return bin
            .map(|bin| AskedCard::Opaque { bin })
            .ok_or(("card_bin", "expected 6 to 8 digits beside a card block"));
    }
    let rule = "expected a card number of 13 to 19 digits, = and the expiry YYMM";
    let (number, rest) = track.as_str().split_once('=').ok_or(("card_track", rule))?;
    let expiry = rest
        .get(..4)
        .filter(|_| rest.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or(("card_track", rule))?;
    let number = CardNumber::new(number).map_err(|_| ("card_track", rule))?;
    let expiry = Expiry::new(expiry).map_err(|_| ("card_track", rule))?;
    Ok(AskedCard::Clear(ClearCard { number, expiry }))
}

fn amounts(asked: &Approval0100) -> Result<Amounts, AmountError> {
    let won = |amount: Option<u64>| amount.map(Won::new).transpose();
    Amounts::of_approval(
        Won::new(asked.total_amount)?,
        won(asked.vat)?,
        won(asked.service_charge)?,
        won(asked.tax_free)?,
    )
}

fn network(telegram: &[u8], envelope: Envelope) -> Result<FromTerminal, Refusal> {
    let network = match Network0800::decode(telegram) {
        Ok(network) => network,
        Err(error) => return Err(format_error(telegram, envelope, &error)),
    };
    check_header(&network.header, &envelope)?;
    match network.function.as_str() {
        "301" => Ok(FromTerminal::Network {
            function: NetworkFunction::Echo,
            data: network.data,
            from: sender(&network.header, &envelope)?,
            envelope,
        }),
        _ => Err(wrong_field::<Network0800>(
            &envelope,
            "function",
            "expected 301: this version answers echoes only",
        )),
    }
}

fn unsupported(envelope: Envelope) -> Refusal {
    let why = format!("telegram type {} is not supported by this version", envelope.telegram_type.as_str());
    Refusal { code: ResponseCode::FORMAT_ERROR, message: "미지원 전문".to_owned(), why, envelope }
}

fn format_error(telegram: &[u8], envelope: Envelope, error: &codec::Error) -> Refusal {
    // What a body of another version or an encrypted one breaks is not what is wrong with it.
    if let Some(Ok(header)) = telegram.get(..Header::LENGTH).map(Header::decode)
        && let Err(refusal) = check_header(&header, &envelope)
    {
        return refusal;
    }
    Refusal {
        code: ResponseCode::FORMAT_ERROR,
        message: format!("{}: {}", ResponseCode::FORMAT_ERROR.korean(), error.title()),
        why: error.to_string(),
        envelope,
    }
}

fn wrong_field<T: Telegram>(envelope: &Envelope, name: &str, rule: &str) -> Refusal {
    let field = T::LAYOUT.field(name).expect("a field of the layout");
    Refusal {
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
    }
}

fn exact<const N: usize>(text: &str) -> Option<Digits<N>> {
    Digits::new(text).ok().filter(|digits| digits.len() == N)
}
