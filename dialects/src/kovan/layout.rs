//! The layouts as structs.

use codec::{Binary, Code, Digits, MonthDayTime, Secret, Telegram, Text};
use jiff::civil::{Date, Time};

/// KOVAN 승인 요청.
#[derive(Telegram)]
#[telegram(spec = "kovan-approval", length = 356)]
pub(super) struct ApprovalRequest {
    #[field(at = 3, len = 9, kind = "text")]
    pub(super) host: Text<9>,
    #[field(at = 38, len = 12, kind = "number")]
    pub(super) amount: u64,
    #[field(at = 50, len = 10, kind = "datetime")]
    pub(super) transmitted_at: MonthDayTime,
    #[field(at = 60, len = 6, kind = "digits")]
    pub(super) trace: Digits<6>,
    #[field(at = 66, len = 6, kind = "datetime")]
    pub(super) time: Time,
    #[field(at = 72, len = 6, kind = "datetime")]
    pub(super) date: Date,
    #[field(at = 79, len = 2, kind = "code")]
    pub(super) entry: Code<2>,
    #[field(at = 84, len = 5, kind = "text")]
    pub(super) institution: Text<5>,
    #[field(at = 91, len = 37, kind = "text", secret = "track")]
    pub(super) track2: Secret<Text<37>>,
    #[field(at = 128, len = 12, kind = "text")]
    pub(super) transaction_id: Text<12>,
    #[field(at = 140, len = 15, kind = "text")]
    pub(super) merchant_no: Text<15>,
    #[field(at = 155, len = 10, kind = "text")]
    pub(super) cat_id: Text<10>,
    #[field(at = 165, len = 10, kind = "text")]
    pub(super) business_no: Text<10>,
    #[field(at = 208, len = 10, kind = "text")]
    pub(super) sub_mall_business_no: Text<10>,
    #[field(at = 233, len = 40, kind = "text")]
    pub(super) sub_mall_url: Text<40>,
    #[field(at = 273, len = 20, kind = "text")]
    pub(super) sub_mall_ip: Text<20>,
    #[field(at = 296, len = 2, kind = "number")]
    pub(super) installment: u8,
    #[field(at = 298, len = 28, kind = "text")]
    pub(super) cavv: Text<28>,
    #[field(at = 326, len = 28, kind = "text")]
    pub(super) xid: Text<28>,
    #[field(at = 354, len = 2, kind = "digits")]
    pub(super) retry: Digits<2>,
}

/// KOVAN 취소 · 망취소 요청.
#[derive(Telegram)]
#[telegram(spec = "kovan-cancel", length = 311)]
pub(super) struct CancelRequest {
    #[field(at = 3, len = 9, kind = "text")]
    pub(super) host: Text<9>,
    #[field(at = 12, len = 4, kind = "digits")]
    pub(super) mti: Digits<4>,
    #[field(at = 38, len = 12, kind = "number")]
    pub(super) amount: u64,
    #[field(at = 50, len = 10, kind = "datetime")]
    pub(super) transmitted_at: MonthDayTime,
    #[field(at = 60, len = 6, kind = "digits")]
    pub(super) trace: Digits<6>,
    #[field(at = 66, len = 6, kind = "datetime")]
    pub(super) time: Time,
    #[field(at = 72, len = 6, kind = "datetime")]
    pub(super) date: Date,
    #[field(at = 79, len = 2, kind = "code")]
    pub(super) entry: Code<2>,
    #[field(at = 84, len = 5, kind = "text")]
    pub(super) institution: Text<5>,
    #[field(at = 91, len = 37, kind = "text", secret = "track")]
    pub(super) track2: Secret<Text<37>>,
    #[field(at = 128, len = 12, kind = "text")]
    pub(super) transaction_id: Text<12>,
    #[field(at = 140, len = 15, kind = "text")]
    pub(super) merchant_no: Text<15>,
    #[field(at = 155, len = 10, kind = "text")]
    pub(super) cat_id: Text<10>,
    #[field(at = 165, len = 10, kind = "text")]
    pub(super) business_no: Text<10>,
    #[field(at = 208, len = 10, kind = "text")]
    pub(super) sub_mall_business_no: Text<10>,
    #[field(at = 233, len = 40, kind = "text")]
    pub(super) sub_mall_url: Text<40>,
    #[field(at = 273, len = 20, kind = "text")]
    pub(super) sub_mall_ip: Text<20>,
    #[field(at = 296, len = 2, kind = "number")]
    pub(super) installment: u8,
    #[field(at = 301, len = 8, kind = "digits")]
    pub(super) approval: Option<Digits<8>>,
    #[field(at = 309, len = 2, kind = "text")]
    pub(super) route: Text<2>,
}

