//! The layouts as structs.

use codec::{Binary, Code, Digits, Korean, Secret, Telegram, Text};
use jiff::civil::{Date, DateTime};

/// KICC 공통 헤더, 전문길이 다음부터.
#[derive(Telegram)]
#[telegram(spec = "kicc-header", length = 123)]
pub(super) struct Header {
    #[field(at = 0, len = 1, kind = "code")]
    pub(super) encryption: Code<1>,
    #[field(at = 5, len = 10, kind = "text")]
    pub(super) terminal_id: Text<10>,
    #[field(at = 15, len = 5, kind = "text")]
    pub(super) institution: Text<5>,
    #[field(at = 20, len = 12, kind = "text")]
    pub(super) serial: Text<12>,
    #[field(at = 32, len = 2, kind = "number")]
    pub(super) timeout: u8,
    #[field(at = 34, len = 20, kind = "korean")]
    pub(super) manager: Korean<20>,
    #[field(at = 54, len = 13, kind = "text")]
    pub(super) phone: Text<13>,
    #[field(at = 67, len = 13, kind = "text")]
    pub(super) mobile: Text<13>,
}

/// KICC 승인 · 취소 · 망취소 요청.
#[derive(Telegram)]
#[telegram(spec = "kicc-request", length = 538)]
pub(super) struct KiccRequest {
    #[field(at = 4, len = 123, kind = "group")]
    pub(super) header: Header,
    #[field(at = 127, len = 4, kind = "digits")]
    pub(super) telegram_type: Digits<4>,
    #[field(at = 131, len = 1, kind = "code")]
    pub(super) entry_mode: Code<1>,
    #[field(at = 132, len = 37, kind = "text", secret = "track")]
    pub(super) track2_or_van_tr: Secret<Text<37>>,
    #[field(at = 169, len = 2, kind = "number")]
    pub(super) installment: u8,
    #[field(at = 173, len = 12, kind = "number")]
    pub(super) supply_amount: u64,
    #[field(at = 185, len = 12, kind = "number")]
    pub(super) service_charge: u64,
    #[field(at = 197, len = 12, kind = "number")]
    pub(super) tax: u64,
    #[field(at = 209, len = 12, kind = "text")]
    pub(super) approval_no: Text<12>,
    #[field(at = 221, len = 6, kind = "datetime")]
    pub(super) original_date: Option<Date>,
    #[field(at = 227, len = 2, kind = "text")]
    pub(super) working_key_index: Text<2>,
    #[field(at = 229, len = 16, kind = "text", secret = "pin")]
    pub(super) password: Secret<Text<16>>,
    #[field(at = 245, len = 6, kind = "text")]
    pub(super) goods: Text<6>,
    #[field(at = 251, len = 10, kind = "text")]
    pub(super) id_no: Text<10>,
    #[field(at = 261, len = 1, kind = "code")]
    pub(super) e_commerce: Code<1>,
    #[field(at = 262, len = 40, kind = "text")]
    pub(super) domain: Text<40>,
    #[field(at = 302, len = 20, kind = "text")]
    pub(super) ip: Text<20>,
    #[field(at = 322, len = 10, kind = "text")]
    pub(super) mall_business_no: Text<10>,
    #[field(at = 332, len = 1, kind = "code")]
    pub(super) card_sort: Code<1>,
    #[field(at = 333, len = 2, kind = "text")]
    pub(super) merchant_id: Text<2>,
    #[field(at = 335, len = 30, kind = "text")]
    pub(super) merchant_data: Text<30>,
    #[field(at = 365, len = 8, kind = "text")]
    pub(super) cheque_no: Text<8>,
    #[field(at = 373, len = 2, kind = "text")]
    pub(super) cheque_bank: Text<2>,
    #[field(at = 375, len = 4, kind = "text")]
    pub(super) cheque_branch: Text<4>,
    #[field(at = 379, len = 2, kind = "text")]
    pub(super) cheque_kind: Text<2>,
    #[field(at = 381, len = 12, kind = "number")]
    pub(super) cheque_amount: Option<u64>,
    #[field(at = 393, len = 6, kind = "datetime")]
    pub(super) cheque_issued: Option<Date>,
    #[field(at = 399, len = 6, kind = "text")]
    pub(super) account: Text<6>,
    #[field(at = 405, len = 3, kind = "text", secret = "cvc")]
    pub(super) cvv2: Secret<Text<3>>,
    #[field(at = 435, len = 1, kind = "code")]
    pub(super) auth: Code<1>,
    #[field(at = 436, len = 1, kind = "code")]
    pub(super) mpi: Code<1>,
    #[field(at = 437, len = 1, kind = "code")]
    pub(super) cavv_reuse: Code<1>,
    #[field(at = 438, len = 100, kind = "text")]
    pub(super) auth_data: Text<100>,
}

