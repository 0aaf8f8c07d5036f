//! The layouts as structs.

use codec::{Binary, Code, Digits, Korean, Secret, Telegram, Text};
use jiff::civil::{Date, DateTime, Time};

/// KSPAY 공통 헤더, 전문길이 다음부터.
#[derive(Telegram)]
#[telegram(spec = "kspay-header", length = 296)]
pub(super) struct Header {
    #[field(at = 0, len = 1, kind = "code")]
    pub(super) encryption: Code<1>,
    #[field(at = 5, len = 2, kind = "digits")]
    pub(super) telegram_type: Digits<2>,
    #[field(at = 7, len = 1, kind = "code")]
    pub(super) resend: Code<1>,
    #[field(at = 8, len = 14, kind = "datetime")]
    pub(super) requested_at: DateTime,
    #[field(at = 22, len = 10, kind = "text")]
    pub(super) store_id: Text<10>,
    #[field(at = 32, len = 50, kind = "text")]
    pub(super) order_no: Text<50>,
    #[field(at = 82, len = 50, kind = "korean")]
    pub(super) customer: Korean<50>,
    #[field(at = 132, len = 13, kind = "text")]
    pub(super) id_no: Text<13>,
    #[field(at = 145, len = 50, kind = "text")]
    pub(super) email: Text<50>,
    #[field(at = 195, len = 1, kind = "code")]
    pub(super) goods_type: Code<1>,
    #[field(at = 196, len = 50, kind = "korean")]
    pub(super) goods: Korean<50>,
    #[field(at = 246, len = 1, kind = "code")]
    pub(super) key_in: Code<1>,
    #[field(at = 247, len = 1, kind = "code")]
    pub(super) line: Code<1>,
    #[field(at = 248, len = 12, kind = "text")]
    pub(super) phone: Text<12>,
    #[field(at = 260, len = 1, kind = "digits")]
    pub(super) count: Digits<1>,
}

/// KSPAY 신용승인 요청.
#[derive(Telegram)]
#[telegram(spec = "kspay-credit", length = 580)]
pub(super) struct CreditRequest {
    #[field(at = 4, len = 296, kind = "group")]
    pub(super) header: Header,
    #[field(at = 304, len = 1, kind = "code")]
    pub(super) interest: Code<1>,
    #[field(at = 305, len = 40, kind = "text", secret = "track")]
    pub(super) track2: Secret<Text<40>>,
    #[field(at = 345, len = 2, kind = "number")]
    pub(super) installment: u8,
    #[field(at = 347, len = 9, kind = "number")]
    pub(super) amount: u64,
    #[field(at = 356, len = 2, kind = "text", secret = "pin")]
    pub(super) password: Secret<Text<2>>,
    #[field(at = 358, len = 10, kind = "text")]
    pub(super) id_no: Text<10>,
    #[field(at = 368, len = 1, kind = "code")]
    pub(super) currency: Code<1>,
    #[field(at = 369, len = 1, kind = "code")]
    pub(super) batch_use: Code<1>,
    #[field(at = 370, len = 1, kind = "code")]
    pub(super) card_send: Code<1>,
    #[field(at = 371, len = 1, kind = "code")]
    pub(super) visa_auth: Code<1>,
    #[field(at = 372, len = 40, kind = "text")]
    pub(super) domain: Text<40>,
    #[field(at = 412, len = 20, kind = "text")]
    pub(super) ip: Text<20>,
    #[field(at = 432, len = 10, kind = "text")]
    pub(super) business_no: Text<10>,
    #[field(at = 577, len = 1, kind = "code")]
    pub(super) auth_type: Code<1>,
    #[field(at = 578, len = 1, kind = "code")]
    pub(super) mpi_position: Code<1>,
    #[field(at = 579, len = 1, kind = "code")]
    pub(super) mpi_reuse: Code<1>,
}

/// KSPAY 취소 요청.
#[derive(Telegram)]
#[telegram(spec = "kspay-cancel", length = 450)]
pub(super) struct CancelRequest {
    #[field(at = 4, len = 296, kind = "group")]
    pub(super) header: Header,
    #[field(at = 304, len = 1, kind = "code")]
    pub(super) cancel_kind: Code<1>,
    #[field(at = 305, len = 12, kind = "text")]
    pub(super) transaction_no: Text<12>,
    #[field(at = 317, len = 8, kind = "datetime")]
    pub(super) date: Date,
    #[field(at = 325, len = 50, kind = "text")]
    pub(super) order_no: Text<50>,
    #[field(at = 375, len = 9, kind = "number")]
    pub(super) cancel_amount: Option<u64>,
    #[field(at = 384, len = 2, kind = "number")]
    pub(super) cancel_sequence: Option<u8>,
    #[field(at = 417, len = 1, kind = "code")]
    pub(super) refund_check: Code<1>,
}

