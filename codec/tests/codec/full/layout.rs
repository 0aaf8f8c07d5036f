//! The layout `full`: every kind and every key. `line` repeats counted in it, and again in each of its `orders`.

use codec::{Binary, Code, Digits, Items, Korean, MonthDayTime, Secret, Telegram, Text, Truncated, Uhc};
use jiff::civil::{Date, DateTime, Time};

use super::shown::fields;
use crate::everything::{Part, PartPatch, PartView};

/// Whether it was approved.
#[derive(Code, Clone, Copy, Debug, PartialEq, Eq)]
#[code(len = 1)]
pub(crate) enum State {
    /// 승인
    #[code("O")]
    Approved,
    /// 거절
    #[code("X")]
    Declined,
    /// Any other.
    Other(Code<1>),
}

/// One line of an order.
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "line", dir = "../../layouts", length = 37)]
pub(crate) struct Line {
    #[field(at = 0, len = 10, kind = "group")]
    pub(crate) part: Part,
    #[field(at = 11, len = 7, kind = "korean")]
    pub(crate) name: Truncated<Korean<7>>,
    #[field(at = 18, len = 7, kind = "number")]
    pub(crate) price: i32,
    #[field(at = 25, len = 6, kind = "datetime")]
    pub(crate) sold_on: Option<Date>,
    #[field(at = 31, len = 4, kind = "text", secret = "pin")]
    pub(crate) memo: Option<Secret<Text<4>>>,
}

/// An order of up to two lines, which it counts itself.
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "order", dir = "../../layouts", length = 81)]
pub(crate) struct Order {
    #[field(at = 0, len = 4, kind = "text")]
    pub(crate) no: Text<4>,
    #[field(at = 6, len = 37, kind = "group")]
    pub(crate) lines: Items<Line, 2>,
    #[field(at = 80, len = 1, kind = "code")]
    pub(crate) state: State,
}

/// Numbers of each width.
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "numbers", dir = "../../layouts", length = 210)]
pub(crate) struct Numbers {
    #[field(at = 0, len = 1, kind = "number")]
    pub(crate) n1: u8,
    #[field(at = 1, len = 2, kind = "number")]
    pub(crate) n2: u8,
    #[field(at = 3, len = 3, kind = "number")]
    pub(crate) n3: u16,
    #[field(at = 6, len = 4, kind = "number")]
    pub(crate) n4: u16,
    #[field(at = 10, len = 5, kind = "number")]
    pub(crate) n5: u32,
    #[field(at = 15, len = 6, kind = "number")]
    pub(crate) n6: u32,
    #[field(at = 21, len = 7, kind = "number")]
    pub(crate) n7: u32,
    #[field(at = 28, len = 8, kind = "number")]
    pub(crate) n8: u32,
    #[field(at = 36, len = 9, kind = "number")]
    pub(crate) n9: u32,
    #[field(at = 45, len = 10, kind = "number")]
    pub(crate) n10: u64,
    #[field(at = 55, len = 11, kind = "number")]
    pub(crate) n11: u64,
    #[field(at = 66, len = 12, kind = "number")]
    pub(crate) n12: u64,
    #[field(at = 78, len = 13, kind = "number")]
    pub(crate) n13: u64,
    #[field(at = 91, len = 14, kind = "number")]
    pub(crate) n14: u64,
    #[field(at = 105, len = 15, kind = "number")]
    pub(crate) n15: u64,
    #[field(at = 120, len = 16, kind = "number")]
    pub(crate) n16: u64,
    #[field(at = 136, len = 17, kind = "number")]
    pub(crate) n17: u64,
    #[field(at = 153, len = 18, kind = "number")]
    pub(crate) n18: u64,
    #[field(at = 171, len = 19, kind = "number")]
    pub(crate) n19: u64,
    #[field(at = 190, len = 20, kind = "number")]
    pub(crate) n20: u128,
}

