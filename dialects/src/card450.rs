//! A card company reached directly, with one layout of 450 bytes whose first field is the frame's length. One request in flight per
//! socket. A cancel and a net-cancel are both a CANCEL with a management number of its own that names the original's; so are their
//! answers.

#[cfg(any(test, fuzzing))]
pub(crate) mod compiled;
mod echo;
mod layout;
mod reply;

use std::collections::BTreeMap;

use acquirer_links::{LinkProfile, Mode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use codec::{
    Digits, Secret, Telegram as _, Text,
    frame::{FrameFormat, Framing, LengthPad},
};
use jiff::civil::DateTime;
use payment::{
    Amounts, Answer, CancelAnswer, CancelOrder, CardFacts, ClearCard, NetCancelAnswer, NetCancelOrder,
    PartialCancel, Request, RequestOrder, Serial,
};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};
use zeroize::Zeroizing;

use self::layout::CardRequest;
use crate::{
    BadDialect, CannotExpress, ReplyKind, Written, components::total_and_vat, dialect::Speaks, fields::only,
};

/// The kind of an approval request and of its answer.
const PAYMENT: &str = "PAYMENT";
/// The kind of a cancel, of a net-cancel, and of their answers.
const CANCEL: &str = "CANCEL";
/// Amount and vat have ten digits.
const GREATEST_AMOUNT: u64 = 9_999_999_999;
/// The card key of the simulated card company, base64 of 32 bytes; a real one comes with the contract.
const SANDBOX_CARD_KEY: &str = "c2FuZGJveC1jYXJkNDUwLWtleS1ub3Qtc2VjcmV0ISE=";

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
        LinkProfile {
            frame,
            mode: Mode::OneInFlight,
            key_of: reply::key_of,
            echo: Some(echo::echo()),
            sign_on: None,
        }
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
            CardFacts::Unseen => Err(CannotExpress::Unseen),
            CardFacts::Number { .. } if amounts.total().get() > GREATEST_AMOUNT => {
                Err(CannotExpress::AmountTooLarge)
            }
            CardFacts::Number { .. } => total_and_vat(amounts),
        }
    }

    /// The same cancel sent again has the same management number, by which the card company knows it (assumed).
    fn partial_cancel(&self) -> PartialCancel {
        PartialCancel::Repeatable
    }

    fn request(
        &self,
        order: &RequestOrder,
        card: &ClearCard,
        _now: DateTime,
    ) -> Result<Written, CannotExpress> {
        let serial = order.route.serial;
        total_and_vat(&order.request.amounts)?;
        let telegram = CardRequest {
            kind: Text::new(PAYMENT)?,
            management_no: management_no(serial)?,
            original_management_no: Text::default(),
            ..self.common(&order.request, &order.request.amounts, Some(card))?
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
        self.undo(original.of_net_cancel(), original, &order.request, &order.request.amounts, card)
    }

    fn cancel(
        &self,
        order: &CancelOrder,
        card: Option<&ClearCard>,
        _now: DateTime,
    ) -> Result<Written, CannotExpress> {
        self.undo(order.serial, order.route.serial, &order.request, &order.amounts, card)
    }

    fn fault(&self, telegram: &[u8]) -> Option<codec::Error> {
        reply::fault(telegram)
    }

    fn answer(&self, telegram: &[u8]) -> Answer {
        reply::answer(telegram)
    }

    fn net_cancel_answer(&self, telegram: &[u8]) -> NetCancelAnswer {
        reply::net_cancel_answer(telegram)
    }

    fn cancel_answer(&self, telegram: &[u8]) -> CancelAnswer {
        reply::cancel_answer(telegram)
    }
}

impl Card450 {
    fn undo(
        &self,
        serial: Serial,
        original: Serial,
        request: &Request,
        amounts: &Amounts,
        card: Option<&ClearCard>,
    ) -> Result<Written, CannotExpress> {
        let telegram = CardRequest {
            kind: Text::new(CANCEL)?,
            management_no: management_no(serial)?,
            original_management_no: management_no(original)?,
            ..self.common(request, amounts, card)?
        };
        Ok(Written { telegram: telegram.encode_to_bytes()?, key: ReplyKind::Cancel.key(serial) })
    }

    fn common(
        &self,
        request: &Request,
        amounts: &Amounts,
        card: Option<&ClearCard>,
    ) -> Result<CardRequest, CannotExpress> {
        let secret = |digits: &str| Ok::<_, CannotExpress>(Secret::new(Digits::new(digits)?));
        let expiry = |card: &ClearCard| Ok::<_, CannotExpress>(Secret::new(Digits::new(&month_first(card))?));
        Ok(CardRequest {
            kind: Text::default(),
            management_no: Text::default(),
            card_no: card.map(|card| secret(card.number.expose())).transpose()?,
            installment: request.installment,
            expiry: card.map(expiry).transpose()?,
            cvc: None,
            amount: amounts.total().get(),
            vat: amounts.vat().get(),
            original_management_no: Text::default(),
            encrypted_card: card.map_or(Ok(Secret::default()), |card| self.encrypted(card))?,
        })
    }
}

fn management_no(serial: Serial) -> Result<Text<20>, CannotExpress> {
    Ok(Text::new(&serial.to_string())?)
}

/// The expiry as MMYY.
fn month_first(card: &ClearCard) -> Zeroizing<String> {
    let (year, month) = card.expiry.expose().split_at(2);
    Zeroizing::new(format!("{month}{year}"))
}
