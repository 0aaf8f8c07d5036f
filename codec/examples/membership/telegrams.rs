//! The telegrams of 한강멤버십 as structs. Each equals its file in `layouts`, or it does not compile.

use codec::{
    Binary, Code, Digits, Items, Korean, MonthDayTime, Secret, Telegram, Text, Truncated, Uhc, tlv, track2,
};
use jiff::civil::{Date, DateTime, Time};

/// 공통부
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "hangang-header", dir = "layouts", length = 44)]
pub(crate) struct Header {
    #[field(at = 6, len = 4, kind = "digits")]
    pub(crate) telegram_type: Digits<4>,
    #[field(at = 10, len = 10, kind = "digits")]
    pub(crate) serial: Digits<10>,
    #[field(at = 20, len = 14, kind = "datetime")]
    pub(crate) sent_at: DateTime,
    #[field(at = 34, len = 10, kind = "text", align = "right")]
    pub(crate) branch: Text<10>,
}

/// 거래 구분
#[derive(Code, Clone, Copy, Debug, PartialEq, Eq)]
#[code(len = 1)]
pub(crate) enum Purpose {
    /// 적립
    #[code("E")]
    Earn,
    /// 사용
    #[code("U")]
    Use,
    /// 반품
    #[code("R")]
    Return,
    /// What nobody told us of, kept as it came.
    Other(Code<1>),
}

/// 카드 정보
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "hangang-card", dir = "layouts", length = 104)]
pub(crate) struct Card {
    #[field(at = 0, len = 16, kind = "digits", secret = "pan")]
    pub(crate) member_no: Option<Secret<Digits<16>>>,
    #[field(at = 16, len = 37, kind = "text", secret = "track", with = track2)]
    pub(crate) track2: Option<Secret<Text<37>>>,
    #[field(at = 53, len = 3, kind = "digits", secret = "cvc")]
    pub(crate) cvc: Option<Secret<Digits<3>>>,
    #[field(at = 56, len = 16, kind = "binary", secret = "pin")]
    pub(crate) pin_block: Option<Secret<Binary<16>>>,
    #[field(at = 72, len = 32, kind = "binary", secret = "block")]
    pub(crate) cipher: Option<Secret<Binary<32>>>,
}

/// 입력 구분
#[derive(Code, Clone, Copy, Debug, PartialEq, Eq)]
#[code(len = 2)]
pub(crate) enum Entry {
    /// IC칩
    #[code("IC")]
    Chip,
    /// 마그네틱
    #[code("MS")]
    Swipe,
    /// 수기 입력
    #[code("KI")]
    Keyed,
    /// Any other.
    Other(Code<2>),
}

/// 카드 입력
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "hangang-reading", dir = "layouts", length = 69)]
pub(crate) struct Reading {
    #[field(at = 0, len = 2, kind = "code")]
    pub(crate) entry: Entry,
    #[field(at = 2, len = 3, kind = "number")]
    pub(crate) emv_length: u16,
    #[field(at = 5, len = 64, kind = "binary", with = tlv)]
    pub(crate) emv: Option<Binary<64>>,
}

/// 품목
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "hangang-line", dir = "layouts", length = 40)]
pub(crate) struct Line {
    #[field(at = 0, len = 13, kind = "digits")]
    pub(crate) barcode: Digits<13>,
    #[field(at = 13, len = 16, kind = "korean")]
    pub(crate) name: Truncated<Korean<16>>,
    #[field(at = 29, len = 3, kind = "number", pad = " ")]
    pub(crate) quantity: u16,
    #[field(at = 32, len = 8, kind = "number")]
    pub(crate) amount: i32,
}

/// 쿠폰
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "hangang-coupon", dir = "layouts", length = 20)]
pub(crate) struct Coupon {
    #[field(at = 0, len = 8, kind = "digits")]
    pub(crate) number: Option<Digits<8>>,
    #[field(at = 8, len = 6, kind = "number")]
    pub(crate) discount: Option<u32>,
    #[field(at = 14, len = 6, kind = "datetime")]
    pub(crate) until: Option<Date>,
}

/// 구매 내역
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "hangang-basket", dir = "layouts", length = 162)]
pub(crate) struct Basket {
    #[field(at = 2, len = 40, kind = "group")]
    pub(crate) lines: Items<Line, 3>,
    #[field(at = 122, len = 20, kind = "group")]
    pub(crate) coupons: [Coupon; 2],
}

/// 적립·사용 요청
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "hangang-earn", dir = "layouts", length = 430)]
pub(crate) struct Earn {
    #[field(at = 0, len = 44, kind = "group")]
    pub(crate) header: Header,
    #[field(at = 44, len = 1, kind = "code")]
    pub(crate) purpose: Purpose,
    #[field(at = 45, len = 104, kind = "group")]
    pub(crate) card: Card,
    #[field(at = 149, len = 69, kind = "group")]
    pub(crate) reading: Reading,
    #[field(at = 218, len = 10, kind = "number")]
    pub(crate) total: u64,
    #[field(at = 228, len = 9, kind = "number")]
    pub(crate) points: i32,
    #[field(at = 237, len = 162, kind = "group")]
    pub(crate) basket: Basket,
    #[field(at = 399, len = 6, kind = "datetime")]
    pub(crate) sold_at: Time,
    #[field(at = 405, len = 10, kind = "text")]
    pub(crate) cashier: Option<Text<10>>,
}

/// 회원 정보
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "hangang-member", dir = "layouts", length = 29)]
pub(crate) struct Member {
    #[field(at = 0, len = 20, kind = "korean")]
    pub(crate) name: Korean<20, Uhc>,
    #[field(at = 20, len = 1, kind = "code")]
    pub(crate) grade: Code<1>,
    #[field(at = 21, len = 8, kind = "datetime")]
    pub(crate) joined_on: Option<Date>,
}

/// 포인트 잔액
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "hangang-points", dir = "layouts", length = 36)]
pub(crate) struct Points {
    #[field(at = 0, len = 11, kind = "number")]
    pub(crate) balance: i64,
    #[field(at = 11, len = 9, kind = "number")]
    pub(crate) expiring: u32,
    #[field(at = 20, len = 10, kind = "datetime")]
    pub(crate) expires_at: Option<MonthDayTime>,
    #[field(at = 30, len = 6, kind = "number")]
    pub(crate) rank: u32,
}

/// 응답
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "hangang-answer", dir = "layouts", length = 240)]
pub(crate) struct Answer {
    #[field(at = 0, len = 44, kind = "group")]
    pub(crate) header: Header,
    #[field(at = 44, len = 2, kind = "code")]
    pub(crate) result: Code<2>,
    #[field(at = 46, len = 8, kind = "digits")]
    pub(crate) approval_no: Option<Digits<8>>,
    #[field(at = 54, len = 12, kind = "datetime")]
    pub(crate) approved_at: Option<DateTime>,
    #[field(at = 66, len = 29, kind = "group")]
    pub(crate) member: Member,
    #[field(at = 95, len = 36, kind = "group")]
    pub(crate) points: Points,
    #[field(at = 131, len = 40, kind = "korean")]
    pub(crate) message: Truncated<Korean<40>>,
    #[field(at = 171, len = 40, kind = "text")]
    pub(crate) notice: Truncated<Text<40>>,
}
