//! A card company reached directly, with one layout of 450 bytes whose first field is the frame's length. One request in flight per
//! socket. A net-cancel is a CANCEL with a management number of its own that names the lost request's as the original.

use std::collections::BTreeMap;

use acquirer_links::{Key, LinkProfile, Mode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use codec::{
    Digits, Secret, Telegram, Text,
    frame::{FrameFormat, Framing, LengthPad},
};
use jiff::civil::DateTime;
use payment::{
    Answer, Approval, CardFacts, ClearCard, Decline, HostCodes, NetCancelAnswer, NetCancelOrder,
    NetCancelVerdict, Request, RequestOrder, Serial, Verdict, Won,
};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};
use zeroize::Zeroizing;

use crate::{
    BadDialect, CannotExpress, ReplyKind, Written,
    codes::{Class, class, net_cancel_class},
    dialect::Speaks,
    fields::only,
};

const SUCCESS: &str = "0000";
const PAYMENT: &str = "PAYMENT";
const CANCEL: &str = "CANCEL";
/// Amount and vat have ten digits.
const GREATEST_AMOUNT: u64 = 9_999_999_999;
/// The card key of the simulated card company, base64 of 32 bytes; a real one comes with the contract.
const SANDBOX_CARD_KEY: &str = "c2FuZGJveC1jYXJkNDUwLWtleS1ub3Qtc2VjcmV0ISE=";

/// 카드사 직승인 요청.
#[derive(Telegram)]
#[telegram(spec = "card450-request", length = 450)]
struct CardRequest {
    #[field(at = 4, len = 10, kind = "text")]
    kind: Text<10>,
    #[field(at = 14, len = 20, kind = "text")]
    management_no: Text<20>,
    #[field(at = 34, len = 20, kind = "digits", secret = "pan")]
    card_no: Option<Secret<Digits<20>>>,
    #[field(at = 54, len = 2, kind = "number")]
    installment: u8,
    #[field(at = 56, len = 4, kind = "digits", secret = "pan")]
    expiry: Option<Secret<Digits<4>>>,
    #[field(at = 60, len = 3, kind = "digits", secret = "cvc")]
    cvc: Option<Secret<Digits<3>>>,
    #[field(at = 63, len = 10, kind = "number")]
    amount: u64,
    #[field(at = 73, len = 10, kind = "number")]
    vat: u64,
    #[field(at = 83, len = 20, kind = "text")]
    original_management_no: Text<20>,
    #[field(at = 103, len = 300, kind = "text", secret = "block")]
    encrypted_card: Secret<Text<300>>,
}

/// 카드사 직승인 응답.
#[derive(Telegram)]
#[telegram(spec = "card450-reply", length = 450)]
struct Reply {
    #[field(at = 4, len = 10, kind = "text")]
    kind: Text<10>,
    #[field(at = 14, len = 20, kind = "text")]
    management_no: Text<20>,
    #[field(at = 34, len = 20, kind = "digits", secret = "pan")]
    card_no: Option<Secret<Digits<20>>>,
    #[field(at = 54, len = 2, kind = "number")]
    installment: u8,
    #[field(at = 56, len = 4, kind = "digits", secret = "pan")]
    expiry: Option<Secret<Digits<4>>>,
    #[field(at = 60, len = 3, kind = "digits", secret = "cvc")]
    cvc: Option<Secret<Digits<3>>>,
    #[field(at = 63, len = 10, kind = "number")]
    amount: u64,
    #[field(at = 73, len = 10, kind = "number")]
    vat: u64,
    #[field(at = 83, len = 20, kind = "text")]
    original_management_no: Text<20>,
    #[field(at = 103, len = 300, kind = "text", secret = "block")]
    encrypted_card: Secret<Text<300>>,
    #[field(at = 403, len = 4, kind = "text")]
    result_code: Text<4>,
    #[field(at = 407, len = 20, kind = "text")]
    card_company_tid: Text<20>,
    #[field(at = 427, len = 14, kind = "datetime")]
    approved_at: Option<DateTime>,
}

