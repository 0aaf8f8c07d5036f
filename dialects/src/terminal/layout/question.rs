//! What terminals send.

use codec::{Binary, Code, Digits, Secret, Telegram, Text};
use jiff::civil::Date;

use super::Header;

/// 승인 요청.
#[derive(Telegram)]
#[telegram(spec = "terminal-0100", length = 728)]
pub(in crate::terminal) struct Approval0100 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(in crate::terminal) header: Header,
    #[field(at = 60, len = 1, kind = "code")]
    pub(in crate::terminal) entry_mode: Code<1>,
    #[field(at = 61, len = 8, kind = "digits")]
    pub(in crate::terminal) card_bin: Option<Digits<8>>,
    #[field(at = 69, len = 37, kind = "text", secret = "track")]
    pub(in crate::terminal) card_track: Secret<Text<37>>,
    #[field(at = 106, len = 127, kind = "binary", secret = "block")]
    pub(in crate::terminal) card_block_van: Secret<Binary<127>>,
    #[field(at = 233, len = 127, kind = "binary", secret = "block")]
    pub(in crate::terminal) card_block_issuer: Secret<Binary<127>>,
    #[field(at = 360, len = 2, kind = "number")]
    pub(in crate::terminal) installment: u8,
    #[field(at = 362, len = 3, kind = "digits")]
    pub(in crate::terminal) currency: Digits<3>,
    #[field(at = 365, len = 12, kind = "number")]
    pub(in crate::terminal) total_amount: u64,
    #[field(at = 377, len = 12, kind = "number")]
    pub(in crate::terminal) vat: Option<u64>,
    #[field(at = 389, len = 12, kind = "number")]
    pub(in crate::terminal) service_charge: Option<u64>,
    #[field(at = 401, len = 12, kind = "number")]
    pub(in crate::terminal) tax_free: Option<u64>,
    #[field(at = 413, len = 3, kind = "number")]
    pub(in crate::terminal) emv_length: u16,
    #[field(at = 416, len = 256, kind = "binary")]
    pub(in crate::terminal) emv_data: Binary<256>,
    #[field(at = 672, len = 16, kind = "binary", secret = "pin")]
    pub(in crate::terminal) pin_block: Secret<Binary<16>>,
    #[field(at = 688, len = 40, kind = "binary")]
    pub(in crate::terminal) merchant_data: Binary<40>,
}

/// 취소 요청.
#[derive(Telegram)]
#[telegram(spec = "terminal-0400", length = 476)]
pub(in crate::terminal) struct Cancel0400 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(in crate::terminal) header: Header,
    #[field(at = 60, len = 1, kind = "code")]
    pub(in crate::terminal) entry_mode: Code<1>,
    #[field(at = 61, len = 8, kind = "digits")]
    pub(in crate::terminal) card_bin: Option<Digits<8>>,
    #[field(at = 69, len = 37, kind = "text", secret = "track")]
    pub(in crate::terminal) card_track: Secret<Text<37>>,
    #[field(at = 106, len = 127, kind = "binary", secret = "block")]
    pub(in crate::terminal) card_block_van: Secret<Binary<127>>,
    #[field(at = 233, len = 127, kind = "binary", secret = "block")]
    pub(in crate::terminal) card_block_issuer: Secret<Binary<127>>,
    #[field(at = 360, len = 12, kind = "text")]
    pub(in crate::terminal) original_approval_no: Option<Text<12>>,
    #[field(at = 372, len = 8, kind = "datetime")]
    pub(in crate::terminal) original_date: Date,
    #[field(at = 380, len = 6, kind = "digits")]
    pub(in crate::terminal) original_trace_no: Digits<6>,
    #[field(at = 386, len = 12, kind = "number")]
    pub(in crate::terminal) cancel_amount: u64,
    #[field(at = 398, len = 12, kind = "number")]
    pub(in crate::terminal) vat: Option<u64>,
    #[field(at = 410, len = 12, kind = "number")]
    pub(in crate::terminal) service_charge: Option<u64>,
    #[field(at = 422, len = 12, kind = "number")]
    pub(in crate::terminal) tax_free: Option<u64>,
    #[field(at = 434, len = 2, kind = "code")]
    pub(in crate::terminal) reason: Code<2>,
    #[field(at = 436, len = 40, kind = "binary")]
    pub(in crate::terminal) merchant_data: Binary<40>,
}

/// 망취소 요청.
#[derive(Telegram)]
#[telegram(spec = "terminal-0420", length = 100)]
pub(in crate::terminal) struct NetCancel0420 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(in crate::terminal) header: Header,
    #[field(at = 60, len = 6, kind = "digits")]
    pub(in crate::terminal) original_trace_no: Digits<6>,
    #[field(at = 66, len = 8, kind = "datetime")]
    pub(in crate::terminal) original_date: Date,
    #[field(at = 74, len = 12, kind = "number")]
    pub(in crate::terminal) total_amount: u64,
    #[field(at = 86, len = 12, kind = "text")]
    pub(in crate::terminal) original_approval_no: Option<Text<12>>,
    #[field(at = 98, len = 2, kind = "code")]
    pub(in crate::terminal) reason: Code<2>,
}

/// 승인 확인.
#[derive(Telegram)]
#[telegram(spec = "terminal-0120", length = 86)]
pub(in crate::terminal) struct Acknowledgement0120 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(in crate::terminal) header: Header,
    #[field(at = 60, len = 6, kind = "digits")]
    pub(in crate::terminal) original_trace_no: Digits<6>,
    #[field(at = 66, len = 8, kind = "datetime")]
    pub(in crate::terminal) original_date: Date,
    #[field(at = 74, len = 12, kind = "text")]
    pub(in crate::terminal) approval_no: Option<Text<12>>,
}

/// 거래 조회.
#[derive(Telegram)]
#[telegram(spec = "terminal-0300", length = 74)]
pub(in crate::terminal) struct Inquiry0300 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(in crate::terminal) header: Header,
    #[field(at = 60, len = 6, kind = "digits")]
    pub(in crate::terminal) original_trace_no: Digits<6>,
    #[field(at = 66, len = 8, kind = "datetime")]
    pub(in crate::terminal) original_date: Date,
}

/// 마감 요청.
#[derive(Telegram)]
#[telegram(spec = "terminal-0500", length = 122)]
pub(in crate::terminal) struct Totals0500 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(in crate::terminal) header: Header,
    #[field(at = 60, len = 8, kind = "datetime")]
    pub(in crate::terminal) business_date: Date,
    #[field(at = 68, len = 6, kind = "number")]
    pub(in crate::terminal) approval_count: u32,
    #[field(at = 74, len = 12, kind = "number")]
    pub(in crate::terminal) approval_amount: u64,
    #[field(at = 86, len = 6, kind = "number")]
    pub(in crate::terminal) cancel_count: u32,
    #[field(at = 92, len = 12, kind = "number")]
    pub(in crate::terminal) cancel_amount: u64,
    #[field(at = 104, len = 6, kind = "number")]
    pub(in crate::terminal) net_cancel_count: u32,
    #[field(at = 110, len = 12, kind = "number")]
    pub(in crate::terminal) net_cancel_amount: u64,
}

/// 개시 · 에코 요청.
#[derive(Telegram)]
#[telegram(spec = "terminal-0800", length = 127)]
pub(in crate::terminal) struct Network0800 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(in crate::terminal) header: Header,
    #[field(at = 60, len = 3, kind = "digits")]
    pub(in crate::terminal) function: Digits<3>,
    #[field(at = 63, len = 64, kind = "text")]
    pub(in crate::terminal) data: Text<64>,
}