/// KSPAY 응답의 공통 헤더, 전문길이 다음부터.
#[derive(Telegram)]
#[telegram(spec = "kspay-reply-header", length = 296)]
pub(super) struct ReplyHeader {
    #[field(at = 0, len = 1, kind = "code")]
    pub(super) encryption: Code<1>,
    #[field(at = 1, len = 4, kind = "binary")]
    pub(super) version: Binary<4>,
    #[field(at = 5, len = 2, kind = "binary")]
    pub(super) telegram_type: Binary<2>,
    #[field(at = 7, len = 1, kind = "binary")]
    pub(super) resend: Binary<1>,
    #[field(at = 8, len = 14, kind = "binary")]
    pub(super) requested_at: Binary<14>,
    #[field(at = 22, len = 10, kind = "binary")]
    pub(super) store_id: Binary<10>,
    #[field(at = 32, len = 50, kind = "text")]
    pub(super) order_no: Text<50>,
    #[field(at = 82, len = 50, kind = "binary")]
    pub(super) customer: Binary<50>,
    #[field(at = 132, len = 13, kind = "binary")]
    pub(super) id_no: Binary<13>,
    #[field(at = 145, len = 50, kind = "binary")]
    pub(super) email: Binary<50>,
    #[field(at = 195, len = 1, kind = "binary")]
    pub(super) goods_type: Binary<1>,
    #[field(at = 196, len = 50, kind = "binary")]
    pub(super) goods: Binary<50>,
    #[field(at = 246, len = 1, kind = "binary")]
    pub(super) key_in: Binary<1>,
    #[field(at = 247, len = 1, kind = "binary")]
    pub(super) line: Binary<1>,
    #[field(at = 248, len = 12, kind = "binary")]
    pub(super) phone: Binary<12>,
    #[field(at = 260, len = 1, kind = "binary")]
    pub(super) count: Binary<1>,
}

/// KSPAY 응답.
#[derive(Telegram)]
#[telegram(spec = "kspay-reply", length = 580)]
pub(super) struct Reply {
    #[field(at = 4, len = 296, kind = "group")]
    pub(super) header: ReplyHeader,
    #[field(at = 300, len = 4, kind = "digits")]
    pub(super) approval_type: Digits<4>,
    #[field(at = 304, len = 12, kind = "text")]
    pub(super) transaction_no: Text<12>,
    #[field(at = 316, len = 1, kind = "code")]
    pub(super) status: Code<1>,
    #[field(at = 317, len = 8, kind = "datetime")]
    pub(super) date: Option<Date>,
    #[field(at = 325, len = 6, kind = "datetime")]
    pub(super) time: Option<Time>,
    #[field(at = 331, len = 6, kind = "text")]
    pub(super) issuer: Text<6>,
    #[field(at = 337, len = 6, kind = "text")]
    pub(super) acquirer: Text<6>,
    #[field(at = 343, len = 12, kind = "text")]
    pub(super) approval_no: Text<12>,
    #[field(at = 355, len = 16, kind = "korean")]
    pub(super) message1: Korean<16>,
    #[field(at = 371, len = 16, kind = "korean")]
    pub(super) message2: Korean<16>,
    #[field(at = 387, len = 16, kind = "binary", secret = "pan")]
    pub(super) card_no: Secret<Binary<16>>,
    #[field(at = 403, len = 4, kind = "binary", secret = "pan")]
    pub(super) expiry: Secret<Binary<4>>,
    #[field(at = 407, len = 2, kind = "binary")]
    pub(super) installment: Binary<2>,
    #[field(at = 409, len = 9, kind = "number")]
    pub(super) amount: Option<u64>,
    #[field(at = 418, len = 15, kind = "text")]
    pub(super) merchant_no: Text<15>,
    #[field(at = 433, len = 1, kind = "binary")]
    pub(super) send: Binary<1>,
    #[field(at = 434, len = 1, kind = "binary")]
    pub(super) approval_send: Binary<1>,
    #[field(at = 435, len = 12, kind = "binary")]
    pub(super) points1: Binary<12>,
    #[field(at = 447, len = 12, kind = "binary")]
    pub(super) points2: Binary<12>,
    #[field(at = 459, len = 12, kind = "binary")]
    pub(super) points3: Binary<12>,
    #[field(at = 471, len = 12, kind = "binary")]
    pub(super) points4: Binary<12>,
    #[field(at = 483, len = 12, kind = "binary")]
    pub(super) van_transaction_no: Binary<12>,
    #[field(at = 577, len = 1, kind = "binary")]
    pub(super) auth_type: Binary<1>,
    #[field(at = 578, len = 1, kind = "binary")]
    pub(super) mpi_position: Binary<1>,
    #[field(at = 579, len = 1, kind = "binary")]
    pub(super) mpi_reuse: Binary<1>,
}