/// A card company that speaks this layout.
pub(crate) struct Card450 {
    card_key: LessSafeKey,
    /// Whether the key is the public one of the simulated card company.
    is_sandbox: bool,
    random: SystemRandom,
}

impl Card450 {
    pub(crate) fn new(params: &BTreeMap<String, String>) -> Result<Self, BadDialect> {
        only(params, &["card_key"])?;
        let bad = || BadDialect::Param { key: "card_key".into(), expected: "32 bytes of base64".into() };
        let text = params.get("card_key").map_or(SANDBOX_CARD_KEY, String::as_str);
        let key = Zeroizing::new(STANDARD.decode(text).map_err(|_| bad())?);
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| bad())?;
        let is_sandbox = !params.contains_key("card_key");
        Ok(Self { card_key: LessSafeKey::new(key), is_sandbox, random: SystemRandom::new() })
    }

    /// `card_no|expiry|cvc` under the card company's key: nonce, ciphertext and tag in base64. We never have a CVC.
    fn encrypted(&self, card: &ClearCard) -> Result<Secret<Text<300>>, CannotExpress> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| CannotExpress::Encryption)?;
        let mut text = Zeroizing::new(Vec::with_capacity(64));
        for part in [card.number.expose(), "|", &*month_first(card), "|"] {
            text.extend_from_slice(part.as_bytes());
        }
        self.card_key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut *text)
            .map_err(|_| CannotExpress::Encryption)?;
        let block = [&nonce[..], &text].concat();
        Ok(Secret::new(Text::new(&STANDARD.encode(block))?))
    }
}

impl Speaks for Card450 {
    fn profile(&self) -> LinkProfile {
        let frame = FrameFormat {
            length_pad: LengthPad::Blank,
            length_in_telegram: true,
            ..FrameFormat::new(Framing::Ascii4, 450, 450)
        };
        LinkProfile { frame, mode: Mode::OneInFlight, key_of }
    }

    fn warning(&self) -> Option<&'static str> {
        self.is_sandbox
            .then_some("params.card_key is not set: cards are encrypted under the public key of the sandbox")
    }

    fn check_merchant(&self, row: &BTreeMap<String, String>) -> Result<(), String> {
        only(row, &[]).map_err(|error| error.to_string())
    }

    fn can_carry(&self, request: &Request) -> Result<(), CannotExpress> {
        let amounts = &request.amounts;
        match request.card {
            CardFacts::Opaque { .. } => Err(CannotExpress::OpaqueCard),
            CardFacts::Number { .. } if amounts.total().get() > GREATEST_AMOUNT => {
                Err(CannotExpress::AmountTooLarge)
            }
            CardFacts::Number { .. } => Ok(()),
        }
    }

    fn request(
        &self,
        order: &RequestOrder,
        card: &ClearCard,
        _now: DateTime,
    ) -> Result<Written, CannotExpress> {
        let serial = order.route.serial;
        let telegram = CardRequest {
            kind: Text::new(PAYMENT)?,
            management_no: management_no(serial)?,
            original_management_no: Text::default(),
            ..self.common(&order.request, Some(card))?
        };
        Ok(Written { telegram: telegram.encode_to_bytes()?, key: ReplyKind::Request.key(serial) })
    }

    fn net_cancel(
        &self,
        order: &NetCancelOrder,
        card: Option<&ClearCard>,
        _now: DateTime,
    ) -> Result<Written, CannotExpress> {
        let original = order.route.serial;
        let serial = original.of_net_cancel();
        let telegram = CardRequest {
            kind: Text::new(CANCEL)?,
            management_no: management_no(serial)?,
            original_management_no: management_no(original)?,
            ..self.common(&order.request, card)?
        };
        Ok(Written { telegram: telegram.encode_to_bytes()?, key: ReplyKind::NetCancel.key(serial) })
    }

    fn answer(&self, telegram: &[u8]) -> Answer {
        let reply = match Reply::decode(telegram) {
            Ok(reply) if reply.kind == PAYMENT => reply,
            Ok(_) | Err(_) => {
                return Answer { amount: None, codes: HostCodes::default(), verdict: Verdict::InDoubt };
            }
        };
        let verdict = match class(reply.result_code.as_str(), SUCCESS) {
            Class::Approved if reply.card_company_tid.is_empty() => Verdict::InDoubt,
            Class::Approved => Verdict::Approved(approval(&reply).into()),
            Class::Declined(code) => Verdict::Declined(
                Decline {
                    code,
                    host_code: reply.result_code.as_str().to_owned(),
                    message1: String::new(),
                    message2: String::new(),
                }
                .into(),
            ),
            Class::InDoubt => Verdict::InDoubt,
        };
        Answer { amount: Won::new(reply.amount).ok(), codes: codes(&reply), verdict }
    }

    fn net_cancel_answer(&self, telegram: &[u8]) -> NetCancelAnswer {
        match Reply::decode(telegram) {
            Ok(reply) if reply.kind == CANCEL => NetCancelAnswer {
                codes: codes(&reply),
                verdict: net_cancel_class(reply.result_code.as_str(), SUCCESS),
            },
            Ok(_) | Err(_) => {
                NetCancelAnswer { codes: HostCodes::default(), verdict: NetCancelVerdict::TryAgain }
            }
        }
    }
}