/// KICC 응답의 공통 헤더, 전문길이 다음부터.
#[derive(Telegram)]
#[telegram(spec = "kicc-reply-header", length = 123)]
pub(super) struct ReplyHeader {
    #[field(at = 0, len = 1, kind = "code")]
    pub(super) encryption: Code<1>,
    #[field(at = 1, len = 4, kind = "binary")]
    pub(super) version: Binary<4>,
    #[field(at = 5, len = 10, kind = "binary")]
    pub(super) terminal_id: Binary<10>,
    #[field(at = 15, len = 5, kind = "binary")]
    pub(super) institution: Binary<5>,
    #[field(at = 20, len = 12, kind = "text")]
    pub(super) serial: Text<12>,
    #[field(at = 32, len = 2, kind = "binary")]
    pub(super) timeout: Binary<2>,
    #[field(at = 34, len = 20, kind = "binary")]
    pub(super) manager: Binary<20>,
    #[field(at = 54, len = 13, kind = "binary")]
    pub(super) phone: Binary<13>,
    #[field(at = 67, len = 13, kind = "binary")]
    pub(super) mobile: Binary<13>,
}

/// KICC 응답.
#[derive(Telegram)]
#[telegram(spec = "kicc-reply", length = 465)]
pub(super) struct Reply {
    #[field(at = 4, len = 123, kind = "group")]
    pub(super) header: ReplyHeader,
    #[field(at = 127, len = 4, kind = "digits")]
    pub(super) telegram_type: Digits<4>,
    #[field(at = 131, len = 12, kind = "text")]
    pub(super) van_tr: Text<12>,
    #[field(at = 143, len = 1, kind = "code")]
    pub(super) status: Code<1>,
    #[field(at = 144, len = 12, kind = "datetime")]
    pub(super) approved_at: Option<DateTime>,
    #[field(at = 156, len = 20, kind = "binary", secret = "pan")]
    pub(super) card_no: Secret<Binary<20>>,
    #[field(at = 176, len = 4, kind = "binary", secret = "pan")]
    pub(super) expiry: Secret<Binary<4>>,
    #[field(at = 180, len = 2, kind = "binary")]
    pub(super) installment: Binary<2>,
    #[field(at = 182, len = 12, kind = "number")]
    pub(super) total_amount: Option<u64>,
    #[field(at = 194, len = 16, kind = "korean")]
    pub(super) message1: Korean<16>,
    #[field(at = 210, len = 16, kind = "korean")]
    pub(super) message2: Korean<16>,
    #[field(at = 226, len = 16, kind = "korean")]
    pub(super) message3: Korean<16>,
    #[field(at = 242, len = 16, kind = "korean")]
    pub(super) message4: Korean<16>,
    #[field(at = 258, len = 12, kind = "text")]
    pub(super) approval_no: Text<12>,
    #[field(at = 270, len = 16, kind = "korean")]
    pub(super) card_name: Korean<16>,
    #[field(at = 286, len = 2, kind = "text")]
    pub(super) issuer: Text<2>,
    #[field(at = 288, len = 2, kind = "text")]
    pub(super) acquirer: Text<2>,
    #[field(at = 290, len = 15, kind = "text")]
    pub(super) merchant_no: Text<15>,
    #[field(at = 305, len = 2, kind = "binary")]
    pub(super) send: Binary<2>,
    #[field(at = 307, len = 20, kind = "binary", secret = "pin")]
    pub(super) notice: Secret<Binary<20>>,
    #[field(at = 327, len = 12, kind = "binary")]
    pub(super) points1: Binary<12>,
    #[field(at = 339, len = 12, kind = "binary")]
    pub(super) points2: Binary<12>,
    #[field(at = 351, len = 12, kind = "binary")]
    pub(super) points3: Binary<12>,
    #[field(at = 363, len = 40, kind = "binary")]
    pub(super) point_message: Binary<40>,
    #[field(at = 403, len = 2, kind = "binary")]
    pub(super) merchant_id: Binary<2>,
    #[field(at = 405, len = 30, kind = "binary")]
    pub(super) merchant_data: Binary<30>,
}

/// KICC 회선 점검 요청.
#[derive(Telegram)]
#[telegram(spec = "kicc-test", length = 131)]
pub(super) struct Test {
    #[field(at = 4, len = 123, kind = "group")]
    pub(super) header: Header,
}

/// KICC 회선 점검 응답.
#[derive(Telegram)]
#[telegram(spec = "kicc-test-reply", length = 135)]
pub(super) struct TestReply {
    #[field(at = 4, len = 123, kind = "group")]
    pub(super) header: ReplyHeader,
    #[field(at = 131, len = 4, kind = "binary")]
    pub(super) result_code: Binary<4>,
}
