//! The layouts as structs.

use codec::{Binary, Digits, Secret, Telegram, Text};
use jiff::civil::DateTime;

/// 카드사 직승인 요청.
#[derive(Telegram)]
#[telegram(spec = "card450-request", length = 450)]
pub(super) struct CardRequest {
    #[field(at = 4, len = 10, kind = "text")]
    pub(super) kind: Text<10>,
    #[field(at = 14, len = 20, kind = "text")]
    pub(super) management_no: Text<20>,
    #[field(at = 34, len = 20, kind = "digits", secret = "pan")]
    pub(super) card_no: Option<Secret<Digits<20>>>,
    #[field(at = 54, len = 2, kind = "number")]
    pub(super) installment: u8,
    #[field(at = 56, len = 4, kind = "digits", secret = "pan")]
    pub(super) expiry: Option<Secret<Digits<4>>>,
    #[field(at = 60, len = 3, kind = "digits", secret = "cvc")]
    pub(super) cvc: Option<Secret<Digits<3>>>,
    #[field(at = 63, len = 10, kind = "number")]
    pub(super) amount: u64,
    #[field(at = 73, len = 10, kind = "number")]
    pub(super) vat: u64,
    #[field(at = 83, len = 20, kind = "text")]
    pub(super) original_management_no: Text<20>,
    #[field(at = 103, len = 300, kind = "text", secret = "block")]
    pub(super) encrypted_card: Secret<Text<300>>,
}

/// 카드사 직승인 응답.
#[derive(Telegram)]
#[telegram(spec = "card450-reply", length = 450)]
pub(super) struct Reply {
    #[field(at = 4, len = 10, kind = "text")]
    pub(super) kind: Text<10>,
    #[field(at = 14, len = 20, kind = "text")]
    pub(super) management_no: Text<20>,
    #[field(at = 34, len = 20, kind = "binary", secret = "pan")]
    pub(super) card_no: Secret<Binary<20>>,
    #[field(at = 54, len = 2, kind = "binary")]
    pub(super) installment: Binary<2>,
    #[field(at = 56, len = 4, kind = "binary", secret = "pan")]
    pub(super) expiry: Secret<Binary<4>>,
    #[field(at = 60, len = 3, kind = "binary", secret = "cvc")]
    pub(super) cvc: Secret<Binary<3>>,
    #[field(at = 63, len = 10, kind = "number")]
    pub(super) amount: u64,
    #[field(at = 73, len = 10, kind = "binary")]
    pub(super) vat: Binary<10>,
    #[field(at = 83, len = 20, kind = "binary")]
    pub(super) original_management_no: Binary<20>,
    #[field(at = 103, len = 300, kind = "binary", secret = "block")]
    pub(super) encrypted_card: Secret<Binary<300>>,
    #[field(at = 403, len = 4, kind = "text")]
    pub(super) result_code: Text<4>,
    #[field(at = 407, len = 20, kind = "text")]
    pub(super) card_company_tid: Text<20>,
    #[field(at = 427, len = 14, kind = "datetime")]
    pub(super) approved_at: Option<DateTime>,
}