impl Card450 {
    fn common(&self, request: &Request, card: Option<&ClearCard>) -> Result<CardRequest, CannotExpress> {
        let secret = |digits: &str| Ok::<_, CannotExpress>(Secret::new(Digits::new(digits)?));
        let expiry = |card: &ClearCard| Ok::<_, CannotExpress>(Secret::new(Digits::new(&month_first(card))?));
        Ok(CardRequest {
            kind: Text::default(),
            management_no: Text::default(),
            card_no: card.map(|card| secret(card.number.expose())).transpose()?,
            installment: request.installment,
            expiry: card.map(expiry).transpose()?,
            cvc: None,
            amount: request.amounts.total().get(),
            vat: request.amounts.vat().get(),
            original_management_no: Text::default(),
            encrypted_card: card.map_or(Ok(Secret::default()), |card| self.encrypted(card))?,
        })
    }
}

/// The layout has no approval number of its own: the card company's transaction id serves as one (assumed), its last twelve
/// characters where it is longer.
fn approval(reply: &Reply) -> Approval {
    let tid = reply.card_company_tid.as_str();
    Approval {
        approval_no: tid[tid.len().saturating_sub(12)..].to_owned(),
        approved_at: reply.approved_at,
        van_trace: tid.to_owned(),
        host_code: reply.result_code.as_str().to_owned(),
        ..Approval::default()
    }
}

fn codes(reply: &Reply) -> HostCodes {
    let code = &reply.result_code;
    HostCodes { issuer: (!code.is_empty()).then(|| code.as_str().to_owned()), van: None }
}

fn key_of(telegram: &[u8]) -> Option<Key> {
    let reply = Reply::view(telegram).ok()?;
    let kind = match reply.kind().as_str() {
        PAYMENT => ReplyKind::Request,
        CANCEL => ReplyKind::NetCancel,
        _ => return None,
    };
    kind.key_of(reply.management_no().as_str())
}

fn management_no(serial: Serial) -> Result<Text<20>, CannotExpress> {
    Ok(Text::new(&serial.to_string())?)
}

/// The expiry as MMYY.
fn month_first(card: &ClearCard) -> Zeroizing<String> {
    let (year, month) = card.expiry.expose().split_at(2);
    Zeroizing::new(format!("{month}{year}"))
}