/// Every kind and every key.
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "full", dir = "../../layouts", length = 1284)]
pub(crate) struct Full {
    #[field(at = 0, len = 10, kind = "group")]
    pub(crate) part: Part,
    #[field(at = 44, len = 210, kind = "group")]
    pub(crate) numbers: Numbers,
    #[field(at = 257, len = 9, kind = "number")]
    pub(crate) blank_padded: u32,
    #[field(at = 266, len = 9, kind = "number")]
    pub(crate) left_number: u64,
    #[field(at = 275, len = 12, kind = "number")]
    pub(crate) maybe_number: Option<u64>,
    #[field(at = 287, len = 5, kind = "number")]
    pub(crate) maybe_left: Option<u32>,
    #[field(at = 292, len = 9, kind = "number")]
    pub(crate) signed_zeros: i32,
    #[field(at = 301, len = 9, kind = "number")]
    pub(crate) signed_blanks: i64,
    #[field(at = 310, len = 9, kind = "number")]
    pub(crate) signed_left: i32,
    #[field(at = 319, len = 18, kind = "number")]
    pub(crate) signed_maybe: Option<i64>,
    #[field(at = 337, len = 2, kind = "number")]
    pub(crate) signed_one: i8,
    #[field(at = 339, len = 20, kind = "number")]
    pub(crate) signed_wide: i128,
    #[field(at = 359, len = 4, kind = "number", secret = "pin")]
    pub(crate) secret_number: Secret<u16>,
    #[field(at = 363, len = 7, kind = "number")]
    pub(crate) odd_padding: u32,
    #[field(at = 370, len = 7, kind = "number")]
    pub(crate) odd_maybe: Option<u32>,
    #[field(at = 377, len = 7, kind = "number")]
    pub(crate) odd_side: u32,
    #[field(at = 384, len = 7, kind = "number")]
    pub(crate) odd_signed: i32,
    #[field(at = 391, len = 6, kind = "digits")]
    pub(crate) filled: Digits<6>,
    #[field(at = 397, len = 10, kind = "digits")]
    pub(crate) digits_left: Digits<10>,
    #[field(at = 407, len = 10, kind = "digits")]
    pub(crate) digits_right: Digits<10>,
    #[field(at = 417, len = 20, kind = "digits", secret = "pan")]
    pub(crate) digits_maybe: Option<Secret<Digits<20>>>,
    #[field(at = 437, len = 3, kind = "digits")]
    pub(crate) filled_maybe: Option<Digits<3>>,
    #[field(at = 440, len = 11, kind = "text")]
    pub(crate) text_left: Text<11>,
    #[field(at = 451, len = 11, kind = "text")]
    pub(crate) text_right: Text<11>,
    #[field(at = 462, len = 9, kind = "text")]
    pub(crate) text_cut: Truncated<Text<9>>,
    #[field(at = 471, len = 8, kind = "text")]
    pub(crate) text_maybe: Option<Text<8>>,
    #[field(at = 479, len = 8, kind = "text")]
    pub(crate) text_odd: Text<8>,
    #[field(at = 487, len = 8, kind = "text")]
    pub(crate) text_odd_right: Option<Text<8>>,
    #[field(at = 495, len = 8, kind = "text")]
    pub(crate) text_nul: Truncated<Text<8>>,
    #[field(at = 503, len = 37, kind = "text", secret = "track", with = codec::track2)]
    pub(crate) track2: Secret<Text<37>>,
    #[field(at = 540, len = 2, kind = "code")]
    pub(crate) code: Code<2>,
    #[field(at = 542, len = 1, kind = "code")]
    pub(crate) code_enum: State,
    #[field(at = 543, len = 1, kind = "code")]
    pub(crate) code_maybe: Option<State>,
    #[field(at = 544, len = 4, kind = "code")]
    pub(crate) code_right: Code<4>,
    #[field(at = 548, len = 4, kind = "code")]
    pub(crate) code_odd: Option<Code<4>>,
    #[field(at = 552, len = 20, kind = "korean")]
    pub(crate) korean: Korean<20>,
    #[field(at = 572, len = 12, kind = "korean")]
    pub(crate) korean_right: Korean<12>,
    #[field(at = 584, len = 11, kind = "korean")]
    pub(crate) korean_cut: Truncated<Korean<11>>,
    #[field(at = 595, len = 6, kind = "korean")]
    pub(crate) korean_maybe: Option<Korean<6>>,
    #[field(at = 601, len = 9, kind = "korean")]
    pub(crate) korean_nul: Korean<9>,
    #[field(at = 610, len = 9, kind = "korean")]
    pub(crate) korean_half: Korean<9>,
    #[field(at = 619, len = 6, kind = "korean")]
    pub(crate) korean_half_maybe: Option<Korean<6, Uhc>>,
    #[field(at = 625, len = 10, kind = "korean")]
    pub(crate) korean_uhc: Korean<10, Uhc>,
    #[field(at = 635, len = 7, kind = "korean")]
    pub(crate) korean_uhc_cut: Option<Truncated<Korean<7, Uhc>>>,
    #[field(at = 642, len = 63, kind = "korean")]
    pub(crate) korean63: Korean<63>,
    #[field(at = 705, len = 64, kind = "korean")]
    pub(crate) korean64: Korean<64>,
    #[field(at = 769, len = 65, kind = "korean")]
    pub(crate) korean65: Korean<65>,
    #[field(at = 834, len = 5, kind = "korean", secret = "pin")]
    pub(crate) korean_secret: Secret<Korean<5>>,
    #[field(at = 839, len = 14, kind = "datetime")]
    pub(crate) at14: DateTime,
    #[field(at = 853, len = 14, kind = "datetime")]
    pub(crate) maybe_at14: Option<DateTime>,
    #[field(at = 867, len = 12, kind = "datetime")]
    pub(crate) at12: DateTime,
    #[field(at = 879, len = 12, kind = "datetime")]
    pub(crate) maybe_at12: Option<DateTime>,
    #[field(at = 891, len = 10, kind = "datetime")]
    pub(crate) at10: MonthDayTime,
    #[field(at = 901, len = 10, kind = "datetime")]
    pub(crate) maybe_at10: Option<MonthDayTime>,
    #[field(at = 911, len = 8, kind = "datetime")]
    pub(crate) day8: Date,
    #[field(at = 919, len = 8, kind = "datetime")]
    pub(crate) maybe_day8: Option<Date>,
    #[field(at = 927, len = 6, kind = "datetime")]
    pub(crate) day6: Date,
    #[field(at = 933, len = 6, kind = "datetime")]
    pub(crate) maybe_day6: Option<Date>,
    #[field(at = 939, len = 6, kind = "datetime")]
    pub(crate) time6: Time,
    #[field(at = 945, len = 6, kind = "datetime")]
    pub(crate) maybe_time6: Option<Time>,
    #[field(at = 951, len = 40, kind = "binary", with = codec::tlv)]
    pub(crate) emv: Binary<40>,
    #[field(at = 991, len = 16, kind = "binary", secret = "block")]
    pub(crate) block: Option<Secret<Binary<16>>>,
    #[field(at = 1009, len = 37, kind = "group")]
    pub(crate) lines: Items<Line, 3>,
    #[field(at = 1120, len = 81, kind = "group")]
    pub(crate) orders: [Order; 2],
}

