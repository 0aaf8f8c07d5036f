//! The layouts as structs.

use codec::{Binary, Code, Digits, Korean, Secret, Telegram, Text};
use jiff::civil::DateTime;

/// 공통 헤더.
#[derive(Telegram, Clone)]
#[telegram(spec = "terminal-header", length = 60)]
pub(super) struct Header {
    #[field(at = 0, len = 4, kind = "digits")]
    pub(super) telegram_type: Digits<4>,
    #[field(at = 4, len = 2, kind = "digits")]
    pub(super) version: Digits<2>,
    #[field(at = 6, len = 10, kind = "text")]
    pub(super) terminal_id: Text<10>,
    #[field(at = 16, len = 10, kind = "digits")]
    pub(super) merchant_no: Digits<10>,
    #[field(at = 26, len = 6, kind = "digits")]
    pub(super) trace_no: Digits<6>,
    #[field(at = 32, len = 14, kind = "datetime")]
    pub(super) sent_at: DateTime,
    #[field(at = 46, len = 1, kind = "code")]
    pub(super) security: Code<1>,
    #[field(at = 47, len = 2, kind = "digits")]
    pub(super) key_index: Digits<2>,
    #[field(at = 49, len = 4, kind = "text")]
    pub(super) response_code: Text<4>,
}

/// 승인 요청.
#[derive(Telegram)]
#[telegram(spec = "terminal-0100", length = 728)]
pub(super) struct Approval0100 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(super) header: Header,
    #[field(at = 60, len = 1, kind = "code")]
    pub(super) entry_mode: Code<1>,
    #[field(at = 61, len = 8, kind = "digits")]
    pub(super) card_bin: Option<Digits<8>>,
    #[field(at = 69, len = 37, kind = "text", secret = "track")]
    pub(super) card_track: Secret<Text<37>>,
    #[field(at = 106, len = 127, kind = "binary", secret = "block")]
    pub(super) card_block_van: Secret<Binary<127>>,
    #[field(at = 233, len = 127, kind = "binary", secret = "block")]
    pub(super) card_block_issuer: Secret<Binary<127>>,
    #[field(at = 360, len = 2, kind = "number")]
    pub(super) installment: u8,
    #[field(at = 362, len = 3, kind = "digits")]
    pub(super) currency: Digits<3>,
    #[field(at = 365, len = 12, kind = "number")]
    pub(super) total_amount: u64,
    #[field(at = 377, len = 12, kind = "number")]
    pub(super) vat: Option<u64>,
    #[field(at = 389, len = 12, kind = "number")]
    pub(super) service_charge: Option<u64>,
    #[field(at = 401, len = 12, kind = "number")]
    pub(super) tax_free: Option<u64>,
    #[field(at = 413, len = 3, kind = "number")]
    pub(super) emv_length: u16,
    #[field(at = 416, len = 256, kind = "binary")]
    pub(super) emv_data: Binary<256>,
    #[field(at = 672, len = 16, kind = "binary", secret = "pin")]
    pub(super) pin_block: Secret<Binary<16>>,
    #[field(at = 688, len = 40, kind = "binary")]
    pub(super) merchant_data: Binary<40>,
}

/// 승인 응답, and the answer to every telegram that is refused.
#[derive(Telegram)]
#[telegram(spec = "terminal-0110", length = 597)]
pub(super) struct Approval0110 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(super) header: Header,
    #[field(at = 60, len = 12, kind = "text")]
    pub(super) approval_no: Text<12>,
    #[field(at = 72, len = 14, kind = "datetime")]
    pub(super) approved_at: Option<DateTime>,
    #[field(at = 86, len = 20, kind = "text")]
    pub(super) van_trace: Text<20>,
    #[field(at = 106, len = 4, kind = "text")]
    pub(super) issuer_code: Text<4>,
    #[field(at = 110, len = 20, kind = "korean")]
    pub(super) issuer_name: Korean<20>,
    #[field(at = 130, len = 4, kind = "text")]
    pub(super) acquirer_code: Text<4>,
    #[field(at = 134, len = 20, kind = "korean")]
    pub(super) acquirer_name: Korean<20>,
    #[field(at = 154, len = 15, kind = "text")]
    pub(super) acquirer_merchant_no: Text<15>,
    #[field(at = 169, len = 20, kind = "text")]
    pub(super) masked_card: Text<20>,
    #[field(at = 189, len = 2, kind = "number")]
    pub(super) installment: u8,
    #[field(at = 191, len = 12, kind = "number")]
    pub(super) total_amount: u64,
    #[field(at = 203, len = 40, kind = "korean")]
    pub(super) message1: Korean<40>,
    #[field(at = 243, len = 40, kind = "korean")]
    pub(super) message2: Korean<40>,
    #[field(at = 283, len = 1, kind = "code")]
    pub(super) capture_kind: Code<1>,
    #[field(at = 284, len = 10, kind = "text")]
    pub(super) route: Text<10>,
    #[field(at = 294, len = 4, kind = "text")]
    pub(super) host_code: Text<4>,
    #[field(at = 298, len = 3, kind = "number")]
    pub(super) emv_length: u16,
    #[field(at = 301, len = 256, kind = "binary")]
    pub(super) emv_data: Binary<256>,
    #[field(at = 557, len = 40, kind = "binary")]
    pub(super) merchant_data: Binary<40>,
}

/// 개시 · 에코 요청.
#[derive(Telegram)]
#[telegram(spec = "terminal-0800", length = 127)]
pub(super) struct Network0800 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(super) header: Header,
    #[field(at = 60, len = 3, kind = "digits")]
    pub(super) function: Digits<3>,
    #[field(at = 63, len = 64, kind = "text")]
    pub(super) data: Text<64>,
}

/// 개시 · 에코 응답.
#[derive(Telegram)]
#[telegram(spec = "terminal-0810", length = 127)]
pub(super) struct Network0810 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(super) header: Header,
    #[field(at = 60, len = 3, kind = "digits")]
    pub(super) function: Digits<3>,
    #[field(at = 63, len = 64, kind = "text")]
    pub(super) data: Text<64>,
}