/// KOVAN 응답.
#[derive(Telegram)]
#[telegram(spec = "kovan-reply", length = 225)]
pub(super) struct Reply {
    #[field(at = 3, len = 9, kind = "binary")]
    pub(super) host: Binary<9>,
    #[field(at = 12, len = 4, kind = "digits")]
    pub(super) mti: Digits<4>,
    #[field(at = 16, len = 16, kind = "binary")]
    pub(super) bitmap: Binary<16>,
    #[field(at = 32, len = 6, kind = "binary")]
    pub(super) transaction_kind: Binary<6>,
    #[field(at = 38, len = 12, kind = "number")]
    pub(super) amount: u64,
    #[field(at = 50, len = 10, kind = "binary")]
    pub(super) transmitted_at: Binary<10>,
    #[field(at = 60, len = 6, kind = "binary")]
    pub(super) trace: Binary<6>,
    #[field(at = 66, len = 6, kind = "datetime")]
    pub(super) time: Option<Time>,
    #[field(at = 72, len = 6, kind = "datetime")]
    pub(super) date: Option<Date>,
    #[field(at = 78, len = 3, kind = "binary")]
    pub(super) institution_prefix: Binary<3>,
    #[field(at = 81, len = 5, kind = "binary")]
    pub(super) institution: Binary<5>,
    #[field(at = 86, len = 2, kind = "binary")]
    pub(super) track2_prefix: Binary<2>,
    #[field(at = 88, len = 37, kind = "binary", secret = "track")]
    pub(super) track2: Secret<Binary<37>>,
    #[field(at = 125, len = 12, kind = "text")]
    pub(super) transaction_id: Text<12>,
    #[field(at = 137, len = 2, kind = "binary")]
    pub(super) pg_code: Binary<2>,
    #[field(at = 139, len = 15, kind = "text")]
    pub(super) merchant_no: Text<15>,
    #[field(at = 154, len = 10, kind = "binary")]
    pub(super) cat_id: Binary<10>,
    #[field(at = 164, len = 10, kind = "binary")]
    pub(super) business_no: Binary<10>,
    #[field(at = 194, len = 3, kind = "binary")]
    pub(super) currency: Binary<3>,
    #[field(at = 197, len = 3, kind = "binary")]
    pub(super) installment_prefix: Binary<3>,
    #[field(at = 200, len = 2, kind = "binary")]
    pub(super) installment: Binary<2>,
    #[field(at = 202, len = 3, kind = "binary")]
    pub(super) approval_prefix: Binary<3>,
    #[field(at = 205, len = 8, kind = "digits")]
    pub(super) approval: Option<Digits<8>>,
    #[field(at = 213, len = 4, kind = "text")]
    pub(super) issuer_code: Text<4>,
    #[field(at = 217, len = 4, kind = "text")]
    pub(super) card_company_code: Text<4>,
    #[field(at = 221, len = 4, kind = "text")]
    pub(super) van_code: Text<4>,
}

/// KOVAN 망관리 요청 (개시, 회선 점검).
#[derive(Telegram)]
#[telegram(spec = "kovan-network", length = 57)]
pub(super) struct Network {
    #[field(at = 3, len = 9, kind = "text")]
    pub(super) host: Text<9>,
    #[field(at = 48, len = 6, kind = "digits")]
    pub(super) trace: Digits<6>,
    #[field(at = 54, len = 3, kind = "digits")]
    pub(super) function: Digits<3>,
}

/// KOVAN 망관리 응답.
#[derive(Telegram)]
#[telegram(spec = "kovan-network-reply", length = 59)]
pub(super) struct NetworkReply {
    #[field(at = 3, len = 9, kind = "binary")]
    pub(super) host: Binary<9>,
    #[field(at = 16, len = 32, kind = "binary")]
    pub(super) bitmap: Binary<32>,
    #[field(at = 48, len = 6, kind = "binary")]
    pub(super) trace: Binary<6>,
    #[field(at = 54, len = 2, kind = "text")]
    pub(super) result_code: Text<2>,
    #[field(at = 56, len = 3, kind = "digits")]
    pub(super) function: Digits<3>,
}