fields! { Part, PartView, PartPatch: values(kind: set_kind, trace: set_trace), groups(), repeats() }
fields! { Line, LineView, LinePatch: values(name: set_name, price: set_price, sold_on: set_sold_on, memo: set_memo), groups(part), repeats() }
fields! { Order, OrderView, OrderPatch: values(no: set_no, state: set_state), groups(), repeats(lines) }
fields! { Numbers, NumbersView, NumbersPatch: values(n1: set_n1, n2: set_n2, n3: set_n3, n4: set_n4, n5: set_n5, n6: set_n6, n7: set_n7, n8: set_n8, n9: set_n9, n10: set_n10, n11: set_n11, n12: set_n12, n13: set_n13, n14: set_n14, n15: set_n15, n16: set_n16, n17: set_n17, n18: set_n18, n19: set_n19, n20: set_n20), groups(), repeats() }
fields! { Full, FullView, FullPatch: values(blank_padded: set_blank_padded, left_number: set_left_number, maybe_number: set_maybe_number, maybe_left: set_maybe_left, signed_zeros: set_signed_zeros, signed_blanks: set_signed_blanks, signed_left: set_signed_left, signed_maybe: set_signed_maybe, signed_one: set_signed_one, signed_wide: set_signed_wide, secret_number: set_secret_number, odd_padding: set_odd_padding, odd_maybe: set_odd_maybe, odd_side: set_odd_side, odd_signed: set_odd_signed, filled: set_filled, digits_left: set_digits_left, digits_right: set_digits_right, digits_maybe: set_digits_maybe, filled_maybe: set_filled_maybe, text_left: set_text_left, text_right: set_text_right, text_cut: set_text_cut, text_maybe: set_text_maybe, text_odd: set_text_odd, text_odd_right: set_text_odd_right, text_nul: set_text_nul, track2: set_track2, code: set_code, code_enum: set_code_enum, code_maybe: set_code_maybe, code_right: set_code_right, code_odd: set_code_odd, korean: set_korean, korean_right: set_korean_right, korean_cut: set_korean_cut, korean_maybe: set_korean_maybe, korean_nul: set_korean_nul, korean_half: set_korean_half, korean_half_maybe: set_korean_half_maybe, korean_uhc: set_korean_uhc, korean_uhc_cut: set_korean_uhc_cut, korean63: set_korean63, korean64: set_korean64, korean65: set_korean65, korean_secret: set_korean_secret, at14: set_at14, maybe_at14: set_maybe_at14, at12: set_at12, maybe_at12: set_maybe_at12, at10: set_at10, maybe_at10: set_maybe_at10, day8: set_day8, maybe_day8: set_maybe_day8, day6: set_day6, maybe_day6: set_maybe_day6, time6: set_time6, maybe_time6: set_maybe_time6, emv: set_emv, block: set_block), groups(part, numbers), repeats(lines, orders) }
