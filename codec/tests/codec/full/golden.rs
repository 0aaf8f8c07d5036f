//! One telegram with something in every field, as values and as bytes.

use codec::{Binary, Code, Digits, Items, Korean, Secret, Text, Truncated};
use jiff::civil::{date, datetime, time};

use super::layout::{Full, Line, Numbers, Order, State};
use crate::everything::Part;

fn part(kind: &str, trace: &str) -> Part {
    Part { kind: Digits::new(kind).unwrap(), trace: Text::new(trace).unwrap() }
}

fn line(name: &str, price: i32) -> Line {
    Line {
        part: part("0001", "L"),
        name: Truncated::cut(name),
        price,
        sold_on: Some(date(2026, 11, 21)),
        memo: Some(Secret::new(Text::new("CVC").unwrap())),
    }
}

fn items<const N: usize>(lines: impl IntoIterator<Item = Line>) -> Items<Line, N> {
    let mut items = Items::new();
    for line in lines {
        items.push(line).unwrap();
    }
    items
}

fn order(no: &str, lines: Items<Line, 2>, state: State) -> Order {
    Order { no: Text::new(no).unwrap(), lines, state }
}

pub(crate) fn full() -> Full {
    let at = datetime(2028, 2, 29, 23, 59, 59, 0);
    Full {
        part: part("0100", "A-7"),
        numbers: Numbers {
            n1: 1,
            n2: 12,
            n3: 3,
            n4: 9_999,
            n5: 5,
            n6: 123_456,
            n7: 7,
            n8: 12_345_678,
            n9: 9,
            n10: 1_234_567_890,
            n11: 11,
            n12: 12,
            n13: 13,
            n14: 14,
            n15: 15,
            n16: 9_999_999_999_999_999,
            n17: 17,
            n18: 18,
            n19: 9_999_999_999_999_999_999,
            n20: 99_999_999_999_999_999_999,
        },
        blank_padded: 42,
        left_number: 42,
        maybe_number: Some(0),
        maybe_left: None,
        signed_zeros: -123,
        signed_blanks: -123,
        signed_left: -123,
        signed_maybe: Some(-99_999_999_999_999_999),
        signed_one: -9,
        signed_wide: 123,
        secret_number: Secret::new(4_242),
        odd_padding: 77,
        odd_maybe: None,
        odd_side: 77,
        odd_signed: -77,
        filled: Digits::new("000042").unwrap(),
        digits_left: Digits::new("007").unwrap(),
        digits_right: Digits::new("007").unwrap(),
        digits_maybe: Some(Secret::new(Digits::new("4579730000000008").unwrap())),
        filled_maybe: None,
        text_left: Text::new("a b").unwrap(),
        text_right: Text::new("a b").unwrap(),
        text_cut: Truncated::cut("cut here, not there"),
        text_maybe: None,
        text_odd: Text::new("odd").unwrap(),
        text_odd_right: Some(Text::new("odd").unwrap()),
        text_nul: Truncated::cut("nul"),
        track2: Secret::new(Text::new("4579730000000008=2812").unwrap()),
        code: Code::new("Z").unwrap(),
        code_enum: State::Approved,
        code_maybe: Some(State::Declined),
        code_right: Code::new("R").unwrap(),
        code_odd: None,
        korean: Korean::new("정상 승인 OK").unwrap(),
        korean_right: Korean::new("오른쪽").unwrap(),
        korean_cut: Truncated::cut("승인되었습니다"),
        korean_maybe: None,
        korean_nul: Korean::new("널").unwrap(),
        korean_half: Korean::new("절반").unwrap(),
        korean_half_maybe: None,
        korean_uhc: Korean::new("똠방각하").unwrap(),
        korean_uhc_cut: Some(Truncated::cut("똠방각하")),
        korean63: Korean::new(&"가".repeat(31)).unwrap(),
        korean64: Korean::new(&"나".repeat(32)).unwrap(),
        korean65: Korean::new(&format!("{}.", "다".repeat(32))).unwrap(),
        korean_secret: Secret::new(Korean::new("비밀").unwrap()),
        at14: at,
        maybe_at14: None,
        at12: at,
        maybe_at12: Some(at),
        at10: at.into(),
        maybe_at10: None,
        day8: date(9999, 12, 31),
        maybe_day8: Some(date(0, 1, 1)),
        day6: date(2000, 2, 29),
        maybe_day6: None,
        time6: time(0, 0, 0, 0),
        maybe_time6: Some(time(12, 0, 0, 0)),
        emv: Binary::new(b"\x9f\x26\x02\xab\xcd\x95\x01\x00").unwrap(),
        block: Some(Secret::new(Binary::new(&[0xff; 16]).unwrap())),
        lines: items([line("가나다라", 500), line("b", -500)]),
        orders: [order("1", items([line("", 0)]), State::Approved), order("22", items([]), State::Declined)],
    }
}

/// Its bytes.
pub(crate) fn full_bytes() -> Vec<u8> {
    let line = |name: &str, price: &str| -> Vec<u8> {
        [b"0001L     #".to_vec(), euc_kr(name, 7), price.into(), b"261121CVC   ".to_vec()].concat()
    };
    let number = |len: usize, digits: &str| format!("{digits:0>len$}");
    let numbers = [
        (1, "1"),
        (2, "12"),
        (3, "3"),
        (4, "9999"),
        (5, "5"),
        (6, "123456"),
        (7, "7"),
        (8, "12345678"),
        (9, "9"),
        (10, "1234567890"),
        (11, "11"),
        (12, "12"),
        (13, "13"),
        (14, "14"),
        (15, "15"),
        (16, "9999999999999999"),
        (17, "17"),
        (18, "18"),
        (19, "9999999999999999999"),
        (20, "99999999999999999999"),
    ];
    let mut bytes = b"0100A-7    19000420200ISO  KRW A ~  20261121".to_vec();
    bytes.extend(numbers.map(|(len, digits)| number(len, digits)).concat().bytes());
    bytes.extend(b"000       4242       000000000000     ");
    bytes.extend(b"-00000123     -123-123     -99999999999999999-900000000000000000123");
    bytes.extend(b"42420000077            77-77    ");
    bytes.extend(b"000042007              0074579730000000008       ");
    bytes.extend(b"a b                a bcut here,        odd          oddnul     ");
    bytes.extend(b"4579730000000008=2812                Z OX   R    ");
    bytes.extend(euc_kr("정상 승인 OK", 20));
    bytes.extend(b"      \xbf\xc0\xb8\xa5\xc2\xca");
    bytes.extend(euc_kr("승인되었습", 11));
    bytes.extend(b"      \xb3\xce       ");
    bytes.extend(euc_kr("절반", 9));
    bytes.extend(b"      ");
    bytes.extend(b"\x8c\x63\xb9\xe6\xb0\xa2\xc7\xcf  \x8c\x63\xb9\xe6\xb0\xa2 ");
    bytes.extend(euc_kr(&"가".repeat(31), 63));
    bytes.extend(euc_kr(&"나".repeat(32), 64));
    bytes.extend(euc_kr(&format!("{}.", "다".repeat(32)), 65));
    bytes.extend(euc_kr("비밀", 5));
    bytes.extend(b"20280229235959              2802292359592802292359590229235959          ");
    bytes.extend(b"9999123100000101000229      000000120000");
    bytes.extend(b"\x9f\x26\x02\xab\xcd\x95\x01\x00                                ");
    bytes.extend([0xff; 16]);
    bytes.extend([b"02".to_vec(), line("가나다", "    500"), line("b", "   -500"), vec![b' '; 37]].concat());
    bytes.extend([b"   11 ".to_vec(), line("", "      0"), vec![b' '; 37], b"O".to_vec()].concat());
    bytes.extend([b"  220 ".to_vec(), vec![b' '; 74], b"X".to_vec()].concat());
    bytes.extend(b"  ");
    bytes
}

fn euc_kr(text: &str, len: usize) -> Vec<u8> {
    let mut bytes = encoding_rs::EUC_KR.encode(text).0.into_owned();
    bytes.resize(len, b' ');
    bytes
}
